"""What an image editor can do, each as one line of code.

- `EFFECTS` and `GROUPS`: the catalogue, put together from one file for each group (`catalogue`)
- `build` and `export`: a pipeline of several effects, as a transform and as a script (`pipeline`)

A new effect is one entry in the file of its group; a function of its own stands right before it.
"""

from d2laug.gallery.catalogue import EFFECTS, GROUPS, Effect
from d2laug.gallery.pipeline import Step, build, export

__all__ = ["EFFECTS", "GROUPS", "Effect", "Step", "build", "export"]

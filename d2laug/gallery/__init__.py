"""The catalogue of effects, and its export to code."""

from d2laug.gallery.catalogue import EFFECTS, GROUPS, Effect, Step, build, export

__all__ = ["EFFECTS", "GROUPS", "Effect", "Step", "build", "export"]

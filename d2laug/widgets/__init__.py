"""Widgets, each made by one call; they show themselves under a kernel, and a still without one.

- `explore`: sliders on one augmentation at a time, and on the light of a show
- `labels`: sliders on a picture whose labels move along or stay behind
- `words`: a word in noise, to hear and to see
- `builder`: the pipeline builder, with `run`, its steps at work, and `sources`, its pictures
- `screen`: what all of them need
- `server`: the extension of the Jupyter server that keeps their stills
"""

from d2laug import offer

offer(__name__)

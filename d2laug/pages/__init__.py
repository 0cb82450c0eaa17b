"""The course on a projector and on the web: slides with reveal.js, live too, and pages.

- `deck`: the lecture and the lessons as slides that need neither a kernel nor the network
- `live`: the same slides with the explorers under a kernel
- `handout`: copies of the lessons for a class, for learners and for the tutor
- `tutorial`: the tutorial of ninety minutes as one notebook
- `remembered`: the card to print, and the questions for a month later
- `serve`: a page with a kernel, by Voila
- `site`: the lessons as web pages, whose explorers move through frames that `record` keeps
- `race`: the film of two networks that train
- `cells`: the lessons' cells, by their names, and those that make an explorer
- `formulas`: LaTeX typeset when a page is written
"""

from d2laug import offer

offer(__name__)

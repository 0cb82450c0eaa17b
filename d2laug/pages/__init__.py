"""The course on a projector: slides with reveal.js, as pages and live.

- `deck`: the lecture and the lessons as slides that need neither a kernel nor the network
- `live`: the same slides with the explorers under a kernel
- `serve`: a page with a kernel, by Voila
- `formulas`: LaTeX typeset when a page is written
"""

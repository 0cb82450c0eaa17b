"""The course on a projector, on the web and on paper: slides, pages, hand-outs."""

from d2laug import offer

offer(__name__)

"""What stays when a class is over: a card to print, and eight questions for a month later.

`write(folder)` writes both as pages that need nothing else; the pictures of the questions are
outputs that are stored in the lessons.
"""

import math
import re
from functools import cache
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader
from scipy.stats import sem

from d2laug.data import results
from d2laug.pages import deck
from d2laug.pages.cells import ROOM, cell, lessons, read

CARD, QUESTIONS = "card.html", "a_month_later.html"
PAGES = Environment(loader=FileSystemLoader(ROOM / "templates" / "handout"), autoescape=True)


def write(folder: Path) -> list[Path]:
    """Write the card and the questions to a folder; return the pages.

    The card is printed to a PDF too, where there is a Chromium.
    """
    card, questions = folder / CARD, folder / QUESTIONS
    card.write_text(PAGES.get_template(CARD).render(), "utf-8")
    questions.write_text(month_later(), "utf-8")
    deck.to_pdf(card)
    return [card, questions]


@cache
def numbers() -> dict[str, str]:
    """Return the numbers of the answers, by name: those of the lecture, and more."""
    runs = results("drinks_matrix")["runs"]

    def found(recipe, split):
        wanted = ["lab", recipe, 0]
        some = [r for r in runs if [r["trained_on"], r["recipe"], r["collected"]] == wanted]
        return np.array([run["accuracy"][split] for run in some])

    places = {
        "": "lab/test",
        "warm light ": "light/2500",
        "shining desk ": "reflections",
        "viewpoint ": "viewpoint",
        "turned left ": "turned",
        "show ": "show/test",
    }
    row = ", ".join(f"{name}{found('crop', split).mean():.2f}" for name, split in places.items())
    flip, none = found("flip", "show/test"), found("none", "show/test")
    error = math.hypot(sem(flip), sem(none))
    difference = f"{flip.mean() - none.mean():.2f}"
    return deck.numbers() | {"row": row, "difference": difference, "error": f"{error:.2f}"}


def month_later() -> str:
    """Return the page with the questions; an answer opens when it is asked for."""
    names = {key: path.stem for key, path in lessons().items()}
    page = PAGES.get_template(QUESTIONS)
    return page.render(read("month_later"), known=numbers(), lessons=names, picture=_picture)


def _picture(name):
    """Return the kind, the data and the words of the picture that a cell's output has stored."""
    for output, kind in deck.images(cell(name)):
        return kind, re.sub(r"\s", "", output.data[kind]), output.metadata[kind]["alt"]
    raise ValueError(f"the cell {name!r} shows no picture: run its notebook, `make notebooks`")

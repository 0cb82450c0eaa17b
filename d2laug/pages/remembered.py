"""What stays when a class is over: a card to print, and eight questions for a month later.

`write(folder)` writes both as pages that need nothing else; the pictures of the questions are
outputs that are stored in the lessons.
"""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from d2laug.data import results
from d2laug.pages import deck
from d2laug.pages.cells import HERE, cell, lessons, read

CARD, QUESTIONS = "card.html", "a_month_later.html"
PAGES = Environment(loader=FileSystemLoader(HERE / "templates" / "handout"), autoescape=True)


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
    """Return the numbers of the answers, by name, from `benchmarks/results`."""
    import torch

    runs = results("drinks_matrix")["runs"]

    def found(recipe, split):
        wanted = ["lab", recipe, 0]
        some = [r for r in runs if [r["trained_on"], r["recipe"], r["collected"]] == wanted]
        return torch.tensor([run["accuracy"][split] for run in some])

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
    error = (flip.var() / len(flip) + none.var() / len(none)).sqrt()
    return {
        "row": row,
        "difference": f"{flip.mean() - none.mean():.2f}",
        "error": f"{error:.2f}",
        "show": f"{none.mean():.2f}",
        "cloth": f"{found('none', 'show/cloth').mean():.2f}",
        "lost": deck.numbers()["lost"],
    }


def month_later() -> str:
    """Return the page with the questions; an answer opens when it is asked for."""
    names = {key: path.stem for key, path in lessons().items()}
    page = PAGES.get_template(QUESTIONS)
    return page.render(read("month_later"), known=numbers(), lessons=names, picture=_picture)


def _picture(name):
    """Return the kind, the data and the words of the picture that a cell's output has stored."""
    for output in cell(name).outputs:
        for kind in deck.IMAGES:
            if kind in output.get("data", {}):
                return kind, re.sub(r"\s", "", output.data[kind]), output.metadata[kind]["alt"]
    raise ValueError(f"the cell {name!r} shows no picture: run its notebook, `make notebooks`")

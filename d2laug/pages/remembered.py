"""What stays when a class is over: a card to print, and eight questions for a month later.

`write(folder)` writes both as pages that need nothing else; the pictures of the questions are
outputs that are stored in the lessons.
"""

import re
import tomllib
from functools import cache
from html import escape
from pathlib import Path
from typing import Any  # what a notebook holds may be Any

from d2laug.data import results
from d2laug.pages import deck

HERE = Path(__file__).parent
CARD, QUESTIONS = "card.html", "a_month_later.html"


def write(folder: Path) -> list[Path]:
    """Write the card and the questions to a folder; return the pages.

    The card is printed to a PDF too, where there is a Chromium.
    """
    style = _template("style.css")
    card, questions = folder / CARD, folder / QUESTIONS
    card.write_text(_template(CARD).replace("{{ style }}", style), "utf-8")
    questions.write_text(month_later(), "utf-8")
    deck.to_pdf(card)
    return [card, questions]


def _template(name):
    return (HERE / "templates" / "handout" / name).read_text("utf-8")


@cache
def read() -> dict[str, Any]:
    """Return what `month_later.toml` says."""
    return tomllib.loads((HERE / "month_later.toml").read_text("utf-8"))


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
    said, known = read(), numbers()
    body = "".join(_question(n, one, known) for n, one in enumerate(said["question"], 1))
    page = _template(QUESTIONS).replace("{{ style }}", _template("style.css"))
    page = page.replace("{{ title }}", escape(said["title"]))
    return page.replace("{{ opening }}", escape(said["opening"])).replace("{{ body }}", body)


def _question(number, one, known):
    """Return the HTML of one question: what is asked, its picture, options, the folded answer."""
    options = "".join(
        f"<li><b>{letter}</b> {escape(option) if option != letter else 'in the picture'}</li>"
        for letter, option in zip("ABCDEF", one.get("options", ()), strict=False)
    )
    lesson = deck.lessons()[one["lesson"][:2]].stem
    words = escape(lesson[3:].replace("_", " "))
    seen = _picture(one["seen"]) if "seen" in one else ""
    return (
        f"<section><h2>{number}. {escape(one['ask'].format_map(known))}</h2>"
        f"{_picture(one['picture'])}<ol class='options'>{options}</ol>"
        f"<details><summary>Answer</summary><p>{escape(one['answer'].format_map(known))}</p>{seen}"
        f"<p class='where'>Lesson {lesson[:2]}, "
        f"<a href='{lesson}.ipynb'>{words}</a></p></details></section>"
    )


def _picture(name):
    """Return the picture that a cell's output has stored, within the page."""
    for output in deck.cell(name).outputs:
        for kind in deck.IMAGES:
            if kind in output.get("data", {}):
                data = re.sub(r"\s", "", output.data[kind])
                alt = escape(output.metadata[kind]["alt"], quote=True)
                return f"<img src='data:{kind};base64,{data}' alt='{alt}'>"
    raise ValueError(f"the cell {name!r} shows no picture: run its notebook, `make notebooks`")

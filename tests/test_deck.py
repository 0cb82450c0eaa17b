"""The lecture's deck: its cells, its clock, its questions; and formulas typeset in a page."""

import re
from itertools import pairwise

import pytest

from d2laug.pages import deck, formulas, record
from d2laug.pages.cells import read, run

SLIDES = read("lecture")["slide"]
TALK = [slide for slide in SLIDES if not slide.get("extra")]
NAMES = sorted(
    {name for s in SLIDES for names in (s["first"], s.get("then", [])) for name in names}
)


@pytest.mark.parametrize("name", NAMES)
def test_a_named_cell_shows_something(name):
    cell = deck.cell(name)
    assert cell.outputs or cell.source.startswith("def ")
    for output in cell.get("outputs", []):
        for kind in deck.IMAGES:
            if kind in output.get("data", {}):
                assert output.metadata[kind]["alt"].strip(), "a picture without words"


def test_a_cell_that_is_missing_is_named():
    for name in ("01/no-such-cell", "99/lab-pictures", "lab-pictures"):
        with pytest.raises(KeyError, match=name):
            deck.cell(name)
    with pytest.raises(ValueError, match="01/setup"):
        deck.cell("01/setup")


def test_the_clock():
    assert 25 <= len(TALK) <= 32
    assert sum(slide["minutes"] for slide in TALK) <= 44
    assert [slide["stop"] for slide in TALK if "stop" in slide] == [2, 2, 2]
    assert sum(slide["minutes"] + slide.get("stop", 0) for slide in TALK) <= 50
    assert sorted(slide["drop"] for slide in TALK if "drop" in slide) == [1, 2, 3, 4]
    timings = [
        c.metadata.slideshow.data.timing
        for c in deck.lecture().cells
        if "data" in c.metadata.slideshow
    ]
    assert timings == [60 * slide.get("minutes", 0) for slide in SLIDES]


def seconds(slide) -> float:
    """The time that a slide takes: its words at 130 a minute, what its notes wait for, a vote."""
    said = " ".join([slide["question"], *slide.get("options", []), slide["notes"]])
    said += slide.get("answer", "").format_map(deck.numbers())
    waits = sum(map(int, re.findall(r"(\d+) s\b", slide["notes"])))
    film = 10 * ("ten seconds" in slide["notes"])
    return len(said.split()) * 60 / 130 + waits + film + 10 * ("options" in slide)


def test_the_notes_fit_into_their_minutes():
    """A quarter of each slide's time is left to the hall."""
    for slide in TALK[1:]:
        assert seconds(slide) <= 0.75 * 60 * slide["minutes"], slide["question"]
    assert seconds(TALK[1]) > 30


def test_the_questions():
    assert sum("?" in slide["question"] for slide in TALK) >= 15
    assert sum(len(slide.get("options", [])) > 1 for slide in TALK) >= 8
    for slide in SLIDES:
        assert slide["notes"].strip(), slide["question"]
        if len(slide.get("options", [])) > 1:
            assert re.search(r"\d+ s\b", slide["notes"]), slide["question"]


def test_the_notes_say_the_time_and_what_to_leave_out():
    notes = [c.source for c in deck.lecture().cells if c.metadata.slideshow.slide_type == "notes"]
    assert len(notes) == len(SLIDES)
    order = sorted((s["drop"], n) for n, s in enumerate(SLIDES, 1) if "drop" in s)
    assert "Leave out " + ", ".join(str(n) for _, n in order) + "," in notes[0]
    minutes = [float(m[1]) for note in notes if (m := re.match(r"\*\*([\d.]+) minutes", note))]
    assert len(minutes) == len(TALK)
    assert all(a <= b for a, b in pairwise(minutes))


def test_answers_take_their_numbers_from_the_results():
    known = deck.numbers()
    asked = {name for slide in SLIDES for name in re.findall(r"{(\w+)}", slide.get("answer", ""))}
    assert asked
    assert asked <= set(known)
    assert not [s["answer"] for s in SLIDES if re.search(r"\d\.\d|\d ?%", s.get("answer", ""))]


def test_five_live_slides_and_nothing_trains():
    live = deck.live_notebook("lecture")
    assert len(live.cells) == sum("live" in slide for slide in SLIDES) == 5
    for cell in live.cells:
        assert "fit(" not in cell.source
    with pytest.raises(ValueError, match="'06' has no live slide"):
        deck.live_notebook("06")
    assert len(deck.live_notebook("02").cells) == 1


def test_live_cells_share_no_names():
    assert run(["x = 1", "x + 1"]) == 2
    with pytest.raises(NameError):
        run(["x + 1"])
    with pytest.raises(ValueError, match="ends with an expression"):
        run(["x = 1"])


def test_formulas_are_typeset():
    html = formulas.to_html("$w = \\sqrt{a}$ and\n\n$$h = \\frac{1}{2}$$")
    assert html.count("<math") == 2
    assert "<msqrt>" in html
    assert "<mfrac>" in html
    assert "$" not in html


def test_a_page_that_was_printed_empty_is_printed_again(tmp_path, monkeypatch):
    """By a Chromium that leaves the page empty a few times, as one does on a busy machine."""
    browser, page, tries = tmp_path / "chromium", tmp_path / "deck.html", tmp_path / "tries"
    browser.write_text(
        "#!/bin/sh\n"
        f"echo try >> {tries}\n"
        'for a in "$@"; do case $a in --print-to-pdf=*) pdf=${a#*=};; esac; done\n'
        f'n=1000; [ "$(wc -l < {tries})" -gt "$EMPTY" ] && n=9000; head -c $n /dev/zero > "$pdf"\n'
    )
    browser.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(browser))
    monkeypatch.setenv("EMPTY", "2")
    assert deck.to_pdf(page) == tmp_path / "deck.pdf"
    assert len(tries.read_text().splitlines()) == 3
    monkeypatch.setenv("EMPTY", "99")
    assert deck.to_pdf(page) is None
    assert not (tmp_path / "deck.pdf").exists()


def test_pages_need_no_other_server(tmp_path):
    (page,) = deck.write(tmp_path, "lecture", record.find)
    html = page.read_text("utf-8")
    assert not re.findall(r'(?:src|href)="https?:', html.split("<body")[0])
    for source in re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', html):
        assert source.startswith("data:") or (tmp_path / source).exists(), source
    assert (
        "MIT" in (tmp_path / "reveal" / "LICENSE").read_text()
        or (tmp_path / "reveal" / "LICENSE").stat().st_size
    )


def test_without_reveal_js_no_deck_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(deck, "REVEAL", ["dist/nothing.js"])
    with pytest.raises(FileNotFoundError, match=r"nothing\.js is missing: install sphinx-revealjs"):
        deck._copy_files(tmp_path)
    monkeypatch.setattr(deck, "find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'd2laug\[lecture\]'"):
        deck._copy_files(tmp_path)

"""The command `d2laug`: one function for each subcommand, which imports what it needs."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from d2laug import offer

__all__ = ["check", "handout", "lab", "main", "make_parser", "playground", "progress", "receipts"]
__all__ += ["reset", "slides", "where"]
offer(__name__)

FOLDER = "the folder of your lessons (default: this one if it has lessons, or ./d2laug-lessons)"
EPILOG = """\
examples:
  d2laug check              is this machine fit for the course?
  d2laug lab                copy the lessons to ./d2laug-lessons and open the first
  d2laug lab --lesson 4     open lesson 04
  d2laug reset 4            lesson 04 afresh; your copy stays beside it

'd2laug COMMAND --help' says more about one."""


def lab(given: argparse.Namespace) -> None:
    """Copy the lessons into a folder of your own, and open JupyterLab there.

    What you have changed is never overwritten: a newer course replaces only the lessons that are
    still as they were copied, and says which others have changed.
    """
    from d2laug.cli import lessons, serve

    folder = lessons.find_folder(given.folder)
    said = lessons.copy_lessons(folder)
    for sentence in said:
        print(sentence, flush=True)
    if not given.no_open:
        lesson = lessons.find_lesson(given.lesson, folder)
        serve.lab(folder, lesson.name, given.port, compile_first=bool(said))


def playground(given: argparse.Namespace) -> None:
    """Open the pipeline builder alone, as a page in the browser."""
    from d2laug.cli import serve

    serve.playground(given.port, given.base_url)


def check(given: argparse.Namespace) -> int:
    """Say whether this machine is fit for the course, and what to do where it is not.

    The exit status is 0 where nothing fails, 1 otherwise.
    """
    from d2laug.cli import preflight

    return preflight.check(as_json=given.json)


def reset(given: argparse.Namespace) -> None:
    """Fetch a lesson afresh; your copy stays beside it, as NAME.mine.ipynb."""
    from d2laug.cli import lessons

    print(lessons.reset(given.lesson, lessons.find_folder(given.folder)))


def progress(given: argparse.Namespace) -> None:
    """Say which exercises were passed in a folder of lessons, with the code to hand in."""
    from d2laug.check import kept, receipt
    from d2laug.cli import codes

    folder = codes.where_kept(given.folder)
    print(f"{folder}: {receipt.progress(kept.read(folder)['passed'])}")


def receipts(given: argparse.Namespace) -> int:
    """Print a table of the codes of a class: who has passed what, and where most are stuck.

    A line of the file is a name and the code that check.progress() has given. The exit status
    is 1 where a line could not be read.
    """
    from d2laug.cli import codes

    return codes.show(given.file, given.only)


def handout(given: argparse.Namespace) -> None:
    """Write the lessons for a class: student/ without solutions, teacher/ with notes.

    Both have the 90-minute tutorial as one notebook, the card to print, and the eight questions
    for a month later. The files that were written are replaced, others stay.
    """
    from d2laug.pages import handout

    print(*handout.write(Path(given.folder)), sep="\n")


def slides(given: argparse.Namespace) -> None:
    """Write the lecture and the lessons as slides, which need neither kernel nor network.

    The lecture is printed to a PDF too, where there is a Chromium.
    """
    from d2laug.pages import deck

    pages = deck.write(Path(given.folder))
    print(f"{pages[0].parent / 'index.html'}: {len(pages)} decks", flush=True)
    missing = "No PDF, which takes Chromium: print lecture.html?print-pdf in a browser."
    print(deck.to_pdf(pages[0]) or missing)


def where(given: argparse.Namespace) -> None:
    """List what the course keeps on this machine, and how to remove it."""
    from d2laug.cli import places

    places.show()


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command; a new subcommand is a function above and a line here.

    >>> make_parser().parse_args(["lab", "mine", "--no-open"]).folder
    'mine'
    """
    try:
        number = version("d2laug")
    except PackageNotFoundError:  # run from a folder, without an installation
        number = "(not installed)"
    parser = argparse.ArgumentParser(
        prog="d2laug",
        description="A course on image augmentation in JupyterLab.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"d2laug {number}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(run: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
        title, _, more = (run.__doc__ or "").partition("\n")
        one = commands.add_parser(run.__name__, help=title, description=f"{title} {more}".strip())
        one.set_defaults(run=run)
        return one

    one = add(lab)
    one.add_argument("folder", nargs="?", metavar="FOLDER", help=FOLDER)
    one.add_argument("--lesson", default="01", help="which one to open: 4, color or 04_color")
    one.add_argument("--no-open", action="store_true", help="copy the lessons only")
    page = add(playground)
    page.add_argument("--base-url", help="the prefix, behind a proxy (a JupyterHub's is known)")
    for each in (one, page):
        each.add_argument("--port", type=int, help="where the usual one is not wanted")
    add(check).add_argument("--json", action="store_true", help="for a program that collects many")
    one = add(reset)
    one.add_argument("lesson", metavar="LESSON", help="4, color or 04_color")
    one.add_argument("--folder", metavar="FOLDER", help=FOLDER)
    add(progress).add_argument("folder", nargs="?", metavar="FOLDER", help=FOLDER)
    one = add(receipts)
    one.add_argument("file", metavar="FILE", help="lines of names and codes; - for what is typed")
    one.add_argument("--only", nargs="+", default=[], metavar="02.3", help="these exercises alone")
    for write in (handout, slides):
        words = f"where to write (default: {write.__name__})"
        add(write).add_argument("folder", nargs="?", default=write.__name__, help=words)
    add(where)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, or the command line's; return its status, or exit."""
    given = make_parser().parse_args(arguments)
    try:
        return given.run(given) or 0
    except KeyboardInterrupt:
        return 130
    except ModuleNotFoundError as error:
        sys.exit(f"{error}; python -m pip install 'd2laug[lecture]' brings what is missing")
    except (FileExistsError, NotADirectoryError) as error:
        way = f"{error.filename} cannot be a folder: a file is in its way; name another"
        sys.exit(way if error.filename else str(error))

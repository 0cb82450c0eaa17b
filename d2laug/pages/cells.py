"""The lessons' cells, found by their names, and run without a kernel."""

import ast
import contextlib
import copy
import io
import re
import symtable
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any  # what a notebook or a list of cells holds may be Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from d2laug.data.common import COURSE
from d2laug.widgets.screen import Explorer

ROOM = Path(__file__).parent
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@cache
def lessons() -> dict[str, Path]:
    """Return the notebooks of the lessons by their numbers.

    >>> lessons()["02"].name
    '02_flip.ipynb'
    """
    paths = (COURSE / "notebooks").glob("[0-9][0-9]_*.ipynb")
    return {path.name[:2]: path for path in sorted(paths)}


@cache
def read(name: str) -> dict[str, Any]:
    """Return what `NAME.toml` says: `lecture`, `tutorial` or `month_later`."""
    return tomllib.loads((ROOM / f"{name}.toml").read_text("utf-8"))


@cache
def _stored(path):
    return {cell.id: cell for cell in nbformat.read(path, 4).cells}


def cell(name: str) -> NotebookNode:
    """Return a copy of the cell `LESSON/CELL`.

    `deck/CELL` is one of `lecture.ipynb`, `own/CELL` one that `tutorial.toml` holds. Raises
    `KeyError` where there is no such cell.
    """
    lesson, _, identity = name.partition("/")
    if lesson == "own" and identity in read("tutorial")["own"]:
        return new_code_cell(read("tutorial")["own"][identity].strip())
    path = ROOM / "lecture.ipynb" if lesson == "deck" else lessons().get(lesson)
    if path is None or identity not in _stored(path):
        raise KeyError(f"no cell is called {name!r}; look where d2laug/pages/*.toml name it")
    return copy.deepcopy(_stored(path)[identity])


def title(notebook: NotebookNode) -> str:
    """Return the first-level heading of a notebook."""
    return notebook.cells[0].source.splitlines()[0].removeprefix("# ")


def names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell makes or changes, and those that it reads before it makes them.

    The latter may be too many: what `if` may make counts. What a call changes is not seen.

    >>> made, read = names("x = y + 1; z[0] = x; [n for n in x]")
    >>> sorted(made), sorted(read)
    (['x', 'z'], ['y', 'z'])
    """
    made: set[str] = set()
    read: set[str] = set()
    for statement in _in_order(ast.parse(source).body):
        new, needs = _names(statement)
        read |= needs - made
        made |= new
    return made, read


def _in_order(statements):
    """Yield statements as they run: those in a loop, or `with`, after what names its object."""
    for one in statements:
        pairs: list[Any] = [(one.target, one.iter)] if isinstance(one, ast.For) else []
        if isinstance(one, ast.With):
            pairs = [(item.optional_vars, item.context_expr) for item in one.items]
        for target, value in pairs:
            yield ast.Assign([target], value, lineno=0) if target else ast.Expr(value)
        yield from _in_order([*one.body, *getattr(one, "orelse", [])]) if pairs else [one]


def _names(statement):
    """Return what `names` does, for a statement."""
    made, read = set(), set()
    top = symtable.symtable(ast.unparse(statement), "cell", "exec")
    tables = [top]
    for table in tables:
        tables += table.get_children()
        for symbol in table.get_symbols():
            if table is top and (symbol.is_assigned() or symbol.is_imported()):
                made.add(symbol.get_name())
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                read.add(symbol.get_name())
    for node in ast.walk(statement):
        if isinstance(node, ast.AugAssign | ast.Delete):
            read |= made & _inside(node)
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            made |= read & _inside(node.value)  # but not what is a function's own
    unsure = isinstance(statement, ast.If | ast.Match | ast.Try | ast.While)  # whether it is made
    return made, read | made if unsure else read


def _inside(node):
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def needed(sources: Sequence[str]) -> list[str]:
    """Return the last of some cells, and before it those that make what it reads.

    >>> needed(["a = 1", "b = 2", "c = a + 1", "print(c)"])
    ['a = 1', 'c = a + 1', 'print(c)']
    """
    *before, last = sources
    kept, missing = [last], names(last)[1]
    for source in reversed(before):
        made, read = names(source)
        if made & missing:
            kept.insert(0, source)
            missing = (missing - made) | read
    return kept


def explorers(path: Path) -> dict[str, list[str]]:
    """Return for each cell of a notebook that may show an explorer the sources that it needs.

    Such a cell's last expression was stored as a picture, and it names what comes from
    `d2laug.widgets`, which it may import itself.
    """
    found, sources, widgets = {}, [], set()
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        sources.append(cell.source)
        for names in re.findall(r"from d2laug\.widgets\S* import (\([^)]*|.*)", cell.source):
            widgets |= {*re.findall(r"\w+", names)}
        results = [o.data for o in cell.outputs if o.output_type == "execute_result"]
        shows = any("image/" in kind for data in results for kind in data)
        if shows and widgets & {*re.findall(r"\w+", cell.source)}:
            found[cell.id] = needed(sources)
    return found


def run(sources: Sequence[str]) -> Any:  # noqa: ANN401
    """Run cells one after the other in a namespace of their own; return the last expression.

    Raises `ValueError` where the last cell ends with a statement, and what the cells raise.

    >>> run(["x = 2", "x + 1"])
    3
    """
    names: dict[str, Any] = {}
    *before, last = sources
    for source in before:
        exec(source, names)
    tree = ast.parse(last)
    final = tree.body.pop()
    if not isinstance(final, ast.Expr):
        raise ValueError(f"a live cell ends with an expression, not with {ast.unparse(final)!r}")
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(final.value), "cell", "eval"), names)


def make(sources: Sequence[str]) -> Explorer | None:
    """`run` cells, whose prints are not seen; return what the last one shows, if an explorer."""
    with contextlib.redirect_stdout(io.StringIO()):
        shown = run(sources)
    return shown if isinstance(shown, Explorer) else None

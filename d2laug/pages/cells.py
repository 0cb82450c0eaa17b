"""The cells of a lesson that make an explorer, found and run without a kernel.

`explorers(path)` finds them with the cells that they need, and `make` runs these.
"""

import ast
import builtins
import contextlib
import io
import symtable
from collections.abc import Sequence
from pathlib import Path

import nbformat

from d2laug.pages.live import run
from d2laug.widgets.screen import Explorer


def names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell makes or changes, and those that it reads before it makes them.

    >>> made, read = names("x = y + 1; z[0] = x; [n for n in x]")
    >>> sorted(made), sorted(read)
    (['x', 'z'], ['y', 'z'])
    """
    made: set[str] = set()
    read: set[str] = set()
    for statement in ast.parse(source).body:
        new, needs = _names(statement)
        read |= needs - made
        made |= new
    return made, read - set(dir(builtins))


def _names(statement):
    """Return what `names` does, for a statement; what runs in a loop is not read."""
    made, read, loops = set(), set(), set()
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
        if isinstance(node, ast.For):
            loops |= {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            made |= {one.id for one in ast.walk(node.value) if isinstance(one, ast.Name)}
    return made, read - loops


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

    Such a cell ends with an expression, was stored with a picture, and reads a name that comes from
    `d2laug.widgets`, or another that was made of one.
    """
    found, sources, widgets = {}, [], set()
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        sources.append(cell.source)
        tree = ast.parse(cell.source)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("d2laug.widget"):
                widgets |= {alias.asname or alias.name for alias in node.names}
        pictures = [kind for o in cell.outputs for kind in o.get("data", {}) if "image/" in kind]
        shows = pictures and isinstance(tree.body[-1], ast.Expr)
        if shows and names(cell.source)[1] & widgets:
            found[cell.id] = needed(sources)
    return found


def make(sources: Sequence[str]) -> Explorer | None:
    """Run cells in a namespace of their own; return what the last one shows, if an explorer."""
    with contextlib.redirect_stdout(io.StringIO()):
        shown = run(sources)
    return shown if isinstance(shown, Explorer) else None

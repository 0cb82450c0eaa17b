"""The tutorial of ninety minutes as one notebook, made of cells of the lessons.

`tutorial.toml` names them, block by block. A block begins with a cell that makes all that the block
needs, so that who comes late starts there, and one name can mean another thing in another block.
"""

from typing import Any  # what a notebook holds may be Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from d2laug.data.common import COURSE
from d2laug.pages.cells import KERNEL, cell, read

NAME = "tutorial.ipynb"
HIDDEN = {"jupyter": {"source_hidden": True}}
DOCUMENTS = [COURSE / "notebooks" / "TUTORIAL.md", COURSE / "notebooks" / "D2L_14_1.md"]


def notebook() -> NotebookNode:
    """Return the tutorial, solutions and all; its outputs are left out."""
    said = read("tutorial")
    cells = [new_markdown_cell(said["opening"].strip(), id="title")]
    for number, block in enumerate(said["block"], 1):
        place = f"block-{number}"
        heading = f"## {block['start']} to {block['end']} minutes: {block['title']}"
        cells.append(new_markdown_cell(f"{heading}\n\n{block['do'].strip()}", id=place))
        if block.get("catch_up"):
            source, identity = catch_up(block), f"{place}-catch-up"
            cells.append(new_code_cell(source, id=identity, metadata=HIDDEN))
        for name in block.get("cells", ()):
            one = cell(name)
            if one.cell_type == "code":
                one.outputs, one.execution_count = [], None
            one.metadata.pop("slideshow", None)
            if name in said["hidden"]:
                one.metadata |= HIDDEN
            one["id"] = f"{place}-{name.replace('/', '-')}"
            cells.append(one)
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def catch_up(block: dict[str, Any]) -> str:
    """Return the code that gives a block of `tutorial.toml` all that it needs."""
    sources = [cell(name).source for name in block["catch_up"]]
    ready = f'print("ready for minute {block["start"]}")'
    return "\n\n\n".join(["# What this block needs: run it first.", *sources, ready])


def notes() -> dict[str, list[str]]:
    """Return what the tutor asks, and what settles where people get stuck, by cell."""
    found = {}
    for number, block in enumerate(read("tutorial")["block"], 1):
        stuck = "".join(f"\n- {where} → {by}" for where, by in block.get("stuck", ()))
        lines = [f"Ask: {block['ask']}"] if block.get("ask") else []
        lines += [f"Where people get stuck → what settles it:\n{stuck}"] if stuck else []
        found[f"block-{number}"] = lines
    return found

"""Draw the rooms of the package, as they are in the code, into CONTRIBUTING.md.

Usage: python tools/rooms.py
"""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

PROJECT = Path(__file__).parent.parent
PACKAGE = PROJECT / "d2laug"
PAGE = PROJECT / "CONTRIBUTING.md"
BLOCK = re.compile(r"```mermaid\n.*?```\n", re.DOTALL)


def room_of(path: Path) -> str:
    """Return the folder or the single file of the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Return the names of the package that a file imports, inside of functions too."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{name.name}" for name in node.names]
        elif isinstance(node, ast.Import):
            found += [name.name for name in node.names]
    return {name.split(".")[1] for name in found if name.startswith("d2laug.")}


def arrows() -> dict[str, set[str]]:
    """Return for each room the others that it imports."""
    # the package's own file and the command only name the rooms
    paths = {*PACKAGE.rglob("*.py")} - {PACKAGE / "__init__.py", PACKAGE / "__main__.py"}
    rooms = {room_of(path) for path in paths}
    found: dict[str, set[str]] = {room: set() for room in sorted(rooms)}
    for path in paths:
        found[room_of(path)] |= imports(path) & rooms - {room_of(path)}
    return found


def below(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return for each room all that lie under it; `CycleError` where arrows run in a circle."""
    under: dict[str, set[str]] = {}
    for room in TopologicalSorter(found).static_order():
        direct = found.get(room, set())
        under[room] = direct.union(*(under[other] for other in direct))
    return under


def picture() -> str:
    """Return the rooms as a Mermaid chart; arrows that follow from others are left out."""
    found = arrows()
    under = below(found)
    lines = ["```mermaid", "flowchart TD"]
    for room in found:
        files = sorted(path.stem for path in (PACKAGE / room).glob("*.py"))
        words = [name for name in files if not name.startswith(("__init__", "lesson_"))]
        words += ["lesson_NN"] * any(name.startswith("lesson_") for name in files)
        name = f"<b>{room}/</b><br>{', '.join(words)}" if files else f"<b>{room}.py</b>"
        lines.append(f'    {room}["{name}"]')
    for room, others in found.items():
        direct = others.difference(*(under[other] for other in others))
        lines += [f"    {room} --> {other}" for other in sorted(direct)]
    return "\n".join([*lines, "```", ""])


def main() -> None:
    text, blocks = BLOCK.subn(lambda _: picture(), PAGE.read_text("utf-8"))
    if blocks != 1:
        raise SystemExit(f"{PAGE.name} must have one block of mermaid for the picture")
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

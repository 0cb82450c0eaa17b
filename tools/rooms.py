"""Draw the rooms of the package, as they are in the code, into CONTRIBUTING.md.

Usage: python tools/rooms.py
"""

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).parent.parent
PACKAGE = PROJECT / "d2laug"
PAGE = PROJECT / "CONTRIBUTING.md"
BLOCK = re.compile(r"```mermaid\n.*?```\n", re.DOTALL)


def room_of(path: Path) -> str:
    """Return the folder or the single file of the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def is_room(name: str) -> bool:
    """Return whether a name of the package is a room, and no function of it."""
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()


def imports(path: Path) -> set[str]:
    """Return the rooms that a file imports, inside of functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "d2laug":
            found |= {name.name for name in node.names if is_room(name.name)}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("d2laug."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {n.name.split(".")[1] for n in node.names if n.name.startswith("d2laug.")}
    return found


def arrows() -> dict[str, set[str]]:
    """Return for each room the others that it imports."""
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        # they only name the rooms, and call the command
        if path not in (PACKAGE / "__init__.py", PACKAGE / "__main__.py"):
            room = room_of(path)
            found.setdefault(room, set()).update(imports(path) - {room})
    return found


def reachable(room: str, found: dict[str, set[str]]) -> set[str]:
    """Return all rooms that lie under `room`; raise where arrows run in a circle."""
    below, new = set(), set(found[room])
    while new:
        below |= new
        new = set().union(*(found[other] for other in new)) - below
    if room in below:
        raise ValueError(f"the imports of {room} lead back to {room}; arrows must run one way")
    return below


def picture() -> str:
    """Return the rooms as a Mermaid chart; arrows that follow from others are left out."""
    found = arrows()
    below = {room: reachable(room, found) for room in found}
    lines = ["```mermaid", "flowchart TD"]
    for room in sorted(found):
        folder = PACKAGE / room
        files = sorted(p.stem for p in folder.glob("*.py") if p.stem != "__init__")
        words = ", ".join(f for f in files if not f.startswith("lesson_"))
        words += ", lesson_NN" if any(f.startswith("lesson_") for f in files) else ""
        name = f"<b>{room}/</b><br>{words}" if files else f"<b>{room}.py</b>"
        lines.append(f'    {room}["{name}"]')
    for room, others in sorted(found.items()):
        direct = {o for o in others if not any(o in below[other] for other in others)}
        lines += [f"    {room} --> {other}" for other in sorted(direct)]
    return "\n".join([*lines, "```", ""])


def main() -> None:
    text = PAGE.read_text("utf-8")
    if len(BLOCK.findall(text)) != 1:
        raise SystemExit(f"{PAGE.name} must have one block of mermaid for the picture")
    PAGE.write_text(BLOCK.sub(lambda _: picture(), text), "utf-8")


if __name__ == "__main__":
    main()

"""Draw data/contact_sheet.jpg from the rendered drinks: classes across, splits down."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

DATA = Path(__file__).parents[1]
# The split, the number of its pictures, and the label. No number comes twice, but that the cloth
# lies on the desk of the row above.
ROWS = [
    ("lab/train", 0, "the lab"),
    ("light/5500", 1, "light, 5500 K"),
    ("light/4500", 2, "light, 4500 K"),
    ("light/2500", 3, "light, 2500 K"),
    ("reflections", 4, "reflections"),
    ("viewpoint", 5, "viewpoint"),
    ("turned", 6, "turned"),
    ("show/test", 7, "the show"),
    ("show/test", 8, ""),
    ("show/cloth", 8, "with a cloth"),
]
SIDE, LEFT, TOP = 96, 112, 26


def contact_sheet(folder):
    """The sheet as a PIL image."""
    names = sorted(path.name for path in (folder / ROWS[0][0]).iterdir())
    size = LEFT + len(names) * (SIDE + 2), TOP + len(ROWS) * (SIDE + 2)
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for column, name in enumerate(names):
        x = LEFT + column * (SIDE + 2)
        draw.text((x + SIDE / 2, TOP / 2), name.replace("_", " "), "black", font, anchor="mm")
        for row, (split, number, _) in enumerate(ROWS):
            with Image.open(folder / split / name / f"{number:04d}.jpg") as image:
                sheet.paste(image, (x, TOP + row * (SIDE + 2)))
    for row, (*_, label) in enumerate(ROWS):
        draw.text((6, TOP + (row + 0.5) * (SIDE + 2)), label, "black", font, anchor="lm")
    return sheet


if __name__ == "__main__":
    contact_sheet(DATA / "drinks").save(DATA / "contact_sheet.jpg", quality=90)

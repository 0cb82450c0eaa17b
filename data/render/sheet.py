"""Draw data/contact_sheet.jpg from the rendered drinks: classes across, splits down."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

DATA = Path(__file__).parents[1]
ROWS = [
    ("lab/train", "the lab"),
    ("light/5500", "light, 5500 K"),
    ("light/4500", "light, 4500 K"),
    ("light/2500", "light, 2500 K"),
    ("reflections", "reflections"),
    ("viewpoint", "viewpoint"),
    ("mirrored", "mirrored"),
    ("show/test", "the show"),
    ("show/test", ""),
]
SIDE, LEFT, TOP = 96, 112, 26


def contact_sheet(folder):
    """The sheet as a PIL image; each row shows the next number, so that none comes twice."""
    names = sorted(path.name for path in (folder / ROWS[0][0]).iterdir())
    size = LEFT + len(names) * (SIDE + 2), TOP + len(ROWS) * (SIDE + 2)
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for column, name in enumerate(names):
        x = LEFT + column * (SIDE + 2)
        draw.text((x + SIDE / 2, TOP / 2), name.replace("_", " "), "black", font, anchor="mm")
        for row, (split, _) in enumerate(ROWS):
            with Image.open(folder / split / name / f"{row:04d}.jpg") as image:
                sheet.paste(image, (x, TOP + row * (SIDE + 2)))
    for row, (_, label) in enumerate(ROWS):
        draw.text((6, TOP + (row + 0.5) * (SIDE + 2)), label, "black", font, anchor="lm")
    return sheet


if __name__ == "__main__":
    contact_sheet(DATA / "drinks").save(DATA / "contact_sheet.jpg", quality=90)

"""The drinks: one entry of a few lines each. A new drink is one more entry in DRINKS."""

import labels as L
import shapes as S

# Colors as a painter gives them (sRGB); the renderer turns them into reflectance spectra.
CREAM, WHITE, BROWN = "#efdcb0", "#f2f1ec", "#5a3420"
RED, ORANGE, YELLOW, GREEN, BLUE = "#c3131f", "#e96a0c", "#f0bf12", "#15703c", "#1d4fa3"


def paint(color, gloss=0.1, ior=1.5):
    """A smooth coat over a color or a label: `gloss` is the coat's roughness, 0.05 a mirror's."""
    return {"type": "roughplastic", "diffuse_reflectance": color, "alpha": gloss, "int_ior": ior}


METAL = {"type": "roughconductor", "material": "Al", "distribution": "ggx", "alpha": 0.16}


def can(label):
    """A 330 ml can: printed body, bare metal shoulder, rim, lid and ring pull."""
    body = [
        (2.7, 0.35),
        (3.15, 0.7),
        (3.3, 1.3),
        (3.3, 5.5),
        (3.3, 9.4),
        (3.3, 10.0),
        (3.05, 10.55),
        (2.72, 11.0),
    ]
    foot = [(2.35, 0.05), (2.55, 0.0), (2.7, 0.35)]
    rim = [
        (2.72, 11.0),
        (2.62, 11.15),
        (2.72, 11.35),
        (2.72, 11.5),
        (2.6, 11.55),
        (2.45, 11.5),
        (2.42, 11.2),
    ]
    lid = [(2.42, 11.2), (2.3, 11.1), (2.2, 11.18), (0.01, 11.18)]
    ring = [(x, -0.15, z) for x, z in [(-0.7, 11.26), (0, 11.34), (0.7, 11.3)]]
    return [
        (S.revolve(body, label=(0.5, 10.9)), paint(label, 0.08, 1.6)),
        (S.revolve(foot), METAL),
        (S.revolve(rim), METAL),
        (S.revolve(lid), METAL),
        (S.tube(ring, (0.5, 0.1)), METAL),
    ]


def bottle(drink, label, cap):
    """A stout bottle of opaque juice with a paper label around its belly and a screw cap."""
    glass = [
        (2.6, 0.0),
        (3.2, 0.1),
        (3.4, 0.6),
        (3.4, 3.0),
        (3.4, 7.6),
        (3.3, 9.2),
        (2.6, 11.0),
        (1.7, 12.6),
        (1.55, 13.8),
        (1.55, 14.3),
    ]
    paper = [(3.44, 2.0), (3.44, 7.4)]
    lid = [(1.75, 14.1), (1.8, 14.2), (1.8, 15.6), (1.7, 15.75), (1.2, 15.8), (0.01, 15.8)]
    return [
        (S.revolve(glass), paint(drink, 0.06, 1.6)),
        (S.revolve(paper, rounds=0), paint(label, 0.35)),
        (S.revolve(lid), paint(cap, 0.2)),
    ]


def longneck(label, cap):
    """A slim bottle, lacquered all over, with a crown cap."""
    glass = [
        (2.3, 0.0),
        (2.8, 0.1),
        (3.0, 0.6),
        (3.0, 3.0),
        (3.0, 8.0),
        (2.9, 9.4),
        (2.2, 11.2),
        (1.4, 12.8),
        (1.25, 14.6),
        (1.25, 16.2),
    ]
    lip = [(1.25, 16.2), (1.45, 16.3), (1.45, 16.7), (1.3, 16.8)]
    crown = [(1.5, 16.5), (1.62, 16.6), (1.5, 17.2), (1.2, 17.4), (0.01, 17.45)]
    return [
        (S.revolve(glass), paint(label, 0.07, 1.6)),
        (S.revolve(lip), paint("#20301f", 0.07)),
        (S.revolve(crown), paint(cap, 0.12)),
    ]


def brick(walls, top, straw):
    """A small carton with a bent straw at its right when it faces the camera."""
    sides, lid = S.box(5.6, 4.2, 10.6)
    bend = [(1.5, 0, 10.4), (1.5, 0, 12.6), (1.5, 0, 13.4), (2.1, 0, 13.9), (3.6, 0, 14.9)]
    return [
        (sides, paint(walls, 0.15)),
        (lid, paint(top, 0.25)),
        (S.tube(bend, 0.3), paint(straw, 0.15)),
    ]


def milk_carton(walls, roof, cap):
    """A gable-top carton with a screw cap on its front slope."""
    sides, _ = S.box(6.6, 6.6, 10.4)
    lid = S.revolve([(1.05, 0.0), (1.05, 0.9), (0.95, 1.0), (0.01, 1.0)])
    points, normals, uv, faces = lid
    tilt = S.tilt(points, normals, 48.0, (0, -1.9, 11.9))
    return [
        (sides, paint(walls, 0.15)),
        (S.gable(6.6, 6.6, 10.4, 3.3, 1.5), paint(roof, 0.15)),
        ((*tilt, uv, faces), paint(cap, 0.2)),
    ]


def cup(label, inside, coffee):
    """A glazed cup on its saucer, the handle at its right when it faces the camera."""
    wall = [(1.9, 0.9), (2.2, 0.9), (2.9, 1.5), (3.7, 3.4), (4.1, 5.6), (4.25, 7.0)]
    lip = [(4.25, 7.0), (4.22, 7.18), (4.08, 7.2), (4.0, 7.05), (3.85, 5.8), (3.75, 5.0)]
    dish = [
        (2.4, 0.0),
        (3.6, 0.15),
        (5.4, 0.55),
        (6.6, 1.05),
        (6.75, 1.2),
        (6.5, 1.2),
        (5.2, 0.75),
        (3.0, 0.45),
        (0.01, 0.45),
    ]
    handle = [
        (3.7, 0, 6.1),
        (4.8, 0, 6.7),
        (6.2, 0, 6.3),
        (6.3, 0, 4.2),
        (5.2, 0, 2.8),
        (3.2, 0, 2.6),
    ]
    return [
        (S.revolve(wall, label=(0.9, 7.0)), paint(label, 0.08, 1.6)),
        (S.revolve(lip), paint(inside, 0.08, 1.6)),
        (S.revolve([(3.95, 6.3), (0.01, 6.3)], rounds=0), paint(coffee, 0.05)),
        (S.revolve(dish), paint(inside, 0.08, 1.6)),
        (S.tube(handle, (0.38, 0.55)), paint(inside, 0.08, 1.6)),
    ]


CAN = 2.0  # a can's label is about twice as wide as high
STRIPES = (-0.3, 0.08, 0.46, 0.84, 1.22)


def apple_carton():
    front = L.apple(
        L.bands("#f4f4ea", (0, 0.2, GREEN), (0.86, 1, GREEN)),
        0.5,
        0.52,
        0.24,
        1.0,
        "#7db929",
        GREEN,
    )
    side = L.bands(GREEN, (0.2, 0.24, "#f4f4ea"))
    return brick(L.atlas(side, front, side, front), "#f4f4ea", "#e0524a")


def milk():
    front = L.waves(L.plain(WHITE), BLUE, 0.34, 0.06, 1)
    side = L.waves(L.plain(WHITE), BLUE, 0.28, 0.0)
    return milk_carton(L.atlas(side, front, side, front), WHITE, BLUE)


DRINKS = {
    "cherry_can": lambda: can(L.zigzag(RED, WHITE, True, (0.2, 0.74), 0.2, 0.58)),
    "cola_can": lambda: can(L.zigzag(RED, WHITE, False, (0.26, 0.8), 0.2, 0.58)),
    "orange_can": lambda: can(L.slice_of_fruit(ORANGE, "#f7a13a", "#f08a1d", CAN)),
    "lemon_can": lambda: can(
        L.waves(L.slice_of_fruit(YELLOW, "#f8e25a", "#f6d83a", CAN, y=0.62), GREEN, 0.14, 0.05)
    ),
    "ginger_can": lambda: can(
        L.bands(CREAM, (0.3, 0.66, "#b5532a"), (0.7, 0.74, "#b5532a"), (0.22, 0.26, "#b5532a"))
    ),
    "tonic_can": lambda: can(L.dots(WHITE, "#2f74c0", (0.2, 0.4, 0.6, 0.8), 8, 0.085, CAN)),
    "juice_bottle": lambda: bottle(
        ORANGE, L.slice_of_fruit(WHITE, ORANGE, "#f08a1d", 4.0, radius=0.4), GREEN
    ),
    "lime_bottle": lambda: longneck(
        L.zigzag(GREEN, "#e9e29a", True, STRIPES, 0.15, 0.6), "#e8b21c"
    ),
    "mint_bottle": lambda: longneck(
        L.zigzag(GREEN, "#e9e29a", False, STRIPES, 0.15, 0.6), "#e8b21c"
    ),
    "apple_carton": apple_carton,
    "milk_carton": milk,
    "coffee_cup": lambda: cup(L.bands(CREAM, (0.35, 0.62, BROWN)), CREAM, "#2a1408"),
}


def soda(hue):
    """A can whose every color has the same hue (in degrees, as HSV counts), white aside."""
    color, rind, flesh = (
        f"hsv({hue},{sat}%,{value}%)" for sat, value in [(92, 90), (70, 96), (82, 93)]
    )
    return can(L.slice_of_fruit(color, rind, flesh, CAN))


# Two extra tasks, apart from the main classes: drinks that differ by nothing but a mirror image,
# and by nothing but their hue.
PAIRS = {
    "mirror": {
        "falling_can": lambda: can(L.lean("#2a4f9e", WHITE, False)),
        "rising_can": lambda: can(L.lean("#2a4f9e", WHITE, True)),
    },
    "hue": {"lemon_soda": lambda: soda(54), "orange_soda": lambda: soda(24)},
}

ALL = DRINKS | PAIRS["mirror"] | PAIRS["hue"]

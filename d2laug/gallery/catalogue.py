"""The catalogue of effects: what an image editor can do, each as one line of code.

`EFFECTS` maps a name to an `Effect`. Its `code(strength)` is the expression that makes the
transform, and `make(strength)` evaluates that very expression: the two cannot differ. A pipeline of
several effects is made by `build(steps)` and written by `export(steps)`, a script for torchvision
(and kornia or scikit-image where they are used) that runs without this package.

Every transform takes pictures `[..., 3, H, W]`, `uint8` (0 to 255) or floating point (0 to 1), one
or many, and returns new ones of the same shape, dtype and range (floats may pass 0 or 1 by a
rounding error). `strength` goes from 0, the picture as it is, to 1. What is random in it follows
`torch.manual_seed`: torchvision draws once for each call, kornia and the functions of
`d2laug.gallery.effects` draw for each picture of a batch. Sizes are in pixels where the library
counts in pixels; they suit pictures of about 100 x 100.

Effects that mix two pictures take the second one from the batch, and mix a picture that comes alone
with its own mirror image. They return pictures only: mix the labels too, as `v2.MixUp` does.
"""

import ast
import difflib
import functools
import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from torch import nn

from d2laug.gallery import effects

Step = tuple[str, float, float]


@dataclass(frozen=True)
class Effect:
    """One effect of the catalogue: `name`, `group`, where it comes from, and when it does harm.

    `library` is "torchvision", "kornia", "scikit-image" or "own" (a function of
    `d2laug.gallery.effects`). `breaks_label` says in one sentence when the label is no longer true.

    >>> import torch
    >>> rotate = EFFECTS["rotate"]
    >>> rotate.code(0.5)
    'v2.RandomRotation(22.5)'
    >>> rotate.make(0.5)(torch.zeros(3, 8, 8)).shape
    torch.Size([3, 8, 8])
    """

    name: str
    group: str
    library: str
    expression: Callable[[float], str]
    breaks_label: str

    def code(self, strength: float = 1.0) -> str:
        """Return the Python expression that makes the transform; `export` adds what it needs.

        Raises `ValueError` for a strength that is not a number from 0 to 1.
        """
        strength = _share("strength", strength)
        return self.expression(strength) if strength > 0 else "v2.Identity()"

    def make(self, strength: float = 1.0) -> nn.Module:
        """Return the transform. `strength` 0 gives back the pictures exactly as they are.

        Raises `ValueError` for a strength that is not a number from 0 to 1.
        """
        return _evaluate(self.code(strength))


def build(steps: Iterable[Step]) -> nn.Module:
    """Return one transform that does all `steps`, in their order.

    A step is `(name, strength, probability)`: a key of `EFFECTS` and two numbers from 0 to 1. No
    step at all gives the pictures as they are. The steps are one `v2.Compose`, in which a step
    with a probability below 1 is a `v2.RandomApply`; its `.transforms`, called one after the other,
    show what each step does to the picture.

    Raises `ValueError` for an unknown name or a number outside 0 to 1, `TypeError` for a step that
    is not a name and two numbers.

    >>> import torch
    >>> transform = build([("rotate", 0.5, 1.0), ("fog", 0.3, 0.5)])
    >>> transform(torch.zeros(2, 3, 8, 8)).shape
    torch.Size([2, 3, 8, 8])
    """
    return _evaluate(_pipeline(steps))


def export(steps: Iterable[Step]) -> str:
    """Return a script that makes the transform of `build(steps)`, without this package.

    It holds imports, the definitions that neither torchvision nor kornia has, and `transform =
    v2.Compose([...])`. For the same `torch.manual_seed` and the same picture this `transform`
    gives the very pixels of `build(steps)`. Raises what `build` raises.

    >>> print(export([("rotate", 0.5, 1.0), ("invert", 1.0, 0.5)]))
    from torchvision.transforms import v2
    <BLANKLINE>
    transform = v2.Compose(
        [
            v2.RandomRotation(22.5),
            v2.RandomApply([v2.RandomInvert(p=1)], p=0.5),
        ]
    )
    <BLANKLINE>
    """
    pipeline = _pipeline(steps)
    definitions = _definitions(pipeline)
    imports = _imports("\n".join([*definitions, pipeline]))
    space = "\n\n\n" if definitions else "\n\n"
    return space.join(["\n".join(imports), *definitions, f"transform = {pipeline}\n"])


def _pipeline(steps: Iterable[Step]) -> str:
    """Return the expression of a whole pipeline, one step a line."""
    lines = [f"        {_step(*_check_step(step))}," for step in steps]
    # v2.Compose refuses an empty list
    return "\n".join(["v2.Compose(", "    [", *(lines or ["        v2.Identity(),"]), "    ]", ")"])


def _step(name: str, strength: float, probability: float) -> str:
    code = EFFECTS[name].code(strength)
    return code if probability == 1 else f"v2.RandomApply([{code}], p={probability:.3g})"


def _check_step(step) -> Step:
    if not isinstance(step, (tuple, list)) or len(step) != 3 or not isinstance(step[0], str):
        raise TypeError(
            f"a step is {step!r}; expected (name, strength, probability), as in ('rotate', 0.5, 1)"
        )
    name, strength, probability = step
    if name not in EFFECTS:
        raise ValueError(_unknown(name))
    return name, _share("strength", strength), _share("probability", probability)


def _unknown(name: str) -> str:
    """Return the sentence for a name that no effect has, with the names that look like it."""
    names, given = {known.lower(): known for known in EFFECTS}, name.lower()
    close = difflib.get_close_matches(given, names)
    close = close or [known for known in names if given and given in known][:3]  # "flip", "blur"
    guess = f"did you mean {' or '.join(repr(names[match]) for match in close)}? The"
    guess = guess if close else "the"
    return f"no effect is called {name!r}; {guess} names are the keys of EFFECTS"


def _share(name: str, value: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number <= 1 or isinstance(value, str):
        raise ValueError(f"{name} is {value!r}; expected a number from 0 to 1")
    return number


# ---- from an expression to what it needs

_IMPORTS = {
    "math": "import math",
    "kornia": "import kornia",
    "K": "import kornia.augmentation as K",
    "skimage": "import skimage",
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "from torch.nn import functional as F",
    "v2": "from torchvision.transforms import v2",
}


@functools.lru_cache(maxsize=512)
def _names(code: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name))


def _imports(code: str) -> list[str]:
    """Return the import lines that `code` needs."""
    names = _names(code)
    return [line for name, line in _IMPORTS.items() if name in names]


def _definitions(code: str) -> list[str]:
    """Return the sources of the own functions that `code` needs, in their order."""
    needed, found = _names(code), {}
    while new := [name for name in needed if name in _EFFECT_FUNCTIONS and name not in found]:
        found |= {name: _source(name) for name in new}
        needed = set().union(*(_names(found[name]) for name in new))
    return [found[name] for name in _EFFECT_FUNCTIONS if name in found]


@functools.cache
def _source(name: str) -> str:
    return inspect.getsource(_EFFECT_FUNCTIONS[name]).rstrip()


_EFFECT_FUNCTIONS = {
    name: thing
    for name, thing in vars(effects).items()
    if getattr(thing, "__module__", None) == effects.__name__
}


def _evaluate(expression: str) -> nn.Module:
    """Make the transform of an expression; kornia and scikit-image load only where named."""
    namespace = dict(_EFFECT_FUNCTIONS)
    exec("\n".join(_imports(expression)), namespace)
    return eval(expression, namespace)


# ---- the catalogue


def _odd(number: float) -> int:
    """Return the nearest odd whole number: kernels have a middle."""
    return 2 * round((number - 1) / 2) + 1


def _kernel(*rows: Sequence[float]) -> str:
    return f"torch.tensor([[{', '.join(str(list(map(float, row))) for row in rows)}]])"


# group: {name: (library, strength -> code, when it breaks the label)}
_CATALOGUE = {
    "flip and geometry": {
        "flip left-right": (
            "torchvision",
            lambda s: f"v2.RandomHorizontalFlip(p={s:.3g})",
            "where left and right differ: writing, arrows, one hand or the other",
        ),
        "flip top-bottom": (
            "torchvision",
            lambda s: f"v2.RandomVerticalFlip(p={s:.3g})",
            "where up and down differ: writing, or a cat, which does not sit on the ceiling",
        ),
        "quarter turn": (
            "kornia",
            lambda s: f"OnBatch(K.RandomRotation90((1, 3), p={s:.3g}))",
            "where up and down differ: a 6 becomes a 9; cells under a microscope do not mind",
        ),
        "rotate": (
            "torchvision",
            lambda s: f"v2.RandomRotation({45 * s:.3g})",
            "where the angle is the answer: a clock, a slope, a leaning mast",
        ),
        "shift": (
            "torchvision",
            lambda s: f"v2.RandomAffine(0, translate=({0.4 * s:.3g}, {0.4 * s:.3g}))",
            "where the place is the answer, or where the object leaves the picture",
        ),
        "shear": (
            "torchvision",
            lambda s: f"v2.RandomAffine(0, shear={40 * s:.3g})",
            "where angles are measured, or italic letters told from upright ones",
        ),
        "affine": (
            "torchvision",
            lambda s: (
                f"v2.RandomAffine({30 * s:.3g}, ({0.2 * s:.3g}, {0.2 * s:.3g}), "
                f"({1 - 0.4 * s:.3g}, {1 + 0.4 * s:.3g}), {20 * s:.3g})"
            ),
            "where angle, place or size are the answer",
        ),
        "mirrored affine": (
            "kornia",
            lambda s: (
                f"OnBatch(K.RandomAffine({30 * s:.3g}, ({0.2 * s:.3g}, {0.2 * s:.3g}), "
                f"({1 - 0.4 * s:.3g}, {1 + 0.4 * s:.3g}), {20 * s:.3g}, "
                "padding_mode='reflection', p=1))"
            ),
            "where objects are counted: the mirrored edge shows some of them twice",
        ),
        "perspective": (
            "torchvision",
            lambda s: f"v2.RandomPerspective({0.7 * s:.3g}, p=1)",
            "where lengths or right angles are measured",
        ),
        "elastic": (
            "torchvision",
            lambda s: f"v2.ElasticTransform(alpha={12 * s:.3g}, sigma=1.5)",
            "where fine lines are the answer, as in small print",
        ),
        "rubber sheet": (
            "kornia",
            lambda s: f"OnBatch(K.RandomThinPlateSpline({0.4 * s:.3g}, p=1))",
            "where the shape is the answer: a bottle gets the belly of another",
        ),
        "swirl": (
            "scikit-image",
            lambda s: (
                f"OnBatch(on_arrays, function=skimage.transform.swirl, strength={4 * s:.3g}, "
                "radius=100)"
            ),
            "where the shape is the answer; no camera takes such a picture",
        ),
        "waves": (
            "own",
            lambda s: f"OnBatch(waves, height={0.12 * s:.3g})",
            "where straight lines matter, as in writing and buildings",
        ),
        "polar waves": (
            "own",
            lambda s: f"OnBatch(polar_waves, height={0.25 * s:.3g})",
            "where the outline is the answer: it turns a disk into a flower",
        ),
        "jigsaw": (
            "kornia",
            lambda s: (
                f"OnBatch(with_sides_divisible, by={1 + math.ceil(4 * s)}, "
                f"transform=K.RandomJigsaw(({1 + math.ceil(4 * s)}, {1 + math.ceil(4 * s)}), p=1))"
            ),
            "where the arrangement of the parts is the answer, as in a face or a word",
        ),
    },
    "size": {
        "crop": (
            "torchvision",
            lambda s: (
                "OnBatch(to_own_size, transform=v2.RandomResizedCrop, "
                f"scale=({1 - 0.92 * s:.3g}, 1))"
            ),
            "where the object, or what tells it from others, is cut away",
        ),
        "crop and pad": (
            "torchvision",
            lambda s: (
                "OnBatch(to_own_size, transform=v2.RandomCrop, "
                f"padding={math.ceil(30 * s)}, padding_mode='edge')"
            ),
            "where the object leaves the picture",
        ),
        "zoom out": (
            "torchvision",
            lambda s: (
                "OnBatch(back_to_size, "
                f"transform=v2.RandomZoomOut(0.5, side_range=(1, {1 + 2 * s:.3g}), p=1))"
            ),
            "where the object becomes too small to be told from others",
        ),
        "pad": (
            "torchvision",
            lambda s: f"OnBatch(back_to_size, transform=v2.Pad({math.ceil(40 * s)}, fill=0.5))",
            "where sizes are measured: a frame makes everything smaller",
        ),
        "stretch": (
            "kornia",
            lambda s: (
                f"OnBatch(K.RandomAffine(0, scale=(1, {1 + s:.3g}, 1, {1 + s:.3g}), "
                "padding_mode='reflection', p=1))"
            ),
            "where proportions are the answer: a can becomes a bottle",
        ),
        "low resolution": (
            "own",
            lambda s: f"OnBatch(low_resolution, share={1 - 0.85 * s:.3g})",
            "where the answer is in fine detail, as in small print",
        ),
        "average pooling": (
            "own",
            lambda s: f"OnBatch(average_pool, size={1 + math.ceil(7 * s)})",
            "where the answer is in fine detail",
        ),
        "max pooling": (
            "own",
            lambda s: f"OnBatch(pool, size={1 + math.ceil(7 * s)}, rank=1)",
            "where dark detail is the answer: thin dark lines vanish",
        ),
        "median pooling": (
            "own",
            lambda s: f"OnBatch(pool, size={1 + math.ceil(7 * s)}, rank=0.5)",
            "where the answer is in fine detail",
        ),
        "min pooling": (
            "own",
            lambda s: f"OnBatch(pool, size={1 + math.ceil(7 * s)}, rank=0)",
            "where bright detail is the answer: thin bright lines vanish",
        ),
    },
    "color": {
        "brightness": (
            "torchvision",
            lambda s: f"v2.ColorJitter(brightness={0.8 * s:.3g})",
            "where day is told from night, or a light that is on from one that is off",
        ),
        "added brightness": (
            "kornia",
            lambda s: f"OnBatch(K.RandomBrightness(({1 - 0.5 * s:.3g}, {1 + 0.5 * s:.3g})))",
            "where dark or bright detail is the answer: it is cut off",
        ),
        "color shift": (
            "kornia",
            lambda s: (
                f"OnBatch(K.RandomRGBShift({0.4 * s:.3g}, {0.4 * s:.3g}, {0.4 * s:.3g}, p=1))"
            ),
            "where the color is the answer",
        ),
        "hue": (
            "torchvision",
            lambda s: f"v2.ColorJitter(hue={0.5 * s:.3g})",
            "where the color is the answer: an orange becomes a lime",
        ),
        "saturation": (
            "torchvision",
            lambda s: f"v2.ColorJitter(saturation=({1 - s:.3g}, {1 + 2 * s:.3g}))",
            "where pale is told from bright, as in ripe and unripe fruit",
        ),
        "color jitter": (
            "torchvision",
            lambda s: f"v2.ColorJitter({0.4 * s:.3g}, {0.4 * s:.3g}, {0.4 * s:.3g}, {0.1 * s:.3g})",
            "where the color is the answer",
        ),
        "fade to gray": (
            "torchvision",
            lambda s: f"v2.ColorJitter(saturation=({1 - s:.3g}, {1 - s:.3g}))",
            "where only the color tells two classes apart",
        ),
        "color temperature": (
            "kornia",
            lambda s: (
                "OnBatch(K.RandomPlanckianJitter(select_from="
                f"list(range({7 - math.ceil(7 * s)}, {8 + math.ceil(17 * s)})), p=1))"
            ),
            "where the light itself is the answer, as in dawn and noon",
        ),
        "channel shuffle": (
            "torchvision",
            lambda s: f"v2.RandomApply([v2.RandomChannelPermutation()], p={s:.3g})",
            "where the color is the answer",
        ),
        "invert": (
            "torchvision",
            lambda s: f"v2.RandomInvert(p={s:.3g})",
            "where the color is the answer; writing can still be read",
        ),
        "solarize": (
            "torchvision",
            lambda s: f"OnBatch(v2.RandomSolarize({1 - 0.7 * s:.3g}, p=1))",
            "where the color of bright parts is the answer",
        ),
        "posterize": (
            "torchvision",
            lambda s: f"v2.RandomPosterize({8 - math.ceil(7 * s)}, p=1)",
            "where small differences of color are the answer, as in a rash on skin",
        ),
        "few colors": (
            "own",
            lambda s: f"OnBatch(few_colors, colors={round(3 * 16 ** (1 - s))})",
            "where small differences of color are the answer",
        ),
        "sepia": (
            "kornia",
            lambda s: f"OnBatch(mix, function=kornia.color.sepia, amount={s:.3g})",
            "where the color is the answer, or old photographs are told from new ones",
        ),
    },
    "contrast": {
        "contrast": (
            "torchvision",
            lambda s: f"v2.ColorJitter(contrast={0.9 * s:.3g})",
            "where faint detail is the answer, as in an X-ray picture",
        ),
        "gamma": (
            "kornia",
            lambda s: f"OnBatch(K.RandomGamma(({1 / (1 + 2 * s):.3g}, {1 + 2 * s:.3g})))",
            "where day is told from dusk",
        ),
        "gamma per channel": (
            "own",
            lambda s: f"OnBatch(gamma_per_channel, most={1 + 2 * s:.3g})",
            "where the color is the answer",
        ),
        "sigmoid contrast": (
            "kornia",
            lambda s: (
                f"OnBatch(mix, function=kornia.enhance.adjust_sigmoid, amount={s:.3g}, "
                "cutoff=0.5, gain=12)"
            ),
            "where dark or bright detail is the answer: it is pressed together",
        ),
        "log contrast": (
            "kornia",
            lambda s: f"OnBatch(mix, function=kornia.enhance.adjust_log, amount={s:.3g})",
            "where bright detail is the answer: it is pressed together",
        ),
        "autocontrast": (
            "torchvision",
            lambda s: f"v2.RandomAutocontrast(p={s:.3g})",
            "where the brightness itself is the answer, as in fog and clear sky",
        ),
        "equalize": (
            "torchvision",
            lambda s: f"v2.RandomEqualize(p={s:.3g})",
            "where the color or the brightness is the answer",
        ),
        "equalize lightness": (
            "own",
            lambda s: f"OnBatch(mix, function=equalize_lightness, amount={s:.3g})",
            "where the brightness is the answer; the hue stays",
        ),
        "CLAHE": (
            "kornia",
            lambda s: (
                f"OnBatch(mix, function=K.RandomClahe((4.0, 4.0), (4, 4), p=1), amount={s:.3g})"
            ),
            "where the brightness of large areas is the answer",
        ),
    },
    "noise and dropout": {
        "Gaussian noise": (
            "torchvision",
            lambda s: f"v2.GaussianNoise(sigma={0.3 * s:.3g})",
            "where the answer is in fine grain, as in cloth and skin",
        ),
        "gray noise": (
            "own",
            lambda s: f"OnBatch(gray_noise, sigma={0.3 * s:.3g})",
            "where the answer is in fine grain; the hue stays",
        ),
        "speckle": (
            "own",
            lambda s: f"OnBatch(speckle, sigma={0.5 * s:.3g})",
            "where the answer is in fine grain of bright parts",
        ),
        "salt and pepper": (
            "kornia",
            lambda s: f"OnBatch(K.RandomSaltAndPepperNoise({0.3 * s:.3g}, 0.5, p=1))",
            "where single pixels matter, as with stars",
        ),
        "coarse salt and pepper": (
            "own",
            lambda s: f"OnBatch(coarse_salt_and_pepper, share={0.3 * s:.3g}, cells=(16, 16))",
            "where small parts are the answer and get covered",
        ),
        "random values": (
            "own",
            lambda s: f"OnBatch(random_values, share={0.5 * s:.3g})",
            "where single pixels matter",
        ),
        "dropout": (
            "own",
            lambda s: f"OnBatch(drop, share={0.6 * s:.3g})",
            "where single pixels matter",
        ),
        "color dropout": (
            "own",
            lambda s: f"OnBatch(drop, share={0.6 * s:.3g}, channels=3)",
            "where single pixels matter, or small spots of color",
        ),
        "coarse dropout": (
            "own",
            lambda s: f"OnBatch(drop, share={0.5 * s:.3g}, cells=(8, 8))",
            "where a small part is the answer and gets covered",
        ),
        "coarse color dropout": (
            "own",
            lambda s: f"OnBatch(drop, share={0.5 * s:.3g}, cells=(8, 8), channels=3)",
            "where the color of a part is the answer",
        ),
        "channel dropout": (
            "kornia",
            lambda s: f"OnBatch(K.RandomChannelDropout(p={s:.3g}))",
            "where the color is the answer: without red, a ripe tomato is black",
        ),
        "cutout": (
            "torchvision",
            lambda s: f"v2.RandomErasing(p=1, scale=({0.25 * s:.3g}, {0.4 * s:.3g}))",
            "where the box covers the object, or the part that tells it from others",
        ),
        "grid of holes": (
            "own",
            lambda s: f"OnBatch(grid_of_holes, share={0.8 * s:.3g})",
            "where small parts are the answer and get covered",
        ),
    },
    "blur": {
        "Gaussian blur": (
            "torchvision",
            lambda s: f"v2.GaussianBlur(15, {0.2 + 3.3 * s:.3g})",
            "where the answer is in fine detail, as in small print",
        ),
        "box blur": (
            "kornia",
            lambda s: f"OnBatch(mix, function=K.RandomBoxBlur((11, 11), p=1), amount={s:.3g})",
            "where the answer is in fine detail",
        ),
        "median blur": (
            "kornia",
            lambda s: f"OnBatch(mix, function=K.RandomMedianBlur((5, 5), p=1), amount={s:.3g})",
            "where thin lines and dots are the answer: they vanish, edges stay",
        ),
        "bilateral blur": (
            "kornia",
            lambda s: (
                "OnBatch(kornia.filters.bilateral_blur, kernel_size=(11, 11), "
                f"sigma_color={0.4 * s:.3g}, sigma_space=(4, 4))"
            ),
            "where faint texture is the answer: it vanishes, edges stay",
        ),
        "motion blur": (
            "kornia",
            lambda s: (
                f"OnBatch(K.RandomMotionBlur({_odd(3 + 16 * s)}, 180.0, 0.0, "
                "border_type='replicate', resample='bilinear', p=1))"
            ),
            "where things that move are told from things that stand",
        ),
        "defocus": (
            "own",
            lambda s: f"OnBatch(defocus, radius={6 * s:.3g})",
            "where the answer is in fine detail, or sharp pictures are sorted from others",
        ),
        "glass blur": (
            "own",
            lambda s: f"OnBatch(glass_blur, distance={0.1 * s:.3g})",
            "where the answer is in fine detail",
        ),
        "zoom blur": (
            "own",
            lambda s: f"OnBatch(zoom_blur, most={0.5 * s:.3g})",
            "where the answer is near the edge of the picture",
        ),
        "mean shift": (
            "own",
            lambda s: f"OnBatch(mean_shift, width={0.3 * s:.3g})",
            "where faint texture is the answer",
        ),
        "tilt shift": (
            "own",
            lambda s: f"OnBatch(mix, function=tilt_shift, amount={s:.3g}, sigma=4.0)",
            "where models are told from the real thing, or the answer lies in the blur",
        ),
    },
    "sharpen and edges": {
        "sharpen": (
            "torchvision",
            lambda s: f"v2.RandomAdjustSharpness({1 + 9 * s:.3g}, p=1)",
            "where smooth surfaces are told from rough ones",
        ),
        "unsharp mask": (
            "kornia",
            lambda s: (
                "OnBatch(mix, function=kornia.filters.unsharp_mask, "
                f"kernel_size=(11, 11), sigma=(3, 3), amount={2 * s:.3g})"
            ),
            "where smooth surfaces are told from rough ones",
        ),
        "edge enhance": (
            "kornia",
            lambda s: (
                f"OnBatch(mix, function=kornia.filters.filter2d, amount={s:.3g}, kernel="
                f"{_kernel((-1, -1, -1), (-1, 9, -1), (-1, -1, -1))})"
            ),
            "where smooth surfaces are told from rough ones",
        ),
        "emboss": (
            "kornia",
            lambda s: (
                f"OnBatch(mix, function=kornia.filters.filter2d, amount={s:.3g}, kernel="
                f"{_kernel((-2, -1, 0), (-1, 1, 1), (0, 1, 2))})"
            ),
            "where bumps are told from hollows",
        ),
        "Laplacian edges": (
            "kornia",
            lambda s: (
                f"OnBatch(mix, function=kornia.filters.laplacian, amount={s:.3g}, "
                "kernel_size=3, normalized=False)"
            ),
            "where the color or the brightness is the answer",
        ),
        "Sobel edges": (
            "kornia",
            lambda s: (
                f"OnBatch(mix, function=kornia.filters.sobel, amount={s:.3g}, normalized=False)"
            ),
            "where the color or the brightness is the answer",
        ),
        "directed edges": (
            "own",
            lambda s: f"OnBatch(mix, function=directed_edges, amount={s:.3g})",
            "where the color is the answer, or lines of all directions are",
        ),
        "Canny edges": (
            "kornia",
            lambda s: f"OnBatch(mix, function=canny_edges, amount={s:.3g})",
            "where color, brightness or texture is the answer",
        ),
        "contour": (
            "own",
            lambda s: f"OnBatch(mix, function=contour, amount={s:.3g})",
            "where the color or the brightness is the answer",
        ),
    },
    "weather": {
        "fog": (
            "own",
            lambda s: f"OnBatch(fog, density={0.95 * s:.3g})",
            "where the weather or the distance is the answer",
        ),
        "clouds": (
            "own",
            lambda s: f"OnBatch(clouds, density={s:.3g})",
            "where the object is covered, or the weather is the answer",
        ),
        "rain": (
            "kornia",
            lambda s: (
                f"OnBatch(K.RandomRain(({math.ceil(100 * s)}, {math.ceil(300 * s)}), (5, 7), "
                "(-2, 3), p=1))"
            ),
            "where the weather is the answer",
        ),
        "snow on the ground": (
            "kornia",
            lambda s: f"OnBatch(K.RandomSnow(({0.5 * s:.3g}, {0.7 * s:.3g}), (1.5, 2.5), p=1))",
            "where the season is the answer, or white is told from dark",
        ),
        "snowflakes": (
            "own",
            lambda s: f"OnBatch(snowflakes, share={0.06 * s:.3g})",
            "where the weather is the answer, or small parts get covered",
        ),
        "frost": (
            "own",
            lambda s: f"OnBatch(frost, density={s:.3g})",
            "where the object is covered, or the season is the answer",
        ),
        "spatter": (
            "own",
            lambda s: f"OnBatch(spatter, share={0.5 * s:.3g})",
            "where clean is told from dirty, or a small part gets covered",
        ),
        "heat haze": (
            "own",
            lambda s: f"OnBatch(heat_haze, height={0.2 * s:.3g})",
            "where the outline is the answer",
        ),
    },
    "camera and compression": {
        "JPEG": (
            "torchvision",
            lambda s: f"OnBatch(v2.JPEG({round(100 * 0.05**s)}), dtype=torch.uint8)",
            "where the answer is in fine detail, or forged pictures are to be found",
        ),
        "lens distortion": (
            "own",
            lambda s: f"OnBatch(lens_distortion, most={0.4 * s:.3g})",
            "where straight lines are told from bent ones, or sizes compared",
        ),
        "vignette": (
            "own",
            lambda s: f"OnBatch(vignette, darkness={s:.3g})",
            "where the answer is in a corner of the picture",
        ),
        "chromatic aberration": (
            "own",
            lambda s: f"OnBatch(chromatic_aberration, amount={0.08 * s:.3g})",
            "where fine colored lines are the answer",
        ),
        "color bleeding": (
            "own",
            lambda s: f"OnBatch(mix, function=color_bleeding, sigma=5.0, amount={s:.3g})",
            "where small colored parts are the answer",
        ),
        "shot noise": (
            "own",
            lambda s: f"OnBatch(shot_noise, photons={10 * 100 ** (1 - s):.3g})",
            "where the answer is in fine grain or in the dark",
        ),
        "lost rows": (
            "own",
            lambda s: f"OnBatch(drop, share={0.5 * s:.3g}, cells=(32, 1))",
            "where thin horizontal parts are the answer",
        ),
    },
    "light": {
        "exposure": (
            "own",
            lambda s: f"OnBatch(exposure, stops={2.5 * s:.3g})",
            "where day is told from night; what is too dark or too bright is lost",
        ),
        "plasma brightness": (
            "kornia",
            lambda s: f"OnBatch(K.RandomPlasmaBrightness(intensity=({0.5 * s:.3g}, {s:.3g}), p=1))",
            "where the brightness of a part is the answer, as in a stain",
        ),
        "plasma shadow": (
            "kornia",
            lambda s: (
                f"OnBatch(K.RandomPlasmaShadow((0.1, 0.4), ({-0.6 * s:.3g}, {-0.3 * s:.3g}), "
                "(0.3, 0.6), p=1))"
            ),
            "where shadows are the answer, as in the shape of a hill",
        ),
        "light from a side": (
            "kornia",
            lambda s: f"OnBatch(K.RandomLinearIllumination(({0.4 * s:.3g}, {0.7 * s:.3g}), p=1))",
            "where the direction of the light is the answer",
        ),
        "spot of light": (
            "kornia",
            lambda s: f"OnBatch(K.RandomGaussianIllumination(({0.4 * s:.3g}, {0.7 * s:.3g}), p=1))",
            "where a light is to be found, or the spot covers the object",
        ),
        "half shadow": (
            "own",
            lambda s: f"OnBatch(half_shadow, darkness={0.8 * s:.3g})",
            "where an edge is the answer: the shadow adds one",
        ),
        "colored light": (
            "own",
            lambda s: f"OnBatch(colored_light, amount={s:.3g})",
            "where the color is the answer",
        ),
        "reflection": (
            "own",
            lambda s: f"OnBatch(reflection, amount={0.8 * s:.3g})",
            "where shiny is told from matte, or a small part gets covered",
        ),
        "bloom": (
            "own",
            lambda s: f"OnBatch(bloom, amount={s:.3g})",
            "where detail near bright places is the answer",
        ),
        "night": (
            "own",
            lambda s: f"OnBatch(night, amount={s:.3g})",
            "where day is told from night, or dark detail is the answer",
        ),
    },
    "artistic": {
        "cartoon": (
            "own",
            lambda s: f"OnBatch(mix, function=cartoon, amount={s:.3g})",
            "where drawings are told from photographs",
        ),
        "oil painting": (
            "own",
            lambda s: f"OnBatch(oil_painting, size={_odd(3 + 6 * s)})",
            "where paintings are told from photographs, or fine detail is the answer",
        ),
        "pencil": (
            "own",
            lambda s: f"OnBatch(mix, function=pencil, amount={s:.3g})",
            "where the color is the answer, or drawings are told from photographs",
        ),
        "halftone": (
            "own",
            lambda s: f"OnBatch(mix, function=halftone, amount={s:.3g})",
            "where fine texture is the answer",
        ),
        "ink": (
            "own",
            lambda s: f"OnBatch(mix, function=ink, amount={s:.3g})",
            "where the color or the shading is the answer",
        ),
        "false colors": (
            "own",
            lambda s: f"OnBatch(mix, function=false_colors, amount={s:.3g})",
            "where the color is the answer",
        ),
        "glitch": (
            "own",
            lambda s: f"OnBatch(glitch, distance={0.3 * s:.3g})",
            "where vertical outlines are the answer",
        ),
        "kaleidoscope": (
            "own",
            lambda s: f"OnBatch(kaleidoscope, mirrors={1 + round(4 * s)})",
            "nearly always: the object is seldom in the slice that is mirrored",
        ),
    },
    "segmentation and mixing": {
        "superpixels": (
            "scikit-image",
            lambda s: f"OnBatch(superpixels, number={round(60 * 20 ** (1 - s))})",
            "where the answer is in fine detail",
        ),
        "some superpixels": (
            "scikit-image",
            lambda s: f"OnBatch(superpixels, number=60, share={0.6 * s:.3g})",
            "where the answer is in fine detail of the painted parts",
        ),
        "Voronoi": (
            "own",
            lambda s: f"OnBatch(voronoi, number={round(60 * 20 ** (1 - s))})",
            "where the outline or fine detail is the answer",
        ),
        "Voronoi grid": (
            "own",
            lambda s: f"OnBatch(voronoi_grid, rows={round(8 * 4 ** (1 - s))})",
            "where the outline or fine detail is the answer",
        ),
        "some Voronoi cells": (
            "own",
            lambda s: f"OnBatch(voronoi, number=60, share={0.6 * s:.3g})",
            "where a small part is the answer and gets painted over",
        ),
        "edges in patches": (
            "own",
            lambda s: (
                f"OnBatch(masked, function=kornia.filters.sobel, normalized=False, mask=patches, "
                f"amount={s:.3g})"
            ),
            "where the color of the changed parts is the answer",
        ),
        "negative in bands": (
            "own",
            lambda s: f"OnBatch(masked, function=v2.RandomInvert(p=1), mask=bands, amount={s:.3g})",
            "where the color is the answer",
        ),
        "blur in checkers": (
            "own",
            lambda s: (
                f"OnBatch(masked, function=blurred, mask=checkers, sigma=4.0, amount={s:.3g})"
            ),
            "where the answer is in fine detail of the blurred parts",
        ),
        "gray for some colors": (
            "own",
            lambda s: f"OnBatch(masked, function=gray, mask=some_colors, amount={s:.3g})",
            "where the color is the answer",
        ),
        "double exposure": (
            "own",
            lambda s: f"OnBatch(double_exposure, amount={0.6 * s:.3g})",
            "where objects are counted: each is seen twice",
        ),
        "MixUp": (
            "own",
            lambda s: f"OnBatch(mix_up, most={0.6 * s:.3g})",
            "always, by the share of the other picture: mix the labels too",
        ),
        "CutMix": (
            "own",
            lambda s: f"OnBatch(cut_mix, share={0.7 * s:.3g})",
            "always, by the share of the other picture: mix the labels too",
        ),
        "patch mix": (
            "own",
            lambda s: f"OnBatch(patch_mix, share={0.6 * s:.3g})",
            "always, by the share of the other picture: mix the labels too",
        ),
        "RandAugment": (
            "torchvision",
            lambda s: f"v2.RandAugment(num_ops=2, magnitude={round(30 * s)})",
            "where one of its fourteen effects does, and it draws two at random",
        ),
        "AugMix": (
            "torchvision",
            lambda s: f"v2.AugMix(severity={max(1, round(10 * s))})",
            "where one of its effects does, though most of the picture stays as it was",
        ),
    },
}

EFFECTS = {
    name: Effect(name, group, library, expression, f"Breaks the label {clause}.")
    for group, entries in _CATALOGUE.items()
    for name, (library, expression, clause) in entries.items()
}
GROUPS = tuple(_CATALOGUE)

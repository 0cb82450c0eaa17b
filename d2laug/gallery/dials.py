"""What a strength is in an effect's own unit, and what becomes of labels, read from its code.

- `dial(name, strength)`: the readout of a dial, in degrees, pixels, factors
- `labels(code)`: whether masks, boxes and points move along with the pixels
"""

import ast
import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator

from d2laug.gallery.catalogue import EFFECTS, OWN, check_share, evaluate


def _levels(*values: float) -> str:
    return " to ".join(f"{255 * value:+.0f}" for value in values) + " of 255 levels"


# What the value of an argument means, or its values. A name with a dot is the argument of one
# function; arguments without a name have it from the signature. What is not here is a share.
_WORDS: dict[str, Callable[..., str]] = {
    "p": lambda p: f"in {p:.0%} of pictures",
    "degrees": lambda a: f"±{a:.3g}°",
    "shear": lambda a: f"shear ±{a:.3g}°",
    "swirl.strength": lambda a: f"{57.2958 * a:.0f}° in the middle",  # it is in radians
    "translate": lambda x, y: f"±{x:.0%} of the sides",
    "scale": lambda low, high, *_: f"size ×{low:.2f} to ×{high:.2f}",
    "RandomResizedCrop.scale": lambda low, high: f"{low:.0%} to {high:.0%} of the area",
    "RandomErasing.scale": lambda low, high: f"{low:.0%} to {high:.0%} of the area",
    # places go from -1 to 1 across the picture
    "RandomThinPlateSpline.scale": lambda a: f"±{a / 2:.0%} of the sides",
    "distortion_scale": lambda a: f"corners up to {a / 2:.0%} of the sides inwards",
    "waves.height": lambda a: f"±{a / 2:.1%} of the sides",
    "heat_haze.height": lambda a: f"±{a / 4:.1%} of the sides",
    "glass_blur.distance": lambda a: f"±{a / 2:.1%} of the sides",
    "glitch.distance": lambda a: f"±{0.75 * a:.1%} of the width",
    "polar_waves.height": lambda a: f"×{1 - a:.2f} to ×{1 + a:.2f} from the middle",
    "chromatic_aberration.amount": lambda a: f"red and blue ±{a:.1%} in size",
    "lens_distortion.most": lambda a: f"bent by ±{a:.0%}",
    "zoom_blur.most": lambda a: f"zoom ×1 to ×{1 + a:.2f}",
    "alpha": lambda a: f"alpha {a:.3g}",
    "grid": lambda rows, columns: f"{rows} × {columns} pieces",
    "by": lambda _: "",
    "padding": lambda n: f"{n} pixels",
    "side_range": lambda low, high: f"frame ×{low:.2f} to ×{high:.2f}",
    "low_resolution.share": lambda a: f"{a:.0%} of the sides",
    "cut_mix.share": lambda a: f"{a:.0%} of the sides",
    "size": lambda n: f"{n} pixels",
    "kernel_size": lambda n: f"{n} pixels",
    "radius": lambda a: f"radius {a:.1f} pixels",
    "GaussianBlur.sigma": lambda a: f"σ {a:.1f} pixels",
    "sigma": lambda a: f"σ {255 * a:.0f} of 255 levels",
    "sigma_color": lambda a: f"σ {255 * a:.0f} of 255 levels",
    "width": lambda a: f"{255 * a:.0f} of 255 levels",
    "speckle.sigma": lambda a: f"σ {a:.0%} of the light",
    "ColorJitter.brightness": lambda a: f"brightness ×{1 - a:.2f} to ×{1 + a:.2f}",
    "ColorJitter.contrast": lambda a: f"contrast ×{1 - a:.2f} to ×{1 + a:.2f}",
    "ColorJitter.saturation": lambda low, high=None: (
        f"saturation ×{low:.2f}"
        if low == high
        else f"saturation ×{1 - low if high is None else low:.2f} to ×{high or 1 + low:.2f}"
    ),
    "ColorJitter.hue": lambda a: f"hue ±{360 * a:.0f}°",
    "RandomBrightness.brightness": lambda low, high: _levels(low - 1, high - 1),
    "r_shift_limit": lambda a: f"±{255 * a:.0f} of 255 levels",
    "g_shift_limit": lambda a: f"±{255 * a:.0f} of 255 levels",
    "b_shift_limit": lambda a: f"±{255 * a:.0f} of 255 levels",
    "threshold": lambda a: f"from {255 * a:.0f} of 255 levels",
    # kornia's table of black bodies goes in steps of 500 K
    "select_from": lambda *rows: f"{3000 + 500 * rows[0]} to {3000 + 500 * rows[-1]} K",
    "bits": lambda n: f"{n} bits",
    "colors": lambda n: f"{n} colors",
    "gamma": lambda low, high: f"γ {low:.2f} to {high:.2f}",
    "gamma_per_channel.most": lambda a: f"γ {1 / a:.2f} to {a:.2f}",
    "sharpness_factor": lambda a: f"×{a:.1f}",
    "number_of_drops": lambda low, high: f"{low} to {high} drops",
    "quality": lambda n: f"quality {n} of 100",
    "photons": lambda n: f"{n:.0f} photons a pixel",
    "stops": lambda a: f"±{a:.1f} stops",
    "mirrors": lambda n: f"{n} mirrors",
    "number": lambda n: f"{n} regions",
    "rows": lambda n: f"{n} × {n} regions",
    "mix_up.most": lambda a: f"{a / 2:.0%} to {a:.0%}",
    "magnitude": lambda n: f"magnitude {n} of 30",
    "severity": lambda n: f"severity {n} of 10",
}


def dial(name: str, strength: float) -> str:
    """Return in words what a strength from 0 to 1 is for an effect, in the effect's own unit.

    The words come from the numbers of `EFFECTS[name].code(strength)` that change with the strength.
    Raises `KeyError` for an unknown name, `ValueError` for a strength that is none from 0 to 1.

    >>> dial("rotate", 0.5), dial("defocus", 0.5), dial("rotate", 0)
    ('±22.5°', 'radius 3.0 pixels', 'off')
    """
    effect, strength = EFFECTS[name], check_share("strength", strength)
    if strength == 0:
        return "off"
    words = []
    for key, value in _arguments(effect.expression(strength)).items():
        if key in _changing(name):
            values = value if isinstance(value, (tuple, list)) else (value,)
            known = _WORDS.get(key) or _WORDS.get(key.partition(".")[2])
            words.append(known(*values) if known else " to ".join(f"{a:.0%}" for a in values))
    alike: dict[str, dict[str, None]] = {}  # names with the same value: it is said once
    for word in filter(None, words):
        name, _, value = word.partition(" ")
        alike.setdefault(value, {})[name] = None
    return ", ".join(f"{', '.join(names)} {value}".strip() for value, names in alike.items())


@functools.cache
def _changing(name: str) -> frozenset[str]:
    """Return which arguments of an effect change with its strength."""
    low, high = (_arguments(EFFECTS[name].expression(strength)) for strength in (0.01, 1))
    return frozenset(key for key in high if low[key] != high[key])


def _arguments(code: str) -> dict[str, object]:
    """Return the numbers of all calls in an expression, by `function.argument`."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    return {
        f"{function}.{name}": value for call in calls for function, name, value in _numbers(call)
    }


def _numbers(call: ast.Call) -> Iterator[tuple[str, str, object]]:
    function, given = call.func, call.args
    options = {str(keyword.arg): keyword.value for keyword in call.keywords}
    if ast.unparse(function) == "OnBatch":  # its options are for the function that it runs
        function = options.get("transform") or options.get("function") or given[0]
        function = function.func if isinstance(function, ast.Call) else function
    elif given:
        with contextlib.suppress(ValueError):  # a function of C says no names
            names = inspect.signature(evaluate(ast.unparse(function))).parameters
            options = dict(zip(names, given, strict=False)) | options
    for name, node in options.items():
        text = ast.unparse(node)
        if not any(isinstance(part, (ast.Name, ast.Attribute)) for part in ast.walk(node)):
            yield ast.unparse(function).rpartition(".")[2], name, ast.literal_eval(text)
        elif text.startswith("list(range("):
            yield ast.unparse(function).rpartition(".")[2], name, evaluate(text)


# What reads a pixel at another place, in the code of an effect or in the functions that it uses.
_MOVERS = {"ElasticTransform", "Pad", "RandomAffine", "RandomCrop", "RandomHorizontalFlip"}
_MOVERS |= {"RandomJigsaw", "RandomPerspective", "RandomResizedCrop", "RandomRotation"}
_MOVERS |= {"RandomRotation90", "RandomThinPlateSpline", "RandomVerticalFlip", "RandomZoomOut"}
_MOVERS |= {"look_up", "partner", "swirl"}


def labels(code: str) -> str:
    """Return what becomes of masks, boxes and points in the step that an effect's code makes.

    They are `tv_tensors`, given beside the picture: `transform(image, boxes)`.

    >>> labels("v2.RandomRotation(22.5)")
    'labels move along'
    """
    moves = bool(_reached(code) & _MOVERS)
    if code.startswith("OnBatch("):
        return f"the picture alone; labels {'are NOT moved' if moves else 'stay'}"
    if code.startswith(("v2.RandAugment", "v2.AugMix")):
        return "refuses masks, boxes and points"
    return "labels move along" if moves else "labels stay"


def _reached(code: str) -> frozenset[str]:
    """Return the names in `code`, those after a dot too, and in the own functions that it uses."""
    found: set[str] = set()
    wanted = [code]
    while wanted:
        nodes = list(ast.walk(ast.parse(wanted.pop())))
        names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        names |= {node.id for node in nodes if isinstance(node, ast.Name)}
        wanted += [inspect.getsource(OWN[name]) for name in names - found if name in OWN]
        found |= names
    return frozenset(found)

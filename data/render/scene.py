"""One picture: a drink on a desk, lights, a camera; path-traced by Mitsuba in spectral mode."""

import functools
import io
from dataclasses import dataclass

import mitsuba as mi
import numpy as np
import shapes
from drinks import ALL
from PIL import Image

mi.set_variant("scalar_spectral")
mi.set_log_level(mi.LogLevel.Error)
T = mi.ScalarTransform4f

DESKS = ("matte", "glossy", "studio", "cloth", "stone")
LAMPS = ("black body", "led")


@dataclass(frozen=True)
class Shot:
    """What is in front of the camera, and where the camera is. Lengths in cm, angles in degrees."""

    drink: str
    seed: int = 0  # of the render's and the camera's noise, and of where the strip lights hang
    kelvin: float = 6500.0  # color temperature of every lamp; the camera is balanced for 6500 K
    desk: str = "matte"
    strips: int = 0  # number of strip lights
    distance: float = 50.0  # from the camera to the point it looks at
    angle: float = 22.0  # of the camera above the desk
    turn: float = 35.0  # of the drink's front to the right (negative: to the left) of the camera
    x: float = 0.0  # where the drink stands: to the right of the middle,
    y: float = 0.0  # and behind it
    roll: float = 0.0  # of the camera around its own axis
    exposure: float = 1.0  # the picture's brightness, 1 as metered
    lamp: str = "black body"  # what every lamp's spectrum is that of
    fill_kelvin: float = 0.0  # color temperature of what comes from everywhere; 0: as the lamps
    bulbs: int = 0  # number of round lamps over the desk
    hidden: float = 0.0  # share of the drink that a box hides: its right part (negative: its left)

    def __post_init__(self):
        if self.drink not in ALL:
            raise ValueError(f"unknown drink {self.drink!r}; known are {', '.join(ALL)}")
        if not 1000 <= self.kelvin <= 40000:
            raise ValueError(f"kelvin must be from 1000 to 40000, not {self.kelvin}")
        if self.desk not in DESKS:
            raise ValueError(f"desk must be one of {', '.join(DESKS)}, not {self.desk!r}")
        if self.lamp not in LAMPS:
            raise ValueError(f"lamp must be one of {', '.join(LAMPS)}, not {self.lamp!r}")
        if self.bulbs < 0 or abs(self.hidden) > 0.5 or self.fill_kelvin < 0:
            raise ValueError(
                "bulbs and fill_kelvin must be 0 or more and hidden from -0.5 to 0.5, not "
                f"{self.bulbs}, {self.fill_kelvin} and {self.hidden}"
            )
        if self.strips < 0 or self.distance < 20 or self.exposure <= 0:
            raise ValueError(
                "strips must be 0 or more, distance at least 20 cm and exposure above 0, not "
                f"{self.strips}, {self.distance} and {self.exposure}"
            )
        if not 0 < self.angle < 80:
            raise ValueError(f"angle must lie between 0 and 80 degrees, not {self.angle}")


@functools.cache
def black_body(kelvin):
    """Planck's law from 360 to 830 nm, scaled to a luminance of 1 (Mitsuba's own has no scale)."""
    nm = np.arange(360.0, 831.0, 5.0)
    planck = nm**-5 / np.expm1(1.4387769e7 / (nm * kelvin))
    y = np.array([mi.cie1931_y(v) for v in nm]).ravel()
    return planck / (planck * y).sum() * y.sum()


def warmth(spectrum, nm):
    """The correlated color temperature of a spectrum, in kelvin, by McCamy's approximation."""
    xyz = sum(
        v * np.array(mi.cie1931_xyz(float(at))).ravel() for v, at in zip(spectrum, nm, strict=True)
    )
    x, y = xyz[:2] / xyz.sum()
    n = (x - 0.3320) / (0.1858 - y)
    return 449 * n**3 + 3525 * n**2 + 6823.3 * n + 5520.33


@functools.cache
def led(kelvin):
    """A white LED from 360 to 830 nm: a narrow blue, and a phosphor's broad yellow or orange.

    As much blue as makes it look like a black body of that temperature; a luminance of 1.
    """
    nm = np.arange(360.0, 831.0, 5.0)
    phosphor = np.exp(-(((nm - np.interp(kelvin, [2700, 6500], [605, 565])) / 52) ** 2) / 2)
    blue = np.exp(-(((nm - 452) / 11) ** 2) / 2)
    shares = np.linspace(0, 2, 201)
    found = [warmth(phosphor + share * blue, nm) for share in shares]
    spectrum = phosphor + np.interp(kelvin, found, shares) * blue
    y = np.array([mi.cie1931_y(v) for v in nm]).ravel()
    return spectrum / (spectrum * y).sum() * y.sum()


SPECTRA = {"black body": black_body, "led": led}


def light(kelvin, strength, lamp="black body"):
    """A lamp's spectrum, of the same luminance at every temperature."""
    values = ", ".join(f"{v:.6g}" for v in strength * SPECTRA[lamp](float(kelvin)))
    return {"type": "regular", "wavelength_min": 360.0, "wavelength_max": 830.0, "values": values}


def lamp(at, width, height, spectrum, weight, roll=0.0, towards=(0, 0, 5), shape="rectangle"):
    """A glowing rectangle or disk; `weight` is its share of the light samples."""
    place = T().look_at(list(at), list(towards), [0, 0, 1]) @ T().rotate([0, 0, 1], roll)
    emitter = {"type": "area", "radiance": spectrum, "sampling_weight": weight}
    shape = {"type": shape, "to_world": place @ T().scale([width / 2, height / 2, 1])}
    return shape | {
        "bsdf": {"type": "diffuse", "reflectance": {"type": "rgb", "value": 0.3}},
        "emitter": emitter,
    }


def texture(color):
    """A color, or a label's picture, as Mitsuba wants it."""
    if isinstance(color, Image.Image):
        # Mitsuba's v runs upwards, a picture's rows downwards.
        return {"type": "bitmap", "bitmap": mi.Bitmap(np.asarray(color)[::-1].copy())}
    rgb = np.array(Image.new("RGB", (1, 1), color))[0, 0] / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return {"type": "rgb", "value": linear.tolist()}


def material(look):
    look = dict(look)
    for key in ("reflectance", "diffuse_reflectance", "base_color"):
        if key in look:
            look[key] = texture(look[key])
    return mi.load_dict({"type": "twosided", "bsdf": look})


def mesh(geometry, bsdf, turn=0.0, at=(0.0, 0.0)):
    """A Mitsuba mesh of a shape, turned about the z axis and moved over the desk."""
    points, normals, uv, faces = geometry
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    spin = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    props = mi.Properties()
    props["bsdf"] = bsdf
    out = mi.Mesh(
        "", len(points), len(faces), props, has_vertex_normals=True, has_vertex_texcoords=True
    )
    params = mi.traverse(out)
    params["vertex_positions"] = (points @ spin + (*at, 0)).ravel().astype(np.float32)
    params["vertex_normals"] = (normals @ spin).ravel().astype(np.float32)
    params["vertex_texcoords"] = uv.ravel().astype(np.float32)
    params["faces"] = faces.ravel().astype(np.uint32)
    params.update()
    return out


@functools.cache
def wood(seed=3, color=(0.80, 0.68, 0.52), boards=6, size=512):
    """A tile of wooden boards: noise stretched along the grain, and thin gaps between boards."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.fft2(rng.normal(size=(size, size)))
    fy, fx = np.meshgrid(*[np.fft.fftfreq(size) * size] * 2, indexing="ij")
    shade = 1.0
    for strength, along, across, shift in [(0.035, 5, 90, 0), (0.05, 3, 14, 7)]:
        grain = np.roll(spectrum, shift) * np.exp(-((fx / along) ** 2) - (fy / across) ** 2)
        grain = np.fft.ifft2(grain).real
        shade = shade + strength * grain / grain.std()
    row = np.arange(size) * boards / size
    shade += 0.05 * rng.normal(size=boards)[row.astype(int)][:, None]
    gap = np.minimum(row % 1, 1 - row % 1) * size / boards / 1.5
    shade *= np.clip(gap, 0.55, 1)[:, None]
    return Image.fromarray(
        (np.clip(np.array(color) * shade[..., None], 0, 1) * 255).astype(np.uint8)
    )


def strip_lights(shot):
    """Strip lights behind the drink, above the picture, which a glossy desk mirrors."""
    rng = np.random.default_rng([shot.seed, 1])
    out = {}
    for k in range(shot.strips):
        at = rng.uniform([-20, 28, 20], [20, 50, 40])
        width, length = rng.uniform([18, 2.5], [36, 5])
        strip = light(shot.kelvin, 16.0)
        out[f"strip{k}"] = lamp(at, width, length, strip, 0.6, rng.uniform(-70, 70))
    return out


def bulbs(shot):
    """Round lamps over the desk and behind it, as of a bar."""
    rng = np.random.default_rng([shot.seed, 3])
    out = {}
    for k in range(shot.bulbs):
        at, size = rng.uniform([-35, -10, 28], [35, 48, 50]), rng.uniform(4, 9)
        glow = light(shot.kelvin, 16.0, shot.lamp)
        out[f"bulb{k}"] = lamp(at, size, size, glow, 0.6, shape="disk")
    return out


def screen(shot):
    """A plain box that stands in front of the drink and hides a part of it from the camera."""
    side, radius = np.sign(shot.hidden), 3.3
    # Its edge is seen where that of the hidden part is; it stands nearer to the camera.
    edge = shot.x + side * radius * (1 - 2 * abs(shot.hidden))
    nearer = 6.0
    edge *= (shot.distance - nearer * np.cos(np.radians(shot.angle))) / shot.distance
    paper = material({"type": "diffuse", "reflectance": "#8a8f96"})
    at = edge + side * 4, shot.y - nearer
    return {f"screen{k}": mesh(part, paper, 0, at) for k, part in enumerate(shapes.box(8, 2, 13))}


@functools.cache
def room(desk):
    """The desk and the wall behind it; in the studio both are gray, without a left or right."""
    if desk == "studio":
        gray = material({"type": "diffuse", "reflectance": "#9a9a9a"})
        sweep = shapes.sweep([(-90, 0), (55, 0), (55, 150)], 400, 60)
        return {"desk": mesh(sweep, gray)}
    top = {"type": "diffuse", "reflectance": wood()}
    if desk == "glossy":
        top = {"type": "principled", "base_color": wood(), "roughness": 0.12, "eta": 1.9}
    if desk == "cloth":
        top = {"type": "diffuse", "reflectance": "#6b4a86"}  # violet: no drink is, nor the lab
    if desk == "stone":
        top = {"type": "principled", "base_color": "#3c3f42", "roughness": 0.08, "eta": 1.9}
    wall = {"type": "diffuse", "reflectance": "#a9b9c0"}
    return {
        "desk": mesh(shapes.sweep([(-90, 0), (55, 0)], 400, 60), material(top)),
        "wall": mesh(shapes.sweep([(55, 0), (55, 150)], 400, 60), material(wall)),
    }


@functools.cache
def parts(drink):
    """A drink's shapes and materials, made once: drawing a label takes a while."""
    return [(geometry, material(look)) for geometry, look in ALL[drink]()]


def build(shot, size):
    """The Mitsuba scene of a shot."""
    if shot.fill_kelvin:  # daylight from a window, say
        everywhere = light(shot.fill_kelvin, 0.35)
    else:
        everywhere = light(shot.kelvin, 0.35, shot.lamp)
    scene = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": 5},
        **room(shot.desk),
        # The fill light comes from everywhere, the key light from a softbox at the upper left; in
        # the studio it hangs over the camera, so that no shadow says which picture is mirrored.
        "fill": {"type": "constant", "radiance": everywhere, "sampling_weight": 1.0},
        "key": lamp(
            (0, -71, 85) if shot.desk == "studio" else (-55, -45, 85),
            *(56, 56),
            light(shot.kelvin, 4.0 if shot.strips or shot.bulbs else 6.0, shot.lamp),
            2.0,
        ),
    }
    for k, (geometry, bsdf) in enumerate(parts(shot.drink)):
        scene[f"part{k}"] = mesh(geometry, bsdf, shot.turn, (shot.x, shot.y))
    scene |= strip_lights(shot) | bulbs(shot) | (screen(shot) if shot.hidden else {})
    a, b = np.radians(shot.angle), np.radians(shot.roll)
    eye = [0.0, -shot.distance * np.cos(a), 7 + shot.distance * np.sin(a)]
    scene["camera"] = {
        "type": "perspective",
        "fov": 26.0,
        "to_world": T().look_at(eye, [0, 0, 7], [np.sin(b), 0, np.cos(b)]),
        "sampler": {"type": "multijitter"},
        "film": {
            "type": "hdrfilm",
            "width": size,
            "height": size,
            "pixel_format": "rgb",
            "component_format": "float32",
            "rfilter": {"type": "gaussian"},
        },
    }
    return mi.load_dict(scene)


def cool(pixels):
    """Hot pixels, as few light paths leave them: not much brighter than the third around them."""
    padded = np.pad(pixels, ((1, 1), (1, 1), (0, 0)), "edge")
    window = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (0, 1))
    around = np.sort(window.reshape(*pixels.shape, 9), -1)[..., 6]
    return np.minimum(pixels, 1.15 * around)


def develop(radiance, shot):
    """A small camera: metered exposure, sensor noise, highlights that roll off, the sRGB curve."""
    rng = np.random.default_rng([shot.seed, 2])
    linear = np.maximum(cool(radiance), 0)
    linear = linear * 0.33 * shot.exposure / np.median(linear @ [0.2126, 0.7152, 0.0722])
    noise = rng.normal(size=linear.shape) * np.sqrt(1e-5 + 3e-4 * np.minimum(linear, 1))
    linear = np.maximum(linear + noise, 0)
    linear = np.where(linear < 0.6, linear, 1 - 0.4 * np.exp((0.6 - linear) / 0.4))
    srgb = np.where(
        linear < 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055
    )
    return Image.fromarray((srgb * 255).round().clip(0, 255).astype(np.uint8))


def render(shot, size=96, spp=25):
    """A `Shot` as a PIL image, `size` pixels square, from `spp` light paths a pixel."""
    if size < 1 or spp < 1:
        raise ValueError(f"size and spp must be 1 or more, not {size} and {spp}")
    film = mi.render(build(shot, size), spp=spp, seed=shot.seed % 2**32)
    return develop(np.array(film), shot)


def jpeg(image):
    """The bytes that a picture is kept as."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, subsampling="4:2:0")
    return out.getvalue()

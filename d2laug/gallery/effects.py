"""Image effects that neither torchvision nor kornia has, each a few lines on a batch of pictures.

A function takes float pictures `[N, 3, H, W]`, 0 to 1, and returns new ones of the same shape;
`OnBatch` runs it on pictures of any dtype, one or many. Random numbers are drawn on the CPU, for
each picture its own, so that `torch.manual_seed` decides the result on every device.

`d2laug.gallery.export` copies these definitions into scripts that run without this package. So they
use torch, torchvision and each other; what else a function needs it imports itself.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.transforms import v2

# ---- running a function on any picture


class OnBatch(nn.Module):
    """Run a function of batches [N, C, H, W] of one dtype on pictures of any dtype, one or many."""

    def __init__(self, function, /, dtype=torch.float32, **options):
        super().__init__()
        self.function, self.dtype, self.options = function, dtype, options

    def forward(self, image):
        check_picture(image)
        if image.numel() == 0:
            return image.clone()
        batch = v2.functional.to_dtype(image, self.dtype, scale=True)
        batch = self.function(batch.reshape(-1, *image.shape[-3:]), **self.options)
        if batch.is_floating_point():
            batch = batch.clamp(0, 1)
        return v2.functional.to_dtype(batch.reshape(image.shape), image.dtype, scale=True)


def check_picture(image):
    """Refuse what would give a wrong picture without a word."""
    if not isinstance(image, torch.Tensor):
        raise TypeError(f"{type(image).__name__} given, but a tensor expected: first v2.ToImage()")
    if image.ndim < 3 or image.shape[-3] != 3:
        raise ValueError(f"shape {list(image.shape)} given, but [..., 3, H, W] expected")
    if image.dtype != torch.uint8 and not image.is_floating_point():
        raise TypeError(f"{image.dtype} given, but uint8 or floating point expected")
    if image.is_floating_point() and image.numel():
        low, high = image.aminmax()
        if not (low >= -0.01 and high <= 1.01):  # NaN, too
            raise ValueError(f"values from {low:.3g} to {high:.3g} given, but 0 to 1 expected")


def mix(batch, function, amount, **options):
    """Go a part of the way, `amount` 0 to 1, from the picture to `function(picture)`."""
    return batch + amount * (function(batch, **options).clamp(0, 1) - batch)


def to_own_size(batch, transform, **options):
    """Make a transform that wants to know the size of its result, and keep the size."""
    return transform(list(batch.shape[-2:]), **options)(batch)


def back_to_size(batch, transform):
    """Run a transform that changes the size, and resize its result."""
    return v2.functional.resize(transform(batch), list(batch.shape[-2:]))


def with_sides_divisible(batch, transform, by):
    """Run a transform that needs sides divisible by `by`: stretch the pictures for it, and back."""
    height, width = batch.shape[-2:]
    stretched = v2.functional.resize(batch, [height + -height % by, width + -width % by])
    return v2.functional.resize(transform(stretched), [height, width])


def on_arrays(batch, function, **options):
    """Run a function of one array H x W x C, such as those of scikit-image, on each picture."""
    arrays = batch.permute(0, 2, 3, 1).cpu().double().numpy()
    results = [torch.from_numpy(function(array, **options).copy()) for array in arrays]
    return torch.stack(results).permute(0, 3, 1, 2).to(batch)


# ---- what many effects are made of


def draw(batch, low=0.0, high=1.0, channels=1):
    """Return a random number for each picture, [N, channels, 1, 1]."""
    return torch.empty(len(batch), channels, 1, 1).uniform_(low, high).to(batch)


def smooth_noise(batch, cells, channels=1):
    """Return noise [N, channels, H, W], 0 to 1: a random grid of cells x cells, made smooth."""
    noise = torch.rand(len(batch), channels, cells, cells).to(batch)
    return F.interpolate(noise, batch.shape[-2:], mode="bicubic").clamp(0, 1)


def cloudy_noise(batch):
    """Return noise [N, 1, H, W], 0 to 1, with large shapes and ever finer detail, as of clouds."""
    noise = sum(smooth_noise(batch, 2**i) / 2**i for i in range(1, 7))
    low, high = noise.amin((1, 2, 3), keepdim=True), noise.amax((1, 2, 3), keepdim=True)
    return (noise - low) / (high - low).clamp(min=1e-6)


def positions(batch):
    """Return where the pixels lie, x and y [N, H, W], from -1 to 1 across the picture."""
    unmoved = torch.eye(2, 3).to(batch).expand(len(batch), 2, 3)
    return F.affine_grid(unmoved, list(batch.shape), align_corners=False).unbind(-1)


def look_up(batch, x, y):
    """Read the picture at the places x, y; beyond its edge it goes on mirrored."""
    places = torch.stack([x, y], -1)
    return F.grid_sample(batch, places, padding_mode="reflection", align_corners=False)


def gray(batch):
    return v2.functional.rgb_to_grayscale(batch)


def blurred(batch, sigma):
    return v2.functional.gaussian_blur(batch, 15, sigma)


# ---- geometry


def waves(batch, height):
    x, y = positions(batch)
    start = draw(batch, 0, 2 * math.pi, channels=2)
    return look_up(
        batch, x + height * (9 * y + start[:, 0]).sin(), y + height * (9 * x + start[:, 1]).sin()
    )


def polar_waves(batch, height):
    """Move each pixel out or in, in waves around the middle."""
    x, y = positions(batch)
    angle = torch.atan2(y, x)
    factor = 1 + height * (5 * angle + draw(batch, 0, 2 * math.pi)[:, 0]).sin()
    return look_up(batch, x * factor, y * factor)


def heat_haze(batch, height):
    x, y = positions(batch)
    right, down = (smooth_noise(batch, 12, channels=2) - 0.5).unbind(1)
    return look_up(batch, x + height * right, y + height * down)


# ---- size


def low_resolution(batch, share):
    """Resize the picture to a share of its sides, and back."""
    small = [max(1, round(share * side)) for side in batch.shape[-2:]]
    return back_to_size(batch, v2.Resize(small))


def pool(batch, size, rank):
    """Fill blocks of size x size pixels with their smallest (rank 0) to largest (1) value."""
    height, width = batch.shape[-2:]
    padded = F.pad(batch, (0, -width % size, 0, -height % size), mode="replicate")
    blocks = padded.unfold(2, size, size).unfold(3, size, size).flatten(-2)
    values = blocks.kthvalue(1 + round(rank * (size * size - 1)), -1).values
    return F.interpolate(values, scale_factor=size)[..., :height, :width]


def average_pool(batch, size):
    """Fill blocks of size x size pixels with their mean."""
    height, width = batch.shape[-2:]
    padded = F.pad(batch, (0, -width % size, 0, -height % size), mode="replicate")
    return F.interpolate(F.avg_pool2d(padded, size), scale_factor=size)[..., :height, :width]


# ---- color and contrast


def few_colors(batch, colors):
    """Paint each pixel in the nearest of a few colors, which k-means finds for each picture."""
    pixels = batch.flatten(2).mT  # [N, H * W, 3]
    centers = pixels[:, torch.randint(pixels.shape[1], (colors,))]
    for _ in range(8):
        nearest = torch.cdist(pixels, centers).argmin(-1, keepdim=True).expand_as(pixels)
        centers = centers.scatter_reduce(1, nearest, pixels, "mean", include_self=False)
    return centers.gather(1, nearest).mT.reshape(batch.shape)


def gamma_per_channel(batch, most):
    return batch ** (math.log(most) * draw(batch, -1, 1, channels=3)).exp()


def equalize_lightness(batch):
    """Equalize the gray version of the picture, and give each pixel its new lightness."""
    old = gray(batch)
    return batch * v2.functional.equalize(old) / old.clamp(min=1 / 255)


# ---- noise and dropout


def gray_noise(batch, sigma):
    """Add the same Gaussian noise to all three channels."""
    return batch + sigma * torch.randn(len(batch), 1, *batch.shape[-2:]).to(batch)


def speckle(batch, sigma):
    """Add noise that is stronger where the picture is brighter, as radar and ultrasound have it."""
    return batch * (1 + sigma * torch.randn(batch.shape).to(batch))


def random_values(batch, share):
    """Put a random value in the place of a share of all values."""
    replaced = torch.rand(batch.shape).to(batch) < share
    return torch.where(replaced, torch.rand(batch.shape).to(batch), batch)


def chosen_cells(batch, share, cells, channels=1):
    """Choose a share of the pixels or of a grid of `cells` (rows, columns): [N, channels, H, W]."""
    cells = cells or batch.shape[-2:]
    chosen = (torch.rand(len(batch), channels, *cells) < share).to(batch)
    return F.interpolate(chosen, batch.shape[-2:])


def drop(batch, share, cells=None, channels=1):
    """Make a share of the pixels or cells black; with 3 channels, in each channel others."""
    return batch * (1 - chosen_cells(batch, share, cells, channels))


def coarse_salt_and_pepper(batch, share, cells):
    """Make a share of the cells black or white."""
    chosen = chosen_cells(batch, share, cells)
    return batch + chosen * (chosen_cells(batch, 0.5, cells) - batch)


def grid_of_holes(batch, share, cells=5):
    """Cut out a regular grid of squares, whose sides are a share of the grid's step."""
    start = draw(batch, channels=2)
    x, y = ((cells / 2 * p + start[:, i]) % 1 < share for i, p in enumerate(positions(batch)))
    return batch * ~(x & y)[:, None]


# ---- blur


def defocus(batch, radius):
    """Spread each pixel over a disk, as a lens does that is out of focus."""
    reach = math.ceil(radius)
    steps = torch.arange(-reach, reach + 1)
    disk = (radius + 0.5 - torch.hypot(steps[:, None].float(), steps.float())).clamp(0, 1)
    kernel = (disk / disk.sum()).to(batch).expand(batch.shape[1], 1, -1, -1)
    padded = F.pad(batch, [reach] * 4, mode="replicate")
    return F.conv2d(padded, kernel, groups=batch.shape[1])


def glass_blur(batch, distance):
    """Read each pixel at a random place nearby, as through rough glass."""
    x, y = positions(batch)
    right, down = distance * (2 * torch.rand(2, *x.shape).to(batch) - 1)
    return look_up(batch, x + right, y + down)


def zoom_blur(batch, most):
    """Average the picture over zooms from 1 to 1 + most, as when the lens zooms while exposing."""
    x, y = positions(batch)
    zooms = torch.linspace(1, 1 + most, 16).tolist()
    return sum(look_up(batch, x / zoom, y / zoom) for zoom in zooms) / len(zooms)


def mean_shift(batch, width, reach=2, rounds=3):
    """Move each color to the mean of the colors nearby that differ by less than about `width`."""
    height, breadth = batch.shape[-2:]
    padded = F.pad(batch, [reach] * 4, mode="replicate")
    offsets = [(i, j) for i in range(2 * reach + 1) for j in range(2 * reach + 1)]
    color = batch
    for _ in range(rounds):
        total = weights = 0
        for i, j in offsets:
            near = padded[..., i : i + height, j : j + breadth]
            weight = torch.exp(-(near - color).square().sum(1, keepdim=True) / width**2)
            total, weights = total + weight * near, weights + weight
        color = total / weights
    return color


def tilt_shift(batch, sigma):
    """Blur what is far above or below a level of random height, as in a picture of a toy world."""
    y = positions(batch)[1][:, None]
    far = (1.5 * (y - draw(batch, -0.4, 0.4)).abs() - 0.2).clamp(0, 1)
    return batch + far * (blurred(batch, sigma) - batch)


# ---- edges


def canny_edges(batch):
    from kornia.filters import canny

    return canny(batch)[1]


def directed_edges(batch):
    """Show how fast the lightness grows in one random direction."""
    down, right = torch.gradient(gray(F.pad(batch, [1] * 4, mode="replicate")), dim=(2, 3))
    angle = draw(batch, 0, 2 * math.pi)
    return (4 * (angle.cos() * right + angle.sin() * down))[..., 1:-1, 1:-1].expand_as(batch)


def contour(batch):
    """Draw what is darker than its surroundings as lines on white."""
    around = F.avg_pool2d(F.pad(batch, [1] * 4, mode="replicate"), 3, stride=1)
    return 1 - 9 * (around - batch).clamp(min=0)


# ---- weather


def fog(batch, density):
    return batch + density * (0.4 + 0.6 * cloudy_noise(batch)) * (0.9 - batch)


def clouds(batch, density):
    white = density * (3 * cloudy_noise(batch) - 1).clamp(0, 1)
    return batch + white * (1 - batch)


def snowflakes(batch, share):
    """Let soft flakes of three sizes fall, the nearest largest and rarest."""
    for cells, sigma in ((48, 0.6), (32, 1.2), (20, 1.8)):
        flakes = chosen_cells(batch, share, (cells, cells))
        flakes = (1.5 * blurred(flakes, sigma)).clamp(0, 1)
        batch = batch + flakes * (1 - batch)
    return batch


def frost(batch, density):
    """Lay white ridges over the picture, thickest at its edge, as ice on a window."""
    x, y = positions(batch)
    edge = torch.maximum(x.abs(), y.abs())[:, None]
    ridges = 1 - (12 * (cloudy_noise(batch) - 0.5)).abs().clamp(0, 1)
    white = density * (0.25 + 0.5 * ridges + edge**2 * cloudy_noise(batch)).clamp(0, 0.9)
    return batch + white * (torch.tensor([0.9, 0.95, 1.0]).to(batch).view(1, 3, 1, 1) - batch)


def spatter(batch, share):
    """Splash drops of mud on the lens."""
    noise = (smooth_noise(batch, 24) + smooth_noise(batch, 10)) / 2
    mud = torch.tensor([0.32, 0.23, 0.14]).to(batch).view(1, 3, 1, 1)
    covered = (15 * (noise - 1 + share)).clamp(0, 1)
    return batch + covered * (mud - batch)


# ---- camera


def lens_distortion(batch, most):
    """Bend straight lines out or in, as a wide-angle lens or a long one does."""
    x, y = positions(batch)
    factor = 1 + draw(batch, -most, most)[:, 0] * (x**2 + y**2 - 1)
    return look_up(batch, x * factor, y * factor)


def vignette(batch, darkness):
    x, y = positions(batch)
    return batch * (1 - darkness * (x**2 + y**2) / 2)[:, None]


def chromatic_aberration(batch, amount):
    """Enlarge red and shrink blue, as a simple lens does."""
    x, y = positions(batch)
    zooms = (1 - amount, 1, 1 + amount)
    planes = [look_up(batch[:, i : i + 1], x * z, y * z) for i, z in enumerate(zooms)]
    return torch.cat(planes, 1)


def color_bleeding(batch, sigma):
    """Blur the color and keep the lightness sharp, as old video and strong compression do."""
    lightness = gray(batch)
    return lightness + blurred(batch - lightness, sigma)


def shot_noise(batch, photons):
    """Count light in photons, at most `photons` a pixel: the fewer, the more the counts vary."""
    return torch.poisson(photons * batch.cpu()).to(batch) / photons


# ---- light


def exposure(batch, stops):
    """Give the picture up to `stops` times twice, or half, the light."""
    light = batch**2.2 * 2 ** draw(batch, -stops, stops)
    return light.clamp(0, 1) ** (1 / 2.2)


def towards(batch):
    """Return how far each pixel lies in a random direction, [N, 1, H, W], about -1 to 1."""
    x, y = positions(batch)
    angle = draw(batch, 0, 2 * math.pi)[:, 0]
    return (x * angle.cos() + y * angle.sin())[:, None]


def half_shadow(batch, darkness):
    """Put one side of the picture into a shadow with a sharp edge."""
    dark = (20 * (towards(batch) - draw(batch, -0.3, 0.3))).clamp(0, 1)
    return batch * (1 - darkness * dark)


def colored_light(batch, amount):
    """Light one side in a random color and the other side in its complement."""
    color = draw(batch, -1, 1, channels=3)
    return batch * (1 + amount * (color - color.mean(1, keepdim=True)) * towards(batch))


def reflection(batch, amount):
    """Add three soft patches of white light, as a glossy surface shows lamps."""
    for _ in range(3):
        x, y = towards(batch) - draw(batch, -1, 1), towards(batch) - draw(batch, -1, 1)
        batch = batch + amount * torch.exp(-((4 * x) ** 4) - (2 * y) ** 4)
    return batch


def bloom(batch, amount):
    """Let bright places shine over their surroundings."""
    return batch + amount * blurred((2 * batch - 1).clamp(min=0), 4.0)


def night(batch, amount):
    """Darken the picture, most of all its red, and add the noise of a camera in the dark."""
    gains = torch.tensor([0.2, 0.28, 0.4]).to(batch).view(1, 3, 1, 1)
    dark = batch * (1 - amount * (1 - gains))
    return dark + 0.04 * amount * torch.randn(batch.shape).to(batch)


# ---- artistic


def cartoon(batch):
    """Flatten the colors to ten and draw the edges in black."""
    from kornia.filters import sobel

    calm = mean_shift(batch, 0.2)
    return few_colors(calm, 10) * (1 - (4 * sobel(gray(calm)) - 0.2).clamp(0, 1))


def oil_painting(batch, size):
    """Give each pixel the mean of the most frequent of eight tones within `size` (odd) pixels."""
    tones = (7.99 * gray(batch)).floor()
    most, painted = torch.zeros_like(tones), batch
    for tone in range(8):
        here = (tones == tone).to(batch)
        share = F.avg_pool2d(here, size, stride=1, padding=size // 2)
        color = F.avg_pool2d(here * batch, size, stride=1, padding=size // 2)
        painted = torch.where(share > most, color / share.clamp(min=1e-6), painted)
        most = torch.maximum(most, share)
    return painted


def pencil(batch):
    """Divide the lightness by its surroundings: only lines are left, on white paper."""
    lightness = gray(batch)
    return ((lightness + 0.02) / (blurred(lightness, 2.5) + 0.02)).clamp(0, 1) ** 3


def halftone(batch, dots=40):
    """Print the picture in black dots, larger where it is darker, as an old newspaper does."""
    x, y = (math.pi * dots / 2 * p for p in positions(batch))
    grid = 0.5 + 0.25 * ((x + y) / 2**0.5).cos() + 0.25 * ((x - y) / 2**0.5).cos()
    return (4 * (gray(batch) - grid[:, None]) + 0.5).clamp(0, 1)


def ink(batch):
    """Make what is lighter than its surroundings white, and the rest black."""
    lightness = gray(batch)
    near = (blurred(lightness, 4.0) + lightness.mean((2, 3), keepdim=True)) / 2
    return (20 * (lightness - near) + 0.5).clamp(0, 1)


def false_colors(batch):
    """Show lightness as a color, round the circle once: from red over green and blue to red."""
    phase = torch.tensor([0.0, 1 / 3, 2 / 3]).to(batch).view(1, 3, 1, 1)
    return 0.5 + 0.5 * (2 * math.pi * (gray(batch) - phase)).cos()


def glitch(batch, distance):
    """Shift bands of rows to the side, red and blue further than green."""
    x, y = positions(batch)
    bands = (2 * torch.rand(len(batch), 1, 12, 1) - 1).to(batch) ** 3
    shift = F.interpolate(bands, batch.shape[-2:])[:, 0]
    factors = (1.0, 0.5, 1.5)
    planes = [
        look_up(batch[:, i : i + 1], x + f * distance * shift, y) for i, f in enumerate(factors)
    ]
    return torch.cat(planes, 1)


def kaleidoscope(batch, mirrors):
    """Mirror one slice of the picture all around its middle."""
    x, y = positions(batch)
    slice_angle = math.pi / mirrors
    angle = (torch.atan2(y, x) % (2 * slice_angle) - slice_angle).abs()
    angle = angle + draw(batch, 0, 2 * math.pi)[:, 0]
    return look_up(batch, torch.hypot(x, y) * angle.cos(), torch.hypot(x, y) * angle.sin())


# ---- segmentation


def paint_regions(batch, regions, share=1.0):
    """Paint a random share of the regions, whole numbers [N, H, W], in their mean colors."""
    index = regions.flatten(1)[:, None]
    count = int(regions.max()) + 1
    sums = batch.new_zeros(len(batch), 3, count)
    index3 = index.expand(-1, 3, -1)
    means = sums.scatter_reduce(2, index3, batch.flatten(2), "mean", include_self=False)
    chosen = (torch.rand(len(batch), 1, count) < share).to(batch.device).gather(2, index)
    return torch.where(chosen, means.gather(2, index3), batch.flatten(2)).reshape(batch.shape)


def superpixels(batch, number, share=1.0):
    """Paint regions of similar color, about `number` of them, in their mean colors."""
    from skimage.segmentation import slic

    arrays = batch.permute(0, 2, 3, 1).cpu().double().numpy()
    regions = [torch.from_numpy(slic(array, number, start_label=0)) for array in arrays]
    return paint_regions(batch, torch.stack(regions).to(batch.device), share)


def voronoi(batch, number, share=1.0):
    """Paint the cells around random points, `number` of them, in their mean colors."""
    points = 2 * torch.rand(len(batch), number, 2) - 1
    return paint_regions(batch, nearest_point(batch, points), share)


def voronoi_grid(batch, rows, jitter=0.3):
    """Paint the cells around the points of a shaken grid in their mean colors."""
    steps = (torch.arange(rows) + 0.5) / rows * 2 - 1
    grid = torch.cartesian_prod(steps, steps).expand(len(batch), -1, -1)
    points = grid + jitter / rows * (2 * torch.rand(grid.shape) - 1)
    return paint_regions(batch, nearest_point(batch, points))


def nearest_point(batch, points):
    """Return for each pixel which of the points [N, number, 2] is nearest, [N, H, W]."""
    places = torch.stack(positions(batch), -1)
    nearest = torch.cdist(places.flatten(1, 2), points.to(batch)).argmin(-1)
    return nearest.reshape(places.shape[:-1])


# ---- blending by a mask


def masked(batch, function, mask, amount, **options):
    """Go a part of the way to `function(picture)`, where `mask(picture)` [N, 1, H, W] is 1."""
    return batch + amount * mask(batch) * (function(batch, **options).clamp(0, 1) - batch)


def patches(batch):
    return (8 * (cloudy_noise(batch) - 0.5)).clamp(0, 1)


def bands(batch):
    """Return a mask of winding bands: smooth noise, in steps."""
    return (0.5 + 3 * (25 * smooth_noise(batch, 4)).sin()).clamp(0, 1)


def checkers(batch, cells=6):
    """Return a mask like a chessboard."""
    x, y = ((cells / 2 * (p + 1)).floor() for p in positions(batch))
    return ((x + y) % 2)[:, None]


def some_colors(batch):
    """Return a mask of the pixels whose hue lies in a random third of the color circle."""
    red, green, blue = batch.unbind(1)
    hue = torch.atan2(1.732 * (green - blue), 2 * red - green - blue)[:, None]
    saturated = (8 * (batch.amax(1, keepdim=True) - batch.amin(1, keepdim=True))).clamp(0, 1)
    return saturated * ((hue - draw(batch, -math.pi, math.pi)).cos() > 0.5)


# ---- mixing pictures


def partner(batch):
    """Return another picture for each: its neighbor in the batch; alone, its mirror image."""
    return batch.roll(1, 0) if len(batch) > 1 else batch.flip(-1)


def mix_up(batch, most):
    """Show another picture through this one, with a random weight of up to `most`."""
    return batch + draw(batch, most / 2, most) * (partner(batch) - batch)


def cut_mix(batch, share):
    """Paste a box of another picture, whose sides are `share` of the picture's."""
    x, y = positions(batch)
    room = 1 - share
    left, top = draw(batch, -room, room)[:, 0], draw(batch, -room, room)[:, 0]
    inside = ((x - left).abs() < share) & ((y - top).abs() < share)
    return torch.where(inside[:, None], partner(batch), batch)


def patch_mix(batch, share, cells=(4, 4)):
    """Take a share of the cells of a grid from another picture."""
    return torch.where(chosen_cells(batch, share, cells) > 0, partner(batch), batch)


def double_exposure(batch, amount):
    """Show the picture a second time over itself, moved."""
    x, y = positions(batch)
    moved = look_up(batch, x + draw(batch, -0.5, 0.5)[:, 0], y + draw(batch, -0.5, 0.5)[:, 0])
    return batch + amount * (moved - batch)

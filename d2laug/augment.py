"""Random augmentations of whole batches in which every picture draws its own numbers.

The classes carry the names, the arguments and the defaults of `torchvision.transforms.v2`. Each
takes a batch `[N, 3, H, W]` or one picture `[3, H, W]`, `uint8` (0 to 255) or floating point (0 to
1), on any device, and gives back the same kind; the input is never changed. A transform is two
steps that can be called apart:

- `make_params(batch)` draws the random numbers: a dictionary of CPU tensors, one row per picture;
- `transform(batch, params)` applies them, and is deterministic.

All numbers come from the `generator` given to the transform, or else from the global generator
that `torch.manual_seed` sets, and are drawn on the CPU: one seed, the same pictures on every
device. Leave `generator` out in the workers of a `DataLoader`: each worker would get a copy of it
and draw the same numbers. The results carry no gradient.
"""

import math
from functools import cache
from itertools import accumulate, pairwise

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.transforms.v2.functional import pad

__all__ = [
    "ColorJitter",
    "RandomColorTemperature",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomReflection",
    "RandomResizedCrop",
    "RandomVerticalFlip",
    "adjust_brightness",
    "adjust_color_temperature",
    "adjust_contrast",
    "adjust_hue",
    "adjust_saturation",
    "kelvin_to_gains",
    "to_linear",
    "to_srgb",
]

# Pictures are worked on in groups of at most this many values, so that what is computed in between
# stays in the processor's cache.
_VALUES_AT_ONCE = 2**19


class _Transform(nn.Module):
    """What the transforms share: the check of the input, and one picture as a batch of one."""

    def __init__(self, generator=None):
        super().__init__()
        self.generator = generator

    def forward(self, images):
        return self.transform(images, self.make_params(images))

    @torch.no_grad()
    def transform(self, images, params):
        """Apply the numbers of `params`, one row of each for each picture."""
        batch = _as_batch(images)
        for name, values in params.items():
            if len(values) != len(batch):
                raise ValueError(
                    f"{len(batch)} pictures given, but {name!r} for {len(values)}. "
                    "Draw the numbers with make_params for the same pictures."
                )
        output = self._change(batch, params)
        return output if images.ndim == 4 else output[0]

    def _uniform(self, low, high, *shape):
        device = self.generator.device if self.generator is not None else "cpu"
        numbers = torch.rand(shape, generator=self.generator, dtype=torch.float64, device=device)
        return low + (high - low) * numbers.cpu()


class _RandomFlip(_Transform):
    def __init__(self, p=0.5, *, generator=None):
        super().__init__(generator)
        self.p = _probability(p)

    def extra_repr(self):
        return f"p={self.p}"

    def make_params(self, batch):
        """Draw `{"flipped": bool [N]}`: whether each picture is flipped."""
        return {"flipped": self._uniform(0, 1, len(_as_batch(batch))) < self.p}

    def _change(self, batch, params):
        flipped = params["flipped"]
        if _one_by_one(batch.shape, batch):
            output = batch.clone()
            for i in flipped.nonzero()[:, 0].tolist():
                output[i] = batch[i].flip(self.axis)
            return output
        both = torch.cat([batch, batch.flip(self.axis)])
        chosen = torch.arange(len(batch)) + len(batch) * flipped
        return both.index_select(0, chosen.to(batch.device))


class RandomHorizontalFlip(_RandomFlip):
    """Mirror each picture left to right, with probability `p`.

    >>> batch = torch.arange(4).to(torch.uint8).expand(1, 3, 1, 4)
    >>> RandomHorizontalFlip(p=1)(batch)[0, 0]
    tensor([[3, 2, 1, 0]], dtype=torch.uint8)
    """

    axis = -1


class RandomVerticalFlip(_RandomFlip):
    """Turn each picture upside down, with probability `p`.

    >>> batch = torch.arange(4).to(torch.uint8).view(1, 1, 4, 1).expand(1, 3, 4, 1)
    >>> RandomVerticalFlip(p=1)(batch)[0, 0, :, 0]
    tensor([3, 2, 1, 0], dtype=torch.uint8)
    """

    axis = -2


class RandomResizedCrop(_Transform):
    """Cut a random box out of each picture and resize it to `size`.

    The box has a random share of the picture's area, uniform in `scale`, and a random aspect ratio
    (width / height), log-uniform in `ratio`. Ten tries are made to fit one into the picture, then
    the largest central box of an allowed ratio is taken.

    `size` is `S` or `(height, width)` in pixels. With `antialias=True` a box that is larger than
    `size` is averaged down, with `False` it is sampled; a box that is smaller is the same in both.

    Raises `ValueError` for a `size`, `scale` or `ratio` that is not positive or reversed.

    Source: `torchvision.transforms.v2.RandomResizedCrop` with bilinear interpolation; the crop of
    Szegedy et al., "Going deeper with convolutions", 2014.

    >>> crop = RandomResizedCrop(24, scale=(0.25, 0.25), ratio=(1, 1))
    >>> batch = torch.rand(8, 3, 64, 64)
    >>> params = crop.make_params(batch)
    >>> params["height"]
    tensor([32, 32, 32, 32, 32, 32, 32, 32])
    >>> crop.transform(batch, params).shape
    torch.Size([8, 3, 24, 24])
    """

    def __init__(
        self, size, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), antialias=True, *, generator=None
    ):
        super().__init__(generator)
        self.size = _output_size(size)
        self.scale = _positive_range("scale", scale)
        self.ratio = _positive_range("ratio", ratio)
        self.antialias = bool(antialias)

    def extra_repr(self):
        return (
            f"size={self.size}, scale={self.scale}, ratio={self.ratio}, antialias={self.antialias}"
        )

    def make_params(self, batch):
        """Draw `{"top", "left", "height", "width": int64 [N]}`: each picture's box, in pixels."""
        n, _, height, width = _as_batch(batch).shape
        area = height * width * self._uniform(*self.scale, n, 10)
        ratio = self._uniform(*map(math.log, self.ratio), n, 10).exp()
        w = (area * ratio).sqrt().round()
        h = (area / ratio).sqrt().round()
        fits = (w > 0) & (w <= width) & (h > 0) & (h <= height)
        first = fits.int().argmax(1, keepdim=True)
        central_h, central_w = self._central_box(height, width)
        fits = fits.any(1)
        h = torch.where(fits, h.gather(1, first)[:, 0], central_h)
        w = torch.where(fits, w.gather(1, first)[:, 0], central_w)
        top = torch.where(fits, self._uniform(0, 1, n) * (height - h + 1), (height - h) / 2)
        left = torch.where(fits, self._uniform(0, 1, n) * (width - w + 1), (width - w) / 2)
        return {"top": top.long(), "left": left.long(), "height": h.long(), "width": w.long()}

    def _central_box(self, height, width):
        if width / height < self.ratio[0]:
            return max(1, round(width / self.ratio[0])), width
        if width / height > self.ratio[1]:
            return height, max(1, round(height * self.ratio[1]))
        return height, width

    def _change(self, batch, params):
        boxes = torch.stack([params[k] for k in ("top", "left", "height", "width")], 1)
        _check_boxes(boxes, batch)
        if _one_by_one(self.size, batch):
            return _crop_one_by_one(batch, boxes, self.size, self.antialias)
        could_reduce = batch.shape[2] > self.size[0] or batch.shape[3] > self.size[1]
        if self.antialias and could_reduce:
            return _crop_by_averaging(batch, boxes, self.size)
        return _crop_by_sampling(batch, boxes, self.size)


def _crop_one_by_one(batch, boxes, size, antialias):
    """Crop and resize in a loop: the fastest way on a CPU once the pictures are not tiny."""
    output = batch.new_empty(*batch.shape[:2], *size)
    pictures = zip(boxes.tolist(), batch.split(1), output.split(1), strict=False)
    for (top, left, height, width), picture, result in pictures:
        box = picture.narrow(2, top, height).narrow(3, left, width)
        if (height, width) != size:
            box = box if box.dtype == torch.uint8 else _working(box)
            box = F.interpolate(box, size, mode="bilinear", antialias=antialias)
        result.copy_(box)
    return output


def _crop_by_sampling(batch, boxes, size):
    """Crop and resize by mixing, for each output pixel, the two rows and columns around it."""
    n, channels, height, width = batch.shape
    output = batch.new_empty(n, channels, *size)
    top, left, box_height, box_width = boxes.to(batch.device, _working_dtype(batch)).T[..., None]
    y = top + _places(box_height, size[0])
    x = left + _places(box_width, size[1])
    above = y.long()
    rows = torch.stack([above, (above + 1).clamp_(max=height - 1)], -1)
    shares = torch.stack([above + 1 - y, y - above], -1)
    column = torch.arange(width, device=batch.device)[:, None]
    for i in _groups(0, n, batch):
        table = _working(batch[i]).reshape(-1, width)  # the rows of all planes, one below the other
        first = torch.arange(0, len(table), height, device=batch.device)
        pairs = first.view(-1, channels, 1, 1) + rows[i, None]
        each_share = shares[i, None].expand(pairs.shape).reshape(-1, 2)
        # An embedding bag adds up rows of a table, each multiplied by its share.
        mixed = F.embedding_bag(pairs.view(-1, 2), table, per_sample_weights=each_share, mode="sum")
        columns = (x[i, None] - column).abs_().neg_().add_(1).clamp_(min=0)
        sampled = mixed.view(-1, channels * size[0], width) @ columns
        _write(sampled.view(-1, channels, *size), output[i])
    return output


def _places(length, n):
    """Where in a box that is `length` long the centres of `n` pixels lie that cover it: `[N, n]`.

    0 is the centre of its first pixel.
    """
    place = (torch.arange(n, device=length.device) + 0.5) * (length / n) - 0.5
    return place.clamp(min=0).minimum(length - 1)


def _crop_by_averaging(batch, boxes, size):
    """Crop and resize by weighted means of rows and of columns: two products of matrices."""
    output = batch.new_empty(*batch.shape[:2], *size)
    top, left, height, width = boxes.to(batch.device, _working_dtype(batch)).T[..., None, None]
    for i in _groups(0, len(batch), batch):
        rows = _weights(top[i], height[i], batch.shape[2], size[0])
        columns = _weights(left[i], width[i], batch.shape[3], size[1])
        _write(rows[:, None] @ _working(batch[i]) @ columns[:, None].mT, output[i])
    return output


def _weights(start, length, n_in, n_out):
    """How much each of `n_in` pixels counts in each of `n_out` that cover `length` from `start`.

    Those count that are in the box and less than one output pixel (but at least one input pixel)
    away, the nearer ones more. Returns `[N, n_out, n_in]`.
    """
    step = length / n_out
    pixel = torch.arange(n_in, device=start.device) + 0.5
    place = start + (torch.arange(n_out, device=start.device)[:, None] + 0.5) * step
    weights = (1 - (pixel - place).abs() / step.clamp(min=1)).clamp_(min=0)
    weights *= (pixel > start) & (pixel < start + length)
    return weights / weights.sum(-1, keepdim=True)


class RandomCrop(_Transform):
    """Cut a box of `size` out of a random place of each picture, which `padding` enlarges first.

    `size`: `S` or `(height, width)`; `padding`: that many pixels on each side, both whole numbers.
    What is outside of the picture is black (`padding_mode="constant"`), its last pixel ("edge"), or
    the picture mirrored there, without ("reflect") or with ("symmetric") its last pixel repeated.

    Raises `ValueError` for sizes and paddings that cannot be, and for a picture that is smaller
    than `size`, or too small to be mirrored, when it comes.

    Source: `torchvision.transforms.v2.RandomCrop`; with a padding of 4 it is the usual crop for
    pictures of 32 pixels.

    >>> crop = RandomCrop(32, padding=4, padding_mode="reflect")
    >>> batch = torch.rand(8, 3, 32, 32)
    >>> crop(batch).shape
    torch.Size([8, 3, 32, 32])
    >>> crop.make_params(batch)["top"].max() <= 8
    tensor(True)
    """

    def __init__(self, size, padding=0, padding_mode="constant", *, generator=None):
        super().__init__(generator)
        self.size = _output_size(size)
        if isinstance(padding, bool) or not isinstance(padding, int) or padding < 0:
            raise ValueError(f"padding={padding!r} given, but a whole number from 0 expected.")
        modes = ("constant", "edge", "reflect", "symmetric")
        if padding_mode not in modes:
            raise ValueError(f"padding_mode={padding_mode!r} given, but one of {modes} expected.")
        self.padding, self.padding_mode = padding, padding_mode

    def extra_repr(self):
        return f"size={self.size}, padding={self.padding}, padding_mode={self.padding_mode!r}"

    def make_params(self, batch):
        """Draw `{"top", "left": int64 [N]}`: each box's corner in the enlarged picture."""
        batch = _as_batch(batch)
        room = [side + 2 * self.padding for side in batch.shape[-2:]]
        if room[0] < self.size[0] or room[1] < self.size[1]:
            raise ValueError(
                f"A crop of {self.size} does not fit into a picture of {room}, padding included. "
                "Take a smaller size, or a larger padding."
            )
        return {
            name: (self._uniform(0, 1, len(batch)) * (most - size + 1)).long()
            for name, most, size in zip(("top", "left"), room, self.size, strict=True)
        }

    def _change(self, batch, params):
        least = {"reflect": self.padding + 1, "symmetric": self.padding}.get(self.padding_mode, 0)
        if min(batch.shape[-2:]) < least:
            raise ValueError(
                f"Pictures of {list(batch.shape[-2:])} given, but at least {least} pixels expected "
                f"for padding={self.padding} and padding_mode={self.padding_mode!r}."
            )
        padded = pad(batch, [self.padding] * 4, padding_mode=self.padding_mode)
        boxes = padded.unfold(2, self.size[0], 1).unfold(3, self.size[1], 1)  # all that there are
        every = torch.arange(len(batch), device=batch.device)
        top, left = (params[name].to(batch.device) for name in ("top", "left"))
        return boxes[every, :, top, left]


class ColorJitter(_Transform):
    """Change brightness, contrast, saturation and hue of each picture, in a random order.

    `brightness`, `contrast`, `saturation`: a number `a` for factors uniform in
    `[max(0, 1 - a), 1 + a]`, or `(low, high)`. `hue`: a number up to 0.5 for shifts uniform in
    `[-hue, hue]`, or `(low, high)` within -0.5 to 0.5; 1 is the whole color circle. What is left
    out is not changed.

    `compile=True` has `torch.compile` turn the arithmetic of the hue into one loop. That takes some
    seconds at the first batch, and a C++ compiler and Python's header files on a CPU (Debian's
    `g++` and `python3-dev`), without which `torch.compile` raises an error.

    Raises `ValueError` for negative or reversed values and for hues beyond 0.5, and for floating
    point pictures that hold NaN or values outside 0 to 1.

    Source: `torchvision.transforms.v2.ColorJitter`. On `uint8` the result is rounded once, at the
    end, where torchvision truncates after each step.

    >>> jitter = ColorJitter(brightness=0.5, hue=(0.5, 0.5))
    >>> batch = torch.rand(4, 3, 8, 8)
    >>> params = jitter.make_params(batch)
    >>> sorted(params)
    ['brightness', 'hue', 'order']
    >>> params["hue"]
    tensor([0.5000, 0.5000, 0.5000, 0.5000])
    >>> jitter.transform(batch, params).shape
    torch.Size([4, 3, 8, 8])
    """

    def __init__(
        self,
        brightness=None,
        contrast=None,
        saturation=None,
        hue=None,
        *,
        compile=False,
        generator=None,
    ):
        super().__init__(generator)
        self.compile = bool(compile)
        self.brightness = _jitter_range("brightness", brightness)
        self.contrast = _jitter_range("contrast", contrast)
        self.saturation = _jitter_range("saturation", saturation)
        self.hue = _jitter_range("hue", hue, center=0, bounds=(-0.5, 0.5))

    def extra_repr(self):
        names = [*_COLOR_STEPS, "compile"] if self.compile else _COLOR_STEPS
        return ", ".join(f"{name}={getattr(self, name)}" for name in names)

    def make_params(self, batch):
        """Draw `{"brightness", "contrast", "saturation", "hue": float [N], "order": int64 [N, 4]}`.

        `order` numbers the four steps in that sequence: `[3, 0, 1, 2]` shifts the hue first. A step
        that is not asked for has no entry, and its number in `order` is skipped.
        """
        n = len(_as_batch(batch))
        params = {"order": self._uniform(0, 1, n, 4).argsort(1)}
        for name in _COLOR_STEPS:
            if getattr(self, name) is not None:
                params[name] = self._uniform(*getattr(self, name), n).float()
        return params

    def _change(self, batch, params):
        _check_values(batch)
        n, white = len(batch), _white(batch)
        asked_for = torch.tensor([name in params for name in _COLOR_STEPS])
        order = params["order"][asked_for[params["order"]]].view(n, len(params) - 1)
        # Pictures that take the same changes in the same order are put side by side, worked on
        # together, and put back. Contrast and saturation count as one change: 12 orders, not 24.
        # Within an order those come first that take contrast before saturation.
        change = torch.tensor([_BRIGHTNESS, _GRAY, _GRAY, _HUE])[order]
        grays = order[change == _GRAY].view(n, int(asked_for[1:3].sum()))
        contrast_first = (grays[:, :1] == _CONTRAST).any(1)
        code = 2 * (change @ 3 ** torch.arange(order.shape[1])) + ~contrast_first
        code, together = code.sort(stable=True)
        counts = (code // 2).unique_consecutive(return_counts=True)[1].tolist()
        change, contrast_first = change[together], contrast_first[together].tolist()
        ends = pairwise(accumulate(counts, initial=0))
        groups = [i for start, stop in ends for i in _groups(start, stop, batch)]
        values = torch.stack([params.get(name, torch.zeros(n)) for name in _COLOR_STEPS], 1)
        factors = _for_each(values.gather(1, order)[together], batch)
        mixtures = _hue_mixture(_for_each(values[together, 3], batch))
        together = together.to(batch.device)
        output = torch.empty_like(batch, memory_format=torch.contiguous_format)
        # To split once is quicker than to slice in every group.
        for_all = together, factors, 1 - factors, mixtures, output
        for_groups = (x.split([i.stop - i.start for i in groups]) for x in for_all)
        shift_hue = _compiled_shift_hue() if self.compile else _shift_hue
        for i, which, factors, shares, mixture, result in zip(groups, *for_groups, strict=True):
            x = _working(batch.index_select(0, which))
            k = sum(contrast_first[i])
            contrast = iter([slice(k), slice(k, None)])  # in the first grey step, in the second
            numbers = change[i.start].tolist(), factors.unbind(1), shares.unbind(1)
            for step, factor, share in zip(*numbers, strict=True):
                if step == _BRIGHTNESS:
                    x = _multiply(x, factor, white)
                elif step == _GRAY:
                    x = _blend_with_gray(x, share, next(contrast), white)
                else:
                    x = shift_hue(x, mixture, white)
            _write(x, result)
        moved = (code != code[:1]).any()
        return output.index_select(0, together.argsort()) if moved else output


# Each change takes floating point pictures [N, 3, H, W] in 0 to `white`, which it may overwrite,
# and numbers for each of them, as `_for_each` or `_hue_mixture` arranges them.
_BRIGHTNESS, _GRAY, _HUE = range(3)
_CONTRAST = 1  # its number in an order


def _multiply(x, factor, white):
    return x.mul_(factor).clamp_(max=white)


def _blend_with_gray(x, share, contrast, white):
    """Mix in a `share` of the grey version (saturation), in the slice `contrast` of its mean."""
    gray = _gray(x, white)
    mixed_with_mean = gray[contrast]
    mixed_with_mean.copy_(mixed_with_mean.mean((-2, -1), keepdim=True))
    return x.lerp_(gray, share).clamp_(0, white)


def _shift_hue(x, mixture, white):
    """Mix the planes, and keep each pixel between its old smallest and its old largest value."""
    low, high = x.amin(1, keepdim=True), x.amax(1, keepdim=True)
    ends = (low + high).mul_(mixture[:, :1, 3:, None])
    mixed = torch.baddbmm(ends.flatten(2), mixture[..., :3], x.flatten(2))
    return mixed.view_as(x).clamp_(low, high)


@cache
def _compiled_shift_hue():
    """Return a function that does what `_shift_hue` does, in one loop over the pixels.

    The other changes gain nothing by it.
    """

    def shift_hue(x, mixture, white):
        low, high = x.amin(1), x.amax(1)
        shares = mixture[..., None, None]
        planes = [(shares[:, i, :3] * x).sum(1) + shares[:, i, 3] * (low + high) for i in range(3)]
        return torch.stack([plane.clamp(low, high) for plane in planes], 1)

    return torch.compile(shift_hue, dynamic=True)  # dynamic: for groups of pictures of any size


def _hue_mixture(shift):
    """Return how much of red, green, blue and low + high goes into each plane: `[N, 3, 4]`.

    Along the color circle a plane stays at a pixel's largest value for a third of the way, falls
    for a sixth, stays at the smallest for a third and rises for a sixth. A shift by a third of the
    circle swaps the planes. A shift by up to a sixth is a sum of the planes, cut off at the largest
    and at the smallest value, in which the fourth part keeps a grey as it is.
    """
    shift = shift.flatten()
    thirds = (shift * 3).round()
    rest = shift * 6 - thirds * 2  # in sixths of the circle, -1 to 1
    parts = torch.stack([torch.ones_like(rest), 2 * (-rest).relu() - 1, 2 * rest.relu() - 1], 1)
    plane = torch.arange(3, device=shift.device)
    distance = (plane - plane[:, None] + thirds.long()[:, None, None]) % 3
    mixture = parts.gather(1, distance.flatten(1)).view(-1, 3, 3)
    return torch.cat([mixture, (1 - mixture.sum(2, keepdim=True)) / 2], 2)


_COLOR_STEPS = {
    "brightness": _multiply,
    "contrast": lambda x, factor, white: _blend_with_gray(x, 1 - factor, slice(None), white),
    "saturation": lambda x, factor, white: _blend_with_gray(x, 1 - factor, slice(0), white),
    "hue": lambda x, shift, white: _shift_hue(x, _hue_mixture(shift), white),
}


def _for_each(values, batch):
    """Bring numbers for pictures, `[N, ...]`, to `batch`, shaped to act on `[N, 3, H, W]`."""
    return values.to(batch.device, _working_dtype(batch))[..., None, None, None]


def _gray(x, white):
    r, g, b = x.chunk(3, dim=1)
    gray = (r * 0.2989).add_(g, alpha=0.587).add_(b, alpha=0.114)
    return gray.floor_() if white == 255 else gray


def adjust_brightness(images, factor):
    """Multiply pictures by `factor`; 0 is black, 1 changes nothing.

    `images`: `[N, 3, H, W]` or `[3, H, W]`, `uint8` or floating point in 0 to 1. `factor`: a number
    or one for each picture, not negative. Raises `ValueError` where these do not hold.

    Source: `torchvision.transforms.v2.functional.adjust_brightness`.

    >>> adjust_brightness(torch.full((3, 1, 1), 0.5), 1.5).flatten()
    tensor([0.7500, 0.7500, 0.7500])
    """
    return _adjust("brightness", images, factor)


def adjust_contrast(images, factor):
    """Pull pictures away from the mean of their grey (factor above 1) or to it (below 1).

    Arguments and errors: as of `adjust_brightness`.
    Source: `torchvision.transforms.v2.functional.adjust_contrast`.

    >>> adjust_contrast(torch.tensor([0.2, 0.6]).expand(3, 1, 2), 0)[0].round(decimals=3)
    tensor([[0.4000, 0.4000]])
    """
    return _adjust("contrast", images, factor)


def adjust_saturation(images, factor):
    """Pull each pixel away from its own grey (factor above 1) or to it (below 1).

    Arguments and errors: as of `adjust_brightness`.
    Source: `torchvision.transforms.v2.functional.adjust_saturation`.

    >>> adjust_saturation(torch.tensor([1.0, 0, 0]).view(3, 1, 1), 0).flatten()
    tensor([0.2989, 0.2989, 0.2989])
    """
    return _adjust("saturation", images, factor)


def adjust_hue(images, shift):
    """Move the hue of every pixel along the color circle.

    `shift`: a number or one for each picture, -0.5 to 0.5, where 1 is the whole circle. Other
    arguments and errors: as of `adjust_brightness`. Source: the formulas of HSV, as of
    `torchvision.transforms.v2.functional.adjust_hue`.

    >>> adjust_hue(torch.tensor([1.0, 0, 0]).view(3, 1, 1), 1 / 3).flatten().round().abs()
    tensor([0., 1., 0.])
    """
    return _adjust("hue", images, shift)


@torch.no_grad()
def _adjust(name, images, factor):
    factor = torch.as_tensor(factor, dtype=torch.float32)
    low, high = (-0.5, 0.5) if name == "hue" else (0, math.inf)
    if not ((low <= factor) & (factor <= high) & factor.isfinite()).all():
        raise ValueError(f"{name} {factor.tolist()} given, but {low} to {high} expected.")
    batch = _as_batch(images)
    _check_values(batch)
    x = batch.to(_working_dtype(batch), copy=True)
    factor = _for_each(_one_each(name, factor, batch), batch)
    x = _COLOR_STEPS[name](x, factor, _white(batch))
    return _write(x, torch.empty_like(batch)).view(images.shape)


def to_linear(srgb):
    """Turn sRGB values (0 to 1, as in a picture file) into amounts of light (0 to 1).

    Any floating point tensor; the inverse is `to_srgb`. Source: IEC 61966-2-1.

    >>> to_linear(torch.tensor([0.0, 0.5, 1.0]))
    tensor([0.0000, 0.2140, 1.0000])
    """
    return torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def to_srgb(linear):
    """Turn amounts of light (0 to 1) into sRGB values (0 to 1, as in a picture file).

    Any floating point tensor; the inverse is `to_linear`. Source: IEC 61966-2-1.

    >>> to_srgb(torch.tensor([0.0, 0.2140, 1.0]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    return torch.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


_KELVIN = (2000, 20000)


def kelvin_to_gains(kelvin):
    """Return what light of a black body at `kelvin` does to red, green and blue.

    `kelvin`: a number or a tensor `[...]`, 2000 to 20000, else `ValueError`. Returns factors on
    linear light, `[..., 3]`, for a camera whose white balance is set to 6500 K: there all three are
    1, below it red grows and blue shrinks. The luminance of white stays 1.

    Source: Planck's law, seen by the CIE 1931 observer as fitted by Wyman, Sloan and Shirley,
    "Simple analytic approximations to the CIE XYZ color matching functions", JCGT 2013, in the
    primaries of sRGB. Chromaticities are within 0.003 of the published Planckian locus. Below about
    1900 K the light lies outside of what sRGB can show.

    >>> kelvin_to_gains(torch.tensor([3000.0, 6500.0]))
    tensor([[1.6940, 0.8680, 0.2636],
            [1.0000, 1.0000, 1.0000]])
    """
    kelvin = torch.as_tensor(kelvin, dtype=torch.float64)
    _check_kelvin(kelvin)
    rgb = _black_body(kelvin) / _black_body(6500.0)
    luminance = rgb @ rgb.new_tensor([0.2126, 0.7152, 0.0722])
    return (rgb / luminance.unsqueeze(-1)).float()


def _black_body_xyz(kelvin):
    nm = torch.arange(360, 831, dtype=torch.float64)
    light = nm**-5 / torch.expm1(1.438777e7 / (nm * torch.as_tensor(kelvin).unsqueeze(-1)))

    def lobe(height, center, below, above):
        width = torch.where(nm < center, below, above)
        return height * torch.exp(-0.5 * ((nm - center) / width) ** 2)

    x = lobe(1.056, 599.8, 37.9, 31.0) + lobe(0.362, 442.0, 16.0, 26.7)
    x = x + lobe(-0.065, 501.1, 20.4, 26.2)
    y = lobe(0.821, 568.8, 46.9, 40.5) + lobe(0.286, 530.9, 16.3, 31.1)
    z = lobe(1.217, 437.0, 11.8, 36.0) + lobe(0.681, 459.0, 26.0, 13.8)
    return light @ torch.stack([x, y, z], 1)


_XYZ_TO_RGB = torch.tensor(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ],
    dtype=torch.float64,
)


def _black_body(kelvin):
    return _black_body_xyz(kelvin) @ _XYZ_TO_RGB.mT


@torch.no_grad()
def adjust_color_temperature(images, kelvin):
    """Light pictures that were taken under 6500 K with a black body at `kelvin` instead.

    Each channel is turned into linear light, multiplied by its part of `kelvin_to_gains`, cut off
    at white, and turned back.

    `images`: `[N, 3, H, W]` or `[3, H, W]`, `uint8` or floating point in 0 to 1. `kelvin`: a number
    or one for each picture, 2000 to 20000. Raises `ValueError` where these do not hold.

    >>> white = torch.ones(3, 1, 1)
    >>> adjust_color_temperature(white, 3000).flatten()
    tensor([1.0000, 0.9396, 0.5503])
    """
    batch = _as_batch(images)
    _check_values(batch)
    kelvin = _one_each("kelvin", torch.as_tensor(kelvin), batch)
    gains = kelvin_to_gains(kelvin)[..., None].to(batch.device)

    def lit(planes, gains):
        return to_srgb((to_linear(planes) * gains).clamp_(max=1))

    output = torch.empty_like(batch, memory_format=torch.contiguous_format)
    for i in _groups(0, len(batch), batch):
        if (
            batch.dtype == torch.uint8
        ):  # 256 levels: work them out once for each plane, look them up
            levels = torch.arange(256, device=batch.device) / 255
            table = lit(levels, gains[i]).mul_(255).round_().to(torch.uint8)
            lookup = table.gather(2, batch[i].flatten(2).long())
            output[i] = lookup.view_as(output[i])
        else:
            output[i] = lit(_working(batch[i]), gains[i, ..., None])
    return output.view(images.shape)


class RandomColorTemperature(_Transform):
    """Light each picture with a black body of random temperature, as `adjust_color_temperature`.

    `kelvin`: `(low, high)` within 2000 to 20000. The draws are uniform in 1 / kelvin, because equal
    steps of that look about equally large: 2500 to 3000 K is a bigger change than 8000 to 8500 K.
    The pictures are taken to be balanced for 6500 K. Raises `ValueError` for other temperatures.

    >>> warm = RandomColorTemperature(kelvin=(2500, 4000))
    >>> params = warm.make_params(torch.rand(100, 3, 4, 4))
    >>> bool((params["kelvin"] >= 2500).all() and (params["kelvin"] <= 4000).all())
    True
    """

    def __init__(self, kelvin=(2500, 10000), *, generator=None):
        super().__init__(generator)
        self.kelvin = _positive_range("kelvin", kelvin)
        _check_kelvin(torch.tensor(self.kelvin))

    def extra_repr(self):
        return f"kelvin={self.kelvin}"

    def make_params(self, batch):
        """Draw `{"kelvin": float [N]}`: each picture's color temperature."""
        low, high = self.kelvin
        kelvin = 1 / self._uniform(1 / high, 1 / low, len(_as_batch(batch)))
        return {"kelvin": kelvin.float().clamp(low, high)}

    def _change(self, batch, params):
        return adjust_color_temperature(batch, params["kelvin"])


class RandomReflection(_Transform):
    """Add soft bright patches and streaks, as a glossy desk under strip lights shows them.

    A picture is changed with probability `p`. It gets `number` `(fewest, most)` soft-edged boxes of
    white light anywhere in the picture, in random directions. `strength` `(low, high)`: how bright
    each is, in linear light where 1 is white (a lamp's mirror image is brighter). `size`
    `(low, high)`: its width, as a share of the picture's shorter side; its length is one to five
    times that.

    The light is added, as a reflection adds it. With `auto_exposure`, the camera makes up for it:
    the whole picture is darkened until its mean amount of light is what it was before, by two stops
    (to a quarter) at most. What is brighter than white then is cut off.

    Raises `ValueError` for ranges that are reversed or not positive and for pictures that hold NaN
    or lie outside 0 to 1.

    >>> reflection = RandomReflection(p=1, number=(2, 2))
    >>> batch = torch.zeros(5, 3, 32, 32)
    >>> params = reflection.make_params(batch)
    >>> params["strength"].shape
    torch.Size([5, 2])
    >>> bool((reflection.transform(batch, params) >= batch).all())
    True
    """

    def __init__(
        self,
        p=0.5,
        strength=(0.2, 2.0),
        number=(1, 3),
        size=(0.1, 0.3),
        auto_exposure=True,
        *,
        generator=None,
    ):
        super().__init__(generator)
        self.p = _probability(p)
        self.strength = _positive_range("strength", strength)
        self.number = tuple(map(int, _positive_range("number", number)))
        if self.number != tuple(number):
            raise ValueError(f"number={number} given, but whole numbers expected.")
        self.size = _positive_range("size", size)
        self.auto_exposure = bool(auto_exposure)

    def extra_repr(self):
        return (
            f"p={self.p}, strength={self.strength}, number={self.number}, size={self.size}, "
            f"auto_exposure={self.auto_exposure}"
        )

    def make_params(self, batch):
        """Draw, for each of the `K = number[1]` boxes of each picture, float `[N, K]`:

        `strength` (0: this box is not there), centre `x` and `y` (0 to 1 across the picture),
        `length` and `width` (shares of the shorter side), `angle` (radians, 0 along x).
        """
        shape = len(_as_batch(batch)), self.number[1]
        count = self._uniform(self.number[0], self.number[1] + 1, shape[0], 1).floor()
        count *= self._uniform(0, 1, shape[0], 1) < self.p
        present = torch.arange(shape[1]) < count
        width = self._uniform(*self.size, *shape)
        params = {
            "strength": self._uniform(*self.strength, *shape) * present,
            "x": self._uniform(0, 1, *shape),
            "y": self._uniform(0, 1, *shape),
            "length": width * self._uniform(0, math.log(5), *shape).exp(),
            "width": width,
            "angle": self._uniform(0, math.pi, *shape),
        }
        return {name: values.float() for name, values in params.items()}

    def _change(self, batch, params):
        _check_values(batch)
        output = batch.clone()
        lit = params["strength"].any(1).nonzero()[:, 0]
        for group in _groups(0, len(lit), batch):
            i = lit[group]
            light = _boxes_of_light({k: v[i].to(batch.device) for k, v in params.items()}, batch)
            i = i.to(batch.device)
            x = _to_linear(batch.index_select(0, i))
            before = x.mean((1, 2, 3), keepdim=True)
            x = x.add_(light)
            if self.auto_exposure:
                x *= (before / x.mean((1, 2, 3), keepdim=True)).clamp_(min=1 / 4)
            output[i] = _to_srgb(x.clamp_(max=1), batch.dtype)
        return output


def _to_linear(batch):
    """Turn pictures into amounts of light; the 256 levels of `uint8` are looked up in a table."""
    if batch.dtype != torch.uint8:
        return to_linear(_working(batch))
    table = to_linear(torch.arange(256, device=batch.device) / 255)
    return table.index_select(0, batch.flatten().int()).view(batch.shape)


_LIGHT_LEVELS = 2**15  # so many that two neighbours are at most 0.1 levels of `uint8` apart


def _to_srgb(light, dtype):
    """Turn amounts of light back into pictures; for `uint8` they are looked up in a table."""
    if dtype != torch.uint8:
        return to_srgb(light).to(dtype)
    level = (light * (_LIGHT_LEVELS - 1)).round_().int()
    table = _table_to_srgb(light.device)
    return table.index_select(0, level.flatten()).view(light.shape)


@cache
def _table_to_srgb(device):
    levels = torch.arange(_LIGHT_LEVELS, device=device) / (_LIGHT_LEVELS - 1)
    return (to_srgb(levels) * 255).round().to(torch.uint8)


def _boxes_of_light(params, batch):
    """Draw the boxes of `RandomReflection` as amounts of light `[N, 1, H, W]`."""
    height, width = batch.shape[-2:]
    scale = 1 / min(height, width)
    light = 0
    for x, y, length, breadth, angle, strength in zip(
        *(params[k].mT for k in ("x", "y", "length", "width", "angle", "strength")), strict=True
    ):
        dx = (torch.arange(width, device=x.device) + 0.5 - x[:, None] * width)[:, None] * scale
        dy = (torch.arange(height, device=x.device) + 0.5 - y[:, None] * height)[..., None] * scale
        cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
        half_length, half_breadth = length[:, None, None] / 2, breadth[:, None, None] / 2
        along = dx * (cos / half_length) + dy * (sin / half_length)
        across = dy * (cos / half_breadth) - dx * (sin / half_breadth)
        edge = along.square_().square_().add_(across.square_().square_())
        # exp(-edge), as a power of two because that is several times faster on a CPU
        light = light + edge.mul_(-1 / math.log(2)).exp2_().mul_(strength[:, None, None])
    return light[:, None]


def _as_batch(images):
    if not isinstance(images, torch.Tensor):
        raise TypeError(
            f"A tensor of pictures [N, 3, H, W] or [3, H, W] expected, but {type(images).__name__} "
            "given. Turn PIL images and arrays into tensors with "
            "torchvision.transforms.v2.functional.to_image."
        )
    if images.ndim not in (3, 4) or images.shape[-3] != 3:
        raise ValueError(
            f"Pictures [N, 3, H, W] or [3, H, W] expected, but shape {list(images.shape)} given. "
            "Repeat a grey channel three times; leave an alpha channel out."
        )
    if images.dtype != torch.uint8 and not images.is_floating_point():
        raise TypeError(
            f"uint8 (0 to 255) or floating point (0 to 1) expected, but {images.dtype} given. "
            "Convert with torchvision.transforms.v2.functional.to_dtype."
        )
    if 0 in images.shape[-2:]:
        raise ValueError(f"Pictures without pixels given: shape {list(images.shape)}.")
    return images if images.ndim == 4 else images[None]


def _check_values(batch):
    """Refuse floats outside 0 to 1 and NaN; `uint8` cannot go wrong and costs nothing."""
    if not batch.is_floating_point() or not len(batch):
        return
    low, high = batch.aminmax()
    # Resizing may leave 0 to 1 by a rounding error.
    if not (low >= -1e-5 and high <= 1 + 1e-5):
        raise ValueError(
            f"Floating point values from {low:.4g} to {high:.4g} given, but 0 to 1 expected. "
            "Divide 0 to 255 by 255, and normalize after the change of colors, not before."
        )


def _check_boxes(boxes, batch):
    height, width = batch.shape[-2:]
    top, left, h, w = boxes.unbind(1)
    inside = (
        (top >= 0) & (left >= 0) & (h > 0) & (w > 0) & (top + h <= height) & (left + w <= width)
    )
    if not inside.all():
        raise ValueError(
            f"Boxes (top, left, height, width) beyond a picture of {height} x {width} given: "
            f"{boxes[~inside].tolist()}."
        )


def _check_kelvin(kelvin):
    low, high = _KELVIN
    if not ((low <= kelvin) & (kelvin <= high)).all():
        raise ValueError(f"kelvin {kelvin.tolist()} given, but {low} to {high} expected.")


def _one_each(name, values, batch):
    if values.ndim > 1 or (values.ndim == 1 and len(values) != len(batch)):
        raise ValueError(
            f"{name} of shape {list(values.shape)} given for {len(batch)} pictures, but one number "
            "for all or one for each expected."
        )
    return values.expand(len(batch))


def _positive_range(name, values):
    low, high = _pair(name, values)
    if not 0 < low <= high < math.inf:
        raise ValueError(f"{name}={values} given, but (low, high) with 0 < low <= high expected.")
    return low, high


def _jitter_range(name, value, center=1, bounds=(0, math.inf)):
    if value is None:
        return None
    if isinstance(value, int | float):
        if value < 0:
            raise ValueError(f"{name}={value} given, but a number that is not negative expected.")
        value = (max(center - value, 0) if center == 1 else -value, center + value)
    low, high = _pair(name, value)
    if not (bounds[0] <= low <= high <= bounds[1] and high < math.inf):
        raise ValueError(
            f"{name}={value} given, but (low, high) expected, in order, within {bounds}."
        )
    return None if low == high == center else (low, high)


def _pair(name, values):
    try:
        low, high = map(float, values)
    except (TypeError, ValueError):
        raise TypeError(f"{name}={values!r} given, but two numbers (low, high) expected.") from None
    return low, high


def _probability(p):
    if not 0 <= p <= 1:
        raise ValueError(f"p={p} given, but a probability from 0 to 1 expected.")
    return p


def _output_size(size):
    height, width = (size, size) if isinstance(size, int) else _pair("size", size)
    if not (height >= 1 and width >= 1 and height == int(height) and width == int(width)):
        raise ValueError(f"size={size} given, but whole numbers of pixels, 1 or more, expected.")
    return int(height), int(width)


def _white(batch):
    return 255 if batch.dtype == torch.uint8 else 1


def _working_dtype(batch):
    return torch.promote_types(batch.dtype, torch.float32)


def _working(batch):
    return batch.to(_working_dtype(batch))


def _write(x, output):
    """Write floating point pictures to `output`, rounded where that is `uint8`."""
    # By way of int16 this is many times faster on a CPU than straight to uint8.
    return output.copy_(x.round_().to(torch.int16) if output.dtype == torch.uint8 else x)


def _one_by_one(shape, batch):
    """Whether a loop over pictures of this shape is faster: on a CPU, where they are not tiny."""
    return batch.is_cpu and shape[-2] * shape[-1] > 40 * 40


def _groups(start, stop, batch):
    """Cut `start` to `stop` into slices of pictures that fit the processor's cache."""
    most = _VALUES_AT_ONCE // math.prod(batch.shape[1:]) if batch.is_cpu else stop - start
    number = math.ceil((stop - start) / max(1, most))  # of slices, about equally long
    ends = [start + (stop - start) * i // number for i in range(number + 1)] if number else []
    return [slice(*pair) for pair in pairwise(ends)]

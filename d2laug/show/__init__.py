"""Figures of the course: grids of pictures, crop boxes, charts."""

from d2laug.show.charts import (
    show_bars,
    show_curves,
    show_dots,
    show_histograms,
    show_learning_curve,
    show_matrix,
    show_ranking,
)
from d2laug.show.grids import draw_box, show_augmented, show_crops, show_images, show_wall, shrink
from d2laug.show.picture import (
    CHANNELS,
    COLORS,
    DPI,
    LINES,
    MOST,
    QUALITY,
    WIDTH,
    Picture,
    counted,
    new_figure,
    to_arrays,
)

__all__ = [
    "CHANNELS",
    "COLORS",
    "DPI",
    "LINES",
    "MOST",
    "QUALITY",
    "WIDTH",
    "Picture",
    "counted",
    "draw_box",
    "new_figure",
    "show_augmented",
    "show_bars",
    "show_crops",
    "show_curves",
    "show_dots",
    "show_histograms",
    "show_images",
    "show_learning_curve",
    "show_matrix",
    "show_ranking",
    "show_wall",
    "shrink",
    "to_arrays",
]

"""Figures: `picture` (arrays, figures and their style), `grids`, `labels` and `charts`."""

from d2laug.show.charts import show_bars, show_curves, show_dots, show_learning_curve, show_matrix
from d2laug.show.grids import show_augmented, show_crops, show_histograms, show_images, show_wall
from d2laug.show.labels import draw_labels
from d2laug.show.picture import CHANNELS, COLORS, LINES, Images, Picture, new_figure, to_arrays

__all__ = ["CHANNELS", "COLORS", "LINES", "Images", "Picture", "new_figure", "to_arrays"]
__all__ += ["draw_labels", "show_augmented", "show_bars", "show_crops", "show_curves", "show_dots"]
__all__ += ["show_histograms", "show_images", "show_learning_curve", "show_matrix", "show_wall"]

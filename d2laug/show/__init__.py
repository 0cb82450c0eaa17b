"""Figures of the course: `picture` (arrays, figures and their style), `grids` and `charts`."""

from d2laug.show.charts import show_bars as show_bars
from d2laug.show.charts import show_curves as show_curves
from d2laug.show.charts import show_dots as show_dots
from d2laug.show.charts import show_histograms as show_histograms
from d2laug.show.charts import show_learning_curve as show_learning_curve
from d2laug.show.charts import show_matrix as show_matrix
from d2laug.show.charts import show_ranking as show_ranking
from d2laug.show.grids import show_augmented as show_augmented
from d2laug.show.grids import show_crops as show_crops
from d2laug.show.grids import show_images as show_images
from d2laug.show.grids import show_wall as show_wall
from d2laug.show.picture import CHANNELS as CHANNELS
from d2laug.show.picture import COLORS as COLORS
from d2laug.show.picture import LINES as LINES
from d2laug.show.picture import QUALITY as QUALITY
from d2laug.show.picture import Images as Images
from d2laug.show.picture import Picture as Picture
from d2laug.show.picture import new_figure as new_figure
from d2laug.show.picture import to_arrays as to_arrays

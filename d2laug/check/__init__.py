"""Answer checks of the exercises: each names the mistake it sees and never ends in a traceback.

Every check tries the learner's function on small pictures and compares the result with the right
one and with what the usual mistakes give. It returns a `Verdict`, whose text a notebook shows. The
checks of a lesson are in the file of its number.
"""

from d2laug.check.answers import Verdict
from d2laug.check.lesson_01 import accuracy, remedies, weakest_class
from d2laug.check.lesson_02 import (
    flip_some,
    flip_top_bottom,
    flips_that_keep_the_label,
    random_flip,
)
from d2laug.check.lesson_03 import center_crop, draw_position, small_crops, to_batch
from d2laug.check.lesson_04 import (
    brightness_uint8,
    color_changes_that_keep_the_label,
    gray_world,
    jitter_batch,
)
from d2laug.check.lesson_05 import (
    camera_pipeline,
    effects_that_keep_the_label,
    emboss,
    posterize,
    salt_and_pepper,
)
from d2laug.check.lesson_06 import before_training_or_testing, draw, one_epoch, order_difference
from d2laug.check.lesson_07 import best_recipe, gain, mean_and_spread
from d2laug.check.lesson_08 import draw_kelvin, fixes, pictures_needed
from d2laug.check.lesson_09 import gap, gap_grows_or_shrinks, padded_crop, shared_gradient
from d2laug.check.lesson_10 import (
    average_answers,
    kept_share,
    mixed_labels,
    recipes_that_keep_the_label,
)
from d2laug.check.lesson_11 import choose_for_validation, honest_tests, on_white, upright
from d2laug.check.lesson_12 import (
    hide,
    shift_later,
    sound_changes_that_keep_the_label,
    total_snr,
)

__all__ = [
    "Verdict",
    "accuracy",
    "average_answers",
    "before_training_or_testing",
    "best_recipe",
    "brightness_uint8",
    "camera_pipeline",
    "center_crop",
    "choose_for_validation",
    "color_changes_that_keep_the_label",
    "draw",
    "draw_kelvin",
    "draw_position",
    "effects_that_keep_the_label",
    "emboss",
    "fixes",
    "flip_some",
    "flip_top_bottom",
    "flips_that_keep_the_label",
    "gain",
    "gap",
    "gap_grows_or_shrinks",
    "gray_world",
    "hide",
    "honest_tests",
    "jitter_batch",
    "kept_share",
    "mean_and_spread",
    "mixed_labels",
    "on_white",
    "one_epoch",
    "order_difference",
    "padded_crop",
    "pictures_needed",
    "posterize",
    "random_flip",
    "recipes_that_keep_the_label",
    "remedies",
    "salt_and_pepper",
    "shared_gradient",
    "shift_later",
    "small_crops",
    "sound_changes_that_keep_the_label",
    "to_batch",
    "total_snr",
    "upright",
    "weakest_class",
]

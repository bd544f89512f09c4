"""How good is a generator? Modes, distances, precision and recall, copies, and intervals.

Every measure takes tensors on any device and arrays, refuses NaN, and draws no random number from
a global generator.
"""

from gan_helpers.evaluation.classifier import Classifier, digit_classifier, train_classifier
from gan_helpers.evaluation.distances import (
    PrecisionRecall,
    frechet_distance,
    noise_floor,
    precision_recall,
    wasserstein_distance,
)
from gan_helpers.evaluation.intervals import Interval, bootstrap_interval, paired_p_value
from gan_helpers.evaluation.memory import Memorisation, NearestImages, memorisation, nearest_images
from gan_helpers.evaluation.modes import (
    HIGH_QUALITY_CEILING,
    ModeCoverage,
    class_histogram,
    high_quality_ceiling,
    mode_coverage,
)

__all__ = [
    "HIGH_QUALITY_CEILING",
    "Classifier",
    "Interval",
    "Memorisation",
    "ModeCoverage",
    "NearestImages",
    "PrecisionRecall",
    "bootstrap_interval",
    "class_histogram",
    "digit_classifier",
    "frechet_distance",
    "high_quality_ceiling",
    "memorisation",
    "mode_coverage",
    "nearest_images",
    "noise_floor",
    "paired_p_value",
    "precision_recall",
    "train_classifier",
    "wasserstein_distance",
]

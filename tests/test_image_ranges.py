"""Wherever images come in, another range than [-1, 1] is refused, and the error says the repair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from gan_helpers import data, evaluation
from gan_helpers.networks import ConvGenerator
from gan_helpers.widgets import LatentExplorer

MEAN, SPREAD = (
    torch.tensor(values)[:, None, None] for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
)  # ImageNet's


def right(channels: int = 1) -> Tensor:
    images = torch.rand(24, channels, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    images[:, :, 0, 0], images[:, :, 7, 7] = -1, 1  # black and white occur
    return images


def as_bytes(images: Tensor) -> Tensor:
    return ((images + 1) * 127.5).to(torch.uint8)


def as_unit(images: Tensor) -> Tensor:
    return (images + 1) / 2


def by_imagenet(images: Tensor) -> Tensor:
    return ((images + 1) / 2 - MEAN) / SPREAD


def classifier() -> evaluation.Classifier:
    labels = torch.arange(24) % 2
    return evaluation.train_classifier(data.ImageData(right(), labels), steps=1)


DOORS: dict[str, Callable[[Tensor], Any]] = {
    "check_images": data.check_images,
    "ImageData": data.ImageData,
    "features": lambda images: classifier().features(images),
    "predict": lambda images: classifier().predict(images),
    "nearest_images, generated": lambda images: evaluation.nearest_images(images, right()),
    "nearest_images, training": lambda images: evaluation.nearest_images(right(), images),
    "memorisation": lambda images: evaluation.memorisation(right(), right(), images),
    "explorer": lambda images: LatentExplorer(ConvGenerator(2, (1, 8, 8), 2), images, sliders=1),
}
WRONG = {
    "bytes": (as_bytes, TypeError, "float|uint8"),
    "[0, 1]": (as_unit, ValueError, r"x \* 2 - 1"),
    "ImageNet's statistics": (lambda x: by_imagenet(x.expand(-1, 3, -1, -1))[:, :1], ValueError,
        "normalisation by channel means"),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", WRONG)
def test_other_ranges_are_refused_at_every_door(door: str, kind: str) -> None:
    """Defect 33: images by ImageNet's statistics, in [0, 1] or as bytes."""
    wrong, error, words = WRONG[kind]
    with pytest.raises(error, match=words):
        DOORS[door](wrong(right()))


def test_imagenets_statistics_reach_beyond_tanh() -> None:
    reach = by_imagenet(right(3).expand(-1, 3, -1, -1))
    assert float(reach.max()) == pytest.approx(2.64, abs=0.01)


def test_a_generator_that_says_its_range_is_not_given_such_data(images_gan) -> None:
    from gan_helpers import train

    gan = images_gan()
    wrong = by_imagenet(right().expand(-1, 3, -1, -1))[:, :1]
    with pytest.raises(ValueError, match=r"can only reach \[-1, 1\]"):
        next(train(gan, data.batches(wrong, 4), 1))

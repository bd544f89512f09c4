"""The pictures of notebook 08: they draw, and what they compute is right."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers.figures.convolution_and_attention import (
    attention_maps,
    bounds,
    trials,
    upsampling,
)
from gan_helpers.plotting import Picture

IMAGES = {"generator": torch.zeros(2, 1, 28, 28), "discriminator": torch.zeros(2, 1, 28, 28)}
MAPS = {name: torch.full((2, 196, 196), 1 / 196) for name in IMAGES}
FEW = {"first": [0.1, 0.2], "second": [1.0], "a third arm": [5.0, 9.0]}

PICTURES: dict[str, Callable[[], Picture]] = {
    "growth": upsampling.play_growth,
    "resized": lambda: upsampling.play_growth(3, 3, upsampling.METHODS[1]),
    "matrix": lambda: upsampling.matrix_picture(np.eye(3, 7), "A finding"),
    "trials": lambda: trials.trials_picture(FEW, "A finding", "distance", floor=0.01),
    "no floor": lambda: trials.trials_picture(FEW, "A finding", "distance"),
    "seeds": lambda: trials.seeds_picture(
        {"MNIST": ([1, 2], [2, 1], [1, 1]), "animals": ([1, 2], [3, 4], [1, 1])},
        ("without", "with", "even gaze"),
        "A finding",
        "distance",
    ),
    "judged": lambda: trials.judged_picture(
        {"one": ([0.5] * 30, [0.4] * 30), "other": ([1.0], [0.0])}, "A finding"
    ),
    "hinge": lambda: bounds.hinge_picture("A finding"),
    "power": lambda: bounds.power_picture(
        np.array([[3.0, 0], [4, 5]]), [np.array([1.0, 0]), np.array([0.6, 0.8])], "A finding"
    ),
    "gaze": lambda: attention_maps.look(IMAGES, MAPS, row=27, column=0),
    "colour": lambda: attention_maps.look(
        {"generator": torch.zeros(1, 3, 32, 32)}, {"generator": torch.eye(64)[None]}
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_readable(name: str) -> None:
    picture = PICTURES[name]()
    assert len(picture.alt) > 0
    assert picture.png().startswith(b"\x89PNG")
    assert picture.smallest_text >= 14
    box = picture._suptitle.get_window_extent()
    assert 0 <= box.x0 <= box.x1 <= picture.bbox.width, "the title is cut off"


@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (4, 2), (5, 2), (2, 2), (6, 3), (3, 1)])
def test_terms_are_counted_as_torch_adds_them(kernel: int, stride: int) -> None:
    ones = torch.ones(1, 1, 6), torch.ones(1, 1, kernel)
    expected = nn.functional.conv_transpose1d(*ones, stride=stride)[0, 0]
    assert np.array_equal(upsampling.overlaps(6, kernel, stride), expected.numpy())
    inside = upsampling.overlaps(9, kernel, stride)[kernel - 1 : 1 - kernel]
    assert (np.ptp(inside) == 0) == (kernel % stride == 0)


def test_growing_counts_in_the_plane_and_resizing_is_even() -> None:
    counts, result = upsampling.grown(3, 2, upsampling.METHODS[0])
    along = upsampling.overlaps(upsampling.INPUT, 3, 2)
    assert np.array_equal(counts, np.outer(along, along))
    assert result.shape == counts.shape
    counts, result = upsampling.grown(3, 2, upsampling.METHODS[1])
    assert np.ptp(counts[2:-2, 2:-2]) == 0
    assert np.ptp(result[2:-2, 2:-2]) < 1e-6
    with pytest.raises(ValueError, match="choose one of"):
        upsampling.grown(3, 2, "both")
    assert "a checkerboard of terms" in upsampling.play_growth(3, 2).get_suptitle()
    assert "as many terms everywhere" in upsampling.play_growth(4, 2).get_suptitle()


def test_the_gaze_is_that_of_the_chosen_pixel() -> None:
    weights = torch.full((1, 196, 196), 1e-4)
    weights[0, 2 * 14 + 3, 5 * 14 + 6] = 0.5  # the place of pixel (4, 7) looks at place (5, 6)
    picture = attention_maps.look(
        {"generator": torch.zeros(1, 1, 28, 28)}, {"generator": weights}, row=4, column=7
    )
    assert "98.0 times" in picture.get_suptitle()
    assert "row 5, column 6" in picture.alt
    with pytest.raises(ValueError, match="the image has 28 x 28"):
        attention_maps.look(IMAGES, MAPS, row=28)
    with pytest.raises(ValueError, match="no division"):
        attention_maps.look(IMAGES, {"generator": torch.ones(1, 150, 150)})

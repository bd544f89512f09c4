"""The pictures of notebook 09: they draw, and what they show is what they were given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from gan_helpers.figures.conditions_and_augmentation import classifiers, conditions, small_data
from gan_helpers.plotting import Picture
from gan_helpers.study import augmentation

FOUND = augmentation.results()
ROWS = np.array([[0, 0.1, 0.1, -0.1], [50, 2, 1, -1], [100, 3, -1, -2]])

PICTURES: dict[str, Callable[[], Picture]] = {
    "score lines": lambda: conditions.score_lines_picture(
        np.linspace(-2, 2, 41), {"a": np.zeros((2, 41)), "b": np.ones((2, 41))}, "A finding"
    ),
    "columns": lambda: conditions.columns_picture(
        torch.zeros(20, 1, 28, 28), ["elephant", *"abcdefghi"], "A finding"
    ),
    "drift": lambda: small_data.drift_picture({"one": ROWS, "two": ROWS}, "A finding"),
    "strength": lambda: small_data.strength_picture([[0, 0.0], [100, 0.4]], "A finding"),
    "sizes": lambda: small_data.sizes_picture(FOUND, [*augmentation.GANS], "A finding"),
    "classifiers": lambda: classifiers.classifiers_picture(FOUND, (100,), "A finding"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_draws_with_text_for_the_back_row(name: str) -> None:
    picture = PICTURES[name]()
    assert picture.png()[:4] == b"\x89PNG"
    assert picture.smallest_text >= 14
    assert picture.alt
    box = picture._suptitle.get_window_extent()
    assert 0 <= box.x0 <= box.x1 <= picture.bbox.width, "the title is cut off"


def test_drift_has_a_curve_for_each_kind_and_one_scale() -> None:
    first, second = PICTURES["drift"]().axes
    assert first.get_ylim() == second.get_ylim()
    drawn = [line for line in first.lines if len(line.get_xdata()) == 3]
    assert [list(line.get_ydata()) for line in drawn] == ROWS[:, 1:].T.tolist()


def test_every_seed_of_a_gan_has_its_mark() -> None:
    ax = PICTURES["sizes"]().axes[0]
    marks = sum(len(line.get_xdata()) for line in ax.lines if line.get_linestyle() == "None")
    assert marks == len([*augmentation.plan()])


def test_every_seed_of_a_classifier_has_its_mark_at_its_errors() -> None:
    ax = PICTURES["classifiers"]().axes[0]
    marks = [line for line in ax.lines if len(line.get_xdata()) == 10]
    assert len(marks) == 5
    told = [each.measures["accuracy"] for each in FOUND
            if (each.problem, each.objective) == ("classifier on 100 digits", "moved")]  # fmt: skip
    assert sorted(marks[1].get_xdata()) == pytest.approx(sorted(100 * (1 - np.array(told))))

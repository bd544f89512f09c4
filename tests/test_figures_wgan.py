"""Notebook 04's pictures: they draw, say what they show, and compute what they print."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gan_helpers import theory
from gan_helpers.figures.wgan import clipped_critics, loss_curves, mass_transport
from gan_helpers.plotting import Picture

X = np.array([0.0, 1.0, 2.0, 4.0])
P, Q = np.array([0.5, 0.0, 0.2, 0.3]), np.array([0.0, 0.5, 0.5, 0.0])
PLAN = np.array([[0, 0.5, 0, 0], [0, 0, 0, 0], [0, 0, 0.2, 0], [0, 0, 0.3, 0]])
BEST = np.array([0.0, -1.0, -1.5, 0.5])
RHO = (np.array([0.2, 0.5, 0.9]), 0.2, 0.9)
LINE = np.linspace(-3, 3, 61)
BUMP = theory.gaussian_density(LINE)

PICTURES: dict[str, Callable[[], Picture]] = {
    "parallel lines": mass_transport.parallel_lines_picture,
    "parallel lines, left": lambda: mass_transport.parallel_lines_picture(-0.4),
    "plan": lambda: mass_transport.plan_picture(X, P, Q, PLAN),
    "dual": lambda: mass_transport.dual_picture(X, P, Q, BEST),
    "envelope": lambda: mass_transport.envelope_picture(LINE, LINE**2, 2 * LINE - 1, 40, 2.0),
    "moving": mass_transport.moving_picture,
    "moving, equal": lambda: mass_transport.moving_picture(1.0, 0.0, 1.0, 0.0),
    "moving, extreme": lambda: mass_transport.moving_picture(-4.0, 4.0, 4.0, 0.0),
    "saturation": lambda: loss_curves.saturation_picture(
        LINE, BUMP, BUMP[::-1], 1 / (1 + np.exp(LINE)), -LINE
    ),
    "tracks": lambda: loss_curves.tracks_picture({"a": np.ones((9, 2)), "b": np.eye(9, 2) - 1}, 10),
    "correlations": lambda: loss_curves.correlation_picture(
        {name: {"one": RHO, "two": RHO} for name in ("near", "far", "cold")}
    ),
    "factor": lambda: clipped_critics.factor_picture([0.01, 0.1], [1e-3, 1.0], [2e-3, 2.0], 1.2),
    "weights": lambda: clipped_critics.weights_picture(
        np.linspace(-0.1, 0.1, 50), np.full(50, 0.1), 0.1
    ),
    "depth": lambda: clipped_critics.depth_picture({0.1: [1e3, 10, 1], 0.01: [1e-9, 1e-4, 1]}),
    "shapes": lambda: clipped_critics.shapes_picture(
        LINE, BUMP, BUMP[::-1], {"best": LINE, "clipped": LINE**2}
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_readable(name: str) -> None:
    picture = PICTURES[name]()
    assert isinstance(picture, Picture)
    assert len(picture.alt) > 0
    assert picture.smallest_text >= 14
    assert picture.png().startswith(b"\x89PNG")  # draws, and lays the title out
    box = picture._suptitle.get_window_extent()
    assert box.x0 >= 0, "the title is cut off on the left"
    assert box.x1 <= picture.bbox.width, "the title is cut off on the right"


def test_moving_picture_prints_the_distances() -> None:
    apart = mass_transport.moving_picture(-2.0, 2.0, 3.0, 2.0).get_suptitle()
    assert "W1 = 5.00" in apart
    assert "JS = 0.693" in apart
    assert "KL = ∞" in apart
    assert "TV = 1.00" in apart
    same = mass_transport.moving_picture(1.0, 2.0, 1.0, 2.0).get_suptitle()
    assert "W1 = 0.00" in same
    assert "JS = 0.000" in same


@pytest.mark.parametrize("boxes", [(-2.0, 2.0, 3.0, 2.0), (0.0, 4.0, 1.0, 1.0)])
def test_moving_picture_draws_a_critic_that_reaches_w1(boxes: tuple[float, ...]) -> None:
    picture = mass_transport.moving_picture(*boxes)
    x, f = picture.axes[1].lines[0].get_data()
    p, q = mass_transport.box(*boxes[:2]), mass_transport.box(*boxes[2:])
    assert np.abs(np.diff(f) / np.diff(x)).max() <= 1 + 1e-9
    assert p @ f - q @ f == pytest.approx(theory.wasserstein_1(p, q, mass_transport.POSITIONS))


def test_weights_are_counted_in_the_bars_that_the_title_names() -> None:
    picture = clipped_critics.weights_picture([0.0], [-0.1, -0.096, -0.094, 0.0, 0.099], 0.1)
    assert picture.get_suptitle().startswith("60 %")  # three of five, within 5 % of a bound
    bars = [bar.get_height() for bar in picture.axes[1].patches]
    assert bars[0] + bars[-1] == pytest.approx(0.6)


def test_parallel_lines_stand_at_what_two_separate_points_give() -> None:
    p, q = np.array([1.0, 0.0]), np.array([0.0, 1.0])  # the horizontal coordinate decides
    w1, *flat = mass_transport.parallel_lines_picture().axes[1].lines
    for theta, height in zip(*w1.get_data(), strict=True):
        if theta > 0:
            assert height == pytest.approx(theory.wasserstein_1(p, q, [0.0, theta]))
    levels = {float(each.get_ydata()[0]) for each in flat} - {0.0}
    assert sorted(levels) == pytest.approx([theory.js(p, q), theory.total_variation(p, q)])


def test_plan_picture_says_the_cost() -> None:
    assert "costs 1.1" in PICTURES["plan"]().get_suptitle()  # .5 * 1 + .3 * 2


def test_tracks_draw_the_ceiling() -> None:
    last = PICTURES["tracks"]().axes[-1]
    assert last.lines[-1].get_ydata()[0] == 0
    assert [text.get_text() for text in last.texts] == ["ceiling"]
    assert last.get_ylim()[1] > 0


@pytest.mark.parametrize(
    ("centre", "width", "cells"), [(0, 2, 5), (-4, 0, 1), (6, 4, 5), (0.2, 0, 1)]
)
def test_box_is_a_histogram(centre: float, width: float, cells: int) -> None:
    mass = mass_transport.box(centre, width)
    assert mass.sum() == pytest.approx(1)
    assert np.count_nonzero(mass) == cells


def test_dual_picture_writes_the_slopes() -> None:
    picture = PICTURES["dual"]()
    slopes = [text.get_text() for text in picture.axes[1].texts]
    assert slopes[0] == "slope −1"  # real mass moves right there
    assert len(slopes) == 3


def test_shapes_are_scaled_to_steepest_slope_one() -> None:
    picture = PICTURES["shapes"]()
    for curve in picture.axes[1].lines:
        assert np.abs(np.gradient(curve.get_ydata(), LINE)).max() == pytest.approx(1)

"""Notebook 04's pictures: they draw, say what they show, and compute what they print."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gan_helpers import theory
from gan_helpers.figures.wgan import clipped_critics, mass_transport
from gan_helpers.plotting import Picture
from gan_helpers.theory import duality

X = np.array([0.0, 1.0, 2.0, 4.0])
P, Q = np.array([0.5, 0.0, 0.2, 0.3]), np.array([0.0, 0.5, 0.5, 0.0])
COST = duality.distances(X)
RHO = (np.array([0.2, 0.5, 0.9]), 0.2, 0.9)
LINE = np.linspace(-3, 3, 61)
BUMP = theory.gaussian_density(LINE)

PICTURES: dict[str, Callable[[], Picture]] = {
    "parallel lines": mass_transport.parallel_lines_picture,
    "parallel lines, left": lambda: mass_transport.parallel_lines_picture(-0.4),
    "plan": lambda: mass_transport.plan_picture(
        X, P, Q, duality.transport_plan(P, Q, COST).plan, "A finding", "x"
    ),
    "dual": lambda: mass_transport.dual_picture(
        X, P, Q, duality.best_critic(P, Q, COST), "A finding", "x"
    ),
    "moving": mass_transport.moving_picture,
    "moving, equal": lambda: mass_transport.moving_picture(1.0, 0.0, 1.0, 0.0),
    "moving, extreme": lambda: mass_transport.moving_picture(-4.0, 4.0, 4.0, 0.0),
    "factor": lambda: clipped_critics.factor_picture(
        [0.01, 0.1], [1e-3, 1.0], [2e-3, 2.0], 1.2, "A finding", "x"
    ),
    "tracks": lambda: clipped_critics.tracks_picture(
        {"a": np.ones((9, 2)), "b": np.eye(9, 2)}, ("score units", "nats"), 10, "A finding", "x"
    ),
    "correlations": lambda: clipped_critics.correlation_picture(
        {name: {"one": RHO, "two": RHO} for name in ("near", "far", "cold")}, "A finding", "x"
    ),
    "weights": lambda: clipped_critics.weights_picture(
        np.linspace(-0.1, 0.1, 50), np.full(50, 0.1), 0.1, "A finding", "x"
    ),
    "depth": lambda: clipped_critics.depth_picture(
        {0.1: [1e3, 10, 1], 0.01: [1e-9, 1e-4, 1]}, "A finding", "x"
    ),
    "shapes": lambda: clipped_critics.shapes_picture(
        LINE, BUMP, BUMP[::-1], {"best": LINE, "clipped": LINE**2}, "A finding", "x"
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_readable(name: str) -> None:
    picture = PICTURES[name]()
    assert isinstance(picture, Picture)
    assert len(picture.alt) > 0
    assert picture.png().startswith(b"\x89PNG")  # draws, and lays the title out
    box = picture._suptitle.get_window_extent()
    assert box.x0 >= 0, "the title is cut off on the left"
    assert box.x1 <= picture.bbox.width, "the title is cut off on the right"


def test_moving_picture_prints_the_distances() -> None:
    apart = mass_transport.moving_picture(-2.0, 2.0, 3.0, 2.0).get_suptitle()
    assert "W1 = 5.00" in apart
    assert "JS = 0.693" in apart
    assert "KL = inf" in apart
    assert "TV = 1.00" in apart
    same = mass_transport.moving_picture(1.0, 2.0, 1.0, 2.0).get_suptitle()
    assert "W1 = 0.00" in same
    assert "JS = 0.000" in same


def test_moving_picture_keeps_the_order_of_the_mass() -> None:
    picture = mass_transport.moving_picture(-2.0, 2.0, 2.0, 2.0)
    plan = np.asarray(picture.axes[1].images[0].get_array())
    rows, columns = np.nonzero(plan > 1e-9)
    assert (np.diff(columns[np.argsort(rows)]) >= 0).all()


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
    assert slopes[0] == "slope -1"  # real mass moves right there
    assert len(slopes) == 3


def test_shapes_are_scaled_to_steepest_slope_one() -> None:
    picture = PICTURES["shapes"]()
    for curve in picture.axes[1].lines:
        assert np.abs(np.gradient(curve.get_ydata(), LINE)).max() == pytest.approx(1)

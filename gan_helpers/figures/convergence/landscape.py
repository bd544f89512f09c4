"""What the value of a game looks like while one of two generated modes walks to the other side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers import theory
from gan_helpers.figures._shared import Array
from gan_helpers.plotting import FAKE, REAL, REFERENCE, SERIES, Picture, legend_above, panels

LINE = np.linspace(-2.0, 2.0, 161)
PLACES = (-1.0, 1.0)  # of the two real modes
STYLES = (SERIES[3], SERIES[4], SERIES[2])


def mode(place: float, width: float = 0.12) -> Array:
    """Return a narrow Gaussian as a histogram on LINE, shape (161,), sum 1."""
    heights = theory.gaussian_density(LINE, place, width)
    return np.asarray(heights / heights.sum())


def game_values(walker: float, width: float = 0.12) -> tuple[float, float, float]:
    """Compute three values for real modes at -1 and 1, one generated mode at -1, one at ``walker``.

    Args:
        walker: place of the second generated mode, -1 to 1.
        width: standard deviation of every mode, > 0.

    Returns:
        JS; d_Rp with pairs drawn anew; and the value plus log 2 with fixed pairs, where the
        generated mode at -1 is always compared with the real one at -1, and the walker with the
        real one at 1. In nats.

    Source: arXiv:2011.04926, section 3, for fixed pairs.
    """
    left, right = (mode(place, width) for place in PLACES)
    moving = mode(walker, width)
    p, q = (left + right) / 2, (left + moving) / 2
    joint = (np.outer(left, left) + np.outer(right, moving)) / 2
    return theory.js(p, q), theory.paired_js(p, q), theory.best_comparison(joint)[0]


def landscape_picture(walkers: ArrayLike, curves: Mapping[str, ArrayLike], title: str) -> Picture:
    """Draw the values over the walker's place, above where the modes are.

    Args:
        walkers: places of the second generated mode, increasing, shape (n,).
        curves: name of a game -> value at each place, in nats, shape (n,); at most 3.
        title: the finding.

    Returns:
        The curves; below them the real modes and the generated one that stays.
    """
    picture, (ax, below) = panels(
        title, rows=2, size=(6.0, 3.6), sharex=True, height_ratios=[4, 1]
    )  # fmt: skip
    x = np.asarray(walkers, dtype=np.float64)
    for (name, values), style in zip(curves.items(), STYLES, strict=False):
        every = {"marker": style.marker, "ms": 5, "markevery": max(1, len(x) // 10)}
        ax.plot(x, np.asarray(values), label=name, **every, **style.curve(2.2))
    ax.axhline(theory.LOG_2, **REFERENCE.curve(1.2))
    ax.annotate("log 2", (x[0], theory.LOG_2), (0, 3), textcoords="offset points", fontsize=9)
    ax.set(ylabel="value (nats)", ylim=(0, 0.8))
    below.plot(PLACES, [0, 0], **REAL.points(13, markeredgewidth=2))
    below.plot([PLACES[0]], [0], **FAKE.points(9, markeredgewidth=2))
    below.annotate(
        "", (0.75, 0), (-0.75, 0), arrowprops={"arrowstyle": "->", "color": FAKE.colour, "lw": 1.8}
    )
    below.set(yticks=[], ylim=(-1, 1), xlabel="place of the second generated mode")
    below.grid(False)
    below.spines["left"].set_visible(False)
    legend_above(ax)
    return picture

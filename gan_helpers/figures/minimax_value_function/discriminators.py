"""Pictures that the playgrounds redraw: a best and a hand-made discriminator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy.special import expit, logit

from gan_helpers import theory
from gan_helpers.figures._shared import Array, draw_densities
from gan_helpers.plotting import DISCRIMINATOR, REFERENCE, Picture, panels

LINE = np.linspace(-12.0, 12.0, 1201)  # x, wide enough for every slider's Gaussian
HANDLES = (-3.0, -1.0, 1.0, 3.0, 5.0)  # where the hand-made discriminator has its sliders


def value_picture(
    real_mean: float = 0.0, real_sigma: float = 1.0, fake_mean: float = 2.0, fake_sigma: float = 1.0
) -> Picture:
    """Draw two Gaussians, the best discriminator between them, and V(D*) and JS as numbers.

    Args:
        real_mean: centre of p, between -5 and 5.
        real_sigma: width of p, between 0.2 and 1.5.
        fake_mean: centre of q.
        fake_sigma: width of q.

    Returns:
        Three panels: densities, D*, and where V(D*) lies between -log 4 and 0.
    """
    p = theory.gaussian_density(LINE, real_mean, real_sigma)
    q = theory.gaussian_density(LINE, fake_mean, fake_sigma)
    score = _gaussian_log(real_mean, real_sigma) - _gaussian_log(fake_mean, fake_sigma)
    best, js = theory.value_from_score(score, p, q, LINE), theory.js(p, q, LINE)
    title = f"V(D*) = {best:.4f} nats = 2 x {js:.4f} - log 4,  so JS = {js:.4f} nats"
    alt = (
        f"Real data N({real_mean:g}, {real_sigma:g} squared), generated N({fake_mean:g}, "
        f"{fake_sigma:g} squared). The best discriminator's value is {best:.4f} nats, JS {js:.4f}."
    )
    picture, (top, middle, low) = _stacked(title, alt)
    draw_densities(top, LINE, p, q)
    middle.plot(LINE, expit(score), label="D* = p / (p + q)", **DISCRIMINATOR.curve(2.2))
    _probability_axis(middle)
    _scale(low, (("V(D*)", best, "s"),))
    return picture


def _gaussian_log(mean: float, sigma: float) -> Array:
    return -(((LINE - mean) / sigma) ** 2) / 2 - np.log(sigma)  # without the common constant


def hand_made_score(heights: Sequence[float]) -> Array:
    """Join the hand-made discriminator's heights by straight lines in the raw score.

    Args:
        heights: D at HANDLES, shape (5,), inside (0, 1).

    Returns:
        The score on LINE, shape (1201,); constant outside the outermost handles.

    Raises:
        ValueError: a height outside (0, 1), or not 5 of them.
    """
    values = np.asarray(heights, dtype=np.float64)
    if values.shape != (len(HANDLES),) or not ((values > 0) & (values < 1)).all():
        raise ValueError(f"heights is {heights}; give 5 probabilities strictly between 0 and 1")
    return np.interp(LINE, HANDLES, logit(values))


def hand_made_picture(
    d1: float = 0.5,
    d2: float = 0.5,
    d3: float = 0.5,
    d4: float = 0.5,
    d5: float = 0.5,
    m: float = 2.0,
) -> Picture:
    """Draw a discriminator given by its height at five places, and its gap to the best one.

    Args:
        d1, d2, d3, d4, d5: D at x = -3, -1, 1, 3, 5, each inside (0, 1).
        m: mean of the generated distribution N(m, 1); the real one is N(0, 1). Between -3 and 5.

    Returns:
        Three panels: densities, the hand-made D and D*, both values on the scale of V.
    """
    p, q = theory.gaussian_density(LINE), theory.gaussian_density(LINE, m)
    score = hand_made_score((d1, d2, d3, d4, d5))
    mine = theory.value_from_score(score, p, q, LINE)
    best = theory.gaussian_value(m)
    title = f"Your D reaches {mine:.4f} nats, D* {best:.4f}: the gap is {best - mine:.4f}"
    alt = (
        f"A discriminator through heights {d1:g}, {d2:g}, {d3:g}, {d4:g}, {d5:g} at x = -3, -1, "
        f"1, 3, 5 against D*. Its value is {mine:.4f} nats, the best {best:.4f}."
    )
    picture, (top, middle, low) = _stacked(title, alt)
    draw_densities(top, LINE, p, q)
    middle.plot(LINE, expit(theory.gaussian_score(LINE, m)), label="D*", **REFERENCE.curve(2))
    middle.plot(LINE, expit(score), label="yours", **DISCRIMINATOR.curve(2.2))
    middle.plot(HANDLES, (d1, d2, d3, d4, d5), **DISCRIMINATOR.points(7))
    _probability_axis(middle)
    _scale(low, (("yours", mine, "s"), ("D*", best, "d")))
    return picture


def _stacked(title: str, alt: str) -> tuple[Picture, NDArray[np.object_]]:
    return panels(title, alt, rows=3, size=(6.8, 5.2), height_ratios=[2.2, 2.6, 1])


def _probability_axis(ax: Axes) -> None:
    ax.axhline(0.5, **REFERENCE.curve(1))
    ax.set(xlabel="x (unit of the data)", ylabel="D(x),\na probability", ylim=(-0.04, 1.04))
    ax.legend(fontsize=8.5, loc="upper right", framealpha=0.85)
    for each in (ax, ax.figure.axes[0]):
        each.set_xlim(-6, 8)


def _scale(ax: Axes, marks: Sequence[tuple[str, float, str]]) -> None:
    """Draw values on the way from -log 4 (D must guess) to 0 (D is always right)."""
    for level, text in ((-theory.LOG_4, "-log 4\n(a guess)"), (0.0, "0\n(always right)")):
        ax.axvline(level, **REFERENCE.curve(1.2))
        ax.text(level, 1.05, text, fontsize=8, ha="center", va="bottom")
    lowest = min(-1.5, *(value for _, value, _ in marks))
    for k, (name, value, marker) in enumerate(marks):  # first name below its mark, second above
        shown: dict[str, Any] = {"color": DISCRIMINATOR.colour, "marker": marker, "markersize": 9}
        ax.plot([value], [0.5], **shown, markerfacecolor="none" if k else None)
        offset = (0, 7 if k else -16)
        ax.annotate(name, (value, 0.5), offset, textcoords="offset points", ha="center")
    ax.set(xlim=(1.07 * lowest, 0.1), ylim=(0, 1), yticks=[], xlabel="V (nats)")

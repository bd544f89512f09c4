"""Pictures that the playgrounds redraw: a best and a hand-made discriminator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from scipy.special import expit, logit

from gan_helpers import theory
from gan_helpers.figures._shared import Array, draw_densities
from gan_helpers.figures.minimax_value_function.value_function import beside, probability_axis
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
        Two panels: densities, and D*; V(D*) and JS are in the title.
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
    picture, bottom = _over_densities(title, alt, p, q)
    bottom.plot(LINE, expit(score), label="D*", **DISCRIMINATOR.curve(2.2))
    probability_axis(bottom)
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
        Two panels: densities, and the hand-made D beside D*; both values are in the title.
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
    picture, bottom = _over_densities(title, alt, p, q)
    bottom.plot(LINE, expit(theory.gaussian_score(LINE, m)), label="D*", **REFERENCE.curve(2))
    bottom.plot(LINE, expit(score), label="yours", **DISCRIMINATOR.curve(2.2))
    bottom.plot(HANDLES, (d1, d2, d3, d4, d5), **DISCRIMINATOR.points(8))
    probability_axis(bottom)
    return picture


def _over_densities(title: str, alt: str, p: Array, q: Array) -> tuple[Picture, Axes]:
    """Make a picture with both densities above, and return the axes below them."""
    picture, (top, bottom) = panels(
        title, alt, rows=2, size=(6.0, 3.5), sharex=True, height_ratios=[2, 3]
    )
    draw_densities(top, LINE, p, q)
    beside(top)
    top.set(ylabel="density", xlim=(-6, 8))
    picture.align_ylabels([top, bottom])
    return picture, bottom

"""Pictures of what a gradient penalty does: the slope it allows, and the Dirac-GAN under it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers import theory
from gan_helpers.figures._shared import Array, draw_dirac_field
from gan_helpers.plotting import DISCRIMINATOR, REFERENCE, SERIES, Picture, panels


def overshoot(distance: ArrayLike, weight: ArrayLike) -> Array:
    """Return the slope at which gap and penalty balance between two points, 1 + d / (2 lambda).

    It minimises -s d + lambda (s - 1)^2 over the slope s.

    Args:
        distance: d >= 0, between the real point and the generated one.
        weight: lambda > 0.

    Returns:
        The slope, >= 1, of the common shape.

    Raises:
        ValueError: a distance below 0 or a weight not above 0.

    Source: arXiv:1704.00028, Eq. 3, solved for one coupled pair.
    """
    d, w = np.asarray(distance, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    if not (d >= 0).all() or not (w > 0).all():
        raise ValueError(f"distance is {distance!r}, weight {weight!r}; they must be >= 0 and > 0")
    return np.asarray(1 + d / (2 * w))


def overshoot_picture(
    distance: float, weights: ArrayLike, slopes: ArrayLike, title: str
) -> Picture:
    """Draw measured slopes of trained critics against 1 + d / (2 lambda).

    Args:
        distance: d between the two points, > 0.
        weights: lambda of each critic, shape (n,), > 0.
        slopes: mean slope between the points, shape (n,).
        title: the finding.

    Returns:
        One panel, both axes logarithmic.
    """
    w, s = np.asarray(weights, dtype=np.float64), np.asarray(slopes, dtype=np.float64)
    listed = ", ".join(
        f"{each:.2f} at lambda {weight:g}" for weight, each in zip(w, s, strict=True)
    )
    alt = f"{title}. Measured slopes fall along the curve 1 + d / (2 lambda) towards 1: {listed}."
    picture, (ax,) = panels(title, alt, size=(6.2, 3.4))
    fine = np.geomspace(w.min() / 1.5, w.max() * 1.5, 100)
    ax.plot(fine, overshoot(distance, fine), label="1 + d / (2 lambda)", **REFERENCE.curve())
    ax.plot(w, s, label="trained critics", **DISCRIMINATOR.points(7))
    ax.axhline(1, color="black", linewidth=0.8)
    ax.set(xscale="log", yscale="log", xlabel=r"$\lambda$, weight of the penalty")
    ax.set_ylabel("slope of the critic\nbetween the two points")
    ax.legend(fontsize=8.5)
    return picture


def games_picture(
    games: Mapping[str, tuple[theory.DiracGame, Array]], title: str, alt: str
) -> Picture:
    """Draw Dirac-GANs side by side, each with its own arrows and one path, and all distances.

    Args:
        games: name -> (game, path of shape (steps + 1, 2)); at most 4.
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        One panel a game, and one with the distances from the equilibrium.
    """
    count = len(games) + 1
    picture, axes = panels(title, alt, columns=count, size=(2.75 * count, 3.3))
    *planes, last = axes
    styles = (SERIES[4], SERIES[1], SERIES[3], SERIES[0])
    for ax, style, (name, (game, path)) in zip(planes, styles, games.items(), strict=False):
        draw_dirac_field(ax, game)
        ax.plot(path[:, 0], path[:, 1], **style.curve(1.3))
        ax.plot(*path[0], color="black", marker="o", ms=7, mfc="white")
        ax.plot(*path[-1], color="black", marker="s", ms=6)
        ax.set_title(name, fontsize=9.5)
        shown = {"marker": style.marker, "markevery": max(1, len(path) // 10), "ms": 4.5}
        last.plot(np.hypot(*path.T), label=name, **shown, **style.curve(1.5))
    for ax in planes[1:]:
        ax.set_ylabel("")
    last.set(xlabel="step", ylabel="distance from (0, 0)", ylim=(0, None))
    last.legend(fontsize=8)
    return picture

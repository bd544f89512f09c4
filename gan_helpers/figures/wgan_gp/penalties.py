"""Pictures of what a gradient penalty does: to a slope, to a whole run, to the Dirac-GAN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers.figures._shared import Array
from gan_helpers.plotting import DISCRIMINATOR, REFERENCE, SERIES, Picture, figure, panels


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
    distance: float, together: Mapping[float, float], apart: Mapping[float, float], title: str
) -> Picture:
    """Draw slopes of trained critics against 1 + d / (2 lambda).

    Args:
        distance: d between the two points, > 0.
        together: lambda -> mean slope of a critic that descends loss plus penalty.
        apart: the same for critics that take two optimiser steps instead.
        title: the finding.

    Returns:
        One panel, both axes logarithmic.
    """
    picture, ax = figure(title, size=(6.0, 3.2))
    fine = np.geomspace(min(together) / 1.5, max(together) * 1.5, 100)
    ax.plot(fine, overshoot(distance, fine), **REFERENCE.curve(2))
    ax.annotate(
        r"$1 + d\,/\,(2\lambda)$", (fine[30], float(overshoot(distance, fine[30]))), (8, 4),
        textcoords="offset points", fontsize=10,
    )  # fmt: skip
    ax.axhline(1, color="black", linewidth=0.8)
    for measured, name, style in (
        (together, "one step on the sum", DISCRIMINATOR),
        (apart, "two optimiser steps", SERIES[4]),
    ):
        if measured:
            ax.plot([*measured], [*measured.values()], label=name, **style.points(9))
    ax.set(xscale="log", yscale="log", xlabel=r"$\lambda$, weight of the penalty")
    ax.set_ylabel("slope of the critic\nbetween the two points")
    ax.legend(fontsize=9, frameon=False)
    return picture


def recipes_picture(reached: Mapping[str, Sequence[float]], floor: float, title: str) -> Picture:
    """Draw what each recipe reached, one ring for each seed.

    Args:
        reached: name of a recipe -> W1 of each seed.
        floor: the same between two sets of real samples.
        title: the finding.

    Returns:
        One panel, a row for each recipe.
    """
    picture, ax = figure(title, size=(6.0, 3.3))
    for row, values in enumerate(reached.values()):
        ax.plot(values, [row] * len(values), **DISCRIMINATOR.points(9, alpha=0.65))
    ax.axvline(floor, **REFERENCE.curve(1.6))
    ax.annotate("two real sets", (floor, -0.75), (4, 0), textcoords="offset points", fontsize=9)
    ax.set_yticks(range(len(reached)), [*reached])
    ax.set(xlim=(0, None), ylim=(len(reached) - 0.5, -1.0))
    ax.set_xlabel(r"$W_1$ to the real data, one mark for each seed")
    return picture


def recorded_picture(recorded: Mapping[str, Sequence[float]], title: str) -> Picture:
    """Draw the recorded penalties of runs, smoothed, on a logarithmic axis.

    Args:
        recorded: name of a run -> penalty after each update, > 0.
        title: the finding.

    Returns:
        One panel.
    """
    picture, ax = figure(title, size=(6.0, 3.0))
    for (name, values), style in zip(recorded.items(), (DISCRIMINATOR, SERIES[4]), strict=True):
        window = max(1, len(values) // 20)
        mean = np.convolve(values, np.full(window, 1 / window), "valid")
        ax.plot(np.arange(len(mean)) + window, mean, label=name, **style.curve(2.2))
    ax.set(yscale="log", xlabel="generator updates", ylabel="recorded penalty")
    ax.legend(fontsize=9.5, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return picture


def games_picture(paths: Mapping[str, Array], title: str) -> Picture:
    """Draw paths of Dirac-GANs and their distances from the equilibrium.

    Args:
        paths: name of a game -> (theta, psi) after each step, shape (steps + 1, 2); at most 4.
        title: the finding.

    Returns:
        The plane beside the distances.
    """
    picture, (plane, right) = panels(title, columns=2, size=(6.2, 3.6), width_ratios=[1, 1.15])
    styles = (SERIES[4], SERIES[1], SERIES[3], SERIES[0])
    for (name, path), style in zip(paths.items(), styles, strict=False):
        plane.plot(path[:, 0], path[:, 1], **style.curve(1.5))
        right.plot(np.hypot(*path.T), label=name, **style.curve(2))
    plane.plot([0], [0], **REFERENCE.points(8, zorder=5))
    plane.plot(*next(iter(paths.values()))[0], color="black", marker="o", ms=7, mfc="white")
    plane.set(xlim=(-2.3, 2.3), ylim=(-2.3, 2.3), aspect="equal")
    plane.set(xlabel=r"$\theta$, where the fakes sit", ylabel=r"$\psi$, slope of the critic")
    right.set(xlabel="step", ylabel="distance from (0, 0)", ylim=(0, 2.3))
    picture.legend(loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    return picture

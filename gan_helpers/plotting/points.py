"""Samples on a line or in the plane: real against generated, and what the discriminator thinks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor
from torch.nn import Module

from gan_helpers.objectives import Objective
from gan_helpers.plotting.decisions import asker, decision_level, lattice, shades, transformed
from gan_helpers.plotting.lettering import legend_above
from gan_helpers.plotting.picture import (
    DISCRIMINATOR,
    FAKE,
    INK,
    REAL,
    REFERENCE,
    Picture,
    canvas,
)
from gan_helpers.plotting.tiles import array
from gan_helpers.runtime import integer

Points = Tensor | np.ndarray
PLANE = (5.6, 4.2)  # inches of a square of the plane with what stands beside it


def scatter(
    real: Points,
    fake: Points,
    title: str,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    limits: tuple[float, float, float, float] | None = None,
) -> Picture:
    """Plot generated samples as red crosses and real ones as blue rings on top of them.

    Of real samples so close that their rings would cover what is under them, one is drawn.

    Args:
        real: shape (N, 2).
        fake: shape (M, 2).
        title: the finding.
        alt: description; written from the data if ``None``.
        ax: axes to draw into instead of a picture of its own.
        limits: (left, right, bottom, top); all real samples and a margin if ``None``, so that
            straying fakes do not shrink the picture.

    Returns:
        The picture that was drawn into.

    Raises:
        ValueError: samples that are not (N, 2).
    """
    x, y = _plane("real", real), _plane("fake", fake)
    picture, ax = canvas(
        title, alt or f"{title}. {len(x)} real samples and {len(y)} generated ones.", ax, PLANE
    )
    limits = limits or limits_around(x)
    ax.plot(*thinned(x, limits).T, label="real", **REAL.points(5, alpha=0.9))
    ax.plot(y[:, 0], y[:, 1], label="generated", **FAKE.points(3.6, alpha=0.8))
    square_axes(ax, limits)
    legend_above(ax, handlelength=1.2)
    return picture


def surface(
    discriminator: Module,
    objective: Objective,
    real: Points,
    fake: Points,
    title: str,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    limits: tuple[float, float, float, float] | None = None,
    resolution: int = 121,
) -> Picture:
    """Plot the discriminator over the plane, with its decision line and both kinds of samples.

    The heat map is the score as the objective reads it, D(x) for a probability. The line is where
    D cannot tell: D = 1/2 for cross-entropy, score 1/2 for least squares, and for a critic, which
    is free up to a constant, midway between the mean scores of real and generated samples.

    Args:
        discriminator: maps (N, 2) to raw scores (N,); a copy in eval mode is asked.
        objective: what it was trained with.
        real: shape (N, 2).
        fake: shape (M, 2).
        title: the finding.
        alt: description; written from the data if ``None``.
        ax: axes to draw into instead of a picture of its own.
        limits: (left, right, bottom, top); all real samples and a margin if ``None``.
        resolution: points along each side of the heat map, >= 2.

    Returns:
        The picture that was drawn into.

    Raises:
        ValueError: samples that are not (N, 2), or ``resolution`` out of range.
    """
    x, y = _plane("real", real), _plane("fake", fake)
    limits, resolution = limits or limits_around(x), integer("resolution", resolution, 2)
    ask = asker(discriminator)
    heat = ask(lattice(limits, resolution)).reshape(resolution, resolution)
    level = decision_level(objective, ask(x), ask(y))
    heat, level, vmin, vmax, name = shades(objective, heat, level)
    picture, ax = canvas(
        title,
        alt
        or f"{title}. Heat map of {name} with the line where it cannot tell, {len(x)} real and "
        f"{len(y)} generated samples on top.",
        ax,
        PLANE,
    )
    image = ax.imshow(
        heat, extent=limits, origin="lower", cmap="RdBu", vmin=vmin, vmax=vmax, alpha=0.4,
        aspect="auto", interpolation="bilinear",
    )  # fmt: skip
    if heat.min() < level < heat.max():
        points = lattice(limits, resolution).reshape(resolution, resolution, 2)
        ax.contour(
            points[..., 0], points[..., 1], heat, levels=[level], colors=[INK], linewidths=1.3,
            linestyles="--",
        )  # fmt: skip
    scatter(x, y, "", ax=ax, limits=limits)
    ax.grid(False)
    bar = picture.colorbar(image, ax=ax, pad=0.02)
    bar.set_label(name, fontsize=9.5)
    bar.ax.tick_params(labelsize=9)
    return picture


def densities(
    real: Points,
    fake: Points,
    title: str,
    *,
    density: Callable[[np.ndarray], np.ndarray] | None = None,
    discriminator: Module | None = None,
    objective: Objective | None = None,
    alt: str | None = None,
    ax: Axes | None = None,
    limits: tuple[float, float] | None = None,
    bins: int = 60,
) -> Picture:
    """Plot real and generated samples on a line as densities, with D(x) over them if given.

    A dotted line marks the score at which the discriminator cannot tell, as in ``surface``.

    Args:
        real: shape (N,) or (N, 1).
        fake: shape (M,) or (M, 1).
        title: the finding.
        density: the real density, called with x of shape (n,); then drawn instead of a histogram
            of ``real``.
        discriminator: maps (N, 1) to raw scores (N,); a copy in eval mode is asked.
        objective: what it was trained with; needed with ``discriminator``.
        alt: description; written from the data if ``None``.
        ax: axes to draw into instead of a picture of its own.
        limits: (left, right); all real samples and a margin if ``None``.
        bins: bars of the histograms, >= 1.

    Returns:
        The picture that was drawn into.

    Raises:
        ValueError: samples that are not on a line, or a discriminator without its objective.
    """
    if discriminator is not None and objective is None:
        raise ValueError("objective is None; give the one that the discriminator was trained with")
    x, y = _line("real", real), _line("fake", fake)
    if limits is None:
        margin = 0.15 * max(float(np.ptp(x)), 1e-6)
        limits = (float(x.min()) - margin, float(x.max()) + margin)
    described = f"{title}. Densities of {len(x)} real and {len(y)} generated samples."
    picture, ax = canvas(title, alt or described, ax)
    edges = np.linspace(*limits, integer("bins", bins, 1) + 1)
    points = np.linspace(*limits, 400)
    if density is not None:
        ax.plot(points, density(points), label="real (density)", **REAL.curve(2.2))
    else:
        heights = histogram(x, edges)
        ax.stairs(heights, edges, fill=True, color=REAL.colour, alpha=0.35, label="real")
    ax.stairs(histogram(y, edges), edges, label="generated", color=FAKE.colour, linewidth=1.6)
    ax.set(xlabel="x", ylabel="density", xlim=limits)
    ax.set_ylim(bottom=0)
    handles = list(ax.get_legend_handles_labels()[0])
    if discriminator is not None and objective is not None:
        over = ax.twinx()
        over.spines[["top", "left", "bottom"]].set_visible(False)
        ask, score = asker(discriminator), objective.score
        shown = transformed(objective, ask(points[:, None]))
        style = DISCRIMINATOR.curve(clip_on=False)  # a curve at 0 or 1 is seen whole
        handles += over.plot(points, shown, label=score.label, **style)
        level = decision_level(objective, ask(x[:, None]), ask(y[:, None]))
        over.axhline(float(transformed(objective, [level])[0]), **REFERENCE.curve(1.2))
        if score.limits is not None:
            over.set_ylim(*score.limits)
        over.set_ylabel(score.label, fontsize=9.5, color=DISCRIMINATOR.colour)
        over.tick_params(labelsize=9)
    legend_above(ax, handles)
    return picture


def histogram(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return a histogram whose bars count all of ``x``: it sums to the share within the edges."""
    counts, _ = np.histogram(x, edges)
    return counts / (max(len(x), 1) * np.diff(edges))


def limits_around(x: np.ndarray, margin: float = 0.25) -> tuple[float, float, float, float]:
    """Return (left, right, bottom, top): a square around all points with a margin."""
    low, high = x.min(axis=0), x.max(axis=0)
    centre, half = (low + high) / 2, float(max((high - low).max() / 2, 1e-6)) * (1 + margin)
    return (
        float(centre[0] - half), float(centre[0] + half),
        float(centre[1] - half), float(centre[1] + half),
    )  # fmt: skip


def thinned(
    x: np.ndarray, limits: tuple[float, float, float, float], cells: int = 50
) -> np.ndarray:
    """Return one of the points (N, 2) in each of ``cells x cells`` squares of the plane."""
    squares = np.floor((x - limits[::2]) * cells / np.subtract(limits[1::2], limits[::2]))
    return x[np.sort(np.unique(squares, axis=0, return_index=True)[1])]


def square_axes(ax: Axes, limits: tuple[float, float, float, float]) -> None:
    """Set the limits of a square picture of the plane."""
    ax.set(xlim=limits[:2], ylim=limits[2:])
    ax.set_aspect("equal", adjustable="box")


def _plane(name: str, points: Points) -> np.ndarray:
    x = array(points)
    if x.ndim != 2 or x.shape[1] != 2 or len(x) == 0:
        raise ValueError(f"{name} has shape {x.shape}; it must be (N, 2) with N >= 1")
    return x


def _line(name: str, points: Points) -> np.ndarray:
    x = array(points)
    if x.size == 0 or x.ndim not in (1, 2) or (x.ndim == 2 and x.shape[1] != 1):
        raise ValueError(f"{name} has shape {x.shape}; it must be (N,) or (N, 1) with N >= 1")
    return x.ravel()

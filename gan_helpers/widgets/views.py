"""What the board shows of the samples: points, a histogram, images, or the discriminator's surface.

A view draws its unchanging part once (``background``) and its changing part at every frame
(``draw``), straight into the pixels (H, W, 4) of the board's figure. Its axes need ``margins``
(left, bottom, right, top) in pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from gan_helpers.objectives import Objective
from gan_helpers.plotting.decisions import decision_level, lattice, shades
from gan_helpers.plotting.picture import FAKE, REAL
from gan_helpers.plotting.points import histogram, limits_around, square_axes, thinned
from gan_helpers.plotting.tiles import array, fit, own_generator, tile
from gan_helpers.widgets.copies import Copies
from gan_helpers.widgets.heat import Scale, box, shade

VIEWS = ("samples", "surface")
SIDE = 49  # points along a side of the surface


class PointsView:
    """Generated points in the plane over the real ones."""

    title, margins = "samples", (56, 40, 14, 62)

    def __init__(self, real: np.ndarray) -> None:
        self.real = real
        self.limits = limits_around(real)

    def background(self, ax: Axes) -> None:
        """Draw the axes; the points come with every frame, the real ones on top."""
        square_axes(ax, self.limits)
        ax.set_anchor("N")
        rings = thinned(self.real, self.limits, 36).T
        (self.rings,) = ax.plot(*rings, label="real", animated=True, **REAL.points(4.5))
        (self.fakes,) = ax.plot([], [], label="generated", animated=True, **FAKE.points(3.6))

    def draw(self, ax: Axes, pixels: np.ndarray, copies: Copies) -> None:
        """Draw the points."""
        self._draw_points(ax, copies.samples())

    def _draw_points(self, ax: Axes, fake: np.ndarray) -> None:
        self.fakes.set_data(*fake.T)
        ax.draw_artist(self.fakes)
        ax.draw_artist(self.rings)


class SurfaceView(PointsView):
    """The discriminator over the plane with its decision line, under both kinds of points."""

    margins = (56, 40, 98, 62)

    def __init__(self, real: np.ndarray, objective: Objective) -> None:
        super().__init__(real)
        self.objective, self.title = objective, surface_title(objective)
        self.points = lattice(self.limits, SIDE).astype(np.float32)

    def background(self, ax: Axes) -> None:
        """Draw the axes and the colours' scale; the surface and points come with every frame."""
        super().background(ax)
        ax.grid(False)
        self.scale = Scale(ax)

    def draw(self, ax: Axes, pixels: np.ndarray, copies: Copies) -> None:
        """Shade the plane, mark the decision line, and draw the points over it."""
        fake = copies.samples()
        level = decision_level(self.objective, copies.scores(self.real), copies.scores(fake))
        heat = copies.scores(self.points).reshape(SIDE, SIDE)
        heat, level, low, high, _ = shades(self.objective, heat, level)
        shade(ax, pixels, heat, level, low, high)
        self.scale.draw(low, high)
        self._draw_points(ax, fake)


def surface_title(objective: Objective) -> str:
    """Say what the surface shades and where its line is."""
    score = objective.score
    if score.boundary is None:
        return f"{score.label}; line: midway"
    line = float(score.transform(torch.tensor(score.boundary)))
    return f"{score.label}; line: {dict(score.levels).get(line, f'{line:g}')}"


class LineView:
    """Generated samples on a line as a histogram over the real ones."""

    title, margins = "density", (70, 40, 14, 62)

    def __init__(self, real: np.ndarray, bins: int = 50) -> None:
        self.real = real.ravel()
        margin = 0.15 * max(float(np.ptp(self.real)), 1e-6)
        self.edges = np.linspace(self.real.min() - margin, self.real.max() + margin, bins + 1)

    def background(self, ax: Axes) -> None:
        """Draw the real histogram; the axis leaves room for a peak twice as high."""
        heights = histogram(self.real, self.edges)
        ax.stairs(heights, self.edges, fill=True, color=REAL.colour, alpha=0.35, label="real")
        self.fakes = ax.stairs(
            np.zeros_like(heights), self.edges, color=FAKE.colour, linewidth=1.7,
            label="generated", animated=True,
        )  # fmt: skip
        ax.set(xlim=(self.edges[0], self.edges[-1]), ylim=(0, 2 * heights.max()))

    def draw(self, ax: Axes, pixels: np.ndarray, copies: Copies) -> None:
        """Draw the generated histogram."""
        self.fakes.set_data(histogram(copies.samples().ravel(), self.edges))
        ax.draw_artist(self.fakes)


class ImagesView:
    """Generated images as one grid, from the same inputs at every frame."""

    title, margins = "samples (same inputs each time)", (8, 8, 8, 38)

    def background(self, ax: Axes) -> None:
        """Draw nothing: the images fill the axes."""
        ax.axis("off")

    def draw(self, ax: Axes, pixels: np.ndarray, copies: Copies) -> None:
        """Paste the grid into the middle of the axes."""
        left, top, width, height = box(ax, pixels)
        sheet = fit(tile(copies.samples()), width, height)
        y, x = top + (height - sheet.shape[0]) // 2, left + (width - sheet.shape[1]) // 2
        pixels[y : y + sheet.shape[0], x : x + sheet.shape[1], :3] = sheet


View = PointsView | LineView | ImagesView


def make_view(
    name: str, shape: tuple[int, ...], real: np.ndarray | None, objective: Objective | None
) -> View:
    """Choose the view for samples of one shape.

    Args:
        name: ``"samples"`` or ``"surface"``.
        shape: of one sample: (1,), (2,) or (C, H, W) with C 1 or 3.
        real: real samples to compare with, (N, 1) or (N, 2); not used for images.
        objective: says what the surface shows; ``None`` where there is no surface.

    Raises:
        ValueError: there is no picture of such samples, or real samples are missing.
    """
    if name == "samples" and len(shape) == 3 and shape[0] in (1, 3):
        return ImagesView()
    if (name, shape) not in (("samples", (1,)), ("samples", (2,)), ("surface", (2,))):
        raise ValueError(
            f"panel {name!r} cannot show samples of shape {shape}; samples are (1,), (2,) or "
            "(1 or 3, H, W), a surface needs (2,): choose panels=('losses', 'scores')"
        )
    if real is None or real.shape[1:] != shape:
        found = "None" if real is None else f"samples of shape {real.shape[1:]}"
        raise ValueError(f"real is {found}; give the distribution or real samples (N, {shape[0]})")
    if name == "surface" and objective is not None:
        return SurfaceView(real, objective)
    return LineView(real) if shape == (1,) else PointsView(real)


def real_samples(real: Any, n: int, seed: int) -> np.ndarray | None:
    """Return at most ``n`` real samples of a distribution or tensor, without the global generator.

    Raises:
        TypeError: ``real`` is neither.
    """
    if real is None:
        return None
    if isinstance(real, (Tensor, np.ndarray)):
        rows = array(real)
        keep = np.random.default_rng(seed).permutation(len(rows))[:n]
        return rows[keep]
    if callable(getattr(real, "sample", None)):
        return array(real.sample(n, generator=own_generator(seed)))
    raise TypeError(
        f"real is a {type(real).__name__}; give a distribution with .sample, or a tensor (N, ...)"
    )

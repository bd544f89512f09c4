"""The layers as artists over the plane: each is drawn into the pixels when its turn comes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from torch import Tensor

from gan_helpers.lab.front.layer_data import (
    Limits,
    Manifold,
    Pushes,
    latent_lattice,
    manifold,
    output,
    pushes,
    surface,
)
from gan_helpers.lab.session import Session, Snapshot
from gan_helpers.plotting.lettering import legend_above
from gan_helpers.plotting.picture import FAKE, GENERATOR, INK, REAL
from gan_helpers.plotting.points import square_axes, thinned
from gan_helpers.plotting.tiles import array
from gan_helpers.widgets.heat import Scale, shade

LAYERS = {
    "surface": "discriminator's surface",
    "manifold": "generator's manifold",
    "real": "real samples",
    "generated": "generated samples",
    "pushes": "pushes on samples",
    "chosen": "chosen z",
}
SIDE, LINES = 61, 33  # points along the surface, lines of the manifold
SHOWN, PUSHED = 400, 80  # samples drawn, and of these with an arrow
LONGEST = 0.14  # length of the longest arrow, as a share of the plane's width
OPAQUE = 3.0  # powers of ten over the plane's mean density at which a cell is opaque


class PlaneLayers:
    """The layers of one session's plane; ``show`` chooses among them, none at first.

    Args:
        ax: the square axes.
        session: for its data, its latent distribution and its fixed latent points.
        limits: left, right, bottom and top of the plane.
    """

    def __init__(self, ax: Axes, session: Session, limits: Limits) -> None:
        self.ax, self.limits = ax, limits
        self.layers: Collection[str] = ()
        self.sample, self.real = session.real, array(session.real)
        running = session.running
        self.z = session.z[:SHOWN]
        self.lattice = latent_lattice(running.latent_distribution, running.latent_dim, LINES)
        self.strongest = 0.0  # longest push seen in this run: what the arrows' scale refers to
        square_axes(ax, limits)
        ax.set_anchor("N")
        moving: dict[str, Any] = {"animated": True}
        dots = thinned(self.real[:SHOWN], limits, 40).T
        (self.dots,) = ax.plot(*dots, label="real", **REAL.points(4.5), **moving)
        (self.fakes,) = ax.plot([], [], label="generated", **FAKE.points(3.6), **moving)
        self.scale = Scale(ax)
        self.cells = PolyCollection([], linewidths=0, **moving)
        ax.add_collection(self.cells)
        (self.mesh,) = ax.plot([], [], color=GENERATOR.colour, linewidth=1.2, alpha=0.7, **moving)
        self.arrows = ax.quiver(
            np.zeros(PUSHED), np.zeros(PUSHED), np.zeros(PUSHED), np.zeros(PUSHED),
            angles="xy", scale_units="xy", scale=1, width=0.0036, headwidth=4,
            headlength=4.5, headaxislength=4, minlength=0.5, color=INK, **moving,
        )  # fmt: skip
        self.note = ax.text(
            0.985, 0.012, "", transform=ax.transAxes, ha="right", va="bottom", fontsize=9,
            color=INK, bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1.5},
            **moving,
        )  # fmt: skip
        (self.star,) = ax.plot([], [], **_STAR, **moving)
        (self.rings,) = ax.plot([], [], **REAL.points(6.5), **moving)
        (self.crosses,) = ax.plot([], [], **FAKE.points(6.5), **moving)
        self._latent_corner(session)

    def show(self, layers: Collection[str]) -> None:
        """Choose the layers, by names of ``LAYERS``; grid and legend go with them."""
        self.layers = layers
        self.ax.grid("surface" not in layers)
        self.scale.ax.set_visible("surface" in layers)
        shown = {
            "real": self.dots, "generated": self.fakes,
            "manifold": Line2D([], [], color=GENERATOR.colour, label="manifold"),
            "chosen": Line2D([], [], **{**_STAR, "markersize": 9}, label="G(z)"),
        }  # fmt: skip
        handles = [artist for name, artist in shown.items() if name in layers]
        if (former := self.ax.get_legend()) is not None:
            former.remove()
        if handles:
            legend_above(self.ax, handles, handlelength=1.2)

    def _latent_corner(self, session: Session) -> None:
        """A small picture of the first two latent coordinates, with the chosen place."""
        self.corner = self.ax.inset_axes((0.012, 0.012, 0.2, 0.2))
        z = array(session.z[:150])
        self.corner.plot(z[:, 0], z[:, min(1, z.shape[1] - 1)], **FAKE.points(2, alpha=0.6))
        (self.place,) = self.corner.plot([], [], **{**_STAR, "markersize": 11})
        reach = 3.0 if z.min() < 0 else 1.0
        self.corner.set(
            xlim=(min(z.min(), -reach * (z.min() < 0)), reach),
            ylim=(min(z.min(), -reach * (z.min() < 0)), reach), xticks=[], yticks=[],
        )  # fmt: skip
        self.corner.text(0.04, 0.96, "z", transform=self.corner.transAxes, va="top", fontsize=9)
        self.corner.patch.set_alpha(0.85)
        self.corner.set_animated(True)

    def draw(self, pixels: np.ndarray, snapshot: Snapshot, chosen: Tensor) -> None:
        """Draw the layers over the background, the flat ones first.

        Args:
            pixels: the figure's pixels (H, W, 4); changed.
            snapshot: copies of the players.
            chosen: the latent point that is followed, (latent_dim,).
        """
        with torch.no_grad():
            made = array(snapshot.generator(self.z))
        if "surface" in self.layers:
            self._surface(pixels, snapshot, made)
        if "manifold" in self.layers:
            self._manifold(manifold(snapshot.generator, self.lattice))
        if "generated" in self.layers:
            self.fakes.set_data(*made.T)
            self.ax.draw_artist(self.fakes)
        if "real" in self.layers:
            self.ax.draw_artist(self.dots)
        if "pushes" in self.layers:
            self._pushes(snapshot)
        if "chosen" in self.layers:
            self._chosen(snapshot, chosen)

    def draw_part(self, points: Mapping[str, Tensor]) -> None:
        """Draw the batch of one part of a turn: real in rings, fakes with the pushes on them.

        Args:
            points: what ``slow_motion.Part`` holds.
        """
        real, fake, push = (points.get(name) for name in ("real", "fake", "push"))
        if fake is not None:
            self.crosses.set_data(*array(fake).T)
            self.ax.draw_artist(self.crosses)
        if real is not None:
            self.rings.set_data(*array(real).T)
            self.ax.draw_artist(self.rings)
        if fake is not None and push is not None:
            self._arrows(Pushes(array(fake)[:PUSHED], array(push)[:PUSHED]))

    def _surface(self, pixels: np.ndarray, snapshot: Snapshot, made: np.ndarray) -> None:
        seen = snapshot.discriminator, snapshot.objective
        heat, level, low, high, _ = surface(*seen, self.limits, SIDE, self.real, made)
        shade(self.ax, pixels, heat, level, low, high)
        self.scale.draw(low, high)

    def _manifold(self, sheet: Manifold) -> None:
        x = sheet.points
        corners = np.stack([x[:-1, :-1], x[:-1, 1:], x[1:, 1:], x[1:, :-1]], axis=2)
        left, right, bottom, top = self.limits
        spread = sheet.density * (right - left) * (top - bottom)  # 1: as if spread over the plane
        colours = np.empty((spread.size, 4))
        colours[:, :3] = to_rgb(GENERATOR.colour)
        colours[:, 3] = np.clip(np.log10(spread.ravel() + 1e-12) / OPAQUE, 0.0, 0.75)
        self.cells.set_verts(list(corners.reshape(-1, 4, 2)))
        self.cells.set_facecolor(cast(Any, colours))
        self.ax.draw_artist(self.cells)
        gap = np.full((1, 2), np.nan)
        lines = [*x[::4], *x.transpose(1, 0, 2)[::4]] if len(x) > 1 else [*x]
        self.mesh.set_data(*np.concatenate([part for line in lines for part in (line, gap)]).T)
        self.ax.draw_artist(self.mesh)

    def _pushes(self, snapshot: Snapshot) -> None:
        found = pushes(
            snapshot.generator,
            snapshot.discriminator,
            snapshot.objective,
            self.z[:PUSHED],
            self.sample[:PUSHED],
        )
        self._arrows(found)

    def _arrows(self, found: Pushes) -> None:
        longest = float(found.lengths.max())
        self.strongest = max(self.strongest, longest)
        unit = LONGEST * (self.limits[1] - self.limits[0]) / max(self.strongest, 1e-30)
        self.arrows.set_offsets(_padded(found.origins))
        self.arrows.set_UVC(*_padded(found.arrows * unit).T)
        self.ax.draw_artist(self.arrows)
        self.note.set_text(f"longest push {longest:.2g} (run {self.strongest:.2g})")
        self.ax.draw_artist(self.note)

    def _chosen(self, snapshot: Snapshot, chosen: Tensor) -> None:
        self.star.set_data(*output(snapshot.generator, chosen)[:, None])
        self.ax.draw_artist(self.star)
        place = array(chosen)
        self.place.set_data([place[0]], [place[min(1, len(place) - 1)]])
        self.ax.draw_artist(self.corner)


_STAR: dict[str, Any] = {
    "color": "#111111", "marker": "*", "linestyle": "none", "markersize": 17,
    "markeredgecolor": "white", "markeredgewidth": 1.2,
}  # fmt: skip


def _padded(rows: np.ndarray) -> np.ndarray:
    """Return ``PUSHED`` rows (PUSHED, 2): a quiver's number of arrows is fixed; NaN draws none."""
    filled = np.full((PUSHED, 2), np.nan)
    filled[: len(rows)] = rows[:PUSHED]
    return filled

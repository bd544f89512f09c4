"""The laboratory's picture: the plane in layers, and two charts beside or below it.

As on the live board, axes and legends are drawn once; a frame restores them and draws what moves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import LogLocator, NullFormatter
from torch import Tensor

from gan_helpers.lab.front.plane_layers import PlaneLayers
from gan_helpers.lab.front.sample_charts import lab_chart, records
from gan_helpers.lab.session import Session, Snapshot
from gan_helpers.lab.slow_motion import Part
from gan_helpers.plotting.lettering import TITLE, few_ticks
from gan_helpers.plotting.picture import DRAWING, INK, Picture, plain, watermark
from gan_helpers.widgets.board_picture import DPI
from gan_helpers.widgets.chart_artists import ChartArtists, caption
from gan_helpers.widgets.views import surface_title

LIMITS = (-2.9, 2.9, -2.9, 2.9)  # the laboratory's data lie within 3 of the origin


@dataclass(frozen=True)
class Layout:
    """Where things are in the picture: (left, bottom, width, height) in pixels.

    Attributes:
        size: of the whole picture, width and height.
        plane: the square with the samples.
        charts: one rectangle for each chart.
        labelled: a rectangle that holds the charts with all their labels, and no part of the plane.
    """

    size: tuple[int, int]
    plane: tuple[int, int, int, int]
    charts: tuple[tuple[int, int, int, int], ...]
    labelled: tuple[int, int, int, int]


WIDE = Layout(
    (1000, 466), (56, 36, 364, 364), ((616, 277, 260, 127), (616, 74, 260, 127)), (540, 0, 460, 466)
)
TALL = Layout((500, 628), (56, 248, 290, 290), ((76, 74, 300, 80),), (0, 0, 500, 216))


class LabPicture:
    """The picture of one session, drawn again and again.

    Args:
        session: whose players, data and objective it shows; make another picture after a reset.
        layers: names out of ``plane_layers.LAYERS`` to show.
        charts: names out of ``sample_charts.LAB_CHARTS``, as many as the layout has places for.
        layout: ``WIDE``, or ``TALL`` for two side by side.
        title: a line above all, or "".
    """

    def __init__(
        self,
        session: Session,
        layers: Collection[str],
        charts: Sequence[str],
        layout: Layout = WIDE,
        title: str = "",
    ) -> None:
        self.names, self.layout, self.title = tuple(charts), layout, title
        width, height = layout.size
        self.picture = Picture(alt="The laboratory.", dpi=DPI, figsize=(width / DPI, height / DPI))
        self.canvas = FigureCanvasAgg(self.picture)
        self.plane = self._axes(layout.plane)
        self.objective = session.gan.objective
        with DRAWING:
            self.plane_layers = PlaneLayers(self.plane, session, LIMITS)
            self.show(layers)
            if title:
                self.picture.text(
                    0.5, 1 - 5 / height, title, ha="center", va="top", color=INK, **TITLE
                )
            self._make_charts(session)
            watermark(self.picture)
        self.background: np.ndarray | None = None

    def show(self, layers: Collection[str]) -> None:
        """Choose the layers to show from the next frame on, by names of ``plane_layers.LAYERS``."""
        with DRAWING:
            self.layers, self.plane_is_old = layers, True
            self.plane_layers.show(layers)
            heading = surface_title(self.objective) if "surface" in layers else "the plane"
            self.plane.set_title(heading, fontsize=10, color=INK, loc="left", pad=17)

    def _axes(self, place: tuple[int, int, int, int]) -> Any:
        width, height = self.layout.size
        left, bottom, across, up = place
        return plain(
            self.picture.add_axes((left / width, bottom / height, across / width, up / height))
        )

    def _make_charts(self, session: Session) -> None:
        self.end = 100.0
        last = session.measured[-1] if session.measured else None
        self.charts = []
        for name, place in zip(self.names, self.layout.charts, strict=False):
            chart = lab_chart(name, self.objective, last)
            ax = self._axes(place)
            few_ticks(ax.yaxis, place[3] // 40)
            self.charts.append(ChartArtists(ax, chart))
            caption(ax, chart.ylabel)
            if chart.log:
                _plain_ticks(ax)
            ax.set_xlim(0, self.end)
            last_one = place == self.layout.charts[-1]
            ax.set_xlabel("generator updates" if last_one else "")
            ax.tick_params(labelbottom=last_one)  # both charts have one axis, below

    def pixels(
        self,
        session: Session,
        snapshot: Snapshot,
        chosen: Tensor,
        part: Part | None = None,
    ) -> np.ndarray:
        """Draw a frame.

        Args:
            session: read for its curves.
            snapshot: copies of its players, which the layers look at.
            chosen: the latent point that is followed, (latent_dim,).
            part: of a turn in slow motion, whose batch is shown; or ``None``.

        Returns:
            uint8, shape (height, width, 3), valid until the next frame.
        """
        with DRAWING:
            moved = [self._update(artists, session) for artists in self.charts]
            if any(moved) | self._widen(snapshot.step) or self.background is None:
                self._redraw()
            elif self.plane_is_old:
                self._redraw_plane(self.background)
            buffer = np.asarray(self.canvas.buffer_rgba())
            buffer[:] = self.background
            for artists in self.charts:
                artists.draw()
            self.plane_layers.draw(buffer, snapshot, chosen)
            if part is not None:
                self.plane_layers.draw_part(part.points)
            return buffer[..., :3]

    def describe(self, snapshot: Snapshot) -> str:
        """Say in a sentence what the picture shows, for readers who cannot see it."""
        layers = ", ".join(sorted(self.layers)) or "nothing"
        return (
            f"A GAN ({self.objective.name}) in the plane after {snapshot.step} generator updates, "
            f"showing {layers}; charts of {', '.join(self.names)}. {self.title}"
        ).strip()

    def _update(self, artists: ChartArtists, session: Session) -> bool:
        rows = records(artists.chart.name, session)
        if not len(rows):  # after a rewind to the start
            for line in (*artists.raw, *artists.mean):
                line.set_data([], [])
            return False
        return artists.update(rows)

    def _widen(self, last: float) -> bool:
        if last <= self.end:
            return False
        while self.end < last:
            self.end *= 2
        for artists in self.charts:
            artists.ax.set_xlim(0, self.end)
        return True

    def _redraw(self) -> np.ndarray:
        self.plane_is_old = False
        self.canvas.draw()
        self.background = np.array(self.canvas.buffer_rgba())
        return self.background

    def _redraw_plane(self, former: np.ndarray) -> None:
        """Draw all but the charts, whose axes take twice as long as the plane's."""
        for artists in self.charts:
            artists.ax.set_visible(False)
        try:
            background = self._redraw()
        finally:
            for artists in self.charts:
                artists.ax.set_visible(True)
        left, bottom, width, height = self.layout.labelled
        end = len(former) - bottom
        kept = np.s_[end - height : end, left : left + width]
        background[kept] = former[kept]


class _FewTicks(LogLocator):
    """At most four of 0.1, 0.2, 0.5, 1, ..."""

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """Return every n-th of them between the limits."""
        found = np.asarray(super().tick_values(vmin, vmax))
        shown = found[(found >= vmin) & (found <= vmax)]
        return shown[:: -(-len(shown) // 4) or 1]


def _plain_ticks(ax: Axes) -> None:
    """Label a logarithmic axis 0.1, 0.2, 0.5: short enough to stay clear of the plane."""
    ax.yaxis.set_major_locator(_FewTicks(subs=(1.0, 2.0, 5.0), numticks=8))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())

"""The board's picture: one figure that lives as long as the board and redraws only what moved.

Axes, labels and reference lines are drawn once and kept as pixels; a frame restores them, draws
the curves over them, lets the view add the samples, and encodes the pixels. That is several times
faster than drawing a figure, and needs no second plotting language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gan_helpers.plotting.charts import Chart
from gan_helpers.plotting.picture import DRAWING, INK, Picture, plain, watermark
from gan_helpers.record import History
from gan_helpers.widgets.chart_artists import ChartArtists, caption
from gan_helpers.widgets.copies import Copies
from gan_helpers.widgets.views import View

WIDTH, HEIGHT, DPI = 320, 300, 100  # of one panel, in pixels, at scale 1


class BoardPicture:
    """A row of charts and views, drawn again and again.

    Args:
        charts: charts to draw, left.
        views: views of the samples, right of them.
        alt: description of the picture.
        title: a line above all panels, or "".
        total: step at which the run ends; ``None`` where nobody knows, and the axis then grows.
        xlabel: what a step is.
    """

    def __init__(
        self,
        charts: Sequence[Chart],
        views: Sequence[View],
        alt: str,
        title: str,
        total: int | None,
        xlabel: str = "generator updates",
    ) -> None:
        count, top = len(charts) + len(views), 26 if title else 0
        self.alt, self.size = alt, (max(count, 1) * WIDTH, HEIGHT + top)
        width, height = self.size
        self.picture = Picture(alt=alt, dpi=DPI, figsize=(width / DPI, height / DPI))
        if title:
            self.picture.text(
                0.5, 1 - 7 / height, title, ha="center", va="top", color=INK, fontsize=10.5,
                fontweight="bold",
            )  # fmt: skip
        self.growing = total is None
        self.end = float(total or 100)
        axes = []
        for i in range(count):
            bare = i >= len(charts) and views[i - len(charts)].bare  # no ticks, no legend
            left, bottom, right, over = (20, 8, 10, 32) if bare else (50, 42, 12, 44)
            inside = WIDTH - left - right, HEIGHT - bottom - over
            corner = (i * WIDTH + left) / width, bottom / height
            axes.append(
                plain(self.picture.add_axes((*corner, inside[0] / width, inside[1] / height)))
            )
        self.charts = [ChartArtists(ax, c) for ax, c in zip(axes, charts, strict=False)]
        self.views = list(zip(axes[len(charts) :], views, strict=True))
        for artists in self.charts:
            caption(artists.ax, artists.chart.ylabel)
            artists.ax.set(xlim=(0, self.end), xlabel=xlabel)
        for ax, view in self.views:
            view.background(ax)
            caption(ax, view.title)
        watermark(self.picture)
        self.canvas = FigureCanvasAgg(self.picture)
        self.background: Any = None
        self.scale = 1.0

    def pixels(self, history: History, copies: Copies | None, scale: float = 1.0) -> np.ndarray:
        """Draw a frame.

        Args:
            history: the run so far.
            copies: of the networks, at their present weights; ``None`` without views.
            scale: pixels for each pixel of the live picture, > 0; above 1 for a sharper one.

        Returns:
            uint8, shape (height, width, 3), valid until the next frame.
        """
        with DRAWING:
            moved = [artists.update(history) for artists in self.charts]
            last = history.column("step")[-1] if len(history) else 0
            if any(moved) | self._widen(last) | (scale != self.scale) or self.background is None:
                self._redraw(scale)
            self.canvas.restore_region(self.background)
            buffer = np.asarray(self.canvas.buffer_rgba())
            for artists in self.charts:
                artists.draw()
            for ax, view in self.views:
                if copies is not None:
                    view.draw(ax, buffer, copies)
            return buffer[..., :3]

    def _widen(self, last: float) -> bool:
        if last <= self.end:
            return False
        while self.end < last:
            self.end = self.end * 2 if self.growing else last
        for artists in self.charts:
            artists.ax.set_xlim(0, self.end)
        return True

    def _redraw(self, scale: float) -> None:
        self.scale = scale
        self.picture.set_dpi(DPI * scale)
        self.canvas.draw()
        self.background = self.canvas.copy_from_bbox(self.picture.bbox)

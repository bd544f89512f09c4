"""The board's picture: one figure that lives as long as the board and redraws only what moved.

Axes, labels and reference lines are drawn once and kept as pixels; a frame restores them, draws
the curves over them, lets the view add the samples, and encodes the pixels. That is several times
faster than drawing a figure, and needs no second plotting language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gan_helpers.plotting.charts import Chart
from gan_helpers.plotting.picture import DRAWING, INK, Picture, plain, watermark
from gan_helpers.plotting.runs import references
from gan_helpers.record import History
from gan_helpers.widgets.views import Peek, View

WIDTH, HEIGHT, DPI = 320, 300, 100  # of one panel, in pixels, at scale 1
POINTS = 300
WINDOW = 50


class ChartArtists:
    """One chart on its axes: its lines, and limits that move rarely."""

    def __init__(self, ax: Axes, chart: Chart) -> None:
        self.ax, self.chart = ax, chart
        self.raw, self.mean = [], []
        for curve in chart.curves:
            colour = curve.style.colour
            self.raw += ax.plot([], [], animated=True, color=colour, alpha=0.25, linewidth=0.8)
            style = curve.style.curve(1.7, label=curve.label, animated=True)
            self.mean += ax.plot(
                [], [], marker=curve.style.marker, markersize=4.5, markevery=0.25, **style
            )
        if chart.log:
            ax.set_yscale("log")
        references(ax, chart)
        levels = [value for value, _ in chart.references]
        low, high = (min(levels) - 0.5, max(levels) + 1.0) if levels else (0.1, 10.0)
        self.limits = chart.limits or (low, high)
        ax.set_ylim(*self.limits)

    def update(self, history: History) -> bool:
        """Take over the history; return whether the limits moved, so that all must be redrawn."""
        steps = history.column("step")
        if not len(steps):
            return False
        keep = np.unique(np.linspace(0, len(steps) - 1, POINTS).astype(int))
        shown = []
        for curve, raw, mean in zip(self.chart.curves, self.raw, self.mean, strict=True):
            noisy = curve.transform(history.column(curve.column)[: len(steps)][keep])
            smooth = curve.transform(history.smooth(curve.column, WINDOW)[: len(steps)][keep])
            raw.set_data(steps[keep], noisy)
            mean.set_data(steps[keep], smooth)
            shown += [smooth, np.nanpercentile(noisy, [2, 98])]
        if self.chart.limits:
            return False
        values = np.concatenate(shown + [[value for value, _ in self.chart.references]])
        values = values[np.isfinite(values) & ((values > 0) | (not self.chart.log))]
        return self._contain(values) if len(values) else False

    def _contain(self, values: np.ndarray) -> bool:
        forth, back = (np.log10, np.power) if self.chart.log else (np.asarray, None)
        low, high = float(forth(values.min())), float(forth(values.max()))
        a, b = (float(forth(limit)) for limit in self.limits)
        room = max(high - low, 1e-6 * max(abs(high), abs(low), 1e-3))
        if low >= a and high <= b and room > 0.25 * (b - a):
            return False
        ends = low - 0.12 * room, high + 0.2 * room
        self.limits = (float(back(10, ends[0])), float(back(10, ends[1]))) if back else ends
        self.ax.set_ylim(*self.limits)
        return True

    def draw(self) -> None:
        """Draw the lines over the background."""
        for line in (*self.raw, *self.mean):
            self.ax.draw_artist(line)


class Frame:
    """A row of charts and views, drawn again and again.

    Args:
        charts: charts to draw, left.
        views: views of the samples, right of them.
        alt: description of the picture.
        title: a line above all panels, or "".
        total: step at which the run ends; ``None`` where nobody knows, and the axis then grows.
    """

    def __init__(
        self,
        charts: Sequence[Chart],
        views: Sequence[View],
        alt: str,
        title: str,
        total: int | None,
    ) -> None:
        count, top = len(charts) + len(views), 26 if title else 0
        self.size = (max(count, 1) * WIDTH, HEIGHT + top)
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
            artists.ax.set(xlim=(0, self.end), xlabel="generator updates")
        for ax, view in self.views:
            view.background(ax)
            caption(ax, view.title)
        watermark(self.picture)
        self.canvas = FigureCanvasAgg(self.picture)
        self.background: Any = None
        self.scale = 1.0

    def pixels(self, history: History, peek: Peek | None, scale: float = 1.0) -> np.ndarray:
        """Draw a frame.

        Args:
            history: the run so far.
            peek: copies of the players for the views, or ``None`` without views.
            scale: pixels for each pixel of the live picture, > 0; above 1 for a sharper still.

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
                if peek is not None:
                    view.draw(ax, buffer, peek)
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


def caption(ax: Axes, title: str) -> None:
    """Write a panel's title, and under it a legend where there is more than one line."""
    ax.set_title(title, fontsize=10, color=INK, loc="left", pad=20 if ax.axison else 6)
    handles, labels = ax.get_legend_handles_labels()
    if len(handles) > 1:
        legend = ax.legend(
            handles, labels, frameon=False, fontsize=9, ncols=2, loc="lower left",
            bbox_to_anchor=(-0.03, 0.975), columnspacing=1.2, handlelength=2.4, markerscale=1.4,
        )  # fmt: skip
        for handle in filter(None, legend.legend_handles):
            handle.set_animated(False)

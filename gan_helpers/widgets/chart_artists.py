"""One chart drawn again and again: its lines move, its axes rarely."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gan_helpers.plotting.charts import Chart
from gan_helpers.plotting.lettering import legend_above
from gan_helpers.plotting.picture import INK
from gan_helpers.plotting.runs import references
from gan_helpers.record import History

POINTS = 300
WINDOW = 50


class ChartArtists:
    """One chart on its axes: its lines, and limits that move rarely."""

    def __init__(self, ax: Axes, chart: Chart) -> None:
        self.ax, self.chart = ax, chart
        self.raw, self.mean = [], []
        for curve in chart.curves:
            colour = curve.style.colour
            moving: dict[str, Any] = {"animated": True, "clip_on": chart.limits is None}
            self.raw += ax.plot([], [], color=colour, alpha=0.25, linewidth=1.2, **moving)
            self.mean += ax.plot(
                [], [], marker=curve.style.marker, markersize=5, markevery=0.25,
                label=curve.label, **curve.style.curve(), **moving,
            )  # fmt: skip
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
        if low >= 0 and not back:
            ends = max(ends[0], 0.0), ends[1]  # a penalty is never below 0, nor is its axis
        self.limits = (float(back(10, ends[0])), float(back(10, ends[1]))) if back else ends
        self.ax.set_ylim(*self.limits)
        return True

    def draw(self) -> None:
        """Draw the lines over the background."""
        for line in (*self.raw, *self.mean):
            self.ax.draw_artist(line)


def caption(ax: Axes, title: str) -> None:
    """Write a panel's title, and under it a legend where there is more than one line."""
    several = len(ax.get_legend_handles_labels()[0]) > 1
    ax.set_title(title, fontsize=10, color=INK, loc="left", pad=17 if several else 5)
    if several:
        legend_above(ax)

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
from gan_helpers.plotting.lettering import TITLE, few_ticks, wrapped
from gan_helpers.plotting.picture import ACROSS, DRAWING, INK, Picture, plain, watermark
from gan_helpers.record import History
from gan_helpers.widgets.chart_artists import ChartArtists, caption
from gan_helpers.widgets.copies import Copies
from gan_helpers.widgets.views import View

DPI = 160  # letters of 9 points are 15 CSS points tall
HEIGHT, LINE = 460, 30  # pixels of the panels, and of a line of the title
Place = tuple[float, float, float, float]  # left, bottom, width, height in pixels, from below


class BoardPicture:
    """Charts one above the other, views of the samples beside them, drawn again and again.

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
        above = len(views) > 1  # the charts stand above the views, not beside them
        side = ACROSS // len(views) if above or (views and not charts) else 470 * len(views)
        wide = ACROSS if above else ACROSS - side
        across = 2 if len(charts) > 1 and wide == ACROSS else 1  # columns of charts
        each = max(1, -(-len(charts) // across))
        bottom = HEIGHT if above else 0
        tall = each * 200 * bool(charts) if above else max(HEIGHT, 160 * each)
        said = wrapped(title, ACROSS / DPI) if title else ""
        height = bottom + tall + LINE * (said.count("\n") + bool(title))
        self.alt, self.size = alt, (ACROSS, height)
        self.picture = Picture(alt=alt, dpi=DPI, figsize=(ACROSS / DPI, height / DPI))
        if title:
            self.picture.text(0.5, 1 - 5 / height, said, ha="center", va="top", color=INK, **TITLE)
        self.growing = total is None
        self.end = float(total or 100)
        self.charts: list[ChartArtists] = []
        for i in range(0, len(charts), each):
            column, width = charts[i : i + each], wide / across
            places = stacked(column, (i // each * width, bottom, width, tall))
            for place, chart in zip(places, column, strict=True):
                self._add_chart(chart, place, xlabel if chart is column[-1] else "")
        self.views: list[tuple[Axes, View]] = []
        for i, view in enumerate(views):
            left, below, right, over = view.margins
            corner = ACROSS - side * (len(views) - i) + left, below
            size = side - left - right, (HEIGHT if above else tall) - below - over
            ax = self._axes((*corner, *size))
            view.background(ax)
            caption(ax, view.title)
            self.views.append((ax, view))
        watermark(self.picture)
        self.canvas = FigureCanvasAgg(self.picture)
        self.background: Any = None

    def pixels(self, history: History, copies: Copies | None) -> np.ndarray:
        """Draw a frame.

        Args:
            history: the run so far.
            copies: of the networks, at their present weights; ``None`` without views.

        Returns:
            uint8, shape (height, width, 3), valid until the next frame.
        """
        with DRAWING:
            moved = [artists.update(history) for artists in self.charts]
            last = history.column("step")[-1] if len(history) else 0
            if any(moved) | self._widen(last) or self.background is None:
                self.canvas.draw()
                self.background = self.canvas.copy_from_bbox(self.picture.bbox)
            self.canvas.restore_region(self.background)
            buffer = np.asarray(self.canvas.buffer_rgba())
            for artists in self.charts:
                artists.draw()
            for ax, view in self.views:
                if copies is not None:
                    view.draw(ax, buffer, copies)
            return buffer[..., :3]

    def _add_chart(self, chart: Chart, place: Place, xlabel: str) -> None:
        ax = self._axes(place)
        few_ticks(ax.yaxis, max(2, int(place[3] // 40)))
        self.charts.append(ChartArtists(ax, chart))
        caption(ax, chart.ylabel)
        ax.set(xlim=(0, self.end), xlabel=xlabel)
        ax.tick_params(labelbottom=bool(xlabel))  # a column has one axis, below

    def _axes(self, place: Place) -> Axes:
        return plain(self.picture.add_axes(tuple(np.divide(place, 2 * self.size))))

    def _widen(self, last: float) -> bool:
        if last <= self.end:
            return False
        while self.end < last:
            self.end = self.end * 2 if self.growing else last
        for artists in self.charts:
            artists.ax.set_xlim(0, self.end)
        return True


def stacked(charts: Sequence[Chart], place: Place) -> list[Place]:
    """Return where charts that stand one above the other in ``place`` have their axes.

    There is room for what they are captioned with, above each of them, for the names of reference
    lines at their right, and for the steps below the last one.
    """
    left, bottom, width, height = place
    right = 84 if any(chart.references for chart in charts) else 16
    above = [62 if len(chart.curves) > 1 else 36 for chart in charts]
    each = (height - sum(above) - 74 - 14 * (len(charts) - 1)) / len(charts)
    made, top = [], bottom + height
    for room in above:
        made.append((left + 88, top - room - each, width - 88 - right, each))
        top -= room + each + 14
    return made

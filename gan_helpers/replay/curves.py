"""The curves of a run as numbers that the page's script draws: lines, axes, reference levels."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from gan_helpers.plotting.charts import Chart
from gan_helpers.plotting.picture import Style
from gan_helpers.record import History
from gan_helpers.replay.page import packed

POINTS = 300  # along a curve
WINDOW = 50  # steps in the moving average, as on the live board


def chart_data(chart: Chart, history: History) -> dict[str, Any]:
    """Return one chart of a run for the page.

    Args:
        chart: its curves and reference levels.
        history: the run, at least one step.

    Returns:
        Label, steps, limits, ticks, references and curves; on a logarithmic axis all values are
        log10 of what they were.
    """
    steps = history.column("step")
    keep = np.unique(np.linspace(0, len(steps) - 1, POINTS).astype(int))
    curves, seen = [], [np.array([value for value, _ in chart.references])]
    for curve in chart.curves:
        raw = _scaled(chart, curve.transform(history.column(curve.column)))
        mean = _scaled(chart, curve.transform(history.smooth(curve.column, WINDOW)))
        inner = raw[np.isfinite(raw)]
        seen += [mean[keep], np.percentile(inner, [2, 98]) if len(inner) else inner]
        curves.append(
            {
                "label": curve.label,
                "style": style_data(curve.style),
                "raw": packed(raw[keep].astype(np.float32)),
                "mean": packed(mean[keep].astype(np.float32)),
            }
        )
    low, high = chart.limits or _limits(np.concatenate(seen))
    return {
        "label": chart.ylabel,
        "limits": [low, high],
        "ticks": ticks(low, high, 4, log=chart.log),
        "references": [[value, said] for value, said in chart.references],
        "steps": packed(steps[keep].astype(np.float32)),
        "curves": curves,
    }


def ticks(low: float, high: float, count: int, *, log: bool = False) -> list[list[Any]]:
    """Return about ``count`` round positions between two limits, each with its label.

    Args:
        low: lower limit.
        high: upper limit, > ``low``.
        count: ticks wanted, >= 1.
        log: whether limits and positions are log10 of what the labels say.
    """
    found = MaxNLocator(count, steps=[1, 2, 5, 10]).tick_values(low, high)
    shown = [float(value) for value in found if low <= value <= high]
    labels = [f"{10**value if log else value + 0.0:.3g}" for value in shown]
    if not log and high >= 1_000:
        labels = [f"{value:,.0f}" for value in shown]
    return [[v, label.replace("-", "−")] for v, label in zip(shown, labels, strict=True)]


def style_data(style: Style) -> dict[str, Any]:
    """Return a style for the page: colour, marker, and dashes in line widths ([] for none)."""
    return {
        "colour": style.colour,
        "marker": style.marker,
        "dash": [] if isinstance(style.line, str) else list(style.line[1]),
    }


def _scaled(chart: Chart, values: np.ndarray) -> np.ndarray:
    if not chart.log:
        return np.asarray(values, dtype=float)
    return np.log10(np.where(values > 0, values, np.nan))


def _limits(values: np.ndarray) -> tuple[float, float]:
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    room = max(high - low, 1e-6 * max(abs(high), abs(low), 1e-3))
    return low - 0.08 * room, high + 0.12 * room

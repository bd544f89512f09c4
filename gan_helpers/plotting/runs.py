"""Curves of a run over generator updates: losses, scores, or any chart."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gan_helpers.objectives import Objective
from gan_helpers.plotting.charts import Chart
from gan_helpers.plotting.charts import chart as chart_of
from gan_helpers.plotting.lettering import legend_above
from gan_helpers.plotting.picture import INK, REFERENCE, Picture, canvas
from gan_helpers.record import History, Record

POINTS = 1500  # more than a picture has columns


def curves(
    history: History,
    chart: Chart,
    title: str,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    window: int = 50,
) -> Picture:
    """Plot columns of a history over the steps: of ``train``, or of a loop of one's own.

    Args:
        history: the record of a run, at least one step.
        chart: which columns: ``Chart.of("reconstruction", "kl", ylabel="nats")``.
        title: the finding.
        alt: description; written from the data if ``None``.
        ax: axes to draw into instead of a picture of its own.
        window: steps in the moving average, >= 1; the raw values are drawn faintly.

    Returns:
        The picture that was drawn into.

    Raises:
        ValueError: the history is empty, or has no such column.
    """
    if len(history) == 0:
        raise ValueError("the history is empty; train for at least one step before plotting it")
    picture, ax = canvas(title, alt or f"{title}. {_describe(chart, history)}", ax)
    steps = history.steps
    keep = np.unique(np.linspace(0, len(steps) - 1, POINTS).astype(int))
    for curve in chart.curves:
        raw = curve.transform(history.column(curve.column))
        mean = curve.transform(history.smooth(curve.column, window))
        if chart.log:
            raw, mean = (np.where(v > 0, v, np.nan) for v in (raw, mean))
        clip = chart.limits is None  # a curve at the end of an axis is seen whole
        ax.plot(steps[keep], raw[keep], color=curve.style.colour, alpha=0.22, lw=1.2, clip_on=clip)
        ax.plot(
            steps[keep], mean[keep], label=curve.label, marker=curve.style.marker,
            markevery=0.24, markersize=5, clip_on=clip, **curve.style.curve(),
        )  # fmt: skip
    if chart.log:
        ax.set_yscale("log")
    if chart.limits:
        ax.set_ylim(*chart.limits)
    references(ax, chart)
    ax.set(xlabel=_steps(history), ylabel=chart.ylabel)
    if len(chart.curves) > 1:
        legend_above(ax)
    return picture


def losses(history: History, objective: Objective, title: str, **more: Any) -> Picture:
    """Plot what both players minimise; for a Wasserstein objective minus the critic's loss.

    The reference lines are the losses where the discriminator cannot tell real from fake:
    ``2 log 2`` and ``log 2`` for cross-entropy, 1/4 and 1/8 for least squares.

    Args:
        history: the record of a run, at least one step.
        objective: the one the run was trained with; it decides what the curves mean.
        title: the finding.
        more: ``alt``, ``ax`` and ``window``, as in ``curves``.

    Returns:
        The picture that was drawn into.

    Raises:
        ValueError: the history is empty.
    """
    return curves(history, chart_of("losses", objective), title, **more)


def scores(history: History, objective: Objective, title: str, **more: Any) -> Picture:
    """Plot the mean score of real and of generated batches.

    For a probability, D at the mean score is shown, with a line at 1/2 where D cannot tell;
    elsewhere the raw score, which is no probability. Arguments as in ``losses``.
    """
    return curves(history, chart_of("scores", objective), title, **more)


def references(ax: Axes, c: Chart) -> None:
    """Draw a chart's reference lines, each named outside the axes at their right."""
    lowest = min((value for value, _ in c.references), default=0.0)
    for value, label in c.references:
        ax.axhline(value, **REFERENCE.curve(1.2))
        beside = "top" if value == lowest and len(c.references) > 1 else "bottom"
        if len(c.references) == 1:  # clear of what stands above the axes
            beside = "top" if c.limits and value > 0.9 * c.limits[1] else "center"
        ax.annotate(
            label, (1, value), xycoords=("axes fraction", "data"), xytext=(2, 0), fontsize=9,
            textcoords="offset points", va=beside, color=INK,
        )  # fmt: skip


def _steps(history: History) -> str:
    """Say what a step is: ``train`` counts the generator's updates, another loop its own."""
    return "generator updates" if history.columns == Record._fields else "steps"


def _describe(c: Chart, history: History) -> str:
    ends = ", ".join(
        f"{curve.label} ends at {float(curve.transform(history.smooth(curve.column))[-1]):.3g}"
        for curve in c.curves
    )
    return f"{c.ylabel} over {len(history)} {_steps(history)}: {ends}."

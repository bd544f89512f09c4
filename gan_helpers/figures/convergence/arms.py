"""Runs over seeds, an arm a row: of the notebook's own runs and of the study that ships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from gan_helpers.figures._shared import draw_interval
from gan_helpers.plotting import DISCRIMINATOR, REFERENCE, SERIES, Picture, Style, figure, panels
from gan_helpers.study import REAL, Result, column

STYLES = (SERIES[3], SERIES[2], SERIES[4], SERIES[0])
SHARES = ("high quality", "precision", "recall")  # their axes end at 1


def seeds_picture(
    reached: Mapping[str, Sequence[float]], floor: float, xlabel: str, title: str
) -> Picture:
    """Draw what each arm reached, one mark for each seed.

    Args:
        reached: name of an arm -> a number for each seed.
        floor: the same between two sets of real samples.
        xlabel: what the number is.
        title: the finding.

    Returns:
        One panel, a row for each arm.
    """
    picture, ax = figure(title, size=(6.0, 1.3 + 0.42 * len(reached)))
    for row, values in enumerate(reached.values()):
        ax.plot(values, [row] * len(values), **DISCRIMINATOR.points(9, alpha=0.65))
    ax.axvline(floor, **REFERENCE.curve(1.6))
    ax.annotate("two real sets", (floor, -0.75), (4, 0), textcoords="offset points", fontsize=9)
    ax.set_yticks(range(len(reached)), [*reached])
    ax.set(xlim=(0, None), ylim=(len(reached) - 0.5, -1.0), xlabel=xlabel)
    return picture


def gammas_picture(
    distances: Mapping[float, Sequence[float]],
    slopes: Mapping[float, Sequence[float]],
    floor: float,
    title: str,
) -> Picture:
    """Draw what runs of several gammas reached, and how steep their discriminators are.

    Args:
        distances: gamma > 0 -> W1 of each seed.
        slopes: gamma > 0 -> root mean square slope of each seed's D at the data, > 0.
        floor: W1 between two sets of real samples.
        title: the finding.

    Returns:
        Two panels over the logarithm of gamma.
    """
    picture, (left, right) = panels(title, columns=2, size=(6.2, 3.1))
    for ax, found in ((left, distances), (right, slopes)):
        middle = [np.median(values) for values in found.values()]
        ax.plot([*found], middle, **DISCRIMINATOR.curve(2))
        for gamma, values in found.items():
            ax.plot([gamma] * len(values), values, **DISCRIMINATOR.points(7, alpha=0.65))
        ax.set(xscale="log", xlabel=r"$\gamma$ (line: median)")
    left.axhline(floor, **REFERENCE.curve(1.6))
    left.set(ylabel=r"$W_1$ to the real data", ylim=(0, None))
    right.set(ylabel="slope of D at the data", yscale="log")
    return picture


def study_picture(
    results: Sequence[Result], problem: str, measures: Sequence[str], title: str
) -> Picture:
    """Draw measures of a study, every run a mark, with medians and 95 % intervals.

    Args:
        results: of a study that measured real samples too, at least 2 seeds.
        problem: name of the data.
        measures: one or two names.
        title: the finding.

    Returns:
        A panel a measure with a row an arm; the grey band holds real against real samples.
    """
    names = list(dict.fromkeys(r.objective for r in results if r.problem == problem))
    names = [name for name in names if name != REAL]
    size = (6.3, 1.5 + 0.5 * len(names))
    picture, axes = panels(title, columns=len(measures), size=size, sharey=True)
    for ax, measure in zip(axes, measures, strict=True):
        floor = [*column(results, problem, REAL, measure).values()]
        ax.axvspan(min(floor), max(floor), color=REFERENCE.colour, alpha=0.3, linewidth=1.5)
        for place, (name, style) in enumerate(zip(names, STYLES, strict=False)):
            _row(ax, np.array([*column(results, problem, name, measure).values()]), place, style)
        ax.set_title(measure, fontsize=10, loc="left")
        ax.grid(axis="y", visible=False)
        if measure in SHARES:
            ax.set_xlim(None, 1)
    axes[0].set_yticks(range(len(names)), [name.replace(", ", ",\n") for name in names])
    axes[0].set_ylim(len(names) - 0.4, -0.6)
    picture.supxlabel("each mark a seed; black: median and 95 % interval; grey: real", fontsize=9)
    return picture


def _row(ax: Axes, values: np.ndarray, place: float, style: Style) -> None:
    spread = np.linspace(-0.12, 0.12, len(values))
    ax.plot(values, place - 0.12 + spread, **style.points(6, alpha=0.75))
    draw_interval(ax, values, place + 0.28)

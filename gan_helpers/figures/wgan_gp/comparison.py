"""The scoreboard's picture: every seed of every objective beside what real samples come to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gan_helpers.evaluation import bootstrap_interval
from gan_helpers.plotting import REFERENCE, SERIES, Picture, panels
from gan_helpers.study import REAL, Result, column, diverged


def scoreboard_picture(
    results: Sequence[Result], shown: Sequence[tuple[str, str]], title: str, alt: str
) -> Picture:
    """Draw a measure of every run, with medians and intervals, a panel a problem.

    Args:
        results: of a study that measured real samples too, at least 2 seeds.
        shown: problem and measure of each panel.
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        A row of panels that share their objectives; the grey band holds real against real samples.
    """
    names = [name for name in dict.fromkeys(r.objective for r in results) if name != REAL]
    picture, axes = panels(
        title, alt, columns=len(shown), size=(3.1 * len(shown), 3.1), sharey=True
    )
    for ax, (problem, measure) in zip(axes, shown, strict=True):
        floor = list(column(results, problem, REAL, measure).values())
        ax.axvspan(min(floor), max(floor), color=REFERENCE.colour, alpha=0.2, linewidth=0)
        ax.axvline(np.median(floor), label="real data", **REFERENCE.curve(1.2))
        for place, (name, style) in enumerate(zip(names, SERIES, strict=False)):
            values = np.array(list(column(results, problem, name, measure).values()))
            ax.plot(
                values, place + np.linspace(-0.2, 0.2, len(values)), **style.points(5, alpha=0.6)
            )
            if len(values) > 1:
                middle, low, high = bootstrap_interval(values)
                reach = {"xerr": [[middle - low], [high - middle]], "color": "black", "capsize": 4}
                ax.errorbar([middle], [place + 0.38], marker="|", markersize=9, **reach)
            if lost := diverged(results, problem, name):
                ax.annotate(f"{lost} diverged", (0.02, place), xycoords=("axes fraction", "data"))
        ax.set_title(f"{problem}: {measure}", fontsize=10, loc="left")
        ax.set_xlabel("a mark a seed; bar: median, 95 % interval", fontsize=8)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    axes[0].legend(fontsize=8, loc="best")
    return picture

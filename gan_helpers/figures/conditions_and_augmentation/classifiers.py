"""The picture of what helps a classifier of few digits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gan_helpers.figures._shared import draw_interval
from gan_helpers.plotting import SERIES, Picture, panels
from gan_helpers.study import Result, column
from gan_helpers.study.classifiers import ADDED, ALONE, BOTH, MORE, MOVED

STYLES = dict(zip((ALONE, MOVED, ADDED, BOTH, MORE), SERIES, strict=False))


def classifiers_picture(results: Sequence[Result], sizes: Sequence[int], title: str) -> Picture:
    """Draw the test errors of every seed, with means and intervals, a row for each way to teach.

    Args:
        results: of `study.augmentation`, at least 2 seeds.
        sizes: numbers of labelled digits, one or two of them.
        title: the finding.

    Returns:
        A panel for each number of digits.
    """
    picture, axes = panels(title, columns=len(sizes), size=(6.4, 3.0), sharey=True)
    for ax, size in zip(axes, sizes, strict=True):
        for place, (arm, style) in enumerate(STYLES.items()):
            right = column(results, f"classifier on {size} digits", arm, "accuracy").values()
            wrong = 100 * (1 - np.array([*right]))
            spread = place - 0.12 + np.linspace(-0.14, 0.14, len(wrong))
            ax.plot(wrong, spread, **style.points(5, alpha=0.7))
            draw_interval(ax, wrong, place + 0.27, np.mean)
        ax.set_title(f"{size} labelled digits", fontsize=9.5, loc="left")
        ax.grid(axis="y", visible=False)
        ax.set_xlim(0, None)
    axes[0].set_yticks(range(len(STYLES)), [*STYLES])
    axes[0].invert_yaxis()
    picture.supxlabel(
        "test errors in %; each mark a seed, black: mean and 95 % interval", fontsize=9
    )
    return picture

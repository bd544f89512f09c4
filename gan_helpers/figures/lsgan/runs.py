"""A picture of where runs ended, one point for each seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import NullFormatter, ScalarFormatter

from gan_helpers.objectives import Objective
from gan_helpers.plotting import REFERENCE, Picture, figure
from gan_helpers.plotting.picture import objective_style


def runs_picture(
    runs: Mapping[str, tuple[Objective, Sequence[float]]], title: str, floor: float
) -> Picture:
    """Draw how far from the data the runs of several GANs ended.

    Args:
        runs: name of a row -> objective whose colour and marker it gets, and W1 of each run, > 0.
        title: the finding.
        floor: W1 of two samples of the data, > 0.

    Returns:
        One panel with a row for each name, W1 on a logarithmic axis.
    """
    picture, ax = figure(title, size=(6.0, min(0.42 * len(runs) + 1.4, 3.6)))
    for row, (objective, ends) in enumerate(runs.values()):
        style = objective_style(objective)
        ring = {"markerfacecolor": "none", "markeredgewidth": 1.8, "markeredgecolor": style.colour}
        ax.plot(ends, row + np.linspace(-0.25, 0.25, len(ends)), **style.points(7) | ring)
    ax.axvline(floor, **REFERENCE.curve(1.4))
    ax.text(floor * 0.94, len(runs) - 0.5, "two samples\nof the data", ha="right", fontsize=8.5)
    ax.set_yticks(range(len(runs)), list(runs))
    ax.set(xscale="log", xlim=(0.03, 20), ylim=(len(runs) - 0.4, -0.6))
    ax.set_xlabel("$W_1$ to the data after the run, one mark for each seed")
    ax.set_xticks([0.1, 0.3, 1, 3, 10])
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.xaxis.set_minor_formatter(NullFormatter())
    return picture

"""Runs of the two generator losses side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gan_helpers.objectives import Objective
from gan_helpers.plotting import Picture, panels
from gan_helpers.plotting.picture import objective_style

Run = tuple[Sequence[float], Sequence[float]]  # distances and gradient norms


def race_picture(runs: Mapping[str, Mapping[Objective, Sequence[Run]]], every: int) -> Picture:
    """Draw the distance of the fakes from the data over a run, a panel for each optimiser.

    Args:
        runs: optimiser -> objective -> for each seed the distances W1 and the gradient norms (n,).
        every: generator updates from one of them to the next.
    """
    title = "With SGD the minimax loss is stuck, with Adam it arrives"
    picture, axes = panels(title, columns=len(runs), size=(6.0, 3.2), sharey=True)
    for ax, (optimiser, by_objective) in zip(axes, runs.items(), strict=True):
        for objective, seeds in by_objective.items():
            style = objective_style(objective)
            for k, (distances, _) in enumerate(seeds):
                steps = every * np.arange(1, len(distances) + 1)
                label = objective.name if k == 0 else None
                ax.plot(
                    steps, distances, label=label, marker=style.marker, ms=5,
                    markevery=(k, 8), **style.curve(1.5),
                )  # fmt: skip
        ax.set(xlabel="generator updates", ylim=(0, 9))
        ax.set_title(optimiser, fontsize=10)
    axes[0].set_ylabel("W1, fakes to data")
    axes[-1].legend(fontsize=9, frameon=False, loc="upper right")
    return picture

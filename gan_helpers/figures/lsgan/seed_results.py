"""Pictures of results over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gan_helpers.evaluation import bootstrap_interval
from gan_helpers.plotting import REFERENCE, SERIES, Picture, panels


def seeds_picture(
    results: Mapping[str, Sequence[float]],
    title: str,
    alt: str,
    ylabel: str,
    ceiling: tuple[float, str] | None = None,
) -> Picture:
    """Draw one result a seed for each objective, with the median and its bootstrap interval.

    Args:
        results: name of the objective -> one number for each seed, at least 2; at most 6
            names, styled in their order.
        title: the finding.
        alt: description for readers who cannot see it.
        ylabel: what was measured, with its unit.
        ceiling: the best that can be had and what it is called.

    Returns:
        One panel with a column of points for each objective.
    """
    picture, (ax,) = panels(title, alt, size=(6.4, 3.4))
    for k, (values, style) in enumerate(zip(results.values(), SERIES[2:], strict=False)):
        estimate, low, high = bootstrap_interval(np.asarray(values))
        spread = np.linspace(-0.1, 0.1, len(values))
        ax.plot(k + spread, values, **style.points(6))
        error = [[estimate - low], [high - estimate]]
        shown = {"color": style.colour, "capsize": 5, "marker": "_", "markersize": 16}
        ax.errorbar([k + 0.25], [estimate], yerr=error, **shown)
    if ceiling is not None:
        ax.axhline(ceiling[0], label=ceiling[1], **REFERENCE.curve(1.2))
        ax.legend(fontsize=8.5, loc="center")
    ax.set_xticks(range(len(results)), list(results), fontsize=9)
    ax.set(ylabel=ylabel, xlim=(-0.5, len(results) - 0.5))
    ax.set_xlabel("a mark a seed; the bar is the median with its 95 % bootstrap interval")
    return picture

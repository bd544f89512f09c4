"""What many short runs came to: one mark a seed, arm by arm, or two arms with seeds joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from gan_helpers.plotting import DISCRIMINATOR, FAKE, REAL, REFERENCE, SERIES, Picture, panels
from gan_helpers.plotting.picture import INK

_ARMS = (REAL, SERIES[4], DISCRIMINATOR, FAKE)


def trials_picture(
    reached: Mapping[str, Sequence[float]], title: str, xlabel: str, floor: float | None = None
) -> Picture:
    """Draw what each arm reached, one ring for each seed, over the range of the first arm.

    Args:
        reached: name of an arm -> one number > 0 for each seed; the first is compared with.
        title: the finding.
        xlabel: what is measured.
        floor: the same between two real sets, drawn as a line.

    Returns:
        One panel with a logarithmic axis, a row for each arm.
    """
    picture, axes = panels(title, size=(6.0, 0.95 + 0.235 * len(reached)))
    ax = axes[0]
    first = next(iter(reached.values()))
    ax.axvspan(min(first), max(first), color=REAL.colour, alpha=0.13, linewidth=0)
    for row, values in enumerate(reached.values()):
        style = REAL if row == 0 else DISCRIMINATOR
        ax.plot(values, [row] * len(values), **style.points(8, marker="o", alpha=0.75,
                markerfacecolor="none", markeredgewidth=1.6))  # fmt: skip
    if floor is not None:
        ax.axvline(floor, **REFERENCE.curve(1.6))
        ax.annotate("two real sets", (floor, -0.85), (4, -3), textcoords="offset points",
                    fontsize=9)  # fmt: skip
    ax.set_yticks(range(len(reached)), [*reached])
    ax.set(xscale="log", ylim=(len(reached) - 0.4, -1.0), xlabel=xlabel)
    every = np.concatenate([np.asarray(values, float) for values in reached.values()])
    low, high = (every.min() if floor is None else floor) / 1.2, every.max() * 1.2
    ticks = [t for t in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if low <= t <= high]
    ax.set(xlim=(low, high))
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    return picture


def seeds_picture(
    reached: Mapping[str, Sequence[Sequence[float]]],
    names: Sequence[str],
    title: str,
    ylabel: str,
) -> Picture:
    """Draw a few arms side by side with the runs of one seed joined, a panel for each problem.

    Args:
        reached: problem -> for each arm one number a seed, in the same order of seeds.
        names: of the arms, at most 4.
        title: the finding.
        ylabel: what is measured.

    Returns:
        At most two panels; the medians are thick bars.
    """
    picture, axes = panels(title, columns=len(reached), size=(6.2, 3.2))
    for ax, (problem, arms) in zip(axes, reached.items(), strict=True):
        for x, both in enumerate(pairwise(arms)):
            for runs in zip(*both, strict=False):  # an arm may have fewer seeds
                ax.plot([x, x + 1], runs, color="#c4c4c4", linewidth=1.3, zorder=1)
        for x, (values, style) in enumerate(zip(arms, _ARMS, strict=False)):
            ax.plot([x] * len(values), values, **style.points(8, zorder=3))
            ax.plot([x - 0.2, x + 0.2], [np.median(values)] * 2, color=INK, linewidth=3, zorder=2)
        ax.set_xticks(range(len(arms)), [*names])
        ax.set(xlim=(-0.5, len(arms) - 0.5), ylim=(0, 1.12 * max(map(max, arms))))
        ax.set_title(problem, fontsize=10)
    axes[0].set_ylabel(ylabel)
    return picture


def judged_picture(
    judged: Mapping[str, tuple[Sequence[float], Sequence[float]]], title: str
) -> Picture:
    """Draw the probabilities that a discriminator gives real and generated batches in two runs.

    Args:
        judged: name of a run -> (of real batches, of generated ones), each after every update.
        title: the finding.

    Returns:
        A panel for each run, smoothed over a twentieth of it.
    """
    picture, axes = panels(title, columns=len(judged), size=(6.2, 3.0), sharey=True)
    for ax, (name, both) in zip(axes, judged.items(), strict=True):
        for values, style, label in zip(both, (REAL, FAKE), ("real", "generated"), strict=True):
            window = max(1, len(values) // 20)
            mean = np.convolve(values, np.full(window, 1 / window), "valid")
            ax.plot(np.arange(len(mean)) + window, mean, label=label, **style.curve(2.4))
            up = 17 if mean[-1] < 0.5 else -17  # towards the middle, off the curve
            ax.annotate(
                label, (len(mean) + window, mean[-1]), (-4, up), ha="right", va="center",
                textcoords="offset points", fontsize=9.5, color=style.colour,
            )  # fmt: skip
        ax.axhline(0.5, **REFERENCE.curve(1.4))
        ax.set(ylim=(0, 1), xlabel="generator updates")
        ax.set_title(name, fontsize=10)
    axes[0].set_ylabel("probability of being real,\nat the mean score")
    return picture

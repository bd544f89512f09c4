"""Pictures of what a score is worth: beside a saturated discriminator, and as a loss curve."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from gan_helpers.figures._shared import Array
from gan_helpers.objectives import NON_SATURATING, WGAN
from gan_helpers.plotting import FAKE, REAL, REFERENCE, SERIES, Picture, figure, panels
from gan_helpers.plotting.picture import objective_style


def draw_pair(ax: Axes, x: Array, p: Array, q: Array, *, named: bool = True) -> None:
    """Draw the real and the generated density as filled hills, each named at its peak."""
    for name, density, style in (("real", p, REAL), ("generated", q, FAKE)):
        ax.fill_between(x, density, color=style.colour, alpha=0.18, lw=0)
        ax.plot(x, density, **style.curve(1.8))
        if named:
            peak = int(np.argmax(density))
            ax.text(x[peak], density[peak] * 1.04, name, color=style.colour, ha="center")
    ax.set(ylabel="density", ylim=(0, 1.3 * max(p.max(), q.max())))
    ax.set_yticks([])


def saturation_picture(
    x: ArrayLike, p: ArrayLike, q: ArrayLike, probability: ArrayLike, critic: ArrayLike
) -> Picture:
    """Draw a discriminator's probability and a critic's score over the same two distributions.

    Args:
        x: positions, shape (n,).
        p: real density at x, shape (n,).
        q: generated density at x, shape (n,).
        probability: D(x), shape (n,), in [0, 1].
        critic: f(x) over its steepest slope, shape (n,).

    Returns:
        Two panels, the densities faint behind both.
    """
    x_, p_, q_, d, f = (
        np.asarray(each, dtype=np.float64) for each in (x, p, q, probability, critic)
    )
    picture, axes = panels(
        "At the fakes the discriminator is flat and the critic is a ramp",
        columns=2, size=(6, 3.2),
    )  # fmt: skip
    scores = (d, "D(x), probability of real", objective_style(NON_SATURATING))
    ramp = (f - f.mean(), "f(x) / K (unit of x)", objective_style(WGAN))
    for ax, (values, label, style) in zip(axes, (scores, ramp), strict=True):
        hills = ax.twinx()
        draw_pair(hills, x_, p_, q_, named=ax is axes[0])
        hills.set(ylabel="", ylim=(0, 2.6 * max(p_.max(), q_.max())))
        hills.spines[["top", "right"]].set_visible(False)
        ax.plot(x_, values, **style.curve(2.5))
        ax.set(xlabel="x", ylabel=label)
        ax.set_zorder(hills.get_zorder() + 1)
        ax.patch.set_visible(False)
    axes[0].set(ylim=(0, 1), yticks=[0, 0.5, 1])
    return picture


def tracks_picture(runs: Mapping[str, ArrayLike], every: int, ceiling: float = 0.0) -> Picture:
    """Draw exact W1 above a loss's estimate, along one WGAN and one vanilla run.

    Args:
        runs: name -> (n, 2): exact W1 and the estimate after each block of steps; the WGAN first.
        every: generator steps in a block.
        ceiling: the largest value that the second run's estimate can reach.

    Returns:
        Two panels a run, W1 above.
    """
    picture, axes = panels(
        "Far away: the critic's estimate falls with W1, the vanilla one stays near its ceiling",
        rows=2, columns=len(runs), size=(6, 3.7), sharex=True,
    )  # fmt: skip
    styles = (objective_style(WGAN), objective_style(NON_SATURATING))
    for k, ((name, values), style) in enumerate(zip(runs.items(), styles, strict=True)):
        rows = np.asarray(values, dtype=np.float64)
        steps = every * np.arange(1, len(rows) + 1)
        above, below = axes[k], axes[k + len(runs)]
        above.plot(steps, rows[:, 0], marker="d", ms=4, color="#222222", lw=1.8)
        below.plot(steps, rows[:, 1], marker=style.marker, ms=4, **style.curve(1.8))
        above.set_title(name, fontsize=10)
        above.set(ylim=(0, 1.1 * max(rows[:, 0].max(), 1e-9)))
        below.set(xlabel="generator step")
    axes[0].set_ylabel("exact W1")
    axes[len(runs)].set_ylabel("−critic loss")
    axes[-1].set_ylabel("−D loss (nats)")
    last = axes[-1]
    last.axhline(ceiling, **REFERENCE.curve(1.8))
    room = max(0.25 * (ceiling - last.get_ylim()[0]), 0.05)
    last.set_ylim(last.get_ylim()[0] - room, ceiling + room)
    last.text(steps[-1], ceiling + 0.1 * room, "ceiling", ha="right", color=REFERENCE.colour)
    return picture


def correlation_picture(
    found: Mapping[str, Mapping[str, tuple[Array, float, float]]],
) -> Picture:
    """Draw rank correlations, one dot a seed, with median and interval.

    Args:
        found: situation -> measure -> (values over seeds, low, high) of an interval for the
            median; the same measures in every situation.

    Returns:
        One panel, a block of rows for each situation.
    """
    picture, ax = figure(
        "A critic that keeps up ranks the generators by W1, from far away too; a cold one does not",
        size=(6, 3.7),
    )
    wgan, vanilla = objective_style(WGAN), objective_style(NON_SATURATING)
    styles = (wgan, vanilla, SERIES[4])
    ticks, labels, row = [], [], 0.0
    for situation, measures in found.items():
        ax.text(1.12, row + 1, situation, va="center", fontsize=11, fontweight="bold")
        for (name, (values, low, high)), style in zip(measures.items(), styles, strict=False):
            ax.plot([low, high], [row, row], color=style.colour, lw=8, alpha=0.3)
            ax.plot(values, np.full(len(values), row), **style.points(5, alpha=0.9))
            ax.plot([np.median(values)] * 2, [row - 0.35, row + 0.35], color="#222222", lw=2)
            ticks.append(row)
            labels.append(name)
            row += 1
        row += 0.7
    ax.axvline(0, **REFERENCE.curve(1.2))
    ax.set_yticks(ticks, labels)
    ax.set(xlim=(-1.08, 1.08), ylim=(row - 1.0, -0.7), xlabel="rank correlation with exact W1")
    return picture

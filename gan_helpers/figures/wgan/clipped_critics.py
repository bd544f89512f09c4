"""Pictures of clipped critics: the unknown factor, tracking, weights, depth, shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers.figures._shared import Array, draw_densities
from gan_helpers.plotting import DISCRIMINATOR, REFERENCE, SERIES, Picture, panels


def factor_picture(
    clips: ArrayLike, estimates: ArrayLike, slopes: ArrayLike, w1: float, title: str, alt: str
) -> Picture:
    """Draw what critics with different clipping bounds report about the same two distributions.

    Args:
        clips: clipping bounds c, shape (n,), > 0.
        estimates: minus each critic's loss, shape (n,), > 0.
        slopes: each critic's steepest slope K, shape (n,), > 0.
        w1: the exact distance.
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        One panel, both axes logarithmic.
    """
    c, e, k = (np.asarray(each, dtype=np.float64) for each in (clips, estimates, slopes))
    picture, (ax,) = panels(title, alt, size=(6.4, 3.6))
    ax.axhline(w1, label=f"exact W1 = {w1:.2f}", **REFERENCE.curve(2))
    ax.loglog(c, e / k, marker="^", ms=7, label="estimate / its own slope K", **SERIES[2].curve())
    ax.loglog(c, e, marker="s", ms=7, label="estimate: −critic loss", **DISCRIMINATOR.curve())
    ax.set_xticks(c, [f"{each:g}" for each in c])
    ax.minorticks_off()
    ax.set(xlabel="clipping bound c", ylabel="unit of x, or score units")
    ax.legend(fontsize=8.5, loc="lower right")
    return picture


def tracks_picture(
    runs: Mapping[str, ArrayLike], labels: Sequence[str], every: int, title: str, alt: str
) -> Picture:
    """Draw exact W1 and what a loss says about it along each of some runs.

    Args:
        runs: name -> (n, 2): exact W1 and the loss-based estimate after each block of steps.
        labels: what the estimate is in each run, with its unit, one for each run.
        every: generator steps in a block.
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        One panel a run, W1 on the left axis and the estimate on the right one.
    """
    picture, axes = panels(title, alt, columns=len(runs), size=(3.6 * len(runs), 3.1))
    for ax, (name, values), label in zip(axes, runs.items(), labels, strict=True):
        rows = np.asarray(values, dtype=np.float64)
        steps = every * np.arange(1, len(rows) + 1)
        shown = {"markevery": 5, "ms": 5}
        (exact,) = ax.plot(steps, rows[:, 0], marker="o", **shown, **SERIES[0].curve())
        other = ax.twinx()
        (guess,) = other.plot(steps, rows[:, 1], marker="s", **shown, **DISCRIMINATOR.curve())
        other.spines[["top"]].set_visible(False)
        other.tick_params(labelsize=8)
        other.set_ylabel(label, fontsize=9)
        ax.set(xlabel="generator step", ylabel="exact W1 (unit of x)", ylim=(0, None))
        ax.set_title(name, fontsize=10)
        ax.legend([exact, guess], ["exact W1", "estimate"], fontsize=8.5, loc="lower left")
    return picture


def correlation_picture(
    found: Mapping[str, Mapping[str, tuple[Array, float, float]]], title: str, alt: str
) -> Picture:
    """Draw rank correlations, one dot a seed, with median and interval.

    Args:
        found: situation -> measure -> (values over seeds, low, high) of an interval for the
            median; the same measures in every situation.
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        One panel a situation.
    """
    picture, axes = panels(title, alt, columns=len(found), size=(8.4, 2.9), sharey=True)
    for ax, (situation, measures) in zip(axes, found.items(), strict=True):
        styles = (SERIES[0], SERIES[3], SERIES[2], *SERIES[4:])
        for row, ((_, (values, low, high)), style) in enumerate(
            zip(measures.items(), styles, strict=False)
        ):
            ax.plot([low, high], [row, row], color=style.colour, lw=7, alpha=0.3)
            ax.plot(values, np.full(len(values), row), **style.points(5, alpha=0.8))
            ax.plot([np.median(values)] * 2, [row - 0.28, row + 0.28], color="#222222", lw=2)
        ax.axvline(0, **REFERENCE.curve(1))
        ax.set_yticks(range(len(measures)), list(measures))
        ax.set(xlim=(-1.08, 1.08), ylim=(len(measures) - 0.5, -0.5))
        ax.set_xlabel("rank correlation with exact W1")
        ax.set_title(situation, fontsize=10)
    return picture


def weights_picture(before: ArrayLike, after: ArrayLike, c: float, title: str, alt: str) -> Picture:
    """Draw histograms of a critic's weights before and after training with clipping.

    Args:
        before: weights right after the first clipping, shape (n,).
        after: weights after training, shape (n,).
        c: the bound, > 0.
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        Two panels over the weights from -c to c.
    """
    picture, axes = panels(title, alt, columns=2, size=(7.4, 3.0), sharey=True)
    edges = np.linspace(-c, c, 42)
    for ax, values, name in zip(axes, (before, after), ("at the start", "trained"), strict=True):
        shares = np.histogram(values, edges)[0] / np.size(values)
        ax.bar(edges[:-1], shares, np.diff(edges), align="edge", color=DISCRIMINATOR.colour)
        ax.set_xticks([-c, 0, c])
        ax.set(xlabel="weight")
        ax.set_title(name, fontsize=10)
    axes[0].set_ylabel("share of the weights")
    return picture


def depth_picture(norms: Mapping[float, ArrayLike], title: str, alt: str) -> Picture:
    """Draw the size of the gradient at each layer of a deep critic, for each clipping bound.

    Args:
        norms: c -> gradient norm at each layer's output, first layer first, shape (depth,).
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        One panel with a logarithmic axis.
    """
    picture, (ax,) = panels(title, alt, size=(6.4, 3.6))
    for (c, values), style in zip(norms.items(), (SERIES[1], SERIES[3], SERIES[2]), strict=False):
        layers = np.arange(1, len(np.asarray(values)) + 1)
        ax.semilogy(layers, values, marker=style.marker, ms=6, label=f"c = {c:g}", **style.curve())
    ax.set_xticks(layers)
    ax.set(xlabel="layer (1 is next to the data)", ylabel="gradient norm, per sample")
    ax.legend(fontsize=8.5)
    return picture


def shapes_picture(
    x: ArrayLike, p: ArrayLike, q: ArrayLike, critics: Mapping[str, ArrayLike], title: str, alt: str
) -> Picture:
    """Draw two densities, and below them critics, each scaled to steepest slope 1.

    Args:
        x: evenly spaced positions, shape (n,).
        p: real density at x, shape (n,).
        q: generated density at x, shape (n,).
        critics: name -> f(x), shape (n,), not constant; the first is the reference.
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        Two panels over the same positions.
    """
    picture, (top, bottom) = panels(
        title, alt, rows=2, size=(6.8, 4.8), sharex=True, height_ratios=[2, 3]
    )
    x_, p_, q_ = (np.asarray(each, dtype=np.float64) for each in (x, p, q))
    draw_densities(top, x_, p_, q_)
    top.set_ylim(0, 1.25 * max(p_.max(), q_.max()))
    styles = (REFERENCE, SERIES[3], SERIES[2], *SERIES[4:])
    for (name, values), style in zip(critics.items(), styles, strict=False):
        f = np.asarray(values, dtype=np.float64)
        f = f / np.abs(np.gradient(f, x_)).max()
        every = max(1, len(x_) // 14)
        shown = {"marker": style.marker, "markevery": every, "ms": 5, "label": name}
        bottom.plot(x_, f - f.mean(), **shown, **style.curve(2))
    bottom.margins(y=0.05)
    bottom.set(xlabel="x (unit of the data)", ylabel="critic f / its steepest slope")
    bottom.legend(fontsize=8.5, loc="upper center", framealpha=0.85)
    return picture

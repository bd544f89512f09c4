"""Pictures of what clipping costs: the unknown factor, weights, depth, shapes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers.figures.wgan.loss_curves import draw_pair
from gan_helpers.objectives import WGAN, WGAN_GP
from gan_helpers.plotting import DISCRIMINATOR, REFERENCE, SERIES, Picture, figure, panels
from gan_helpers.plotting.picture import objective_style


def factor_picture(clips: ArrayLike, estimates: ArrayLike, slopes: ArrayLike, w1: float) -> Picture:
    """Draw what critics with different clipping bounds report about the same two distributions.

    Args:
        clips: clipping bounds c, increasing, shape (n,), > 0.
        estimates: minus each critic's loss, shape (n,), > 0.
        slopes: each critic's steepest slope K, shape (n,), > 0.
        w1: the exact distance.

    Returns:
        One panel, both axes logarithmic.
    """
    c, e, k = (np.asarray(each, dtype=np.float64) for each in (clips, estimates, slopes))
    picture, ax = figure(
        "One pair of distributions, one W1: the critic's report depends on c, not only on them",
        size=(6, 3.4),
    )
    ax.axhline(w1, **REFERENCE.curve(2))
    ax.loglog(c, e / k, marker="^", ms=7, **SERIES[2].curve(2))
    ax.loglog(c, e, marker="s", ms=7, **DISCRIMINATOR.curve(2))
    ax.text(c[0], w1 * 1.5, f"exact W1 = {w1:.2f}", color=REFERENCE.colour)
    ax.text(c[0], e[0] / k[0] * 0.5, "report / K", color=SERIES[2].colour, va="top")
    ax.annotate(
        "report: −critic loss", (c[1], e[1]), (10, -12), textcoords="offset points",
        color=DISCRIMINATOR.colour, va="top",
    )  # fmt: skip
    ax.set_xticks(c, [f"{each:g}" for each in c])
    ax.minorticks_off()
    ax.set(xlabel="clipping bound c", ylabel="report", ylim=(e.min() / 4, w1 * 8))
    return picture


def weights_picture(before: ArrayLike, after: ArrayLike, c: float) -> Picture:
    """Draw histograms of a critic's weights before and after training with clipping.

    Args:
        before: weights at the start, shape (n,).
        after: weights after training, shape (n,).
        c: the bound, > 0.

    Returns:
        Two panels over the weights from -c to c, in 40 bars; the title counts the two outer ones.
    """
    edges = np.linspace(-c, c, 41)
    shares = [np.histogram(each, edges)[0] / np.size(each) for each in (before, after)]
    outer = shares[1][0] + shares[1][-1]
    picture, axes = panels(
        f"{100 * outer:.0f} % of the trained critic's weights are within 5 % of a bound",
        columns=2, size=(6, 3), sharey=True,
    )  # fmt: skip
    for ax, share, name in zip(axes, shares, ("at the start", "trained"), strict=True):
        ax.bar(edges[:-1], share, np.diff(edges), align="edge", color=DISCRIMINATOR.colour)
        ax.set_xticks([-c, 0, c], [f"−{c:g}", "0", f"{c:g}"])
        ax.set(xlabel="weight")
        ax.set_title(name, fontsize=10)
    axes[0].set_ylabel("share of the weights")
    return picture


def depth_picture(norms: Mapping[float, ArrayLike]) -> Picture:
    """Draw the size of the gradient at each layer of a deep critic, for each clipping bound.

    Args:
        norms: c -> gradient norm at each layer's output, first layer first, shape (depth,).

    Returns:
        One panel with a logarithmic axis.
    """
    picture, ax = figure(
        "On its way down through clipped layers the gradient explodes or vanishes", size=(6, 3.4)
    )
    for (c, values), style in zip(norms.items(), (SERIES[1], SERIES[3], SERIES[2]), strict=False):
        y = np.asarray(values, dtype=np.float64)
        layers = np.arange(1, len(y) + 1)
        ax.semilogy(layers, y, marker=style.marker, ms=6, mew=1.5, **style.curve(2))
        ax.text(0.75, y[0], f"c = {c:g}", color=style.colour, ha="right", va="center")
    ax.set_xticks(layers)
    ax.set(xlabel="layer (1 is next to the data)", ylabel="gradient norm, per sample")
    ax.set_xlim(-1.4, len(layers) + 0.4)
    return picture


def shapes_picture(
    x: ArrayLike, p: ArrayLike, q: ArrayLike, critics: Mapping[str, ArrayLike]
) -> Picture:
    """Draw two densities, and below them critics, each scaled to steepest slope 1.

    Args:
        x: evenly spaced positions, shape (n,).
        p: real density at x, shape (n,).
        q: generated density at x, shape (n,).
        critics: name -> f(x), shape (n,), not constant: the best, a clipped, a penalised one.

    Returns:
        Two panels over the same positions.
    """
    picture, (top, bottom) = panels(
        "The best critic credits all three real bumps, the clipped one only the outer two",
        rows=2, size=(6, 3.7), sharex=True, height_ratios=[1, 2],
    )  # fmt: skip
    x_, p_, q_ = (np.asarray(each, dtype=np.float64) for each in (x, p, q))
    draw_pair(top, x_, p_, q_)
    styles = (REFERENCE, objective_style(WGAN), objective_style(WGAN_GP))
    for (name, values), style in zip(critics.items(), styles, strict=False):
        f = np.asarray(values, dtype=np.float64)
        f = f / np.abs(np.gradient(f, x_)).max()
        shown = {"marker": style.marker, "markevery": max(1, len(x_) // 14), "ms": 5}
        bottom.plot(x_, f - f.mean(), label=name, **shown, **style.curve(2))
    bottom.margins(y=0.05)
    bottom.set(xlabel="x", ylabel="critic f / K\n(unit of x)")
    bottom.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return picture

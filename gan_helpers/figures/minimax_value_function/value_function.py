"""Pictures of the value function and of the divergence behind it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers import theory
from gan_helpers.figures._shared import draw_densities
from gan_helpers.plotting import DISCRIMINATOR, REFERENCE, SERIES, Picture, panels


def coin_picture(real_heads: float = 0.9, fake_heads: float = 0.1) -> Picture:
    """Draw what each face of the coin adds to V, against the discriminator's answer.

    Args:
        real_heads: probability of heads of the real coin, inside (0, 1).
        fake_heads: the same of the generator's coin.

    Returns:
        One panel a face: p log D + q log(1 - D) over D, its top marked.
    """
    game = theory.coin_game(real_heads, fake_heads)
    best = (game.discriminator_heads, game.discriminator_tails)
    title = f"Each face has its own best answer: {best[0]:.2f} on heads, {best[1]:.2f} on tails"
    alt = (
        f"Two hills, one for heads and one for tails. Over the answer D, each face's part of V "
        f"peaks once: at D = {best[0]:.2f} for heads and D = {best[1]:.2f} for tails."
    )
    picture, axes = panels(title, alt, columns=2, size=(7.2, 3.0), sharey=True)
    d = np.linspace(0.01, 0.99, 197)
    faces = (("heads", real_heads, fake_heads), ("tails", 1 - real_heads, 1 - fake_heads))
    for ax, top, (face, p, q) in zip(axes, best, faces, strict=True):
        part = p * np.log(d) + q * np.log1p(-d)
        peak = p * np.log(top) + q * np.log1p(-top)
        ax.plot(d, part, **DISCRIMINATOR.curve())
        ax.plot([top], [peak], **DISCRIMINATOR.points(8))
        ax.axvline(top, **REFERENCE.curve(1.2))
        ax.annotate(
            f"D* = {top:.2f}", (top, peak), (0, -22), textcoords="offset points", ha="center"
        )
        ax.set(xlabel=f"answer D({face}), a probability", ylim=(-3, 0))
        ax.set_title(f"{face}: {p:.1f} log D + {q:.1f} log(1 - D)", fontsize=10)
    axes[0].set_ylabel("part of V (nats)")
    return picture


def discriminators_picture(
    x: ArrayLike, p: ArrayLike, q: ArrayLike, curves: Mapping[str, ArrayLike], title: str, alt: str
) -> Picture:
    """Draw two densities, and below them discriminators D(x) over the same axis.

    Args:
        x: positions, shape (n,).
        p: real density at x, shape (n,).
        q: generated density at x, shape (n,).
        curves: name -> D(x), shape (n,), in [0, 1]; at most 8.
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        A picture of two panels.
    """
    picture, (top, bottom) = panels(
        title, alt, rows=2, size=(6.8, 4.6), sharex=True, height_ratios=[2, 3]
    )
    x_, p_, q_ = (np.asarray(each, dtype=np.float64) for each in (x, p, q))
    draw_densities(top, x_, p_, q_)
    bottom.axhline(0.5, **REFERENCE.curve(1))
    styles = (DISCRIMINATOR, *(s for s in SERIES[2:] if s != DISCRIMINATOR))
    for k, ((name, values), style) in enumerate(zip(curves.items(), styles, strict=False)):
        every = (k * len(x_) // 60, max(1, len(x_) // 16))
        bottom.plot(
            x_, values, label=name, markevery=every, marker=style.marker, ms=5, **style.curve()
        )
    bottom.set(xlabel="x (unit of the data)", ylabel="D(x), a probability", ylim=(-0.04, 1.2))
    bottom.legend(fontsize=8.5, loc="upper center", ncols=len(curves), framealpha=0.85)
    return picture


def divergence_picture(largest: float = 8.0) -> Picture:
    """Draw JS, TV and W1 of N(0, 1) and N(m, 1), and their slopes, against m.

    Args:
        largest: largest m, > 0.

    Returns:
        Two panels: the distances with the ceiling log 2, and what a step of m changes.
    """
    m = np.linspace(0.0, largest, 161)
    js = np.array([theory.gaussian_js(each) for each in m])
    slope = np.array([theory.gaussian_minimax_gradient(each) for each in m]) / 2  # d JS / dm
    title = "JS climbs to log 2 and stays there: far away its slope is gone"
    alt = (
        "Left: JS of two unit Gaussians rises with their distance m and flattens at log 2 = 0.693 "
        "nats from about m = 5, while W1 = m keeps rising. Right: the slope of JS peaks below "
        "m = 2 and falls to zero; the slope of W1 is always 1."
    )
    picture, (left, right) = panels(title, alt, columns=2, size=(7.6, 3.2))
    left.axhline(theory.LOG_2, **REFERENCE.curve(1.2))
    left.text(largest, theory.LOG_2 + 0.04, "ceiling log 2 = 0.693", fontsize=8.5, ha="right")
    left.plot(m, js, markevery=16, marker="s", ms=5, label="JS (nats)", **DISCRIMINATOR.curve())
    left.plot(m, m, markevery=8, marker="^", ms=5, label="W1 (unit of x)", **SERIES[2].curve())
    left.set(xlabel="m, distance of the two means", ylabel="distance", ylim=(0, 1.6))
    left.legend(fontsize=8.5, loc="lower right")
    right.plot(m, slope, markevery=16, marker="s", ms=5, label="d JS / dm", **DISCRIMINATOR.curve())
    right.plot(
        m, np.ones_like(m), markevery=16, marker="^", ms=5, label="d W1 / dm", **SERIES[2].curve()
    )
    right.set(xlabel="m, distance of the two means", ylabel="slope (per unit of m)", ylim=(0, 1.1))
    right.legend(fontsize=8.5, loc="center right")
    return picture

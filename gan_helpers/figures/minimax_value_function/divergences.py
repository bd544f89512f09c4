"""Pictures of the divergence behind the value function, and of data that hardly overlaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers import theory
from gan_helpers.plotting import DISCRIMINATOR, FAKE, REAL, REFERENCE, SERIES, Picture, panels


def distance_picture(m: ArrayLike, js: ArrayLike) -> Picture:
    """Draw JS of N(0, 1) and N(m, 1) under its ceiling beside W1 = m, and the slopes of both.

    Args:
        m: distances of the means, increasing, shape (n,).
        js: JS at each, nats, shape (n,).

    Returns:
        Two panels over m: the distances, and what a step of m changes.
    """
    m_, js_ = np.asarray(m, dtype=np.float64), np.asarray(js, dtype=np.float64)
    title = "Far away JS is flat; the slope of $W_1$ is 1 everywhere"
    picture, (left, right) = panels(title, columns=2, size=(6.0, 3.1))
    left.axhline(theory.LOG_2, **REFERENCE.curve(1.5))
    left.text(3.0, theory.LOG_2 + 0.03, "log 2", fontsize=10, ha="center")
    for name, values, style in (("JS", js_, DISCRIMINATOR), ("W1", m_, SERIES[0])):
        shown = {"marker": style.marker, "markevery": 10, "ms": 5, **style.curve(2)}
        left.plot(m_, values, **shown)
        right.plot(m_, np.gradient(values, m_), label=name, **shown)
    left.text(0.55, 1.25, "$W_1$", color=SERIES[0].colour, fontsize=11, ha="center")
    left.text(2.6, 0.3, "JS", color=DISCRIMINATOR.colour, fontsize=11)
    right.text(4.0, 0.9, "slope of $W_1$", color=SERIES[0].colour, fontsize=11, ha="center")
    right.text(3.6, 0.15, "slope of JS", color=DISCRIMINATOR.colour, fontsize=11)
    left.set(xlabel="m, distance of the means", ylabel="nats, units of x", ylim=(0, 1.6))
    right.set(xlabel="m, distance of the means", ylabel="slope", ylim=(0, 1.1))
    return picture


def rings_picture(shift: float, thickness: ArrayLike, js: ArrayLike) -> Picture:
    """Draw two thin rings that cross, and the JS of such rings against their thickness.

    Args:
        shift: distance of their centres; both have radius 1.
        thickness: standard deviation across the ring, > 0, decreasing, shape (n,).
        js: JS at each, nats, shape (n,).

    Returns:
        Two panels: the rings at the smallest thickness, and JS over the thickness.
    """
    widths, js_ = np.asarray(thickness, dtype=np.float64), np.asarray(js, dtype=np.float64)
    title = f"Two rings {shift:g} apart: the thinner, the larger is JS"
    picture, (left, right) = panels(title, columns=2, size=(6.0, 3.1), width_ratios=[1, 1.15])
    turn = np.linspace(0, 2 * np.pi, 241)
    for centre, style, name in ((0.0, REAL, "real"), (shift, FAKE, "generated")):
        left.plot(centre + np.cos(turn), np.sin(turn), label=name, **style.curve(1.8))
    left.set(aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    left.legend(fontsize=9, loc="center", frameon=False)
    right.axhline(theory.LOG_2, **REFERENCE.curve(1.5))
    right.text(widths[0], theory.LOG_2 + 0.015, "log 2: no overlap", fontsize=9.5, ha="left")
    right.semilogx(widths, js_, marker="s", ms=6, **DISCRIMINATOR.curve(2))
    right.set(
        xlabel="thickness of the rings", ylabel="JS (nats)", ylim=(0, 0.8),
        xlim=(widths[0] * 1.2, widths[-1] / 1.2), xticks=[0.5, 0.1, 0.02],
        xticklabels=["0.5", "0.1", "0.02"],
    )  # fmt: skip
    right.minorticks_off()
    return picture

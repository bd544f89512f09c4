"""Pictures of the value function: payments of an answer, discriminators over two densities."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from gan_helpers.figures._shared import Array, draw_densities
from gan_helpers.plotting import DISCRIMINATOR, REFERENCE, SERIES, Picture, panels

ANSWERS = np.linspace(0.001, 0.999, 999)  # what can be said, short of certainty


def payment_picture(
    pay: Callable[[Array], Array], real_heads: float = 0.9, fake_heads: float = 0.1, name: str = ""
) -> Picture:
    """Draw what each answer D earns on average on heads and on tails, and the best answer.

    p pay(D) + q pay(1 - D) for each face, p and q its probability under the two coins.

    Args:
        pay: what the probability given to the truth earns; called with an array in (0, 1).
        real_heads: probability of heads of the real coin, inside (0, 1).
        fake_heads: the same of the forger's coin.
        name: of the payment, for the title.

    Returns:
        One panel a face. The truth, p / (p + q), is a dotted line.
    """
    faces = (("heads", real_heads, fake_heads), ("tails", 1 - real_heads, 1 - fake_heads))
    earned = [p * pay(ANSWERS) + q * pay(1 - ANSWERS) for _, p, q in faces]
    best = [ANSWERS[each.argmax()] for each in earned]
    paid = f"{name.capitalize()} payment" if name else "Best"
    title = f"{paid}: answer {best[0]:.2f} on heads, {best[1]:.2f} on tails"
    picture, axes = panels(title, columns=2, size=(6.0, 3.1))
    for ax, (face, p, q), payment, top in zip(axes, faces, earned, best, strict=True):
        ax.plot(ANSWERS, payment, **DISCRIMINATOR.curve(2))
        ax.axvline(p / (p + q), label=f"truth {p / (p + q):.2f}", **REFERENCE.curve(1.5))
        ax.plot(
            [top],
            [payment.max()],
            label=f"best {top:.2f}",
            clip_on=False,
            **DISCRIMINATOR.points(9),
        )
        low, high = payment[20], payment.max()  # where log D falls off a cliff, the rest shows
        low = min(low, payment[-21])
        ax.set(
            xlabel=f"answer D({face})", xlim=(0, 1),
            ylim=(low, high + 0.12 * (high - low)),
        )  # fmt: skip
        ax.legend(fontsize=9, loc="lower center", framealpha=0.9, edgecolor="none")
    axes[0].set_ylabel("average payment")
    return picture


def discriminators_picture(
    x: ArrayLike, p: ArrayLike, q: ArrayLike, curves: Mapping[str, ArrayLike], title: str
) -> Picture:
    """Draw two densities, and below them discriminators D(x) over the same axis.

    Args:
        x: positions, shape (n,).
        p: real density at x, shape (n,).
        q: generated density at x, shape (n,).
        curves: name -> D(x), shape (n,), in [0, 1]; at most 7.
        title: the finding.

    Returns:
        A picture of two panels.
    """
    picture, (top, bottom) = panels(
        title, rows=2, size=(6.0, 3.6), sharex=True, height_ratios=[2, 3]
    )
    x_, p_, q_ = (np.asarray(each, dtype=np.float64) for each in (x, p, q))
    draw_densities(top, x_, p_, q_)
    beside(top)
    top.set(ylabel="density")
    styles = (DISCRIMINATOR, *(s for s in SERIES[2:] if s != DISCRIMINATOR))
    for k, ((name, values), style) in enumerate(zip(curves.items(), styles, strict=False)):
        every = (k * len(x_) // 60, max(1, len(x_) // 16))
        bottom.plot(
            x_, values, label=name, markevery=every, marker=style.marker, ms=5, **style.curve()
        )
    probability_axis(bottom)
    bottom.set(xlim=(x_[0], x_[-1]))
    picture.align_ylabels([top, bottom])
    return picture


def probability_axis(ax: Axes) -> None:
    """Give axes of D(x) the range of a probability, the line of a guess, and a legend beside."""
    ax.axhline(0.5, **REFERENCE.curve(1.2))
    ax.set(xlabel="x", ylabel="D(x)", ylim=(0, 1))
    beside(ax)


def beside(ax: Axes) -> None:
    """Put the legend to the right of the axes, where it covers nothing."""
    ax.legend(
        fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, borderaxespad=0.3
    )

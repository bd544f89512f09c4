"""Pictures of what each loss tells the generator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers import theory
from gan_helpers.objectives import LEAST_SQUARES, MINIMAX, NON_SATURATING, WGAN
from gan_helpers.plotting import REFERENCE, Picture, figure, objective_style, panels
from gan_helpers.plotting.picture import Style

STYLES: dict[str, Style] = {
    each.name: objective_style(each) for each in (MINIMAX, NON_SATURATING, LEAST_SQUARES, WGAN)
}


def generator_loss_picture() -> Picture:
    """Draw both generator losses and the size of their derivatives against the fake's raw score.

    Returns:
        Two panels over the score o from -8 (surely fake) to 8 (surely real).
    """
    o = np.linspace(-8, 8, 161)
    title = "A fake is found out: log(1 - D) is flat, -log D is steep"
    picture, (left, right) = panels(title, columns=2, size=(6.0, 3.3))
    losses = (
        (MINIMAX.name, "log(1 - D)", -np.logaddexp(0, o), theory.minimax_score_gradient(o)),
        (
            NON_SATURATING.name, "-log D", np.logaddexp(0, -o),
            theory.non_saturating_score_gradient(o),
        ),
    )  # fmt: skip
    for (name, formula, loss, slope), (x, y), size_y in zip(
        losses, ((3.0, -7.0), (-3.0, 6.5)), (0.86, 0.86), strict=True
    ):
        style = STYLES[name]
        shown = {"marker": style.marker, "markevery": 20, "ms": 5, **style.curve(2)}
        left.plot(o, loss, **shown)
        left.text(x, y, formula, color=style.colour, fontsize=11, ha="center", va="center")
        right.plot(o, np.abs(slope), **shown)
        side = np.sign(x)
        label = "D" if side > 0 else "1 - D"
        right.text(6.5 * side, size_y, label, color=style.colour, fontsize=11, ha="center")
    for ax in (left, right):
        ax.axvline(-5, **REFERENCE.curve(1.2))
        ax.set(xticks=range(-8, 9, 4), xlabel="score of a fake")
    left.set(ylabel="generator loss (nats)")
    right.set(ylabel="size of the slope", ylim=(0, 1.1), yticks=[0, 0.5, 1])
    return picture


def gradient_picture(m: ArrayLike, slopes: Mapping[str, ArrayLike]) -> Picture:
    """Draw the generator's gradient at the best discriminator against the distance m.

    Args:
        m: distances, > 0, shape (n,).
        slopes: name of the objective -> gradient in m, > 0, shape (n,).

    Returns:
        One panel with a logarithmic axis of gradients.
    """
    title = "Far from the data minimax and least squares die together"
    picture, ax = figure(title, size=(6.0, 3.3))
    m_ = np.asarray(m, dtype=np.float64)
    for name, values in slopes.items():
        style, shown = STYLES[name], np.asarray(values, dtype=np.float64)
        every = max(1, len(m_) // 10)
        ax.semilogy(m_, shown, markevery=every, marker=style.marker, ms=5.5, **style.curve(2))
        ax.text(m_[-1] * 1.02, shown[-1], name, color=style.colour, fontsize=10, va="center")
    ax.set(
        xlabel="m, distance of the generated mean from the real one", xlim=(0, m_[-1]),
        ylim=(5e-5, 20), ylabel="gradient in m",
    )  # fmt: skip
    return picture


def descent_picture(shifts: Mapping[str, Sequence[float]], title: str) -> Picture:
    """Draw how far generated data is from real data while the generator learns, and V(D*).

    Args:
        shifts: name of the run, that of its objective first -> m after each step, (steps + 1,).
        title: the finding.

    Returns:
        Two panels over the steps: m, and the loss of the best discriminator, -V(D*).
    """
    picture, (left, right) = panels(title, columns=2, size=(6.0, 3.4))
    for k, (name, m) in enumerate(shifts.items()):
        style = STYLES[name.split(",")[0]]
        losses = [-theory.gaussian_value(each) for each in m]
        every = (15 * k, max(1, len(m) // 6))
        shown = {"marker": style.marker, "markevery": every, "ms": 5.5, **style.curve(2)}
        if k > 1:
            shown |= {"linestyle": "-", "alpha": 0.75, "markerfacecolor": "white"}
        left.plot(m, label=name, **shown)
        right.plot(losses, **shown)
    right.axhline(theory.LOG_4, **REFERENCE.curve(1.5))
    right.text(0.98, theory.LOG_4 + 0.04, "2 log 2: D must guess", fontsize=9, ha="right",
               transform=right.get_yaxis_transform())  # fmt: skip
    left.set(xlabel="generator step", ylabel="m, distance to the data", ylim=(0, None))
    right.set(xlabel="generator step", ylabel="discriminator loss (nats)", ylim=(0, 1.6))
    picture.legend(*left.get_legend_handles_labels(), fontsize=9, ncols=3, frameon=False,
                   loc="outside lower center")  # fmt: skip
    return picture

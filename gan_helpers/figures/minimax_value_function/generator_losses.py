"""Pictures of what each loss tells the generator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gan_helpers import theory
from gan_helpers.plotting import REFERENCE, SERIES, Picture, panels


def generator_loss_picture() -> Picture:
    """Draw both generator losses and the size of their derivatives against the fake's raw score.

    Returns:
        Two panels over the score o from -8 (surely fake) to 8 (surely real).
    """
    o = np.linspace(-8, 8, 161)
    title = "On a fake that is found out, minimax pulls with force D, non-saturating with 1 - D"
    alt = (
        "Left: log(1 - D) is flat on the left, where the discriminator is sure that the sample is "
        "fake; -log D is steep there. Right: the derivatives' sizes are D and 1 - D. At score "
        "-5 they are 0.0067 and 0.9933."
    )
    picture, (left, right) = panels(title, alt, columns=2, size=(7.8, 3.3))
    losses = (
        ("minimax log(1 - D)", -np.logaddexp(0, o), theory.minimax_score_gradient(o), SERIES[3]),
        (
            "non-saturating -log D",
            np.logaddexp(0, -o),
            theory.non_saturating_score_gradient(o),
            SERIES[2],
        ),
    )
    for name, loss, score_gradient, style in losses:
        shown = {"markevery": 20, "marker": style.marker, "ms": 5, "label": name}
        left.plot(o, loss, **shown, **style.curve())
        right.plot(o, np.abs(score_gradient), **shown, **style.curve())
    for ax in (left, right):
        ax.axvline(-5, **REFERENCE.curve(1))
        ax.set_xticks(range(-8, 9, 4))
        ax.set_xlabel("raw score o of a fake\n(left: found out, right: taken for real)")
    left.set_ylabel("generator loss (nats)")
    right.set_ylabel("|d loss / d o|\n(nats per unit of score)")
    left.legend(fontsize=8.5, loc="upper right")
    return picture


def gradient_picture(largest: float = 8.0) -> Picture:
    """Draw the generator's gradient for four losses at the best discriminator, against m.

    Args:
        largest: largest m, > 0.1.

    Returns:
        One panel with a logarithmic axis of gradients.
    """
    m = np.linspace(0.1, largest, 80)
    title = "Far from the data minimax and least squares both die, the other two do not"
    alt = (
        "Gradients against the distance m, logarithmic. Minimax and least squares rise, turn near "
        "m = 2, and fall together below 0.001 at m = 8. Non-saturating grows like m; Wasserstein "
        "stays at 1."
    )
    picture, (ax,) = panels(title, alt, size=(6.8, 3.6))
    gradients = (
        ("non-saturating", theory.gaussian_non_saturating_gradient, SERIES[2]),
        ("Wasserstein", theory.gaussian_wasserstein_gradient, SERIES[0]),
        ("minimax", theory.gaussian_minimax_gradient, SERIES[3]),
        ("least squares, 0/1 targets", theory.gaussian_least_squares_gradient, SERIES[4]),
    )
    for name, gradient, style in gradients:
        values = [gradient(each) for each in m]
        ax.semilogy(m, values, markevery=8, marker=style.marker, ms=5, label=name, **style.curve())
    ax.set(
        xlabel="m, distance of generated from real mean",
        ylim=(1e-4, 20),
        ylabel="gradient in m at D*\n(loss per unit of m)",
    )
    ax.legend(fontsize=8.5, loc="lower left")
    return picture


def descent_picture(shifts: Mapping[str, Sequence[float]], title: str, alt: str) -> Picture:
    """Draw how far generated data is from real data while the generator learns, and V(D*).

    Args:
        shifts: name of the loss -> m after each step, shape (steps + 1,).
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        Two panels over the steps: m, and V(D*) with both ends of its range.
    """
    picture, (left, right) = panels(title, alt, columns=2, size=(7.6, 3.2))
    for (name, m), style in zip(shifts.items(), (SERIES[3], SERIES[2], *SERIES[4:]), strict=False):
        values = [theory.gaussian_value(each) for each in m]
        shown = {"marker": style.marker, "markevery": max(1, len(m) // 10), "ms": 5, "label": name}
        left.plot(m, **shown, **style.curve())
        right.plot(values, **shown, **style.curve())
    for level, text in ((0.0, "D is always right"), (-theory.LOG_4, "-log 4: D must guess")):
        right.axhline(level, **REFERENCE.curve(1))
        right.text(
            0.98,
            level + 0.05,
            text,
            fontsize=8.5,
            ha="right",
            transform=right.get_yaxis_transform(),
        )
    left.set(xlabel="generator step", ylabel="m (unit of x)", ylim=(0, None))
    right.set(xlabel="generator step", ylabel="V(D*) (nats)", ylim=(-1.5, 0.25))
    left.legend(fontsize=8.5)
    return picture

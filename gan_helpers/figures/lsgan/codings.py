"""Pictures of least squares: its codings, and its gradients at the best discriminator."""

from __future__ import annotations

import numpy as np

from gan_helpers import theory
from gan_helpers.figures._shared import loss_derivative, marked
from gan_helpers.figures.lsgan.pushed_fakes import SIGMOID_LEAST_SQUARES
from gan_helpers.objectives import LEAST_SQUARES, MINIMAX, NON_SATURATING, WGAN
from gan_helpers.plotting import REFERENCE, SERIES, Picture, panels
from gan_helpers.plotting.picture import objective_style

GRID = np.linspace(-14.0, 22.0, 3601)  # x, wide enough for N(0, 1) and N(8, 1)
CODINGS = {"a=-1, b=1, c=0": (-1.0, 1.0, 0.0), "a=0, b=1, c=1": (0.0, 1.0, 1.0)}


def codings_picture(largest: float = 8.0) -> Picture:
    """Draw what the generator's objective is at the best D, for two codings, against m.

    Args:
        largest: largest distance m of the two Gaussians, > 0.

    Returns:
        Two panels: C for each coding, and the divergence that both contain.
    """
    m = np.linspace(0.0, largest, 41)
    p = theory.gaussian_density(GRID)
    generated = [theory.gaussian_density(GRID, each) for each in m]
    title = "Both codings contain the same divergence, one shifted and scaled"
    alt = (
        "Left: C against m. With -1, 1, 0 it rises from 0 to 1, with 0, 1, 1 from 1/4 to 1/2. "
        "Right: after taking off the constant and dividing by the scale both lie on the curve of "
        "Delta, from 0 to 2."
    )
    picture, (left, right) = panels(title, alt, columns=2, size=(6.8, 2.8))
    for k, ((name, (a, b, c)), style) in enumerate(zip(CODINGS.items(), SERIES[3:], strict=False)):
        outputs = [theory.least_squares_discriminator(p, q, a, b) for q in generated]
        pairs = zip(outputs, generated, strict=True)
        value = np.array([theory.least_squares_value(d, p, q, c, GRID) for d, q in pairs])
        left.plot(m, value, label=name, **marked(style, 8))
        same = (value - (a + b - 2 * c) ** 2 / 4) / ((b - a) ** 2 / 8)
        right.plot(m, same, label=name, **marked(style, 8) | {"markevery": (4 * k, 8)})
    for level in (0.25, 0.5):
        left.axhline(level, **REFERENCE.curve(1))
    right.axhline(2, **REFERENCE.curve(1))
    left.set(xlabel="m, distance of the two means", ylabel="C at the best D (no unit)")
    right.set(xlabel="m, distance of the two means", ylabel="(C - constant) / scale = Δ")
    left.legend(fontsize=8.5)
    right.legend(fontsize=8.5, loc="lower right")
    return picture


def dying_gradients_picture(largest: float = 8.0) -> Picture:
    """Draw the gradients of least squares and of minimax at the best D, and their ratio.

    Args:
        largest: largest m, > 0.1.

    Returns:
        Two panels against m: gradients on a logarithmic axis, and what share of minimax is left.
    """
    m = np.linspace(0.1, largest, 80)
    minimax = np.array([theory.gaussian_minimax_gradient(each) for each in m])
    title = "At the best discriminator least squares is weaker than minimax, and dies with it"
    alt = (
        "Left: gradients against m on a logarithmic axis. Non-saturating grows like m, Wasserstein "
        "stays at 1; minimax and below it least squares fall together below 0.001 at m = 8. "
        "Right: least squares over minimax stays between 1/4 and 3/8 for 0, 1, 1; for -1, 1, 0 it "
        "starts at 0."
    )
    picture, (left, right) = panels(title, alt, columns=2, size=(7.6, 3.2))
    others = (
        ("Wasserstein", theory.gaussian_wasserstein_gradient, WGAN),
        ("non-saturating", theory.gaussian_non_saturating_gradient, NON_SATURATING),
    )
    for name, gradient, objective in others:
        shown = marked(objective_style(objective), 10)
        left.semilogy(m, [gradient(each) for each in m], label=name, **shown)
    left.semilogy(m, minimax, label="minimax", **marked(objective_style(MINIMAX), 10))
    for (name, coding), style in zip(CODINGS.items(), SERIES[5:3:-1], strict=True):
        values = np.array([theory.coded_least_squares_gradient(each, *coding) for each in m])
        left.semilogy(m, values, label=f"l. s. {name}", **marked(style, 10))
        right.plot(m, values / minimax, label=name, **marked(style, 10))
    right.axhline(3 / 8, **REFERENCE.curve(1.2))
    right.text(0.1, 3 / 8 + 0.01, "3/8", fontsize=9)
    left.set(xlabel="m, distance of the two means", ylim=(1e-6, 20))
    left.set_ylabel("gradient in m at D*\n(loss per unit of m)")
    right.set(xlabel="m, distance of the two means", ylim=(0, 0.6))
    right.set_ylabel("least squares / minimax")
    left.legend(fontsize=7.5, loc="lower left")
    right.legend(fontsize=8.5, loc="lower right")
    return picture


def sigmoid_picture() -> Picture:
    """Draw the derivative of the least-squares generator loss on a raw score and through a sigmoid.

    Returns:
        One panel over the score from -8 to 8, sizes on a logarithmic axis.
    """
    o = np.linspace(-8, 8, 321)
    title = "Through a sigmoid the gradient dies on both sides"
    alt = (
        "Size of the derivative against the score, logarithmic. On the raw output it is |o - 1|, "
        "large on both sides with a zero at 1. Through a sigmoid it peaks at 0.15 and falls below "
        "0.001 at score -8 and much lower at +8. Non-saturating stays at 1 on the left."
    )
    picture, (ax,) = panels(title, alt, size=(6.0, 3.0))
    curves = (
        ("raw output: |o - 1|", LEAST_SQUARES, objective_style(LEAST_SQUARES)),
        ("through a sigmoid: s(1 - s)²", SIGMOID_LEAST_SQUARES, SERIES[5]),
        ("non-saturating: 1 - s", NON_SATURATING, objective_style(NON_SATURATING)),
    )
    for name, objective, style in curves:
        size = np.maximum(np.abs(loss_derivative(objective, o)), 1e-9)
        ax.semilogy(o, size, label=name, **marked(style, 40))
    ax.set(ylim=(1e-5, 30), xlabel="raw score o of a fake (left: found out)")
    ax.set_ylabel("|d loss / d o|")
    ax.legend(fontsize=8.5, loc="lower center")
    return picture

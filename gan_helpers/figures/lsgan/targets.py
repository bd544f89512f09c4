"""Pictures of least squares: what its targets measure, and its gradients at the best D."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gan_helpers import theory
from gan_helpers.figures._shared import loss_derivative, marked
from gan_helpers.figures.lsgan.pushed_fakes import SIGMOID_LEAST_SQUARES
from gan_helpers.objectives import LEAST_SQUARES, MINIMAX, NON_SATURATING, WGAN
from gan_helpers.plotting import REFERENCE, SERIES, Picture, Style, figure, panels
from gan_helpers.plotting.picture import objective_style

GRID = np.linspace(-14.0, 22.0, 3601)  # x, wide enough for N(0, 1) and N(8, 1)
TARGETS = {"-1, 1, 0": (-1.0, 1.0, 0.0), "0, 1, 1": (0.0, 1.0, 1.0)}  # a, b, c
_STYLES = {"-1, 1, 0": SERIES[5], "0, 1, 1": objective_style(LEAST_SQUARES)}
_ACROSS = "m, distance of the two means"


def targets_picture(largest: float = 8.0) -> Picture:
    """Draw the generator's objective at the best D, for two choices of targets, against m.

    Args:
        largest: largest distance m of the two Gaussians, > 0.

    Returns:
        Two panels: C for both, and the divergence that both contain.
    """
    m = np.linspace(0.0, largest, 41)
    p = theory.gaussian_density(GRID)
    generated = [theory.gaussian_density(GRID, each) for each in m]
    title = "Both targets measure the same divergence, shifted and scaled"
    alt = (
        "Left: C against m. With targets -1, 1, 0 it rises from 0 to 1, with 0, 1, 1 from 1/4 to "
        "1/2. Right: with the constant taken off and the scale divided out both lie on the curve "
        "of Delta, from 0 to 2."
    )
    picture, (left, right) = panels(title, alt, columns=2, size=(6.0, 2.9))
    for k, (name, (a, b, c)) in enumerate(TARGETS.items()):
        outputs = [theory.least_squares_discriminator(p, q, a, b) for q in generated]
        pairs = zip(outputs, generated, strict=True)
        value = np.array([theory.least_squares_value(d, p, q, c, GRID) for d, q in pairs])
        shown = marked(_STYLES[name], 8)
        left.plot(m, value, **shown)
        left.text(largest, value[-1] + 0.03, f"targets {name}", ha="right", fontsize=9)
        same = (value - (a + b - 2 * c) ** 2 / 4) / ((b - a) ** 2 / 8)
        right.plot(m, same, **shown | {"markevery": (4 * k, 8)})
    right.axhline(2, **REFERENCE.curve(1.2))
    right.text(0, 1.86, "ceiling 2", fontsize=9)
    left.set(xlabel=_ACROSS, ylabel="C at the best D", ylim=(0, 1.15))
    right.set(xlabel=_ACROSS, ylabel="(C - constant) / scale = Δ", ylim=(0, 2.2))
    return picture


def dying_gradients_picture(largest: float = 8.0) -> Picture:
    """Draw the gradients of four objectives at the best D, held fixed, against m.

    Args:
        largest: largest m, > 0.1.

    Returns:
        One panel, gradients on a logarithmic axis; least squares with both targets.
    """
    m = np.linspace(0.1, largest, 80)
    title = "At the best discriminator least squares dies as minimax does"
    alt = (
        "Gradients against m on a logarithmic axis. Non-saturating grows like m, Wasserstein stays "
        "at 1; minimax and below it least squares with both targets fall below 0.001 at m = 8."
    )
    picture, ax = figure(title, alt, size=(6.0, 3.3))
    curves: list[tuple[str, Style, Callable[[float], float]]] = [
        (
            "non-saturating",
            objective_style(NON_SATURATING),
            theory.gaussian_non_saturating_gradient,
        ),
        ("Wasserstein", objective_style(WGAN), theory.gaussian_wasserstein_gradient),
        ("minimax", objective_style(MINIMAX), theory.gaussian_minimax_gradient),
    ]
    for name, targets in TARGETS.items():
        gradient = _with_targets(*targets)
        curves.append((f"least squares {name}", _STYLES[name], gradient))
    for name, style, gradient in curves:
        ax.semilogy(m, [gradient(each) for each in m], label=name, **marked(style, 10))
    ax.set(xlabel=_ACROSS, ylim=(5e-5, 20), ylabel="gradient in m at D*")
    picture.legend(loc="outside right center", fontsize=8.8, frameon=False)
    return picture


def _with_targets(a: float, b: float, c: float) -> Callable[[float], float]:
    return lambda m: theory.least_squares_gradient(m, a, b, c)


def sigmoid_picture() -> Picture:
    """Draw the derivative of the least-squares generator loss on a raw score and through a sigmoid.

    Returns:
        One panel over the score from -8 to 8, sizes on a logarithmic axis.
    """
    o = np.linspace(-8, 8, 321)
    title = "Through a sigmoid the derivative dies on both sides"
    alt = (
        "Size of the derivative against the score, logarithmic. On the raw output it is |o - 1|, "
        "large on both sides with a zero at 1. Through a sigmoid it peaks at 0.15 and falls below "
        "0.001 at score -8 and much lower at +8. Non-saturating stays at 1 on the left."
    )
    picture, ax = figure(title, alt, size=(6.0, 3.2))
    curves = (
        ("raw: |o - 1|", LEAST_SQUARES, objective_style(LEAST_SQUARES)),
        ("sigmoid: s(1 - s)²", SIGMOID_LEAST_SQUARES, SERIES[5]),
        ("non-saturating: 1 - s", NON_SATURATING, objective_style(NON_SATURATING)),
    )
    for name, objective, style in curves:
        size = np.maximum(np.abs(loss_derivative(objective, o)), 1e-9)
        ax.semilogy(o, size, label=name, **marked(style, 40))
    ax.set(ylim=(1e-6, 30), xlabel="raw score o of a fake (left: found out)")
    ax.set_ylabel("|d loss / d o|")
    picture.legend(loc="outside right center", fontsize=8.8, frameon=False)
    return picture

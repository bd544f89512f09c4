"""Why a discriminator stops caring and how steep a layer is: hinge losses, and power iteration."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gan_helpers.figures._shared import Array
from gan_helpers.plotting import GENERATOR, REAL, SERIES, Picture, figure, panels


def hinge_picture(title: str) -> Picture:
    """Draw what a real sample costs the discriminator at each score, and how hard it pushes.

    Args:
        title: the finding.

    Returns:
        The losses relu(1 - o) and log(1 + e^-o), and minus their derivatives.
    """
    score = np.linspace(-3, 4, 701)
    picture, axes = panels(title, columns=2, size=(6.2, 2.9))
    curves = (
        ("hinge", np.maximum(1 - score, 0), (score < 1) * 1.0, SERIES[4]),
        ("logistic", np.logaddexp(0, -score), 1 / (1 + np.exp(score)), REAL),
    )
    for name, loss, push, style in curves:
        axes[0].plot(score, loss, label=name, **style.curve(2.4))
        axes[1].plot(score, push, label=name, **style.curve(2.4))
    axes[0].set(xlabel="score of a real sample", ylabel="its loss", ylim=(0, 4), xlim=(-3, 4))
    axes[1].set(xlabel="score of a real sample", ylabel="how hard it pushes", xlim=(-3, 4))
    axes[1].set(ylim=(0, 1.05))
    axes[0].annotate("hinge", (-1.55, 2.75), fontsize=10, color=SERIES[4].colour)
    axes[0].annotate("logistic", (1.1, 0.62), fontsize=10, color=REAL.colour)
    axes[1].annotate("hinge", (-0.9, 0.92), fontsize=10, color=SERIES[4].colour)
    axes[1].annotate("logistic", (1.4, 0.3), fontsize=10, color=REAL.colour)
    return picture


def power_picture(matrix: Array, directions: Sequence[Array], title: str) -> Picture:
    """Draw the unit circle, its image under a matrix, and the steps of power iteration on both.

    Args:
        matrix: W, shape (2, 2).
        directions: unit vectors v of the steps, shape (2,) each; at most 4.
        title: the finding.

    Returns:
        One panel: the image of each v is an arrow whose length is the estimate of sigma.
    """
    angle = np.linspace(0, 2 * np.pi, 361)
    circle = np.stack([np.cos(angle), np.sin(angle)])  # (2, 361)
    picture, ax = figure(title, size=(6.0, 3.6))
    ax.plot(*circle, **REAL.curve(2))
    ax.plot(*(matrix @ circle), **GENERATOR.curve(2))
    ax.annotate(
        "unit vectors $v$", (1, 0), (3.6, -0.9), fontsize=9.5, color=REAL.colour,
        arrowprops={"arrowstyle": "-", "linewidth": 1.2, "color": REAL.colour},
    )  # fmt: skip
    ax.annotate("$Wv$", (-2.6, -5.6), (-8, 0), textcoords="offset points", ha="right",
                fontsize=9.5, color=GENERATOR.colour)  # fmt: skip
    for step, v in enumerate(directions):
        end = tuple((matrix @ v).tolist())
        ax.annotate("", end, (0, 0), arrowprops={"arrowstyle": "-|>", "linewidth": 1.6,
                    "color": SERIES[step + 3].colour, "mutation_scale": 14})  # fmt: skip
        ax.annotate(
            f"step {step + 1}: $|Wv|$ = {np.linalg.norm(end):.5g}", (3.6, 6.2 - 1.5 * step),
            fontsize=9.5, color=SERIES[step + 3].colour,
        )  # fmt: skip
    ax.set(xlim=(-9, 9.5), ylim=(-7.2, 7.6), aspect="equal")
    ax.set(xlabel="first coordinate", ylabel="second coordinate")
    return picture

"""Paths of Dirac-GANs with a brake, with averaging and with falling rates, and how far they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from gan_helpers import theory
from gan_helpers.figures._shared import Array, draw_dirac_field
from gan_helpers.plotting import DISCRIMINATOR, GENERATOR, REFERENCE, SERIES, Picture, panels

Play = Callable[..., Array]  # (game, rates, noise, simultaneous) -> path (steps + 1, 2)
Average = Callable[[Array], Array]
STYLES = (SERIES[3], SERIES[2], SERIES[4], SERIES[0], SERIES[6])
NEAREST = 1e-4  # distances below are drawn here


def distances_picture(groups: Mapping[str, Mapping[str, Array]], title: str) -> Picture:
    """Draw distances from the equilibrium over the steps, on a logarithmic axis.

    Each is a root mean square over a thirtieth of the path.

    Args:
        groups: title of a panel -> name of a remedy -> distance after each step, (steps + 1,); one
            or two panels of the same names, at most 5.
        title: the finding.

    Returns:
        The panels, with one legend under them.
    """
    picture, axes = panels(title, columns=len(groups), size=(6.2, 3.5), sharey=True)
    for ax, (name, curves) in zip(axes, groups.items(), strict=True):
        for (label, distance), style in zip(curves.items(), STYLES, strict=False):
            window = max(1, len(distance) // 30)
            mean = np.convolve(np.square(distance), np.full(window, 1 / window), "valid")
            shown = np.maximum(np.sqrt(mean), NEAREST)
            every = {"marker": style.marker, "ms": 5, "markevery": max(1, len(shown) // 8)}
            ax.plot(shown, label=label, **every, **style.curve(1.8))
        ax.set(yscale="log", xlabel="step", ylim=(NEAREST, 4))
        ax.set_title(name, fontsize=10, loc="left")
    axes[0].set_ylabel("distance from (0, 0)")
    handles = axes[0].get_legend_handles_labels()
    picture.legend(*handles, loc="outside lower center", ncols=3, fontsize=9, frameon=False)
    return picture


def play_remedies(
    play: Play,
    average: Average,
    steps_are: str = "alternating",
    step_size: float = 0.2,
    gamma: float = 0.0,
    noise: float = 0.0,
    falling_rate: bool = False,
) -> Picture:
    """Play one Dirac-GAN with the functions of the notebook, and draw path and average.

    Args:
        play: called with the game, the step sizes, the noise and whether steps are simultaneous.
        average: path (n, 2) -> averaged path (n, 2).
        steps_are: "alternating" or "simultaneous".
        step_size: at the start, > 0.
        gamma: R1 and R2 together, >= 0.
        noise: standard deviation of what is added to each player's gradient, >= 0.
        falling_rate: the step size falls linearly to 0.

    Returns:
        The plane beside the distances over 400 steps.
    """
    game = replace(theory.DIRAC_MINIMAX, gamma=gamma)
    rates: Iterable[float] = step_size * np.linspace(1, 0 if falling_rate else 1, 400)
    path = play(game, rates, noise, steps_are == "simultaneous")
    paths = {"the pair": path, "its average": average(path)}
    ends = {name: float(np.hypot(*each[-1])) for name, each in paths.items()}
    title = f"after 400 steps the pair is {ends['the pair']:.2g} away,"
    picture, (left, right) = panels(
        f"{title} its average {ends['its average']:.2g}", columns=2, size=(6.2, 3.5)
    )
    draw_dirac_field(left, game)
    for (name, each), style in zip(paths.items(), (DISCRIMINATOR, GENERATOR), strict=True):
        left.plot(each[:, 0], each[:, 1], **style.curve(1.5))
        right.plot(np.maximum(np.hypot(*each.T), NEAREST), label=name, **style.curve(2))
    left.plot([path[0, 0]], [path[0, 1]], color="black", marker="o", ms=7, mfc="white")
    left.plot([0], [0], **REFERENCE.points(8, zorder=5))
    left.set(xlabel=r"$\theta$, where the fakes sit", ylabel=r"$\psi$, slope of D's score")
    right.set(yscale="log", xlabel="step", ylabel="distance from (0, 0)", ylim=(NEAREST, 10))
    picture.legend(loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    return picture

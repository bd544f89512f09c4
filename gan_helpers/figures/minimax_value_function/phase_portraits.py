"""Pictures of the Dirac-GAN: its arrows, its paths, and the eigenvalues that foretell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_helpers import theory
from gan_helpers.figures._shared import Array, draw_dirac_field
from gan_helpers.plotting import DISCRIMINATOR, REFERENCE, SERIES, Picture, panels
from gan_helpers.theory.dirac import Step

SETTLED = 1e-9  # a modulus this close to 1 is 1


def fate(game: theory.DiracGame, h: float, step: Step = theory.alternating_step) -> str:
    """Tell what small deviations from the equilibrium do, from the step's eigenvalues.

    Args:
        game: the variant.
        h: step size, > 0.
        step: `theory.simultaneous_step` or `theory.alternating_step`.

    Returns:
        "converges" (all moduli below 1), "diverges" (one above 1) or "circles" (largest is 1).

    Raises:
        ValueError: as in `theory.step_matrix`.

    Source: arXiv:1801.04406, section 2.
    """
    largest = np.abs(np.linalg.eigvals(theory.step_matrix(game, h, step))).max()
    if abs(largest - 1) < SETTLED:
        return "circles"
    return "diverges" if largest > 1 else "converges"


def dirac_paths_picture(
    game: theory.DiracGame, paths: Mapping[str, Array], title: str, alt: str
) -> Picture:
    """Draw the game's arrows with paths over them, and each path's distance from (0, 0).

    Args:
        game: the variant whose arrows are drawn.
        paths: name -> positions, shape (steps + 1, 2), columns (theta, psi); at most 8.
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        Two panels: the (theta, psi) plane, and the distance over the steps.
    """
    picture, (left, right) = panels(title, alt, columns=2, size=(7.8, 3.7))
    draw_dirac_field(left, game)
    for (name, path), style in zip(
        paths.items(), (SERIES[3], *SERIES[:3], *SERIES[4:]), strict=False
    ):
        shown = {"marker": style.marker, "markevery": max(1, len(path) // 12), "ms": 4.5}
        left.plot(path[:, 0], path[:, 1], **shown, **style.curve(1.5))
        distance = np.hypot(path[:, 0], path[:, 1])
        right.plot(distance, label=name, **shown, **style.curve(1.5))
    right.set(xlabel="step", ylabel="distance from (0, 0)", ylim=(0, None))
    right.legend(fontsize=8.5)
    return picture


def dirac_picture(
    game: theory.DiracGame = theory.DIRAC_MINIMAX,
    step: Step = theory.alternating_step,
    h: float = 0.2,
    gamma: float = 0.0,
    theta: float = 1.0,
    psi: float = 0.0,
    steps: int = 150,
) -> Picture:
    """Draw the phase portrait of a Dirac-GAN, one path, and the eigenvalues of its step.

    Args:
        game: the variant, one of `theory.DIRAC_GAMES`.
        step: `theory.simultaneous_step` or `theory.alternating_step`.
        h: step size, > 0.
        gamma: strength of R1, >= 0.
        theta: where the generator starts.
        psi: slope of the discriminator at the start.
        steps: length of the path, >= 1.

    Returns:
        Three panels: the plane, the eigenvalues of one step against the unit circle, and the
        distance from the equilibrium over the steps.
    """
    game = replace(game, gamma=gamma)
    path = theory.dirac_trajectory(game, (theta, psi), h, steps, step)
    path = path[np.isfinite(path[:, 0])]  # a path that has run off ends early
    distance = np.hypot(path[:, 0], path[:, 1])
    how = "alternating" if step is theory.alternating_step else "simultaneous"
    verdict, multipliers = _verdict(game, h, step, distance)
    title = f"{game.name}, {how} steps: {verdict}"
    alt = (
        f"Dirac-GAN, {game.name}, {how} steps of size {h:g}, R1 strength {gamma:g}. The path "
        f"starts {distance[0]:.2f} from the equilibrium and is {distance[-1]:.3g} away after "
        f"{len(path) - 1} steps. {verdict}."
    )
    picture, (left, middle, right) = panels(
        title, alt, columns=3, size=(9.2, 3.5), width_ratios=[1.25, 1, 1.1]
    )
    draw_dirac_field(left, game)
    left.plot(path[:, 0], path[:, 1], marker=".", ms=4, **DISCRIMINATOR.curve(1.1))
    left.plot([theta], [psi], color="black", marker="o", ms=7, mfc="white")
    left.plot([path[-1, 0]], [path[-1, 1]], color="black", marker="s", ms=6)
    left.text(0.02, 0.02, "circle: start, square: end", fontsize=8, transform=left.transAxes)
    _unit_circle(middle, multipliers)
    right.plot(distance, **DISCRIMINATOR.curve())
    right.set(xlabel="step", ylabel="distance from (0, 0)")
    if distance.max() > 20:
        right.set_yscale("log")
    else:
        right.set_ylim(0, max(1.1 * distance.max(), 0.1))
    return picture


def _verdict(
    game: theory.DiracGame, h: float, step: Step, distance: Array
) -> tuple[str, NDArray[np.complex128] | None]:
    if game.penalty_weight > 0:  # |psi| has a kink: no Jacobian, so say what the path did
        end = distance[-max(1, len(distance) // 5) :].max()
        return f"no eigenvalues at the kink; the last fifth strays to {end:.2g}", None
    multipliers = np.linalg.eigvals(theory.step_matrix(game, h, step)).astype(np.complex128)
    largest = np.abs(multipliers).max()
    return f"{fate(game, h, step)} near 0, since |mu| = {largest:.4f}", multipliers


def _unit_circle(ax: Axes, multipliers: NDArray[np.complex128] | None) -> None:
    turn = np.linspace(0, 2 * np.pi, 121)
    ax.plot(np.cos(turn), np.sin(turn), **REFERENCE.curve(1.2))
    reach = 1.25
    if multipliers is None:
        ax.text(0, 0, "not defined", ha="center", fontsize=9)
    else:
        ax.plot(multipliers.real, multipliers.imag, **DISCRIMINATOR.points(9))
        reach = max(reach, 1.1 * float(np.abs(multipliers).max()))
        listed = "\n".join(f"{mu.real:+.3f} {mu.imag:+.3f}i" for mu in multipliers)
        ax.text(0, 0, listed, ha="center", va="center", fontsize=8.5)
    ax.set(
        xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal",
        xlabel="real part", ylabel="imaginary part",
    )  # fmt: skip
    ax.set_title(r"eigenvalues $\mu$ of one step" "\n(inside the circle: dies out)", fontsize=9)

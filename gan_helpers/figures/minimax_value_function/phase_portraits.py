"""Pictures of the Dirac-GAN: its arrows and its paths, and what eigenvalues foretell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gan_helpers import theory
from gan_helpers.figures._shared import Array, draw_dirac_field
from gan_helpers.plotting import DISCRIMINATOR, SERIES, Picture, panels
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


def paths_picture(paths: Mapping[str, Array], title: str) -> Picture:
    """Draw paths of both players' numbers over the minimax game's arrows, and their distances.

    Args:
        paths: name -> positions, shape (steps + 1, 2), columns (theta, psi); at most 4.
        title: the finding.

    Returns:
        Two panels: the (theta, psi) plane, and the distance from (0, 0) over the steps.
    """
    picture, (left, right) = panels(title, columns=2, size=(6.0, 3.5))
    draw_dirac_field(left, theory.DIRAC_MINIMAX)
    styles = (SERIES[3], SERIES[2], SERIES[4], SERIES[6])
    for (name, path), style in zip(paths.items(), styles, strict=False):
        shown = {"marker": style.marker, "markevery": max(1, len(path) // 12), "ms": 5}
        left.plot(path[:, 0], path[:, 1], **shown, **style.curve(1.6))
        distance = np.hypot(path[:, 0], path[:, 1])
        right.plot(distance, label=name, **shown, **style.curve(1.8))
    left.set(xlabel=r"$\theta$, where the fakes sit", ylabel=r"$\psi$, slope of D's score")
    right.set(xlabel="step", ylabel="distance from (0, 0)", ylim=(0, None))
    picture.legend(*right.get_legend_handles_labels(), fontsize=9, ncols=4, frameon=False,
                   loc="outside lower center")  # fmt: skip
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
    """Draw the phase portrait of a Dirac-GAN, and one path in it.

    Args:
        game: the variant, one of `theory.DIRAC_GAMES`.
        step: `theory.simultaneous_step` or `theory.alternating_step`.
        h: step size, > 0.
        gamma: strength of R1, >= 0.
        theta: where the generator starts.
        psi: slope of the discriminator at the start.
        steps: length of the path, >= 1.

    Returns:
        Two panels: the plane, and the distance from the equilibrium over the steps. The title
        says what the eigenvalues of one step foretell.
    """
    game = replace(game, gamma=gamma)
    path = theory.dirac_trajectory(game, (theta, psi), h, steps, step)
    path = path[np.isfinite(path[:, 0])]  # a path that has run off ends early
    distance = np.hypot(path[:, 0], path[:, 1])
    how = "alternating" if step is theory.alternating_step else "simultaneous"
    verdict = _verdict(game, h, step, distance)
    title = f"{game.name}, {how} steps: {verdict}"
    alt = (
        f"Dirac-GAN, {game.name}, {how} steps of size {h:g}, R1 strength {gamma:g}. The path "
        f"starts {distance[0]:.2f} from the equilibrium and is {distance[-1]:.3g} away after "
        f"{len(path) - 1} steps. {verdict}."
    )
    picture, (left, right) = panels(title, alt, columns=2, size=(6.0, 3.4))
    draw_dirac_field(left, game)
    left.plot(path[:, 0], path[:, 1], marker=".", ms=4, **DISCRIMINATOR.curve(1.2))
    left.plot([theta], [psi], color="black", marker="o", ms=8, mfc="white", ls="none")
    left.plot([path[-1, 0]], [path[-1, 1]], color="black", marker="s", ms=7, ls="none")
    left.set(
        xlabel=r"$\theta$, where the fakes sit" "\n(circle: start, square: end)",
        ylabel=r"$\psi$, slope of D's score",
    )
    right.plot(distance, **DISCRIMINATOR.curve())
    right.set(xlabel="step", ylabel="distance from (0, 0)")
    if distance.max() > 20:
        right.set_yscale("log")
    else:
        right.set_ylim(0, max(1.1 * distance.max(), 0.1))
    return picture


def _verdict(game: theory.DiracGame, h: float, step: Step, distance: Array) -> str:
    if game.penalty_weight > 0:  # |psi| has a kink: no Jacobian, so say what the path did
        end = distance[-max(1, len(distance) // 5) :].max()
        return f"no eigenvalues at the kink; the last fifth strays to {end:.2g}"
    largest = np.abs(np.linalg.eigvals(theory.step_matrix(game, h, step))).max()
    return rf"{fate(game, h, step)} near 0, since $|\mu|$ = {largest:.4f}"

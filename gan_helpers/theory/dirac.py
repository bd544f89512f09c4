"""The Dirac-GAN: the smallest GAN there is, one number a player.

All real data sits at 0. The generator puts all its samples at theta. The discriminator is a line
through 0 with score psi x, and a positive score says real. Then
V(theta, psi) = f(psi 0) + f(-psi theta),  f(t) = -log(1 + e^-t) = log sigmoid(t).
The discriminator climbs V, the generator descends: the vector field below. Mescheder et al. write
D for the opposite sign of score (psi -> -psi), which mirrors the pictures and keeps eigenvalues.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from gan_helpers.runtime import integer, number
from gan_helpers.theory._inputs import Array, finite_array

Pull = Callable[[Array], Array]
RUN_OFF = 1e12  # a path this far out will not come back
Step = Callable[["DiracGame", float, float, float], tuple[float, float]]


@dataclass(frozen=True)
class DiracGame:
    """One variant of the Dirac-GAN as a value.

    theta' =  psi   generator_pull(psi theta)
    psi'   = -theta discriminator_pull(psi theta) - gamma psi - 2 weight (|psi| - 1) sign(psi)

    Args:
        name: shown in pictures.
        generator_pull: -l'(o), how strongly the generator wants a higher score, at score o.
        discriminator_pull: how strongly the discriminator wants the fake's score lower, at o.
        gamma: strength of R1, gamma/2 E_p[|D'(x)|^2] = gamma/2 psi^2, at least 0.
        penalty_weight: WGAN-GP's lambda in lambda (|psi| - 1)^2, at least 0.
        clip: psi is put back into [-clip, clip] after each discriminator step; None for never.

    Raises:
        ValueError: a negative strength, or a clip that is not positive.

    Source: arXiv:1801.04406, section 2 and definition 2.1.
    """

    name: str
    generator_pull: Pull
    discriminator_pull: Pull
    gamma: float = 0.0
    penalty_weight: float = 0.0
    clip: float | None = None

    def __post_init__(self) -> None:
        number("gamma", self.gamma, 0)
        number("penalty_weight", self.penalty_weight, 0)
        if self.clip is not None and not self.clip > 0:
            raise ValueError(f"clip is {self.clip}; give a positive bound, or None for no clipping")


def _one(score: Array) -> Array:
    return np.ones_like(score)


def _down(score: Array) -> Array:
    return np.asarray(expit(-score))  # 1 - D


def general_game(name: str, f_derivative: Pull) -> DiracGame:
    """Build the zero-sum game V = f(0) + f(-psi theta) from f': both feel f'(-psi theta).

    f' = sigmoid(-t) gives the minimax game, f' = 1 the WGAN. Source: arXiv:1801.04406, equation 2.
    """
    return DiracGame(name, lambda o: f_derivative(-o), lambda o: f_derivative(-o))


DIRAC_MINIMAX = general_game("minimax", _down)  # f(t) = log sigmoid(t), f'(t) = sigmoid(-t)
DIRAC_NON_SATURATING = DiracGame("non-saturating", _down, expit)
DIRAC_WGAN = general_game("WGAN without clipping", _one)  # f(t) = t
DIRAC_WGAN_CLIPPED = replace(DIRAC_WGAN, name="WGAN", clip=1.0)
# 0.1 as in the paper's toy code. From 1 on the kink holds the pair at |theta| = 2 weight instead.
DIRAC_WGAN_GP = replace(DIRAC_WGAN, name="WGAN-GP", penalty_weight=0.1)
DIRAC_GAMES = (DIRAC_MINIMAX, DIRAC_NON_SATURATING, DIRAC_WGAN_CLIPPED, DIRAC_WGAN_GP)


def dirac_field(game: DiracGame, theta: ArrayLike, psi: ArrayLike) -> tuple[Array, Array]:
    """Compute the direction in which each player moves.

    v_theta = -dL_G/dtheta,  v_psi = -dL_D/dpsi  (see DiracGame; sign(0) = 0)

    Args:
        game: the variant.
        theta: where the generator's samples sit, any shape.
        psi: slope of the discriminator, same shape.

    Returns:
        (v_theta, v_psi), each of the common shape.

    Raises:
        ValueError: an input is not finite.

    Source: arXiv:1801.04406, equation 4 with psi -> -psi.
    """
    theta_, psi_ = finite_array("theta", theta), finite_array("psi", psi)
    score = psi_ * theta_
    v_theta = psi_ * game.generator_pull(score)
    v_psi = (
        -theta_ * game.discriminator_pull(score)
        - game.gamma * psi_
        - 2 * game.penalty_weight * (np.abs(psi_) - 1) * np.sign(psi_)
    )
    return v_theta, v_psi


def dirac_jacobian(game: DiracGame) -> Array:
    """Compute the Jacobian of the field at the equilibrium theta = psi = 0.

    J = [[0, g], [-d, -gamma]],  g and d the two pulls at score 0 (both 1/2 for the minimax game)

    Args:
        game: the variant.

    Returns:
        J, shape (2, 2), rows (theta, psi).

    Raises:
        ValueError: a WGAN-GP penalty, whose |psi| has a kink at 0: there is no Jacobian there.

    Source: arXiv:1801.04406, sections 2 to 4.
    """
    if game.penalty_weight > 0:
        raise ValueError(
            f"{game.name} has penalty_weight {game.penalty_weight}; (|psi| - 1)^2 has a kink at "
            "psi = 0, so the field has no Jacobian there: follow a trajectory instead"
        )
    zero = np.zeros(())
    g, d = float(game.generator_pull(zero)), float(game.discriminator_pull(zero))
    return np.array([[0.0, g], [-d, -game.gamma]])


def dirac_eigenvalues(game: DiracGame) -> Array:
    """Compute the two eigenvalues of the Jacobian at the equilibrium.

    lambda = -gamma/2 +- sqrt(gamma^2/4 - g d);  +- i/2 for the minimax game without R1

    Args:
        game: the variant.

    Returns:
        Complex array of shape (2,), the one with the larger imaginary or real part first.
        Negative real parts: the continuous game converges. Real part 0: it circles.

    Raises:
        ValueError: as in `dirac_jacobian`.

    Source: arXiv:1801.04406, sections 2 to 4.
    """
    jacobian = dirac_jacobian(game)
    g, d = jacobian[0, 1], -jacobian[1, 0]
    root = np.sqrt(complex(game.gamma**2 / 4 - g * d))
    return np.array([-game.gamma / 2 + root, -game.gamma / 2 - root])


def _clipped(game: DiracGame, psi: float) -> float:
    return psi if game.clip is None else float(np.clip(psi, -game.clip, game.clip))


def simultaneous_step(game: DiracGame, theta: float, psi: float, h: float) -> tuple[float, float]:
    """Move both players at once: each answers the other's old position.

    theta <- theta + h v_theta(theta, psi),  psi <- psi + h v_psi(theta, psi)
    Returns the new (theta, psi). Source: arXiv:1801.04406, equation 5.
    """
    v_theta, v_psi = dirac_field(game, theta, psi)
    return theta + h * float(v_theta), _clipped(game, psi + h * float(v_psi))


def alternating_step(game: DiracGame, theta: float, psi: float, h: float) -> tuple[float, float]:
    """Move the discriminator, then let the generator answer its new position.

    psi <- psi + h v_psi(theta, psi),  then  theta <- theta + h v_theta(theta, psi)
    Returns the new (theta, psi). Source: arXiv:1801.04406, section 2.
    """
    psi = _clipped(game, psi + h * float(dirac_field(game, theta, psi)[1]))
    return theta + h * float(dirac_field(game, theta, psi)[0]), psi


def dirac_trajectory(
    game: DiracGame, start: tuple[float, float], h: float, steps: int, step: Step = alternating_step
) -> Array:
    """Follow the game step by step.

    Args:
        game: the variant.
        start: (theta, psi) at the beginning.
        h: step size of both players, > 0.
        steps: number of steps, at least 0.
        step: `simultaneous_step` or `alternating_step`.

    Returns:
        Array of shape (steps + 1, 2), columns (theta, psi), starting with `start`. A path that
        runs off, beyond 1e12, ends there: the rows after that are NaN.

    Raises:
        ValueError: h is not positive or steps is negative.

    Source: arXiv:1801.04406, section 2.
    """
    if not h > 0:
        raise ValueError(f"h is {h}; a step size is positive")
    steps = integer("steps", steps, 0)
    path = np.full((steps + 1, 2), np.nan)
    path[0] = start
    for k in range(steps):
        if np.abs(path[k]).max() > RUN_OFF:
            break
        path[k + 1] = step(game, float(path[k, 0]), float(path[k, 1]), h)
    return path


def step_matrix(game: DiracGame, h: float, step: Step = alternating_step) -> Array:
    """Compute the matrix that one step multiplies a small (theta, psi) by.

    simultaneous: I + h J;  alternating: (generator's half step) @ (discriminator's half step)

    Args:
        game: the variant.
        h: step size, > 0.
        step: `simultaneous_step` or `alternating_step`.

    Returns:
        Matrix of shape (2, 2). Its eigenvalues' moduli tell the fate of small deviations: above
        1 they grow, below 1 they die out. Minimax without R1: sqrt(1 + h^2/4) and, alternating,
        exactly 1 while h <= 4.

    Raises:
        ValueError: h is not positive, an unknown step, or as in `dirac_jacobian`.

    Source: arXiv:1801.04406, lemmas 2.4 and 2.5.
    """
    if not h > 0:
        raise ValueError(f"h is {h}; a step size is positive")
    jacobian = dirac_jacobian(game)
    if step is simultaneous_step:
        return np.eye(2) + h * jacobian
    first, second = jacobian * [[0], [1]], jacobian * [[1], [0]]  # discriminator's row, generator's
    if step is alternating_step:
        return (np.eye(2) + h * second) @ (np.eye(2) + h * first)
    raise ValueError("step must be simultaneous_step or alternating_step")

"""What the least-squares GAN minimises, for any targets a (fakes), b (real data), goal c."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from gan_helpers.theory._inputs import Array, finite_array, non_negative, two_measures
from gan_helpers.theory.gaussians import generator_gradient


def least_squares_discriminator(
    p: ArrayLike, q: ArrayLike, fake_target: float = 0.0, real_target: float = 1.0
) -> Array:
    """Compute the best least-squares discriminator point by point.

    D*(x) = (b p(x) + a q(x)) / (p(x) + q(x)),  a the target of fakes, b that of real data

    Args:
        p: real masses or densities, any shape, non-negative.
        q: generated ones, same shape.
        fake_target: a.
        real_target: b.

    Returns:
        D*, same shape, a raw output between a and b; (a + b) / 2 where p = q = 0.

    Raises:
        ValueError: a negative or non-finite entry.

    Source: arXiv:1611.04076, equation 5.
    """
    p_, q_ = non_negative("p", p), non_negative("q", q)
    total = p_ + q_
    middle = np.full_like(total, (fake_target + real_target) / 2)
    return np.divide(real_target * p_ + fake_target * q_, total, out=middle, where=total > 0)


def least_squares_value(
    output: ArrayLike, p: ArrayLike, q: ArrayLike, goal: float, x: ArrayLike | None = None
) -> float:
    """Compute the objective whose part in q the least-squares generator minimises.

    C = 1/2 E_p[(D - c)^2] + 1/2 E_q[(D - c)^2]

    Args:
        output: D(x) at each point, shape (n,), any finite number.
        p, q: distributions, shape (n,), masses (or densities when `x` is given).
        goal: c, what the generator wants D to say.
        x: increasing grid, shape (n,); leave out for histograms.

    Returns:
        C. At the best D with b - c = 1 and b - a = 2 it is half the Pearson chi-square of
        p + q against 2q, which is `pearson_chi_square((p + q) / 2, q)`.

    Raises:
        ValueError: shapes differ, a distribution is negative or does not have mass 1.

    Source: arXiv:1611.04076, equations 4 and 6.
    """
    p_, q_, weights = two_measures(p, q, x)
    d = finite_array("output", output)
    if d.shape != p_.shape:
        raise ValueError(
            f"output has shape {d.shape} but p has shape {p_.shape}; give one value a point"
        )
    return float(((p_ + q_) * (d - goal) ** 2) @ weights) / 2


def triangular_discrimination(p: ArrayLike, q: ArrayLike, x: ArrayLike | None = None) -> float:
    """Compute the triangular discrimination, a divergence between 0 and 2.

    Delta(p, q) = int (p - q)^2 / (p + q) = 2 chi^2((p + q) / 2 || q)

    It is the Pearson chi-square of p + q against 2q as the least-squares paper writes it.

    Args:
        p, q, x: as in `least_squares_value`.

    Returns:
        Delta: 0 for p = q, 2 for distributions that do not overlap.

    Raises:
        ValueError: as in `least_squares_value`.

    Source: arXiv:1611.04076, equation 6; the name is Topsoe's.
    """
    p_, q_, weights = two_measures(p, q, x)
    total = p_ + q_
    part = np.divide((p_ - q_) ** 2, total, out=np.zeros_like(total), where=total > 0)
    return float(part @ weights)


def least_squares_gradient(m: float, a: float, b: float, c: float) -> float:
    """Compute d/dm 1/2 E_q[(D - c)^2] for p = N(0, 1), q = N(m, 1) at the best D, held fixed.

    D = a + (b - a) sigma(o) with o = m^2/2 - m x, so each fake feels (D - c) (b - a) sigma'(o).

    Args:
        m: mean of the generated distribution, finite.
        a, b, c: targets of fakes and of real data, goal of the generator.

    Returns:
        The gradient; positive for m > 0 pulls m down towards 0.

    Raises:
        ValueError: m is not finite.

    Source: arXiv:1611.04076, equations 2 and 5.
    """

    def score_gradient(score: Array) -> Array:
        sigma = expit(score)
        return np.asarray((a + (b - a) * sigma - c) * (b - a) * sigma * expit(-score))

    return generator_gradient(score_gradient, m)


def linear_least_squares_discriminator(m: float) -> tuple[float, float]:
    """Compute the best *straight* least-squares discriminator of N(0, 1) against N(m, 1).

    It minimises 1/2 E_p[(D - 1)^2] + 1/2 E_q[D^2] over D(x) = w x + d. The normal equations give
    w = -m / (m^2 + 4) and D(m / 2) = 1/2.

    Args:
        m: mean of the generated distribution, finite.

    Returns:
        (w, d), slope and intercept.

    Raises:
        ValueError: m is not finite.

    Source: linear regression of the targets on x.
    """
    m = float(finite_array("m", m))
    w = -m / (m**2 + 4)
    return w, 0.5 - w * m / 2

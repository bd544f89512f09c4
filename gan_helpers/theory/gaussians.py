"""The pair p = N(0, 1), q = N(m, 1): closed forms, and the generator's gradients at D*.

The generator is G(z) = m + z with z ~ N(0, 1), so dG/dm = 1. For a discriminator held fixed with
score o(x), the gradient of a generator loss l is  d/dm E[l(o(m + z))] = E_q[l'(o(x)) o'(x)].
With the best discriminator  o(x) = m^2/2 - m x  and  o'(x) = -m.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit, ndtr

from gan_helpers.theory._inputs import Array, finite_array

_NODES = np.linspace(-12.0, 12.0, 4801)  # z; the trapezoid rule is exact to rounding here
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.sqrt(2 * np.pi) * (_NODES[1] - _NODES[0])


def _shift(m: float) -> float:
    if not np.isfinite(m):
        raise ValueError(f"m is {m}; the shift between the two Gaussians must be a finite number")
    return float(m)


def _mean(values: Array) -> float:
    return float(values @ _WEIGHTS)  # E_z[values], z ~ N(0, 1)


def gaussian_density(x: ArrayLike, mean: float = 0.0, sigma: float = 1.0) -> Array:
    """Compute the density of N(mean, sigma^2).

    exp(-(x - mean)^2 / (2 sigma^2)) / (sigma sqrt(2 pi))

    Args:
        x: positions, any shape.
        mean: centre, finite.
        sigma: standard deviation, > 0.

    Returns:
        The density at x, same shape.

    Raises:
        ValueError: sigma is not positive or an input is not finite.

    Source: textbook.
    """
    if not sigma > 0:
        raise ValueError(f"sigma is {sigma}; a standard deviation is positive")
    z = (finite_array("x", x) - _shift(mean)) / sigma
    return np.asarray(np.exp(-(z**2) / 2) / (sigma * np.sqrt(2 * np.pi)))


def gaussian_score(x: ArrayLike, m: float) -> Array:
    """Compute the best discriminator's raw score for N(0, 1) against N(m, 1).

    logit D*(x) = log p(x) - log q(x) = m^2 / 2 - m x

    Args:
        x: positions, any shape.
        m: mean of the generated distribution.

    Returns:
        The score at x, same shape; positive says real.

    Raises:
        ValueError: an input is not finite.

    Source: arXiv:1406.2661, equation 2.
    """
    return _shift(m) ** 2 / 2 - m * finite_array("x", x)


def gaussian_value(m: float) -> float:
    """Compute V(D*) for N(0, 1) against N(m, 1) by quadrature.

    V = E_p[log D*] + E_q[log(1 - D*)];  by symmetry both halves are equal.

    Args:
        m: mean of the generated distribution.

    Returns:
        V in nats, from -log 4 (m = 0) up to 0.

    Raises:
        ValueError: m is not finite.

    Source: arXiv:1406.2661, equation 4.
    """
    return 2 * _mean(log_expit(gaussian_score(_NODES, _shift(m))))  # 2 E_p[log D*]


def gaussian_js(m: float) -> float:
    """Compute JS(N(0, 1), N(m, 1)) = (V(D*) + log 4) / 2 in nats, for a finite m.

    Source: arXiv:1406.2661, theorem 1.
    """
    return max(0.0, (gaussian_value(m) + float(np.log(4))) / 2)


def gaussian_accuracy(m: float) -> float:
    """Compute the share of samples that D* puts on the right side, Phi(|m| / 2), for a finite m.

    Source: textbook; accuracy = (1 + TV) / 2.
    """
    return float(ndtr(abs(_shift(m)) / 2))


def generator_gradient(score_gradient: Callable[[Array], Array], m: float) -> float:
    """Compute d/dm of a generator loss at the best discriminator, held fixed.

    E_q[l'(o(x)) o'(x)] = -m E_q[l'(o(x))],  o = logit D*

    Args:
        score_gradient: l'(o), the derivative of the generator's loss in the raw score.
        m: mean of the generated distribution.

    Returns:
        The gradient in nats per unit of m; positive for m > 0 pulls m down towards 0.

    Raises:
        ValueError: m is not finite.

    Source: the chain rule; see arXiv:1701.04862 for the general case.
    """
    return -_shift(m) * _mean(score_gradient(gaussian_score(m + _NODES, m)))  # x = m + z


def minimax_score_gradient(score: ArrayLike) -> Array:
    """Compute d/do log(1 - sigmoid(o)) = -sigmoid(o) = -D: it dies where D is near 0.

    `score` has any shape. Source: arXiv:1406.2661, equation 1.
    """
    return np.asarray(-expit(finite_array("score", score)))


def non_saturating_score_gradient(score: ArrayLike) -> Array:
    """Compute d/do (-log sigmoid(o)) = -(1 - sigmoid(o)) = -(1 - D): it dies where D is near 1.

    `score` has any shape. Source: arXiv:1406.2661, section 3.
    """
    return np.asarray(-expit(-finite_array("score", score)))


def least_squares_score_gradient(score: ArrayLike, target: float = 1.0) -> Array:
    """Compute d/do 1/2 (o - target)^2 = o - target, on a raw score without a sigmoid.

    `score` has any shape. Source: arXiv:1611.04076, equation 2.
    """
    return finite_array("score", score) - target


def gaussian_minimax_gradient(m: float) -> float:
    """Compute d/dm E_q[log(1 - D)] at D = D*:  m E_q[D*], nats per unit, for a finite m.

    Source: arXiv:1406.2661, equation 1.
    """
    return generator_gradient(minimax_score_gradient, m)


def gaussian_non_saturating_gradient(m: float) -> float:
    """Compute d/dm E_q[-log D] at D = D*:  m E_q[1 - D*], nats per unit, for a finite m.

    Source: arXiv:1406.2661, section 3.
    """
    return generator_gradient(non_saturating_score_gradient, m)


def gaussian_least_squares_gradient(m: float) -> float:
    """Compute d/dm 1/2 E_q[(D - 1)^2] at the best 0/1-coded discriminator, D = D*.

    (D - 1) dD/dx  with  dD/dx = D (1 - D) o'(x)  gives  m E_q[D* (1 - D*)^2].

    Here D* itself is the raw output: with targets 1 and 0 the best one is p / (p + q).
    For a finite m. Source: arXiv:1611.04076, equation 2.
    """
    return generator_gradient(lambda o: -expit(o) * expit(-o) ** 2, m)


def gaussian_wasserstein_gradient(m: float) -> float:
    """Compute d/dm W1 = sign(m), from the best critic f(x) = -sign(m) x: E_q[-f'(x)] = sign(m).

    For a finite m; 0 at m = 0, where |m| has a kink. Source: arXiv:1701.07875, theorem 3.
    """
    return float(np.sign(_shift(m)))

"""The value function of the GAN game, its best discriminator, distances of distributions.

Every function takes two distributions p (real) and q (generated). Without a grid `x` they are
histograms, lists of probabilities that sum to 1. With `x` they are densities at the points of the
grid, and sums become integrals by the trapezoid rule. All logarithms are natural.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import rel_entr, xlog1py, xlogy

from gan_helpers.theory._inputs import Array, finite_array, grid_weights, non_negative, two_measures

LOG_2 = float(np.log(2))
LOG_4 = float(np.log(4))


def value(
    discriminator: ArrayLike, p: ArrayLike, q: ArrayLike, x: ArrayLike | None = None
) -> float:
    """Compute the value function of a discriminator.

    V(D, G) = E_{x ~ p}[log D(x)] + E_{x ~ q}[log(1 - D(x))]

    Args:
        discriminator: D(x) at each point of the support, shape (n,), in [0, 1].
        p: real distribution, shape (n,), masses (or densities when `x` is given).
        q: generated distribution, shape (n,).
        x: increasing grid, shape (n,); leave out for histograms.

    Returns:
        V in nats; -inf where D is certain and wrong on something that happens. 0 log 0 = 0.

    Raises:
        ValueError: D leaves [0, 1], shapes differ, p or q is negative or does not have mass 1.

    Source: arXiv:1406.2661, equation 1.
    """
    p_, q_, weights = two_measures(p, q, x)
    d = finite_array("discriminator", discriminator)
    if d.shape != p_.shape:
        raise ValueError(
            f"discriminator has shape {d.shape} but p has shape {p_.shape}; give one value a point"
        )
    if d.min() < 0 or d.max() > 1:
        raise ValueError(
            f"discriminator lies in [{d.min():.6g}, {d.max():.6g}]; V needs probabilities in "
            "[0, 1], so pass raw scores to value_from_score instead"
        )
    return float((xlogy(p_, d) + xlog1py(q_, -d)) @ weights)


def value_from_score(
    score: ArrayLike, p: ArrayLike, q: ArrayLike, x: ArrayLike | None = None
) -> float:
    """Compute the value function of a discriminator given by its raw score o, D = sigmoid(o).

    V = -E_p[softplus(-o)] - E_q[softplus(o)],  since log sigmoid(o) = -softplus(-o).
    It stays exact where D rounds to 0 or 1.

    Args:
        score: raw score o(x), shape (n,), any finite number.
        p, q, x: as in `value`.

    Returns:
        V in nats.

    Raises:
        ValueError: as in `value`.

    Source: arXiv:1406.2661, equation 1.
    """
    p_, q_, weights = two_measures(p, q, x)
    o = finite_array("score", score)
    if o.shape != p_.shape:
        raise ValueError(
            f"score has shape {o.shape} but p has shape {p_.shape}; give one value a point"
        )
    return float(-(p_ * np.logaddexp(0, -o) + q_ * np.logaddexp(0, o)) @ weights)


def optimal_discriminator(p: ArrayLike, q: ArrayLike) -> Array:
    """Compute the best discriminator point by point.

    D*(x) = p(x) / (p(x) + q(x))

    Args:
        p: real masses or densities, any shape, non-negative.
        q: generated ones, same shape. Neither needs to have mass 1: the formula is pointwise.

    Returns:
        D*, same shape, in [0, 1]; 1/2 where p = q = 0, where every value is equally good. Where
        both have mass the result stays inside (0, 1): rounding to 1 would make V infinite.

    Raises:
        ValueError: a negative or non-finite entry.

    Source: arXiv:1406.2661, proposition 1, equation 2.
    """
    p_ = non_negative("p", p)
    q_ = non_negative("q", q)
    total = p_ + q_
    best = np.divide(p_, total, out=np.full_like(total, 0.5), where=total > 0)  # p / (p + q)
    both = (p_ > 0) & (q_ > 0)
    return np.where(both, np.clip(best, np.nextafter(0, 1), np.nextafter(1, 0)), best)


def kl(p: ArrayLike, q: ArrayLike, x: ArrayLike | None = None) -> float:
    """Compute the Kullback-Leibler divergence.

    KL(p || q) = E_p[log p - log q]

    Args:
        p, q, x: as in `value`.

    Returns:
        KL in nats, at least 0; +inf where p has mass and q has none. 0 log 0 = 0.

    Raises:
        ValueError: shapes differ, a distribution is negative or does not have mass 1.

    Source: arXiv:1701.07875, section 2.
    """
    p_, q_, weights = two_measures(p, q, x)
    return max(0.0, float(rel_entr(p_, q_) @ weights))


def js(p: ArrayLike, q: ArrayLike, x: ArrayLike | None = None) -> float:
    """Compute the Jensen-Shannon divergence.

    JS(p, q) = 1/2 KL(p || m) + 1/2 KL(q || m),  m = (p + q) / 2

    Args:
        p, q, x: as in `value`.

    Returns:
        JS in nats, between 0 and log 2.

    Raises:
        ValueError: as in `kl`.

    Source: arXiv:1406.2661, theorem 1.
    """
    p_, q_, weights = two_measures(p, q, x)
    twice_m = p_ + q_  # written with 2p and p + q: halving a tiny number could give 0
    integrand = rel_entr(2 * p_, twice_m) + rel_entr(2 * q_, twice_m)
    return max(0.0, float(integrand @ weights) / 4)


def total_variation(p: ArrayLike, q: ArrayLike, x: ArrayLike | None = None) -> float:
    """Compute the total variation distance.

    TV(p, q) = 1/2 int |p - q|;  the best accuracy of any discriminator is (1 + TV) / 2.

    Args:
        p, q, x: as in `value`.

    Returns:
        TV, between 0 and 1.

    Raises:
        ValueError: as in `kl`.

    Source: arXiv:1701.07875, section 2.
    """
    p_, q_, weights = two_measures(p, q, x)
    return float(np.abs(p_ - q_) @ weights) / 2


def pearson_chi_square(p: ArrayLike, q: ArrayLike, x: ArrayLike | None = None) -> float:
    """Compute the Pearson chi-square divergence, p in the denominator.

    chi^2(p || q) = int (q - p)^2 / p

    Args:
        p, q, x: as in `value`.

    Returns:
        chi^2, at least 0; +inf where q has mass and p has none.

    Raises:
        ValueError: as in `kl`.

    Source: arXiv:1611.04076, equation 6.
    """
    p_, q_, weights = two_measures(p, q, x)
    missing = (p_ == 0) & (q_ > 0)
    if bool((missing & (weights > 0)).any()):
        return float("inf")
    ratio = np.divide((q_ - p_) ** 2, p_, out=np.zeros_like(p_), where=p_ > 0)
    return float(ratio @ weights)


def wasserstein_1(p: ArrayLike, q: ArrayLike, support: ArrayLike) -> float:
    """Compute the Wasserstein-1 distance between two histograms on the line.

    W1(p, q) = int |F_p(x) - F_q(x)| dx,  F the distribution function, a staircase here.

    Args:
        p: masses, shape (n,), sum 1.
        q: masses, shape (n,), sum 1.
        support: positions of the masses, increasing, shape (n,).

    Returns:
        W1 in the unit of `support`.

    Raises:
        ValueError: as in `kl`, or the support does not increase.

    Source: arXiv:1701.07875, equation 1, in one dimension.
    """
    from scipy.stats import wasserstein_distance

    p_, q_, _ = two_measures(p, q, None)
    points = finite_array("support", support)
    if points.shape != p_.shape:
        raise ValueError(f"support has shape {points.shape} but p has shape {p_.shape}")
    if points.size > 1:
        grid_weights(points)  # raises when the support does not increase
    return float(wasserstein_distance(points, points, p_, q_))

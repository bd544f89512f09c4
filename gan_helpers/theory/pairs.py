"""The relativistic game: a discriminator that compares a real sample with a generated one.

Its value is sup_D E[log sigmoid(D(x) - D(y))] over pairs (x, y) of a real and a generated sample.
Pairs drawn anew in each batch are independent, x ~ p and y ~ q; pairs fixed once are any joint
distribution. Natural logarithms, histograms or densities as in `divergences`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit, rel_entr

from gan_helpers.theory._inputs import Array, non_negative, two_measures


def paired_js(p: ArrayLike, q: ArrayLike, x: ArrayLike | None = None) -> float:
    """Compute the value of the paired game plus log 2, for pairs drawn independently.

    d_Rp(p, q) = sup_D E_{x ~ p, y ~ q}[log sigmoid(D(x) - D(y))] + log 2 = JS(p x q, q x p)

    The best D is log p - log q. JS <= d_Rp <= log 2, and d_Rp is about 2 JS where p is close to q.
    For N(0, 1) and N(m, 1) it is the JS of two Gaussians sqrt(2) m apart.

    Args:
        p: real distribution, shape (n,), masses (or densities when `x` is given).
        q: generated distribution, shape (n,).
        x: increasing grid, shape (n,); leave out for histograms.

    Returns:
        d_Rp in nats, between 0 and log 2. It takes a table of n x n numbers.

    Raises:
        ValueError: shapes differ, a distribution is negative or does not have mass 1.

    Source: arXiv:2501.05441, equation 2; the identity is derived in notebook 07.
    """
    p_, q_, weights = two_measures(p, q, x)
    pairs = np.outer(p_, q_)  # (n, n): real in the rows, generated in the columns
    # the two halves of the JS are each other's mirror image: one of them, twice
    integrand = rel_entr(2 * pairs, pairs + pairs.T)
    return max(0.0, float(weights @ integrand @ weights) / 2)


def best_comparison(pairs: ArrayLike, steps: int = 60) -> tuple[float, Array]:
    """Find the best discriminator for a given joint distribution of pairs, by Newton's method.

    max_D sum_ij pairs_ij log sigmoid(D_i - D_j),  the model of Bradley and Terry

    Where scores can tell a pair for certain, D_i - D_j grows without end; a weak pull to 0 stops
    it, at a cost in value below 1e-4.

    Args:
        pairs: mass of each pair, shape (n, n): real sample at point i, generated one at point j.
        steps: of Newton's method, at least 1; it ends earlier where nothing moves any more.

    Returns:
        The value plus log 2 in nats, and D, shape (n,), with mean 0.

    Raises:
        ValueError: not square, a negative mass, or masses that do not sum to 1.

    Source: arXiv:2011.04926, equation 2, for fixed pairs.
    """
    mass = non_negative("pairs", pairs)
    if mass.ndim != 2 or mass.shape[0] != mass.shape[1] or abs(mass.sum() - 1) > 1e-6:
        raise ValueError(
            f"pairs has shape {mass.shape} and total mass {mass.sum():.6g}; give a square table "
            "of masses that sum to 1"
        )
    pull, n = 1e-7, len(mass)
    score = np.zeros(n)
    for _ in range(steps):
        gap = score[:, None] - score  # (n, n)
        wrong = mass * expit(-gap)  # how much each pair still wants
        slope = wrong.sum(1) - wrong.sum(0) - pull * score
        bend = mass * expit(gap) * expit(-gap)
        bend = bend + bend.T
        curvature = np.diag(bend.sum(1) + pull) - bend
        move = np.linalg.solve(curvature, slope)
        move *= min(1.0, 3 / max(float(np.abs(move).max()), 1e-300))  # Newton overshoots far out
        score = score + move
        if np.abs(move).max() < 1e-9:
            break
    gap = score[:, None] - score
    value = float((mass * log_expit(gap)).sum())
    return value + float(np.log(2)), score - score.mean()

"""The Wasserstein-1 distance on the line, from the two distribution functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers.theory._inputs import finite_array, grid_weights, two_measures


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
    p_, q_, _ = two_measures(p, q, None)
    points = finite_array("support", support)
    if points.shape != p_.shape:
        raise ValueError(f"support has shape {points.shape} but p has shape {p_.shape}")
    if points.size == 1:
        return 0.0
    grid_weights(points)  # raises when the support does not increase
    gap = np.abs(np.cumsum(p_ - q_)[:-1])  # (n - 1,) |F_p - F_q| between two positions
    return float(gap @ np.diff(points))


def wasserstein_1_density(p: ArrayLike, q: ArrayLike, x: ArrayLike) -> float:
    """Compute the Wasserstein-1 distance between two densities on a grid.

    W1(p, q) = int |F_p(x) - F_q(x)| dx,  F the distribution function by the trapezoid rule.

    Args:
        p: density at x, shape (n,), integral 1 within 1e-3.
        q: density at x, shape (n,), integral 1 within 1e-3.
        x: increasing grid, shape (n,).

    Returns:
        W1 in the unit of x.

    Raises:
        ValueError: as in `kl`.

    Source: arXiv:1701.07875, equation 1, in one dimension.
    """
    p_, q_, weights = two_measures(p, q, x)
    difference = p_ / (p_ @ weights) - q_ / (q_ @ weights)  # leftover mass would count at the end
    step = np.diff(np.asarray(x, dtype=np.float64))
    gap = np.concatenate([[0.0], np.cumsum((difference[:-1] + difference[1:]) / 2 * step)])
    return float(np.abs(gap) @ weights)

"""Optimal transport between two histograms as a linear programme, and its dual.

The dual is where the critic of a Wasserstein GAN comes from: a function whose differences never
exceed the cost of moving, and whose mean separates the two histograms as far as that permits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers.theory._inputs import Array, finite_array, two_measures


class OptimalPlan(NamedTuple):
    """A cheapest way to move one histogram onto another."""

    cost: float  # in the unit of the cost matrix
    plan: Array  # (n, n), plan[i, j] is the mass moved from i to j


class Potentials(NamedTuple):
    """A pair of prices: no plan costs less than they earn."""

    value: float  # p @ f + q @ g, in the unit of the cost matrix
    f: Array  # (n,)
    g: Array  # (n,)


def distances(points: ArrayLike) -> Array:
    """Compute the matrix of Euclidean distances, C_ij = |x_i - x_j|.

    Args:
        points: positions, shape (n,) on the line or (n, d).

    Returns:
        Shape (n, n), in the unit of `points`.

    Raises:
        ValueError: the points are not finite or not of such a shape.
    """
    from scipy.spatial.distance import cdist

    positions = finite_array("points", points)
    if positions.ndim not in (1, 2) or positions.size == 0:
        raise ValueError(f"points has shape {positions.shape}; it must be (n,) or (n, d)")
    table = positions.reshape(len(positions), -1)  # (n, d)
    return np.asarray(cdist(table, table))  # (n, n)


def transport_plan(p: ArrayLike, q: ArrayLike, cost: ArrayLike) -> OptimalPlan:
    """Solve the primal: move p onto q as cheaply as possible.

    min_T sum_ij C_ij T_ij  subject to  sum_j T_ij = p_i,  sum_i T_ij = q_j,  T_ij >= 0

    Args:
        p: masses, shape (n,), sum 1.
        q: masses, shape (n,), sum 1.
        cost: C, shape (n, n), C_ij is the price of moving one unit of mass from i to j.

    Returns:
        OptimalPlan of the least cost and a plan that reaches it (there may be others).

    Raises:
        ValueError: p or q is no histogram, or the cost is not a finite (n, n) matrix.

    Source: arXiv:1701.07875, equation 1; Peyré and Cuturi, arXiv:1803.00567, equation 2.11.
    """
    from scipy.optimize import linprog

    p_, q_, cost_ = _inputs(p, q, cost)
    n = len(p_)
    leaves = np.kron(np.eye(n), np.ones(n))  # (n, n^2): row i adds up T_i1 ... T_in
    arrives = np.kron(np.ones(n), np.eye(n))  # (n, n^2): row j adds up T_1j ... T_nj
    # One equation too many, since both sides sum to 1: the last is implied and is left out.
    equations, masses = np.vstack([leaves, arrives])[:-1], np.concatenate([p_, q_])[:-1]
    found = linprog(cost_.ravel(), A_eq=equations, b_eq=masses, bounds=(0, None), method="highs")
    if not found.success:
        raise ValueError(f"the linear programme was not solved: {found.message}")
    return OptimalPlan(float(found.fun), found.x.reshape(n, n))


def dual_potentials(p: ArrayLike, q: ArrayLike, cost: ArrayLike) -> Potentials:
    """Solve the dual: the highest toll that no single move can undercut.

    max_(f, g) sum_i p_i f_i + sum_j q_j g_j  subject to  f_i + g_j <= C_ij

    Args:
        p: masses, shape (n,), sum 1.
        q: masses, shape (n,), sum 1.
        cost: C, shape (n, n).

    Returns:
        Potentials of the largest value and a pair (f, g) that reaches it, with f_1 = 0: adding a
        constant to f and taking it from g changes nothing.

    Raises:
        ValueError: as in `transport_plan`.

    Source: Peyré and Cuturi, arXiv:1803.00567, equation 2.20.
    """
    from scipy.optimize import linprog

    p_, q_, cost_ = _inputs(p, q, cost)
    n = len(p_)
    pairs = np.hstack([np.kron(np.eye(n), np.ones((n, 1))), np.kron(np.ones((n, 1)), np.eye(n))])
    bounds = [(0, 0)] + [(None, None)] * (2 * n - 1)  # f_1 = 0 takes the free constant away
    found = linprog(
        -np.concatenate([p_, q_]), A_ub=pairs, b_ub=cost_.ravel(), bounds=bounds, method="highs"
    )
    if not found.success:
        raise ValueError(f"the linear programme was not solved: {found.message}")
    return Potentials(-float(found.fun), found.x[:n], found.x[n:])


def c_transform(cost: ArrayLike, g: ArrayLike) -> Array:
    """Compute the largest h that goes with g: h_i = min_j (C_ij - g_j).

    Where C is a distance, h is 1-Lipschitz, whatever g is.

    Args:
        cost: C, shape (n, n).
        g: shape (n,).

    Returns:
        h, shape (n,).

    Raises:
        ValueError: the shapes do not fit.

    Source: Peyré and Cuturi, arXiv:1803.00567, equation 5.1.
    """
    cost_, g_ = finite_array("cost", cost), finite_array("g", g)
    if cost_.ndim != 2 or g_.shape != cost_.shape[1:]:
        raise ValueError(
            f"cost has shape {cost_.shape} but g has shape {g_.shape}; give (n, n), (n,)"
        )
    return (cost_ - g_).min(axis=1)  # g_j is taken from column j


def best_critic(p: ArrayLike, q: ArrayLike, cost: ArrayLike) -> Array:
    """Find a 1-Lipschitz f with E_p[f] - E_q[f] = W1(p, q): what a critic should learn.

    Args:
        p: masses, shape (n,), sum 1.
        q: masses, shape (n,), sum 1.
        cost: C, shape (n, n), a distance (see `distances`).

    Returns:
        f, shape (n,), with f_1 = 0; where there are several, one of them.

    Raises:
        ValueError: as in `transport_plan`.

    Source: arXiv:1701.07875, equation 2 (Kantorovich-Rubinstein).
    """
    h = c_transform(cost, dual_potentials(p, q, cost).g)
    return h - h[0]


def lipschitz_constant(f: ArrayLike, cost: ArrayLike) -> float:
    """Compute the steepest slope of f between any two points, max_ij |f_i - f_j| / C_ij.

    Args:
        f: shape (n,).
        cost: distances, shape (n, n), positive off the diagonal, n >= 2.

    Returns:
        The Lipschitz constant, in units of f per unit of distance.

    Raises:
        ValueError: the shapes do not fit, or two points are at distance 0.
    """
    f_, cost_ = finite_array("f", f), finite_array("cost", cost)
    n = f_.size
    if n < 2 or f_.shape != (n,) or cost_.shape != (n, n):
        raise ValueError(
            f"f has shape {f_.shape} and cost {cost_.shape}; give (n,) and (n, n) with n >= 2"
        )
    apart = ~np.eye(n, dtype=bool)
    if cost_[apart].min() <= 0:
        raise ValueError("two points are at distance 0; merge points that coincide")
    return float((np.abs(f_[:, None] - f_)[apart] / cost_[apart]).max())


def _inputs(p: ArrayLike, q: ArrayLike, cost: ArrayLike) -> tuple[Array, Array, Array]:
    p_, q_, _ = two_measures(p, q, None)
    cost_ = finite_array("cost", cost)
    if cost_.shape != (len(p_), len(p_)):
        raise ValueError(
            f"cost has shape {cost_.shape} but p has {len(p_)} masses; give one price for every "
            f"pair, shape {(len(p_), len(p_))}"
        )
    return p_ / p_.sum(), q_ / q_.sum(), cost_  # equal masses, or no plan exists

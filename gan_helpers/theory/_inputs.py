"""Checks and conversions that every function of the theory package shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

MASS_TOLERANCE = 1e-6  # a histogram is a list of numbers: it can sum to 1 exactly
DENSITY_TOLERANCE = 1e-3  # a density on a grid loses its tails and its curvature between points


def finite_array(name: str, values: ArrayLike) -> Array:
    """Return `values` as float64 and refuse NaN and infinity."""
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} contains NaN or infinity; every entry must be a finite number")
    return array


def non_negative(name: str, values: ArrayLike) -> Array:
    """Return `values` as float64 and refuse negative entries."""
    array = finite_array(name, values)
    if array.size and array.min() < 0:
        raise ValueError(
            f"{name} has a negative entry ({array.min():.6g}); "
            "probability is never negative, so check the sign or the normalisation"
        )
    return array


def grid_weights(x: ArrayLike) -> Array:
    """Return the trapezoid rule's weights on an increasing grid.

    int f(x) dx  ~  sum_i f(x_i) w_i,  w_i = (x_{i+1} - x_{i-1}) / 2, half of that at the ends.
    """
    points = finite_array("x", x)
    if points.ndim != 1 or points.size < 2:
        raise ValueError(
            f"x has shape {points.shape}; a grid is one-dimensional with at least two points"
        )
    gaps = np.diff(points)  # (n,) -> (n - 1,)
    if gaps.min() <= 0:
        raise ValueError(
            f"x does not increase (smallest gap {gaps.min():.6g}); sort it and drop repeated points"
        )
    weights = np.zeros_like(points)
    weights[:-1] += gaps / 2
    weights[1:] += gaps / 2
    return weights


def two_measures(p: ArrayLike, q: ArrayLike, x: ArrayLike | None) -> tuple[Array, Array, Array]:
    """Return p, q and the weights that turn a sum into the integral over them.

    Without `x`, p and q are histograms and every weight is 1. With `x`, they are densities at
    the points of the grid x. Both must be non-negative and have total mass 1.
    """
    p_array = non_negative("p", p)
    q_array = non_negative("q", q)
    if p_array.ndim != 1 or p_array.shape != q_array.shape or p_array.size == 0:
        raise ValueError(
            f"p has shape {p_array.shape} and q has shape {q_array.shape}; "
            "both must be one-dimensional, not empty, and on the same support"
        )
    weights = np.ones_like(p_array) if x is None else grid_weights(x)
    if weights.shape != p_array.shape:
        raise ValueError(
            f"x has {weights.size} points but p has {p_array.size}; give one density value a point"
        )
    tolerance = MASS_TOLERANCE if x is None else DENSITY_TOLERANCE
    for name, array in (("p", p_array), ("q", q_array)):
        mass = float(array @ weights)
        if abs(mass - 1) > tolerance:
            repair = (
                f"divide it by its sum: {name} / {name}.sum()"
                if x is None
                else "use a wider or finer grid, or divide by the integral"
            )
            raise ValueError(f"{name} has total mass {mass:.6g}; it must be 1, so {repair}")
    return p_array, q_array, weights

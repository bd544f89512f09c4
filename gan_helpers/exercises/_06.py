"""Checks for the exercises of notebook 06."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu

from gan_helpers import data

from ._checks import Check, Hint, NotAnswered, chosen, close_to, same_function

Array = NDArray[np.float64]

# 06-1 ------------------------------------------------------------------------------ by hand

_BY_HAND = {
    "high quality": 1 - math.exp(-9 / 8),
    "reverse KL": math.log(2),
    "W1": 0.5,
    "Frechet": 0.25 + 2 * (2 - 1) ** 2,
}

_by_hand_check = close_to(
    _BY_HAND,
    tolerance=6e-3,
    mistakes=[
        (
            _BY_HAND | {"high quality": 1 - math.exp(-18)},
            "Twice as wide, so 3 sigma of the data are 1.5 widths of the generator: r = 1.5.",
        ),
        (
            _BY_HAND | {"high quality": 1 - math.exp(-9 / 4)},
            "The exponent is r^2 / 2 with r = 3 / 2: half of 9/4.",
        ),
        (_BY_HAND | {"reverse KL": 1.0}, "That is in bits. Use the natural logarithm."),
        (
            _BY_HAND | {"reverse KL": 2 * math.log(2)},
            "Four shares of 1/4, each log((1/4) / (1/8)): the shares add up to 1.",
        ),
        (_BY_HAND | {"W1": 0.25}, "W1 is a distance, not its square."),
        (_BY_HAND | {"W1": 0.7}, "The distance of the move is sqrt(0.3^2 + 0.4^2)."),
        (
            _BY_HAND | {"Frechet": 1.25},
            "There are two axes, and each gives (2 - 1)^2.",
        ),
        (
            _BY_HAND | {"Frechet": 0.25 + 2 * (4 - 1) ** 2},
            "The term holds the standard deviations 1 and 2, not the variances 1 and 4.",
        ),
        (_BY_HAND | {"Frechet": 2.5}, "The means come in squared: 0.5^2."),
    ],
    hint="1 - exp(-r^2/2); log 2 is a candidate; move every point; |m|^2 + sum (s_a - s_b)^2.",
)

# 06-2 ------------------------------------------------------------------------------ coverage


def coverage(real: Array, fake: Array, k: int = 3) -> float:
    """Compute the share of real samples whose ball holds a fake, as in arXiv:2002.09797."""
    radius = np.sort(cdist(real, real), axis=1)[:, k]  # column 0 is the point itself
    return float((cdist(real, fake).min(axis=1) <= radius).mean())


def _precision(real: Array, fake: Array, k: int = 3) -> float:
    radius = np.sort(cdist(real, real), axis=1)[:, k]
    return float((cdist(fake, real) <= radius).any(axis=1).mean())


def _recall(real: Array, fake: Array, k: int = 3) -> float:
    return _precision(fake, real, k)


def _itself_counted(real: Array, fake: Array, k: int = 3) -> float:
    return coverage(real, fake, k - 1)


def _clouds() -> list[tuple[Array, Array]]:
    rng = np.random.default_rng(0)
    real = rng.normal(size=(60, 2))
    strays = np.concatenate([0.1 * rng.normal(size=(50, 2)), 4 * rng.normal(size=(10, 2))])
    return [(real, strays), (real, rng.normal(size=(80, 2)) + 0.5)]


_coverage_check = same_function(
    coverage,
    _clouds,
    gradients=False,
    mistakes=[
        (_recall, "That is recall: the balls stand around the fakes. Put them around the real."),
        (_precision, "That is precision: the share of the fakes. Which real balls are not empty?"),
        (_itself_counted, "A point is its own nearest neighbour, at distance 0: take column k."),
    ],
    hint="radius = np.sort(cdist(real, real), 1)[:, k]; then ask each real ball for a fake.",
)

# 06-3 ------------------------------------------------------------------------------ design


def _modes_check(answer: Any) -> float:
    centres = np.unique(np.asarray(answer, dtype=float), axis=0)
    if centres.ndim != 2 or centres.shape[1] != 2:
        raise Hint("A list of centres (x, y) is wanted, such as [(0, 4), (2, -2)].")
    grid = data.grid().means.double().numpy()
    if (cdist(centres, grid).min(axis=1) > 1e-6).any():
        raise Hint("A centre is not one of the grid's: its coordinates are -4, -2, 0, 2 or 4.")
    if len(centres) > 5:
        raise Hint(f"That is {len(centres)} modes; at most 5 of the 25 are allowed.")
    mean = centres.mean(axis=0)
    if np.abs(mean).max() > 1e-6:
        raise Hint(f"Their mean is ({mean[0]:.2g}, {mean[1]:.2g}), the grid's is (0, 0).")
    spread = centres.T @ centres / len(centres)
    if abs(spread[0, 1]) > 1e-6:
        raise Hint("x and y are correlated in your modes; in the grid they are not.")
    if np.abs(np.diag(spread) - 8).max() > 1e-6:
        raise Hint(
            f"The mean squares are {spread[0, 0]:.3g} and {spread[1, 1]:.3g}; the grid has 8 in "
            "each direction, the mean of 16, 4, 0, 4 and 16."
        )
    return float(np.abs(spread - 8 * np.eye(2)).max())


# 06-4 ------------------------------------------------------------------------------ culprits

_CULPRITS = {"A": "half the modes", "B": "copies", "C": "one point a mode", "D": "one Gaussian"}
_WHY = {
    "A": "Whatever it makes is right, and half of the real samples have no fake near them.",
    "B": "All measures of the distribution are content. What is left?",
    "C": "No spread at all: nothing can be within a ball of radius 0.",
    "D": "Hardly a sample is right, and yet mean and covariance are.",
}


_culprits_check = chosen(_CULPRITS, _WHY)

# 06-5 ------------------------------------------------------------------------------ Holm


def holm(p_values: Array) -> Array:
    """Correct k p-values: the smallest times k, the next times k - 1, ..., never falling."""
    order = np.argsort(p_values)
    factors = np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.maximum.accumulate(np.minimum(factors * p_values[order], 1))
    return corrected


def _bonferroni(p_values: Array) -> Array:
    return np.minimum(len(p_values) * p_values, 1)


def _not_monotone(p_values: Array) -> Array:
    rank = np.argsort(np.argsort(p_values))
    return np.minimum((len(p_values) - rank) * p_values, 1)


def _sorted(p_values: Array) -> Array:
    return holm(np.sort(p_values))


def _uncapped(p_values: Array) -> Array:
    order = np.argsort(p_values)
    factors = np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.maximum.accumulate(factors * p_values[order])
    return corrected


_holm_check = same_function(
    holm,
    lambda: [
        (np.array([0.04, 0.001, 0.03, 0.5]),),
        (np.array([0.02, 0.9, 0.011, 0.013, 0.7]),),
    ],
    gradients=False,
    mistakes=[
        (_bonferroni, "That is Bonferroni: every p times k. Holm's factor falls, k, k - 1, ..."),
        (_not_monotone, "A larger p must not end below a smaller one: take the running maximum."),
        (_sorted, "The values are right, their order is not: put each back where it came from."),
        (_uncapped, "A p-value is at most 1."),
    ],
    hint="order = np.argsort(p); the factors k, k - 1, ..., 1; np.maximum.accumulate.",
)

# 06-6 ------------------------------------------------------------------------------ power


def power(a: Array, b: Array, seeds: int, studies: int = 400) -> float:
    """Compute the share of imagined studies of ``seeds`` runs each that show a difference."""
    rng = np.random.default_rng()
    x, y = (rng.choice(column, (studies, seeds)) for column in (a, b))
    return float((mannwhitneyu(x, y, axis=1).pvalue <= 0.05).mean())


def _studies() -> list[tuple[Array, Array, int]]:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=10), rng.normal(size=10) + 1.2
    return [(a, b, 4), (a, b, 8), (a, b, 16), (a, a, 10)]


def _power_check(answer: Callable[..., Any]) -> float:
    if not callable(answer):
        raise Hint("A function of (a, b, seeds, studies) is wanted.")
    largest = 0.0
    for a, b, seeds in _studies():
        found = answer(a.copy(), b.copy(), seeds, 300)
        if found is None:
            raise NotAnswered
        if not 0 <= float(found) <= 1:
            raise Hint(f"A share lies in 0 to 1, not {found}.")
        error = abs(float(found) - power(a, b, seeds, 2000))
        if error > 0.12 and float(found) in (0.0, 1.0):
            raise Hint("All studies end alike: draw with replacement, anew in each study.")
        if error > 0.12:
            raise Hint(f"With {seeds} seeds the share is off by {error:.2f}: draw {seeds} of each.")
        largest = max(largest, error)
    return largest


CHECKS: dict[str, Check] = {
    "06-1": _by_hand_check,
    "06-2": _coverage_check,
    "06-3": _modes_check,
    "06-4": _culprits_check,
    "06-5": _holm_check,
    "06-6": _power_check,
}

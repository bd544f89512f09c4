"""From a handful of seeds to a statement: bootstrap intervals and a paired test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gan_helpers.evaluation._inputs import Array, Samples, as_array
from gan_helpers.runtime import integer, number


class Interval(NamedTuple):
    """A statistic with its bootstrap interval."""

    estimate: float
    low: float
    high: float


def bootstrap_interval(
    values: Samples,
    statistic: Callable[..., Any] = np.median,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> Interval:
    """Estimate a statistic over seeds with a percentile bootstrap interval.

    Draw `resamples` samples of size n from the values with replacement, compute the statistic of
    each, and cut (1 - level) / 2 off both ends. With few seeds it is too short: at n = 5 a 95 %
    interval of the mean holds the truth about 84 % of the time, at n = 10 about 90 %.

    Args:
        values: (n,), one number for each seed, n >= 2.
        statistic: a function with an `axis` argument, such as `np.median` or `np.mean`.
        level: probability that the interval is meant to hold, 0.001 to 0.999.
        resamples: at least 100.
        seed: the same seed gives the same interval; no global random state is used.

    Returns:
        `Interval(estimate, low, high)`.

    Raises:
        ValueError: not one-dimensional, fewer than 2 values, NaN or infinite values (a run that
            diverged is a result: count it, do not average it).

    Source:
        Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13.
    """
    array = _per_seed("values", values)
    level, resamples = number("level", level, 0.001, 0.999), integer("resamples", resamples, 100)
    from scipy.stats import bootstrap

    low, high = bootstrap(
        (array,),
        statistic,
        n_resamples=resamples,
        batch=max(1_000_000 // len(array), 1),  # bounds the memory
        vectorized=True,
        confidence_level=level,
        method="percentile",
        rng=np.random.default_rng(integer("seed", seed, 0)),
    ).confidence_interval
    return Interval(float(statistic(array, axis=0)), float(low), float(high))


def paired_p_value(a: Samples, b: Samples) -> float:
    """Test whether two methods differ, run on the same seeds: Wilcoxon's signed-rank test.

    Two-sided and exact where there are no ties. With n pairs it can never fall below 2^(1-n):
    0.0625 with 5 seeds, so 5 seeds can never show a difference at 5 %.

    Args:
        a: (n,), n >= 2, one number for each seed.
        b: (n,), of the other method, in the same order of seeds.

    Returns:
        The p-value, in [0, 1]; 1 when all pairs are equal.

    Raises:
        ValueError: unequal lengths, fewer than 2 pairs, NaN or infinite values.
    """
    first, second = _per_seed("a", a), _per_seed("b", b)
    if len(first) != len(second):
        raise ValueError(
            f"a has {len(first)} values and b has {len(second)}; give one for each seed, in the "
            "same order"
        )
    if np.array_equal(first, second):
        return 1.0
    from scipy.stats import wilcoxon

    return float(wilcoxon(first, second).pvalue)


def _per_seed(name: str, values: Samples) -> Array:
    array = as_array(name, values)
    if array.ndim != 1 or len(array) < 2:
        raise ValueError(
            f"{name} has shape {array.shape}; it must be (n,) with n >= 2, one number for each seed"
        )
    return array

"""How many modes of a known mixture a generator has found, and how precisely."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc, gammainc, rel_entr
from torch import Tensor

from gan_helpers.data import GaussianMixture
from gan_helpers.evaluation._inputs import Array, Samples, as_points
from gan_helpers.runtime import integer

RADIUS = 3.0  # in sigmas: a sample farther from its nearest mode is not of high quality
HIGH_QUALITY_CEILING = 1 - exp(-(RADIUS**2) / 2)  # 0.988891, the share a perfect 2-D sample has


def high_quality_ceiling(dim: int) -> float:
    """Return the share of a perfect sample that lies within 3 sigma of its mode.

    P(|eps| <= 3), eps ~ N(0, I_d), is the chi-square distribution function with d degrees of
    freedom at 9; in two dimensions it is 1 - exp(-9/2) = 98.89 %. Overlapping modes raise it.

    Args:
        dim: dimension d of a sample, at least 1.

    Returns:
        The share, in (0, 1).

    Raises:
        ValueError: `dim` is not an integer of at least 1.
    """
    return float(gammainc(integer("dim", dim, 1) / 2, RADIUS**2 / 2))


@dataclass(frozen=True)
class ModeCoverage:
    """What `mode_coverage` found.

    Attributes:
        captured: modes with at least one high-quality sample.
        total: modes of the mixture.
        high_quality: share of the samples within 3 sigma of their nearest mode, in [0, 1].
        counts: samples nearest to each mode, near or far; they sum to `samples`.
        high_quality_counts: of these, the ones within 3 sigma.
        reverse_kl: KL(counts / samples || weights of the mixture), in nats; 0 when balanced.
        samples: how many samples were judged.
        ceiling: the `high_quality` that a perfect generator has on average.
    """

    captured: int
    total: int
    high_quality: float
    counts: tuple[int, ...]
    high_quality_counts: tuple[int, ...]
    reverse_kl: float
    samples: int
    ceiling: float

    @property
    def too_narrow(self) -> bool:
        """True where the generator's modes are significantly narrower than the real ones.

        One-sided binomial test: a perfect generator has at least this many high-quality samples
        with a probability below 2.5 %. At 2 500 samples in 2-D that is from 99.32 % on.
        """
        hits = sum(self.high_quality_counts)
        # bdtrc(k, n, p) = P(X > k)
        return bool(hits and bdtrc(hits - 1, self.samples, self.ceiling) < 0.025)


def mode_coverage(samples: Samples, mixture: GaussianMixture) -> ModeCoverage:
    """Count the modes that samples have captured and the share that is of high quality.

    A sample is of high quality when |x - mu_k| <= 3 sigma_k for its nearest mode k (Euclidean);
    a mode is captured when at least one high-quality sample is nearest to it. All samples given
    are used; published tables use 2 500, and a table must say how many it used, because a weak
    mode is found more easily in a larger sample.

    Args:
        samples: (n, d), n >= 1, tensor on any device or array; (n,) for d = 1.
        mixture: the real distribution: its `means` (K, d), `sigmas` (K,), `weights` (K,).

    Returns:
        A `ModeCoverage`.

    Raises:
        TypeError: the mixture has no modes.
        ValueError: wrong shape or dimension, no sample, NaN or infinite values, or two modes of
            the mixture less than a sigma apart: samples of one would be counted for both.

    Source:
        VEEGAN, arXiv:1705.07761, section 5; reverse KL as in PacGAN, arXiv:1712.04086, section 4.
    """
    if not isinstance(mixture, GaussianMixture):
        raise TypeError(
            f"mixture is a {type(mixture).__name__}; modes are counted for a GaussianMixture "
            "such as ring() or grid(): compare other data with wasserstein_distance"
        )
    points = as_points("samples", samples)
    means, sigmas = mixture.means.double().numpy(), mixture.sigmas.double().numpy()
    if points.shape[1] != mixture.dim:
        raise ValueError(
            f"samples have dimension {points.shape[1]}, the mixture has {mixture.dim}; "
            "measure the generator against the mixture it was trained on"
        )
    _refuse_coinciding(means, sigmas)
    # |x - mu|^2, one mode at a time: (n,) rows stacked to (K, n)
    squared = np.stack([np.square(points - mean).sum(1) for mean in means])
    nearest = squared.argmin(0)  # (n,)
    good = np.sqrt(squared.min(0)) <= RADIUS * sigmas[nearest]  # (n,)
    total = len(means)
    counts = np.bincount(nearest, minlength=total)
    good_counts = np.bincount(nearest[good], minlength=total)
    weights = mixture.weights.double().numpy()
    return ModeCoverage(
        captured=int((good_counts > 0).sum()),
        total=total,
        high_quality=float(good.mean()),
        counts=tuple(counts.tolist()),
        high_quality_counts=tuple(good_counts.tolist()),
        reverse_kl=float(rel_entr(counts / len(points), weights / weights.sum()).sum()),
        samples=len(points),
        ceiling=high_quality_ceiling(mixture.dim),
    )


def _refuse_coinciding(means: Array, sigmas: Array) -> None:
    for i in range(len(means)):
        gaps = np.sqrt(np.square(means[i + 1 :] - means[i]).sum(1))  # (K - i - 1,)
        close = np.flatnonzero(gaps < np.minimum(sigmas[i], sigmas[i + 1 :]))
        if len(close):
            raise ValueError(
                f"modes {i} and {i + 1 + close[0]} are {gaps[close[0]]:.3g} apart, less than "
                f"sigma = {sigmas[i]:.3g}, and cannot be told apart; give distinct means (a ring "
                "by linspace(0, 2 pi, 8) needs endpoint=False)"
            )


def class_histogram(labels: Samples, classes: int) -> NDArray[np.int64]:
    """Count how many samples fall in each class.

    Args:
        labels: (N,), integers in 0 ... classes - 1, for example of `Classifier.predict`.
        classes: K, at least 1.

    Returns:
        Counts (K,); a class that the generator never makes has count 0.

    Raises:
        ValueError: labels that are not such integers.
    """
    classes = integer("classes", classes, 1)
    array = np.asarray(labels.detach().cpu() if isinstance(labels, Tensor) else labels)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(
            f"labels have shape {array.shape} and dtype {array.dtype}; they must be integers (N,): "
            "give predict(images), not probabilities"
        )
    if array.size and not 0 <= array.min() <= array.max() < classes:
        raise ValueError(
            f"labels go from {array.min()} to {array.max()}; with classes = {classes} they must "
            f"lie in 0 to {classes - 1}"
        )
    return np.bincount(array, minlength=classes)

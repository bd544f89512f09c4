"""Distances between two sets of samples or of features, and the floor below which none can go."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_helpers.evaluation._inputs import Array, Samples, as_points, same_width
from gan_helpers.runtime import integer

ASSIGNMENT_LIMIT = 5_000  # samples; the cost matrix then takes 200 MB, the assignment 10 s


def wasserstein_distance(x: Samples, y: Samples) -> float:
    """Compute W1 between two samples exactly: the least mean distance that moves x onto y.

    In one dimension W1 = int |F_x(t) - F_y(t)| dt, for any two sizes; with equal sizes that is the
    mean of |x_(i) - y_(i)| over the sorted samples. In more dimensions W1 = min over pairings pi of
    1/n sum_i |x_i - y_pi(i)|, found by optimal assignment, for equal sizes. The time grows like
    n^3: about 0.1 s for 1 000 points, 1 s for 2 500. Take a random subset of a larger set, and
    compare it with `noise_floor` at the same size: two perfect samples are not at distance 0.

    Args:
        x: (n, d) or (n,), tensor on any device or array, in the unit of the data.
        y: (m, d) or (m,); m = n when d >= 2.

    Returns:
        W1 >= 0, in the unit of the data.

    Raises:
        ValueError: wrong shapes, NaN, or in d >= 2 unequal sizes or more than 5 000 samples.

    Source:
        Peyré and Cuturi, arXiv:1803.00567, Remark 2.30 (one dimension), Proposition 2.1.
    """
    a, b = as_points("x", x), as_points("y", y)
    same_width(("x", "y"), a, b)
    if a.shape[1] == 1:
        from scipy.stats import wasserstein_distance as on_the_line

        return float(on_the_line(a[:, 0], b[:, 0]))
    if len(a) != len(b):
        raise ValueError(
            f"x has {len(a)} samples and y has {len(b)}; in {a.shape[1]} dimensions the sizes "
            f"must be equal: take a random subset of {min(len(a), len(b))} of the larger"
        )
    if len(a) > ASSIGNMENT_LIMIT:
        raise ValueError(
            f"x and y have {len(a)} samples; the assignment is limited to {ASSIGNMENT_LIMIT} "
            "because its time grows with the cube: take random subsets, for example of 2 000"
        )
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    cost = cdist(a, b)  # (n, n)
    rows, columns = linear_sum_assignment(cost)
    return float(cost[rows, columns].mean())


def noise_floor(
    metric: Callable[[Tensor, Tensor], float],
    sampler: Callable[[int], Tensor] | Samples,
    n: int,
    repeats: int = 20,
    seed: int = 0,
) -> Array:
    """Measure what a perfect generator would score: the metric of real samples against real ones.

    A distance between two finite samples of one distribution is not 0. Draw the mean of
    these values as a line, or their range as a band, on every plot of the metric; a generator that
    reaches it cannot be told from the data by this metric and this many samples.

    Args:
        metric: `metric(a, b) -> float`, for example `wasserstein_distance`.
        sampler: `sampler(n) -> (n, ...)`, which draws fresh samples, for example
            `lambda n: ring().sample(n, generator=my_generator)` (without a generator of its own it
            advances PyTorch's global one); or a fixed data set (N, ...) with N >= 2 n, of which
            disjoint random parts are compared.
        n: size of each of the two samples, at least 1.
        repeats: how many pairs, at least 1.
        seed: of the draw of parts; not used when `sampler` is a function.

    Returns:
        The values, (repeats,).

    Raises:
        TypeError: the metric is no function.
        ValueError: n or repeats below 1, or a data set smaller than 2 n.
    """
    n, repeats = integer("n", n, 1), integer("repeats", repeats, 1)
    if not callable(metric):
        raise TypeError(
            f"metric is {metric!r:.60}; it must be a function of two samples, such as "
            "wasserstein_distance"
        )
    if callable(sampler):
        pairs = ((sampler(n), sampler(n)) for _ in range(repeats))
    else:
        data = sampler if isinstance(sampler, Tensor) else torch.as_tensor(np.asarray(sampler))
        if len(data) < 2 * n:
            raise ValueError(
                f"the data set holds {len(data)} samples; two separate parts of n = {n} need "
                f"{2 * n}: lower n to at most {len(data) // 2}"
            )
        own = torch.Generator().manual_seed(integer("seed", seed, 0))
        orders = (torch.randperm(len(data), generator=own) for _ in range(repeats))
        pairs = ((data[order[:n]], data[order[n : 2 * n]]) for order in orders)
    return np.array([metric(a, b) for a, b in pairs], dtype=np.float64)


def frechet_distance(features_a: Samples, features_b: Samples) -> float:
    """Compute the Fréchet distance between Gaussians fitted to two sets of features.

    d^2 = |m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)), the squared 2-Wasserstein distance of
    N(m_a, C_a) and N(m_b, C_b). With C = R^T R from a QR decomposition of the centred features,
    tr (C_a C_b)^(1/2) is the sum of the singular values of R_a R_b^T: no matrix root of a rounded
    product, so a singular covariance is as exact as any other. It is biased upwards, the more the
    fewer samples: compare equal sizes, with `noise_floor`.

    It is only called FID when the features are those of one particular Inception network.

    Args:
        features_a: (n, F), n >= 2, tensor on any device or array.
        features_b: (m, F), m >= 2.

    Returns:
        d^2 >= 0, in squared units of a feature; exactly 0 for equal sets.

    Raises:
        ValueError: wrong shapes, fewer than 2 samples, NaN or infinite values.

    Source:
        Heusel et al., arXiv:1706.08500, Eq. 6.
    """
    a, b = as_points("features_a", features_a, 2), as_points("features_b", features_b, 2)
    same_width(("features_a", "features_b"), a, b)
    if np.array_equal(a, b):
        return 0.0
    (mean_a, root_a), (mean_b, root_b) = _moments(a), _moments(b)
    cross = np.linalg.svd(root_a @ root_b.T, compute_uv=False).sum()  # tr (C_a C_b)^(1/2)
    spread = np.square(root_a).sum() + np.square(root_b).sum() - 2 * cross
    return max(float(np.square(mean_a - mean_b).sum() + spread), 0.0)


def _moments(x: Array) -> tuple[Array, Array]:
    """Return the mean (F,) and R (min(n, F), F) with R^T R = the covariance."""
    mean = x.mean(0)
    root: Array = np.linalg.qr((x - mean) / np.sqrt(len(x) - 1), mode="r")  # type: ignore[assignment]
    return mean, root


class PrecisionRecall(NamedTuple):
    """Precision and recall, each in [0, 1]."""

    precision: float  # share of the fakes that lie within the real set: quality
    recall: float  # share of the real samples that lie within the fake set: coverage


def precision_recall(
    real_features: Samples, fake_features: Samples, k: int = 3, chunk: int = 1_000
) -> PrecisionRecall:
    """Measure quality and coverage apart, by balls around each sample.

    The set of a sample x is the union of balls around each x_i that reach to its k-th nearest
    neighbour within x. Precision is the share of fakes inside the real set, recall the share of
    real samples inside the fake set. Two perfect samples do not reach 1 (see `noise_floor`), and
    one outlier with a large ball can raise either.

    Args:
        real_features: (n, F), n > k, tensor on any device or array.
        fake_features: (m, F), m > k.
        k: which neighbour sets the radius, at least 1.
        chunk: rows compared at a time; memory is about 24 * chunk * max(n, m) bytes.

    Returns:
        `PrecisionRecall(precision, recall)`.

    Raises:
        ValueError: wrong shapes, k or fewer samples, NaN or infinite values.

    Source:
        Kynkäänniemi et al., arXiv:1904.06991, Eq. 1 and 2.
    """
    k, chunk = integer("k", k, 1), integer("chunk", chunk, 1)
    real = as_points("real_features", real_features, k + 1)
    fake = as_points("fake_features", fake_features, k + 1)
    same_width(("real_features", "fake_features"), real, fake)
    return PrecisionRecall(
        precision=float(_inside(fake, real, _radii(real, k), chunk).mean()),
        recall=float(_inside(real, fake, _radii(fake, k), chunk).mean()),
    )


def _radii(points: Array, k: int) -> Array:
    """Return the distance of each point to its k-th nearest other, (n,)."""
    from sklearn.neighbors import NearestNeighbors

    # Asked for no point in particular, it takes each of its own and leaves that one out.
    radii: Array = NearestNeighbors(n_neighbors=k).fit(points).kneighbors()[0][:, -1]
    return radii


def _inside(points: Array, centres: Array, radii: Array, chunk: int) -> NDArray[np.bool_]:
    """Tell which points lie in a ball around some centre, (n,)."""
    from scipy.spatial.distance import cdist

    rows = [points[i : i + chunk] for i in range(0, len(points), chunk)]
    return np.concatenate([(cdist(row, centres) <= radii).any(1) for row in rows])

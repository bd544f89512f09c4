"""Has a generator memorised? Nearest training images, and how near real images come by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_helpers.data import check_images
from gan_helpers.evaluation._inputs import Array, Samples, same_width
from gan_helpers.runtime import integer


class NearestImages(NamedTuple):
    """The k nearest training images of each generated one, nearest first."""

    indices: NDArray[np.int64]  # (N, k), rows of the training set
    distances: Array  # (N, k), Euclidean distance over all pixels


def nearest_images(generated: Samples, training: Samples, k: int = 1) -> NearestImages:
    """Find the k training images nearest to each generated image, by Euclidean pixel distance.

    d(x, y) = sqrt(sum over pixels (x - y)^2). Pixel distance notices a copy, not a copy that was
    shifted or inverted; a small distance alone proves nothing either: see `memorisation`.

    Args:
        generated: (N, C, H, W) in [-1, 1], tensor on any device or array.
        training: (M, C, H, W) in [-1, 1], M >= k.
        k: how many neighbours, at least 1.

    Returns:
        `NearestImages(indices, distances)`, both (N, k). A copy has distance exactly 0.

    Raises:
        TypeError: images that are not floating point.
        ValueError: images that `check_images` refuses, shapes that do not fit, k out of range.
    """
    images = check_images(generated, "generated"), check_images(training, "training")
    a, b = (x.cpu().flatten(1).numpy() for x in images)  # (N, P), (M, P)
    same_width(("generated", "training"), *images)
    k = integer("k", k, 1)
    if k > len(b):
        raise ValueError(f"k is {k}; it must be at most {len(b)}, the size of the training set")
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(b)
    indices = found.kneighbors(a, return_distance=False)  # (N, k)
    # The few that are returned are measured again: |a|^2 - 2 a b + |b|^2 cancels for a copy.
    exact = np.stack([np.linalg.norm(a.astype(float) - b[j], axis=1) for j in indices.T], axis=1)
    order = exact.argsort(axis=1, kind="stable")
    return NearestImages(*(np.take_along_axis(x, order, axis=1) for x in (indices, exact)))


@dataclass(frozen=True, eq=False)
class Memorisation:
    """What `memorisation` found; the distances are to the nearest training image.

    Attributes:
        generated: (N,), of the generated images.
        held_out: (R,), of real images that were not trained on: what is to be expected.
        ratio: median of `generated` over median of `held_out`; far below 1 for copies.
        suspicious: share of generated images nearer than all but 5 % of the held-out ones; about
            0.05 for new images, 1 for copies.
    """

    generated: Array
    held_out: Array
    ratio: float
    suspicious: float


def memorisation(generated: Samples, training: Samples, held_out: Samples) -> Memorisation:
    """Compare how near generated images come to the training set with how near real ones do.

    A generator that is simply good also comes near its training set; only coming *nearer than
    unseen real images do* speaks of copying. Smooth or blurred images come nearer as well, so look
    at the pairs (`nearest_images`) before accusing.

    Args:
        generated: (N, C, H, W), all of them in [-1, 1].
        training: (M, C, H, W), what the GAN was trained on.
        held_out: (R, C, H, W), R >= 2 real images of the same kind, not in `training`.

    Returns:
        A `Memorisation`.

    Raises:
        TypeError: images that are not floating point.
        ValueError: images that `check_images` refuses, shapes that do not fit, or held-out images
            that are all in `training`.
    """
    held_out = check_images(held_out, "held_out")
    if len(held_out) < 2:
        raise ValueError("held_out holds fewer than 2 images; a baseline needs some, such as 200")
    ours = nearest_images(generated, training).distances[:, 0]
    theirs = nearest_images(held_out, training).distances[:, 0]
    if np.median(theirs) == 0:
        raise ValueError(
            "most held_out images are in the training set (distance 0); hold them out: split the "
            "data before training"
        )
    near = np.quantile(theirs, 0.05)
    return Memorisation(
        generated=ours,
        held_out=theirs,
        ratio=float(np.median(ours) / np.median(theirs)),
        suspicious=float((ours < near).mean()),
    )

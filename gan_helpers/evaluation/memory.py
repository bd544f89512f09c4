"""Has a generator memorised? Nearest training images, and how near real images come by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from gan_helpers.evaluation._inputs import (
    Array,
    Samples,
    as_array,
    as_integer,
    same_width,
    squared_distances,
)

_ENTRIES = 4_000_000  # distances held at a time: 32 MB


class NearestImages(NamedTuple):
    """The k nearest training images of each generated one, nearest first."""

    indices: NDArray[np.int64]  # (N, k), rows of the training set
    distances: Array  # (N, k), Euclidean distance over all pixels


def nearest_images(generated: Samples, training: Samples, k: int = 1) -> NearestImages:
    """Find the k training images nearest to each generated image, by Euclidean pixel distance.

    d(x, y) = sqrt(sum over pixels (x - y)^2). Pixel distance notices a copy, not a copy that was
    shifted or inverted; a small distance alone proves nothing either: see `memorisation`.

    Args:
        generated: (N, C, H, W), tensor on any device or array (any shape (N, ...) will do).
        training: (M, C, H, W), M >= k, on the same scale.
        k: how many neighbours, at least 1.

    Returns:
        `NearestImages(indices, distances)`, both (N, k). A copy has distance exactly 0.

    Raises:
        ValueError: shapes that do not fit, k out of range, NaN or infinite values.
    """
    queries, rows = _images("generated", generated), _images("training", training)
    same_width(("generated", "training"), queries, rows)
    k = as_integer("k", k, 1)
    if k > len(rows):
        raise ValueError(f"k is {k}; it must be at most {len(rows)}, the size of the training set")
    a, b = (torch.from_numpy(x.reshape(len(x), -1)) for x in (queries, rows))  # (N, P), (M, P)
    centre = b.mean(0)  # a common shift changes no distance and keeps rounding small
    shifted = b - centre
    chunk = max(_ENTRIES // len(b), 1)
    found = [
        squared_distances(part - centre, shifted).topk(k, largest=False).indices
        for part in a.split(chunk)
    ]
    indices = torch.cat(found)  # (N, k)
    # The few that are returned are measured again, without the cancellation of the fast formula.
    exact = torch.stack([(a - b[column]).norm(dim=1) for column in indices.T], dim=1)  # (N, k)
    order = exact.argsort(dim=1, stable=True)
    return NearestImages(indices.gather(1, order).numpy(), exact.gather(1, order).numpy())


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
        generated: (N, C, H, W).
        training: (M, C, H, W), what the GAN was trained on.
        held_out: (R, C, H, W), R >= 2 real images of the same kind, not in `training`.

    Returns:
        A `Memorisation`.

    Raises:
        ValueError: shapes that do not fit, NaN, or held-out images that are all in `training`.
    """
    if len(as_array("held_out", held_out)) < 2:
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


def _images(name: str, images: Samples) -> Array:
    array = as_array(name, images)
    if array.ndim < 2 or array.size == 0:
        raise ValueError(
            f"{name} has shape {array.shape}; it must be (N, C, H, W) with N >= 1: "
            "put a single image into a batch with image[None]"
        )
    return array

"""Digits shared out: to train on, to choose on, to tell on, and none that judge GANs."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from gan_helpers import data, evaluation
from gan_helpers.runtime import integer

VALIDATION, TEST = 500, 1500


class Parts(NamedTuple):
    """Rows of `data.mnist()` that have nothing in common, and none that judge GANs."""

    training: Tensor  # as many of each class
    validation: Tensor  # 500 to choose settings on
    test: Tensor  # 1 500 to tell the result on
    spare: Tensor  # three times as many as for training: what more digits would have been worth


def share_out(size: int, seed: int) -> Parts:
    """Draw the rows of one run from the 4 000 digits that trained the package's classifier.

    Its 1 000 others are left to judge GANs: neither the classifier nor a GAN has seen them.

    Args:
        size: training digits, 10 to 4 000; a tenth of them of each class.
        seed: >= 0.

    Returns:
        The parts; beyond 500 training digits the others are shorter, or empty.

    Raises:
        ValueError: the size is out of range.
    """
    each, digits = integer("size", size, 10, 4000) // 10, data.mnist()
    assert digits.labels is not None
    known = torch.ones(len(digits), dtype=torch.bool)
    known[evaluation.digit_classifier().held_out] = False
    rows = known.nonzero().flatten()
    rows = rows[torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))]
    labels = digits.labels[rows]
    rank = (labels[:, None] == torch.arange(10)).cumsum(0)  # (4000, 10), digits of a class so far
    first = rank[torch.arange(len(rows)), labels] <= each
    rest = rows[~first]
    told = VALIDATION + TEST
    return Parts(rows[first], rest[:VALIDATION], rest[VALIDATION:told], rest[told:][: 30 * each])

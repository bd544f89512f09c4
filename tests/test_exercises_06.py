"""Exercise 06: each answer that a student might give meets the hint that fits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu

from gan_helpers import data, evaluation
from gan_helpers.exercises import check
from gan_helpers.exercises._06 import coverage, holm, power

RIGHT = {"high quality": 0.6753, "reverse KL": 0.6931, "W1": 0.5, "Frechet": 2.25}
WHO = {"A": "half the modes", "B": "copies", "C": "one point a mode", "D": "one Gaussian"}


def recall(real: Any, fake: Any, k: int = 3) -> float:
    radius = np.sort(cdist(fake, fake), axis=1)[:, k]
    return float((cdist(real, fake) <= radius).any(axis=1).mean())


def precision(real: Any, fake: Any, k: int = 3) -> float:
    return recall(fake, real, k)


def without_replacement(a: Any, b: Any, seeds: int, studies: int = 400) -> float:
    rng, n = np.random.default_rng(0), min(seeds, len(a))
    drawn = [(rng.permutation(a)[:n], rng.permutation(b)[:n]) for _ in range(studies)]
    return float(np.mean([mannwhitneyu(x, y).pvalue <= 0.05 for x, y in drawn]))


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("06-1", RIGHT | {"high quality": 1 - np.exp(-9 / 4)}, "half of 9/4"),
        ("06-1", RIGHT | {"high quality": 1.0}, "r = 1.5"),
        ("06-1", RIGHT | {"reverse KL": 1.0}, "bits"),
        ("06-1", RIGHT | {"reverse KL": 1.386}, "add up to 1"),
        ("06-1", RIGHT | {"W1": 0.25}, "not its square"),
        ("06-1", RIGHT | {"W1": 0.7}, "sqrt"),
        ("06-1", RIGHT | {"Frechet": 1.25}, "two axes"),
        ("06-1", RIGHT | {"Frechet": 18.25}, "not the variances"),
        ("06-1", RIGHT | {"Frechet": 2.5}, "squared"),
        ("06-2", recall, "That is recall"),
        ("06-2", precision, "That is precision"),
        ("06-2", lambda real, fake, k=3: coverage(real, fake, k - 1), "column k"),
        ("06-3", [(4, 4), (-4, -4)], "correlated"),
        ("06-3", [(4, 0), (0, 4)], "mean is"),
        ("06-3", [(4, 4), (-4, -4), (4, -4), (-4, 4)], "mean squares are 16"),
        ("06-3", [(3, 0), (-3, 0)], "not one of the grid"),
        ("06-3", [(x, y) for x in (-2, 0, 2) for y in (-2, 2)], "at most 5"),
        ("06-4", WHO | {"A": "copies"}, "A: look again"),
        ("06-4", WHO | {"D": "somebody"}, "one of half the modes, copies"),
        ("06-5", lambda p: np.minimum(len(p) * p, 1), "Bonferroni"),
        ("06-5", lambda p: holm(np.sort(p)), "their order is not"),
        ("06-5", lambda p: np.minimum((len(p) - p.argsort().argsort()) * p, 1), "running maximum"),
        ("06-6", lambda a, b, seeds, studies=400: 0.0, "with replacement"),
        ("06-6", lambda a, b, seeds, studies=400: power(a, b, 30, studies), "draw"),
        ("06-6", lambda a, b, seeds, studies=400: 7, "lies in 0 to 1"),
    ],
)
def test_a_known_mistake_gets_its_hint(name: str, answer: object, hint: str) -> None:
    result = check(name, answer)
    assert result.status == "wrong"
    assert hint in result.message


def test_right_answers_are_right() -> None:
    assert check("06-1", RIGHT).status == "correct"
    assert check("06-2", coverage).status == "correct"
    assert check("06-3", [(4, 0), (-4, 0), (0, 4), (0, -4)]).status == "correct"
    assert check("06-3", [(4, 2), (2, -4), (-4, -2), (-2, 4), (0, 0)]).status == "correct"
    assert check("06-4", WHO).status == "correct"
    assert check("06-5", holm).status == "correct"
    assert check("06-6", power).status == "correct"
    assert check("06-6", without_replacement).status == "wrong"
    for name in ("06-2", "06-5", "06-6"):
        assert check(name, lambda *_: None).status == "unanswered"


def test_the_designed_modes_cannot_be_told_from_the_grid() -> None:
    own = torch.Generator().manual_seed(0)
    few = torch.tensor([[4.0, 0.0], [-4.0, 0.0], [0.0, 4.0], [0.0, -4.0]])
    fake = few[torch.randint(4, (4000,), generator=own)]
    fake = fake + 0.05 * torch.randn(4000, 2, generator=own)
    assert evaluation.frechet_distance(data.grid().sample(4000, own), fake) < 0.02


def test_the_table_of_culprits_is_what_such_samples_come_to() -> None:
    grid, own = data.grid(), torch.Generator().manual_seed(3)
    training, real = grid.sample(1000, own), grid.sample(1000, own)
    chess = grid.means[(grid.means.sum(1) / 2) % 2 == 0]
    samples = {
        "A": chess[torch.randint(13, (1000,), generator=own)]
        + grid.sigma * torch.randn(1000, 2, generator=own),
        "B": training,
        "C": grid.means[torch.randint(25, (1000,), generator=own)],
        "D": 8**0.5 * torch.randn(1000, 2, generator=own),
    }
    printed = {"A": (13, 0.99, 0.94, 0.50), "B": (25, 0.99, 0.94, 0.95),
               "C": (25, 1.00, 0.96, 0.00), "D": (12, 0.02, 0.02, 0.98)}  # fmt: skip
    for name, fake in samples.items():
        found = evaluation.mode_coverage(fake, grid)
        both = evaluation.precision_recall(real, fake)
        assert abs(found.captured - printed[name][0]) <= 5 * (name == "D")
        assert (found.high_quality, *both) == pytest.approx(printed[name][1:], abs=0.05)
        assert evaluation.frechet_distance(real, fake) < 0.15

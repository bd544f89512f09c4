"""The study of notebook 07 that ships: of the present settings, and read as it is meant."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_helpers import NON_SATURATING, RELATIVISTIC, data
from gan_helpers.study import REAL, pairing


def test_the_shipped_results_are_those_of_the_present_settings() -> None:
    found = pairing.results()
    wanted = {
        (e.problem.name, e.objective.name, e.settings, seed)
        for e in pairing.ENTRIES
        for seed in pairing.SEEDS[e.problem.name]
    }
    wanted |= {
        (problem.name, REAL, problem.settings, seed)
        for problem in (pairing.GRID, pairing.STACKED)
        for seed in pairing.SEEDS[problem.name]
    }
    assert {result.key for result in found} == wanted, "run: make study"
    assert len(found) == len(wanted)
    assert pairing.SHIPPED.stat().st_size < 60_000


@pytest.mark.parametrize("problem", ["grid", "stacked"])
def test_every_arm_of_a_problem_has_the_same_seconds(problem: str) -> None:
    runs = [r for r in pairing.results() if r.problem == problem and r.objective != REAL]
    arms = {r.objective: [s.seconds for s in runs if s.objective == r.objective] for r in runs}
    middle = [np.median(seconds) for seconds in arms.values()]
    assert max(middle) < 1.25 * min(middle)


def test_a_stack_is_read_channel_by_channel() -> None:
    digits = data.mnist()
    rows = [int((digits.labels == label).nonzero()[3]) for label in (7, 0, 4)]
    stack = digits.images[rows, 0][None]  # (1, 3, 28, 28)
    assert pairing.stacked_class(stack).tolist() == [704]
    assert pairing.stacked_class(stack.flip(1)).tolist() == [407]


def test_collapsed_and_even_samples_are_measured_as_such() -> None:
    problem = pairing.stacked_problem(size=500)
    real = problem.draw(500, torch.Generator().manual_seed(0))
    even = problem.measure(problem.draw(500, torch.Generator().manual_seed(1)), real)
    collapsed = problem.measure(real[:1].expand(500, -1, -1, -1), real)
    assert collapsed["modes"] == 1
    assert collapsed["reverse KL"] == pytest.approx(np.log(1000))
    assert 350 < even["modes"] < 430  # 1 000 (1 - e^(-1/2)) = 393
    assert even["Frechet"] < 0.1 * collapsed["Frechet"]


def test_the_brake_keeps_the_losses_and_names_the_arm() -> None:
    braked = pairing.braked(NON_SATURATING, 0.5)
    assert braked.name == "non-saturating, R1 and R2"
    assert braked.generator_loss is NON_SATURATING.generator_loss
    assert braked.penalty.keywords == {"weight": 0.5}
    assert pairing.braked(RELATIVISTIC, 0.5).name == "relativistic"

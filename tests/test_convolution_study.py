"""The trials of notebook 08 that ship: complete, of today's settings, and repeatable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers import LEAST_SQUARES
from gan_helpers.evaluation import paired_p_value
from gan_helpers.networks import SelfAttention
from gan_helpers.study import column, convolution
from gan_helpers.study.convolution_networks import (
    checkerboard,
    downward,
    gamma_around_zero,
    normalised_tanh,
    resized,
    transposed,
    upward,
)


def test_the_shipped_results_are_those_of_the_present_settings() -> None:
    wanted = {
        (arm.problem, arm.name, arm.settings, seed)
        for arm in convolution.ARMS
        for seed in range(arm.seeds)
    }
    found = convolution.results()
    assert {result.key for result in found} == wanted, (
        "run: python -m gan_helpers.study.convolution"
    )
    assert len(found) == len(wanted)
    assert {result.seconds for result in found} == {4.0, 5.0, 6.0, 12.0}
    assert all("torch" in result.made for result in found)
    assert convolution.SHIPPED.stat().st_size < 100_000


@pytest.mark.parametrize(
    "change",
    [
        {"rates": (1e-3, 2e-3)},
        {"betas": (0.4, 0.999)},
        {"objective": LEAST_SQUARES},
        {"seconds": 7.0},
        {"unit": True},
        {"average": True},
        {"initialise": gamma_around_zero},
        {"generator": lambda: upward(8)},
        {"discriminator": lambda: downward(slope=0.1)},
        {"normalise": convolution.spectrally_normalised},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_decides_a_run_is_in_its_settings(change: dict) -> None:
    arm = convolution.RULES[0]
    assert arm.settings in {result.settings for result in convolution.results()}
    assert replace(arm, **change).settings != arm.settings


def test_every_arm_changes_one_thing_about_the_first_of_its_part() -> None:
    for part in (convolution.RULES, convolution.NORMS):
        names = [(arm.problem, arm.name) for arm in part]
        assert len(set(names)) == len(names)
        assert len({arm.seconds for arm in part}) == 1
        assert all(arm.seeds >= 3 for arm in part)
    pairs = [arm for arm in convolution.NORMS if arm.seeds == 6]
    assert [arm.problem for arm in pairs] == ["MNIST"] * 2 + ["animals"] * 2


@pytest.mark.parametrize("arm", convolution.ARMS, ids=lambda arm: f"{arm.problem} {arm.name}")
def test_an_arm_trains_and_makes_images(arm: convolution.Arm) -> None:
    torch.manual_seed(0)
    small = replace(arm, problem="MNIST")
    gan = convolution.made(small, seconds=0.0)
    assert gan.step == 1
    assert gan.sample(3).shape == (3, 1, 28, 28)


def test_a_trial_leaves_the_random_state_alone_and_is_measured() -> None:
    arm = replace(convolution.RULES[0], seconds=0.0)
    torch.manual_seed(0)
    before = torch.get_rng_state()
    found = convolution.train_arm(arm, 1)
    assert torch.equal(before, torch.get_rng_state())
    assert {*found.measures} == {"Frechet", "checkerboard", "updates"}
    assert found.measures["updates"] == 1


@pytest.mark.parametrize("double", [None, transposed(3), transposed(4), transposed(5), resized])
@pytest.mark.parametrize("last", [nn.Tanh, nn.Identity, normalised_tanh])
def test_networks_of_the_trials_have_the_right_shapes(double, last) -> None:
    for middle in (None, SelfAttention):
        x = upward(8, double=double, middle=middle, last=last)(torch.randn(2, 16))
        assert x.shape == (2, 1, 28, 28)
        assert downward(8, first=True, middle=middle)(x).shape == (2,)


def test_parameters_of_the_trials_by_hand() -> None:
    count = sum(w.numel() for w in upward().parameters())
    assert count == 17 * 1568 + 2 * 32 + 32 * 16 * 16 + 16 + 2 * 16 + 16 * 16 + 1
    attention = sum(w.numel() for w in upward(32, middle=SelfAttention).parameters())
    assert attention - sum(w.numel() for w in upward(32).parameters()) == 4 * 32 * 4 + 1


def test_checkerboards_are_seen_and_nothing_else_is() -> None:
    rows, columns = torch.meshgrid(torch.arange(28), torch.arange(28), indexing="ij")
    board = ((-1.0) ** (rows + columns))[None, None]
    stripes = ((-1.0) ** rows)[None, None]
    slow = torch.cos(2 * torch.pi * rows / 28)[None, None]
    for image, power in ((board, 1.0), (stripes, 1.0), (board / 2, 0.25), (slow, 0.0)):
        assert float(checkerboard(image)) == pytest.approx(power, abs=1e-6)
    assert float(checkerboard(torch.ones(1, 1, 28, 28))) == 0


# What notebook 08 says -----------------------------------------------------------------------


def reached(arm: str, measure: str = "Frechet", problem: str = "MNIST") -> list[float]:
    return [*column(convolution.results(), problem, arm, measure).values()]


def test_three_departures_ruin_a_short_run_and_five_cannot_be_told_from_luck() -> None:
    arms = {arm.name: reached(arm.name) for arm in convolution.RULES[:10]}
    worst = max(arms["as published"])
    apart = {name for name, values in arms.items() if min(values) > worst}
    ruined = {name for name, values in arms.items() if min(values) > 3 * worst}
    assert ruined == {"β₁ = 0.9", "BatchNorm in D's first layer", "BatchNorm after G's last layer"}
    assert apart - ruined == {"no tanh"}
    assert len(arms) - 1 - len(apart) == 5


def test_only_resizing_leaves_little_checkerboard() -> None:
    kernels = [reached(arm, "checkerboard") for arm in ("as published", "kernel 3", "kernel 5")]
    assert max(reached("resize, then convolve", "checkerboard")) < 2.5
    assert 4 < min(map(min, kernels)) < max(map(max, kernels)) < 25
    assert 1.8 < np.median(reached(convolution.PLAIN, "checkerboard")) < 2.5


@pytest.mark.parametrize(
    ("problem", "other", "ratio", "p"),
    [
        ("MNIST", convolution.FEWER, 0.84, 0.094),
        ("MNIST", convolution.EVEN, 0.89, 0.156),
        ("MNIST", convolution.PLAIN, 1.28, 0.219),
        ("animals", convolution.FEWER, 0.91, 0.219),
        ("animals", convolution.EVEN, 1.06, 0.156),
        ("animals", convolution.PLAIN, 1.17, 0.031),
    ],
)
def test_what_attention_gains(problem: str, other: str, ratio: float, p: float) -> None:
    having = np.array(reached(convolution.ATTENTION, problem=problem))
    without = np.array(reached(other, problem=problem))
    assert np.exp(np.median(np.log(having / without))) == pytest.approx(ratio, abs=0.01)
    assert paired_p_value(having, without) == pytest.approx(p, abs=1e-3)
    updates = [
        np.median(reached(arm, "updates", problem)) for arm in (convolution.ATTENTION, other)
    ]
    assert updates[1] / updates[0] == pytest.approx(
        3 if other == convolution.PLAIN else 1, rel=0.15
    )


def test_attention_outside_the_norm_is_no_worse_that_three_seeds_could_show() -> None:
    outside, inside = reached("attention outside the norm"), reached(convolution.ATTENTION)[:3]
    assert min(outside) < max(inside)
    assert min(inside) < max(outside)

"""The pictures of notebook 05: they draw, and what they compute is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan_helpers import data, theory
from gan_helpers.figures.wgan_gp import best_critics, epsilons, fixed_data, penalties
from gan_helpers.plotting import Picture

POINTS = torch.randn(2, 5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


class Tilted(nn.Module):
    """A plane of slope 3 along the first coordinate."""

    def forward(self, x: Tensor) -> Tensor:
        return 3 * x[:, 0]


def _games() -> Picture:
    path = theory.dirac_trajectory(theory.DIRAC_WGAN_GP, (1, 0), 0.1, 30)
    return penalties.games_picture({"one": path, "two": path}, "A finding")


PICTURES: dict[str, Callable[[], Picture]] = {
    "best critics": lambda: best_critics.best_critics_picture(
        lambda x: x.norm(dim=1), *POINTS, {n: torch.rand(9) for n in "abc"}, "A finding"
    ),
    "epsilons": lambda: epsilons.epsilon_picture(
        *POINTS, dict.fromkeys("abcd", POINTS[0]), "A finding"
    ),
    "critics": lambda: fixed_data.critics_picture(
        {"a": Tilted(), "b": Tilted()}, *torch.randn(2, 50, 2), "A finding"
    ),
    "flat critic": lambda: fixed_data.critics_picture(
        {"a": nn.Sequential(nn.Linear(2, 1, bias=False), nn.Flatten(0)).apply(_zero)},
        *torch.randn(2, 50, 2),
        "A finding",
    ),
    "overshoot": lambda: penalties.overshoot_picture(
        2, {0.1: 11, 10: 1.1}, {0.1: 1.4}, "A finding"
    ),
    "recipes": lambda: penalties.recipes_picture({"a": [0.4, 0.5], "b": [1.0]}, 0.1, "A finding"),
    "recorded": lambda: penalties.recorded_picture(
        {"whole": np.linspace(1, 2, 40), "cut": np.linspace(1, 9, 40)}, "A finding"
    ),
    "games": _games,
}


def _zero(layer: nn.Module) -> None:
    for weight in layer.parameters():
        nn.init.zeros_(weight)


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_readable(name: str) -> None:
    picture = PICTURES[name]()
    assert len(picture.alt) > 0
    assert picture.png().startswith(b"\x89PNG")
    assert picture.smallest_text >= 14
    box = picture._suptitle.get_window_extent()
    assert 0 <= box.x0 <= box.x1 <= picture.bbox.width, "the title is cut off"


@pytest.mark.parametrize("weight", [0.1, 1.0, 10.0])
def test_overshoot_minimises_gap_and_penalty(weight: float) -> None:
    s = np.linspace(0, 40, 400_001)
    best = s[np.argmin(-2 * s + weight * (s - 1) ** 2)]
    assert penalties.overshoot(2, weight) == pytest.approx(best, abs=1e-3)
    with pytest.raises(ValueError, match="weight"):
        penalties.overshoot(2, 0)


def test_the_measure_of_a_critic_does_not_depend_on_the_scale_of_the_scores() -> None:
    real, fake = torch.randn(300, 2) + torch.tensor([1.0, 0.0]), torch.randn(300, 2)
    gap = 3 * float(real[:, 0].mean() - fake[:, 0].mean())
    found = fixed_data.measure_critic(Tilted(), real, fake, distance=2.0)
    assert found.gap == pytest.approx(gap, rel=1e-4)
    assert found.steepest == pytest.approx(3, rel=1e-5)
    assert found.share == pytest.approx(gap / 6, rel=1e-4)


def test_a_shift_is_captured_wholly_by_a_plane() -> None:
    fake = torch.randn(100, 2)
    real = fake + torch.tensor([1.0, 0.0])  # W1 = 1
    assert fixed_data.measure_critic(Tilted(), real, fake, 1.0).share == pytest.approx(1, abs=1e-4)


def test_playing_trains_with_the_function_given_and_leaves_the_random_state_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GAN_HELPERS_BUDGET", "smoke")
    asked = []

    def train(critic: nn.Module, real: Tensor, fake: Tensor, steps: int, **bound: Any) -> None:
        torch.rand(1)
        asked.append((len(real), len(fake), steps, bound))

    torch.manual_seed(0)
    before = torch.get_rng_state()
    for method in fixed_data.METHODS:
        for source in fixed_data.SOURCES:
            title = fixed_data.play_critic(train, method, source=source).get_suptitle()
            assert "share of W1" in title
    assert torch.equal(before, torch.get_rng_state())
    assert [each[3] for each in asked] == [{"weight": 10.0}] * 3 + [{"clip": 0.1}] * 3
    with pytest.raises(ValueError, match="choose one of"):
        fixed_data.play_critic(train, "both")


def test_fixed_samples_are_the_data_plus_noise() -> None:
    real, fake, distance = fixed_data.fixed_samples("ring", n=200, noise=0.5)
    nearest = torch.cdist(real, data.ring().means).min(1).values
    assert nearest.max() < 0.1
    assert torch.cdist(fake, data.ring().means).min(1).values.mean() > 0.2
    assert 0.1 < distance < 1

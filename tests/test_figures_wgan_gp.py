"""The pictures of notebook 05: they draw, and what they compute is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers import WGAN, WGAN_GP, data, theory
from gan_helpers.figures.wgan_gp import coupled_points, fixed_data, penalties
from gan_helpers.networks import MLPDiscriminator
from gan_helpers.plotting import Picture

REAL = np.array([[2.0, 0.0], [0.0, 2.0], [-2.0, 0.0], [0.0, -2.0], [1.5, 1.5]])
FAKE = np.random.default_rng(0).normal(size=(5, 2))


class Tilted(nn.Module):
    """A plane of slope 3 along the first coordinate."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 3 * x[:, 0]


def _games() -> Picture:
    game = theory.DIRAC_WGAN_GP
    path = theory.dirac_trajectory(game, (1, 0), 0.1, 30)
    return penalties.games_picture({"one": (game, path), "two": (game, path)}, "A finding", "x")


PICTURES: dict[str, Callable[[], Picture]] = {
    "coupling": lambda: coupled_points.coupling_picture(
        coupled_points.point_critic(REAL, FAKE), np.ones(5), np.linspace(0.2, 1, 9), "A finding"
    ),
    "critics": lambda: fixed_data.critics_picture(
        {"a": Tilted(), "b": Tilted()}, *torch.randn(2, 50, 2), "A finding", "x"
    ),
    "flat critic": lambda: fixed_data.critics_picture(
        {"a": nn.Sequential(nn.Linear(2, 1, bias=False), nn.Flatten(0)).apply(_zero)},
        *torch.randn(2, 50, 2),
        "A finding",
        "x",
    ),
    "overshoot": lambda: penalties.overshoot_picture(2, [0.1, 10], [11, 1.1], "A finding"),
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
    box = picture._suptitle.get_window_extent()
    assert 0 <= box.x0 <= box.x1 <= picture.bbox.width, "the title is cut off"


def test_best_critic_solves_the_dual() -> None:
    critic = coupled_points.point_critic(REAL, FAKE)
    assert critic(REAL).mean() - critic(FAKE).mean() == pytest.approx(critic.distance, abs=1e-9)
    from gan_helpers.evaluation import wasserstein_distance

    assert critic.distance == pytest.approx(wasserstein_distance(REAL, FAKE))
    assert critic(REAL) == pytest.approx(critic.real_scores, abs=1e-9)


def test_best_critic_is_steep_between_partners_and_nowhere_steeper() -> None:
    critic = coupled_points.point_critic(REAL, FAKE)
    rng = np.random.default_rng(1)
    epsilon = rng.uniform(0.02, 0.98, (5, 40, 1))
    points = epsilon * REAL[:, None] + (1 - epsilon) * FAKE[critic.partner][:, None]
    assert critic.gradient_norm(points.reshape(-1, 2)) == pytest.approx(1, abs=1e-3)
    anywhere = critic.gradient_norm(rng.uniform(-3, 3, (500, 2)))
    assert anywhere.max() <= 1 + 1e-6
    assert anywhere.min() < 0.9  # the mean of both extensions is less steep off the lines


def test_best_critic_refuses_unequal_sets() -> None:
    with pytest.raises(ValueError, match="same shape"):
        coupled_points.point_critic(REAL, FAKE[:3])


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


def test_fit_critic_clips_and_penalises() -> None:
    real, fake = torch.randn(2, 64, 2)
    critic = MLPDiscriminator((2,), widths=(8,))
    optimizer = torch.optim.RMSprop(critic.parameters(), lr=1e-2)
    fixed_data.fit_critic(critic, real, fake, replace(WGAN, clip=0.05), optimizer, 3, batch=16)
    assert max(float(w.detach().abs().max()) for w in critic.parameters()) <= 0.05 + 1e-6
    asked = []

    def penalty(critic: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        asked.append((len(x), len(y)))
        return critic(x).square().mean()

    objective = replace(WGAN_GP, penalty=penalty)
    fixed_data.fit_critic(critic, real, fake, objective, optimizer, 2, batch=16)
    assert asked == [(16, 16)] * 2


def test_playing_leaves_the_global_random_state_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAN_HELPERS_BUDGET", "smoke")
    torch.manual_seed(0)
    before = torch.get_rng_state()
    for method in fixed_data.METHODS:
        for source in fixed_data.SOURCES:
            title = fixed_data.play_critic(method, source=source).get_suptitle()
            assert "share of W1" in title
    assert torch.equal(before, torch.get_rng_state())
    with pytest.raises(ValueError, match="choose one of"):
        fixed_data.play_critic("both")


def test_fixed_samples_are_the_data_plus_noise() -> None:
    real, fake, distance = fixed_data.fixed_samples("ring", n=200, noise=0.5)
    nearest = torch.cdist(real, data.ring().means).min(1).values
    assert nearest.max() < 0.1
    assert torch.cdist(fake, data.ring().means).min(1).values.mean() > 0.2
    assert 0.1 < distance < 1

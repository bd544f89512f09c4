"""Exercise 05: each answer that a student might give meets the hint that fits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from gan_helpers import gradient_penalty, theory
from gan_helpers.exercises import check

RIGHT = {"penalty": 160, "slope": 4, "estimate": 12}
FATES = {"a": "circles", "b": "circles", "c": "rests away", "d": "converges"}


def penalty(
    draw: Callable[..., Tensor] = torch.rand,
    each: bool = True,
    graph: bool = True,
    flat: bool = True,
    safe: float = 1e-12,
) -> Callable[..., Tensor]:
    """Build a gradient penalty with chosen mistakes."""

    def wrong(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor) -> Tensor:
        epsilon = draw(len(real), 1, 1, 1) if each else draw(1)
        points = (epsilon * real + (1 - epsilon) * fake).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(critic(points).sum(), points, create_graph=graph)
        squares = (gradient.flatten(1) if flat else gradient).square().sum(1)
        return 10 * ((squares + safe).sqrt() - 1).square().mean()

    return wrong


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("05-1", RIGHT | {"penalty": 360}, "norm is 5"),
        ("05-1", RIGHT | {"penalty": 5760}, "not its square"),
        ("05-1", RIGHT | {"estimate": 3}, "slope times distance"),
        ("05-1", RIGHT | {"slope": 7, "estimate": 21}, "mind the 2"),
        ("05-2", lambda norm, weight: weight * (norm - 1).square().mean(), "below 1 still pay"),
        ("05-2", lambda norm, weight: weight * torch.relu(norm - 1).mean(), "squared"),
        ("05-2", lambda norm, weight: weight * torch.relu(norm - 1).square().sum(), "mean over"),
        ("05-2", lambda norm, weight: weight * torch.relu(1 - norm).square().mean(), "wrong side"),
        ("05-3", FATES | {"b": "converges"}, "Case b"),
        ("05-3", FATES | {"c": "circles"}, "Case c"),
        ("05-3", FATES | {"a": "maybe"}, "write circles"),
        ("05-4", penalty(draw=torch.randn), "outside the lines"),
        ("05-4", penalty(each=False), "share one epsilon"),
        ("05-4", penalty(draw=lambda *_: torch.rand(32, 1, 4, 4)), "all pixels"),
        ("05-4", penalty(graph=False), "no graph"),
        ("05-4", penalty(flat=False), "which axes"),
        ("05-4", penalty(safe=0.0), "root at 0"),
    ],
)
def test_a_known_mistake_gets_its_hint(name: str, answer: object, hint: str) -> None:
    result = check(name, answer)
    assert result.status == "wrong"
    assert hint in result.message


def test_right_answers_are_right() -> None:
    assert check("05-1", RIGHT).status == "correct"
    assert check("05-3", FATES).status == "correct"
    assert check("05-4", penalty()).status == "correct"
    assert check("05-4", gradient_penalty).status == "correct"
    assert check("05-4", None).status == "unanswered"


def test_the_predicted_fates_are_the_paths() -> None:
    from dataclasses import replace

    def late(game: theory.DiracGame) -> tuple[float, float, float]:
        path = theory.dirac_trajectory(game, (1.0, 0.0), 0.05, 4000)[-800:]
        distance = (path**2).sum(1) ** 0.5
        return distance.min(), distance.max(), abs(path - path[-1]).max()

    for game in (theory.DIRAC_WGAN_CLIPPED, replace(theory.DIRAC_WGAN_GP, penalty_weight=0.5)):
        low, _, moves = late(game)
        assert low > 0.5
        assert moves > 1
    low, _, moves = late(replace(theory.DIRAC_WGAN_GP, penalty_weight=2.0))
    assert low == pytest.approx(4, abs=0.01)
    assert moves < 0.01
    assert late(replace(theory.DIRAC_WGAN, gamma=0.5))[1] < 1e-6

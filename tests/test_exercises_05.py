"""Exercise 05: each answer that a student might give meets the hint that fits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers import gradient_penalty, r1_penalty, theory
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


def r1(
    factor: float = 0.5,
    norm: bool = False,
    minus: float = 0.0,
    at: str = "real",
    graph: bool = True,
) -> Callable[..., Tensor]:
    """Build an R1 penalty with chosen mistakes."""

    def wrong(critic: Module, real: Tensor, fake: Tensor, weight: float = 1.0) -> Tensor:
        points = (real if at == "real" else fake).detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(critic(points).sum(), points, create_graph=graph)
        squares = gradient.flatten(1).square().sum(1)
        slope = (squares + 1e-12).sqrt() - minus
        return weight * factor * (slope if norm else slope.square()).mean()

    return wrong


def turn(
    detach: bool = True,
    fresh: bool = True,
    apart: bool = False,
    sign: int = 1,
    same_z: bool = False,
    generator: int = 1,
) -> Callable[..., None]:
    """Build one turn of WGAN-GP with chosen mistakes."""

    def wrong(G, f, adam_G, adam_f, batches, penalty, n_critic, latent_dim=2):  # type: ignore[no-untyped-def]
        z = torch.randn(8, latent_dim)
        real = next(batches)
        for k in range(n_critic):
            real = next(batches) if fresh and k else real
            fake = G(z if same_z else torch.randn(8, latent_dim))
            fake = fake.detach() if detach else fake
            for part in range(1 + apart):
                loss = sign * (f(fake).mean() - f(real).mean()) * (part == 0)
                if part == apart:
                    loss = loss + penalty(f, real, fake)
                adam_f.zero_grad()
                loss.backward()
                adam_f.step()
        for _ in range(generator):
            adam_G.zero_grad()
            (-sign * f(G(torch.randn(8, latent_dim))).mean()).backward()
            adam_G.step()

    return wrong


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("05-1", penalty(draw=torch.randn), "outside the lines"),
        ("05-1", penalty(each=False), "share one epsilon"),
        ("05-1", penalty(draw=lambda *_: torch.rand(32, 1, 4, 4)), "all pixels"),
        ("05-1", penalty(graph=False), "no graph"),
        ("05-1", penalty(flat=False), "which axes"),
        ("05-1", penalty(safe=0.0), "root at 0"),
        ("05-2", RIGHT | {"penalty": 360}, "norm is 5"),
        ("05-2", RIGHT | {"penalty": 5760}, "not its square"),
        ("05-2", RIGHT | {"estimate": 3}, "slope times distance"),
        ("05-2", RIGHT | {"slope": 7, "estimate": 21}, "mind the 2"),
        ("05-3", FATES | {"b": "converges"}, "b: look again"),
        ("05-3", FATES | {"c": "circles"}, "c: look again"),
        ("05-3", FATES | {"a": "maybe"}, "one of circles, rests away"),
        ("05-4", r1(factor=1.0), "1/2 is missing"),
        ("05-4", r1(norm=True), "square of the norm"),
        ("05-4", r1(minus=1.0), "no target of 1"),
        ("05-4", r1(at="fake"), "real samples themselves"),
        ("05-4", r1(graph=False), "no graph"),
        ("05-4", r1(factor=0.1), "must pay 4.5"),
        ("05-5", turn(detach=False), "detach them"),
        ("05-5", turn(fresh=False), "wants a fresh one"),
        ("05-5", turn(apart=True), "one step an update"),
        ("05-5", turn(sign=-1), "The critic minimises"),
        ("05-5", turn(same_z=True), "fresh z"),
        ("05-5", turn(generator=2), "2 times in one turn"),
    ],
)
def test_a_known_mistake_gets_its_hint(name: str, answer: object, hint: str) -> None:
    result = check(name, answer)
    assert result.status == "wrong"
    assert hint in result.message


def test_right_answers_are_right() -> None:
    assert check("05-1", penalty()).status == "correct"
    assert check("05-1", gradient_penalty).status == "correct"
    assert check("05-1", None).status == "unanswered"
    assert check("05-2", RIGHT).status == "correct"
    assert check("05-3", FATES).status == "correct"
    assert check("05-4", r1()).status == "correct"
    assert check("05-4", r1_penalty).status == "correct"
    assert check("05-4", lambda *_, weight=1.0: None).status == "unanswered"
    assert check("05-5", turn()).status == "correct"
    assert check("05-5", lambda *_: None).status == "unanswered"


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

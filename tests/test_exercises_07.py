"""Exercise 07: each answer that a student might give meets the hint that fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_helpers import r1_r2_penalty, theory
from gan_helpers.exercises import _07, check

RIGHT = {"critical R1": 2, "critical both": 1, "slow": -0.268}
FATES = {"a": "stays away", "b": "arrives", "c": "stays away", "d": "stays away"}


def losses(
    pairs: bool = True,
    overwritten: bool = False,
    mean: bool = False,
    factor: float = 1.0,
    graph: bool = True,
    at: str = "both",
    sign: int = 1,
) -> Callable[..., tuple[Tensor, Tensor]]:
    """Build both relativistic losses with chosen mistakes."""

    def wrong(D, real, fake, gamma):  # type: ignore[no-untyped-def]
        real_scores, fake_scores = D(real), D(fake)
        compared = fake_scores if pairs else fake_scores.mean()
        loss_G = softplus(-sign * (fake_scores - real_scores)).mean()
        if overwritten:
            loss_G = softplus(-fake_scores).mean()
        points = torch.cat([real, fake]) if at == "both" else torch.cat([real, real])
        points = points.detach().requires_grad_()
        scores = D(points)
        total = scores.mean() if mean else scores.sum()
        (gradient,) = torch.autograd.grad(total, points, create_graph=graph)
        steepness = gradient.square().sum(1).mean() * (1 if at == "both" else 0.5)
        return softplus(-(real_scores - compared)).mean() + factor * gamma * steepness, loss_G

    return wrong


def turn(
    detach: bool = True,
    plain: bool = False,
    penalised: bool = True,
    same_z: bool = False,
    steps: int = 1,
    draw: bool = True,
) -> Callable[..., None]:
    """Build one turn of the relativistic game with chosen mistakes."""

    def wrong(G, D, adam_G, adam_D, batches, gamma, latent_dim=2):  # type: ignore[no-untyped-def]
        real = next(batches) if draw else torch.zeros(16, 2)
        z = torch.randn(len(real), latent_dim)
        fake = G(z).detach() if detach else G(z)
        loss = softplus(-(D(real) - D(fake))).mean()
        if penalised:
            loss = loss + r1_r2_penalty(D, real, fake, weight=gamma)
        adam_D.zero_grad()
        loss.backward()
        adam_D.step()
        for _ in range(steps):
            fake = G(z if same_z else torch.randn(len(real), latent_dim))
            loss = softplus(-D(fake)) if plain else softplus(-(D(fake) - D(real)))
            adam_G.zero_grad()
            loss.mean().backward()
            adam_G.step()

    return wrong


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("07-1", RIGHT | {"critical R1": 1, "critical both": 0.5}, "logistic"),
        ("07-1", RIGHT | {"critical both": 2}, "adds gamma / 2"),
        ("07-1", RIGHT | {"critical R1": 4, "critical both": 2}, "not gamma / 4"),
        ("07-1", RIGHT | {"slow": -3.732}, "faster of the two"),
        ("07-1", RIGHT | {"slow": 0.268}, "Mind the sign"),
        ("07-1", RIGHT | {"slow": 5}, "counted once or twice"),
        ("07-2", FATES | {"a": "arrives"}, "a: look again"),
        ("07-2", FATES | {"b": "stays away"}, "b: look again"),
        ("07-2", FATES | {"c": "arrives"}, "more slowly"),
        ("07-2", FATES | {"d": "arrives"}, "1 - h gamma"),
        ("07-2", FATES | {"d": "explodes"}, "one of stays away, arrives"),
        ("07-3", theory.js, "np.outer"),
        ("07-3", lambda p, q: theory.paired_js(p, q) - np.log(2), "plus log 2"),
        ("07-3", lambda p, q: theory.paired_js(p, q) / 2, "Half of it"),
        (
            "07-3",
            lambda p, q: theory.kl(np.outer(p, q).ravel(), np.outer(q, p).ravel()),
            "with their mean",
        ),
        ("07-3", lambda p, q: 0.0, "The best D is log p - log q"),
        ("07-4", losses(overwritten=True), "A line undoes it"),
        ("07-4", losses(sign=-1), "D(fake) - D(real)"),
        ("07-4", losses(pairs=False), "not their mean"),
        ("07-4", losses(mean=True), "sum of the scores"),
        ("07-4", losses(mean=True, factor=0.5), "sum of the scores"),
        ("07-4", losses(factor=0.5), "half of the sum"),
        ("07-4", losses(at="real"), "R2 is missing"),
        ("07-4", losses(factor=3), "at gamma = 1 here"),
        ("07-4", losses(graph=False), "does not reach the weights"),
        ("07-5", turn(detach=False), "detach them"),
        ("07-5", turn(plain=True), "the plain one"),
        ("07-5", turn(penalised=False), "plus both penalties"),
        ("07-5", turn(same_z=True), "fresh z"),
        ("07-5", turn(steps=2), "2 times in one turn"),
        ("07-5", turn(draw=False), "No real batch"),
        ("07-6", lambda k, n: 10.0, "flies apart"),
        ("07-6", lambda k, n: 1e-3, "too little"),
        ("07-6", lambda k, n: 0.08, "the last steps"),
        ("07-6", lambda k, n: -1.0, "0 or larger"),
    ],
)
def test_a_known_mistake_gets_its_hint(name: str, answer: object, hint: str) -> None:
    result = check(name, answer)
    assert result.status == "wrong"
    assert hint in result.message


def test_right_answers_are_right() -> None:
    right = {
        "07-1": RIGHT,
        "07-2": FATES,
        "07-3": theory.paired_js,
        "07-4": losses(),
        "07-5": turn(),
        "07-6": lambda k, n: 0.12 * (1 - k / n),
    }
    for name, answer in right.items():
        assert check(name, answer).status == "correct", check(name, answer).message
    for name, stub in (("07-4", None), ("07-5", lambda *_: None), ("07-6", lambda k, n: None)):
        assert check(name, stub).status == "unanswered"


def test_the_goal_of_the_schedule_takes_a_falling_one() -> None:
    """No constant step size comes below the goal; the solution has room to spare."""
    constant = [_07.noisy_distance(lambda k, n, h=h: h)[0] for h in np.geomspace(0.03, 0.1, 7)]
    assert min(constant) > 1.1 * _07.GOAL
    assert _07.noisy_distance(lambda k, n: 0.12 * (1 - k / n))[0] < 0.95 * _07.GOAL


def test_the_predicted_fates_are_the_paths() -> None:
    def end(h: float, gamma: float, step: theory.dirac.Step) -> float:
        game = replace(theory.DIRAC_MINIMAX, gamma=gamma)
        path = theory.dirac_trajectory(game, (1.0, 0.0), h, 2000, step)
        last = np.hypot(*path[-1])
        return float(np.inf if np.isnan(last) else last)

    assert end(1.0, 0.1, theory.simultaneous_step) > 0.5
    assert end(1.0, 0.1, theory.alternating_step) < 0.01
    assert end(0.2, 12.0, theory.alternating_step) > 0.5

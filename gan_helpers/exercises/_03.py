"""Checks for the exercises of notebook 03."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector

from gan_helpers import GAN, LEAST_SQUARES, theory

from ._checks import Check, Hint, NotAnswered, chosen, close_to, same_function

# 03-1 ------------------------------------------------------------------------------ targets


def target_losses(real: Tensor, fake: Tensor, a: float, b: float, c: float) -> Tensor:
    """Compute both least-squares losses for any targets, stacked to shape (2,)."""
    loss_d = 0.5 * (real - b).square().mean() + 0.5 * (fake - a).square().mean()
    loss_g = 0.5 * (fake - c).square().mean()
    return torch.stack([loss_d, loss_g])


def _scores() -> list[tuple[Tensor, Tensor, float, float, float]]:
    real, fake = torch.tensor([1.4, -0.3, 0.8]), torch.tensor([0.2, -2.5, 6.0])
    return [(real, fake, -1.0, 1.0, 0.0), (fake, real, 0.25, 2.0, 0.75)]


_targets_check = same_function(
    target_losses,
    _scores,
    mistakes=[
        (
            lambda r, f, a, b, c: target_losses(r, f, b, a, c),
            "a is the fakes' target, b the reals'.",
        ),
        (lambda r, f, a, b, c: target_losses(r, f, a, b, b), "The generator's goal is c, not b."),
        (lambda r, f, a, b, c: 2 * target_losses(r, f, a, b, c), "Where is the factor 1/2?"),
        (
            lambda r, f, a, b, c: target_losses(r.sigmoid(), f.sigmoid(), a, b, c),
            "No sigmoid: the targets are for the raw scores.",
        ),
    ],
    hint="Three squares: real scores against b, fake scores against a, fake scores against c.",
)

# 03-2 ------------------------------------------------------------------------------ coins

_REAL, _FAKE = np.array([0.8, 0.2]), np.array([0.4, 0.6])


def _coin() -> dict[str, float]:
    heads, tails = theory.least_squares_discriminator(_REAL, _FAKE)
    delta = theory.triangular_discrimination(_REAL, _FAKE)
    return {
        "d_heads": float(heads),
        "d_tails": float(tails),
        "generator_loss": float(_FAKE @ (np.array([heads, tails]) - 1) ** 2) / 2,
        "delta": delta,
        "c": 1 / 4 + delta / 8,
    }


def _unhalved() -> dict[str, float]:
    return _coin() | {"generator_loss": 2 * _coin()["generator_loss"]}


def _pearson_c() -> dict[str, float]:
    return _coin() | {"c": _coin()["delta"] / 2}


def _with_real_part() -> dict[str, float]:
    return _coin() | {"generator_loss": _coin()["c"]}


_coin_check = close_to(
    _coin,
    tolerance=6e-4,  # three digits by hand are enough
    mistakes=[
        (_unhalved, "Almost: the generator's loss carries a factor 1/2."),
        (_pearson_c, "That C belongs to the targets -1, 1, 0. Here a = 0 and b = c = 1."),
        (_with_real_part, "The generator's loss is an average over fakes alone; C has both."),
    ],
    hint="D*(face) = p / (p + q); Delta is a sum over both faces; C = 1/4 + Delta / 8.",
)

# 03-3 ------------------------------------------------------------------------------ prediction

_WHY = {
    "minimax": "Its slope is -D, and D is nearly 1 there: it pushes at full strength.",
    "non-saturating": "Its slope is -(1 - D), and D is nearly 1 there.",
    "least squares": "The score is far above the goal 1, and the loss wants it back.",
    "Wasserstein": "Its slope is -1 everywhere: higher scores, always.",
}
_push_check = chosen(dict(zip(_WHY, ("left", "nowhere", "right", "left"), strict=True)), _WHY)

# 03-4 ------------------------------------------------------------------------------ bug


def _with_bugs(sigmoid: bool, mean_first: bool, goal: float) -> Any:
    def losses(real: Tensor, fake: Tensor) -> Tensor:
        if sigmoid:
            real, fake = real.sigmoid(), fake.sigmoid()
        if mean_first:
            real, fake = real.mean(), fake.mean()
        return target_losses(real, fake, 0.0, 1.0, goal)

    return losses


_SQUARE = (
    "Square each score's distance first, then average: one fake at -9 and one at 11 average 1."
)
_SIGMOID = "There is still a sigmoid: at a score of -10 its slope has all but died."
_GOAL = "The generator still aims at 0, the target of fakes. What does it want D to say?"
_bug_check = same_function(
    _with_bugs(False, False, 1.0),
    lambda: [each[:2] for each in _scores()],
    mistakes=[
        (_with_bugs(True, True, 0.0), "That is the function as it was. There are three mistakes."),
        (_with_bugs(True, True, 1.0), f"{_SIGMOID} Then look at the order of mean and square."),
        (_with_bugs(True, False, 0.0), f"{_SIGMOID} Then look at the generator's goal."),
        (_with_bugs(False, True, 0.0), f"{_SQUARE} Then look at the generator's goal."),
        (_with_bugs(True, False, 1.0), _SIGMOID),
        (_with_bugs(False, True, 1.0), _SQUARE),
        (_with_bugs(False, False, 0.0), _GOAL),
    ],
    hint="Compare each line with the two losses of section 1.",
)

# 03-5 ------------------------------------------------------------------------------ training

_MEAN, _SPREAD, _STEPS = 3.0, 0.5, 600


def _draw(n: int) -> Tensor:
    return _MEAN + _SPREAD * torch.randn(n, 1)


def _training_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function train_least_squares(G, D, draw_real, steps, lr) is wanted.")
    G = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 1))
    D = nn.Sequential(nn.Linear(1, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
    before = [parameters_to_vector(each.parameters()).detach().clone() for each in (G, D)]
    if answer(G, D, _draw, _STEPS) is None:
        raise NotAnswered
    for name, old, each in zip(("generator", "discriminator"), before, (G, D), strict=True):
        if torch.equal(old, parameters_to_vector(each.parameters())):
            raise Hint(
                f"The {name}'s weights are what they were: does it have an optimiser of its own, "
                "with its own step(), and are its fakes not detached where it has to learn?"
            )
    with torch.no_grad():
        fakes = G(torch.randn(4000, 1))
        scores = float(D(_draw(4000)).mean()), float(D(fakes).mean())
    if not max(abs(each) for each in scores) < 3:
        raise Hint(
            "D says {:.1f} on real samples and {:.1f} on fakes. With squares and the targets 1 and "
            "0 scores stay near them: look at the losses and at zero_grad.".format(*scores)
        )
    mean, spread = float(fakes.mean()), float(fakes.std())
    if abs(mean - _MEAN) > 1 or not 0.1 < spread < 1.5:
        raise Hint(
            f"The fakes have mean {mean:.2f} and spread {spread:.2f}, the data {_MEAN:g} and "
            f"{_SPREAD:g}. Does the generator aim at 1, with zero_grad and fresh latents in every "
            "update?"
        )
    return abs(mean - _MEAN)


# 03-6 ------------------------------------------------------------------------------ experiment

_RATE = 1e-3
_WHY_THEN = {
    "fresh_adam": "With fresh averages the same seeds are lost: the objection is refuted.",
    "fast_discriminator": "With five times the rate the lost seeds return: lag is what the "
    "intervention took away.",
}
_outcome_check = chosen({"fresh_adam": "lost", "fast_discriminator": "returned"}, _WHY_THEN)


def _experiment_check(answer: Any) -> float:
    *functions, outcome = answer
    for name, function, forgets, factor in zip(_WHY_THEN, functions, (1, 0), (1, 5), strict=True):
        gan = _small_gan()
        function(gan)
        g, d = gan.generator_optimizer, gan.discriminator_optimizer
        rates = g.param_groups[0]["lr"], d.param_groups[0]["lr"]
        if not _averages(g) or rates[0] != _RATE:
            raise Hint(f"{name} has changed the generator's optimiser; leave that alone.")
        if bool(_averages(d)) == bool(forgets):
            done = "still there" if forgets else "gone: change one thing at a time"
            raise Hint(f"After {name} the discriminator's running averages are {done}.")
        if abs(rates[1] / _RATE - factor) > 1e-6:
            found = rates[1] / _RATE
            raise Hint(f"{name} makes the discriminator's rate {found:.3g} times as large.")
    return _outcome_check(outcome)


def _small_gan() -> GAN:
    players = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))
    adam_G, adam_D = (torch.optim.Adam(each.parameters(), lr=_RATE) for each in players)
    for each, optimizer in zip(players, (adam_G, adam_D), strict=True):
        each(torch.ones(3, 2)).sum().backward()
        optimizer.step()
    return GAN(*players, LEAST_SQUARES, adam_G, adam_D, latent_dim=2)


def _averages(optimizer: torch.optim.Optimizer) -> float:
    states = [state.get("exp_avg_sq") for state in optimizer.state.values()]
    return sum(float(each.abs().sum()) for each in states if each is not None)


CHECKS: dict[str, Check] = {
    "03-1": _targets_check,
    "03-2": _coin_check,
    "03-3": _push_check,
    "03-4": _bug_check,
    "03-5": _training_check,
    "03-6": _experiment_check,
}

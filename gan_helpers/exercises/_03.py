"""Checks for the exercises of notebook 03."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_helpers import theory

from ._checks import Check, Hint, chosen, close_to, same_function

# 03-1 ------------------------------------------------------------------------------ coins

_REAL, _FAKE = np.array([0.8, 0.2]), np.array([0.4, 0.6])


def _coin() -> dict[str, float]:
    heads, tails = theory.least_squares_discriminator(_REAL, _FAKE)
    delta = theory.triangular_discrimination(_REAL, _FAKE)
    return {
        "d_heads": float(heads),
        "d_tails": float(tails),
        "generator_loss": float(_FAKE @ (np.array([heads, tails]) - 1) ** 2) / 2,
        "delta": delta,
        "c": theory.coded_least_squares_value(delta, 0, 1, 1),
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

# 03-2 ------------------------------------------------------------------------------ code


def coded_losses(real: Tensor, fake: Tensor, a: float, b: float, c: float) -> Tensor:
    """Compute both least-squares losses for any targets, stacked to shape (2,)."""
    loss_d = 0.5 * (real - b).square().mean() + 0.5 * (fake - a).square().mean()
    loss_g = 0.5 * (fake - c).square().mean()
    return torch.stack([loss_d, loss_g])


def _scores() -> list[tuple[Tensor, Tensor, float, float, float]]:
    real, fake = torch.tensor([1.4, -0.3, 0.8]), torch.tensor([0.2, -2.5, 6.0])
    return [(real, fake, -1.0, 1.0, 0.0), (fake, real, 0.25, 2.0, 0.75)]


_codes_check = same_function(
    coded_losses,
    _scores,
    mistakes=[
        (
            lambda r, f, a, b, c: coded_losses(r, f, b, a, c),
            "a is the fakes' target, b the reals'.",
        ),
        (lambda r, f, a, b, c: coded_losses(r, f, a, b, b), "The generator's goal is c, not b."),
        (lambda r, f, a, b, c: 2 * coded_losses(r, f, a, b, c), "Where is the factor 1/2?"),
        (
            lambda r, f, a, b, c: coded_losses(r.sigmoid(), f.sigmoid(), a, b, c),
            "No sigmoid: the targets are for the raw scores.",
        ),
    ],
    hint="Three squares: real scores against b, fake scores against a, fake scores against c.",
)

# 03-3 ------------------------------------------------------------------------------ prediction

_PUSHES = {
    "minimax": ("left", "Its slope is -D, and D is nearly 1 there: it pushes at full strength."),
    "non-saturating": ("nowhere", "Its slope is -(1 - D), and D is nearly 1 there."),
    "least squares": ("right", "The score is far above the goal 1, and the loss wants it back."),
    "Wasserstein": ("left", "Its slope is -1 everywhere: higher scores, always."),
}


def _push_check(answer: Any) -> float:
    if not isinstance(answer, dict) or set(answer) != set(_PUSHES):
        raise Hint(f"A dictionary with the keys {', '.join(_PUSHES)} is wanted.")
    for name, (right, why) in _PUSHES.items():
        others = {"left", "right", "nowhere"} - {right}
        chosen(right, dict.fromkeys(others, f"{name}: something else happens. {why}"))(answer[name])
    return 0.0


# 03-4 ------------------------------------------------------------------------------ bug


def _with_bugs(sigmoid: bool, mean_first: bool, goal: float) -> Any:
    def losses(real: Tensor, fake: Tensor) -> Tensor:
        if sigmoid:
            real, fake = real.sigmoid(), fake.sigmoid()
        if mean_first:
            real, fake = real.mean(), fake.mean()
        return coded_losses(real, fake, 0.0, 1.0, goal)

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

# 03-5 ------------------------------------------------------------------------------ coding

_coding_check = close_to(
    {"b": 2.0, "c": 1.0, "at_the_goal": 0.0, "no_overlap": 1.0},
    tolerance=1e-6,
    mistakes=[
        (
            {"b": 2.0, "c": 1.0, "at_the_goal": 0.25, "no_overlap": 0.5},
            "Those are the ends of C for targets 0, 1, 1. Put your b and c into the formula.",
        ),
        (
            {"b": 2.0, "c": 1.0, "at_the_goal": 0.0, "no_overlap": 2.0},
            "That is Delta itself; C has a factor (b - a)^2 / 8 in front of it.",
        ),
    ],
    hint="b - a = 2 and b - c = 1; then C = (a + b - 2c)^2 / 4 + (b - a)^2 / 8 Delta.",
)

CHECKS: dict[str, Check] = {
    "03-1": _coin_check,
    "03-2": _codes_check,
    "03-3": _push_check,
    "03-4": _bug_check,
    "03-5": _coding_check,
}

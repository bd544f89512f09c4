"""Checks for the exercises of notebook 02."""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_helpers.gan import GAN
from gan_helpers.networks.paths import spherical_path, straight_path
from gan_helpers.objectives import (
    NON_SATURATING,
    minimax_generator_loss,
    non_saturating_generator_loss,
)
from gan_helpers.random import OwnRandom
from gan_helpers.training import generator_step

from ._checks import Check, Hint, NotAnswered, chosen, close_to, same_function

# 02-1 ------------------------------------------------------------------------------ by hand

_REAL, _FAKE = 3 / 4, (1 / 4, 1 / 2)  # D at the scores log 3; -log 3 and 0


def _losses(fakes: str = "mean", sign: float = 1.0, base: float = math.e) -> dict[str, float]:
    share = {"mean": 0.5, "sum": 1.0}[fakes]
    of_fakes = -share * sum(math.log(1 - d) for d in _FAKE)
    loss_d = -math.log(_REAL) + of_fakes
    loss_g = -share * sum(math.log(d) for d in _FAKE)
    return {"L_D": sign * loss_d / math.log(base), "L_G": sign * loss_g / math.log(base)}


def _halved() -> dict[str, float]:
    return _losses() | {"L_D": _losses()["L_D"] / 2}


def _minimax() -> dict[str, float]:
    return _losses() | {"L_G": sum(math.log(1 - d) for d in _FAKE) / 2}


_losses_check = close_to(
    _losses,
    tolerance=2e-3,
    mistakes=[
        (lambda: _losses(sign=-1.0), "Both are minus a logarithm of a probability: positive."),
        (lambda: _losses(fakes="sum"), "Average over the two fakes; do not add them."),
        (lambda: _losses(base=10), "That is log base 10. Use the natural logarithm."),
        (lambda: _losses(base=2), "That is in bits. Use the natural logarithm."),
        (_halved, "L_D is the sum of the real part and the fake part, not their average."),
        (_minimax, "L_D is right. L_G here is the minimax loss; the non-saturating one is -log D."),
    ],
    hint="D = 1 / (1 + exp(-score)): 3/4 for the real scores, 1/4 and 1/2 for the fakes.",
)

# 02-2 ------------------------------------------------------------------------------ the loss


def _through_probability(fake_scores: Tensor) -> Tensor:
    return -torch.log(torch.sigmoid(fake_scores) + 1e-8).mean()


def _label_swapped(fake_scores: Tensor) -> Tensor:
    return softplus(fake_scores).mean()


def _summed(fake_scores: Tensor) -> Tensor:
    return softplus(-fake_scores).sum()


def _score_cases() -> list[tuple[Any, ...]]:
    mild = torch.tensor([-2.0, -0.5, 0.0, 1.0, 3.0])
    return [(mild,), (torch.tensor([-30.0, -60.0]),), (torch.tensor([-200.0, 200.0]),)]


_loss_check = same_function(
    non_saturating_generator_loss,
    _score_cases,
    mistakes=[
        (_through_probability, "At a score of -30 sigma is 1e-13, and your 1e-8 swamps it: the "
                               "gradient is gone. Use softplus on the raw score."),
        (minimax_generator_loss, "That is the minimax loss, log(1 - D). It saturates."),
        (_label_swapped, "That falls when the fakes look *less* real. Check the sign."),
        (_summed, "Right but for one thing: average over the batch."),
    ],
    hint="Compare with -log sigma(o) = softplus(-o), averaged.",
)  # fmt: skip

# 02-3 ------------------------------------------------------------------------------ the bug


def _small_gan() -> GAN:
    with OwnRandom(0):
        generator = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
        discriminator = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1), nn.Flatten(0))
    adam_g = torch.optim.Adam(generator.parameters(), lr=0.01)
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=0.01)
    return GAN(generator, discriminator, NON_SATURATING, adam_g, adam_d, latent_dim=2)


def _weights(net: nn.Module) -> Tensor:
    return nn.utils.parameters_to_vector(net.parameters()).detach().clone()


def _repaired_check(answer: Any) -> float:
    right, theirs = _small_gan(), _small_gan()
    before = copy.deepcopy(theirs)
    with OwnRandom(1):
        generator_step(right, torch.zeros(16, 2))  # as many fakes as the batch has samples
    with OwnRandom(1):
        answer(theirs, 16)
    moved = (_weights(theirs.generator) - _weights(before.generator)).abs().max()
    if moved == 0 and all(w.grad is None for w in theirs.discriminator.parameters()):
        raise NotAnswered
    if moved == 0:
        raise Hint(
            "The generator has not moved: its gradient is None, and Adam skips such weights "
            "without a word. Where is the path from the loss to the generator cut?"
        )
    if not torch.equal(_weights(theirs.discriminator), _weights(before.discriminator)):
        raise Hint("The discriminator moved too; this is the generator's turn.")
    error = (_weights(theirs.generator) - _weights(right.generator)).abs().max().item()
    if error > 1e-6:
        raise Hint(
            "The generator moves, but not as in generator_step. Draw z once, clear the old "
            "gradient, and use gan.objective.generator_loss."
        )
    return error


# 02-5 ------------------------------------------------------------------------------ the arc


def _path_cases() -> list[tuple[Any, ...]]:
    own = torch.Generator().manual_seed(0)
    t = torch.linspace(0, 1, 7)
    return [(*torch.randn(2, d, generator=own), t) for d in (10, 100)]


def _backwards(start: Tensor, end: Tensor, t: Tensor) -> Tensor:
    return spherical_path(end, start, t)


_path_check = same_function(
    spherical_path,
    _path_cases,
    tolerance=1e-4,
    gradients=False,
    mistakes=[
        (straight_path, "That is the straight path; its middle lies too near the origin."),
        (_backwards, "That walks from the end to the start."),
    ],
    hint="The angle is arccos of start.end / (|start| |end|); t needs shape (n, 1) to multiply.",
)

CHECKS: dict[str, Check] = {
    "02-1": _losses_check,
    "02-2": _loss_check,
    "02-3": _repaired_check,
    "02-4": chosen(
        "stays",
        hints={
            "falls": "To push its loss towards 0 it would have to tell the two apart. From what?",
            "grows": "It minimises this loss, so why would it end worse than guessing?",
        },
    ),
    "02-5": _path_check,
}

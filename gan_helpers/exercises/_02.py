"""Checks for the exercises of notebook 02."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_helpers.gan import GAN
from gan_helpers.objectives import NON_SATURATING
from gan_helpers.random import OwnRandom
from gan_helpers.training import generator_step

from ._checks import Check, Hint, NotAnswered, close_to, same_function

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

# 02-2 ------------------------------------------------------------------------- the smoothed loss


def _mixed(real_scores: Tensor, fake_scores: Tensor, real: float, fake: float = 0.0) -> Tensor:
    """Return the loss with the targets ``real`` for real samples and ``fake`` for fakes."""
    of_real = real * softplus(-real_scores) + (1 - real) * softplus(real_scores)
    of_fake = fake * softplus(-fake_scores) + (1 - fake) * softplus(fake_scores)
    return of_real.mean() + of_fake.mean()


def _smoothed(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    return _mixed(real_scores, fake_scores, 0.9)


def _score_pairs() -> list[tuple[Any, ...]]:
    mild = torch.tensor([-2.0, -0.5, 0.0, 1.0, 3.0])
    return [(mild, mild.flip(0) + 0.3), (torch.tensor([60.0, -60.0]), torch.tensor([-60.0, 9.0]))]


_same_loss = same_function(
    _smoothed,
    _score_pairs,
    mistakes=[
        (lambda real, fake: _mixed(real, fake, 0.9, 0.1), "One-sided: the fakes stay fakes."),
        (lambda real, fake: _mixed(real, fake, 1.0, 0.1), "The real samples are smoothed."),
        (lambda real, fake: _mixed(real, fake, 0.1), "0.9 belongs to -log D, 0.1 to -log(1 - D)."),
        (
            lambda real, fake: 0.9 * softplus(-real).mean() + softplus(fake).mean(),
            "The term with 0.1 is missing: nothing stops the real scores from growing for ever.",
        ),
    ],
    hint="For the real scores: 0.9 softplus(-o) + 0.1 softplus(o), averaged.",
)


def _smoothed_check(answer: Any) -> float:
    if callable(answer) and all(
        torch.allclose(answer(*each), _mixed(each[0], each[1], 1.0)) for each in _score_pairs()
    ):
        raise NotAnswered  # the line as it was
    return _same_loss(answer)


# 02-3 ------------------------------------------------------------------------------ the average


def _average_check(answer: Any) -> float:
    average, generator = nn.Linear(2, 2), nn.Linear(2, 2)
    before, d, error = _weights(average), 0.75, 0.0

    def records() -> Iterator[int]:
        for k in range(1, 4):
            with torch.no_grad():
                generator.weight.fill_(k)
                generator.bias.fill_(-k)
            yield k

    handed_on = answer(average, generator, records(), d)
    if handed_on is None:
        raise NotAnswered
    if not isinstance(handed_on, Iterator):
        raise Hint("Hand each record on as it comes, with yield; training waits for it.")
    expected = before
    for k in range(1, 4):
        if next(handed_on, None) != k:
            raise Hint("Every record is to be handed on, in order and unchanged.")
        theta = torch.tensor([k] * 4 + [-k] * 2, dtype=torch.float32)
        if not torch.equal(_weights(generator), theta):
            raise Hint("The generator in training has changed; only the average may.")
        swapped = (1 - d) * expected + d * theta
        expected = d * expected + (1 - d) * theta
        found = _weights(average)
        if torch.allclose(found, swapped, atol=1e-5):
            raise Hint("d belongs to the old average, 1 - d to the new weights.")
        error = max(error, (found - expected).abs().max().item())
    if torch.equal(_weights(average), before):
        raise Hint("The average has not moved: change its weights in place, as with lerp_.")
    if error > 1e-5:
        raise Hint(f"The average is off by {error:.3g}. Move it once a record, before the yield.")
    if next(handed_on, None) is not None:
        raise Hint("There are more records than came in.")
    return error


# 02-4 ------------------------------------------------------------------------------ the bug


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


# 02-5 ------------------------------------------------------------------------- the whole training

_RATE, _ROUNDS = 0.01, 6
_MISTAKES = {
    "same z": "Draw fresh latent points for the generator; D has just been taught with the old.",
    "no zero_grad": "Old gradients add up: call zero_grad before each backward.",
    "minimax": "That is the minimax loss of the generator; the non-saturating one is -log D.",
    "sum": "Average over the batch; do not add up.",
    "generator first": "Teach D first, then G.",
}


def _play(mistake: str = "") -> tuple[nn.Module, nn.Module]:
    """Train two small players, rightly or with a mistake that is often made."""
    gan, batches = _small_gan(), _few_batches()
    G, D = gan.generator, gan.discriminator
    adam_g, adam_d = (torch.optim.Adam(n.parameters(), lr=_RATE, betas=(0.5, 0.9)) for n in (G, D))
    mean = torch.sum if mistake == "sum" else torch.mean

    def follow(loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
        if mistake != "no zero_grad":
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def teach_generator(z: Tensor) -> None:
        scores = D(G(z))
        loss = -mean(softplus(scores)) if mistake == "minimax" else mean(softplus(-scores))
        follow(loss, adam_g)

    for real in batches:
        if mistake == "generator first":
            teach_generator(torch.randn(len(real), 2))
        z = torch.randn(len(real), 2)
        fake = G(z).detach()
        follow(mean(softplus(-D(real))) + mean(softplus(D(fake))), adam_d)
        if mistake != "generator first":
            teach_generator(z if mistake == "same z" else torch.randn(len(real), 2))
    return G, D


def _few_batches() -> Iterator[Tensor]:
    own = torch.Generator().manual_seed(7)
    return iter([torch.randn(16, 2, generator=own) + 2 for _ in range(_ROUNDS)])


def _distance(one: tuple[nn.Module, nn.Module], other: tuple[nn.Module, nn.Module]) -> float:
    pairs = zip(one, other, strict=True)
    return max((_weights(a) - _weights(b)).abs().max().item() for a, b in pairs)


def _training_check(answer: Any) -> float:
    gan = _small_gan()
    theirs, before = (gan.generator, gan.discriminator), copy.deepcopy(gan)
    with OwnRandom(1):
        answer(*theirs, _few_batches(), _ROUNDS, _RATE, 2)
    moved = [
        not torch.equal(_weights(a), _weights(b))
        for a, b in zip(theirs, (before.generator, before.discriminator), strict=True)
    ]
    if not any(moved):
        raise NotAnswered
    if not all(moved):
        still = "generator" if moved[1] else "discriminator"
        raise Hint(f"The {still} has not moved. Does the gradient reach it, and who takes a step?")
    with OwnRandom(1):
        right = _play()
    error = _distance(theirs, right)
    if error <= 1e-3:
        return error
    for mistake, said in _MISTAKES.items():
        with OwnRandom(1):
            wrong = _play(mistake)
        if _distance(theirs, wrong) <= 1e-3:
            raise Hint(said)
    raise Hint(
        f"The weights are off by {error:.2g}. Each round: one batch; torch.randn(N, latent_dim) "
        "for the fakes, one step of D; torch.randn again, one step of G; Adam with its betas."
    )


CHECKS: dict[str, Check] = {
    "02-1": _losses_check,
    "02-2": _smoothed_check,
    "02-3": _average_check,
    "02-4": _repaired_check,
    "02-5": _training_check,
}

"""The check of exercise 04-6: a training loop with a head start for the critic, watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from gan_helpers.gan import GAN
from gan_helpers.objectives import WGAN
from gan_helpers.random import OwnRandom

from ._checks import Hint, NotAnswered

_C, _WARM, _MANY, _STEPS = 0.03, 2, 4, 5  # so that 2 * 4 + 3 * 5 critic updates are right


def warm_check(answer: Any) -> float:
    """Run a loop on a small clipped GAN and see that it does what exercise 04-6 asks for."""
    if not callable(answer):
        raise Hint("A function is wanted here.")
    with OwnRandom(0):
        nets = (
            nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2)),
            nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1), nn.Flatten(0)),
        )
        optimizers = [torch.optim.RMSprop(net.parameters(), 1e-3) for net in nets]
        gan = GAN(nets[0], nets[1], replace(WGAN, clip=_C), optimizers[0], optimizers[1], 2)
        drawn: list[Tensor] = []
        ends = _watched(gan, answer, drawn)
    if not ends:
        raise NotAnswered
    if len(ends) != _STEPS:
        raise Hint(f"{_STEPS} generator steps were wanted, {len(ends)} records were yielded.")
    counts = [after - before for before, after in pairwise([0, *(each[0] for each in ends)])]
    wanted = [_MANY if k < _WARM else 5 for k in range(_STEPS)]
    if len(drawn) == _STEPS:
        raise Hint("One batch for each generator step: every critic update wants a fresh one.")
    if counts != wanted:
        raise Hint(
            f"With warm={_WARM}, many={_MANY} and n_critic 5 the critic updates should number "
            f"{wanted}; the batches drawn say {counts}."
        )
    if any(each[1] > _C + 1e-7 for each in ends):
        raise Hint("Some of the critic's weights lie outside [-c, c]: clip after each update.")
    if any(torch.equal(a[2], b[2]) for a, b in pairwise(ends)):
        raise Hint("In some step the generator did not change.")
    if gan.step != _STEPS:
        raise Hint(f"gan.step is {gan.step} after {_STEPS} generator steps; count it.")
    with torch.no_grad():
        gap = (gan.discriminator(torch.cat(drawn)).mean() - ends[-1][3]).item()
    if gap <= 0:
        raise Hint("The critic scores the fakes higher than the real points: mind the signs.")
    return 0.0


def _watched(
    gan: GAN, loop: Callable[..., Any], drawn: list[Tensor]
) -> list[tuple[int, float, Tensor, Tensor]]:
    """Run a loop; after each step: batches drawn, largest weight, generator, score of fakes."""

    def batches() -> Iterator[Tensor]:
        while True:
            drawn.append(torch.randn(64, 2) + 3)
            yield drawn[-1]

    ends = []
    for _ in loop(gan, batches(), _STEPS, warm=_WARM, many=_MANY) or ():
        largest = max(float(w.detach().abs().max()) for w in gan.discriminator.parameters())
        flat = torch.cat([w.detach().flatten() for w in gan.generator.parameters()])
        with torch.no_grad():
            score = gan.discriminator(gan.sample(256)).mean()
        ends.append((len(drawn), largest, flat, score))
    return ends

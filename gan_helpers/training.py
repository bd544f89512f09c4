"""The two players, one update of each, and the loop, which is an iterator.

All randomness (z, epsilon, batches) comes from PyTorch's global generator, so that a seed and a
checkpoint fix a whole run. Whoever only looks at a run draws from a generator of its own.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LinearLR

from gan_helpers.checks import (
    check_batch,
    check_integer,
    check_latent,
    check_place,
    check_players,
    check_supply,
)
from gan_helpers.finite import check_finite
from gan_helpers.objectives import Objective
from gan_helpers.regularisers import clip_weights


class Record(NamedTuple):
    """What one generator update leaves behind; tensors stay on the device until they are read.

    Of several discriminator updates in one step, the last is recorded.
    """

    step: int  # generator updates so far, this one included
    discriminator_loss: Tensor  # (), without the penalty
    generator_loss: Tensor  # ()
    penalty: Tensor  # (), 0 where the objective has none
    real_score: Tensor  # (), mean raw score of the real batch
    fake_score: Tensor  # (), mean raw score of the fakes that the discriminator saw
    discriminator_grad_norm: Tensor  # (), over all weights
    generator_grad_norm: Tensor  # ()
    seconds: float  # spent inside training since this call of train, without the consumer's time


@dataclass
class GAN:
    """A generator and a discriminator, what they minimise, and how far they have come.

    Args:
        generator: maps z of shape (N, latent_dim) to samples (N, ...).
        discriminator: maps samples (N, ...) to raw scores (N,): no sigmoid at the end.
        objective: the losses of both players.
        generator_optimizer: holds the generator's weights and no others.
        discriminator_optimizer: holds the discriminator's weights and no others.
        latent_dim: width of z, >= 1.
        latent_law: draws z, called as ``latent_law(n, latent_dim, generator=..., device=...)``;
            ``torch.randn`` for N(0, 1), ``torch.rand`` for U[0, 1].
        autocast: ``torch.bfloat16`` lets matrix products and convolutions run in half precision
            (the weights, the losses and any penalty stay float32); ``None`` for float32 throughout.
        step: generator updates so far.

    Raises:
        TypeError: a part is of another kind, such as an optimiser's class for an optimiser.
        ValueError: an optimiser holds the wrong weights, the players are on different devices,
            or a penalty meets a discriminator with BatchNorm or Dropout.
    """

    generator: Module
    discriminator: Module
    objective: Objective
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer
    latent_dim: int
    latent_law: Callable[..., Tensor] = torch.randn
    autocast: torch.dtype | None = None
    step: int = 0

    def __post_init__(self) -> None:
        check_players(self)

    @property
    def device(self) -> torch.device:
        """Where the generator's weights live."""
        return next(self.generator.parameters()).device

    def sample_latent(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw ``n`` latent points z, n >= 1, shape (n, latent_dim), on the players' device."""
        check_integer("n", n, 1)
        z = self.latent_law(n, self.latent_dim, generator=generator, device=self.device)
        check_latent(self, n, z)
        return z.to(next(self.generator.parameters()).dtype)  # float64 players get float64

    def generate(self, z: Tensor) -> Tensor:
        """Turn latent points (n, latent_dim) into samples (n, ...), leaving the players untouched.

        A frozen copy in ``eval`` mode does it, so BatchNorm uses its running averages.
        """
        check_place(self, z)
        frozen = copy.deepcopy(self.generator).eval()
        with torch.no_grad():
            return frozen(z)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw ``n`` latent points and ``generate`` from them: samples (n, ...).

        Pass a ``torch.Generator`` to leave the global random state alone.
        """
        return self.generate(self.sample_latent(n, generator))


def discriminator_step(gan: GAN, real: Tensor) -> tuple[Tensor, ...]:
    """Update the discriminator once, on a real batch and as many fresh fakes.

    Args:
        gan: the two players; only the discriminator changes (and BatchNorm's running averages in
            the generator, which sees a batch).
        real: real samples, shape (N, ...).

    Returns:
        Loss, penalty, mean real score, mean fake score, gradient norm: scalars with no graph.
    """
    with torch.no_grad():  # nothing flows back into the generator
        fake = gan.generator(gan.sample_latent(len(real)))  # (N, ...)
    real_scores, fake_scores = score_both(gan.discriminator, real, fake)  # (N,) each
    loss = gan.objective.discriminator_loss(real_scores, fake_scores)
    penalty = torch.zeros_like(loss)
    if gan.objective.penalty is not None:
        penalty = gan.objective.penalty(gan.discriminator, real, fake)
    gan.discriminator_optimizer.zero_grad()
    (loss + penalty).backward()
    norm = grad_norm(gan.discriminator)
    gan.discriminator_optimizer.step()
    if gan.objective.clip is not None:
        clip_weights(gan.discriminator, gan.objective.clip)
    return detached(loss, penalty, real_scores.mean(), fake_scores.mean(), norm)


def generator_step(gan: GAN, n: int) -> tuple[Tensor, ...]:
    """Update the generator once, on ``n`` fresh latent points.

    Args:
        gan: the two players; only the generator changes.
        n: batch size, >= 1 (>= 2 where the generator has BatchNorm).

    Returns:
        Loss and gradient norm: scalars with no graph.
    """
    fake = gan.generator(gan.sample_latent(n))  # (n, ...), with its graph this time
    loss = gan.objective.generator_loss(gan.discriminator(fake))
    gan.generator_optimizer.zero_grad()
    # through the discriminator, but not into it
    loss.backward(inputs=list(gan.generator.parameters()))
    norm = grad_norm(gan.generator)
    gan.generator_optimizer.step()
    return detached(loss, norm)


def score_both(discriminator: Module, real: Tensor, fake: Tensor) -> tuple[Tensor, ...]:
    """Return the scores of both batches, shape (N,) each, from one pass where that is the same.

    BatchNorm normalises by the batch it sees, so a discriminator that has it gets two passes.
    """
    if any(isinstance(layer, _BatchNorm) for layer in discriminator.modules()):
        return discriminator(real), discriminator(fake)
    return discriminator(torch.cat([real, fake])).split(len(real))  # (2N,) -> (N,), (N,)


def detached(*values: Tensor) -> tuple[Tensor, ...]:
    """Return the values without their graphs."""
    return tuple(value.detach() for value in values)


def grad_norm(player: Module) -> Tensor:
    """Return the Euclidean norm of all of a player's gradients together, shape ()."""
    return get_total_norm([w.grad for w in player.parameters() if w.grad is not None])


def train(gan: GAN, batches: Iterable[Tensor], steps: int) -> Iterator[Record]:
    """Train both players and yield one record for each generator update.

    The caller pulls; stopping at any point leaves a usable ``gan``. Each discriminator update
    draws a fresh real batch and fresh z, each generator update fresh z.

    Args:
        gan: the players; changed in place.
        batches: real batches of shape (N, ...) on the players' device, at least
            ``steps * n_critic`` of them; ``data.batches`` makes an endless supply.
        steps: generator updates to do, >= 0.

    Returns:
        An iterator of ``steps`` records; nothing happens until it is pulled.

    Raises:
        TypeError: ``batches`` is no iterable, or one tensor.
        ValueError: ``steps`` is not an integer >= 0, the players were changed into something that
            does not fit together, a batch does not fit the generator's samples, or batches ran out.
        NonFiniteLossError: while pulling, when a loss is NaN or infinite (noticed at once on the
            CPU, within 50 steps on a GPU, where looking costs a wait).
    """
    check_integer("steps", steps, 0)
    check_supply(batches)
    check_players(gan)
    return _records(gan, iter(batches), steps)


def falling_rate(gan: GAN, records: Iterable[Record], steps: int) -> Iterator[Record]:
    """Hand records on while both learning rates fall linearly to 0 within ``steps`` updates.

    Near a balance the players keep pushing each other about by steps as long as the rate;
    a falling rate lets them settle.

    Args:
        gan: the players whose optimisers are slowed down.
        records: what ``train`` yields.
        steps: generator updates until the rate is 0, >= 1.

    Returns:
        An iterator of the same records.

    Raises:
        ValueError: ``steps`` is not an integer >= 1.
    """
    check_integer("steps", steps, 1)
    return _slowed(gan, records, steps)


def _slowed(gan: GAN, records: Iterable[Record], steps: int) -> Iterator[Record]:
    optimizers = gan.generator_optimizer, gan.discriminator_optimizer
    schedules = [LinearLR(each, 1.0, 0.0, total_iters=steps) for each in optimizers]
    for record in records:
        for schedule in schedules:
            schedule.step()
        yield record


def _draw(gan: GAN, batches: Iterator[Tensor]) -> Tensor:
    for real in batches:
        return real
    raise ValueError(
        f"batches ran out at step {gan.step + 1}; give at least steps * n_critic batches, or an "
        "endless supply from data.batches"
    )


def _records(gan: GAN, batches: Iterator[Tensor], steps: int) -> Iterator[Record]:
    seconds = 0.0
    unchecked: list[Record] = []
    check_every = 1 if gan.device.type == "cpu" else 50
    for i in range(steps):
        began = time.perf_counter()
        for j in range(gan.objective.n_critic):
            real = _draw(gan, batches)
            if i == j == 0:
                check_batch(gan, real)
            with _precision(gan):
                of_discriminator = discriminator_step(gan, real)
        with _precision(gan):
            loss, norm = generator_step(gan, len(real))
        gan.step += 1
        seconds += time.perf_counter() - began
        loss_d, penalty, real_score, fake_score, norm_d = of_discriminator
        record = Record(
            gan.step, loss_d, loss, penalty, real_score, fake_score, norm_d, norm, seconds
        )
        unchecked.append(record)
        yield record
        if len(unchecked) == check_every or i == steps - 1:
            check_finite(unchecked, real)
            unchecked.clear()


def _precision(gan: GAN) -> AbstractContextManager[object]:
    """One context a player's step: autocast keeps copies of the weights until it is left."""
    if gan.autocast is None:
        return nullcontext()
    return torch.autocast(gan.device.type, dtype=gan.autocast)

"""One update of each player, and the loop, which is an iterator.

All randomness (z, epsilon, batches) comes from PyTorch's global generator, so that a seed and a
checkpoint fix a whole run. Whoever only looks at a run draws from a generator of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import get_total_norm
from torch.optim.lr_scheduler import LinearLR
from torch.optim.swa_utils import get_ema_multi_avg_fn

from gan_helpers.gan import GAN, Batch, average_of, prepared, unpack
from gan_helpers.record import Record
from gan_helpers.regularisers import clip_weights
from gan_helpers.runtime import integer, number


class DiscriminatorStep(NamedTuple):
    """What an update of the discriminator measured: tensors of shape () with no graph."""

    loss: Tensor  # without the penalty
    penalty: Tensor
    real_score: Tensor  # mean raw score of the real batch
    fake_score: Tensor  # mean raw score of the fakes
    grad_norm: Tensor  # over all weights


class GeneratorStep(NamedTuple):
    """What an update of the generator measured: tensors of shape () with no graph."""

    loss: Tensor  # without the reconstruction
    reconstruction: Tensor
    grad_norm: Tensor  # over all weights


def discriminator_step(gan: GAN, batch: Batch) -> DiscriminatorStep:
    """Update the discriminator once, on a real batch and as many fresh fakes.

    Args:
        gan: the two players; only the discriminator changes (and BatchNorm's running averages in
            the generator, which sees a batch).
        batch: real samples, shape (N, ...), or a pair of these and their condition, (N, ...).

    Returns:
        Loss, penalty, mean scores and gradient norm.
    """
    real, *condition = unpack(batch)
    with torch.no_grad():  # nothing flows back into the generator
        fake = gan.fake(len(real), *condition)  # (N, ...)
    real_scores, fake_scores = score_both(gan.discriminator, real, fake, *condition)  # (N,) each
    loss = gan.objective.discriminator_loss(real_scores, fake_scores)
    penalty = torch.zeros_like(loss)
    if gan.objective.penalty is not None:
        penalty = gan.objective.penalty(gan.discriminator, real, fake, *condition)
    gan.discriminator_optimizer.zero_grad()
    backward(loss + penalty, gan.discriminator)
    norm = grad_norm(gan.discriminator)
    gan.discriminator_optimizer.step()
    clip_weights(gan.discriminator, gan.objective.clip)  # None: no clipping
    return DiscriminatorStep(*detached(loss, penalty, real_scores.mean(), fake_scores.mean(), norm))


def generator_step(gan: GAN, batch: Batch) -> GeneratorStep:
    """Update the generator once, on as many fresh latent points as the batch has samples.

    Args:
        gan: the two players; only the generator changes.
        batch: as in ``discriminator_step``. Its condition is the fakes'; its real samples are
            looked at where the objective is relativistic or has a reconstruction.

    Returns:
        Loss, reconstruction and gradient norm.
    """
    real, *condition = unpack(batch)
    fake = gan.fake(len(real), *condition)  # (N, ...), with its graph this time
    scores = [gan.discriminator(fake, *condition)]  # (N,)
    if gan.objective.relativistic:
        scores.append(gan.discriminator(real, *condition))  # (N,)
    loss = gan.objective.generator_loss(*scores)
    reconstruction = torch.zeros_like(loss)
    if gan.objective.reconstruction is not None:
        reconstruction = gan.objective.reconstruction(fake, batch)
    gan.generator_optimizer.zero_grad()
    backward(loss + reconstruction, gan.generator)  # through the discriminator, but not into it
    norm = grad_norm(gan.generator)
    gan.generator_optimizer.step()
    return GeneratorStep(*detached(loss, reconstruction, norm))


@prepared  # checked once, timed and watched; batches come to the players' device
def train(gan: GAN, batches: Iterator[Batch], steps: int) -> Iterator[Record]:
    """Train both players and yield one record for each generator update.

    The caller pulls; stopping at any point leaves a usable ``gan``. Each discriminator update
    draws a fresh real batch and fresh z, each generator update fresh z.

    Args:
        gan: the players; changed in place.
        batches: real batches of shape (N, ...), or pairs of these and their condition, at least
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
    for _ in range(steps):
        for _ in range(gan.objective.n_critic):
            batch = next(batches)
            of_discriminator = discriminator_step(gan, batch)
        of_generator = generator_step(gan, batch)
        gan.step += 1
        yield Record(gan.step, *of_discriminator, *of_generator)


def score_both(
    discriminator: Module, real: Tensor, fake: Tensor, *condition: Tensor
) -> tuple[Tensor, ...]:
    """Return the scores of both batches, shape (N,) each, from one pass where that is the same.

    BatchNorm normalises by the batch it sees, so a discriminator that has it gets two passes.
    """
    if any(isinstance(layer, _BatchNorm) for layer in discriminator.modules()):
        return discriminator(real, *condition), discriminator(fake, *condition)
    twice = [torch.cat([each, each]) for each in condition]
    return discriminator(torch.cat([real, fake]), *twice).split(len(real))  # (2N,) -> (N,), (N,)


def backward(loss: Tensor, player: Module) -> None:
    """Put a loss's gradient into the weights of one player, those that may learn."""
    weights = [weight for weight in player.parameters() if weight.requires_grad]
    if weights:
        loss.backward(inputs=weights)


def grad_norm(player: Module) -> Tensor:
    """Return the Euclidean norm of all of a player's gradients together, shape ()."""
    return get_total_norm([w.grad for w in player.parameters() if w.grad is not None])


def detached(*values: Tensor) -> tuple[Tensor, ...]:
    """Return the values without their graphs."""
    return tuple(value.detach() for value in values)


def linear_lr_decay(gan: GAN, records: Iterable[Record], steps: int) -> Iterator[Record]:
    """Hand records on while both learning rates fall linearly to 0 within ``steps`` updates.

    Near a balance the players keep pushing each other about by steps as long as the rate; a
    falling rate lets them settle. When the records end, or nobody pulls them any more, the rates
    are back where they were.

    Args:
        gan: the players whose optimisers are slowed down.
        records: what ``train`` yields.
        steps: generator updates until the rate is 0, >= 1.

    Returns:
        An iterator of the same records.

    Raises:
        ValueError: ``steps`` is not an integer >= 1.
    """
    return _decaying(gan, records, integer("steps", steps, 1))


def _decaying(gan: GAN, records: Iterable[Record], steps: int) -> Iterator[Record]:
    optimizers = gan.generator_optimizer, gan.discriminator_optimizer
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    before = [float(group["lr"]) for group in groups]
    schedules = [LinearLR(each, 1.0, 0.0, total_iters=steps) for each in optimizers]
    try:
        for record in records:
            for schedule in schedules:
                schedule.step()
            yield record
    finally:
        for group, rate in zip(groups, before, strict=True):
            if isinstance(group["lr"], Tensor):  # the one that a captured step reads
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
            group.pop("initial_lr", None)


def averaged(gan: GAN, records: Iterable[Record], decay: float = 0.999) -> Iterator[Record]:
    r"""Hand records on while ``gan.average`` follows the generator's weights.

    Near a balance the generator goes round it, pushed by the discriminator's latest opinion; the
    average of its weights over the last rounds lies nearer to the middle and makes better samples.
    After the n-th update, with weights theta_n,

        average_n = d_n average_(n-1) + (1 - d_n) theta_n,   d_n = min(decay, n / (n + 9)),

    which begins at average_1 = theta_1. The bound n / (n + 9) lets the average forget how it
    began: up to n = 9 decay / (1 - decay) about the last tenth of the run counts, from there on
    the last 1 / (1 - decay) updates. BatchNorm's running averages are averaged with the weights.
    Training itself does not change. A second call goes on with the average that is there; with
    ``gan.average = None`` it starts anew.

    Args:
        gan: its ``average`` is made when the first record is pulled.
        records: what ``train`` yields.
        decay: what the old average keeps at each update, 0 to 1.

    Returns:
        An iterator of the same records.

    Raises:
        ValueError: ``decay`` is not a number from 0 to 1.

    Source: arXiv:1806.04498 (averaging in GANs); the bound as in
        ``tf.train.ExponentialMovingAverage`` with ``num_updates`` = n - 1.
    """
    return _averaging(gan, records, number("decay", decay, 0, 1))


def _averaging(gan: GAN, records: Iterable[Record], decay: float) -> Iterator[Record]:
    for record in records:
        if gan.average is None:
            gan.average = average_of(gan.generator)
        before = int(gan.average.n_averaged)  # updates; counted on the CPU
        gan.average.multi_avg_fn = get_ema_multi_avg_fn(min(decay, (before + 1) / (before + 10)))
        gan.average.update_parameters(gan.generator)
        yield record

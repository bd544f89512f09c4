"""Batches on their way into a run: brought to the players' device, and tried before the first."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from gan_helpers.random import OwnRandom

if TYPE_CHECKING:
    from gan_helpers.gan import GAN
    from gan_helpers.objectives import Objective

Batch = Tensor | Sequence[Tensor]  # real samples (N, ...), or these and their condition (N, ...)


def unpack(batch: Batch) -> tuple[Tensor, ...]:
    """Return a batch as (real,) or (real, condition)."""
    return (batch,) if isinstance(batch, Tensor) else tuple(batch)


class Supply:
    """The batches of one run, an iterator; ``real`` is the latest one's samples.

    Args:
        gan: the players; batches are moved to their device.
        batches: tensors, or pairs as a ``DataLoader`` yields them.

    Raises:
        TypeError: ``batches`` is no iterable of batches, or a batch is no tensor.
        ValueError: while pulling: they ran out, or the first does not fit the players.
    """

    def __init__(self, gan: GAN, batches: Iterable[Batch]) -> None:
        # A tensor would be iterated row by row.
        if isinstance(batches, Tensor) or not isinstance(batches, Iterable):
            raise TypeError(
                f"batches is a {type(batches).__name__}; it must be an iterable of batches "
                "(N, ...): data.batches(source, batch_size) makes one"
            )
        self._gan, self._batches = gan, iter(batches)
        self.real: Tensor | None = None

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        """Return the next batch, on the players' device."""
        batch = next(self._batches, None)
        if batch is None:
            raise ValueError(
                f"batches ran out at step {self._gan.step + 1}; give at least steps * n_critic "
                "batches, or an endless supply from data.batches"
            )
        first = self.real is None
        if isinstance(batch, Tensor):  # the common case, and the quick one
            batch = self.real = batch.to(self._gan.device, non_blocking=True)
        else:
            batch = tuple(_moved(each, self._gan.device) for each in _sequence(batch))
            self.real = batch[0]
        if first:
            check_batch(self._gan, batch)
        return batch


def _sequence(batch: Batch) -> Sequence[Tensor]:
    if not isinstance(batch, (tuple, list)) or not batch:
        raise TypeError(
            f"a batch is a {type(batch).__name__}; it must be a tensor of real samples, or a pair "
            "(real, condition) of tensors"
        )
    return batch


def _moved(part: Tensor, device: torch.device) -> Tensor:
    if not isinstance(part, Tensor):
        raise TypeError(
            f"a batch holds a {type(part).__name__}; it must hold tensors, real samples first: "
            "turn arrays and lists of numbers into tensors with torch.as_tensor"
        )
    return part.to(device, non_blocking=True)


def check_batch(gan: GAN, batch: Batch) -> None:
    """Raise if a batch does not fit the generator's samples or the discriminator.

    The players are tried on copies, so that nothing about them changes.

    Raises:
        TypeError: the players take no such condition.
        ValueError: names the value, the rule and the repair.
    """
    real, *condition = unpack(batch)
    if real.dim() < 2 or len(real) == 0:
        raise ValueError(
            f"a batch has shape {tuple(real.shape)}; it must be (N, ...) with N >= 1, "
            "for example (64, 2) or (64, 1, 28, 28)"
        )
    if any(len(each) != len(real) for each in condition):
        raise ValueError(
            f"a batch has {len(real)} real samples and a condition of shape "
            f"{tuple(condition[0].shape)}; give one condition for each sample: (N, ...)"
        )
    if gan.latent_dim == 0 and not condition:
        raise ValueError(
            "latent_dim is 0 and the batch carries no condition, so the generator has nothing to "
            "start from; give pairs (real, condition), or a latent_dim of at least 1"
        )
    layers = [m for net in (gan.generator, gan.discriminator) for m in net.modules()]
    if len(real) == 1 and any(isinstance(layer, _BatchNorm) for layer in layers):
        raise ValueError("a batch has 1 sample, and BatchNorm needs 2 or more: raise batch_size")
    fake, scores = _tried(gan, real, condition)
    if fake.shape[1:] != real.shape[1:] or fake.dtype != real.dtype:
        raise ValueError(
            f"a real sample is {tuple(real.shape[1:])} {real.dtype}, a generated one "
            f"{tuple(fake.shape[1:])} {fake.dtype}; they must agree: change the generator's "
            "out_shape or convert the data"
        )
    if scores.shape != (len(real),):
        raise ValueError(
            f"the discriminator returns shape {tuple(scores.shape)} for {len(real)} samples; it "
            f"must be ({len(real)},), one raw score a sample: end it with .squeeze(1) or "
            "nn.Flatten(0)"
        )
    _check_raw(scores)
    _check_reach(gan, real)
    _check_losses(gan.objective, scores)


def _tried(gan: GAN, real: Tensor, condition: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Return what copies of the players make of zeros, and of that."""
    like = next(gan.generator.parameters())
    z = torch.zeros(len(real), gan.latent_dim, device=gan.device, dtype=like.dtype)
    given = [z, *condition] if gan.latent_dim else condition
    generator = copy.deepcopy(gan.generator).eval()
    discriminator = copy.deepcopy(gan.discriminator).eval()
    with torch.no_grad(), OwnRandom(0):
        try:
            fake = generator(*given)  # (N, ...)
        except TypeError as error:
            raise TypeError(_taken("generator", len(condition), error)) from error
    with torch.enable_grad(), OwnRandom(0):  # whose last operation says whether scores are raw
        try:
            return fake, discriminator(fake.requires_grad_(), *condition)  # (N,)
        except TypeError as error:
            raise TypeError(_taken("discriminator", len(condition), error)) from error


def _taken(player: str, conditions: int, error: TypeError) -> str:
    if not conditions:
        return f"the {player} cannot be called with a batch alone: {error}"
    return (
        f"a batch is a pair, and the {player} does not take its condition ({error}); give batches "
        "of real samples alone, (x for x, _ in loader), or players called as G(z, condition) and "
        "D(x, condition)"
    )


_SQUASHING = ("Sigmoid", "Softmax", "LogSigmoid", "LogSoftmax")
_RESHAPING = (
    "Squeeze", "View", "UnsafeView", "Reshape", "ReshapeAlias", "Select", "Slice", "ToCopy", "T",
    "Clone", "Alias", "Unsqueeze", "Permute", "Transpose", "Index", "Unbind", "Split",
)  # fmt: skip


def _check_raw(scores: Tensor) -> None:
    """Refuse scores whose last operation squashes them, wherever the module is declared."""
    node = scores.grad_fn
    while node is not None:
        name = node.name().removesuffix("0").removesuffix("1").removesuffix("Backward")
        if name in _SQUASHING:
            raise ValueError(
                f"the discriminator ends in {name}; the losses take raw scores and apply it "
                "themselves: remove it"
            )
        before = [earlier for earlier, _ in node.next_functions if earlier is not None]
        node = before[0] if name in _RESHAPING and len(before) == 1 else None


def _check_losses(objective: Objective, scores: Tensor) -> None:
    """Try both losses: they are what a student writes, and torch's errors name neither."""
    # A loss may draw, for noisy labels say; a resumed run must not draw once more for this trial.
    with torch.enable_grad(), OwnRandom(0):
        scores = scores.detach().requires_grad_()
        given = (scores, scores) if objective.relativistic else (scores,)
        tried = {
            "discriminator_loss": objective.discriminator_loss(scores, scores),
            "generator_loss": objective.generator_loss(*given),
        }
    for name, loss in tried.items():
        if not isinstance(loss, Tensor) or loss.shape != ():
            found = f"shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else f"{loss!r:.60}"
            raise ValueError(
                f"the {name} of {objective.name!r} returns {found}; it must return a tensor of "
                "shape (), the mean over the batch: end it with .mean()"
            )
        if not loss.requires_grad:
            raise ValueError(
                f"the {name} of {objective.name!r} does not depend on the scores it is given, so "
                "nothing can be learnt: take .item(), .detach() and no_grad() out of it"
            )


def _check_reach(gan: GAN, real: Tensor) -> None:
    reach = getattr(gan.generator, "output_range", None)
    if reach is None or real.device.type == "meta":
        return
    low, high = real.min().item(), real.max().item()
    if low < reach[0] - 1e-4 or high > reach[1] + 1e-4:
        raise ValueError(
            f"the real batch spans [{low:.3g}, {high:.3g}], the generator can only reach "
            f"[{reach[0]:.3g}, {reach[1]:.3g}]; scale the data into that range"
        )

"""The whole turn of both players as one CUDA graph: the same arithmetic without its launches.

Small networks on a GPU wait for Python, which starts hundreds of small kernels a step. Here the
first turns run as in ``training.train``; then one turn (n_critic discriminator steps and the
generator step) is captured, and each later one copies its batches into fixed buffers and replays
it. What a graph has baked in is compared before each replay: when the objective, a batch's shape or
an optimiser's state is another (a checkpoint was loaded), turns are eager until three alike have
passed, and a new graph is captured.

Between two turns the optimisers are as they always are, with a Python float as their rate, so
schedules, checkpoints and whoever sets ``group["lr"]`` need not know. Python itself is not
captured: a loss that counts its calls needs ``graphs.enabled = False``.
"""

from __future__ import annotations

import random
import threading
import warnings
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from gan_helpers.data.supply import Batch, Supply, unpack
from gan_helpers.gan import GAN
from gan_helpers.graphs.capture import (
    OnGPU,
    Reads,
    Turn,
    capturable,
    groups_of,
    obstacle,
    optimizers_of,
    place_counts,
)
from gan_helpers.record import Record
from gan_helpers.training import discriminator_step, generator_step

enabled = True  # False: runs that begin from now on are eager
FEWEST = 20  # steps of a run that is worth a capture, which costs about 0.2 s
WARM_UP = 3  # turns alike, one after the other, before one is captured

# A capture holds the device's random state, so no other thread may train until it has ended.
_alone = threading.RLock()


def captured_train(
    gan: GAN, supply: Supply, steps: int, way: OnGPU | None = None
) -> Iterator[Record]:
    """Train like ``training.train`` by replaying one captured turn.

    Args:
        gan: the players; changed in place.
        supply: real batches on the players' device.
        steps: generator updates to do, >= 0; fewer than ``FEWEST`` stay eager.
        way: how turns are captured; ``None`` for CUDA graphs.

    Returns:
        An iterator of ``steps`` records. What cannot be captured (an optimiser without
        ``capturable``, a loss that reads a value) runs eagerly, and a warning says why.
    """
    turns = _Turns(gan, way or OnGPU(gan.device), eager=not enabled or steps < FEWEST)
    try:
        for _ in range(steps):
            with _alone:
                measured = turns([next(supply) for _ in range(gan.objective.n_critic)])
            gan.step += 1
            yield Record._make((gan.step, *measured, 0.0))
    finally:
        turns.end()


def turn(gan: GAN, batches: list[Batch]) -> Tensor:
    """Update the discriminator once a batch, then the generator; return a record's 8 scalars."""
    for batch in batches:
        of_discriminator = discriminator_step(gan, batch)
    of_generator = generator_step(gan, batch)
    return torch.stack([*of_discriminator, *of_generator])  # (8,)


class _Turns:
    """The turns of one run: eager at first, then replayed while they are like the captured one."""

    def __init__(self, gan: GAN, way: OnGPU, eager: bool) -> None:
        self.gan, self.way, self.eager = gan, way, eager
        self.latest: _Baked | None = None  # of the eager turns
        self.alike = 0  # how many of them in a row
        self.captured: _Baked | None = None
        self.replay: Turn | None = None
        self.buffers: list[Batch] = []
        self.rates: list[Tensor] = []
        if not eager and (cause := obstacle(gan)):
            self._stay_eager(cause)

    def __call__(self, batches: list[Batch]) -> Tensor:
        """Do one turn and return what it measured, shape (8,)."""
        if not self.eager and (baked := _Baked(self.gan, batches)) != self.captured:
            self.alike = self.alike + 1 if baked == self.latest else 1
            self.latest = baked
            if self.alike <= WARM_UP:
                return self._warm_up(batches)
            self._capture(batches)
        if self.replay is None:
            return turn(self.gan, batches)
        self.alike = 0
        for fixed, batch in zip(self.buffers, batches, strict=True):
            for to, given in zip(unpack(fixed), unpack(batch), strict=True):
                to.copy_(given, non_blocking=True)
        for rate, group in zip(self.rates, groups_of(self.gan), strict=True):
            rate.fill_(group["lr"])
        return self.replay().clone()  # the next replay writes into the same place

    def _warm_up(self, batches: list[Batch]) -> Tensor:
        """Do a turn; in the last one before the capture look for what a graph cannot hold."""
        if self.alike < WARM_UP:
            return self.way.warm_up(lambda: turn(self.gan, batches))
        with Reads(self.gan.device) as reads:
            measured = self.way.warm_up(lambda: turn(self.gan, batches))
        if reads.found:
            self._stay_eager(f"{reads.found} makes the processor wait for a value of the device")
        return measured

    def _capture(self, batches: list[Batch]) -> None:
        """Capture a turn, which changes nothing yet; where that fails, leave all as it was."""
        gan, self.replay, self.captured = self.gan, None, None
        self.buffers = [_empty_like(batch) for batch in batches]
        self.rates = [torch.tensor(float(g["lr"]), device=gan.device) for g in groups_of(gan)]
        for optimizer in optimizers_of(gan):
            optimizer.zero_grad()  # the graph makes gradients of its own
            place_counts(optimizer, gan.device)
        kept = [(tensor, tensor.clone()) for tensor in _tensors(gan)]
        drawn = torch.get_rng_state(), random.getstate()
        try:
            with capturable(gan, self.rates):
                self.replay = self.way.capture(lambda: turn(gan, self.buffers))
            if not torch.equal(torch.get_rng_state(), drawn[0]) or random.getstate() != drawn[1]:
                raise RuntimeError("random numbers are drawn on the CPU")
            self.captured = _Baked(gan, batches)
        except BaseException as error:
            with torch.no_grad():
                for tensor, before in kept:
                    tensor.copy_(before)
            torch.set_rng_state(drawn[0])
            random.setstate(drawn[1])
            if not isinstance(error, Exception):
                raise
            first: BaseException = error
            while first.__context__ is not None:  # the others follow from it
                first = first.__context__
            self._stay_eager(f"{type(first).__name__}: {str(first).partition(chr(10))[0]}")

    def _stay_eager(self, cause: str) -> None:
        self.eager = True
        self.end()
        warnings.warn(f"the run stays eager, without a CUDA graph, because {cause}", stacklevel=2)

    def end(self) -> None:
        """Drop the graph and leave the optimisers as an eager step wants them."""
        self.replay = self.captured = None
        for optimizer in optimizers_of(self.gan):
            place_counts(optimizer, None)


_CHANGING = ("params", "lr", "initial_lr")  # of an optimiser's settings, free to change


class _Baked:
    """What a graph has baked in, and must be the same for it to be replayed."""

    def __init__(self, gan: GAN, batches: list[Batch]) -> None:
        groups, optimizers = groups_of(gan), optimizers_of(gan)
        weights = [weight for group in groups for weight in group["params"]]
        states = [optimizer.state for optimizer in optimizers]  # which loading replaces
        counts = [each.get("step") for state in states for each in list(state.values())[:1]]
        self.things = [gan.generator, gan.discriminator, gan.objective, gan.latent_distribution]
        self.things += [*optimizers, *states, *counts]
        self.values = (
            [[(part.shape, part.dtype) for part in unpack(batch)] for batch in batches],
            (gan.latent_dim, gan.autocast, gan.generator.training, gan.discriminator.training),
            [(weight.data_ptr(), weight.requires_grad) for weight in weights],
            [{k: v for k, v in group.items() if k not in _CHANGING} for group in groups],
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Baked) or len(self.things) != len(other.things):
            return False
        same = all(a is b for a, b in zip(self.things, other.things, strict=True))
        return same and self.values == other.values


def _tensors(gan: GAN) -> list[Tensor]:
    """Return all that a turn changes: weights, running averages, the optimisers' moments."""
    players = [t for net in (gan.generator, gan.discriminator) for t in net.state_dict().values()]
    moments = [
        m for optimizer in optimizers_of(gan) for m in tree_leaves(list(optimizer.state.values()))
    ]
    return [tensor for tensor in [*players, *moments] if isinstance(tensor, Tensor)]


def _empty_like(batch: Batch) -> Batch:
    parts = tuple(torch.empty_like(part) for part in unpack(batch))
    return parts[0] if isinstance(batch, Tensor) else parts

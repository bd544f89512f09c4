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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from gan_helpers.data.supply import Batch, Supply, unpack
from gan_helpers.gan import GAN
from gan_helpers.record import Record
from gan_helpers.training import discriminator_step, generator_step

enabled = True  # False: runs that begin from now on are eager
FEWEST = 20  # steps of a run that is worth a capture, which costs about 0.2 s
WARM_UP = 3  # turns alike, one after the other, before one is captured

Turn = Callable[[], Tensor]  # updates both players and returns what a record holds, shape (8,)

# A capture holds the device's random state, so no other thread may train until it has ended.
_alone = threading.RLock()


def train(gan: GAN, supply: Supply, steps: int, way: OnGPU | None = None) -> Iterator[Record]:
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
        if not eager and (obstacle := _obstacle(gan)):
            self._stay_eager(obstacle)

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
        for rate, group in zip(self.rates, _groups(self.gan), strict=True):
            rate.fill_(group["lr"])
        return self.replay().clone()  # the next replay writes into the same place

    def _warm_up(self, batches: list[Batch]) -> Tensor:
        """Do a turn; in the last one before the capture look for what a graph cannot hold."""
        if self.alike < WARM_UP:
            return self.way.warm_up(lambda: turn(self.gan, batches))
        with _Reads(self.gan.device) as reads:
            measured = self.way.warm_up(lambda: turn(self.gan, batches))
        if reads.found:
            self._stay_eager(f"{reads.found} makes the processor wait for a value of the device")
        return measured

    def _capture(self, batches: list[Batch]) -> None:
        """Capture a turn, which changes nothing yet; where that fails, leave all as it was."""
        gan, self.replay, self.captured = self.gan, None, None
        self.buffers = [_empty_like(batch) for batch in batches]
        self.rates = [torch.tensor(float(g["lr"]), device=gan.device) for g in _groups(gan)]
        for optimizer in _optimizers(gan):
            optimizer.zero_grad()  # the graph makes gradients of its own
            _place_counts(optimizer, gan.device)
        kept = [(tensor, tensor.clone()) for tensor in _tensors(gan)]
        drawn = torch.get_rng_state(), random.getstate()
        try:
            with _capturable(gan, self.rates):
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
        for optimizer in _optimizers(self.gan):
            _place_counts(optimizer, None)


class _Baked:
    """What a graph has baked in, and must be the same for it to be replayed."""

    def __init__(self, gan: GAN, batches: list[Batch]) -> None:
        groups, optimizers = _groups(gan), _optimizers(gan)
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


_CHANGING = ("params", "lr", "initial_lr")


class _Reads(TorchDispatchMode):
    """Notes the first operation that a graph cannot hold: a value read, or a copy to or from it."""

    READING = ("_local_scalar_dense", "nonzero", "equal", "masked_select", "_unique2")

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.kind, self.found = device.type, ""

    def __torch_dispatch__(self, op: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = op(*args, **(kwargs or {}))
        tensors = [t for t in tree_leaves((args, kwargs, result)) if isinstance(t, Tensor)]
        kinds, name = {tensor.device.type for tensor in tensors}, op.overloadpacket.__name__
        copied = name in ("_to_copy", "copy_") and len(kinds) > 1
        if not self.found and self.kind in kinds and (copied or name in self.READING):
            self.found = str(op.overloadpacket)
        return result


class OnGPU:
    """CUDA graphs, captured on a stream beside the current one."""

    def __init__(self, device: torch.device) -> None:
        self.device, self.stream = device, torch.cuda.Stream(device)

    def warm_up(self, turn: Turn) -> Tensor:
        """Run a turn on the stream where it will be captured."""
        here = torch.cuda.current_stream(self.device)
        self.stream.wait_stream(here)
        with torch.cuda.stream(self.stream):
            measured = turn()
        here.wait_stream(self.stream)
        return measured

    def capture(self, turn: Turn) -> Turn:
        """Capture a turn and return what replays it, into the same tensor each time."""
        graph, generator = torch.cuda.CUDAGraph(), torch.cuda.default_generators[self.device.index]
        state, here = generator.clone_state(), torch.cuda.current_stream(self.device)
        # "thread_local": meanwhile a board's other thread may use the device.
        capturing = torch.cuda.graph(graph, stream=self.stream, capture_error_mode="thread_local")
        try:
            with torch.cuda.stream(here), capturing:  # the outer one finds the way back
                measured = turn()
        except BaseException:
            generator.graphsafe_set_state(state)  # PyTorch would go on taking it for captured
            raise

        def replay() -> Tensor:
            graph.replay()
            return measured

        return replay


@contextmanager
def _capturable(gan: GAN, rates: list[Tensor]) -> Iterator[None]:
    """Let the optimisers read their rates from tensors on the device for a while."""
    before = [(group["lr"], group["capturable"]) for group in _groups(gan)]
    for group, rate in zip(_groups(gan), rates, strict=True):
        group.update(lr=rate, capturable=True)
    try:
        yield
    finally:
        for group, (rate, capturable) in zip(_groups(gan), before, strict=True):
            group.update(lr=rate, capturable=capturable)


def _obstacle(gan: GAN) -> str | None:
    """Return why no turn of these players can be captured, where that is known beforehand."""
    for player in ("generator", "discriminator"):
        optimizer: Optimizer = getattr(gan, f"{player}_optimizer")
        if any("capturable" not in group for group in optimizer.param_groups):
            return f"{type(optimizer).__name__} cannot be captured, and Adam and RMSprop can"
        hooks = [w._post_accumulate_grad_hooks for w in getattr(gan, player).parameters()]
        if any(hooks) or optimizer._optimizer_step_pre_hooks:
            return f"the {player}'s weights have hooks, which a graph would leave out"
    return None


def _place_counts(optimizer: Optimizer, device: torch.device | None) -> None:
    """Move the optimiser's counts of steps to a device; ``None``: where an eager step has them."""
    for group in optimizer.param_groups:
        if device is None and (group.get("fused") or group.get("capturable")):
            continue
        for weight in group["params"]:
            if "step" in (state := optimizer.state.get(weight, {})):
                state["step"] = state["step"].to(device or "cpu")


def _optimizers(gan: GAN) -> tuple[Optimizer, Optimizer]:
    return gan.generator_optimizer, gan.discriminator_optimizer


def _groups(gan: GAN) -> list[dict[str, Any]]:
    return [group for optimizer in _optimizers(gan) for group in optimizer.param_groups]


def _tensors(gan: GAN) -> list[Tensor]:
    """Return all that a turn changes: weights, running averages, the optimisers' moments."""
    players = [t for net in (gan.generator, gan.discriminator) for t in net.state_dict().values()]
    moments = [
        m for optimizer in _optimizers(gan) for m in tree_leaves(list(optimizer.state.values()))
    ]
    return [tensor for tensor in [*players, *moments] if isinstance(tensor, Tensor)]


def _empty_like(batch: Batch) -> Batch:
    parts = tuple(torch.empty_like(part) for part in unpack(batch))
    return parts[0] if isinstance(batch, Tensor) else parts

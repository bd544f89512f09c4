"""How a turn of both players becomes a CUDA graph, and what cannot become one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from gan_helpers.gan import GAN

Turn = Callable[[], Tensor]  # updates both players and returns what a record holds, shape (8,)


class Reads(TorchDispatchMode):
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
def capturable(gan: GAN, rates: list[Tensor]) -> Iterator[None]:
    """Let the optimisers read their rates from tensors on the device for a while."""
    before = [(group["lr"], group["capturable"]) for group in groups_of(gan)]
    for group, rate in zip(groups_of(gan), rates, strict=True):
        group.update(lr=rate, capturable=True)
    try:
        yield
    finally:
        for group, (given, captured) in zip(groups_of(gan), before, strict=True):
            group.update(lr=given, capturable=captured)


def obstacle(gan: GAN) -> str | None:
    """Return why no turn of these players can be captured, where that is known beforehand."""
    for player in ("generator", "discriminator"):
        network: Module = getattr(gan, player)
        optimizer: Optimizer = getattr(gan, f"{player}_optimizer")
        if any("capturable" not in group for group in optimizer.param_groups):
            return f"{type(optimizer).__name__} cannot be captured, and Adam and RMSprop can"
        hooks = [weight._post_accumulate_grad_hooks for weight in network.parameters()]
        hooks += [each._forward_hooks or each._forward_pre_hooks for each in network.modules()]
        if any(hooks) or optimizer._optimizer_step_pre_hooks:
            return f"the {player} has hooks, which are Python and would not be called"
    return None


def place_counts(optimizer: Optimizer, device: torch.device | None) -> None:
    """Move the optimiser's counts of steps to a device; ``None``: where an eager step has them."""
    for group in optimizer.param_groups:
        if device is None and (group.get("fused") or group.get("capturable")):
            continue
        for weight in group["params"]:
            if "step" in (state := optimizer.state.get(weight, {})):
                state["step"] = state["step"].to(device or "cpu")


def optimizers_of(gan: GAN) -> tuple[Optimizer, Optimizer]:
    """Return both players' optimisers."""
    return gan.generator_optimizer, gan.discriminator_optimizer


def groups_of(gan: GAN) -> list[dict[str, Any]]:
    """Return all groups of weights with their settings."""
    return [group for optimizer in optimizers_of(gan) for group in optimizer.param_groups]

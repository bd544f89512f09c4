"""One run in several processes: the same loop on several GPUs or machines, by way of Fabric.

    fabric = Fabric(devices=2)  # from lightning_fabric or lightning.fabric
    fabric.launch()
    gan = ...  # built, moved to fabric.device, and loaded from a checkpoint where there is one
    distribute(gan, fabric)
    for record in train(gan, batches(images, 64 // fabric.world_size, fabric.device), steps):
        if fabric.is_global_zero and record.step % 1000 == 0:
            save(gan, "run.pt")

Each process trains on its own batches, and gradients are averaged where they arrive: at the end of
every backward pass that reaches a player's weights. The players are not wrapped, because a wrapper
such as DistributedDataParallel has to guess in ``forward`` which backward pass will follow, and a
GAN does what it does not expect: a critic is run twice before one backward pass, differentiated by
its input for the penalty, and passed through, untouched, in the generator's step. Gradients of
inputs never reach the weights' ``.grad``, so a penalty's double backward is averaged once, exactly.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer

from gan_helpers.gan import GAN


class Processes(Protocol):
    """What is used of a ``Fabric``."""

    @property
    def global_rank(self) -> int:
        """Number of this process, from 0."""

    @property
    def world_size(self) -> int:
        """How many processes there are."""

    @property
    def device(self) -> torch.device:
        """Where this process computes."""

    def broadcast(self, obj: Any, /) -> Any:
        """Return what process 0 passes."""

    def all_reduce(self, data: Any, /) -> Any:
        """Return the mean over all processes."""


def distribute(gan: GAN, fabric: Processes) -> None:
    """Make this process one of several that train the same players.

    All start from process 0's weights, optimisers and step; from then on every update uses the mean
    of the processes' gradients, so that the weights stay equal, bit for bit, and n processes with
    batches of N / n do what one does with batches of N. Two things belong to each process alone:
    BatchNorm's statistics (those of its own part of the batch), and the losses and scores in a
    record. Gradient norms are the common ones, so a run that diverges stops everywhere at once.

    Each process draws random numbers of its own, derived from process 0's: the same seed gives the
    same run again, but a resumed run is not bit for bit the undisturbed one.

    Args:
        gan: the players, built alike in each process, on ``fabric.device``; every weight that
            learns takes part in each update. Give all processes batches of the same size.
        fabric: a launched ``Fabric``; with one process nothing happens.

    Raises:
        ValueError: the players are not on the device of this process.
        RuntimeError: while training, when a weight got no gradient: waiting for it would hang.
    """
    if gan.device != fabric.device:
        raise ValueError(
            f"the players are on {gan.device}, this process computes on {fabric.device}; build the "
            "GAN from networks moved with .to(fabric.device)"
        )
    if fabric.world_size == 1:
        return
    gan.step = fabric.broadcast(gan.step)
    for player in ("generator", "discriminator"):
        network, optimizer = getattr(gan, player), getattr(gan, f"{player}_optimizer")
        for part in (network, optimizer):
            part.load_state_dict(fabric.broadcast(part.state_dict()))
        _average_gradients(player, network, optimizer, fabric)
    seed = fabric.broadcast(int(torch.randint(2**62, ())))
    torch.manual_seed(seed + fabric.global_rank)


def _average_gradients(
    player: str, network: Module, optimizer: Optimizer, fabric: Processes
) -> None:
    """Average the gradients in one message as soon as a backward pass has delivered the last."""
    named = {name: w for name, w in network.named_parameters() if w.requires_grad}
    arrived: set[int] = set()

    def average(weight: Tensor) -> None:
        arrived.add(id(weight))
        if len(arrived) < len(named):
            return
        arrived.clear()
        gradients = [w.grad for w in named.values() if w.grad is not None]
        sizes = [g.numel() for g in gradients]
        flat = fabric.all_reduce(torch.cat([g.flatten() for g in gradients]))  # (weights,)
        for gradient, mean in zip(gradients, flat.split(sizes), strict=True):
            gradient.copy_(mean.view_as(gradient))

    def complain(*_: object) -> None:
        if arrived:
            missing = [name for name, w in named.items() if id(w) not in arrived]
            raise RuntimeError(
                f"the {player}'s {missing[0]!r} got no gradient, so the processes' gradients could "
                "not be averaged; remove the layer that is not used"
            )

    for weight in named.values():
        weight.register_post_accumulate_grad_hook(average)
    optimizer.register_step_pre_hook(complain)

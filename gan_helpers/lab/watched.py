"""One update of a player, watched from outside: the update is the real one and stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers.gan import GAN


@dataclass
class Seen:
    """What was seen of one update."""

    z: Tensor
    fake: Tensor  # (n, 2)
    scores: tuple[Tensor, ...]  # (n,) each, as the loss was given them
    loss: float
    before: list[Tensor]  # weights
    stepped: list[Tensor]  # weights after the optimiser's step, not yet clipped
    factor: float = 0.0  # mean of -n dL_G/ds
    push: Tensor | None = None  # (n, 2)


@contextmanager
def watching(gan: GAN, player: str) -> Iterator[Seen]:
    """Note what happens in one update, which it leaves as it is: no draw, no gradient."""
    nothing = torch.empty(0)
    seen = Seen(nothing, nothing, (), 0.0, [], [])
    objective, optimizer = gan.objective, getattr(gan, f"{player}_optimizer")
    loss = f"{player}_loss"

    def generated(_: Module, given: tuple[Tensor, ...], fake: Tensor) -> None:
        seen.z, seen.fake = given[0], fake

    def noted(*scores: Tensor) -> Tensor:
        value = getattr(objective, loss)(*scores)
        seen.scores, seen.loss = scores, value.item()
        if player == "generator":  # the loss is a mean: times n it is each sample's own
            found = torch.autograd.grad(value, (scores[0], seen.fake), retain_graph=True)
            at_scores, at_samples = (-len(each) * each for each in found)  # (n,), (n, 2)
            seen.factor, seen.push = at_scores.mean().item(), at_samples
        return value

    def weights() -> list[Tensor]:
        return [weight.detach().clone() for weight in getattr(gan, player).parameters()]

    def stepping(*_: Any) -> None:
        seen.before = weights()

    def stepped(*_: Any) -> None:
        seen.stepped = weights()

    changes: dict[str, Any] = {loss: noted}
    gan.objective = replace(objective, **changes)
    handles = (
        gan.generator.register_forward_hook(generated),
        optimizer.register_step_pre_hook(stepping),
        optimizer.register_step_post_hook(stepped),
    )
    try:
        yield seen
    finally:
        gan.objective = objective
        for handle in handles:
            handle.remove()

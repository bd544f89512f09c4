"""A generator and an optimiser that tell a check how a whole turn used them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class OnePoint(nn.Module):
    """A generator that puts every sample at one trained point and keeps the z it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.tensor([2.0, 0.5]))
        self.seen: list[Tensor] = []

    def forward(self, z: Tensor) -> Tensor:
        self.seen.append(z.detach().clone())
        return self.place.expand(len(z), 2)


class CountedSGD(torch.optim.SGD):
    """Plain descent that counts its steps."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__(network.parameters(), lr=0.1)
        self.steps = 0

    def step(self, closure: Any = None) -> Any:
        self.steps += 1
        return super().step(closure)

"""The floor: one step's matrix products, convolutions and optimiser updates, and nothing else.

They are recorded from a step of this package's loop and then repeated on operands of the same
shapes and layout, without autograd, normalisation, activations, losses, random numbers and data.
A product with a factor of zeros is left out: the double backward of a penalty sends zeros through
the forward pass (the second derivative of a LeakyReLU), and multiplying by them is not needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

from gan_helpers import Objective, train
from loops.workloads import Workload, gan_of

aten = torch.ops.aten
# the operations that count, and which arguments are factors of their products
FACTORS = {
    aten.mm: (0, 1),
    aten.addmm: (1, 2),
    aten.convolution: (0, 1),
    aten.convolution_backward: (0,),
    aten._fused_adam_: (),
}


class Recorder(TorchDispatchMode):
    """Collects the operations of a step, equal ones once with their number."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[str, tuple[Callable, tuple, dict]] = {}
        self.times: dict[str, int] = {}

    def __torch_dispatch__(
        self, op: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Run the operation and note it down if it counts."""
        kwargs = kwargs or {}
        factors = FACTORS.get(op.overloadpacket)
        if factors is not None and all(args[i].any() for i in factors):
            form = f"{op} {tree_map(_form, (args, kwargs))}"
            self.times[form] = self.times.get(form, 0) + 1
            if form not in self.calls:
                self.calls[form] = (op, *tree_map(_copy, (args, kwargs)))
        return op(*args, **kwargs)


def _form(value: object) -> object:
    return (*value.shape, "in steps of", *value.stride()) if isinstance(value, Tensor) else value


def _copy(value: object) -> object:
    return value.detach().clone() if isinstance(value, Tensor) else value


def recorded(workload: Workload, objective: Objective) -> list[tuple[int, Callable, tuple, dict]]:
    """Return the operations of one step: how often each, and the call."""
    records = train(gan_of(workload, objective), workload.supply(), 2)
    next(records)  # with its checks
    with Recorder() as recorder:
        next(records)
    return [(recorder.times[form], *call) for form, call in recorder.calls.items()]


def floor(workload: Workload, objective: Objective) -> Callable[[int], float]:
    """Return what repeats the operations of a number of steps and tells the seconds."""
    calls = recorded(workload, objective)

    @torch.no_grad()
    def run(steps: int) -> float:
        began = time.perf_counter()
        for _ in range(steps):
            for times, op, args, kwargs in calls:
                for _ in range(times):
                    op(*args, **kwargs)
        return time.perf_counter() - began

    return run

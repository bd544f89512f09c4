"""A random state of one's own, for code that draws from PyTorch's global one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

_DRAWING = {
    torch.rand, torch.randn, torch.randint, torch.randperm, torch.rand_like, torch.randn_like,
    torch.normal, torch.bernoulli, torch.multinomial, Tensor.bernoulli, Tensor.multinomial,
    Tensor.uniform_, Tensor.normal_, Tensor.bernoulli_, Tensor.exponential_, Tensor.random_,
    nn.init.uniform_, nn.init.normal_, nn.init.trunc_normal_, nn.init.orthogonal_,
    nn.init.xavier_uniform_, nn.init.xavier_normal_,
    nn.init.kaiming_uniform_, nn.init.kaiming_normal_,
}  # fmt: skip


class OwnRandom(TorchFunctionMode):
    """Inside ``with``, every draw of this thread comes from one generator of its own.

    The global random state is neither read nor written, so whatever else draws from it, in
    another thread or another cell, neither disturbs what runs here nor is disturbed. The stream
    is the one that ``torch.manual_seed`` with the same seed would give, on the CPU.

    Args:
        seed: 0 to 2**32 - 1.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call the function, with this generator if it draws and was given none."""
        kwargs = kwargs or {}
        if function in _DRAWING and kwargs.get("generator") is None:
            kwargs = {**kwargs, "generator": self.generator}
        return function(*args, **kwargs)

    def within(self, function: Callable[..., Tensor]) -> Callable[..., Tensor]:
        """Return the function with its draws taken from here."""

        def drawing_here(*args: Any, **kwargs: Any) -> Tensor:
            with self:
                return function(*args, **kwargs)

        return drawing_here

    @contextmanager
    def elsewhere(self, seed: int) -> Iterator[None]:
        """Draw from another stream for a while, then go on where this one was left."""
        state = self.generator.get_state()
        self.generator.manual_seed(seed)
        try:
            yield
        finally:
            self.generator.set_state(state)

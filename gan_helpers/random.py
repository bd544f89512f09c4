"""A random state of one's own, for code that draws from PyTorch's global one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import index
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

# Functions that draw, or hold layers that may. The names in nn.init that are missing here draw by
# one of the tensor's own methods.
_DRAWING: set[Callable[..., Any]] = {
    torch.rand, torch.randn, torch.randint, torch.randperm, torch.normal, torch.rand_like,
    torch.randn_like, torch.randint_like, torch.bernoulli, torch.multinomial, torch.poisson,
    torch.binomial, torch._standard_gamma, torch._sample_dirichlet,
    Tensor.normal_, Tensor.uniform_, Tensor.bernoulli_, Tensor.random_, Tensor.exponential_,
    Tensor.cauchy_, Tensor.log_normal_, Tensor.geometric_, Tensor.bernoulli, Tensor.multinomial,
    nn.init.uniform_, nn.init.normal_, nn.init.kaiming_uniform_, nn.init.kaiming_normal_,
    torch.dropout, F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, F.alpha_dropout,
    F.feature_alpha_dropout, F.rrelu, F.rrelu_, torch.rrelu, F.gumbel_softmax,
    F.scaled_dot_product_attention, F.multi_head_attention_forward,
    torch.lstm, torch.gru, torch.rnn_tanh, torch.rnn_relu,
    F.fractional_max_pool2d, F.fractional_max_pool3d, F.fractional_max_pool2d_with_indices,
    F.fractional_max_pool3d_with_indices,
}  # fmt: skip
_FILLED_BY = {
    torch.ops.aten.rand_like: torch.ops.aten.uniform_.default,
    torch.ops.aten.randn_like: torch.ops.aten.normal_.default,
    torch.ops.aten.randint_like: getattr(torch.ops.aten.random_, "from"),
}
_inside = threading.local()  # the innermost OwnRandom answers; the ones around it see its call too


class OwnRandom(TorchFunctionMode):
    """Inside ``with``, every draw of this thread comes from one generator of its own.

    The global random state is neither read nor written, so whatever else draws from it, in
    another thread or another cell, neither disturbs what runs here nor is disturbed. The stream
    is the one that ``torch.manual_seed`` with the same seed would give on the CPU; numbers for
    another device are drawn there and moved. Draws that name a generator keep theirs. Attention
    with dropout on a GPU takes no generator and still draws from the global one.

    Args:
        seed: 0 to 2**32 - 1.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(index(seed))
        self._operations = _DrawnFrom(self.generator)

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call the function; if it may draw, with this generator behind all its operations."""
        if function not in _DRAWING or getattr(_inside, "drawing", False):
            return function(*args, **(kwargs or {}))
        _inside.drawing = True
        try:
            with self._operations:
                return function(*args, **(kwargs or {}))
        finally:
            _inside.drawing = False

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


class _DrawnFrom(TorchDispatchMode):
    """Give a generator to each operation that draws: those of PyTorch know that of themselves."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        given = any(isinstance(each, torch.Generator) for each in (*args, *kwargs.values()))
        if given or torch.Tag.nondeterministic_seeded not in operation.tags:
            return operation(*args, **kwargs)
        packet = operation.overloadpacket
        if packet is torch.ops.aten.native_dropout:  # takes no generator
            return self._dropout(*args, **kwargs)
        if packet in _FILLED_BY:  # older versions of these take none
            bounds = (0, *args[1:]) if len(args) == 2 else args[1:]  # only randint_like has any
            filled = torch.empty_like(args[0], **kwargs), *bounds
            return self._call(_FILLED_BY[packet], filled, {})
        if not any(argument.name == "generator" for argument in operation._schema.arguments):
            named = {"default": "generator", "low": "low_generator"}.get(operation._overloadname)
            if named is None or not hasattr(packet, named):
                return operation(*args, **kwargs)
            operation = getattr(packet, named)
        return self._call(operation, args, kwargs)

    def _call(self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call where the generator is, and bring what was drawn to where it is wanted."""
        home, kwargs = self.generator.device, kwargs | {"generator": self.generator}
        there = {each.device for each in args if isinstance(each, Tensor)}
        there |= {torch.device(kwargs["device"])} if kwargs.get("device") is not None else set()
        if there <= {home}:
            return operation(*args, **kwargs)
        kwargs |= {"device": home} if "device" in kwargs else {}
        here, written = list(args), []
        for k, (argument, each) in enumerate(zip(operation._schema.arguments, args, strict=False)):
            if argument.alias_info is not None and argument.alias_info.is_write:
                here[k] = torch.empty_like(each, device=home)
                written.append((each, here[k]))
            elif isinstance(each, Tensor):
                here[k] = each.to(home)
        found = operation(*here, **kwargs)
        for wanted, drawn in written:
            wanted.copy_(drawn)
            if found is drawn:
                return wanted
        return found.to((there - {home}).pop())

    def _dropout(self, x: Tensor, p: float, train: bool | None = True) -> tuple[Tensor, Tensor]:
        kept = torch.ones(x.shape, dtype=x.dtype, device=self.generator.device)
        if train is not False:
            kept.bernoulli_(1 - p, generator=self.generator)
        kept = kept.to(x.device)
        scale = 1.0 if train is False else 0.0 if p == 1 else 1 / (1 - p)
        return x * kept * scale, kept.bool()

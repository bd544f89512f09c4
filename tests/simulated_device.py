"""A second device written in Python, for tests: its tensors live on the CPU and do not admit it.

They say that they are on ``sim:0``, refuse to meet a CPU tensor in an operation, cannot become an
array, and draw from a generator of their own device, all as on CUDA. ``pick_device()`` returns it
where ``GAN_HELPERS_DEVICE=sim``. PyTorch's interface is experimental: ``install`` raises where it
is missing.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils import backend_registration
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

NAME = "sim"
_COPYING = ("copy_", "_to_copy", "_copy_from", "_copy_from_and_resize")


class Generator(torch._C.Generator):
    """Random numbers of one device; a draw on the simulated one refuses those of another."""

    def __new__(cls, device: Any = "cpu") -> Generator:
        if str(device).partition(":")[0] != NAME:
            return super().__new__(cls, device)
        made = super().__new__(cls, "cpu")
        with _Noticing() as noticed:
            torch.randperm(1, generator=made)
        _of_device[id(noticed.generator)] = noticed.generator
        made.manual_seed(torch.default_generator.initial_seed())
        return made


class _Noticing(TorchDispatchMode):
    """Keeps a generator as an operation gets it: another Python object, the same numbers."""

    def __torch_dispatch__(self, op: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.generator = kwargs["generator"]
        return op(*args, **kwargs)


_of_device: dict[int, Any] = {}


class Away(Tensor):
    """A tensor on the simulated device; ``held`` is the CPU tensor behind it."""

    @staticmethod
    def __new__(cls, held: Tensor) -> Away:
        made = Tensor._make_wrapper_subclass(
            cls,
            held.shape,
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=torch.device(NAME, 0),  # without the index, backward fails an assertion
        )
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(cls, op: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(op, *args, **(kwargs or {}))

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        made = self.detach().clone().requires_grad_(self.requires_grad)
        if isinstance(self, torch.nn.Parameter):
            made = torch.nn.Parameter(made, self.requires_grad)
        memo[id(self)] = made
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        parts = self.detach().cpu(), self.dtype, str(self.device), self.requires_grad
        return torch._utils._rebuild_device_tensor_from_cpu_tensor, parts

    def tolist(self) -> Any:
        return self.detach().cpu().tolist()

    def __format__(self, form: str) -> str:
        return format(self.item() if self.dim() == 0 else str(self), form)

    def __repr__(self) -> str:
        return f"{self.detach().cpu()!r} on {NAME}"


def _run(op: Any, *args: Any, **kwargs: Any) -> Any:
    """Run an operation on the CPU tensors behind those given, and send its results away."""
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
    away = [tensor for tensor in tensors if isinstance(tensor, Away)]
    name, asked = op.overloadpacket.__name__, kwargs.get("device")
    if away and name not in _COPYING:
        for tensor in tensors:
            if not isinstance(tensor, Away) and tensor.dim() > 0:
                raise RuntimeError(
                    "Expected all tensors to be on the same device, but found at least two "
                    f"devices, {NAME}:0 and {tensor.device}! ({op})"
                )
    if any(argument.name == "generator" for argument in op._schema.arguments):
        given = kwargs.get("generator")
        if given is not None and id(given) not in _of_device:
            raise RuntimeError(f"Expected a '{NAME}' device type for generator but found 'cpu'")
        kwargs["generator"] = given if given is not None else module.generator
    if asked is not None:
        kwargs["device"] = torch.device("cpu")
    kwargs.pop("pin_memory", None)
    # a result that was an argument is returned as the argument: in-place operations
    origin = {id(t.held if isinstance(t, Away) else t): t for t in tensors}
    held_args, held_kwargs = tree_map(
        lambda t: t.held if isinstance(t, Away) else t, (args, kwargs)
    )
    result = op(*held_args, **held_kwargs)
    goes = asked.type == NAME if asked is not None else True

    def sent(value: Any) -> Any:
        if not isinstance(value, Tensor):
            return value
        return origin.get(id(value)) if id(value) in origin else Away(value) if goes else value

    return tree_map(sent, result)


class Module:
    """What PyTorch asks of ``torch.sim``."""

    def __init__(self) -> None:
        self.generator = Generator(NAME)

    def is_available(self) -> bool:
        return True

    is_initialized = is_available

    def device_count(self) -> int:
        return 1

    def current_device(self) -> int:
        return 0

    def _is_in_bad_fork(self) -> bool:
        return False

    def manual_seed_all(self, seed: int) -> None:
        self.generator.manual_seed(seed)

    def get_rng_state(self, device: Any = None) -> Tensor:
        return self.generator.get_state()

    def set_rng_state(self, state: Tensor, device: Any = None) -> None:
        self.generator.set_state(state)

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16]


def _made_here(function: Any) -> Any:
    """Let numbers become a tensor on the CPU first; PyTorch's own way fails inside."""

    def make(data: Any, *args: Any, device: Any = None, **kwargs: Any) -> Tensor:
        if device is not None and torch.device(device).type == NAME:
            grad = kwargs.pop("requires_grad", False)
            return function(data, *args, **kwargs).to(device).requires_grad_(grad)
        return function(data, *args, device=device, **kwargs)

    return make


module = Module()
_library: list[torch.library.Library] = []


def install() -> None:
    """Make the device known to PyTorch, for good: in a process that has computed no gradient yet.

    Raises:
        AttributeError: this PyTorch has no such interface.
    """
    if _library:
        return
    backend_registration._setup_privateuseone_for_python_backend(NAME, backend_module=module)
    library = torch.library.Library("_", "IMPL")
    library.fallback(_run, "PrivateUse1")
    # Under autocast it computes in float32 as before; what is cast is PyTorch's matter.
    library.fallback(torch.library.fallthrough_kernel, "AutocastPrivateUse1")
    _library.append(library)
    torch.tensor, torch.as_tensor = _made_here(torch.tensor), _made_here(torch.as_tensor)
    torch.Generator = Generator

"""What decides a run, as text and as a digest, so that no result is taken for another run's."""

from __future__ import annotations

import inspect
import re
import sysconfig
from collections.abc import Callable, Iterable, Mapping, Set
from functools import partial
from hashlib import sha256
from numbers import Integral, Real
from pathlib import PurePath
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module

PRINTED = 1000  # numbers of an array that are compared with six digits; larger ones bit by bit
OWN = __name__.partition(".")[0]
STANDARD_LIBRARY = PurePath(sysconfig.get_path("stdlib"))


def fingerprint(*parts: object) -> str:
    """Return twelve hexadecimal digits that change with anything ``describe`` sees of the parts."""
    return sha256("\n".join(map(describe, parts)).encode()).hexdigest()[:12]


def describe(value: Any, above: tuple[Any, ...] = ()) -> str:
    """Write out what a run depends on in a value, alike in every process and on every machine.

    - A number or a text is itself. An array of up to 1 000 numbers is written out to six digits of
      its largest; a larger one is the checksum of its bytes.
    - A function is its name and what it is bound to: a partial's arguments, defaults, the variables
      around it. One that is written in a notebook or script is its code too, and the globals that
      it names. Functions of this package and of libraries are known by their names.
    - A module of PyTorch is its printed structure and its weights; another object is its class and
      its public attributes. An object that keeps its parameters under names with an underscore
      looks like any other of its class.

    Args:
        value: anything.
        above: what holds it, so that a circle ends.
    """

    def inner(part: Any) -> str:
        return describe(part, (*above, value))

    if value is None or isinstance(value, (str, bytes, bool)):
        return repr(value)
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return f"{float(value):.12g}"
    if isinstance(value, (Tensor, np.ndarray)):
        return _array(torch.as_tensor(value).detach().cpu().contiguous())
    if any(value is each for each in above):
        return "itself"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{inner(key)}: {inner(part)}' for key, part in value.items())}}}"
    if isinstance(value, Set):
        return f"set({', '.join(sorted(map(inner, value)))})"
    if isinstance(value, (list, tuple)):
        return f"({', '.join(map(inner, value))})"
    if isinstance(value, partial):
        return f"partial {inner(value.func)}{inner(value.args)}{inner(value.keywords)}"
    if isinstance(value, MethodType):
        return f"{inner(value.__self__)}.{value.__name__}"
    if isinstance(value, FunctionType):
        return _function(value, inner)
    if isinstance(value, CodeType):
        return f"{value.co_code.hex()}{inner(value.co_names)}{inner(value.co_consts)}"
    if isinstance(value, (type, ModuleType)):
        return _name(value)
    if isinstance(value, Module):
        return f"{networks_text([value])}{inner(value.state_dict())}"
    if not hasattr(value, "__dict__"):
        return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
    public = {name: part for name, part in vars(value).items() if not name.startswith("_")}
    return _name(type(value)) + inner(public)


def networks_text(networks: Iterable[Module]) -> str:
    """Write out networks as they print, with the shape of each weight and the code of their own."""
    said = []
    for network in networks:
        shapes = [(n, tuple(w.shape), str(w.dtype)) for n, w in network.state_dict().items()]
        kinds = dict.fromkeys(type(part) for part in network.modules())
        codes = [describe(kind.forward) for kind in kinds if not _known(kind.forward)]
        said.append(f"{network}{shapes}{codes}")
    return "\n".join(said)


def in_use(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that are neither ``None`` nor ``False``: versions add such switches."""
    return {name: v for name, v in settings.items() if v is not None and v is not False}


def _function(function: FunctionType, inner: Callable[[Any], str]) -> str:
    given = inspect.signature(function).parameters.values()
    defaults = {part.name: part.default for part in given if part.default is not part.empty}
    around = inspect.getclosurevars(function)
    parts = [_name(function), inner(defaults), inner(around.nonlocals)]
    if not _known(function):
        parts += [inner(function.__code__), inner(around.globals)]
    return " ".join(parts)


def _known(function: Any) -> bool:
    """Tell whether a function belongs to this package, to Python or to an installed library."""
    if not isinstance(function, FunctionType) or function.__module__.partition(".")[0] == OWN:
        return True
    path = PurePath(function.__code__.co_filename)
    installed = {"site-packages", "dist-packages"} & set(path.parts)
    return bool(installed) or path.is_relative_to(STANDARD_LIBRARY)


def _name(value: Any) -> str:
    if isinstance(value, ModuleType):
        return value.__name__
    owner = value.__module__
    if owner.partition(".")[0] == OWN:  # whichever module of the package it has moved to
        owner = OWN
    return f"{owner}.{value.__qualname__}"


def _array(values: Tensor) -> str:
    said = f"{str(values.dtype).removeprefix('torch.')} {tuple(values.shape)}"
    if values.numel() > PRINTED:
        return f"{said} {sha256(values.view(torch.uint8).numpy().tobytes()).hexdigest()}"
    numbers = values.double()
    unit = float(numbers.abs().max()) * 1e-6 if values.numel() else 0.0
    # cos(pi/2) is 6e-17 on one machine and another such number on the next: both are 0
    steps = (numbers / (unit or 1.0)).round().long().flatten().tolist()
    return f"{said} {steps} times {unit:.6g}"

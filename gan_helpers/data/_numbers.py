"""Checks of the numbers that distributions are made of and asked for."""

from __future__ import annotations

from math import isfinite

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

Device = torch.device | str | None


def finite(name: str, values: ArrayLike | Tensor) -> Tensor:
    """Return the numbers as a float64 tensor on the CPU, all finite."""
    if isinstance(values, Tensor):
        tensor = values.detach().cpu().double()
    else:
        tensor = torch.from_numpy(np.array(values, dtype=np.float64))
    if not bool(torch.isfinite(tensor).all()):
        raise ValueError(f"{name} is {values!r}; every number in it must be finite.")
    return tensor


def above_zero(name: str, value: float) -> None:
    """Refuse a number that is not finite and above 0."""
    if not (isfinite(value) and value > 0):
        raise ValueError(f"{name} is {value}; it must be a finite number above 0.")


def count(name: str, value: int) -> None:
    """Refuse anything but an integer of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} is {value!r}; it must be an integer, at least 1.")


def devices(
    n: int, generator: torch.Generator | None, device: Device
) -> tuple[torch.device, torch.device]:
    """Return where to draw (a generator draws on its own device only) and where to deliver."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 0:
        raise ValueError(f"n is {n!r}; the number of samples must be an integer, at least 0.")
    home = torch.device("cpu") if device is None else torch.device(device)
    if generator is None:
        return home, home
    return generator.device, generator.device if device is None else home


def points(x: Tensor, dim: int) -> Tensor:
    """Return x as a floating-point tensor (n, dim)."""
    found = torch.as_tensor(x)
    if found.ndim != 2 or found.shape[1] != dim:
        raise ValueError(
            f"x has shape {tuple(found.shape)}; log_density expects (n, {dim}). "
            f"A row of numbers becomes a column with x[:, None]."
        )
    return found if found.is_floating_point() else found.float()

"""Checks of the numbers that distributions are made of and asked for."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from gan_helpers.runtime import integer, number, pick_device

Device = torch.device | str | None
_LEAST = 1e-19  # its square is above 0 in float32


def finite(name: str, values: ArrayLike | Tensor) -> Tensor:
    """Return the numbers as a float64 tensor on the CPU, all finite as float32."""
    if isinstance(values, Tensor):
        tensor = values.detach().cpu().double()
    else:
        try:
            tensor = torch.from_numpy(np.array(values, dtype=np.float64))
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"{name} is {values!r:.60}; it must hold real numbers, rows of equal length."
            ) from error
    if not bool(torch.isfinite(tensor.float()).all()):
        raise ValueError(
            f"{name} is {values!r:.60}; every number in it must be finite, and below 3e38."
        )
    return tensor


def above_zero(name: str, value: float) -> float:
    """Return a number above 0 whose square is one too."""
    return number(name, value, _LEAST)


def devices(
    n: int, generator: torch.Generator | None, device: Device
) -> tuple[int, torch.device, torch.device]:
    """Return n, where to draw (a generator draws on its own device only), where to deliver."""
    n = integer("n", n, 0)
    if generator is not None and not isinstance(generator, torch.Generator):
        raise TypeError(
            f"generator is {generator!r:.60}; give torch.Generator().manual_seed(0), or nothing."
        )
    home = torch.device("cpu") if device is None else place(device)
    if generator is None:
        return n, home, home
    return n, generator.device, generator.device if device is None else home


def place(device: torch.device | str) -> torch.device:
    """Return the device; a name that torch does not know, or has not got, is refused."""
    return device if isinstance(device, torch.device) else pick_device(device)


def points(x: Tensor, dim: int) -> Tensor:
    """Return x as a floating-point tensor (n, dim)."""
    try:
        found = torch.as_tensor(x)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"x is {x!r:.60}; log_density expects a tensor (n, {dim}).") from error
    if found.ndim != 2 or found.shape[1] != dim:
        raise ValueError(
            f"x has shape {tuple(found.shape)}; log_density expects (n, {dim}). "
            f"A row of numbers becomes a column with x[:, None]."
        )
    return found if found.is_floating_point() else found.float()

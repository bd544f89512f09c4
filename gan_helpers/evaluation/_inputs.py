"""Conversions and checks that every measure shares: tensors and arrays in, float64 out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

Array = NDArray[np.float64]
Samples = Tensor | ArrayLike


def as_array(name: str, values: Samples) -> Array:
    """Return `values`, from any device, as a float64 array, and refuse what is not a finite number.

    Raises:
        TypeError: the values are not real numbers.
        ValueError: a value is NaN or infinite.
    """
    if isinstance(values, Tensor):
        values = values.detach().cpu()
        values = (values.double() if values.is_floating_point() else values).numpy()
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} is ragged ({error}); give rows of equal length") from error
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} has dtype {array.dtype}; it must hold real numbers")
    array = array.astype(np.float64, copy=False)
    broken = int(array.size - np.isfinite(array).sum())
    if broken:
        raise ValueError(
            f"{name} holds {broken} NaN or infinite of {array.size} values; a measure of them has "
            "no meaning: find the step where training diverged, or drop those rows and say so"
        )
    return array


def as_points(name: str, values: Samples, at_least: int = 1) -> Array:
    """Return samples as (n, d) float64; a flat list of n numbers becomes (n, 1)."""
    array = as_array(name, values)
    if array.ndim == 1:
        array = array[:, None]  # (n,) -> (n, 1)
    if array.ndim != 2 or array.shape[1] == 0:
        raise ValueError(
            f"{name} has shape {array.shape}; it must be (n, d), one sample a row: "
            "flatten images with x.flatten(1), or measure their features"
        )
    if len(array) < at_least:
        raise ValueError(f"{name} holds {len(array)} samples; at least {at_least} are needed")
    return array


def same_width(names: Sequence[str], a: Array | Tensor, b: Array | Tensor) -> None:
    """Refuse two sets of samples whose dimensions differ."""
    if a.shape[1:] != b.shape[1:]:
        raise ValueError(
            f"{names[0]} has shape {tuple(a.shape)} and {names[1]} {tuple(b.shape)}; all but the "
            "first number must agree: compare samples, or features, of the same kind"
        )

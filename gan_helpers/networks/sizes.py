"""What every family shares: checks of sizes and inputs, maps of a conv stack, the scores' type."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gan_helpers.runtime import integer

_SMALLEST_SIDE = 4  # a convolutional stack starts (or ends) on a map 4 to 7 pixels wide


def sizes(name: str, values: Sequence[int]) -> tuple[int, ...]:
    """Return the sizes as a tuple of integers, each at least 1, not empty."""
    if isinstance(values, (str, int)) or not isinstance(values, Sequence):
        raise TypeError(f"{name} is {values!r}; it must be a sequence of integers such as (2,).")
    if len(values) == 0:
        raise ValueError(f"{name} is empty; give at least one integer, for example (128,).")
    return tuple(integer(f"{name}[{i}]", value, 1) for i, value in enumerate(values))


def image_sizes(shape: Sequence[int]) -> tuple[int, int, int]:
    """Return (channels, height, width)."""
    found = sizes("image_shape", shape)
    if len(found) != 3:
        raise ValueError(f"image_shape is {found}; give (channels, height, width): (1, 28, 28).")
    channels, height, width = found
    return channels, height, width


def count_doublings(height: int, width: int) -> int:
    """Count the doublings from a start map, whose shorter side is 4 to 7, to (height, width)."""
    doublings = (min(height, width) // _SMALLEST_SIDE).bit_length() - 1  # floor(log2(side / 4))
    step = 2 ** max(doublings, 1)
    if doublings < 1 or height % step or width % step:
        good = [max(round(side / step), 1) * step for side in (height, width)]
        good = [max(side, 2 * _SMALLEST_SIDE) for side in good]
        raise ValueError(
            f"image_shape has height and width {height} x {width}; both must be multiples of "
            f"{step} and at least {2 * _SMALLEST_SIDE}, so that halving ends on whole pixels. "
            f"Resize the images, for example to {good[0]} x {good[1]}, or use an MLP."
        )
    return doublings


def conv_widths(channels: int, count: int) -> list[int]:
    """List the channels of the maps from large to small: c, 2c, 4c, 8c, 8c, ..."""
    return [channels * min(2**i, 8) for i in range(count)]


def check_input(module: nn.Module, name: str, x: Tensor, shape: tuple[int, ...]) -> None:
    """Refuse an input that is not a floating-point tensor of shape (N, *shape)."""
    owner = type(module).__name__
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} is a {type(x).__name__}; {owner} expects a tensor.")
    if x.ndim == 0 or tuple(x.shape[1:]) != shape:
        expected = ", ".join(["N", *map(str, shape)])
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}; {owner} expects ({expected}). Reshape {name}, or "
            f"build the network for this size."
        )
    if not x.is_floating_point() or (
        x.dtype == torch.float64 and next(module.parameters()).dtype != torch.float64
    ):
        raise TypeError(
            f"{name} has dtype {x.dtype}; {owner} expects the data type of its weights. Use "
            f"{name}.float(), and for bytes {name}.float() / 127.5 - 1."
        )
    if x.shape[0] == 1 and module.training and getattr(module, "_has_batch_norm", False):
        raise ValueError(
            f"{name} holds 1 sample and {owner} has BatchNorm in training mode, which needs at "
            f"least 2 for a variance. Use a larger batch, or call .eval() to sample."
        )


def full_precision(output: Tensor) -> Tensor:
    """Bring what autocast computed in half precision back to float32; leave float64 as it is."""
    return output.to(torch.promote_types(output.dtype, torch.float32))

"""Endless batches for training: fresh samples of a distribution, or rows of tensors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import overload

import torch
from torch import Tensor

from gan_helpers.data._numbers import Device, place
from gan_helpers.data.distributions import Distribution
from gan_helpers.data.images import ImageData
from gan_helpers.runtime import integer

Pair = tuple[Tensor, Tensor] | list[Tensor]  # the real data and their condition


@overload
def batches(
    source: Distribution | Tensor | ImageData,
    batch_size: int,
    device: Device = None,
    *,
    resident: bool = True,
) -> Iterator[Tensor]: ...


@overload
def batches(
    source: Pair,
    batch_size: int,
    device: Device = None,
    *,
    resident: bool = True,
) -> Iterator[tuple[Tensor, Tensor]]: ...


def batches(
    source: Distribution | Tensor | ImageData | Pair,
    batch_size: int,
    device: Device = None,
    *,
    resident: bool = True,
) -> Iterator[Tensor] | Iterator[tuple[Tensor, Tensor]]:
    """Iterate for ever over batches of independent draws from the source.

    A distribution is sampled afresh for every batch. The rows of a tensor are drawn *with
    replacement*: x_i = source[j_i], j_i uniform on 0 ... N-1. A pair gives pairs (real, condition)
    drawn with the same j_i: ``batches((digits.images, digits.labels), 64)``. The draws use
    PyTorch's global generator and there is no other state (no epoch, no shuffled order), so a run
    that restores the random state resumes exactly. The tensors are moved to the device once and
    indexed there; nothing is copied between devices in the loop.

    Data that the device cannot hold stays where it is with ``resident=False``, and each batch
    travels by itself: gathered in pinned memory and copied without waiting, while the device is at
    earlier work. It may be a file larger than the memory, of which only the drawn rows are read:
    ``torch.from_numpy(numpy.memmap(path, "float32", mode="c", shape=...))``.

    Args:
        source: a distribution; or a tensor (N, ...) with N at least 1; or image data, of which the
            images are taken; or a pair of tensors (N, ...), of which the second is the condition,
            labels (N,) int64 or images.
        batch_size: samples in a batch, at least 1.
        device: device of the batches. When left out, the tensor's own, or the CPU.

    Returns: an endless iterator of contiguous tensors (batch_size, ...), or of pairs of them.

    Raises:
        TypeError: when the source is none of these, or the real data are not floating point.
        ValueError: for a batch size below 1, a tensor that is empty or not finite, a pair of
            unequal lengths or on two devices, a device that is not here, or ``resident=False``
            with a tensor that is not on the CPU. Data that stays on the CPU is checked while
            iterating, batch by batch.
    """
    batch_size = integer("batch_size", batch_size, 1)
    if isinstance(source, ImageData):
        source = source.images
    if device is not None:
        device = place(device)
    if isinstance(source, (Tensor, tuple, list)):
        rows = _checked(source)
        drawn = _resident(rows, batch_size, device) if resident else _sent(rows, batch_size, device)
        return (one for (one,) in drawn) if len(rows) == 1 else ((a, b) for a, b in drawn)
    if not callable(getattr(source, "sample", None)):
        raise TypeError(
            f"source is a {type(source).__name__}; give a tensor (N, ...), a pair of them, image "
            f"data, or a distribution with sample(n). An array becomes a tensor with "
            f"torch.from_numpy."
        )
    return _fresh(source, batch_size, device)


def _fresh(source: Distribution, batch_size: int, device: Device) -> Iterator[Tensor]:
    while True:
        yield source.sample(batch_size, device=device)


def _resident(rows: list[Tensor], batch_size: int, device: Device) -> Iterator[list[Tensor]]:
    for part in rows:
        _refuse_non_finite(part)
    return _rows([part.to(device) for part in rows], batch_size)


def _rows(rows: list[Tensor], batch_size: int) -> Iterator[list[Tensor]]:
    while True:
        index = torch.randint(len(rows[0]), (batch_size,), device=rows[0].device)
        yield [part.index_select(0, index) for part in rows]


def _sent(rows: list[Tensor], batch_size: int, device: Device) -> Iterator[list[Tensor]]:
    if rows[0].device.type != "cpu":
        raise ValueError(
            f"source is on {rows[0].device} and resident is False; data that stays behind must be "
            f"on the CPU: leave resident out, or pass source.cpu()."
        )
    return _travelling(rows, batch_size, torch.device("cpu" if device is None else device))


def _travelling(
    rows: list[Tensor], batch_size: int, device: torch.device
) -> Iterator[list[Tensor]]:
    pinned = device.type == "cuda"  # elsewhere a copy waits in any case
    while True:
        index = torch.randint(len(rows[0]), (batch_size,))
        batch = []
        for part in rows:
            # A new buffer for each batch: PyTorch reuses pinned memory once its copy has arrived.
            taken = torch.empty(batch_size, *part.shape[1:], dtype=part.dtype, pin_memory=pinned)
            torch.index_select(part, 0, index, out=taken)
            _refuse_non_finite(taken)
            batch.append(taken.to(device, non_blocking=True))
        yield batch


def _checked(source: Tensor | Pair) -> list[Tensor]:
    """Return the tensors, the real data first, all of one length and on one device."""
    rows = [source] if isinstance(source, Tensor) else list(source)
    if len(rows) > 2 or not rows or not all(isinstance(part, Tensor) for part in rows):
        kinds = ", ".join(type(part).__name__ for part in rows)
        raise TypeError(
            f"source holds ({kinds}); a pair must be two tensors, (real, condition), such as "
            f"(digits.images, digits.labels)."
        )
    real = rows[0]
    if real.ndim == 0 or real.shape[0] == 0:
        raise ValueError(f"source has shape {tuple(real.shape)}; it must hold at least one row.")
    if not real.is_floating_point():
        raise TypeError(
            f"source has dtype {real.dtype}; it must be floating point. Images of 0 to 255 become "
            f"x.float() / 127.5 - 1."
        )
    for part in rows[1:]:
        if part.shape[:1] != real.shape[:1]:
            raise ValueError(
                f"the real data have shape {tuple(real.shape)} and the condition "
                f"{tuple(part.shape)}; each real sample needs its own: give two tensors of the "
                f"same length, in the same order."
            )
        if part.device != real.device:
            raise ValueError(
                f"the real data are on {real.device} and the condition on {part.device}; bring "
                f"them together with condition.to({str(real.device)!r})."
            )
    return [part.detach() for part in rows]


def _refuse_non_finite(rows: Tensor) -> None:
    if rows.device.type == "meta" or not rows.is_floating_point():
        return
    if not bool(torch.isfinite(rows).all()):
        raise ValueError("source holds NaN or infinite values; every value must be finite.")

"""Endless batches for training: fresh samples of a distribution, or rows of a tensor."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from gan_helpers.data._numbers import Device, place
from gan_helpers.data.distributions import Distribution
from gan_helpers.data.images import ImageData


def batches(
    source: Distribution | Tensor | ImageData,
    batch_size: int,
    device: Device = None,
    *,
    resident: bool = True,
) -> Iterator[Tensor]:
    """Iterate for ever over batches of independent draws from the source.

    A distribution is sampled afresh for every batch. The rows of a tensor are drawn *with
    replacement*: x_i = source[j_i], j_i uniform on 0 ... N-1. The draws use PyTorch's global
    generator and there is no other state (no epoch, no shuffled order), so a run that restores the
    random state resumes exactly. The tensor is moved to the device once and indexed there; nothing
    is copied between devices in the loop.

    Data that the device cannot hold stays where it is with ``resident=False``, and each batch
    travels by itself: gathered in pinned memory and copied without waiting, while the device is at
    earlier work. It may be a file larger than the memory, of which only the drawn rows are read:
    ``torch.from_numpy(numpy.memmap(path, "float32", mode="c", shape=...))``.

    Args:
        source: a distribution; or a tensor (N, ...) with N at least 1; or image data, of which the
            images are taken.
        batch_size: samples in a batch, at least 1.
        device: device of the batches. When left out, the tensor's own, or the CPU.

    Returns: an endless iterator of tensors (batch_size, ...).

    Raises:
        TypeError: when the source is none of these, or not floating point.
        ValueError: for a batch size below 1, a tensor that is empty or not finite, a device that
            is not here, or ``resident=False`` with a tensor that is not on the CPU. Data that stays
            on the CPU is checked while iterating, batch by batch.
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(f"batch_size is {batch_size!r}; it must be an integer, at least 1.")
    if isinstance(source, ImageData):
        source = source.images
    if device is not None:
        device = place(device)
    if isinstance(source, Tensor):
        rows = _checked(source)
        if not resident:
            return _sent(rows, batch_size, device)
        _refuse_non_finite(rows)
        return _rows(rows.to(device), batch_size)
    if not callable(getattr(source, "sample", None)):
        raise TypeError(
            f"source is a {type(source).__name__}; give a tensor (N, ...), image data, or a "
            f"distribution with sample(n). An array becomes a tensor with torch.from_numpy."
        )
    return _fresh(source, batch_size, device)


def _fresh(source: Distribution, batch_size: int, device: Device) -> Iterator[Tensor]:
    while True:
        yield source.sample(batch_size, device=device)


def _rows(rows: Tensor, batch_size: int) -> Iterator[Tensor]:
    while True:
        index = torch.randint(len(rows), (batch_size,), device=rows.device)
        yield rows.index_select(0, index)


def _sent(rows: Tensor, batch_size: int, device: Device) -> Iterator[Tensor]:
    if rows.device.type != "cpu":
        raise ValueError(
            f"source is on {rows.device} and resident is False; data that stays behind must be on "
            f"the CPU: leave resident out, or pass source.cpu()."
        )
    return _travelling(rows, batch_size, torch.device("cpu" if device is None else device))


def _travelling(rows: Tensor, batch_size: int, device: torch.device) -> Iterator[Tensor]:
    pinned = device.type == "cuda"  # elsewhere a copy waits in any case
    while True:
        index = torch.randint(len(rows), (batch_size,))
        # A new buffer for each batch: PyTorch reuses pinned memory once its copy has arrived.
        batch = torch.empty(batch_size, *rows.shape[1:], dtype=rows.dtype, pin_memory=pinned)
        torch.index_select(rows, 0, index, out=batch)
        _refuse_non_finite(batch)
        yield batch.to(device, non_blocking=True)


def _checked(rows: Tensor) -> Tensor:
    if rows.ndim == 0 or rows.shape[0] == 0:
        raise ValueError(f"source has shape {tuple(rows.shape)}; it must hold at least one row.")
    if not rows.is_floating_point():
        raise TypeError(
            f"source has dtype {rows.dtype}; it must be floating point. Images of 0 to 255 become "
            f"x.float() / 127.5 - 1."
        )
    return rows.detach()


def _refuse_non_finite(rows: Tensor) -> None:
    if rows.device.type != "meta" and not bool(torch.isfinite(rows).all()):
        raise ValueError("source holds NaN or infinite values; every value must be finite.")

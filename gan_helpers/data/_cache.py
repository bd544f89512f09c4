"""Keep parsed pixels on disk, so that the slow parsing is done once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gan_helpers.runtime import cache_dir, whole_file

Pixels = tuple[NDArray[np.uint8], NDArray[np.uint8]]  # images (N, H, W) and labels (N,)


def cached(name: str, shape: tuple[int, int, int], build: Callable[[], Pixels]) -> Pixels:
    """Return the pixels from the cache folder, or build them and try to keep them there.

    A file that is missing, damaged or of another shape is built anew. A folder that cannot be
    written costs the next call its time, and nothing else.

    Args:
        name: file name without its ending.
        shape: (N, H, W) that the images must have.
        build: makes the images (N, H, W) and labels (N,), both uint8.
    """
    path = cache_dir() / f"{name}.npz"
    found = _read(path, shape)
    if found is not None:
        return found
    pixels = build()
    if not _fits(pixels, shape):
        raise RuntimeError(
            f"{name} has images {pixels[0].dtype} {pixels[0].shape} and labels {pixels[1].shape}; "
            f"expected were uint8 {shape} and ({shape[0]},). The source has changed."
        )
    with suppress(OSError):  # a read-only folder or a full disk
        _write(path, pixels)
    return pixels


def _read(path: Path, shape: tuple[int, int, int]) -> Pixels | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            pixels = arrays["images"], arrays["labels"]
    except Exception:  # numpy and zipfile raise half a dozen kinds for a damaged file
        return None
    return pixels if _fits(pixels, shape) else None


def _write(path: Path, pixels: Pixels) -> None:
    with whole_file(path) as file:
        np.savez(file, images=pixels[0], labels=pixels[1])


def _fits(pixels: Pixels, shape: tuple[int, int, int]) -> bool:
    images, labels = pixels
    kinds = images.dtype == np.uint8 and labels.dtype == np.uint8
    return bool(kinds and images.shape == shape and labels.shape == shape[:1])

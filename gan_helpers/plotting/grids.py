"""Pictures of images: a grid, a walk between two points, generated beside real, class counts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from gan_helpers.plotting.lettering import legend_above
from gan_helpers.plotting.picture import FAKE, INK, REFERENCE, Picture, canvas
from gan_helpers.plotting.tiles import array, tile

Images = Tensor | np.ndarray


def grid(
    images: Images,
    title: str,
    *,
    columns: int | None = None,
    alt: str | None = None,
    ax: Axes | None = None,
) -> Picture:
    """Show images as one grid.

    Args:
        images: shape (N, C, H, W) in [-1, 1], C = 1 or 3.
        title: the finding.
        columns: images in a row; about twice as many as rows if ``None``.
        alt: description.
        ax: axes to draw into instead of a picture of its own.

    Returns:
        The picture that was drawn into.

    Raises:
        ValueError: no images, or another shape.
    """
    sheet = tile(images, math.ceil(math.sqrt(2 * len(images))) if columns is None else columns)
    return _show(sheet, title, alt or f"{title}. A grid of {len(images)} images.", ax)


def walk(
    images: Images,
    t: Sequence[float] | np.ndarray,
    title: str,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
) -> Picture:
    """Show images along a path through the latent space, each with its position ``t``.

    Args:
        images: shape (N, C, H, W) in [-1, 1].
        t: shape (N,), 0 at the start of the path and 1 at its end.
        title: the finding.
        alt: description.
        ax: axes to draw into instead of a picture of its own.

    Returns:
        The picture that was drawn into.

    Raises:
        ValueError: ``t`` and ``images`` differ in length.
    """
    if len(t) != len(images):
        raise ValueError(f"t has length {len(t)}, images {len(images)}; give one t an image")
    alt = alt or f"{title}. {len(images)} images on a path from one latent point to another."
    picture = _show(tile(images, len(images)), title, alt, ax, 0.9)
    labels = [f"{value:.2f}" for value in t]
    _label_columns(picture.axes[-1] if ax is None else ax, images, labels, "t")
    return picture


def nearest(
    generated: Images,
    training: Images,
    distances: Sequence[float] | np.ndarray,
    title: str,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
) -> Picture:
    """Show generated images above the training images nearest to them, with their distances.

    Args:
        generated: shape (N, C, H, W) in [-1, 1].
        training: the nearest training image of each, same shape.
        distances: shape (N,), Euclidean over all pixels.
        title: the finding.
        alt: description; written from the data if ``None``.
        ax: axes to draw into instead of a picture of its own.

    Returns:
        The picture that was drawn into.

    Raises:
        ValueError: lengths or shapes differ.
    """
    top, bottom, apart = array(generated), array(training), np.ravel(array(np.asarray(distances)))
    if top.shape != bottom.shape or len(apart) != len(top):
        raise ValueError(
            f"generated is {top.shape}, training {bottom.shape}, distances {apart.shape}; "
            "give one training image and one distance for each generated image"
        )
    alt = alt or (
        f"{title}. {len(top)} generated images, below each its nearest training image; distances "
        f"{apart.min():.2f} to {apart.max():.2f}."
    )
    picture = _show(tile(np.concatenate([top, bottom]), len(top)), title, alt, ax, 0.9)
    ax = picture.axes[-1] if ax is None else ax
    height = top.shape[2] + 2
    ax.set_yticks([height / 2 - 1, 1.5 * height - 1], ["generated", "nearest real"], fontsize=9)
    _label_columns(ax, top, [f"{value:.1f}" for value in apart], "distance in pixels' values")
    return picture


def classes(
    counts: Sequence[int] | np.ndarray,
    title: str,
    *,
    names: Sequence[str] | None = None,
    alt: str | None = None,
    ax: Axes | None = None,
) -> Picture:
    """Plot how many generated samples fall into each class, with a line at equal shares.

    Args:
        counts: shape (K,), >= 0; missing classes count 0.
        title: the finding.
        names: names of the classes; their numbers if ``None``.
        alt: description; written from the data if ``None``.
        ax: axes to draw into instead of a picture of its own.

    Returns:
        The picture that was drawn into.
    """
    return _bars(counts, None, title, names, "class", alt, ax)


def modes(
    counts: Sequence[int] | np.ndarray,
    title: str,
    *,
    expected: Sequence[float] | np.ndarray | None = None,
    alt: str | None = None,
    ax: Axes | None = None,
) -> Picture:
    """Plot how many samples each mode of a mixture caught, with what a perfect generator gives.

    Args:
        counts: shape (K,), high-quality samples nearest to each mode, >= 0.
        title: the finding.
        expected: shape (K,), the counts of a perfect generator; equal shares if ``None``.
        alt: description; written from the data if ``None``.
        ax: axes to draw into instead of a picture of its own.

    Returns:
        The picture that was drawn into.
    """
    return _bars(counts, expected, title, None, "mode", alt, ax)


def _bars(
    counts: Sequence[int] | np.ndarray,
    expected: Sequence[float] | np.ndarray | None,
    title: str,
    names: Sequence[str] | None,
    what: str,
    alt: str | None,
    ax: Axes | None,
) -> Picture:
    n = np.asarray(counts, dtype=float)
    if n.ndim != 1 or len(n) == 0 or (n < 0).any():
        raise ValueError(f"counts is {counts!r}; it must be (K,) numbers >= 0")
    labels = [str(i) for i in range(len(n))] if names is None else list(names)
    if len(labels) != len(n):
        raise ValueError(f"{len(labels)} names for {len(n)} counts; give one a class")
    wanted = np.full(len(n), n.mean()) if expected is None else np.asarray(expected, dtype=float)
    empty = [label for label, value in zip(labels, n, strict=True) if value == 0]
    picture, ax = canvas(
        title,
        alt
        or f"{title}. Bars: {int((n > 0).sum())} of {len(n)} {what}es have samples"
        f"{', none in ' + ', '.join(empty) if empty else ''}.".replace("modees", "modes"),
        ax,
    )
    x = np.arange(len(n))
    ax.bar(x, n, color=FAKE.colour, width=0.7, label="generated")
    ax.step(
        np.append(x, len(n)) - 0.5, np.append(wanted, wanted[-1]), where="post",
        label="expected" if expected is not None else "equal shares", **REFERENCE.curve(1.6),
    )  # fmt: skip
    if empty:
        ax.plot(
            x[n == 0], np.zeros(len(empty)), label="none", color=INK, marker="X", markersize=8,
            linestyle="none", clip_on=False,
        )  # fmt: skip
    ax.set_xticks(x, labels, rotation=45 if max(map(len, labels)) > 4 else 0)
    ax.set(xlabel=what, ylabel="generated samples")
    ax.grid(False, axis="x")
    legend_above(ax)
    return picture


def _show(sheet: np.ndarray, title: str, alt: str, ax: Axes | None, room: float = 0.5) -> Picture:
    height, width = sheet.shape[:2]
    picture, ax = canvas(title, alt, ax, (6.0, 6.0 * height / width + room))  # inches of text
    ax.imshow(sheet, interpolation="nearest")
    ax.grid(False)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return picture


def _label_columns(ax: Axes, images: Images, labels: list[str], name: str) -> None:
    width = images.shape[3] + 2
    ax.set_xticks(np.arange(len(images)) * width + width / 2 - 1, labels, fontsize=9)
    ax.set_xlabel(name, color=INK)
    ax.tick_params(length=0)

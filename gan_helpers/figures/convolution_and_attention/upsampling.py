"""How a map grows: the matrix of a convolution, and how many terms each new pixel has."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from gan_helpers.figures._shared import Array
from gan_helpers.plotting import Picture, panels
from gan_helpers.runtime import integer

METHODS = ("transposed convolution", "resize, then convolve")
INPUT = 5  # pixels along the map that grows


def overlaps(inputs: int, kernel: int, stride: int) -> Array:
    """Count how many input pixels reach each output pixel of a transposed convolution.

    Input pixel i is written, times the kernel, to the outputs i s to i s + k - 1. In two dimensions
    the counts are those of rows times those of columns.

    Args:
        inputs: pixels along the input, at least 1.
        kernel: k, at least 1.
        stride: s, at least 1.

    Returns:
        Shape ((inputs - 1) s + k,): all places, nothing cropped.

    Raises:
        ValueError: a number that is no integer >= 1.

    Source: https://distill.pub/2016/deconv-checkerboard (Odena, Dumoulin, Olah 2016).
    """
    inputs, kernel = integer("inputs", inputs, 1), integer("kernel", kernel, 1)
    stride = integer("stride", stride, 1)
    counts = np.zeros((inputs - 1) * stride + kernel)
    for i in range(inputs):
        counts[i * stride : i * stride + kernel] += 1
    return counts


def grown(kernel: int, stride: int, method: str, seed: int = 0) -> tuple[Array, Array]:
    """Grow a constant map of 5x5 ones: the counts of terms, and the result with a random kernel.

    Args:
        kernel: along each side, at least 1.
        stride: by which the map grows, at least 1.
        method: one of METHODS; resizing repeats each pixel ``stride`` times along each side.
        seed: of the kernel, with weights drawn from N(0, 1).

    Returns:
        Two arrays (n, n).

    Raises:
        ValueError: another method.
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; choose one of {', '.join(METHODS)}")
    ones = torch.ones(1, 1, INPUT, INPUT)
    own = torch.Generator().manual_seed(seed)
    weights = torch.ones(kernel, kernel), torch.randn(kernel, kernel, generator=own)
    made = []
    for weight in weights:
        if method == METHODS[0]:
            out = nn.functional.conv_transpose2d(ones, weight[None, None], stride=stride)
        else:
            large = ones.repeat_interleave(stride, 2).repeat_interleave(stride, 3)
            out = nn.functional.conv2d(large, weight[None, None], padding=kernel - 1)
        made.append(out[0, 0].double().numpy())
    return made[0], made[1]


def play_growth(
    kernel: int = 3, stride: int = 2, method: str = METHODS[0], seed: int = 0
) -> Picture:
    """Draw how often each output pixel is touched, and what a random kernel makes of a grey map.

    Args:
        kernel: along each side, at least 1.
        stride: by which the map grows, at least 1.
        method: one of METHODS.
        seed: of the random kernel.

    Returns:
        Two panels; the title says whether all pixels inside have as many terms.
    """
    counts, result = grown(kernel, stride, method, seed)
    edge = min(kernel - 1, (len(counts) - 1) // 2)
    inside = counts[edge : len(counts) - edge, edge : len(counts) - edge]
    said = "as many terms everywhere inside" if np.ptp(inside) == 0 else "a checkerboard of terms"
    name = f"{method}, kernel {kernel}, stride {stride}"
    picture, (left, right) = panels(f"{name}:\n{said}", columns=2, size=(6.2, 3.3))
    shown = left.imshow(counts, cmap="cividis", vmin=0, vmax=max(counts.max(), 2))
    for (row, column), n in np.ndenumerate(counts):
        if len(counts) <= 15:
            dark = n < 0.55 * max(counts.max(), 2)
            left.text(
                column, row, f"{n:.0f}", ha="center", va="center", fontsize=8.5,
                color="white" if dark else "black",
            )  # fmt: skip
    bar = picture.colorbar(shown, ax=left, shrink=0.75, pad=0.03)
    bar.ax.tick_params(labelsize=8.5)
    left.set_title("terms in each output pixel", fontsize=10)
    reach = max(abs(result).max(), 1e-9)
    shown = right.imshow(result, cmap="RdBu", vmin=-reach, vmax=reach)
    bar = picture.colorbar(shown, ax=right, shrink=0.75, pad=0.03)
    bar.ax.tick_params(labelsize=8.5)
    right.set_title("a grey map, a random kernel", fontsize=10)
    for ax in (left, right):
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
    return picture


def matrix_picture(matrix: Array, title: str) -> Picture:
    """Draw the matrix of a convolution beside its transpose, with the numbers in it.

    Args:
        matrix: C, shape (outputs, inputs), of a convolution with few pixels.
        title: the finding.

    Returns:
        Two panels.
    """
    picture, axes = panels(title, columns=2, size=(6.0, 3.1), width_ratios=[1.6, 1])
    for ax, values, name in zip(
        axes,
        (matrix, matrix.T),
        ("convolution: 7 pixels to 3", "transposed: 3 pixels to 7"),
        strict=True,
    ):
        ax.imshow(np.where(values == 0, np.nan, values), cmap="YlGn", vmin=0, vmax=4)
        for (row, column), value in np.ndenumerate(values):
            ink = "#b0b0b0" if value == 0 else "black"
            ax.text(column, row, f"{value:g}", ha="center", va="center", fontsize=10, color=ink)
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        ax.set_title(name, fontsize=10)
    return picture

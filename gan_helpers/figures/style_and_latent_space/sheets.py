"""Rows of images with a name for each row and each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from gan_helpers.plotting import Picture, figure, tile

WIDTH = 6.0  # inches of design, as for every picture


def sheet_picture(
    rows: Mapping[str, Tensor], columns: Sequence[str], title: str, across: str = ""
) -> Picture:
    """Draw rows of images, all of one length, with names on the left and below.

    Args:
        rows: name -> images (n, C, H, W) in [-1, 1].
        columns: n names, or none.
        title: the finding.
        across: what the columns' names mean.

    Returns:
        One sheet of images.

    Raises:
        ValueError: rows of different lengths, or names for another number of columns.
    """
    lengths = {len(images) for images in rows.values()}
    if len(lengths) != 1 or len(columns) not in (0, *lengths):
        raise ValueError(
            f"the rows hold {[len(images) for images in rows.values()]} images and there are "
            f"{len(columns)} names; give rows of one length, and a name for each column or none"
        )
    count = lengths.pop()
    sheet = tile(torch.cat([images.cpu() for images in rows.values()]), count)
    high, wide = sheet.shape[:2]
    room = 0.6 + 0.25 * (bool(columns) + title.count("\n"))  # for words
    picture, ax = figure(title, size=(WIDTH, min(0.85 * WIDTH * high / wide + room, 5.6)))
    ax.imshow(sheet, interpolation="nearest")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, labelsize=9)
    side_y, side_x = (high + 2) / len(rows), (wide + 2) / count
    ax.set_yticks((np.arange(len(rows)) + 0.5) * side_y - 1.5, [*rows])
    marks = (np.arange(len(columns)) + 0.5) * side_x - 1.5
    ax.set_xticks(marks, [*columns])
    ax.set_xlabel(across, fontsize=9.5)
    return picture


def mixing_picture(coarse: Tensor, fine: Tensor, mixed: Tensor, title: str) -> Picture:
    """Draw a table of mixtures: the row gives the early layers' style, the column the late ones'.

    Args:
        coarse: images (r, C, H, W) of the rows, in [-1, 1].
        fine: images (c, C, H, W) of the columns.
        mixed: images (r, c, C, H, W).
        title: the finding.

    Returns:
        A sheet of (r + 1) x (c + 1) images; the corner is empty.
    """
    paper = torch.ones_like(coarse[:1]).cpu()
    rows = {"late layers from": torch.cat([paper, fine.cpu()])}
    for i, (image, row) in enumerate(zip(coarse.cpu(), mixed.cpu(), strict=True)):
        rows["early layers from" if i == 0 else " " * (i + 1)] = torch.cat([image[None], row])
    return sheet_picture(rows, [], title)

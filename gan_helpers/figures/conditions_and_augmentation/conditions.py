"""Pictures of what a discriminator makes of a class that it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from gan_helpers.plotting import SERIES, Picture, figure, panels, tile

CLASSES = (SERIES[0], SERIES[4])


def score_lines_picture(x: ArrayLike, scores: Mapping[str, ArrayLike], title: str) -> Picture:
    """Draw what two discriminators on a line say, for each of two classes.

    Args:
        x: where, (n,).
        scores: name of a discriminator -> its raw scores for class 0 and 1, (2, n); two of them.
        title: the finding.

    Returns:
        A panel for each discriminator; the lines are named where they end.
    """
    picture, axes = panels(title, columns=2, size=(6.2, 3.1), sharey=True)
    where = np.asarray(x, dtype=float)
    reach = 1.1 * max(float(np.abs(np.asarray(each)).max()) for each in scores.values())
    for ax, (name, both) in zip(axes, scores.items(), strict=True):
        ax.axhline(0, color="black", linewidth=0.8)
        for label, (line, style) in enumerate(zip(np.asarray(both), CLASSES, strict=True)):
            ax.plot(where, line, label=f"class {label}", **style.curve(2.2))
            ax.plot(where[::8], line[::8], **style.points(5, zorder=3))
        ax.set_title(name, fontsize=9.5, loc="left")
        ax.set(xlabel="sample x", ylim=(-reach, reach))
    axes[0].set_ylabel("raw score (real above 0)")
    handles = axes[0].get_legend_handles_labels()
    picture.legend(*handles, loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    return picture


def columns_picture(images: Tensor, names: Sequence[str], title: str) -> Picture:
    """Show images in columns, one for each class.

    Args:
        images: (rows * classes, C, H, W) in [-1, 1], row by row.
        names: of the classes.
        title: the finding.

    Returns:
        One sheet with the names below it.
    """
    sheet = tile(images, len(names))
    height, width = sheet.shape[:2]
    picture, ax = figure(title, size=(6.0, 6.0 * height / width + 0.68))
    ax.imshow(sheet, interpolation="nearest")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    step = (width + 2) / len(names)
    ax.set_xticks([step * (k + 0.5) - 1 for k in range(len(names))], [*names], fontsize=8.6)
    ax.set(yticks=[], xlabel="the class that was asked for")
    ax.tick_params(length=0)
    return picture

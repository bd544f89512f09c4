"""Dissection: where in the image it is seen that a channel of a layer was switched off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gan_helpers.plotting import Picture, figure, panels, tile


def maps_picture(changes: Tensor, names: Sequence[str], title: str, columns: int = 8) -> Picture:
    """Draw where each channel adds ink (dark red) and where it takes ink away (blue).

    Args:
        changes: (K, 1, H, W): pictures before minus after each channel was switched off, averaged.
        names: K short names.
        title: the finding.
        columns: maps in a row.

    Returns:
        K maps on one scale, with a colour bar.
    """
    rows = -(-len(changes) // columns)
    picture, axes = panels(title, rows=rows, columns=columns, size=(6.2, 0.78 * rows + 0.8))
    reach = float(changes.abs().max()) or 1.0
    for ax in axes:
        ax.axis("off")
    for ax, change, name in zip(axes, changes.cpu().numpy(), names, strict=False):
        shown = ax.imshow(change[0], cmap="RdBu_r", vmin=-reach, vmax=reach)
        ax.set_title(name, fontsize=8.6, pad=2)
    bar = picture.colorbar(shown, ax=list(axes), shrink=0.8, pad=0.02, format="%.2g")
    bar.ax.tick_params(labelsize=8.6)
    bar.set_label("ink added", fontsize=9)
    return picture


def switched_picture(before: Tensor, after: Tensor, title: str) -> Picture:
    """Draw images, the same ones with a channel changed, and the difference.

    Args:
        before: (n, 1, H, W) in [-1, 1].
        after: the same images with the channel changed.
        title: what was done and what it measured.

    Returns:
        Three rows.
    """
    sheet = tile(torch.cat([before, after, ((after - before) / 2).clamp(-1, 1)]).cpu(), len(before))
    high, wide = sheet.shape[:2]
    picture, ax = figure(title, size=(6.0, 0.85 * 6 * high / wide + 0.6))
    ax.imshow(sheet, interpolation="nearest")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, labelsize=9)
    ax.set_xticks([])
    ax.set_yticks(
        (np.arange(3) + 0.5) * (high + 2) / 3 - 1.5, ["as it is", "changed", "difference"]
    )
    return picture

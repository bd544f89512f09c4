"""Shade the plane straight into the pixels of a figure: five times faster than an image artist."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes

# RdBu, 40 % paper: points stay visible on it
COLOURS = (colormaps["RdBu"](np.arange(256))[:, :3] * 255 * 0.6 + 255 * 0.4).round()
EDGE = 40  # grey level of the decision line


def box(ax: Axes, pixels: np.ndarray) -> tuple[int, int, int, int]:
    """Return left, top, width and height of the axes in pixels, counted from the top left."""
    area = ax.get_window_extent()
    left, right = round(area.x0), round(area.x1)
    top, bottom = round(len(pixels) - area.y1), round(len(pixels) - area.y0)
    return left, top, right - left, bottom - top


def shade(
    ax: Axes, pixels: np.ndarray, heat: np.ndarray, level: float, low: float, high: float,
    thick: int = 1,
) -> None:  # fmt: skip
    """Fill the axes with a heat map and mark where it crosses a level.

    Args:
        ax: axes over whose whole area the heat map goes.
        pixels: the figure's pixels (H, W, 3 or 4), uint8; changed.
        heat: values (rows, columns), the lowest row first.
        level: where the line is.
        low: value of the reddest shade.
        high: value of the bluest shade, > ``low``.
        thick: width of the line in pixels, 1 or 2.
    """
    from PIL import Image

    left, top, width, height = box(ax, pixels)
    smooth = Image.fromarray(heat[::-1].astype(np.float32))
    values = np.asarray(smooth.resize((width, height), Image.Resampling.BILINEAR))
    shades = np.clip((values - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    area = COLOURS.astype(np.uint8)[shades]  # (height, width, 3)
    above = values > level
    edge = np.zeros_like(above)
    edge[:, 1:] |= above[:, 1:] != above[:, :-1]
    edge[1:] |= above[1:] != above[:-1]
    if thick > 1:
        edge[:, :-1] |= edge[:, 1:]
        edge[:-1] |= edge[1:]
    area[edge] = EDGE
    pixels[top : top + height, left : left + width, :3] = area

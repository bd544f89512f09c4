"""Where a place looks: the attention map of a chosen pixel, over the image that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.patches import Rectangle
from torch import Tensor

from gan_helpers.plotting import Picture, panels
from gan_helpers.plotting.tiles import to_bytes

MARK = "#E69F00"


def look(
    images: Mapping[str, Tensor],
    maps: Mapping[str, Tensor],
    player: str = "generator",
    sample: int = 0,
    row: int = 14,
    column: int = 14,
) -> Picture:
    """Draw an image with a chosen pixel, and the weights with which its place looks at all others.

    Args:
        images: name of a player -> images (n, C, H, W) in [-1, 1].
        maps: the same names -> attention (n, h w, h w), of a map h = H / f, w = W / f.
        player: which of them.
        sample: which image, 0 to n - 1.
        row: of the pixel, 0 to H - 1 from the top.
        column: of the pixel, 0 to W - 1 from the left.

    Returns:
        The image and, beside it, the map: each weight times the number of places, so that 1 is
        what an even gaze gives to each of them.

    Raises:
        ValueError: a pixel that is not in the image, or a map that is no image of this shape.
    """
    image, beta = images[player][sample], maps[player][sample]  # (C, H, W), (h w, h w)
    height, width = image.shape[1:]
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(f"the pixel is ({row}, {column}); the image has {height} x {width}")
    factor = round((height * width / len(beta)) ** 0.5)
    h, w = height // factor, width // factor
    if h * w != len(beta):
        raise ValueError(f"the map has {len(beta)} places, which no division of the image gives")
    place = (row // factor) * w + column // factor
    gaze = (beta[place].float().cpu().numpy() * h * w).reshape(h, w)
    top = float(gaze.max())
    picture, (left, right) = panels(
        f"{player}: the gaze of pixel ({row}, {column}); at most {top:.1f} times even",
        columns=2, size=(6.2, 3.4), width_ratios=[1, 1.18],
    )  # fmt: skip
    left.imshow(to_bytes(image[None].cpu())[0], interpolation="nearest")
    left.set_title("the image, and the pixel that looks", fontsize=10)
    shown = right.imshow(gaze, cmap="magma", vmin=0, interpolation="nearest", vmax=max(top, 2))
    bar = picture.colorbar(shown, ax=right, shrink=0.8, pad=0.03)
    bar.ax.tick_params(labelsize=8.5)
    right.set_title("where it looks (1 = evenly)", fontsize=10)
    for ax, scale in ((left, 1), (right, factor)):
        corner = (column // scale - 0.5, row // scale - 0.5)
        ax.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=MARK, linewidth=2.5))
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
    picture.alt = (
        f"Left: an image of the {player}'s, pixel ({row}, {column}) framed. Right: the {h} x {w} "
        f"weights with which that place looks at all places; the largest is {top:.1f} times the "
        f"mean and lies at row {int(np.argmax(gaze)) // w}, column {int(np.argmax(gaze)) % w}."
    )
    return picture

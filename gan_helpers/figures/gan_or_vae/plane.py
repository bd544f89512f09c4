"""A plane of two latent numbers: where the digits lie in it, and what both decoders make there."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers.plotting import Picture, panels
from gan_helpers.plotting.picture import INK
from gan_helpers.plotting.tiles import tile
from gan_helpers.widgets.copies import ask

REACH = 3.0  # the plane is drawn from -REACH to REACH


def codes_picture(
    z: tuple[float, float],
    decoders: Mapping[str, Module],
    codes: Tensor,
    labels: Tensor,
    title: str = "",
) -> Picture:
    """Draw where an encoder puts real digits, a cross at z, and what each decoder makes of z.

    Args:
        z: the two latent numbers.
        decoders: name -> decoder in eval mode, called with (1, 2); two of them.
        codes: means of q(z | x) of real digits, (n, 2).
        labels: their classes, (n,).
        title: the finding; if empty, the place.

    Returns:
        The plane, and an image for each decoder.
    """
    title = title or f"z = ({z[0]:.1f}, {z[1]:.1f})"
    picture, (plane, *views) = panels(title, columns=3, size=(6.2, 2.9), width_ratios=(1.25, 1, 1))
    shown = codes.cpu()
    for digit in range(10):
        points = shown[labels == digit][:60]
        plane.plot(*points.T, linestyle="none", marker=f"${digit}$", markersize=7, alpha=0.8)
    plane.plot([z[0]], [z[1]], color=INK, marker="+", markersize=18, markeredgewidth=2.6)
    plane.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
    plane.set(xlabel="$z_1$", ylabel="$z_2$")
    for ax, (name, decoder) in zip(views, decoders.items(), strict=True):
        at = torch.tensor([z], device=next(decoder.parameters()).device)
        ax.imshow(tile(ask(decoder, at)), interpolation="nearest")
        ax.set_title(name, fontsize=9.5)
        ax.axis("off")
    return picture

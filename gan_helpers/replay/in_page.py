"""A generator that runs in the page: latent sliders that need no kernel."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_helpers.networks import MLPGenerator
from gan_helpers.networks.paths import spherical_path
from gan_helpers.plotting.points import limits_around
from gan_helpers.plotting.tiles import array, encode_small, own_generator
from gan_helpers.replay.folded import TOLERANCE, fold, forward, layer_data, rounded
from gan_helpers.replay.page import Page, make_page, packed
from gan_helpers.replay.tracks import bins, line, plane, quantised
from gan_helpers.runtime import integer
from gan_helpers.widgets.directions import principal_directions
from gan_helpers.widgets.scenes import STRIP, as_data, make_scene

STOCK = 60  # latent points that Shuffle and New path go through
CROWD = 400  # generated points in the background
REPAIR = "give the generator narrower layers: some 400,000 weights fit"


def page_explorer(
    generator: MLPGenerator,
    data: Any = None,
    *,
    latent_distribution: Callable[..., Tensor] = torch.randn,
    directions: str = "principal",
    sliders: int = 4,
    title: str = "",
    seed: int = 0,
) -> Page:
    """Move through a generator's latent space in a page that computes its samples itself.

    The weights, BatchNorm's running averages folded in, are embedded with 24 bits each, and the
    page computes in double precision: samples differ from PyTorch's by less than 1e-4, which is
    checked. There are sliders along latent directions, Shuffle, and a path between two latent
    points.

    Args:
        generator: its present weights, in eval mode; it is not changed. Samples have shape (1,),
            (2,) or (1 or 3, H, W).
        data: real samples to compare points with: a distribution or a tensor; not used for images.
        latent_distribution: draws z, as in ``GAN``.
        directions: ``"principal"``: those along which the output changes most; ``"axes"``: the
            first coordinates of z.
        sliders: how many directions, >= 1.
        title: a line above the controls.
        seed: of the latent points, which come from a random generator of their own.

    Returns:
        The page; make it the last expression of a cell.

    Raises:
        TypeError: the generator is not an ``MLPGenerator``.
        ValueError: an argument out of range, samples of which there is no picture, or a page of
            more than 1.5 MB.
    """
    if directions not in ("principal", "axes"):
        raise ValueError(f"directions is {directions!r}; choose 'principal' or 'axes'")
    sliders = integer("sliders", sliders, 1)
    layers = fold(generator)
    net = copy.deepcopy(generator).eval().cpu()
    own, width = own_generator(seed), net.latent_dim
    count = min(sliders, width)
    rows = (
        principal_directions(net, width, count, seed=seed)
        if directions == "principal"
        else torch.eye(width)[:count]
    )  # orthonormal, (count, latent_dim)
    stock = latent_distribution(STOCK, width, generator=own, device="cpu")
    crowd = latent_distribution(CROWD, width, generator=own, device="cpu")
    with torch.no_grad():
        made = net(crowd)  # (CROWD, *out_shape)
    real = None if len(net.out_shape) == 3 else as_data(data)
    scene = make_scene(made[:1], made, real)
    path = spherical_path(stock[0], stock[1], torch.linspace(0, 1, STRIP))
    with torch.no_grad():
        first, way = net(stock[:1]), net(path)
    png = encode_small(scene.draw(first, way, None, made))
    error = float(np.abs(forward(rounded(layers), array(crowd)) - array(made.flatten(1))).max())
    if not error <= TOLERANCE:
        raise ValueError(
            f"the page would differ from PyTorch by {error:.1e}, {TOLERANCE:.0e} is allowed; "
            "samples that large come of a generator that has diverged: train it anew"
        )
    name = "direction {}" if directions == "principal" else "z[{}]"
    start = 1 if directions == "principal" else 0
    page = {
        "title": title,
        "alt": scene.describe(),
        "layers": layer_data(layers),
        "latent": width,
        "stock": packed(array(stock).astype(np.float32)),
        "directions": packed(array(rows).astype(np.float32)),
        "names": [name.format(i + start) for i in range(count)],
        "reach": (crowd @ rows.T).abs().max().clamp(max=3).item(),
        "scene": _scene(net.out_shape, array(made), None if real is None else array(real)),
    }
    return make_page(
        ["draw.js", "explorer.js"], page, png, scene.describe(), scene.smallest_text, REPAIR
    )


def _scene(shape: tuple[int, ...], fake: np.ndarray, real: np.ndarray | None) -> dict[str, Any]:
    """Return what the page draws a sample with; without real samples, generated ones take part."""
    if len(shape) == 3:
        return {"kind": "images", "shape": list(shape), "strip": STRIP}
    around = (fake if real is None else real)[:CROWD]
    shown: dict[str, Any] = {"hasReal": real is not None}
    if shape == (1,):
        return {"kind": "line"} | shown | line(around.ravel(), bins(around))
    limits = limits_around(around)
    places = packed(quantised(fake, limits))
    return {"kind": "points", "fake": places} | shown | plane(around, limits)

"""What a recording keeps of the samples at a moment, and how it hands that to the page."""

from __future__ import annotations

import base64
import io
from typing import Any, Protocol

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex

from gan_helpers.objectives import Objective
from gan_helpers.plotting.decisions import decision_level, lattice, shades
from gan_helpers.plotting.picture import FAKE, REAL
from gan_helpers.plotting.points import histogram, limits_around, thinned
from gan_helpers.plotting.tiles import tile
from gan_helpers.replay.curves import style_data, ticks
from gan_helpers.replay.page import packed
from gan_helpers.widgets.copies import Copies
from gan_helpers.widgets.views import surface_title

SIDE = 37  # points along a side of the surface
SHADES = 2047  # each side of the decision level
BEYOND = 1.5  # points are kept up to so many half widths from the middle
PLACES = 4095  # there, each side of the middle: ten to a pixel
BINS = 50
QUALITIES = (85, 70, 55, 40, 25, 15, 10, 5)  # of the images, until they fit
Look = dict[str, np.ndarray]


class Track(Protocol):
    """One view of the samples over time."""

    def look(self, copies: Copies) -> Look:
        """Return what is to be kept of the present samples."""

    def page(self, looks: list[Look], room: int) -> dict[str, Any]:
        """Return all of it for the page, in about ``room`` bytes where there is a choice."""


class PointsTrack:
    """Generated points in the plane over the real ones, shape (M, 2)."""

    def __init__(self, real: np.ndarray) -> None:
        self.real = real
        self.limits = limits_around(real)

    def look(self, copies: Copies) -> Look:
        """Keep the generated points."""
        return {"fake": quantised(copies.samples(), self.limits)}

    def page(self, looks: list[Look], room: int) -> dict[str, Any]:
        """Return both kinds of points and the axes."""
        fake = np.stack([look["fake"] for look in looks])  # (moments, n, 2)
        return {"kind": "points", "title": "samples", "fake": packed(fake, frames=True)} | plane(
            self.real, self.limits
        )


class SurfaceTrack:
    """The discriminator over the plane, under generated and real points.

    Args:
        real: shape (M, 2).
        objective: says what the surface shows and where its line is.
    """

    def __init__(self, real: np.ndarray, objective: Objective) -> None:
        self.points, self.objective = PointsTrack(real), objective
        self.lattice = lattice(self.points.limits, SIDE).astype(np.float32)

    def look(self, copies: Copies) -> Look:
        """Keep the points and the shade of the plane: 0 at the decision level, ends at +-SHADES."""
        real, fake = self.points.real, copies.samples()
        level = decision_level(self.objective, copies.scores(real), copies.scores(fake))
        heat, level, low, high, _ = shades(self.objective, copies.scores(self.lattice), level)
        reach = np.where(heat < level, level - low, high - level)  # the sides may differ
        shade = np.clip((heat - level) / np.maximum(reach, 1e-9), -1, 1)
        return {
            "fake": quantised(fake, self.points.limits),
            "heat": np.rint(shade * SHADES).astype(np.int16),
            "ends": np.array([low, level, high], dtype=np.float32),
        }

    def page(self, looks: list[Look], room: int) -> dict[str, Any]:
        """Return the points, the axes, the surfaces and their colours."""
        heat = np.stack([look["heat"] for look in looks])  # (moments, SIDE^2), bottom row first
        return self.points.page(looks, room) | {
            "kind": "surface",
            "title": surface_title(self.objective),
            "side": SIDE,
            "heat": packed(heat, frames=True),
            "ends": packed(np.stack([look["ends"] for look in looks])),  # and the middle
            "shades": SHADES,
            "colours": [to_hex(colormaps["RdBu"](i / 16)) for i in range(17)],
        }


class LineTrack:
    """Generated samples on a line as a histogram over the real ones, shape (M, 1)."""

    def __init__(self, real: np.ndarray) -> None:
        self.real, self.edges = real.ravel(), bins(real)

    def look(self, copies: Copies) -> Look:
        """Keep the heights of the generated histogram."""
        return {"fake": histogram(copies.samples().ravel(), self.edges).astype(np.float32)}

    def page(self, looks: list[Look], room: int) -> dict[str, Any]:
        """Return both histograms and the axes."""
        fake = np.stack([look["fake"] for look in looks])  # (moments, BINS)
        return {"kind": "line", "title": "density", "fake": packed(fake)} | line(
            self.real, self.edges
        )


class ImagesTrack:
    """Generated images from the same latent points at every moment, as one sheet each."""

    def look(self, copies: Copies) -> Look:
        """Keep the sheet."""
        return {"sheet": tile(copies.samples())}

    def page(self, looks: list[Look], room: int) -> dict[str, Any]:
        """Return the sheets, as good as they can be within ``room``."""
        sheets = [look["sheet"] for look in looks]
        height, width, _ = sheets[0].shape
        return {
            "kind": "images",
            "title": "samples (same z at every moment)",
            "size": [width, height],
            "sheets": compressed(sheets, room),
        }


def compressed(sheets: list[np.ndarray], room: int) -> list[str]:
    """Return pictures (H, W, 3) as data URIs, in the best quality that takes ``room`` bytes.

    Every sixth picture decides. At the lowest quality they may take more than ``room``.
    """
    some = sheets[::6]
    for quality in QUALITIES:
        size = sum(len(_webp(sheet, quality)) for sheet in some) / len(some) * len(sheets)
        if size * 4 / 3 <= room:
            break
    return [_uri(_webp(sheet, quality)) for sheet in sheets]


def plane(real: np.ndarray, limits: tuple[float, float, float, float]) -> dict[str, Any]:
    """Return real points (M, 2), styles and axes of a picture of the plane for the page."""
    return {
        "real": packed(quantised(thinned(real, limits, 36), limits)),
        "edge": PLACES / BEYOND,
        "limits": list(limits),
        "ticks": [ticks(limits[0], limits[1], 4), ticks(limits[2], limits[3], 4)],
        "styles": {"real": style_data(REAL), "generated": style_data(FAKE)},
    }


def bins(real: np.ndarray) -> np.ndarray:
    """Return the edges of a histogram around real samples on a line, shape (BINS + 1,)."""
    margin = 0.15 * max(float(np.ptp(real)), 1e-6)
    return np.linspace(real.min() - margin, real.max() + margin, BINS + 1)


def line(real: np.ndarray, edges: np.ndarray) -> dict[str, Any]:
    """Return the real histogram, styles and axes of a picture of the line for the page."""
    heights = histogram(real, edges)
    limits = [float(edges[0]), float(edges[-1]), 0.0, 2 * float(heights.max())]
    return {
        "real": packed(heights.astype(np.float32)),
        "limits": limits,
        "ticks": [ticks(limits[0], limits[1], 5), ticks(limits[2], limits[3], 4)],
        "styles": {"real": style_data(REAL), "generated": style_data(FAKE)},
    }


def quantised(points: np.ndarray, limits: tuple[float, float, float, float]) -> np.ndarray:
    """Return points (N, 2) as int16: the ends of the axes are at +-PLACES / BEYOND."""
    low, high = np.array(limits[::2]), np.array(limits[1::2])
    inside = (2 * points - low - high) / (high - low)  # -1 to 1 within the axes
    return np.rint(np.clip(inside / BEYOND, -1, 1) * PLACES).astype(np.int16)


def make_track(
    name: str, shape: tuple[int, ...], real: np.ndarray | None, objective: Objective | None
) -> Track:
    """Choose the track of the panel called ``name``, which the stage has found to be possible."""
    if len(shape) == 3 or real is None:
        return ImagesTrack()
    if name == "surface" and objective is not None:
        return SurfaceTrack(real, objective)
    return LineTrack(real) if shape == (1,) else PointsTrack(real)


def _webp(sheet: np.ndarray, quality: int) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, format="webp", quality=quality)
    return buffer.getvalue()


def _uri(data: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(data).decode('ascii')}"

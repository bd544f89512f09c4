"""A canvas on which data are drawn by hand, and shapes for whoever draws with the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import torch
import traitlets
from ipywidgets import HTML, Dropdown, HBox, Layout, VBox
from torch import Tensor

from gan_helpers.lab.front.fields import STYLE, Guard, button
from gan_helpers.lab.sources import REACH

EXTENT = 2.6  # the canvas shows [-EXTENT, EXTENT]: what the picture of the plane shows, less a rim
MOST = 4_000  # points kept; the laboratory's data allow 5 000
SHAPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    # t in [0, 1) -> points in the plane
    "heart": lambda t: np.stack(
        [
            2 * np.sin(2 * np.pi * t) ** 3,
            (13 * np.cos(2 * np.pi * t) - 5 * np.cos(4 * np.pi * t)
             - 2 * np.cos(6 * np.pi * t) - np.cos(8 * np.pi * t)) / 8 + 0.2,
        ],
        axis=1,
    ),
    "eight": lambda t: np.stack([2 * np.sin(2 * np.pi * t), 1.6 * np.sin(4 * np.pi * t)], axis=1),
    "cross": lambda t: np.where(
        (t < 0.5)[:, None],
        np.stack([8 * t - 2, 8 * t - 2], axis=1),
        np.stack([8 * t - 6, 6 - 8 * t], axis=1),
    ),
    "stairs": lambda t: np.stack([4 * t - 2, np.floor(5 * t) * 0.8 - 1.6], axis=1),
}  # fmt: skip


class DrawingCanvas(anywidget.AnyWidget):
    """A square of the plane to draw on; strokes arrive as points.

    Args:
        points: [[x, y], ...], each in [-EXTENT, EXTENT]; set from either side.
    """

    _esm = Path(__file__).with_name("drawing_canvas.js")
    _css = Path(__file__).with_name("drawing_canvas.css")
    points = traitlets.List(trait=traitlets.List(traitlets.Float())).tag(sync=True)
    extent = traitlets.Float(EXTENT).tag(sync=True)
    most = traitlets.Int(MOST).tag(sync=True)


class Drawing:
    """The canvas with its buttons.

    Args:
        guard: reports what goes wrong.
    """

    def __init__(self, guard: Guard) -> None:
        self.canvas = DrawingCanvas()
        self.canvas.add_class("gan-canvas")
        self.shape = Dropdown(
            options=["", *SHAPES], description="or take a shape", style=STYLE,
            layout={"width": "19em"},
        ).add_class("gan-shape")  # fmt: skip
        self.clear = button("Clear", "eraser", "Remove all points")
        self.use = button("Train on it", "check", "Reset, with these points as the data")
        self.count = HTML()
        guard.on_value(self.shape, self._take_shape)
        guard.on_click(self.clear, self._clear)
        self.canvas.observe(lambda _: self._say(), names="points")
        self._say()
        hint = HTML("Draw with the mouse or a finger; slower strokes hold more points.")
        side = VBox([hint, self.shape, HBox([self.clear, self.use]), self.count])
        self.box = HBox([self.canvas, side], layout=Layout(flex_flow="row wrap"))

    def data(self) -> Tensor:
        """Return the drawn points as data, (N, 2), float32.

        Raises:
            ValueError: there are fewer than two points.
        """
        points = self.canvas.points
        if len(points) < 2:
            raise ValueError(
                f"{len(points)} points are drawn; data need at least 2: draw on the canvas in the "
                "tab 'draw data', or take one of its shapes"
            )
        return torch.tensor(points, dtype=torch.float32).clamp(-REACH, REACH)[:MOST]

    def _take_shape(self, name: str) -> None:
        if name:
            self.canvas.points = shape(name).tolist()

    def _clear(self) -> None:
        self.canvas.points = []
        self.shape.value = ""

    def _say(self) -> None:
        self.count.value = f"{len(self.canvas.points)} points"


def shape(name: str, n: int = 600, noise: float = 0.06, seed: int = 0) -> np.ndarray:
    """Return points along one of ``SHAPES``, with Gaussian noise.

    Args:
        name: of the shape.
        n: points, >= 2.
        noise: standard deviation of the noise.
        seed: of the noise.

    Returns:
        float64, (n, 2).
    """
    scatter: Any = np.random.default_rng(seed).normal(0.0, noise, (n, 2))
    return SHAPES[name](np.arange(n) / n) + scatter

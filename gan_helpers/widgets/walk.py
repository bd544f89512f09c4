"""A place in the latent space and a path through it, and pictures of what the generator makes."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers.networks.paths import spherical_path, straight_path
from gan_helpers.plotting.tiles import own_generator
from gan_helpers.widgets.board import LiveBoard
from gan_helpers.widgets.directions import principal_directions
from gan_helpers.widgets.film import enlarged
from gan_helpers.widgets.scenes import STRIP, as_data, make_scene

PATHS = {"straight": straight_path, "spherical": spherical_path}
STOPS = [i / (STRIP - 1) for i in range(STRIP)]


class Walk:
    """Where one stands in a generator's latent space, z, and a path between two latent points.

    Args:
        generator: copied, and used in eval mode; random numbers come from a generator of its own.
        data: real samples to compare with, or ``None``.
        latent_dim: width of z; the generator's attribute of that name if ``None``.
        directions: ``"principal"`` or ``"axes"``.
        sliders: how many directions, >= 1.
        latent_distribution: draws z, as in ``GAN``.
        board: a board that trains this generator, whose latest weights are then shown; or ``None``.
        seed: of the random generator.

    Raises:
        ValueError: an argument out of range, or samples of which there is no picture.
    """

    def __init__(
        self,
        generator: Module,
        data: Any,
        latent_dim: int | None,
        directions: str,
        sliders: int,
        latent_distribution: Callable[..., Tensor],
        board: LiveBoard | None,
        seed: int,
    ) -> None:
        width = latent_dim or getattr(generator, "latent_dim", None)
        if not isinstance(width, int):
            raise ValueError("latent_dim is None and the generator does not say; pass its width")
        if directions not in ("principal", "axes"):
            raise ValueError(f"directions is {directions!r}; choose 'principal' or 'axes'")
        if sliders < 1:
            raise ValueError(f"sliders is {sliders}; it must be at least 1")
        self.latent_dim, self._law, self._board = width, latent_distribution, board
        self.net = copy.deepcopy(generator).eval()
        self._take_weights()
        self._device = next(self.net.parameters()).device
        self._random = own_generator(seed, self._device)
        count = min(sliders, width)
        self.directions = (  # orthonormal rows, (count, latent_dim)
            principal_directions(self.net, width, count, seed=seed)
            if directions == "principal"
            else torch.eye(width, device=self._device)[:count]
        )
        self.z, self.ends, self._crowd = (self._draw_z(n) for n in (1, 2, 600))
        self.kind = next(iter(PATHS))
        self.t: float | None = None  # the place on the path, if z lies on it
        reach = (self._crowd @ self.directions.T).abs().max().clamp(max=3).item()
        self.reach = max(round(reach, 2), 0.01)  # a whole number of the sliders' steps
        self.scene = make_scene(self._make(self.z), self._make(self._crowd), as_data(data))
        self._drawing = threading.Lock()  # weights change between two pictures, not during one

    def shuffle(self) -> None:
        """Go to a new latent point."""
        self.z, self.t = self._draw_z(1), None

    def renew(self) -> None:
        """Choose a new start and end of the path; z stays."""
        self.ends, self.t = self._draw_z(2), None

    def move(self, i: int, value: float) -> None:
        """Set the coordinate of z along direction ``i``, and no other."""
        self.z = self.z + (value - self.z @ self.directions[i]) * self.directions[i]
        self.t = None

    def go(self, t: float) -> None:
        """Go to the place ``t`` in [0, 1] on the path."""
        self.z, self.t = self.along([t]), t

    def coordinates(self) -> list[float]:
        """Return the coordinates of z along the directions."""
        return (self.z @ self.directions.T)[0].tolist()

    def along(self, t: list[float]) -> Tensor:
        """Return the points at ``t`` on the path, shape (len(t), latent_dim)."""
        start, end = self.ends
        return PATHS[self.kind](start, end, torch.tensor(t, device=self._device))

    def picture(self) -> np.ndarray:
        """Return the picture of where one stands, (H, W, 3)."""
        with self._drawing:
            self._take_weights()
            others = [self._crowd] if self.scene.crowd else []
            made = self._make(torch.cat([self.z, self.along(STOPS), *others]))
            sample, path, cloud = made[:1], made[1 : 1 + STRIP], made[1 + STRIP :]
            return self.scene.draw(sample, path, self.t, cloud)

    def frames(self, count: int) -> list[np.ndarray]:
        """Return ``count`` >= 2 pictures along the path, (H, W, 3) each; images by themselves."""
        if isinstance(count, bool) or not isinstance(count, int) or count < 2:
            raise ValueError(f"count is {count!r}; it must be an integer >= 2, such as 49")
        stops = [i / (count - 1) for i in range(count)]
        with self._drawing:
            self._take_weights()
            made = self._make(self.along(stops))
            if not self.scene.crowd:
                return enlarged(made)
            path, cloud = self._make(self.along(STOPS)), self._make(self._crowd)
            draw = self.scene.draw
            return [draw(made[i : i + 1], path, t, cloud) for i, t in enumerate(stops)]

    def _draw_z(self, n: int) -> Tensor:
        return self._law(n, self.latent_dim, generator=self._random, device=self._device)

    def _make(self, z: Tensor) -> Tensor:
        with torch.no_grad():
            return self.net(z)

    def _take_weights(self) -> None:
        if self._board is not None:
            self._board.weights(self.net)

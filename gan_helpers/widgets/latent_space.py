"""A place in a latent space and a path through it, and pictures of what the generator makes."""

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
from gan_helpers.runtime import integer
from gan_helpers.widgets.copies import ask, in_turn
from gan_helpers.widgets.directions import principal_directions
from gan_helpers.widgets.film import enlarged
from gan_helpers.widgets.live_board import LiveBoard
from gan_helpers.widgets.scenes import STRIP, as_data, make_scene

PATHS = {"straight": straight_path, "spherical": spherical_path}
STOPS = [i / (STRIP - 1) for i in range(STRIP)]


class LatentSpace:
    """Where one stands in a latent space, and a path between two points; see ``LatentExplorer``.

    The generator is copied and used in eval mode; random numbers come from a generator of its own.
    """

    def __init__(
        self,
        generator: Module,
        data: Any,
        latent_dim: int | None,
        directions: str,
        sliders: int,
        latent_distribution: Callable[..., Tensor],
        condition: Tensor | None,
        board: LiveBoard | None,
        seed: int,
    ) -> None:
        width = getattr(generator, "latent_dim", None) if latent_dim is None else latent_dim
        if width is None:
            raise ValueError("latent_dim is None and the generator does not say; pass its width")
        if directions not in ("principal", "axes"):
            raise ValueError(f"directions is {directions!r}; choose 'principal' or 'axes'")
        self.latent_dim, self._board, self._seed = integer("latent_dim", width, 1), board, seed
        self._latent_distribution = latent_distribution
        self.net = copy.deepcopy(generator).eval()
        self._take_weights()
        self._like = next(self.net.parameters())
        self._random = own_generator(seed, self._like.device)
        self._condition = None if condition is None else condition.to(self._like.device)
        self.told = 0  # which condition
        count = min(integer("sliders", sliders, 1), self.latent_dim)
        self.directions = (  # orthonormal rows, (count, latent_dim)
            principal_directions(
                self.net, self.latent_dim, count, condition=self._now(1), seed=seed
            )
            if directions == "principal"
            else torch.eye(self.latent_dim).to(self._like)[:count]
        )
        self.z, self.ends, self._crowd = (self._draw_z(n) for n in (1, 2, 600))
        self.kind = next(iter(PATHS))
        self.t: float | None = None  # the place on the path, if z lies on it
        reach = (self._crowd @ self.directions.T).abs().max().clamp(max=3).item()
        self.reach = max(round(reach, 2), 0.01)  # a whole number of the sliders' steps
        self.scene = make_scene(self._make(self.z), self._under_all_conditions(), as_data(data))
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
        return PATHS[self.kind](start, end, torch.tensor(t).to(start))

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
        count = integer("count", count, 2)
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
        z = self._latent_distribution(
            n, self.latent_dim, generator=self._random, device=self._like.device
        )
        return z.to(self._like)

    def _now(self, n: int) -> Tensor | None:
        """Return the condition that was chosen, ``n`` times over."""
        here = self.told
        return None if self._condition is None else in_turn(self._condition[here : here + 1], n)

    def _under_all_conditions(self) -> Tensor:
        """Return many samples; of points, under each condition, so that the axes have room."""
        made = [self._make(self._crowd)]
        if self._condition is not None and made[0].ndim == 2:
            for which in range(1, len(self._condition)):
                self.told = which
                made.append(self._make(self._crowd))
            self.told = 0
        return torch.cat(made)

    def _make(self, z: Tensor) -> Tensor:
        told = self._now(len(z))
        return ask(self.net, *([z] if told is None else [z, told]), seed=self._seed)

    def _take_weights(self) -> None:
        if self._board is not None:
            self._board.weights(self.net)

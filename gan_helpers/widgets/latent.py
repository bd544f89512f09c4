"""The latent explorer: move through the latent space and see what the generator makes of it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from ipywidgets import HTML, Button, Dropdown, FloatSlider, HBox, Layout, VBox
from torch import Tensor
from torch.nn import Module

from gan_helpers.paths import spherical_path, straight_path
from gan_helpers.plotting.tiles import encode_fast, encode_small, own_generator
from gan_helpers.widgets.board import LiveBoard
from gan_helpers.widgets.directions import principal_directions
from gan_helpers.widgets.latest import Latest
from gan_helpers.widgets.scenes import STRIP, as_data, make_scene
from gan_helpers.widgets.status import problem
from gan_helpers.widgets.still import bundle, screen, show

PATHS = {"straight": straight_path, "spherical": spherical_path}
STYLE = {"description_width": "7.5em"}
WIDE = {"width": "24em", "max_width": "100%"}


class LatentExplorer:
    """Sliders through the latent space, Shuffle, and a path between two points.

    It works on a copy of the generator in eval mode, and draws from a generator of its own: a
    run that goes on meanwhile is not disturbed.

    Args:
        generator: maps z of shape (N, latent_dim) to images, or to points on a line or plane.
        data: real samples: a tensor, image data or a distribution; of images the one nearest to
            the generated one is shown beside it.
        latent_dim: width of z; the generator's attribute of that name if ``None``.
        directions: ``"principal"``: the directions along which the output changes most, the
            leading eigenvectors of E[J^T J] with J the generator's Jacobian; or ``"axes"``: the
            first coordinates of z.
        sliders: how many directions, >= 1.
        latent_law: draws z, as in ``GAN``.
        board: a board that trains this generator; then each move shows its latest weights.
        seed: of the explorer's own random generator.

    Raises:
        ValueError: an argument out of range, or samples of which there is no picture.
    """

    def __init__(
        self,
        generator: Module,
        data: Any = None,
        *,
        latent_dim: int | None = None,
        directions: str = "principal",
        sliders: int = 6,
        latent_law: Callable[..., Tensor] = torch.randn,
        board: LiveBoard | None = None,
        seed: int = 0,
    ) -> None:
        width = latent_dim or getattr(generator, "latent_dim", None)
        if not isinstance(width, int):
            raise ValueError("latent_dim is None and the generator does not say; pass its width")
        if directions not in ("principal", "axes"):
            raise ValueError(f"directions is {directions!r}; choose 'principal' or 'axes'")
        if sliders < 1:
            raise ValueError(f"sliders is {sliders}; it must be at least 1")
        self.latent_dim, self._law, self._board = width, latent_law, board
        self._net = copy.deepcopy(generator).eval()
        self._take_weights()
        device = next(self._net.parameters()).device
        self._random = own_generator(seed, device)
        count = min(sliders, width)
        self.directions = (  # orthonormal rows, (count, latent_dim)
            principal_directions(self._net, width, count, seed=seed)
            if directions == "principal"
            else torch.eye(width, device=device)[:count]
        )
        self.z, self.ends = self._draw_z(1), self._draw_z(2)
        self._crowd = self._draw_z(600)
        reach = (self._crowd @ self.directions.T).abs().max().clamp(max=3).item()
        self._scene = make_scene(self._make(self.z), self._make(self._crowd), as_data(data))
        label = "direction {}" if directions == "principal" else "z[{}]"
        first = 1 if directions == "principal" else 0
        self.sliders = [_slider(label.format(i + first), -reach, reach) for i in range(count)]
        self.t = _slider("path t", 0, 1)
        self.path = Dropdown(options=list(PATHS), description="path", style=STYLE, layout=WIDE)
        self.shuffle_button = Button(description="Shuffle", icon="random")
        self.ends_button = Button(description="New path", icon="exchange")
        self.status = HTML().add_class("gan-status")
        self.image = screen(320)
        self._quiet = self._on_path = False
        self.refresh = Latest(self._draw)
        self._wire()
        self._follow()
        self.png = encode_small(self._pixels())  # an error here is the caller's
        self.width = self._size[0]
        self.image.layout.width = f"{self.width}px"
        show(self.image, self.png, "png")

    def shuffle(self) -> None:
        """Go to a new latent point."""
        self.z, self._on_path = self._draw_z(1), False
        self._follow()
        self.refresh()

    def new_path(self) -> None:
        """Choose a new start and end of the path, and go to where ``t`` says."""
        self.ends = self._draw_z(2)
        self._go_along()

    def _wire(self) -> None:
        for i, slider in enumerate(self.sliders):
            slider.observe(lambda change, i=i: self._move(i, change["new"]), names="value")
        self.t.observe(lambda _: self._go_along(), names="value")
        self.path.observe(lambda _: self._go_along(), names="value")
        self.shuffle_button.on_click(lambda _: self.shuffle())
        self.ends_button.on_click(lambda _: self.new_path())
        buttons = HBox([self.shuffle_button, self.ends_button])
        left = VBox([*self.sliders, self.path, self.t, buttons, self.status])
        self.box = HBox([left, self.image], layout=Layout(flex_flow="row wrap"))
        self.box.add_class("gan-explorer")

    def _move(self, i: int, value: float) -> None:
        """Set the coordinate of z along direction i."""
        if not self._quiet:
            self.z = self.z + (value - self.z @ self.directions[i]) * self.directions[i]
            self._on_path = False
            self.refresh()

    def _go_along(self) -> None:
        self.z = self._along([self.t.value])
        self._on_path = True
        self._follow()
        self.refresh()

    def _along(self, t: list[float]) -> Tensor:
        """Return the points at ``t`` on the chosen path, shape (len(t), latent_dim)."""
        start, end = self.ends
        return PATHS[self.path.value](start, end, torch.tensor(t, device=start.device))

    def _follow(self) -> None:
        """Set the sliders to where z is; a coordinate beyond their reach stays as it is."""
        with self._silence():
            for slider, value in zip(self.sliders, (self.z @ self.directions.T)[0], strict=True):
                slider.value = min(max(value.item(), slider.min), slider.max)

    @contextmanager
    def _silence(self) -> Iterator[None]:
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _draw_z(self, n: int) -> Tensor:
        device = next(self._net.parameters()).device
        return self._law(n, self.latent_dim, generator=self._random, device=device)

    def _make(self, z: Tensor) -> Tensor:
        with torch.no_grad():
            return self._net(z)

    def _take_weights(self) -> None:
        if self._board is not None:
            self._board.weights(self._net)

    def _pixels(self) -> Any:
        stops = self._along([i / (STRIP - 1) for i in range(STRIP)])
        others = [self._crowd] if self._scene.crowd else []
        made = self._make(torch.cat([self.z, stops, *others]))  # (1 + STRIP + others, ...)
        sample, path, cloud = made[:1], made[1 : 1 + STRIP], made[1 + STRIP :]
        place = self.t.value if self._on_path else None
        pixels = self._scene.draw(sample, path, place, cloud)
        self._size = pixels.shape[1], pixels.shape[0]
        return pixels

    def _draw(self) -> None:
        try:
            self._take_weights()
            show(self.image, encode_fast(self._pixels()), "jpeg")
            self.status.value = ""
        except Exception as error:  # a callback's errors are seen nowhere else
            self.status.value = problem(error)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return bundle(self.box, self.png, self._scene.describe(), self.width)

    def __repr__(self) -> str:
        return f"LatentExplorer: {len(self.sliders)} of {self.latent_dim} latent directions"


def _slider(label: str, low: float, high: float) -> FloatSlider:
    start = min(max(0.0, low), high)
    return FloatSlider(
        start, min=low, max=high, step=0.01, description=label, style=STYLE,
        readout_format=".2f", layout=WIDE,
    )  # fmt: skip

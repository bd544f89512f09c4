"""The latent explorer: move through the latent space and see what the generator makes of it."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ipywidgets import HTML, Button, Dropdown, FloatSlider, HBox, Layout, VBox
from torch import Tensor
from torch.nn import Module

from gan_helpers.plotting.tiles import encode_fast, encode_small
from gan_helpers.runtime import cache_dir
from gan_helpers.widgets.controls import problem
from gan_helpers.widgets.film import download_link, save_gif
from gan_helpers.widgets.latent_space import PATHS, LatentSpace
from gan_helpers.widgets.latest import Latest
from gan_helpers.widgets.live_board import LiveBoard
from gan_helpers.widgets.output import bundle, screen, show
from gan_helpers.widgets.path_player import PathPlayer

STYLE = {"description_width": "7.5em"}
WIDE = {"width": "22em", "max_width": "100%"}
STEP = 0.01  # of the sliders


class LatentExplorer:
    """Sliders through the latent space, Shuffle, and a path between two points, also as a film.

    It works on a copy of the generator in eval mode, and draws from a generator of its own: a
    run that goes on meanwhile is not disturbed.

    Args:
        generator: maps z of shape (N, latent_dim), and a condition if one is given, to images, or
            to points on a line or plane.
        data: real samples: a tensor, image data or a distribution; of images, in [-1, 1], the one
            nearest to the generated one is shown beside it.
        latent_dim: width of z; the generator's attribute of that name if ``None``.
        directions: ``"principal"``: the directions along which the output changes most, the
            leading eigenvectors of E[J^T J] with J the generator's Jacobian; or ``"axes"``: the
            first coordinates of z.
        sliders: how many directions, >= 1.
        latent_distribution: draws z, as in ``GAN``.
        condition: what the generator can be told beside z, (k, ...): ``torch.arange(10)`` for ten
            labels. A menu chooses among them.
        names: of the conditions, for the menu; their values or numbers if ``None``.
        board: a board that trains this generator; then each move shows its latest weights.
        seed: of the explorer's own random generator.

    Raises:
        TypeError: images that are not floating point.
        ValueError: an argument out of range, images not in [-1, 1], samples of which there is no
            picture, or no condition where the generator is told one.
    """

    def __init__(
        self,
        generator: Module,
        data: Any = None,
        *,
        latent_dim: int | None = None,
        directions: str = "principal",
        sliders: int = 6,
        latent_distribution: Callable[..., Tensor] = torch.randn,
        condition: Tensor | None = None,
        names: Sequence[str] | None = None,
        board: LiveBoard | None = None,
        seed: int = 0,
    ) -> None:
        self.menu = _menu(condition, names)
        self.space = LatentSpace(
            generator, data, latent_dim, directions, sliders, latent_distribution, condition, board,
            seed,
        )  # fmt: skip
        label, first = ("direction {}", 1) if directions == "principal" else ("z[{}]", 0)
        reach, numbers = self.space.reach, range(first, first + len(self.space.directions))
        self.sliders = [_slider(label.format(number), -reach, reach) for number in numbers]
        self.t = _slider("path t", 0, 1)
        self.path = Dropdown(options=list(PATHS), description="path", style=STYLE, layout=WIDE)
        self.shuffle_button = Button(description="Shuffle", icon="random")
        self.ends_button = Button(description="New path", icon="exchange")
        self.gif_button = Button(description="Save GIF", icon="download")
        self.player = PathPlayer(self._show_at, lambda: self.t.value, self._played, self._fail)
        self.status = HTML().add_class("gan-status")
        self.saved = HTML().add_class("gan-saved")
        self.image = screen()
        self._quiet = threading.local()  # a film sets sliders while the reader moves others
        self.refresh = Latest(self._draw)
        self._wire()
        self._follow()
        pixels = self.space.picture()  # an error here is the caller's
        self.png = encode_small(pixels)
        show(self.image, self.png, "png")

    def shuffle(self) -> None:
        """Go to a new latent point."""
        self.player.pause()
        self.space.shuffle()
        self._follow()
        self.refresh()

    def new_path(self) -> None:
        """Choose a new start and end of the path, and go to where ``t`` says."""
        self.player.act(self.space.renew)
        self.player.act(self._go_along)

    def frames(self, count: int = 49) -> list[np.ndarray]:
        """Return pictures along the present path, from its start to its end.

        Args:
            count: how many, >= 2.

        Returns:
            uint8, (H, W, 3) each: generated images, enlarged; of points the explorer's picture.

        Raises:
            ValueError: ``count`` is out of range.
        """
        return self.space.frames(count)

    def save_gif(self, path: str | Path | None = None, seconds: float = 3.0) -> Path:
        """Save the film of the present path, which is played again and again.

        Args:
            path: the file; ``film.gif`` in the folder ``films`` of ``cache_dir()`` if ``None``. A
                file that is there already stays, and the new one gets a number.
            seconds: from the start of the path to its end, 1 to 600.

        Returns:
            The file that was written; the explorer links to it, if it has at most 2 MB.

        Raises:
            ValueError: ``seconds`` is out of range, or the name does not end in ``.gif``.
            OSError: the file cannot be written.
        """
        place = save_gif(self.frames(), path or cache_dir() / "films" / "film.gif", seconds)
        film = place.read_bytes()
        where = "" if path else " in gan_helpers.cache_dir() / 'films'"
        said = f"Saved {html.escape(place.name)}{where} ({len(film) / 1e6:.1f} MB). "
        self.saved.value = said + download_link(film, place.name)
        return place

    def _wire(self) -> None:
        for i, slider in enumerate(self.sliders):
            slider.observe(lambda change, i=i: self._move(i, change), names="value")
        self.t.observe(self._seek, names="value")
        self.path.observe(lambda _: self.player.act(self._go_along), names="value")
        self.menu.observe(lambda _: self.player.act(self._tell), names="value")
        self.shuffle_button.on_click(lambda _: self.shuffle())
        self.ends_button.on_click(lambda _: self.new_path())
        self.gif_button.on_click(lambda _: self._tried(self.save_gif))
        buttons = [self.shuffle_button, self.ends_button, self.player.button, self.gif_button]
        menu = [self.menu] if self.menu.options else []
        rows = [[*menu, *self.sliders, self.path, self.t], buttons]  # above: the picture is wide
        wrapping = Layout(flex_flow="row wrap")
        above = [HBox(row, layout=wrapping) for row in rows]
        self.box = VBox([*above, self.status, self.saved, self.image]).add_class("gan-explorer")

    def _move(self, i: int, change: Any) -> None:
        if self._by_reader(change):
            self.player.pause()  # its last picture may have moved the slider once more
            with self._silence():
                self.sliders[i].value = change["new"]
            self.space.move(i, change["new"])
            self.refresh()

    def _seek(self, change: Any) -> None:
        if self._by_reader(change):
            self.player.pause()
            self._show_at(change["new"])

    def _played(self, playing: bool) -> None:
        """While a film moves them, sliders send what the reader chose when they are let go.

        Else the page would send back each value that it is sent, rounded, and late.
        """
        for slider in (*self.sliders, self.t):
            slider.continuous_update = not playing

    def _show_at(self, t: float) -> None:
        with self._silence():
            self.t.value = round(t, 2)
        self.space.kind = self.path.value
        self.space.go(t)
        self._follow()
        self.refresh()

    def _tell(self) -> None:
        self.space.told = self.menu.value
        self.refresh()

    def _go_along(self) -> None:
        self._show_at(self.t.value)

    def _follow(self) -> None:
        """Set the sliders to where z is; a coordinate beyond their reach stays as it is."""
        with self._silence():
            for slider, value in zip(self.sliders, self.space.coordinates(), strict=True):
                slider.value = min(max(round(value, 2), slider.min), slider.max)

    @contextmanager
    def _silence(self) -> Iterator[None]:
        self._quiet.here = True
        try:
            yield
        finally:
            self._quiet.here = False

    def _by_reader(self, change: Any) -> bool:
        """Whether the reader moved a slider: not this thread, nor the page by rounding a value."""
        return (
            not getattr(self._quiet, "here", False)
            and abs(change["new"] - change["old"]) > STEP / 4
        )

    def _draw(self) -> None:
        self._tried(lambda: show(self.image, encode_fast(self.space.picture()), "jpeg"))

    def _tried(self, action: Callable[[], object]) -> None:
        """Show what goes wrong under the buttons: a callback's errors are seen nowhere else."""
        try:
            action()
            self.status.value = ""
        except Exception as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self.status.value = problem(error)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return bundle(
            self.box, self.png, self.space.scene.describe(), self.space.scene.smallest_text
        )

    def __repr__(self) -> str:
        return f"LatentExplorer: {len(self.sliders)} of {self.space.latent_dim} latent directions"


def _slider(label: str, low: float, high: float) -> FloatSlider:
    start = min(max(0.0, low), high)
    return FloatSlider(
        start, min=low, max=high, step=STEP, description=label, style=STYLE,
        readout_format=".2f", layout=WIDE,
    )  # fmt: skip


def _menu(condition: Tensor | None, names: Sequence[str] | None) -> Dropdown:
    """Return a menu of the conditions, without options where there are none."""
    count = -1 if condition is None else len(condition)
    if condition is not None and names is None:
        names = list(map(str, condition.tolist() if condition.ndim == 1 else range(count)))
    options = [(name, i) for i, name in enumerate(names or [])]
    if len(options) != max(count, 0) or count == 0:
        raise ValueError(
            f"names has length {len(options)}, condition {max(count, 0)}; give one name for each "
            "condition, and at least one condition"
        )
    return Dropdown(options=options, description="condition", style=STYLE, layout=WIDE)

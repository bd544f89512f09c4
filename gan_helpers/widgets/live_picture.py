"""The picture of a run that goes on: what it shows, from copies, and how often it is drawn."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ipywidgets import DOMWidget
from torch import Tensor
from torch.nn import Module

from gan_helpers.gan import GAN
from gan_helpers.plotting.charts import CHARTS, Chart, chart
from gan_helpers.plotting.tiles import encode_fast, encode_small
from gan_helpers.record import History
from gan_helpers.runtime import integer
from gan_helpers.widgets.board_picture import BoardPicture
from gan_helpers.widgets.copies import Copies
from gan_helpers.widgets.output import bundle, screen, show
from gan_helpers.widgets.views import VIEWS, make_view, real_samples

SHARE = 0.03  # of training time that drawing may take
ADVANCE = 0.25  # seconds of drawing on credit, so that a run's first pictures come soon
INTERVAL = 0.5  # seconds between two pictures, at least


class LivePicture:
    """An image widget that shows a run, from copies of its networks: nothing about it changes.

    Args:
        settings: what ``watched`` takes beside the players and the end of the run.
    """

    picture: BoardPicture
    copies: Copies | None
    pace: Pace
    png: bytes  # the picture that stays, b"" until it is drawn

    def __init__(self, **settings: Any) -> None:
        self.image = screen()
        self._watched: Callable[..., Any] = partial(watched, **settings)

    def prepare(self, gan: GAN | None, total: int | None) -> None:
        """Make the picture of a run that comes, up to the step ``total`` if that is known."""
        self.picture, self.copies = self._watched(gan, total)
        self.pace, self.png = Pace(), b""

    def draw(self, history: History) -> None:
        """Show the present state as JPEG, ten times faster than PNG; call between two updates."""
        began = time.perf_counter()
        show(self.image, encode_fast(self._pixels(history)), "jpeg")
        self.pace.drawn(began)

    def keep(self, history: History) -> None:
        """Show the present state as PNG, which stays; call between two updates."""
        self.png = encode_small(self._pixels(history))
        show(self.image, self.png, "png")

    def bundle(self, box: DOMWidget, history: History) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what shows ``box``, or the picture that stays where there is no kernel."""
        if not self.png:  # nothing runs yet
            self.keep(history)
        return bundle(box, self.png, self.picture.alt, self.picture.picture.smallest_text)

    def _pixels(self, history: History) -> Any:
        if self.copies is not None:
            self.copies.refresh()
        return self.picture.pixels(history, self.copies)


class Pace:
    """Decide when the next picture is due: INTERVAL later, or when all are SHARE of the time.

    Cheap pictures save up for the costly ones, at which an axis moves; ADVANCE comes free.
    """

    def __init__(self) -> None:
        self.spent = 0.0  # seconds of drawing so far
        self.began = time.perf_counter()
        self.next = self.began + INTERVAL / 5

    def due(self) -> bool:
        """Return whether a picture is due."""
        return time.perf_counter() >= self.next

    def drawn(self, began: float) -> None:
        """Take note that a picture was begun at ``began`` and is ready now."""
        end = time.perf_counter()
        self.spent += end - began
        self.next = max(end + INTERVAL, self.began + (self.spent - ADVANCE) / SHARE)


def watched(
    gan: GAN | None,
    total: int | None,
    *,
    real: Any,
    panels: Sequence[str | Chart],
    preview: int | None,
    title: str,
    seed: int,
    generator: Module | None = None,
    latent: Tensor | None = None,
    condition: Tensor | None = None,
) -> tuple[BoardPicture, Copies | None]:
    """Return the picture of a run, and the copies of its networks that it shows, if it does.

    Args:
        gan: the players, or ``None``.
        total: step at which the run ends, or ``None``.
        real: and all others: as in ``LiveBoard``.

    Raises:
        ValueError: as in ``LiveBoard``.
    """
    objective = None if gan is None else gan.objective
    if gan is not None and (generator is not None or latent is not None):
        raise ValueError("generator or latent is given beside a GAN, which has its own: leave out")
    names = [panel for panel in panels if not isinstance(panel, Chart)]
    if not panels or set(names) - {*CHARTS, *VIEWS}:
        raise ValueError(
            f"panels is {panels!r}; choose from {', '.join((*CHARTS, *VIEWS))}, or give charts of "
            "your records' columns: plotting.Chart.of('kl')"
        )
    if objective is None and set(names) - ({"samples"} if generator is not None else set()):
        raise ValueError(
            f"panels is {names!r}, but there is no GAN; give charts of your records' columns, "
            "plotting.Chart.of('kl'), and for 'samples' the generator and its inputs"
        )
    charts = [
        each if isinstance(each, Chart) else chart(each, objective)  # type: ignore[arg-type]
        for each in panels
        if each not in VIEWS
    ]
    views, copies = [name for name in names if name in VIEWS], None
    if views and gan is not None:
        copies = Copies.of(gan, 1, seed, condition)
        some = 36 if len(copies.shape) == 3 else 400
        count = some if condition is None else len(condition)
        count = count if preview is None else integer("preview", preview, 1)
        copies = Copies.of(gan, count, seed, condition)
    elif views and generator is not None:
        copies = Copies(generator, latent, condition, seed=seed)
    shape = () if copies is None else copies.shape
    shown = real_samples(real, 400, seed) if len(shape) == 1 else None
    said = ", ".join(each.name if isinstance(each, Chart) else each for each in panels)
    of = "training" if objective is None else f"a GAN ({objective.name})"
    picture = BoardPicture(
        charts,
        [make_view(name, shape, shown, objective) for name in views],
        f"{title} Panels: {said} of {of}.".strip(),
        title,
        total,
        "steps" if gan is None else "generator updates",
    )
    return picture, copies

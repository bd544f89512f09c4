"""The board's picture of one GAN: which panels, copies of the players to look at, and how often."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from gan_helpers.gan import GAN
from gan_helpers.plotting.charts import CHARTS, chart
from gan_helpers.plotting.tiles import encode_fast, encode_small
from gan_helpers.record import History
from gan_helpers.widgets.frame import Frame
from gan_helpers.widgets.views import Peek, make_view, real_samples

VIEWS = ("samples", "surface")
SHARE = 0.03  # of training time that drawing may take
ADVANCE = 0.25  # seconds of drawing on credit, so that a run's first frames come soon
INTERVAL = 0.5  # seconds between two frames, at least
STILL = 1.5  # scale of the picture that stays in the end


class Stage:
    """Draw a GAN and its history, from copies: nothing about the GAN changes.

    Args:
        gan: the players.
        real: a distribution, a tensor of real samples, or ``None``.
        panels: names of charts and views.
        preview: samples to show; 36 images or 400 points if ``None``.
        title: a line above all panels.
        seed: of the fixed latent points.
        total: step at which the run ends, or ``None``.

    Raises:
        ValueError: an unknown panel, or one that cannot show this GAN.
    """

    def __init__(
        self,
        gan: GAN,
        real: Any,
        panels: Sequence[str],
        preview: int | None,
        title: str,
        seed: int,
        total: int | None,
    ) -> None:
        if not panels or set(panels) - {*CHARTS, *VIEWS}:
            raise ValueError(f"panels is {panels!r}; choose from {', '.join((*CHARTS, *VIEWS))}")
        if preview is not None and preview < 1:
            raise ValueError(f"preview is {preview}; it must be at least 1")
        self.gan, self.objective = gan, gan.objective
        shape = tuple(Peek(gan, 1, seed).samples().shape[1:])
        views = [name for name in panels if name in VIEWS]
        shown = real_samples(real, 400, seed) if len(shape) == 1 else None
        self.alt = (
            f"{title} Panels: {', '.join(panels)} of a GAN ({self.objective.name})."
        ).strip()
        self.frame = Frame(
            [chart(name, self.objective) for name in panels if name in CHARTS],
            [make_view(name, shape, shown, self.objective) for name in views],
            self.alt,
            title,
            total,
        )
        count = preview or (36 if len(shape) == 3 else 400)
        self.peek = Peek(gan, count, seed) if views else None
        self.width = self.frame.size[0]

    def live(self, history: History) -> bytes:
        """Return the present picture as JPEG, ten times faster than PNG; call between updates."""
        return encode_fast(self._pixels(history, 1.0))

    def still(self, history: History, scale: float = 1.0) -> bytes:
        """Return the present picture as PNG, to keep; call between updates."""
        return encode_small(self._pixels(history, scale))

    def _pixels(self, history: History, scale: float) -> Any:
        if self.peek is not None:
            self.peek.refresh(self.gan)
        return self.frame.pixels(history, self.peek, scale)


class Pace:
    """Decide when the next frame is due: INTERVAL later, or when all frames are SHARE of the time.

    Cheap frames save up for the costly ones, at which an axis moves; ADVANCE comes free.
    """

    def __init__(self) -> None:
        self.spent = 0.0  # seconds of drawing so far
        self.began = time.perf_counter()
        self.next = self.began + INTERVAL / 5

    def due(self) -> bool:
        """Return whether a frame is due."""
        return time.perf_counter() >= self.next

    def drawn(self, began: float) -> None:
        """Take note that a frame was begun at ``began`` and is ready now."""
        end = time.perf_counter()
        self.spent += end - began
        self.next = max(end + INTERVAL, self.began + (self.spent - ADVANCE) / SHARE)

    def never(self) -> None:
        """Draw no more frames."""
        self.next = float("inf")

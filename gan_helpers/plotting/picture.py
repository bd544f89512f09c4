"""Pictures without pyplot: a figure that shows itself, the palette, and the smoke watermark."""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from gan_helpers.objectives import OBJECTIVES, Objective
from gan_helpers.plotting.kernel import answer_through_stream
from gan_helpers.plotting.lettering import TITLE, described, few_ticks, room_needed, wrapped
from gan_helpers.plotting.tiles import encode_small
from gan_helpers.runtime import budget

DRAWING = threading.RLock()  # matplotlib is not thread-safe: pictures are drawn one at a time
INK, FAINT = "#222222", "#8a8a8a"
ACROSS, SQUARE = 1000, 900  # pixels on screen: of a picture, of one that is about square


@dataclass(frozen=True)
class Style:
    """One role in a figure: a colour, and a marker and line that tell it apart without colour."""

    colour: str
    marker: str
    line: str | tuple[int, tuple[float, ...]]

    def points(self, size: float = 3.0, **more: Any) -> dict[str, Any]:
        """Return the arguments of ``Axes.plot`` that draw unconnected markers in this style.

        Circles are rings, above whatever else is in the axes: what lies under them stays visible.
        """
        ring: dict[str, Any] = {"markerfacecolor": "none", "zorder": 2.5}
        return {
            "color": self.colour, "marker": self.marker, "linestyle": "none",
            "markersize": size, "markeredgewidth": 1.2 if self.marker in "ox" else 0,
        } | (ring if self.marker == "o" else {}) | more  # fmt: skip

    def curve(self, width: float = 1.8, **more: Any) -> dict[str, Any]:
        """Return the arguments of ``Axes.plot`` that draw a line in this style."""
        return {"color": self.colour, "linestyle": self.line, "linewidth": width} | more


# Colours of Okabe and Ito, chosen so that the common kinds of colour blindness tell them apart.
REAL = Style("#0072B2", "o", "-")
FAKE = Style("#D55E00", "x", (0, (5, 1.5)))
DISCRIMINATOR = Style("#9A4C86", "s", "-")
GENERATOR = Style("#007F5F", "^", (0, (5, 1.5)))
REFERENCE = Style("#555555", "d", (0, (1, 1.5)))
SERIES = (
    REAL, FAKE, GENERATOR, DISCRIMINATOR,
    Style("#E69F00", "v", (0, (3, 1, 1, 1))), Style("#56B4E9", "P", (0, (6, 2, 1, 2))),
    Style("#000000", "*", (0, (2, 1))), Style("#F0E442", "h", "-"),
)  # fmt: skip


# By position in OBJECTIVES; one that is not among them gets the style after theirs.
_OBJECTIVE_STYLES = (
    SERIES[3], SERIES[2], SERIES[4], SERIES[0], SERIES[5], SERIES[6],
    Style("#8C4A00", "D", (0, (8, 1.5))), Style("#777777", "p", (0, (3, 2))),
)  # fmt: skip


def objective_style(objective: Objective) -> Style:
    """Return the style in which an objective is drawn wherever several are compared."""
    known = OBJECTIVES.index(objective) if objective in OBJECTIVES else len(OBJECTIVES)
    return _OBJECTIVE_STYLES[min(known, len(_OBJECTIVE_STYLES) - 1)]


class Picture(Figure):
    """A matplotlib figure that shows itself as a PNG when it is the last expression of a cell.

    It needs neither pyplot nor an inline backend, appears once, and carries its description for
    readers who cannot see it. It is made for the back row: whatever its width in inches, it is
    ``ACROSS`` pixels wide on screen (``SQUARE`` where it is about as high as wide), and its text
    and lines grow with it.

    Args:
        alt: what the picture shows, in a sentence or two; also its text form. Where it is empty,
            it is put together from the title, the axes' labels and the legends.
        dpi: dots per inch of the PNG, > 0; ``None`` for the width above.
        more: whatever ``matplotlib.figure.Figure`` takes.
    """

    def __init__(self, *, alt: str = "", dpi: float | None = None, **more: Any) -> None:
        super().__init__(facecolor="white", **more)
        width, height = self.get_size_inches()
        self.set_dpi(dpi or (SQUARE if width < 1.25 * height else ACROSS) / width)
        self._alt = alt
        self._agg = FigureCanvasAgg(self)
        self._room: list[int] = []  # what the words took when the axes were laid out

    @property
    def alt(self) -> str:
        """What the picture shows, as given or as put together."""
        return self._alt or described(self)

    @alt.setter
    def alt(self, said: str) -> None:
        self._alt = said

    @property
    def smallest_text(self) -> float:
        """Size of the smallest text on screen in CSS points (1/72 inch; 96 pixels an inch)."""
        written = (text for text in self.findobj(Text) if text.get_visible() and text.get_text())
        sizes = [float(text.get_fontsize()) for text in written]
        return round(min(sizes, default=float("inf")) * self.dpi / 96, 1)

    def png(self) -> bytes:
        """Draw the picture and return it as PNG bytes."""
        return encode_small(self.pixels())

    def pixels(self, before: Picture | None = None) -> np.ndarray:
        """Draw the picture.

        Args:
            before: a picture of the same make that was drawn. Where its layout has room for this
                one's words, axes are put where its axes are, which halves the time.

        Returns:
            uint8, shape (height, width, 3).
        """
        with DRAWING:
            layout = self.get_layout_engine()
            if layout is not None and before is not None and len(before.axes) == len(self.axes):
                self.set_layout_engine("none")
                for ax, former in zip(self.axes, before.axes, strict=True):
                    ax.set_position(former.get_position(original=True))
                    ax.set_in_layout(True)  # as it was, in case that words do not fit
                for text, earlier in zip(self.texts, before.texts, strict=False):
                    text.set_position(earlier.get_position())
                self._agg.draw()
                needed = room_needed(self)
                if len(needed) == len(before._room) and np.all(np.less_equal(needed, before._room)):
                    self._room = before._room
                    return self._drawn()
                self.set_layout_engine(layout)
            if layout is not None and any(ax.get_aspect() != "auto" for ax in self.axes):
                layout.execute(self)  # for fixed shapes the first pass leaves too little room
            self._agg.draw()
            self._room = room_needed(self)
            return self._drawn()

    def _drawn(self) -> np.ndarray:
        return np.asarray(self._agg.buffer_rgba())[..., :3].copy()

    def _repr_png_(self) -> bytes:
        return self.png()

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return png_bundle(self.png(), self.alt, smallest_text=self.smallest_text)

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"


def png_bundle(png: bytes, alt: str, **more: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the mimebundle and metadata that show ``png`` in a notebook, ``alt`` as its text.

    Args:
        png: the picture.
        alt: what it shows.
        more: what else its metadata say: ``smallest_text`` in CSS points.
    """
    answer_through_stream()  # every picture passes here, the first one early in a notebook
    data = {"image/png": base64.b64encode(png).decode("ascii"), "text/plain": f"Picture: {alt}"}
    return data, {"image/png": {"alt": alt, **more}}


def figure(
    title: str, alt: str = "", *, size: tuple[float, float] = (6.0, 3.2)
) -> tuple[Picture, Axes]:
    """Make a picture with one set of axes.

    Args:
        title: the finding that the picture shows; may hold ``$mathtext$`` and line breaks.
        alt: description for readers who cannot see it; empty for one put together from the title
            and the labels.
        size: width and height in inches, which are units of design: see ``Picture``.

    Returns:
        The picture (make it the last expression of a cell) and its axes.
    """
    picture, axes = panels(title, alt, size=size)
    return picture, axes[0]


def panels(
    title: str,
    alt: str = "",
    *,
    rows: int = 1,
    columns: int = 1,
    size: tuple[float, float] | None = None,
    **more: Any,
) -> tuple[Picture, np.ndarray]:
    """Make a picture with ``rows x columns`` axes under one title.

    Args:
        title: the finding that the picture shows, above all panels.
        alt: description for readers who cannot see it; empty for one put together from the title
            and the labels.
        rows: rows of axes, >= 1.
        columns: columns of axes, >= 1.
        size: width and height in inches (see ``Picture``); 6 across and 3 a row if ``None``.
        more: whatever ``Figure.subplots`` takes (``sharex``, ``width_ratios``, ...).

    Returns:
        The picture and its axes as a flat array, row by row.
    """
    size = size or (6.0, 3.0 * rows)
    picture = Picture(alt=alt, figsize=size, layout="constrained")
    axes = picture.subplots(rows, columns, squeeze=False, **more).ravel()
    for ax in axes:
        plain(ax)
    if title:
        picture.suptitle(wrapped(title, size[0]), color=INK, **TITLE)
    watermark(picture)
    return picture, axes


def canvas(
    title: str, alt: str, ax: Axes | None, size: tuple[float, float] = (6.0, 3.2)
) -> tuple[Picture, Axes]:
    """Return axes to draw into and their picture: the axes given, or those of a new picture.

    Raises:
        TypeError: the axes given are not in a ``Picture``.
    """
    if ax is None:
        return figure(title, alt, size=size)
    picture = ax.get_figure(root=True)
    if not isinstance(picture, Picture):
        raise TypeError(
            f"ax belongs to a {type(picture).__name__}; make its figure with plotting.panels"
        )
    if title:
        ax.set_title(title, fontsize=10, color=INK)
    return picture, ax


def plain(ax: Axes) -> Axes:
    """Give axes the house look: no box, faint grid behind the data, small grey ticks."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(FAINT)
    ax.tick_params(labelsize=9, color=FAINT, labelcolor=INK)
    few_ticks(ax.xaxis)
    few_ticks(ax.yaxis)
    ax.xaxis.label.set_fontsize(9.5)
    ax.yaxis.label.set_fontsize(9.5)
    ax.grid(True, color="#e6e6e6", linewidth=0.7)
    ax.set_axisbelow(True)
    return ax


def watermark(picture: Figure) -> None:
    """Write across the picture that a smoke run means nothing; do nothing under a full budget."""
    if budget().is_smoke:
        picture.text(
            0.5, 0.5, "smoke run: these figures mean nothing", ha="center", va="center",
            rotation=12, fontsize=15, color="#b00020", alpha=0.45, zorder=100,
        ).set_in_layout(False)  # fmt: skip

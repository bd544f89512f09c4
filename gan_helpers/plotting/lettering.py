"""The words in a picture: titles that fit, legends that cover nothing, a description in prose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cbook import is_math_text
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator

TITLE: dict[str, Any] = {"size": 11, "weight": "bold"}
_SHARES = np.linspace(0.4, 1, 13)  # of the width, tried so that a title's lines are equally long


def wrapped(title: str, inches: float) -> str:
    """Break a title into lines that fit, about equally long, never inside ``$mathtext$``."""
    font, wrap = FontProperties(**TITLE), []
    for line in title.split("\n"):
        words = re.findall(r"(?:\$[^$]*\$|\S)+", line)
        widths = [  # in points, with about a space
            text_to_path.get_text_width_height_descent(f"{word}i", font, is_math_text(word))[0]
            for word in words
        ]
        tries = [_broken(words, widths, share * (72 * inches - 12)) for share in _SHARES]
        wrap += next(lines for lines in tries if len(lines) == len(tries[-1]))
    return "\n".join(wrap)


def _broken(words: list[str], widths: list[float], room: float) -> list[str]:
    lines: list[list[str]] = [[]]
    left = room
    for word, width in zip(words, widths, strict=True):
        if width > left and lines[-1]:
            lines.append([])
            left = room
        lines[-1].append(word)
        left -= width
    return [" ".join(line) for line in lines]


def few_ticks(axis: Axis, most: int = 5) -> None:
    """Let a linear axis have about ``most`` intervals: large labels, and quickly drawn."""
    cast(MaxNLocator, axis.get_major_locator()).set_params(nbins=most)


def legend_above(
    ax: Axes, handles: Sequence[Any] = (), columns: int = 4, handlelength: float = 2.2
) -> None:
    """Put the legend above the axes, under their title: there it covers nothing.

    Args:
        ax: axes with a title, if they are to have one.
        handles: what to list; all that has a label if empty.
        columns: entries side by side, >= 1.
        handlelength: of what stands before a name, in letters.
    """
    handles = list(handles) or ax.get_legend_handles_labels()[0]
    legend = ax.legend(
        handles=handles, ncols=min(columns, len(handles)), loc="lower left", fontsize=9,
        bbox_to_anchor=(0, 1), borderaxespad=0.1, borderpad=0.2, handlelength=handlelength,
        handletextpad=0.5, columnspacing=1.2, frameon=False,
    )  # fmt: skip
    for handle in filter(None, legend.legend_handles):
        handle.set_animated(False)
    rows = -(-len(handles) // columns)
    if ax.get_title():
        ax.set_title(ax.get_title(), fontsize=ax.title.get_fontsize(), pad=5 + 14 * rows)


def room_needed(picture: Figure) -> list[int]:
    """Return numbers that grow with the room that a drawn picture's words take beside its axes."""
    room = [text.get_text().count("\n") for text in picture.texts]
    for ax in picture.axes:
        low, high = sorted(ax.get_ylim())
        shown = (t for t in ax.yaxis.get_major_ticks() if low <= t.get_loc() <= high)
        ticks = [len(tick.label1.get_text()) for tick in shown]
        room += [max(ticks, default=0), ax.get_title().count("\n"), ax.get_legend() is not None]
    return room


def described(picture: Figure) -> str:
    """Say what a picture shows, from its title, its axes' titles and labels, and its legends."""
    said = [picture.get_suptitle()]
    for ax in picture.axes:
        across, up = ax.get_xlabel(), ax.get_ylabel()
        named = [ax.get_title(), f"{up} against {across}" if across and up else up or across]
        legend = ax.get_legend()
        if legend is not None:
            named.append(", ".join(text.get_text() for text in legend.get_texts()))
        said.append(": ".join(each for each in named if each))
    lines = (" ".join(each.split()).rstrip(".") for each in said)
    return ". ".join(each for each in lines if each) + "."

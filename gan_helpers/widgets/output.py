"""A live control with a picture beside it that stays when there is no kernel."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from ipywidgets import DOMWidget, Image, Layout

from gan_helpers.plotting.picture import ACROSS, png_bundle


def bundle(
    widget: DOMWidget, png: bytes, alt: str, smallest_text: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the mimebundle and metadata that show ``widget``, or ``png`` where it cannot live.

    Args:
        widget: the live control.
        png: the picture to show without a kernel.
        alt: what the picture shows.
        smallest_text: size of its smallest text, in CSS points.
    """
    data, metadata = png_bundle(png, alt, smallest_text=smallest_text)
    return {**(widget._repr_mimebundle_() or {}), **data}, metadata


class CellOutput:
    """An output in a notebook that can be updated from elsewhere; outside a notebook, nothing.

    Args:
        made: returns the mimebundle and metadata to show.
    """

    def __init__(self, made: Callable[[], tuple[dict[str, Any], dict[str, Any]]]) -> None:
        from IPython import get_ipython
        from IPython.display import display

        self._made, self._handle = made, None
        if get_ipython() is not None:
            data, metadata = made()
            self._handle = display(data, metadata=metadata, raw=True, display_id=True)

    def update(self) -> None:
        """Replace what is shown by what ``made`` returns now."""
        if self._handle is not None:
            data, metadata = self._made()
            self._handle.update(data, metadata=metadata, raw=True)


def screen(width: int = ACROSS) -> Image:
    """Return an image widget that is ``width`` pixels across, or as wide as the page allows."""
    empty = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
    )
    return Image(value=empty, format="png", layout=Layout(width=f"{width}px", max_width="100%"))


def show(image: Image, data: bytes, kind: str) -> None:
    """Put a picture into an image widget, its format with it, in one message."""
    with image.hold_sync():
        image.format, image.value = kind, data

"""Small parts of the laboratory's controls: labelled buttons and fields, errors never lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ipywidgets import (
    Button,
    Dropdown,
    FloatLogSlider,
    FloatSlider,
    IntSlider,
    Layout,
    ValueWidget,
)

STYLE = {"description_width": "8.5em"}
FIELD = {"width": "24em", "max_width": "100%"}


class Guard:
    """Wrap actions of controls: what they raise is handed on, what code sets is not an action.

    Args:
        failed: called with whatever an action raised; nobody else would see it.
    """

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._here = threading.local()

    def run(self, action: Callable[[], object]) -> None:
        """Call an action, and report what it raises."""
        try:
            action()
        except Exception as error:
            self._failed(error)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Let this thread set values without an action being called for them."""
        before = getattr(self._here, "quiet", False)
        self._here.quiet = True
        try:
            yield
        finally:
            self._here.quiet = before

    def on_click(self, button: Button, action: Callable[[], object]) -> Button:
        """Call ``action`` when the button is pressed."""
        button.on_click(lambda _: self.run(action))
        return button

    def on_value(self, field: ValueWidget, action: Callable[[Any], object]) -> ValueWidget:
        """Call ``action`` with a field's new value when somebody sets it, and not for code."""

        def changed(change: dict[str, Any]) -> None:
            if not getattr(self._here, "quiet", False):
                self.run(lambda: action(change["new"]))

        field.observe(changed, names="value")
        return field


def button(label: str, icon: str, tip: str, width: str = "auto") -> Button:
    """Return a button whose class is ``gan-`` and its label in small letters."""
    made = Button(description=label, icon=icon, tooltip=tip, layout=Layout(width=width))
    return made.add_class(f"gan-{label.lower().replace(' ', '-')}")


def menu(label: str, options: Any, value: Any, **layout: str) -> Dropdown:
    """Return a labelled drop-down."""
    return Dropdown(
        options=options, value=value, description=label, style=STYLE, layout={**FIELD, **layout}
    )


def whole(label: str, value: int, low: int, high: int) -> IntSlider:
    """Return a labelled slider of whole numbers that acts when it is let go."""
    return IntSlider(
        value, min=low, max=high, description=label, style=STYLE, layout=FIELD,
        continuous_update=False,
    )  # fmt: skip


def powers(label: str, value: float, low: int, high: int) -> FloatLogSlider:
    """Return a labelled slider over powers of ten that acts when it is let go."""
    return FloatLogSlider(
        value, base=10, min=low, max=high, step=0.1, description=label, style=STYLE,
        layout=FIELD, readout_format=".2g", continuous_update=False,
    )  # fmt: skip


def coordinate(label: str) -> FloatSlider:
    """Return a slider for one latent coordinate that acts while it moves."""
    return FloatSlider(
        0.0, min=-3.0, max=3.0, step=0.05, description=label, readout_format=".2f",
        style={"description_width": "1.5em"}, layout={"width": "14em"},
    ).add_class(f"gan-{label}")  # fmt: skip

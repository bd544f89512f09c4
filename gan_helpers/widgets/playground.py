"""Controls around a plain function that returns a picture: the function is what the text shows."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

from ipywidgets import (
    HTML,
    Checkbox,
    Dropdown,
    FloatSlider,
    HBox,
    IntSlider,
    Layout,
    ValueWidget,
    VBox,
    Widget,
)

from gan_helpers.plotting.picture import Picture
from gan_helpers.plotting.tiles import encode_fast
from gan_helpers.widgets.controls import problem
from gan_helpers.widgets.latest import Latest
from gan_helpers.widgets.output import bundle, screen, show
from gan_helpers.widgets.pointer import Pointer

STYLE = {"description_width": "9em"}
WIDE = {"width": "22em", "max_width": "100%"}


class Playground:
    """What ``playground`` returns: the controls, the picture and a line for errors.

    Args:
        function: called with the controls' values by name; returns a ``Picture``.
        controls: one widget for each argument.
        pointed: the two sliders that the pointer moves, in data units of the picture's first axes
            (x, y).
    """

    def __init__(
        self,
        function: Callable[..., Picture],
        controls: dict[str, ValueWidget],
        pointed: tuple[str, str] | None = None,
    ) -> None:
        self.function, self.controls = function, controls
        self.picture = self._picture()  # an error here is the caller's: it is raised, not shown
        self.image = screen()
        show(self.image, self.picture.png(), "png")
        self.status = HTML("").add_class("gan-status")
        rows = HBox(list(controls.values()), layout=Layout(flex_flow="row wrap"))
        self.box = VBox([rows, self.status, self.image]).add_class("gan-playground")
        if pointed is not None:
            self.pointed = [controls[name] for name in pointed]
            self.pointer = Pointer()
            self.pointer.observe(self._point, names="at")
            self.box.children += (self.pointer,)
        self.refresh = Latest(self._draw)
        for control in controls.values():
            control.observe(self.refresh, names="value")

    def values(self) -> dict[str, Any]:
        """Return the controls' present values by name."""
        return {name: control.value for name, control in self.controls.items()}

    def _picture(self) -> Picture:
        picture = self.function(**self.values())
        if not isinstance(picture, Picture):
            raise TypeError(
                f"{getattr(self.function, '__name__', 'the function')} returned a "
                f"{type(picture).__name__}; it must return a plotting.Picture"
            )
        return picture

    def _point(self, change: dict[str, Any]) -> None:
        """Set the two sliders to where the pointer is, if that is inside of the first axes."""
        across, down = change["new"]
        width, height = self.picture.bbox.size
        ax, place = self.picture.axes[0], (across * width, (1 - down) * height)
        if ax.bbox.contains(*place):
            for slider, value in zip(
                self.pointed, ax.transData.inverted().transform(place), strict=True
            ):
                steps = round((value - slider.min) / slider.step)
                slider.value = min(max(slider.min + steps * slider.step, slider.min), slider.max)

    def _draw(self) -> None:
        try:
            picture = self._picture()
            show(self.image, encode_fast(picture.pixels(self.picture)), "jpeg")
            self.picture, self.status.value = picture, ""
        except Exception as error:  # a callback's errors are seen nowhere else
            self.status.value = problem(error)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        picture = self.picture
        return bundle(self.box, picture.png(), picture.alt, picture.smallest_text)

    def __repr__(self) -> str:
        return f"Playground of {', '.join(self.controls)}: {self.picture.alt}"


def playground(
    function: Callable[..., Picture], /, *, pointed: tuple[str, str] | None = None, **controls: Any
) -> Playground:
    """Put controls around a function of plain values that returns a picture.

    Args:
        function: called with the controls' values by name.
        pointed: names of two sliders that a press of the pointer in the picture's first axes sets,
            x and y there.
        controls: one for each argument: ``(low, high, step, start)`` makes a slider (whole numbers
            if all four are), a list a menu of its items, ``True`` or ``False`` a tick box; a
            widget with a value is taken as it is.

    Returns:
        An object to leave as the last expression of a cell; a static picture stays beside it.

    Raises:
        TypeError: a control is none of these, or the function returned no picture.
        ValueError: a slider's numbers are out of order, or one that is pointed at is missing.
        Exception: whatever the function raises for the first values; later errors are shown
            under the controls.
    """
    for name in pointed or ():
        if not isinstance(controls.get(name), tuple):
            raise ValueError(
                f"pointed names {name!r}; give it a slider, {name}=(low, high, step, start)"
            )
    made = {name: _control(name, value) for name, value in controls.items()}
    return Playground(function, made, pointed)


def _control(name: str, value: Any) -> ValueWidget:
    label = name.replace("_", " ")
    if isinstance(value, Widget) and hasattr(value, "value"):
        return value
    if isinstance(value, bool):
        return Checkbox(value, description=label, indent=False)
    if isinstance(value, list) and value:
        return Dropdown(options=value, description=label, style=STYLE, layout=WIDE)
    if isinstance(value, tuple) and len(value) == 4:
        low, high, step, start = value
        if not (low <= start <= high and step > 0):
            raise ValueError(f"{name} is {value!r}; give (low, high, step, start) in that order")
        kind = IntSlider if all(isinstance(number, Integral) for number in value) else FloatSlider
        return kind(
            start, min=low, max=high, step=step, description=label, style=STYLE, layout=WIDE
        )
    raise TypeError(
        f"{name} is {value!r}; give (low, high, step, start), a list, True, False or a widget"
    )

"""The board's row of controls: Pause or Resume, Stop, a bar, and a line on where the run stands."""

from __future__ import annotations

import html
from collections.abc import Callable

from ipywidgets import HTML, Button, FloatProgress, HBox, Layout

from gan_helpers.widgets.progress import LIVE

RED = "var(--jp-error-color1, #b00020)"  # JupyterLab's for the theme; elsewhere legible on white


class Controls:
    """Two buttons, a progress bar and a status line; ``failed`` gets what a button raises."""

    def __init__(
        self,
        toggle: Callable[[], None],
        stop: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        def button(label: str, icon: str, action: Callable[[], None]) -> Button:
            def press(_: Button) -> None:
                try:
                    action()
                except Exception as error:
                    failed(error)

            made = Button(description=label, icon=icon, layout=Layout(width="7.5em"))
            made.on_click(press)
            return made.add_class(f"gan-{label.lower()}")

        self.pause = button("Pause", "pause", toggle)
        self.stop = button("Stop", "stop", stop)
        self.bar = FloatProgress(min=0, max=1, layout=Layout(width="10em"))
        self.status = HTML().add_class("gan-status")
        self.row = HBox(
            [self.pause, self.stop, self.bar, self.status],
            layout=Layout(align_items="center", flex_flow="row wrap"),
        )

    def say(self, state: str, line: str, share: float) -> None:
        """Show a run's state, what the line says of it, and the share of it that is over."""
        paused, live = state in ("pausing", "paused"), state in LIVE
        self.status.value = line
        self.bar.value = share
        self.bar.bar_style = {"failed": "danger", "finished": "success"}.get(state, "")
        self.pause.description = "Resume" if paused else "Pause"
        self.pause.icon = "play" if paused else "pause"
        self.pause.disabled = self.stop.disabled = not live


def problem(error: BaseException, more: str = "") -> str:
    """Return an error as a line of HTML that is seen, in a dark theme too."""
    text = html.escape(f"{type(error).__name__}: {error}"[:300])
    return f'<span style="color:{RED}">⚠ {text}{html.escape(more)}</span>'

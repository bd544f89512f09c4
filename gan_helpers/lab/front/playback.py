"""The laboratory's controls apart from the settings: buttons, rewind, layers, charts, chosen z."""

from __future__ import annotations

import html

from ipywidgets import HTML, Checkbox, HBox, HTMLMath, IntSlider, Layout, VBox
from torch import Tensor

from gan_helpers.lab.front.fields import button, coordinate, menu
from gan_helpers.lab.front.plane_layers import LAYERS
from gan_helpers.lab.front.sample_charts import LAB_CHARTS
from gan_helpers.lab.session import Session
from gan_helpers.lab.slow_motion import Part

SPEEDS = {  # name -> turns a second at most
    "as fast as it goes": float("inf"), "30 turns a second": 30.0, "10 turns a second": 10.0,
    "2 turns a second": 2.0,
}  # fmt: skip
PICTURES = {"pictures: lively": 0.1, "pictures: calm": 1.0}  # name -> seconds between, at least
ROW = {"align_items": "center", "flex_flow": "row wrap"}
SHOWN = ("surface", "real", "generated", "chosen")  # layers switched on at first
SMALL = {"description_width": "4em"}


class PlaybackBar:
    """Buttons that drive the run, the slider back in time, and the lines that say what happens."""

    def __init__(self, slow_motion: bool) -> None:
        self.play = button("Play", "play", "Train until Pause", "7em")
        self.step = button("Step", "step-forward", "One turn of both players")
        self.only_d = button("D only", "", "One update of the discriminator alone")
        self.only_g = button("G only", "", "One update of the generator alone")
        self.slow = button("Slow motion", "eye", "The next part of one turn, with its equation")
        self.stop = button("Stop", "stop", "Stop training; Play goes on")
        self.reset = button("Reset", "refresh", "Begin again, with what waits for a reset")
        self.new_seed = button("New seed", "random", "Begin again with another seed")
        self.speed = menu("speed", list(SPEEDS), "as fast as it goes", width="13em").add_class(
            "gan-speed"
        )
        self.pace = menu(
            "pictures a second", list(PICTURES), "pictures: lively", width="10.5em"
        ).add_class("gan-pace")
        for field in (self.speed, self.pace):  # a label for screen readers; the entries say it too
            field.tooltip = field.description
            field.style = {"description_width": "0"}
        self.slow.disabled = not slow_motion
        self.rewind = IntSlider(
            0, min=0, max=0, description="rewind", readout=False,
            style=SMALL, layout={"width": "30em", "max_width": "100%"},
        ).add_class("gan-rewind")  # fmt: skip
        self.moment = HTML().add_class("gan-moment")
        self.status = HTML().add_class("gan-status")
        self.running = HTML().add_class("gan-running")
        self.coach = HTML().add_class("gan-coach")
        first = [
            self.play, self.step, self.only_d, self.only_g, self.slow, self.stop, self.reset,
            self.new_seed, self.speed, self.pace,
        ]  # fmt: skip
        second = [self.rewind, self.moment, self.status]
        rows = [HBox(row, layout=Layout(**ROW)) for row in (first, second)]
        self.box = VBox([*rows, self.running, self.coach])

    def say(self, state: str, line: str, problem: str) -> None:
        """Show a state, the line about it, and what went wrong, if anything did."""
        playing = state == "playing"
        self.status.value = f"<b>{state}</b> · {line}{' · ' + problem if problem else ''}"
        self.play.description = "Pause" if playing else "Play"
        self.play.icon = "pause" if playing else "play"
        self.stop.disabled = not playing

    def follow(self, sessions: tuple[Session, ...]) -> None:
        """Show the recorded states on the slider, and where the run stands among them."""
        session = sessions[0]
        states, position = session.states, session.position
        last = len(states) - 1
        at = last if position is None else position
        with self.rewind.hold_trait_notifications():
            self.rewind.max = max(last, 0)
            self.rewind.value = min(at, self.rewind.max)
        back = position not in (None, last)
        self.moment.value = f"back from step {states[-1].step:,} ·" if back else ""
        self.running.value = dense(
            *(f"running: {html.escape(each.running.describe())}" for each in sessions)
        )


class DisplayOptions:
    """What is shown: layers, charts, and the latent point that is followed."""

    def __init__(self, charts: int) -> None:
        self.layers = {
            name: Checkbox(
                name in SHOWN, description=label, indent=False, layout={"width": "auto"}
            ).add_class(f"gan-layer-{name}")
            for name, label in LAYERS.items()
        }
        labels = ("upper", "lower") if charts == 2 else ("shown",)
        self.charts = [
            menu(label, list(LAB_CHARTS), LAB_CHARTS[3 * i], width="13em")
            for i, label in enumerate(labels)
        ]
        for field in self.charts:
            field.style = SMALL
        self.z1, self.z2 = coordinate("z1"), coordinate("z2")
        self.note = HTML()
        columns = [
            VBox([HTML("<b>layers</b>"), *self.layers.values()]),
            VBox([HTML("<b>charts</b>"), *self.charts]),
            VBox([HTML("<b>chosen z</b>"), self.z1, self.z2, self.note]),
        ]
        self.box = HBox(columns, layout=Layout(flex_flow="row wrap", flex="1 1 13em"))

    def shown(self) -> frozenset[str]:
        """Return the names of the layers that are switched on."""
        return frozenset(name for name, box in self.layers.items() if box.value)

    def follow(self, session: Session) -> None:
        """Fit the latent sliders to the session's latent distribution and dimension."""
        running = session.running
        uniform, width = running.latent_distribution == "uniform", running.latent_dim
        low, high = (0.0, 1.0) if uniform else (-3.0, 3.0)
        for slider in (self.z1, self.z2):
            slider.min, slider.max = min(low, slider.min), max(high, slider.max)
            slider.value = min(max(slider.value, low), high)
            slider.min, slider.max = low, high
        self.z2.disabled = width == 1
        self.note.value = f"z3 to z{width} stay at their median" if width > 2 else ""
        if width == 3:
            self.note.value = "z3 stays at its median"

    def chosen(self, session: Session) -> Tensor:
        """Return the latent point that is followed, (latent_dim,)."""
        middle = 0.5 if session.running.latent_distribution == "uniform" else 0.0
        z = session.z.new_full((session.running.latent_dim,), middle)
        z[0] = self.z1.value
        z[1:2] = self.z2.value
        return z


class PartView:
    """The parts of one turn in slow motion: where it stands, the equation that is lit, numbers."""

    def __init__(self) -> None:
        self.where, self.equation, self.numbers = HTML(), HTMLMath(), HTMLMath()
        self.box = VBox([self.where, self.equation, self.numbers]).add_class("gan-parts")
        self.hide()

    def hide(self) -> None:
        """Take the parts out of sight."""
        self.box.layout.display = "none"

    def show(self, part: Part) -> None:
        """Show a part that has been done."""
        of = f", update {part.round} of {part.rounds}" if part.rounds > 1 else ""
        bars = "".join("●" if i <= part.index else "○" for i in range(part.count))
        dots = bars if part.count <= 40 else f"{part.index + 1} of {part.count}"
        self.where.value = (
            f"<b>{part.player}{of}:</b> {html.escape(part.title)} "
            f'<span title="part {part.index + 1} of {part.count}">{dots}</span>'
        )
        self.equation.value = f"$\\displaystyle {part.equation}$"
        self.numbers.value = " &ensp; ".join(
            f"${_symbol(name)} = {_number(value)}$" for name, value in part.numbers.items()
        )
        self.box.layout.display = ""


def dense(*lines: str, rows: int = 1) -> str:
    """Return lines of HTML as one block, at least ``rows`` high so that what follows stays put."""
    style = f"line-height:1.45;min-height:{1.45 * rows:.2f}em"
    return f'<div style="{style}">{"<br>".join(lines)}</div>'


def _symbol(name: str) -> str:
    """Return LaTeX for what a number is called: words as words, symbols as they are."""
    return rf"\text{{{name}}}" if " " in name and "\\" not in name else name


def _number(value: float) -> str:
    """Return a number to four digits as LaTeX: 1.2e-05 becomes 1.2 times a power of ten."""
    digits, _, power = f"{value:.4g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits

"""Everything that the laboratory shows: controls, pictures, lines of text, and how they follow."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from ipywidgets import HBox, Layout, Tab, VBox

from gan_helpers.lab.coach import coach
from gan_helpers.lab.compare import Compare
from gan_helpers.lab.front.charts import LAB_CHARTS
from gan_helpers.lab.front.dials import DRAWN, LABELS, Dials
from gan_helpers.lab.front.drawing import Drawing
from gan_helpers.lab.front.knobs import Guard
from gan_helpers.lab.front.panel import Looks, Parts, Transport, dense
from gan_helpers.lab.front.picture import TALL, WIDE, LabPicture
from gan_helpers.lab.front.sheets import LAYERS
from gan_helpers.lab.session import Session, Snapshot
from gan_helpers.lab.settings import LabSettings
from gan_helpers.lab.slow_motion import Part
from gan_helpers.plotting.tiles import encode_fast, encode_small
from gan_helpers.widgets.latest import Latest
from gan_helpers.widgets.output import screen, show

EVERY = 25  # turns between two measurements of the samples, at least


class Actions(Protocol):
    """What the controls ask of the laboratory."""

    def toggle(self) -> None:
        """Play, or pause."""

    def pause(self) -> None:
        """Pause."""

    def step(self) -> None:
        """Do one turn of both players."""

    def step_discriminator(self) -> None:
        """Update the discriminator alone."""

    def step_generator(self) -> None:
        """Update the generator alone."""

    def walk(self) -> object:
        """Do the next part of a turn."""

    def rewind(self, index: int) -> None:
        """Go to a recorded state."""

    def change(self, name: str, value: Any) -> None:
        """Change a live setting."""

    def reset(self, settings: LabSettings | None = None, seed: int | None = None) -> None:
        """Begin again."""

    def redraw(self, anew: bool = False) -> None:
        """Draw between two turns; anew after layers or charts were chosen."""


class Bench:
    """The controls and pictures of one laboratory.

    Args:
        engine: one session, or two compared.
        actions: what the controls ask for.
        failed: called with what goes wrong in a control.
        layers: names of the layers to show at first, or ``None``.
        charts: names of the charts to show at first.

    Raises:
        ValueError: there is no such layer or chart.
    """

    def __init__(
        self,
        engine: Session | Compare,
        actions: Actions,
        failed: Callable[[Exception], None],
        layers: Sequence[str] | None,
        charts: Sequence[str],
    ) -> None:
        if unknown := set(layers or ()) - set(LAYERS):
            raise ValueError(f"layers holds {sorted(unknown)}; choose from {', '.join(LAYERS)}")
        if unknown := set(charts) - set(LAB_CHARTS):
            raise ValueError(f"charts holds {sorted(unknown)}; choose from {', '.join(LAB_CHARTS)}")
        self._engine, self._actions = engine, actions
        self.sessions = engine.sessions if isinstance(engine, Compare) else (engine,)
        self._layout = WIDE if len(self.sessions) == 1 else TALL
        self.guard = Guard(failed)
        self.transport = Transport(slow_motion=len(self.sessions) == 1)
        self.looks = Looks(len(self._layout.charts))
        self.parts = Parts()
        self.drawing = Drawing(self._train_on_drawing, self.guard)
        self.dials = Dials(self.sessions[0].running, actions.change, self.guard, self.drawing.data)
        if isinstance(engine, Compare):
            self.dials.hold(engine.difference)
        for name, box in self.looks.layers.items():
            box.value = box.value if layers is None else name in layers
        for menu, name in zip(self.looks.charts, charts, strict=False):
            menu.value = name
        self.images = [screen(self._layout.size[0]) for _ in self.sessions]
        self.width = self._layout.size[0] * len(self.sessions)
        self._part: Part | None = None
        self.box = self._assemble()
        self._wire()
        self.begin()

    def _assemble(self) -> VBox:
        tabs = Tab(
            [self.dials.live, self.dials.at_reset, self.drawing.box],
            titles=("settings: act at once", "settings: act at reset", "draw data"),
        ).add_class("gan-tabs")
        pictures = [*self.images, self.looks.box]  # the choices beside them where there is room
        middle = HBox(pictures, layout=Layout(flex_flow="row wrap", grid_gap="0 8px"))
        rows = [self.transport.box, self.parts.box, middle, tabs]
        return VBox(rows).add_class("gan-lab")

    def _wire(self) -> None:
        guard, actions, transport = self.guard, self._actions, self.transport
        for button, action in (
            (transport.play, actions.toggle), (transport.stop, actions.pause),
            (transport.step, actions.step), (transport.only_d, actions.step_discriminator),
            (transport.only_g, actions.step_generator), (transport.slow, actions.walk),
            (transport.reset, lambda: actions.reset(self.dials.wanted())),
            (transport.new_seed, self._new_seed),
        ):  # fmt: skip
            guard.on_click(button, action)
        back = Latest(lambda: guard.run(lambda: actions.rewind(transport.rewind.value)))
        guard.on_value(transport.rewind, lambda _: back())
        for field in (*self.looks.layers.values(), *self.looks.charts):
            guard.on_value(field, lambda _: actions.redraw(anew=True))
        move = Latest(lambda: guard.run(actions.redraw))
        for slider in (self.looks.z1, self.looks.z2):
            guard.on_value(slider, lambda _: move())

    def _new_seed(self) -> None:
        wanted = self.dials.wanted()
        self._actions.reset(wanted, seed=(wanted.seed + 1) % 2**32)

    def _train_on_drawing(self) -> None:
        self.drawing.data()  # raises where there is nothing to train on
        with self.guard.quiet():
            self.dials.fields["data"].value = DRAWN
        self._actions.reset(self.dials.wanted())

    # Following the sessions; between two turns --------------------------------------------------

    def begin(self) -> None:
        """Show runs that have just begun: new pictures, and controls as the settings are."""
        self._part = None
        self.parts.hide()
        self.dials.follow(self.sessions[0].running)
        with self.guard.quiet():
            self.looks.follow(self.sessions[0])
        self.measure(always=True)
        self.pictures: list[LabPicture] = []
        self.look()

    def look(self) -> None:
        """Show the layers and charts that are chosen now; other charts need other pictures."""
        layers, charts = self.looks.shown(), tuple(menu.value for menu in self.looks.charts)
        if self.pictures and self.pictures[0].names == charts:
            for picture in self.pictures:
                picture.show(layers)
            return
        self.pictures = [
            LabPicture(session, layers, charts, self._layout, self._title(session))
            for session in self.sessions
        ]

    def changed(self) -> None:
        """Follow live settings that were changed, also by going back to a recorded state."""
        self._part = None
        self.parts.hide()
        self.dials.follow_live(self.sessions[0].running)

    def walked(self, part: Part) -> None:
        """Show a part of a turn."""
        self._part = part
        self.parts.show(part)

    def measure(self, always: bool = False) -> None:
        """Measure samples if it is due, or in any case; a run is not disturbed by it."""
        for session in self.sessions:
            done = session.measured
            due = not done or session.step_count >= done[-1].step + EVERY
            if due or (always and session.tick != done[-1].tick):
                session.measure()

    def draw(self) -> None:
        """Draw a frame, and bring the slider and the lines up to date."""
        for image, picture, session in zip(self.images, self.pictures, self.sessions, strict=True):
            show(image, encode_fast(self._pixels(picture, session)[0]), "jpeg")
        with self.guard.quiet():
            self.transport.follow(self.sessions)
        self.transport.coach.value = dense(
            *map(_advice, self.sessions), rows=2 * len(self.sessions)
        )

    def still(self) -> bytes:
        """Return the present picture as PNG, to keep."""
        drawn = [
            self._pixels(picture, session)
            for picture, session in zip(self.pictures, self.sessions, strict=True)
        ]
        self.alt = " ".join(
            picture.describe(snapshot)
            for picture, (_, snapshot) in zip(self.pictures, drawn, strict=True)
        )
        return encode_small(np.concatenate([pixels for pixels, _ in drawn], axis=1))

    def say(self, state: str, rate: float | None, wrong: str) -> None:
        """Bring the status line and the buttons up to date."""
        session = self.sessions[0]
        line = f"step {session.step_count:,} · {session.discriminator_updates:,} updates of D"
        if rate is not None:
            line += f" · {rate:,.0f} turns/s"
        self.transport.say(state, line, wrong)

    def _pixels(self, picture: LabPicture, session: Session) -> tuple[np.ndarray, Snapshot]:
        snapshot = session.snapshot()
        chosen = self.looks.chosen(session)
        return picture.pixels(session, snapshot, chosen, part=self._part).copy(), snapshot

    def _title(self, session: Session) -> str:
        if not isinstance(self._engine, Compare):
            return ""
        name = self._engine.difference
        return f"{LABELS[name]}: {getattr(session.running, name)}"


def _advice(session: Session) -> str:
    advice = coach(session)
    evidence = ", ".join(
        f"{name} {value:.3g}"
        for name, value in advice.evidence.items()
        if name != "generator updates"
    )
    grounds = f' <span style="opacity:0.75">({html.escape(evidence)})</span>' if evidence else ""
    return f"coach: <b>{html.escape(advice.kind)}.</b> {html.escape(advice.sentence)}{grounds}"

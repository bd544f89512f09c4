"""Everything that the laboratory shows: controls, pictures, lines of text, and how they follow."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from ipywidgets import HBox, Layout, Tab, VBox

from gan_helpers.lab.coach import coach
from gan_helpers.lab.compare import Compare
from gan_helpers.lab.front.drawing_canvas import Drawing
from gan_helpers.lab.front.fields import Guard
from gan_helpers.lab.front.lab_picture import TALL, WIDE, LabPicture
from gan_helpers.lab.front.plane_layers import LAYERS
from gan_helpers.lab.front.playback import DisplayOptions, PartView, PlaybackBar, dense
from gan_helpers.lab.front.sample_charts import LAB_CHARTS
from gan_helpers.lab.front.settings_panel import LABELS, SettingsPanel
from gan_helpers.lab.session import Session
from gan_helpers.lab.slow_motion import Part
from gan_helpers.lab.states import Snapshot
from gan_helpers.plotting.tiles import encode_fast, encode_small
from gan_helpers.widgets.latest import Latest
from gan_helpers.widgets.output import screen, show
from gan_helpers.widgets.presence import Presence

EVERY = 25  # turns between two measurements of the samples, at least


class LabView:
    """The controls and pictures of one laboratory.

    Args:
        engine: one session, or two compared.
        change: called with the name and new value of a live setting.
        failed: called with what goes wrong in a control.
        layers: names of the layers to show at first, or ``None``.
        charts: names of the charts to show at first.

    Raises:
        ValueError: there is no such layer or chart.
    """

    def __init__(
        self,
        engine: Session | Compare,
        change: Callable[[str, Any], None],
        failed: Callable[[Exception], None],
        layers: Sequence[str] | None,
        charts: Sequence[str],
    ) -> None:
        if unknown := set(layers or ()) - set(LAYERS):
            raise ValueError(f"layers holds {sorted(unknown)}; choose from {', '.join(LAYERS)}")
        if unknown := set(charts) - set(LAB_CHARTS):
            raise ValueError(f"charts holds {sorted(unknown)}; choose from {', '.join(LAB_CHARTS)}")
        self.sessions = engine.sessions if isinstance(engine, Compare) else (engine,)
        self._difference = engine.difference if isinstance(engine, Compare) else ""
        self._layout = TALL if self._difference else WIDE
        self.guard = Guard(failed)
        self.bar = PlaybackBar(slow_motion=not self._difference)
        self.options = DisplayOptions(len(self._layout.charts))
        self.part_view = PartView()
        self.drawing = Drawing(self.guard)
        running = self.sessions[0].running
        self.settings = SettingsPanel(
            running, change, self.guard, self.drawing.data, self._difference
        )
        for name, box in self.options.layers.items():
            box.value = box.value if layers is None else name in layers
        for menu, name in zip(self.options.charts, charts, strict=False):
            menu.value = name
        self.images = [screen(self._layout.size[0]) for _ in self.sessions]
        self.presence = Presence()
        self._part: Part | None = None
        self.box = self._assemble()
        self.begin()

    def _assemble(self) -> VBox:
        tabs = Tab(
            [self.settings.live, self.settings.at_reset, self.drawing.box],
            titles=("live settings", "settings at reset", "draw data"),
        ).add_class("gan-tabs")
        pictures = [*self.images, self.options.box]  # the choices beside them where there is room
        middle = HBox(pictures, layout=Layout(flex_flow="row wrap", grid_gap="0 8px"))
        rows = [self.bar.box, self.part_view.box, middle, tabs, self.presence]
        return VBox(rows).add_class("gan-lab")

    def connect(
        self,
        rewind: Callable[[int], object],
        reset: Callable[..., object],
        redraw: Callable[..., object],
        **pressed: Callable[[], object],
    ) -> None:
        """Let the controls act: buttons of the bar by name, and the others by what they do."""
        guard, bar, settings = self.guard, self.bar, self.settings

        def new_seed() -> None:
            wanted = settings.wanted()
            reset(wanted, seed=(wanted.seed + 1) % 2**32)

        def train_on_drawing() -> None:
            self.drawing.data()  # raises where there is nothing to train on
            settings.choose_drawn()
            reset(settings.wanted())

        for name, action in pressed.items():
            guard.on_click(getattr(bar, name), action)
        guard.on_click(bar.reset, lambda: reset(settings.wanted()))
        guard.on_click(bar.new_seed, new_seed)
        guard.on_click(self.drawing.use, train_on_drawing)
        back = Latest(lambda: guard.run(lambda: rewind(bar.rewind.value)))
        guard.on_value(bar.rewind, lambda _: back())
        for field in (*self.options.layers.values(), *self.options.charts):
            guard.on_value(field, lambda _: redraw(anew=True))
        move = Latest(lambda: guard.run(redraw))
        for slider in (self.options.z1, self.options.z2):
            guard.on_value(slider, lambda _: move())

    # Following the sessions; between two turns --------------------------------------------------

    def begin(self) -> None:
        """Show runs that have just begun: new pictures, and controls as the settings are."""
        self._part = None
        self.part_view.hide()
        self.settings.follow(self.sessions[0].running)
        with self.guard.quiet():
            self.options.follow(self.sessions[0])
        self.measure(always=True)
        self.pictures: list[LabPicture] = []
        self.choose()

    def choose(self) -> None:
        """Show the layers and charts that are chosen now; other charts need other pictures."""
        layers = self.options.shown()
        charts = tuple(menu.value for menu in self.options.charts)
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
        self.part_view.hide()
        self.settings.follow_live(self.sessions[0].running)

    def show_part(self, part: Part) -> None:
        """Show a part of a turn."""
        self._part = part
        self.part_view.show(part)

    def measure(self, always: bool = False) -> None:
        """Measure samples if it is due, or in any case; a run is not disturbed by it."""
        for session in self.sessions:
            done = session.measured
            due = not done or session.step_count >= done[-1].step + EVERY
            if due or (always and session.run.tick != done[-1].tick):
                session.measure()

    def draw(self) -> None:
        """Draw a frame, and bring the slider and the lines up to date."""
        for image, picture, session in zip(self.images, self.pictures, self.sessions, strict=True):
            show(image, encode_fast(self._pixels(picture, session)[0]), "jpeg")
        with self.guard.quiet():
            self.bar.follow(self.sessions)
        self.bar.coach.value = dense(*map(_advice, self.sessions), rows=2 * len(self.sessions))

    def png(self) -> bytes:
        """Return the present picture, to keep; ``alt`` then describes it."""
        drawn = [
            self._pixels(picture, session)
            for picture, session in zip(self.pictures, self.sessions, strict=True)
        ]
        self.alt = " ".join(
            picture.describe(snapshot)
            for picture, (_, snapshot) in zip(self.pictures, drawn, strict=True)
        )
        return encode_small(np.concatenate([pixels for pixels, _ in drawn], axis=1))

    def say(self, state: str, rate: float | None, more: str) -> None:
        """Bring the status line and the buttons up to date; ``more`` is what else is to be said."""
        session = self.sessions[0]
        line = f"step {session.step_count:,} · {session.run.discriminator_updates:,} updates of D"
        if rate is not None:
            line += f" · {rate:,.0f} turns/s"
        self.bar.say(state, line, more)

    def _pixels(self, picture: LabPicture, session: Session) -> tuple[np.ndarray, Snapshot]:
        snapshot = session.snapshot()
        chosen = self.options.chosen(session)
        return picture.pixels(session, snapshot, chosen, part=self._part).copy(), snapshot

    def _title(self, session: Session) -> str:
        name = self._difference
        return f"{LABELS[name]}: {session.running.shown(name)}" if name else ""


def _advice(session: Session) -> str:
    advice = coach(session)
    evidence = ", ".join(
        f"{name} {value:.3g}"
        for name, value in advice.evidence.items()
        if name != "generator updates"
    )
    grounds = f' <span style="opacity:0.75">({html.escape(evidence)})</span>' if evidence else ""
    return f"coach: <b>{html.escape(advice.kind)}.</b> {html.escape(advice.sentence)}{grounds}"

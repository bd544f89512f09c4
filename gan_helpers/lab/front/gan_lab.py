"""The laboratory: a GAN in the plane that is played, stepped, rewound and changed while it trains.

Actions of controls are carried out between two turns; pictures are drawn from copies, so that the
run's history is the same, bit for bit, whatever is looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ipywidgets import VBox

from gan_helpers.lab.compare import Compare
from gan_helpers.lab.front.lab_view import LabView
from gan_helpers.lab.front.playback import PICTURES, SPEEDS
from gan_helpers.lab.front.player import Player
from gan_helpers.lab.session import Session
from gan_helpers.lab.settings import LabSettings
from gan_helpers.lab.slow_motion import Part
from gan_helpers.runtime import integer
from gan_helpers.widgets.controls import problem
from gan_helpers.widgets.output import CellOutput, bundle


class GanLab:
    """A laboratory for GANs in the plane: leave it as the last expression of a cell.

    It pauses by itself when the page that shows it is gone, unless a cell waits for it.

    Args:
        settings: what to run at first; ``LabSettings.recipe(objective)`` has what suits each
            objective; ``None`` for the non-saturating GAN on the ring.
        compare: two runs side by side from the same seed and data: one setting and its other
            value, ``{"n_critic": 5}``, or a pair of settings that differ in one field.
        layers: names of the layers to show at first, out of ``plane_layers.LAYERS``; ``None`` for
            surface, samples and the chosen z.
        charts: names of the charts to show at first, out of ``sample_charts.LAB_CHARTS``.

    Raises:
        ValueError: a layer or chart that does not exist, or more than one setting that differs.
    """

    def __init__(
        self,
        settings: LabSettings | None = None,
        compare: dict[str, Any] | tuple[LabSettings, LabSettings] | None = None,
        layers: Sequence[str] | None = None,
        charts: Sequence[str] = ("losses", "modes"),
    ) -> None:
        if compare is None:
            self._engine: Session | Compare = Session(settings)
        elif isinstance(compare, tuple):
            self._engine = Compare.between(*compare)
        else:
            self._engine = Compare(settings, **compare)
        self._problem: BaseException | None = None
        self._shown: CellOutput | None = None
        self._next_frame = 0.0
        self._waiting = self._left = False
        self.view = LabView(self._engine, self.change, self._failed, layers, charts)
        self.view.connect(
            self.rewind, self.reset, self.redraw,
            play=self.toggle, stop=self.pause, step=self.step, only_d=self.step_discriminator,
            only_g=self.step_generator, slow=self.slow_motion,
        )  # fmt: skip
        self._player = Player(self._engine.step, self._speed, self._between, self._ended)
        self._draw()
        self._png: bytes | None = None  # the static picture, where the run stands still

    # What a notebook calls ---------------------------------------------------------------------

    @property
    def box(self) -> VBox:
        """The widget that holds everything."""
        return self.view.box

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The session that runs, or both of a comparison."""
        return self.view.sessions

    @property
    def state(self) -> str:
        """One of ready, playing, paused and failed."""
        if self._player.playing:
            return "playing"
        if self._problem is not None:
            return "failed"
        return "paused" if self.sessions[0].run.tick else "ready"

    def play(self, turns: int | None = None) -> None:
        """Train in a thread; returns at once. Only one laboratory plays at a time.

        Args:
            turns: pause by itself after so many, >= 1; ``None`` plays until ``pause``.

        Raises:
            ValueError: ``turns`` is no integer >= 1.
        """
        if turns is not None:
            turns = integer("turns", turns, 1)
        if not self._player.playing:
            self._problem, self._left = None, False
            self.view.presence.renew()
            self._player.act(self.view.changed)
            self._player.play(turns)
        self._say()

    def pause(self) -> None:
        """Stop training between two turns; returns when nothing runs any more. ``play`` goes on."""
        self._player.pause()
        self._say()

    stop = pause

    def wait(self, timeout: float | None = None) -> None:
        """Wait until ``play(turns)`` has done its turns, or somebody paused; a cell of its own.

        An interrupt (the kernel's stop button) pauses.

        Args:
            timeout: seconds to wait at most, >= 0; ``None`` waits as long as it takes.

        Raises:
            TimeoutError: it plays on after ``timeout``.
            Exception: whatever ended the training, or failed while drawing or in a control.
        """
        self._waiting = True
        try:
            if not self._player.wait(timeout):
                raise TimeoutError(f"it plays on after {timeout} s; wait longer or pause()")
        except KeyboardInterrupt:
            self.pause()
        finally:
            self._waiting = False
        if self._shown is not None:
            self._shown.update()  # from this cell: a headless run reads only it
        if self._problem is not None:
            raise self._problem

    def show(self) -> None:
        """Show the laboratory here; ``wait`` brings the static picture beside it up to date."""
        self._shown = CellOutput(self._repr_mimebundle_)

    # What its controls call; each is carried out between two turns ------------------------------

    def toggle(self) -> None:
        """Play, or pause."""
        if self._player.playing:
            self.pause()
        else:
            self.play()

    def step(self) -> None:
        """Pause, and do one turn of both players."""
        self._single(self._engine.step)

    def step_discriminator(self) -> None:
        """Pause, and update the discriminator alone."""
        self._single(self._engine.step_discriminator)

    def step_generator(self) -> None:
        """Pause, and update the generator alone."""
        self._single(self._engine.step_generator)

    def slow_motion(self) -> Part:
        """Pause, and do the next part of a turn in slow motion.

        Raises:
            ValueError: two sessions are compared; slow motion is for one.
        """
        if isinstance(self._engine, Compare):
            raise ValueError("two runs are compared; slow motion shows one: GanLab()")
        done: list[Part] = []
        next_part = self._engine.next_part
        self._single(lambda: done.append(next_part()), lambda: self.view.show_part(done[0]))
        return done[0]

    def rewind(self, index: int) -> None:
        """Pause, and go to a recorded state; ``play`` and the steps go on from there."""
        self._single(lambda: self._engine.rewind(index))

    def change(self, name: str, value: Any) -> None:
        """Change a live setting."""

        def change() -> None:
            try:
                self._engine.change(**{name: value})
            finally:
                self.view.changed()
                self._draw()

        self._player.act(change)

    def reset(self, settings: LabSettings | None = None, seed: int | None = None) -> None:
        """Pause, and begin again: with other settings, with another seed, or as it was."""

        def begin() -> None:
            self._engine.reset(settings=settings, seed=seed)
            self.view.begin()

        self._single(begin, lambda: None)

    def redraw(self, anew: bool = False) -> None:
        """Draw; ``anew`` after layers or charts were chosen."""

        def draw() -> None:
            if anew:
                self.view.choose()
            self._draw()

        self._player.act(draw)

    # Small parts -------------------------------------------------------------------------------

    def _single(self, action: Callable[[], Any], follow: Callable[[], None] | None = None) -> None:
        """Pause, act, and let the controls follow, also where the action has failed."""

        def act() -> None:
            self._problem, self._left = None, False
            try:
                action()
            except Exception:
                self.view.changed()
                raise
            else:
                (follow or self.view.changed)()
            finally:
                self._draw()

        self._player.alone(act)

    def _speed(self) -> float:
        return SPEEDS[self.view.bar.speed.value]

    def _between(self) -> bool:
        self.view.measure()
        if time.perf_counter() >= self._next_frame:
            self._draw()
        self._left = self.view.presence.gone and not self._waiting
        return self._left

    def _draw(self) -> None:
        began, self._png = time.perf_counter(), None
        try:
            self.view.draw()
        except Exception as error:  # training goes on; wait() raises it
            self._failed(error)
        else:
            self._say()
        end = time.perf_counter()
        self._next_frame = end + max(PICTURES[self.view.bar.pace.value], end - began)

    def _ended(self, error: BaseException | None) -> None:
        self._problem = self._problem or error
        self.view.measure(always=True)
        self._draw()
        if self._shown is not None:
            self._png = self.view.png()  # in this thread: an action would wait for it
            self._shown.update()

    def _failed(self, error: Exception) -> None:
        self._problem = error
        self._say()

    def _say(self) -> None:
        more = ""
        if self._problem is not None:
            more = problem(self._problem)
        elif self._left:
            more = "by itself: no page showed it any more"
        self.view.say(self.state, self._player.rate if self._player.playing else None, more)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        png = self._png
        if png is None:  # kept only while the run stands: a frame that comes next drops it again
            made: list[bytes] = []
            self._player.act(lambda: made.append(self.view.png()))
            png = self._png = made[0]
        return bundle(self.box, png, self.view.alt, self.view.pictures[0].picture.smallest_text)

    def __repr__(self) -> str:
        running = " | ".join(each.running.describe() for each in self.sessions)
        return f"GanLab: {self.state}, step {self.sessions[0].step_count}, {running}"

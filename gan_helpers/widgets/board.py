"""The live board: it trains in a thread of its own, shows how it goes, and obeys at once."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterable, Sequence
from typing import Any

from ipywidgets import VBox
from torch.nn import Module

from gan_helpers.gan import GAN
from gan_helpers.record import History, Record
from gan_helpers.widgets.controls import Controls
from gan_helpers.widgets.runner import Runner
from gan_helpers.widgets.stage import STILL, Pace, Stage
from gan_helpers.widgets.status import length, problem, report
from gan_helpers.widgets.still import Shown, bundle, screen, show
from gan_helpers.widgets.views import copy_weights

_current: weakref.ref[LiveBoard] | None = None  # one run at a time: runs share the random state
_registry = threading.Lock()


class LiveBoard:
    """Train in the background and watch: losses, scores, samples, progress, Pause and Stop.

    ``start`` returns at once. Training runs in a thread; frames are drawn between two updates,
    spaced so that drawing takes 3 % of the time at most, from copies of the players and latent
    points of their own: the history is the same, bit for bit, with and without the board.

    Args:
        gan: the players that the run trains.
        real: a distribution or a tensor of real samples, shown beside generated points.
        panels: which panels of ``"losses"``, ``"scores"``, ``"penalty"``, ``"gradients"``,
            ``"samples"`` and ``"surface"`` (points in the plane); curves come before samples.
        preview: samples to show, >= 1; 36 images or 400 points if ``None``.
        history: where records go; a new one if ``None``.
        title: a line above the panels: the question that the run answers.
        seed: of the preview's latent points; nothing else uses it.

    Raises:
        ValueError: an unknown panel, or one that cannot show this GAN's samples.
    """

    gan: GAN
    history: History
    _stage: Stage
    _pace: Pace
    _total: int | None  # step at which the run ends
    _seconds: float | None  # training time after which it ends
    _png: bytes | None  # the picture that stays
    _problem: Exception | None  # raised while drawing or in a button

    def __init__(
        self,
        gan: GAN,
        real: Any = None,
        *,
        panels: Sequence[str] = ("losses", "scores", "samples"),
        preview: int | None = None,
        history: History | None = None,
        title: str = "",
        seed: int = 0,
    ) -> None:
        self._look = (real, tuple(panels), preview, title, seed)
        self.controls = Controls(self._toggle, self._press_stop, self._failed)
        self.image = screen(320)
        self.box = VBox([self.controls.row, self.image]).add_class("gan-board")
        self._saying = threading.Lock()
        self._runner: Runner[Record] | None = None
        self._shown: Shown | None = None
        self._begin(gan, History() if history is None else history)

    def start(
        self, records: Iterable[Record], *, steps: int | None = None, seconds: float | None = None
    ) -> None:
        """Pull the records in a thread, show the board in this cell, and return at once.

        Args:
            records: what ``train`` returns, or anything made of it: ``islice(...)``,
                ``tqdm(...)``, a generator function of your own that steps a scheduler.
            steps: how many records will come, for the bar and the axis; asked of ``records``
                (lists and ``tqdm`` know) if ``None``.
            seconds: end after so much training time, > 0, pauses not counted.

        Raises:
            RuntimeError: this board is still training.
            ValueError: the objective was changed since the history was begun (call ``reset``), or
                ``seconds`` is not positive.
        """
        global _current
        if self._runner is not None and not self._runner.done:
            raise RuntimeError("this board is still training; call stop() or wait() first")
        if seconds is not None and not seconds > 0:
            raise ValueError(f"seconds is {seconds!r}; it must be positive, such as 30.0")
        if self.gan.objective != self._stage.objective and len(self.history):
            raise ValueError(
                f"the history holds a run of {self._stage.objective.name!r}, the GAN now minimises "
                f"{self.gan.objective.name!r}; call board.reset(gan) to begin a new history"
            )
        with _registry:
            other = _current() if _current is not None else None
            if other is not None and other is not self:
                other.stop()
            _current = weakref.ref(self)
        steps = length(records) if steps is None else steps
        self._total = self.gan.step + steps if steps else None
        self._first, self._seconds, self._problem = self.gan.step, seconds, None
        self._set_stage()
        self._runner = Runner(iter(records), self._take, self._draw, self._end)
        self._final = "running"
        self._say()
        self._leave_still()  # axes and labels are drawn here, not in the training's time
        self._shown = Shown(self._bundle)
        self._pace = Pace()
        self._runner.start()

    def pause(self) -> None:
        """Pause between two updates; returns when the run stands still."""
        if self._runner is not None and not self._runner.done:
            self._runner.pause()
            self._say()

    def resume(self) -> None:
        """Go on after ``pause``."""
        if self._runner is not None and not self._runner.done:
            self._runner.ask_pause(False)
            self._say()

    def stop(self) -> None:
        """End the run between two updates; returns when it has ended. The GAN stays usable."""
        if self._runner is not None:
            self._runner.stop()

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the run to end; a cell of its own, after the one that started it.

        An interrupt (the kernel's stop button) ends the run and keeps the history.

        Args:
            timeout: seconds to wait at most, >= 0; ``None`` waits as long as it takes.

        Raises:
            TimeoutError: the run goes on after ``timeout``.
            Exception: whatever ended the run, or failed while drawing or in a button.
        """
        if self._runner is not None:
            try:
                if not self._runner.wait(timeout):
                    raise TimeoutError(f"the run goes on after {timeout} s; wait longer or stop()")
            except KeyboardInterrupt:
                self._runner.stop()
        if self._shown is not None:
            self._shown.update()  # from this cell: a headless run reads only it
        error = self._problem or (self._runner.error if self._runner is not None else None)
        if error is not None:
            raise error

    def reset(self, gan: GAN) -> None:
        """Stop, and begin anew with other players: new history, new pictures, their objective.

        Args:
            gan: the new players; whatever objective they have is what the panels show from here.
        """
        self.stop()
        self._runner = None
        self._begin(gan, History())

    def weights(self, into: Module) -> None:
        """Copy the generator's present weights into a copy of it, between two updates.

        Args:
            into: a module of the generator's make; it is changed.
        """
        if self._runner is None:
            copy_weights(self.gan.generator, into)
        else:
            self._runner.do(lambda: copy_weights(self.gan.generator, into))

    # Called in the training thread

    def _take(self, record: Record) -> bool:
        self.history.append(record)
        if self._pace.due():
            self._draw()
        if self._seconds is None or self._runner is None:
            return False
        return self._runner.spent >= self._seconds

    def _draw(self) -> None:
        if self._problem is not None:  # drawing has failed before
            self._say()
            return
        began = time.perf_counter()
        try:
            show(self.image, self._stage.live(self.history), "jpeg")
        except Exception as error:  # training goes on; wait() raises it
            self._failed(error)
            self._pace.never()
        else:
            self._say()
            self._pace.drawn(began)

    def _end(self, state: str) -> None:
        self._final = state
        self._say()
        try:
            self._leave_still()
        except Exception as error:
            self._failed(error)
        if self._shown is not None:
            self._shown.update()

    # Small parts

    def _begin(self, gan: GAN, history: History) -> None:
        self.gan, self.history = gan, history
        self._total = self._seconds = self._problem = None
        self._first, self._final = gan.step, "ready"
        self._set_stage()
        self._say()

    def _set_stage(self) -> None:
        self._stage = Stage(self.gan, *self._look, self._total)
        self.image.layout.width = f"{self._stage.width}px"
        self._png = None

    def _leave_still(self) -> None:
        """Draw the picture that stays, sharper at the end; call between two updates."""
        scale = 1.0 if self._final in ("ready", "running") else STILL
        self._png = self._stage.still(self.history, scale)
        show(self.image, self._png, "png")

    def _toggle(self) -> None:
        if self._runner is not None:
            self._runner.ask_pause(not self._runner.paused)
            self._say()

    def _press_stop(self) -> None:
        if self._runner is not None:
            self._runner.ask_stop()

    def _failed(self, error: Exception) -> None:
        self._problem = error
        self._say()

    @property
    def state(self) -> str:
        """One of ready, running, pausing, paused, stopped, finished and failed."""
        runner = self._runner
        if self._final == "running" and runner is not None and runner.paused:
            return "paused" if runner.standing else "pausing"
        return self._final

    def _say(self) -> None:
        """Bring the status line, the bar and the buttons up to date."""
        with self._saying:  # the training thread and a button may both have something to say
            runner, state = self._runner, self.state
            spent = runner.spent if runner is not None else 0.0
            done = self.gan.step - self._first
            share = done / (self._total - self._first) if self._total else 0.0
            if self._seconds is not None:
                share = max(share, spent / self._seconds)
            share = 1.0 if state == "finished" else min(share, 1.0)
            name, step = self._stage.objective.name, self.gan.step
            line = report(state, name, step, done, self._total, spent, share)
            error = self._problem or (runner.error if runner is not None else None)
            if error is not None:
                line = f"{line} · {problem(error)}"
            self.controls.say(state, line, share)

    def _bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        if self._png is None and self._runner is not None:
            self._runner.do(self._leave_still)
        elif self._png is None:
            self._leave_still()
        return bundle(self.box, self._png or b"", self._stage.alt, self._stage.width)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._bundle()

    def __repr__(self) -> str:
        return f"LiveBoard: {self.state}, step {self.gan.step}, {len(self.history)} records"

"""The live board: it trains in a thread of its own, shows how it goes, and obeys at once."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Sequence
from typing import Any

from ipywidgets import VBox
from torch import Tensor
from torch.nn import Module

from gan_helpers.gan import GAN
from gan_helpers.objectives import Objective
from gan_helpers.plotting.charts import Chart
from gan_helpers.record import History
from gan_helpers.runtime import integer, number
from gan_helpers.widgets.controls import Controls, problem
from gan_helpers.widgets.copies import copy_weights
from gan_helpers.widgets.live_picture import LivePicture, Pace
from gan_helpers.widgets.output import CellOutput
from gan_helpers.widgets.progress import Progress, length
from gan_helpers.widgets.runner import Runner

_current: weakref.ref[LiveBoard] | None = None  # one run at a time: runs share the random state
_registry = threading.Lock()


class LiveBoard:
    """Train in the background and watch: losses, scores, samples, progress, Pause and Stop.

    Training runs in a thread. Pictures are drawn between two updates, in 3 % of the time at most,
    from copies of the networks and random numbers of their own: the history is the same, bit for
    bit, with and without the board.

    A loop of one's own yields a ``NamedTuple`` of scalars, ``step`` first, for each update::

        board = LiveBoard(
            generator=decoder, latent=z, panels=(Chart.of("reconstruction", "kl"), "samples")
        )
        board.start(vae_loop(encoder, decoder, batches))

    Args:
        gan: the players that the run trains; ``None`` for a loop without them.
        real: a distribution or a tensor of real samples, shown beside generated points.
        panels: charts of any columns, ``Chart.of(...)``, and for a GAN the names ``"losses"``,
            ``"scores"``, ``"penalty"``, ``"reconstruction"``, ``"gradients"``, ``"samples"`` and
            ``"surface"`` (points in the plane); curves come before samples.
        generator: without a GAN, the module that makes the samples, such as a VAE's decoder.
        latent: the fixed latent points that it is shown at, (n, latent_dim).
        condition: what samples are made for, (k, ...): labels, or images to translate. The
            surface is that of the first condition.
        preview: samples of a GAN to show, >= 1; 36 images, 400 points or one for each condition
            if ``None``.
        history: where records go; a new one if ``None``.
        title: a line above the panels: the question that the run answers.
        seed: of the preview's latent points; nothing else uses it.

    Raises:
        ValueError: an unknown panel, or one that cannot show these samples; no condition where
            the networks are told one.
    """

    gan: GAN | None
    history: History
    _runner: Runner[Any]  # before the first run one that is not started
    _objective: Objective | None  # whose run the history holds
    _name: str
    _problem: Exception | None  # raised while drawing or in a button

    def __init__(
        self,
        gan: GAN | None = None,
        real: Any = None,
        *,
        panels: Sequence[str | Chart] = ("losses", "scores", "samples"),
        generator: Module | None = None,
        latent: Tensor | None = None,
        condition: Tensor | None = None,
        preview: int | None = None,
        history: History | None = None,
        title: str = "",
        seed: int = 0,
    ) -> None:
        self._picture = LivePicture(
            real=real, panels=tuple(panels), generator=generator, latent=latent,
            condition=condition, preview=preview, title=title, seed=seed,
        )  # fmt: skip
        self._generator = generator
        self.controls = Controls(self._toggle, lambda: self._runner.ask_stop(), self._failed)
        self.image = self._picture.image
        self.box = VBox([self.controls.row, self.image]).add_class("gan-board")
        self._saying = threading.Lock()
        self._output: CellOutput | None = None
        self._begin(gan, History() if history is None else history)

    def start(
        self, records: Iterable[Any], *, steps: int | None = None, seconds: float | None = None
    ) -> None:
        """Pull the records in a thread, show the board in this cell, and return at once.

        Args:
            records: what ``train`` returns, or anything made of it: ``islice(...)``,
                ``tqdm(...)``, a generator function of your own. It is closed when the run ends.
            steps: how many records will come, for the bar and the axis; asked of ``records``
                (lists and ``tqdm`` know) if ``None``.
            seconds: end after so much training time, > 0, pauses not counted.

        Raises:
            RuntimeError: this board is still training.
            ValueError: the objective was changed since the history was begun (call ``reset``), or
                ``seconds`` is not positive.
        """
        global _current
        if not self._runner.done:
            raise RuntimeError("this board is still training; call stop() or wait() first")
        if seconds is not None and number("seconds", seconds, 0.0) == 0:
            raise ValueError("seconds is 0; it must be positive, such as 30.0")
        if self.gan is not None and self.gan.objective != self._objective and len(self.history):
            raise ValueError(
                f"the history holds a run of {self._name!r}, the GAN now minimises "
                f"{self.gan.objective.name!r}; call board.reset(gan) to begin a new history"
            )
        with _registry:
            other = _current() if _current is not None else None
            if other is not None and other is not self:
                other.stop()
            _current = weakref.ref(self)
        self._prepare(length(records) if steps is None else integer("steps", steps, 0), seconds)
        self._picture.keep(self.history)  # axes are drawn here, not in the training's time
        self._runner = Runner(iter(records), self._take, self._draw, self._end)
        self._final = "running"
        self._say()
        self._output = CellOutput(self._repr_mimebundle_)
        self._picture.pace = Pace()
        self._runner.start()

    def pause(self) -> None:
        """Pause between two updates; returns when the run stands still."""
        self._runner.pause()
        self._say()

    def resume(self) -> None:
        """Go on after ``pause``."""
        self._runner.ask_pause(False)
        self._say()

    def stop(self) -> None:
        """End the run between two updates; returns when it has ended. The GAN stays usable."""
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
        try:
            if not self._runner.wait(timeout):
                raise TimeoutError(f"the run goes on after {timeout} s; wait longer or stop()")
        except KeyboardInterrupt:
            self._runner.stop()
        if self._output is not None:
            self._output.update()  # from this cell: a headless run reads only it
        if self._error is not None:
            raise self._error

    def reset(self, gan: GAN) -> None:
        """Stop, and begin anew with other players: new history, new pictures, their objective.

        Args:
            gan: the new players; whatever objective they have is what the panels show from here.
        """
        self.stop()
        self._begin(gan, History())

    def weights(self, into: Module) -> None:
        """Copy the generator's present weights into a copy of it, between two updates.

        Args:
            into: a module of the generator's make; it is changed.

        Raises:
            ValueError: the board has neither a GAN nor a generator.
        """
        source = self._generator if self.gan is None else self.gan.generator
        if source is None:
            raise ValueError("this board has no generator; pass generator= or a GAN to LiveBoard")
        self._runner.do(lambda: copy_weights(source, into))

    def _take(self, record: Any) -> bool:
        self.history.append(record)
        self._progress.take(record)
        if self._picture.pace.due():
            self._draw()
        limit = self._progress.seconds
        return limit is not None and self._progress.spent(self._runner.spent) >= limit

    def _draw(self) -> None:
        try:
            self._picture.draw(self.history)
        except Exception as error:  # training goes on; wait() raises it
            self._picture.pace.next = float("inf")  # said once: nothing is drawn any more
            self._failed(error)
        else:
            self._say()

    def _end(self, state: str) -> None:
        self._final = state
        try:
            self._picture.keep(self.history)
        except Exception as error:
            self._problem = self._problem or error
        self._say()
        if self._output is not None:
            self._output.update()

    def _begin(self, gan: GAN | None, history: History) -> None:
        self.gan, self.history, self._final = gan, history, "ready"
        self._runner = Runner(iter(()), self._take, self._draw, self._end)
        self._prepare(None, None)
        self._say()

    def _prepare(self, steps: int | None, seconds: float | None) -> None:
        """Count from here on, and make the picture of the run that comes."""
        recorded = int(self.history.steps[-1]) if len(self.history) else 0
        self._progress = Progress(recorded if self.gan is None else self.gan.step, steps, seconds)
        self._problem = None
        self._objective = None if self.gan is None else self.gan.objective
        self._name = self._objective.name if self._objective is not None else ""
        self._picture.prepare(self.gan, self._progress.total)

    def _toggle(self) -> None:
        self._runner.ask_pause(not self._runner.paused)
        self._say()

    def _failed(self, error: Exception) -> None:
        self._problem = error
        self._say()

    @property
    def state(self) -> str:
        """One of ready, running, pausing, paused, stopped, finished and failed."""
        if self._final == "running" and self._runner.paused:
            return "paused" if self._runner.standing else "pausing"
        return self._final

    @property
    def _error(self) -> BaseException | None:
        return self._problem or self._runner.error

    def _say(self) -> None:
        """Bring the status line, the bar and the buttons up to date."""
        with self._saying:  # the training thread and a button may both have something to say
            state = self.state
            line, share = self._progress.line(state, self._name, self._runner.spent)
            if self._error is not None:
                line = f"{line} · {problem(self._error)}"
            self.controls.say(state, line, share)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._picture.bundle(self.box, self.history)

    def __repr__(self) -> str:
        step, count = self._progress.step, len(self.history)
        return f"LiveBoard: {self.state}, step {step}, {count} records"

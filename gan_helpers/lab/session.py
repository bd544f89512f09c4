"""One laboratory: a run that can be stepped, changed, measured, shown in parts and rewound."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import torch

from gan_helpers.gan import GAN
from gan_helpers.lab.lab_run import Run
from gan_helpers.lab.measures import SAMPLES, Measures, floor_of, measure
from gan_helpers.lab.settings import LIVE, LabSettings
from gan_helpers.lab.slow_motion import Part, SlowTurn
from gan_helpers.lab.sources import draw
from gan_helpers.lab.states import Snapshot, State, States, frozen, room
from gan_helpers.record import History, NonFiniteLossError, Record
from gan_helpers.training import DiscriminatorStep

STATES = 200  # most that are kept to go back to
MOST_MEASURED = 2_000


class Session:
    """A laboratory for data in the plane, without a picture and without a control.

    Every public method may be called from any thread; each is atomic. Draws come from a random
    state of the session's own, so sessions disturb neither each other nor any other cell.

    Args:
        settings: what to run; the default is the recipe of the non-saturating objective.
        state_limit: most states kept to go back to, >= 3; fewer where 100 MB hold fewer.

    Attributes:
        run: what is trained, with its ``tick`` (actions so far) and ``discriminator_updates``.
        real: 1 000 real samples (1000, 2), fixed, for pictures and measures.
        z: 1 000 latent points (1000, latent_dim), likewise.

    Raises:
        ValueError: ``state_limit`` is not an integer >= 3.
    """

    def __init__(self, settings: LabSettings | None = None, *, state_limit: int = STATES) -> None:
        self._lock = threading.RLock()
        self._limit = state_limit
        self._begin(settings or LabSettings())

    def _begin(self, settings: LabSettings) -> None:
        run = Run(settings)
        states = States(self._limit, room(run.weights))
        own = torch.Generator().manual_seed(settings.seed)
        self.real = draw(run.source, SAMPLES, own)
        self.z = run.gan.sample_latent(SAMPLES, own)
        self._floor = floor_of(settings.data)
        self.run, self._states = run, states
        self._measured: list[Measures] = []
        self._whole: History | None = None  # while in the past: the history with its future
        self._slow: SlowTurn | None = None
        states.add(run.state())

    # Updates ----------------------------------------------------------------------------------

    def step(self) -> Record:
        """Do one whole turn: ``n_critic`` discriminator updates, then the generator's.

        Raises:
            NonFiniteLossError: the run has diverged; go back with `rewind`, or `reset`.
        """
        with self._action():
            return self.run.turn()

    def step_discriminator(self) -> DiscriminatorStep:
        """Update the discriminator once, the generator not at all; the history stays.

        Raises:
            NonFiniteLossError: as in `step`.
        """
        with self._action():
            return self.run.discriminator_alone()

    def step_generator(self) -> Record:
        """Update the generator once; the record holds what the discriminator measures now.

        Raises:
            NonFiniteLossError: as in `step`.
        """
        with self._action():
            return self.run.generator_alone()

    def next_part(self) -> Part:
        """Show the next part of a turn in slow motion; begins a turn if none is under way.

        An error or interrupt within an update undoes the whole turn.

        Raises:
            NonFiniteLossError: as in `step`, at the last part.
        """
        with self._lock:
            if self._slow is None:
                self._leave_past()
                self._slow = SlowTurn(self.run)
            slow = self._slow
            try:
                part = slow.next()
            except BaseException:
                self._slow = None
                slow.undo()
                raise
            if part.last:
                self._slow = None
                with self._action():
                    slow.complete()
            return part

    def slow_motion(self) -> Iterator[Part]:
        """Do one turn in parts, and yield each part when it is done.

        The turn ends where `step` would have led, bit for bit; an iterator that is closed early
        finishes it. A turn that is under way in parts is taken up where it stands.
        """
        try:
            while not (part := self.next_part()).last:
                yield part
            yield part
        finally:
            self.finish_turn()

    @property
    def in_slow_motion(self) -> bool:
        """Whether a turn is under way in parts."""
        return self._slow is not None

    def finish_turn(self) -> None:
        """Do at once what is left of a turn in parts; every other action does so first."""
        with self._lock:
            while self.in_slow_motion:
                self.next_part()

    # Changes ----------------------------------------------------------------------------------

    def change(self, **live: Any) -> LabSettings:
        """Change live settings between two updates, and return what is running now.

        Raises:
            ValueError: a value out of range, or a setting that waits for a `reset`.
        """
        with self._lock:
            waits = [name for name in live if name not in LIVE]
            settings = self.running.changed(**live)
            if waits:
                raise ValueError(
                    f"{', '.join(waits)} cannot change during a run; only {', '.join(LIVE)} can: "
                    "reset with session.reset(session.running.changed(...))"
                )
            self.finish_turn()
            self.run.change(settings)
            if self.position is not None:
                self._states.add_present(self.run.state())
            return settings

    def reset(self, settings: LabSettings | None = None, seed: int | None = None) -> None:
        """Begin again, with these settings (default: as now) and this seed (default: theirs).

        Raises:
            ValueError: the seed is out of range.
        """
        with self._lock:
            settings = settings or self.running
            self._begin(settings if seed is None else settings.changed(seed=seed))

    # The way back -----------------------------------------------------------------------------

    def rewind(self, index: int) -> None:
        """Go to ``states[index]``, settings included; what came later stays until an update.

        Going on from there does, bit for bit, what the run did (unless something is changed).

        Args:
            index: of a state; negative from the end, as in a list.

        Raises:
            IndexError: there is no such state.
        """
        with self._lock:
            count = len(self.states)
            if not -count <= index < count:
                raise IndexError(f"index is {index}; it must be from {-count} to {count - 1}")
            target = self.states[index]
            with suppress(NonFiniteLossError):  # going back is the repair
                self.finish_turn()
            if self._whole is None:
                self._whole = self.history
                self._states.add_present(self.run.state())
            self.run.restore(target, self._whole)

    @contextmanager
    def _action(self) -> Iterator[None]:
        """Do one action of the run, from where the session stands; a diverged one counts too."""
        with self._lock:
            self.finish_turn()
            self._leave_past()
            before = self.run.tick
            try:
                yield
            finally:
                if self.run.tick > before and self._states.is_due(self.run.tick):
                    self._states.add(self.run.state())

    def _leave_past(self) -> None:
        """Drop what came after the present, if the session is in its past."""
        if self._whole is not None:
            self._states.cut(self.run.tick)
            self._measured = list(self.measured)  # a new list: see `measure`
            self._whole = None

    # Looking ----------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return frozen copies of both players, in slow motion as they stand at the part shown."""
        with self._lock:
            players = frozen(self.gan) if self._slow is None else copy.deepcopy(self._slow.players)
            objective = self.running.build_objective()
            return Snapshot(*players, objective, self.running, self.step_count, self.run.tick)

    @property
    def measured(self) -> tuple[Measures, ...]:
        """What `measure` has found, up to the present."""
        with self._lock:
            return tuple(each for each in self._measured if each.tick <= self.run.tick)

    def measure(self) -> Measures:
        """Measure the generator now, and append the result to `measured`, once a moment.

        Training may go on meanwhile; a measure of what has been left by then is not kept, and none
        is while the session is in its past.
        """
        with self._lock:
            seen, log = self.snapshot(), self._measured
            given = self.real, self.z, self.run.mixture, self._floor
        found = measure(seen, *given)
        with self._lock:
            current = log is self._measured and self._whole is None
            if current and (not log or log[-1].tick < found.tick):
                log.append(found)
                if len(log) > MOST_MEASURED:
                    del log[::2]
        return found

    @property
    def running(self) -> LabSettings:
        """What is really running, live changes included."""
        return self.run.settings

    @property
    def gan(self) -> GAN:
        """The players in training; to read them from another thread take a `snapshot`."""
        return self.run.gan

    @property
    def history(self) -> History:
        """The records up to the present; a new object after `rewind` and `reset`."""
        return self.run.history

    @property
    def step_count(self) -> int:
        """Generator updates so far."""
        return self.run.gan.step

    @property
    def states(self) -> tuple[State, ...]:
        """The recorded states, sorted by tick; the first is the beginning."""
        return self._states.all

    @property
    def position(self) -> int | None:
        """Index of the recorded state at which the session stands, or None between two."""
        return self._states.index(self.run.tick)

"""One laboratory: a run that can be stepped, changed, measured, walked through and rewound."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import Module

from gan_helpers.lab.measures import MOVED, SAMPLES, Measures, floor_of, grasp, judge
from gan_helpers.lab.readings import Readings
from gan_helpers.lab.run import Run, Values
from gan_helpers.lab.settings import LIVE, LabSettings
from gan_helpers.lab.slow_motion import Part, parts_of_turn, returned
from gan_helpers.lab.sources import draw
from gan_helpers.lab.states import States, room
from gan_helpers.objectives import Objective
from gan_helpers.record import History, NonFiniteLossError, Record

STATES = 200  # most that are kept to go back to
MOST_MEASURED = 2_000


@dataclass(frozen=True)
class Snapshot:
    """Frozen copies of both players at one moment, for pictures: nothing in it changes."""

    generator: Module
    discriminator: Module
    objective: Objective
    settings: LabSettings
    step: int
    tick: int


class Session(Readings):
    """A laboratory for data in the plane, without a picture and without a control.

    Every public method may be called from any thread; each is atomic. Draws come from a random
    state of the session's own, so sessions disturb neither each other nor any other cell.

    Args:
        settings: what to run; the default is the recipe of the non-saturating objective.
        state_limit: most states kept to go back to, >= 3; fewer where 100 MB hold fewer.

    Raises:
        ValueError: ``state_limit`` is not an integer >= 3.
    """

    def __init__(self, settings: LabSettings | None = None, *, state_limit: int = STATES) -> None:
        self._lock = threading.RLock()
        self._limit = state_limit
        self._begin(settings or LabSettings())

    def _begin(self, settings: LabSettings) -> None:
        run = Run(settings)
        states = States(min(self._limit, room(run.weights)))
        own = torch.Generator().manual_seed(settings.seed)
        self.real = draw(run.source, SAMPLES, own)  # (1000, 2), fixed, for pictures and measures
        self.z = run.gan.sample_latent(SAMPLES, own)  # (1000, latent_dim), likewise
        self._floor = floor_of(settings.data)
        self._run, self._states = run, states
        self._measured: list[Measures] = []
        self._whole: History | None = None  # while in the past: the history with its future
        self._walk: Generator[Part, None, Values] | None = None
        self._walked = 0.0  # seconds
        states.add(run.state())

    # Updates ----------------------------------------------------------------------------------

    def step(self) -> Record:
        """Do one whole turn: ``n_critic`` discriminator updates, then the generator's.

        Raises:
            NonFiniteLossError: the run has diverged; go back with `rewind`, or `reset`.
        """
        with self._action():
            return self._run.turn()

    def step_discriminator(self) -> None:
        """Update the discriminator once, the generator not at all; see `latest` and `trail`.

        Raises:
            NonFiniteLossError: as in `step`.
        """
        with self._action():
            self._run.discriminator_alone()

    def step_generator(self) -> Record:
        """Update the generator once; the record holds what the discriminator measures now.

        Raises:
            NonFiniteLossError: as in `step`.
        """
        with self._action():
            return self._run.generator_alone()

    def walk(self) -> Part:
        """Do the next part of a turn in slow motion; begins a turn if none is under way.

        Raises:
            NonFiniteLossError: as in `step`, at the last part.
        """
        with self._lock:
            if self._walk is None:
                self._leave_past()
                self._walk, self._walked = parts_of_turn(self._run), 0.0
            began = time.perf_counter()
            part = next(self._walk)
            self._walked += time.perf_counter() - began
            if part.last:
                values, self._walk = returned(self._walk), None
                with self._action():
                    self._run.complete_turn(values, self._walked)
            return part

    @property
    def walking(self) -> bool:
        """Whether a turn is under way in parts."""
        return self._walk is not None

    def finish_walk(self) -> None:
        """Do at once what is left of a turn in parts; every other action does so first."""
        with self._lock:
            while self.walking:
                self.walk()

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
            self.finish_walk()
            self._run.change(settings)
            if self._states.index(self.tick) is not None:
                self._states.add_present(self._run.state())
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
                self.finish_walk()
            if self._whole is None:
                self._whole = self.history
                self._states.add_present(self._run.state())
            self._run.restore(target, self._whole)

    @contextmanager
    def _action(self) -> Iterator[None]:
        """Do one action of the run, from where the session stands; a diverged one counts too."""
        with self._lock:
            self.finish_walk()
            self._leave_past()
            before = self.tick
            try:
                yield
            finally:
                if self.tick > before and self._states.is_due(self.tick):
                    self._states.add(self._run.state())

    def _leave_past(self) -> None:
        """Drop what came after the present, if the session is in its past."""
        if self._whole is not None:
            self._states.cut(self.tick)
            self._measured = list(self.measured)  # a new list: see `measure`
            self._whole = None

    # Looking ----------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return frozen copies of both players."""
        with self._lock:
            gan = self.gan
            players = (copy.deepcopy(each).eval() for each in (gan.generator, gan.discriminator))
            generator, discriminator = (each.requires_grad_(False) for each in players)
            at = self.running, self.step_count, self.tick
            return Snapshot(generator, discriminator, gan.objective, *at)

    @property
    def measured(self) -> tuple[Measures, ...]:
        """What `measure` has found, up to the present."""
        with self._lock:
            return tuple(each for each in self._measured if each.tick <= self.tick)

    def measure(self) -> Measures:
        """Measure the generator now, and append the result to `measured`, once a moment.

        Training may go on meanwhile; a measure of what has been left by then is not kept, and none
        is while the session is in its past.
        """
        with self._lock:
            seen, z, real, log = self.snapshot(), self.z, self.real, self._measured
            mixture, floor = self.mixture, self._floor
        with torch.no_grad():
            fake = seen.generator(z)  # (1000, 2)
        found = judge(seen.step, seen.tick, fake, real, mixture, floor)
        if seen.settings.objective in ("WGAN", "WGAN-GP") and found.w1 > 0:
            parts = seen.discriminator, real[:MOVED], fake[:MOVED]
            found = found._replace(grasp=grasp(*parts, found.w1))
        with self._lock:
            current = log is self._measured and self._whole is None
            if current and (not log or log[-1].tick < found.tick):
                log.append(found)
                if len(log) > MOST_MEASURED:
                    del log[::2]
        return found

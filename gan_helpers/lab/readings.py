"""What can be read off a laboratory at any moment, from any thread."""

from __future__ import annotations

import threading

import numpy as np

from gan_helpers.data import GaussianMixture
from gan_helpers.gan import GAN
from gan_helpers.lab.run import Run
from gan_helpers.lab.settings import LabSettings
from gan_helpers.lab.sources import Source
from gan_helpers.lab.states import State, States
from gan_helpers.record import History, Record


class Readings:
    """The readable side of a session: a run, its recorded states, and a lock around both."""

    _lock: threading.RLock
    _run: Run
    _states: States

    @property
    def running(self) -> LabSettings:
        """What is really running, live changes included."""
        return self._run.settings

    @property
    def gan(self) -> GAN:
        """The players in training; to read them from another thread take a `snapshot`."""
        return self._run.gan

    @property
    def source(self) -> Source:
        """The law of the data, or the drawn points."""
        return self._run.source

    @property
    def mixture(self) -> GaussianMixture | None:
        """The law of the data where it is a mixture, whose modes can be counted."""
        return self.source if isinstance(self.source, GaussianMixture) else None

    @property
    def history(self) -> History:
        """The records up to the present; a new object after `rewind` and `reset`."""
        return self._run.history

    @property
    def step_count(self) -> int:
        """Generator updates so far."""
        return self._run.gan.step

    @property
    def discriminator_updates(self) -> int:
        """Discriminator updates so far."""
        return self._run.discriminator_updates

    @property
    def tick(self) -> int:
        """Actions so far: each of the three steps is one."""
        return self._run.tick

    @property
    def latest(self) -> Record | None:
        """The newest values of both players, lone discriminator updates included."""
        return self._run.latest

    @property
    def trail(self) -> np.ndarray:
        """Losses (k,) of the last lone discriminator updates, at most 500, since a generator's."""
        with self._lock:
            return np.array([loss.item() for loss in self._run.trail])

    @property
    def states(self) -> tuple[State, ...]:
        """The recorded states, sorted by tick; the first is the beginning."""
        return self._states.all

    @property
    def position(self) -> int | None:
        """Index of the recorded state at which the session stands, or None between two."""
        return self._states.index(self.tick)

"""Play a laboratory in a thread: turns at a chosen speed, actions in between, one at a time."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from gan_helpers.widgets.runner import Runner

PATIENCE = 0.04  # seconds that a slow run waits at a time, and so the longest an action waits
_playing: weakref.ref[Player] | None = None
_registry = threading.Lock()


class Player:
    """Take turns in a thread while it plays; while it does not, there is no thread.

    Args:
        turn: does one turn.
        speed: returns how many turns a second are allowed at most.
        between: called in the thread between two turns, often; it may draw, and returns whether
            that is enough.
        ended: called in the thread at the end, before ``wait`` returns, with what ended it.
    """

    def __init__(
        self,
        turn: Callable[[], Any],
        speed: Callable[[], float],
        between: Callable[[], bool],
        ended: Callable[[BaseException | None], None],
    ) -> None:
        self._turn, self._speed, self._between, self._on_ended = turn, speed, between, ended
        self._acting = threading.RLock()  # one action at a time, from whichever thread
        self._runner: Runner[None] | None = None
        self._turns = 0  # since play was called
        self._limit: int | None = None
        self._over = False

    @property
    def playing(self) -> bool:
        """Whether turns are being taken."""
        return self._runner is not None and not self._runner.done and not self._over

    @property
    def rate(self) -> float | None:
        """Turns a second since ``play`` was called, once that is known."""
        spent = self._runner.spent if self._runner is not None else 0.0
        return self._turns / spent if spent > 0.5 else None

    def play(self, turns: int | None = None) -> None:
        """Begin, and return at once; whatever else plays is paused first.

        Args:
            turns: end after so many, or at ``pause`` if ``None``.
        """
        global _playing
        with _registry:
            other = _playing() if _playing is not None else None
            _playing = weakref.ref(self)
        if other is not None and other is not self:
            other.pause()
        with self._acting:
            if not self.playing:
                self._turns, self._limit, self._over = 0, turns, False
                self._runner = Runner(self._take_turns(), self._take, lambda: None, self._ended)
                self._runner.start()

    def pause(self) -> None:
        """End between two turns; returns when nothing runs any more."""
        with self._acting:
            if self._runner is not None:
                self._runner.stop()

    def act(self, action: Callable[[], Any]) -> None:
        """Carry out an action between two turns: in the thread, if there is one.

        Raises:
            Exception: whatever the action raises.
        """
        with self._acting:
            if self._runner is None:
                action()
            else:
                self._runner.do(action)

    def alone(self, action: Callable[[], Any]) -> None:
        """Pause, and carry out an action before anything else happens."""
        with self._acting:
            self.pause()
            action()

    def wait(self, timeout: float | None) -> bool:
        """Wait for the end; return whether it came within ``timeout`` seconds."""
        return self._runner is None or self._runner.wait(timeout)

    def _take_turns(self) -> Iterator[None]:
        """Take turns for ever; a slow run yields while it waits, so that actions need not."""
        while True:
            due = time.perf_counter() + 1 / self._speed()
            self._turn()
            self._turns += 1
            yield
            while (left := due - time.perf_counter()) > 0:
                time.sleep(min(left, PATIENCE))
                yield

    def _take(self, _: None) -> bool:
        enough = self._between()
        return enough or (self._limit is not None and self._turns >= self._limit)

    def _ended(self, state: str) -> None:
        self._over = True
        runner = self._runner
        self._on_ended(runner.error if state == "failed" and runner is not None else None)

"""A thread that pulls an iterator and obeys at once: pause, resume, stop, errands in between."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Runner(Generic[T]):
    """Pull ``items`` in a daemon thread, hand each to ``take``; obey between two items.

    However the run ends, its iterator is closed in the thread, so that ``finally`` blocks run.

    Args:
        items: pulled in the thread, one after the other.
        take: called in the thread with each item; returns True where the run has had enough.
        parked: called in the thread whenever a pause begins.
        ended: called in the thread at the end, before ``wait`` returns, with the final state.
    """

    def __init__(
        self,
        items: Iterator[T],
        take: Callable[[T], bool],
        parked: Callable[[], None],
        ended: Callable[[str], None],
    ) -> None:
        self._items, self._take, self._on_parked, self._on_ended = items, take, parked, ended
        self._change = threading.Condition()  # guards the flags and errands
        self._attention = self._pausing = self._stopping = self._standing = False
        self._errands: deque[Callable[[], None]] = deque()
        self._done = threading.Event()
        self._done.set()  # until it is started
        self._idle = 0.0
        self._began = self._end = time.perf_counter()
        self._stood: float | None = None  # since when it stands still
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="gan-board", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._began = time.perf_counter()
        self._done.clear()
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the run has ended, or has not begun."""
        return self._done.is_set()

    @property
    def paused(self) -> bool:
        """Whether a pause was asked for."""
        return self._pausing

    @property
    def standing(self) -> bool:
        """Whether a pause has begun: no update is under way."""
        return self._standing

    @property
    def spent(self) -> float:
        """Seconds since the start, pauses not counted."""
        now = self._end if self.done else self._stood or time.perf_counter()
        return now - self._began - self._idle

    def ask_pause(self, pause: bool = True) -> None:
        """Ask for a pause, or for its end; returns at once."""
        with self._change:
            self._pausing = pause
            self._attention = True
            self._change.notify_all()

    def pause(self) -> None:
        """Pause, and return when the run stands still."""
        self.ask_pause()
        with self._change:
            while not (self._standing or self.done or self._inside()):
                self._change.wait(0.2)

    def ask_stop(self) -> None:
        """Ask the run to end between two items; returns at once."""
        with self._change:
            self._stopping = self._attention = True
            self._change.notify_all()

    def stop(self) -> None:
        """End the run between two items, and return when it has ended."""
        self.ask_stop()
        while not (self._inside() or self._done.wait(0.2)):
            pass

    def do(self, errand: Callable[[], None]) -> None:
        """Run ``errand`` in the thread between two items, or here if the run is over; then return.

        Raises:
            Exception: whatever the errand raises; the run goes on.
        """
        served: Future[None] = Future()

        def guarded() -> None:
            try:
                errand()
                served.set_result(None)
            except BaseException as error:
                served.set_exception(error)

        with self._change:
            if elsewhere := not (self.done or self._inside()):
                self._errands.append(guarded)
                self._attention = True
                self._change.notify_all()
        if not elsewhere:
            guarded()
        served.result()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; return whether it came within ``timeout`` seconds.

        It waits for an event, not for the thread: after an interrupt, ``Thread.join`` takes a
        running thread for dead.
        """
        until = None if timeout is None else time.perf_counter() + timeout
        while True:
            left = 0.2 if until is None else min(0.2, until - time.perf_counter())
            if self._done.wait(max(left, 0)):
                return True
            if left <= 0:
                return False

    def _inside(self) -> bool:
        return threading.current_thread() is self._thread

    def _run(self) -> None:
        state = "finished"
        try:
            while True:
                if self._attention and not self._attend():
                    state = "stopped"
                    break
                item = next(self._items, self)
                if item is self or self._take(item):  # type: ignore[arg-type]
                    break
        except BaseException as error:  # wait() of the owner raises it again
            state, self.error = "failed", error
        try:
            self._close()
        except BaseException as error:
            state, self.error = "failed", self.error or error
        self._end = time.perf_counter()
        try:
            self._on_ended(state)
        except Exception as error:
            self.error = self.error or error
        with self._change:
            self._serve()
            self._done.set()
            self._change.notify_all()

    def _close(self) -> None:
        """End the iterator here, in its thread: ``finally`` blocks run, and what it holds goes."""
        items, self._items = self._items, iter(())
        if hasattr(items, "close"):
            items.close()

    def _attend(self) -> bool:
        """Serve errands, stand still while a pause lasts; return False when the run must end."""
        with self._change:
            self._serve()
            stand = self._pausing and not self._stopping
            self._attention = stand or self._stopping
            if stand:
                self._stood, self._standing = time.perf_counter(), True
                self._change.notify_all()
        if stand:
            self._on_parked()
            with self._change:
                while self._pausing and not self._stopping:
                    self._serve()
                    self._change.wait()
                self._idle += time.perf_counter() - (self._stood or 0.0)
                self._stood, self._standing = None, False
        return not self._stopping

    def _serve(self) -> None:
        while self._errands:
            self._errands.popleft()()

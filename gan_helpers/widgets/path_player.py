"""A path played as a film: there and back by the clock, in a thread that a button starts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ipywidgets import Button

from gan_helpers.widgets.runner import Runner

LEG = 4.0  # seconds from one end of the path to the other
ROUNDS = 5  # there and back; nobody tells the kernel that the page was closed
INTERVAL = 0.05  # seconds between two pictures, at least


class PathPlayer:
    """A button that plays a path, and pauses it.

    Args:
        show: called in the thread with the place on the path, in [0, 1], for each picture.
        place: returns the place at present; the film goes on from there.
        told: called with ``True`` when the film begins and ``False`` when it has ended.
        failed: called in the thread with the error that ended the film.
    """

    def __init__(
        self,
        show: Callable[[float], None],
        place: Callable[[], float],
        told: Callable[[bool], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._show, self._place, self._told, self._failed = show, place, told, failed
        self._runner = self._over(iter(()))
        self.button = Button()
        self._label(False)
        self.button.on_click(lambda _: self.toggle())

    @property
    def playing(self) -> bool:
        """Whether the film is running."""
        return not self._runner.done

    def play(self) -> None:
        """Begin where the path's slider stands; returns at once."""
        if not self.playing:
            self._runner = self._over(there_and_back(self._place()))
            self._label(True)
            self._told(True)
            self._runner.start()

    def pause(self) -> None:
        """End the film between two pictures; returns when nothing runs any more."""
        self._runner.stop()

    def toggle(self) -> None:
        """Play, or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def act(self, change: Callable[[], None]) -> None:
        """Carry out a change between two pictures, or here if the film does not run.

        Raises:
            Exception: whatever the change raises.
        """
        self._runner.do(change)

    def _over(self, places: Iterator[float]) -> Runner[float]:
        return Runner(places, lambda place: bool(self._show(place)), lambda: None, self._ended)

    def _ended(self, state: str) -> None:
        self._label(False)
        self._told(False)
        if self._runner.error is not None:
            self._failed(self._runner.error)

    def _label(self, playing: bool) -> None:
        with self.button.hold_sync():
            self.button.description = "Pause path" if playing else "Play path"
            self.button.icon = "pause" if playing else "play"


def there_and_back(start: float) -> Iterator[float]:
    """Yield places on a path by the clock, from one end to the other and back, a few times.

    A slow machine leaves places out and does not slow down. At least half of the time is left to
    others: a training thread, and the controls.

    Args:
        start: where to begin, in [0, 1]; onwards, or back if it is 1.
    """
    began = now = time.perf_counter()
    while (legs := (now - began) / LEG) < 2 * ROUNDS:
        yield 1 - abs(1 - (start + legs) % 2)
        spent = time.perf_counter() - now
        time.sleep(max(INTERVAL - spent, spent))
        now = time.perf_counter()
    yield start

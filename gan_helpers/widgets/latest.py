"""Draw for the latest values only, however many changes come in at once."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Latest:
    """Call ``draw`` for every request, one at a time; requests that pile up become one.

    Kernels may handle two controls at once, in different threads. A request that comes while
    another is being drawn returns at once; whoever is drawing then draws again.
    """

    def __init__(self, draw: Callable[[], None]) -> None:
        self._draw = draw
        self._asked = self._drawn = 0
        self._busy = threading.Lock()

    def __call__(self, *_: object) -> None:
        """Ask for a picture of the present values."""
        self._asked += 1
        while self._drawn != self._asked and self._busy.acquire(blocking=False):
            try:
                number = self._asked
                self._draw()
                self._drawn = number
            finally:
                self._busy.release()

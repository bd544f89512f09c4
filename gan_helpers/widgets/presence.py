"""A sign of life from the page: what plays need not play on when nobody can see it any more."""

from __future__ import annotations

import time
from collections.abc import Callable

import anywidget
import traitlets

PATIENCE = 90.0  # seconds; browsers let the timers of a hidden page run only once a minute
EVERY = 10.0  # seconds between two signs


class Presence(anywidget.AnyWidget):
    """An invisible widget whose view tells the kernel every ten seconds that it is there.

    Put it into the box of whatever plays, and ask ``gone`` between two turns. A run without a page,
    in CI say, has never been seen and so is never taken for left.

    Args:
        clock: returns the time in seconds.
    """

    _esm = f"""
    function render({{ model }}) {{
      const tell = () => {{ model.set("signs", model.get("signs") + 1); model.save_changes(); }};
      tell();
      const timer = setInterval(tell, {EVERY * 1000:.0f});
      return () => clearInterval(timer);
    }}
    export default {{ render }};
    """
    signs = traitlets.Int(0).tag(sync=True)

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(layout={"display": "none"})
        self.clock = clock
        self._seen: float | None = None
        self.observe(self._see, names="signs")

    @property
    def gone(self) -> bool:
        """Whether a page has shown itself, and none has for ``PATIENCE`` seconds."""
        return self._seen is not None and self.clock() - self._seen > PATIENCE

    def renew(self) -> None:
        """Wait for the next sign from now on: somebody has just asked for something."""
        if self._seen is not None:
            self._seen = self.clock()

    def _see(self, _: object) -> None:
        self._seen = self.clock()

"""How far a run has come, and the line that says so."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

LIVE = ("running", "pausing", "paused")  # states of a run that has not ended


class Progress:
    """What a run's records say of how far it is.

    Args:
        first: step before the run.
        steps: how many records will come, or ``None``.
        seconds: training time after which the run ends, or ``None``.
    """

    def __init__(self, first: int, steps: int | None = None, seconds: float | None = None) -> None:
        self.step, self.done, self.seconds = first, 0, seconds
        self.steps, self.total = steps, first + steps if steps else None
        self._said = 0.0

    def take(self, record: Any) -> None:
        """Take note of a record, whose seconds, if it has them, count from the run's beginning."""
        self.step, self.done = int(record.step), self.done + 1
        self._said = float(getattr(record, "seconds", 0.0))

    def spent(self, clock: float) -> float:
        """Return the seconds of training: what the records say, or else the ``clock``."""
        return self._said or clock

    def line(self, state: str, name: str, clock: float) -> tuple[str, float]:
        """Return one line on the run, and the share of it that is over, in [0, 1].

        Args:
            state: ready, running, pausing, paused, stopped, finished or failed.
            name: of the objective, or "".
            clock: seconds since the run began, pauses not counted.
        """
        spent = self.spent(clock)
        share = self.done / self.steps if self.steps else 0.0
        if self.seconds is not None:
            share = max(share, spent / self.seconds)
        share = 1.0 if state == "finished" else min(share, 1.0)
        of = "" if self.total is None else f" of {self.total:,}"
        parts = ["" if state == "running" else f"<b>{state}</b>", name, f"step {self.step:,}{of}"]
        if spent > 0 and self.done:
            often = self.done > spent
            parts.append(f"{self.done / spent:,.0f} updates/s" if often else f"{spent:.0f} s spent")
        if state in LIVE and share > 0:
            parts.append(f"{duration(spent * (1 / share - 1))} left")
        elif spent > 0 and state not in LIVE:
            parts.append(duration(spent))
        return " · ".join(filter(None, parts)), share


def length(records: Iterable[object]) -> int | None:
    """Return how many items will come, where the iterable knows (lists, tqdm); else ``None``."""
    return operator.length_hint(records) or None


def duration(seconds: float) -> str:
    """Return a time as people say it: 8 s, 1 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"

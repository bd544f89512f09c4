"""What the status line says."""

from __future__ import annotations

import html
import operator
from collections.abc import Iterable

LIVE = ("running", "pausing", "paused")  # states of a run that has not ended
RED = "var(--jp-error-color1, #b00020)"  # JupyterLab's for the theme; elsewhere legible on white


def length(records: Iterable[object]) -> int | None:
    """Return how many items will come, where the iterable knows (lists, tqdm); else ``None``."""
    return operator.length_hint(records) or None


def problem(error: BaseException, more: str = "") -> str:
    """Return an error as a line of HTML that is seen, in a dark theme too."""
    text = html.escape(f"{type(error).__name__}: {error}"[:300])
    return f'<span style="color:{RED}">⚠ {text}{html.escape(more)}</span>'


def duration(seconds: float) -> str:
    """Return a time as people say it: 8 s, 1 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def report(
    state: str, name: str, step: int, done: int, total: int | None, spent: float, share: float
) -> str:
    """Return one line on a run.

    Args:
        state: ready, running, pausing, paused, stopped, finished or failed.
        name: of the objective.
        step: generator updates of the players so far.
        done: records of this run so far.
        total: step at which the run ends, or ``None``.
        spent: seconds of training in this run, pauses not counted.
        share: of the run that is over, in [0, 1]; 0 where nobody knows.
    """
    where = f"step {step:,}" + (f" of {total:,}" if total is not None else "")
    parts = [name, where]
    if state != "running":
        parts.insert(0, f"<b>{state}</b>")
    if spent > 0 and done:
        parts.append(f"{done / spent:,.0f} updates/s" if done > spent else f"{spent:.0f} s spent")
    if state in LIVE and share > 0:
        parts.append(f"{duration(spent * (1 / share - 1))} left")
    elif spent > 0 and state not in LIVE:
        parts.append(duration(spent))
    return " · ".join(parts)

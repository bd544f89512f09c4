"""From results to statements: columns by seed, and a table with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from gan_helpers.evaluation import bootstrap_interval
from gan_helpers.study.entry import REAL, Result


def column(
    results: Sequence[Result], problem: str, objective: str, measure: str
) -> dict[int, float]:
    """Return one measure by seed, in the order of the seeds.

    Args:
        results: of a study.
        problem: name of the data.
        objective: its name, or ``REAL``.
        measure: a name in the measures, ``"seconds"``, or ``"reached"`` (infinite where the set
            quality was never seen).

    Returns:
        Seed -> number. A run that diverged has none: count those with ``diverged``.

    Raises:
        ValueError: there is no such run.
    """
    rows = sorted(_rows(results, problem, objective), key=lambda row: row.seed)
    return {row.seed: _value(row, measure) for row in rows if not row.diverged}


def diverged(results: Sequence[Result], problem: str, objective: str) -> int:
    """Count the runs of an objective on a problem that diverged."""
    return sum(bool(row.diverged) for row in _rows(results, problem, objective))


@dataclass(frozen=True)
class Table:
    """A table that notebooks show as HTML and everything else as text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __repr__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    def _repr_html_(self) -> str:
        def line(cells: Sequence[str], tag: str) -> str:
            first = f'<th scope="row" style="text-align:left">{escape(cells[0])}</th>'
            rest = "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells[1:])
            return f"<tr>{first}{rest}</tr>"

        body = "".join(line(row, "td") for row in self.rows)
        return f"<table><thead>{line(self.head, 'th')}</thead><tbody>{body}</tbody></table>"


def table(results: Sequence[Result], problem: str, measures: Sequence[str]) -> Table:
    """Tabulate medians over the seeds with their 95 % bootstrap intervals, a row an objective.

    Args:
        results: of a study, at least 2 seeds for each objective.
        problem: name of the data.
        measures: names in the measures, ``"seconds"`` or ``"reached"``; the last is the median of
            the runs that came there, and how many did.

    Returns:
        A ``Table``; real samples against real ones come first, where they were measured.
    """
    names = dict.fromkeys(row.objective for row in results if row.problem == problem)
    order = sorted(names, key=lambda name: name != REAL)  # stable: the others stay as they are
    rows = []
    for name in order:
        lost = diverged(results, problem, name)
        cells = [_cell(column(results, problem, name, m), m, name) for m in measures]
        rows.append((f"{name} ({lost} diverged)" if lost else name, *cells))
    return Table((problem, *measures), tuple(rows))


def _rows(results: Sequence[Result], problem: str, objective: str) -> list[Result]:
    rows = [row for row in results if (row.problem, row.objective) == (problem, objective)]
    if not rows:
        raise ValueError(
            f"there is no result of {objective!r} on {problem!r}; run that entry first"
        )
    return rows


def _value(row: Result, measure: str) -> float:
    if measure == "seconds":
        return row.seconds
    if measure == "reached":
        return float("inf") if row.reached is None else row.reached
    if measure not in row.measures:
        raise ValueError(f"measure is {measure!r}; choose from {', '.join(row.measures)}")
    return row.measures[measure]


def _cell(values: Mapping[int, float], measure: str, objective: str) -> str:
    found = np.array([value for value in values.values() if np.isfinite(value)])
    if objective == REAL and measure in ("seconds", "reached"):
        return ""
    if measure == "reached":
        return f"{np.median(found):.0f} s ({len(found)}/{len(values)})" if len(found) else "never"
    if len(found) < 2:
        return ", ".join(f"{value:.3g}" for value in found)
    middle, low, high = (_short(value) for value in bootstrap_interval(found))
    return middle if low == high else f"{middle} [{low}, {high}]"


def _short(value: float) -> str:
    if float(value).is_integer():
        return f"{value:.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"

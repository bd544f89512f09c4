"""The laboratory's charts: those of every run, and two that measure the samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gan_helpers.lab.measures import Measures
from gan_helpers.objectives import Objective
from gan_helpers.plotting.charts import Chart, Curve, chart
from gan_helpers.plotting.picture import FAKE, GENERATOR, REFERENCE

LAB_CHARTS = ("losses", "scores", "gradients", "modes", "W1")
OF_SAMPLES = ("modes", "W1")


class MeasureColumns:
    """The measures of a run by columns, as a chart reads them; no row that is not finite.

    Args:
        measured: what a session has measured so far.
    """

    def __init__(self, measured: Sequence[Measures]) -> None:
        rows = [
            (m.step, _share(m.captured, m.total), _number(m.high_quality), m.w1, m.w1_floor)
            for m in measured
        ]
        names = ("step", "captured", "high_quality", "w1", "w1_floor")
        table = np.array(rows, dtype=float).reshape(len(rows), len(names))
        keep = np.isfinite(table[:, 3])
        self._columns = dict(zip(names, table[keep].T, strict=True))

    def __len__(self) -> int:
        return len(self._columns["step"])

    def column(self, name: str) -> np.ndarray:
        """Return one column, float64."""
        return self._columns[name]

    def smooth(self, name: str, window: int) -> np.ndarray:
        """Return the column as it is: a measure is an average already."""
        return self._columns[name]


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _share(part: int | None, whole: int | None) -> float:
    return np.nan if part is None or not whole else part / whole


def lab_chart(name: str, objective: Objective, last: Measures | None) -> Chart:
    """Return one of ``LAB_CHARTS`` as it must be read for this objective.

    Args:
        name: of the chart.
        objective: what the run minimises.
        last: any measure of the run, which knows how many modes there are; ``None`` before the
            first.

    Raises:
        ValueError: there is no such chart.
    """
    if name == "modes":
        if last is not None and last.total is None:
            return Chart("modes", "no modes to count in these data", (), limits=(0.0, 1.0))
        count = f" of {last.total}" if last is not None else ""
        curves = (
            Curve(f"modes{count}", "captured", GENERATOR),
            Curve("high quality", "high_quality", FAKE),
        )
        ceiling = last.ceiling if last is not None else None
        lines = () if ceiling is None else ((ceiling, f"≤ {ceiling:.2f}"),)
        return Chart("modes", "share of modes, of samples", curves, lines, limits=(0.0, 1.0))
    if name == "W1":
        lines_w1 = (Curve("generated", "w1", FAKE), Curve("floor: real", "w1_floor", REFERENCE))
        return Chart("W1", "exact W1 to the data", lines_w1, log=True)
    if name not in LAB_CHARTS:
        raise ValueError(f"there is no chart {name!r}; choose from {', '.join(LAB_CHARTS)}")
    return chart(name, objective)


def records(name: str, session: Any) -> Any:
    """Return what a chart of that name reads: the session's history, or its measures."""
    return MeasureColumns(session.measured) if name in OF_SAMPLES else session.history

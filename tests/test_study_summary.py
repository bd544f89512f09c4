"""Columns and tables of a study's results."""

import pytest

from gan_helpers.evaluation import bootstrap_interval
from gan_helpers.study import REAL, Result, column, diverged, table


def row(objective, seed, value, reached=1.0, lost=""):
    measures = {} if lost else {"quality": value, "modes": 8.0}
    return Result("ring", objective, seed, "Adam", measures, 2.0, reached, lost, "today")


GOOD = [row("good", seed, 0.9 + 0.01 * seed, 4.0 + seed) for seed in range(6)]
POOR = [row("poor", seed, 0.1 * seed, None) for seed in reversed(range(6))]
LOST = [row("lost", 0, 0.5, None), row("lost", 1, 0, None, "step 3: loss"), row("lost", 2, 0.7)]
FLOOR = [row(REAL, seed, 0.99, None) for seed in range(6)]
ALL = [*GOOD, *POOR, *LOST, *FLOOR]


def test_a_column_is_in_the_order_of_the_seeds():
    assert list(column(ALL, "ring", "poor", "quality")) == list(range(6))
    assert column(ALL, "ring", "poor", "quality")[3] == pytest.approx(0.3)
    assert set(column(ALL, "ring", "poor", "reached").values()) == {float("inf")}
    assert column(ALL, "ring", "good", "seconds")[0] == 2.0


def test_runs_that_diverged_are_counted_apart():
    assert list(column(ALL, "ring", "lost", "quality")) == [0, 2]
    assert diverged(ALL, "ring", "lost") == 1
    assert diverged(ALL, "ring", "good") == 0


def test_a_table_holds_medians_intervals_and_counts():
    text = repr(table(ALL, "ring", ("modes", "quality", "reached")))
    lines = {line.split("  ")[0]: line for line in text.splitlines()}
    assert text.splitlines()[1].startswith(REAL)  # the floor comes first
    middle, low, high = bootstrap_interval([0.1 * seed for seed in range(6)])
    assert f"{middle:.3f} [{low:.3f}, {high:.3f}]" in lines["poor"]
    assert lines["poor"].endswith("never")
    assert lines["good"].endswith("6 s (6/6)")
    assert "  8  " in lines["good"]  # all seeds the same: no interval
    assert "lost (1 diverged)" in lines
    page = table(ALL, "ring", ("modes",))._repr_html_()
    assert page.count("<tr>") == 5
    assert "lost (1 diverged)" in page


@pytest.mark.parametrize(
    "asked", [("grid", "good", "quality"), ("ring", "none", "quality"), ("ring", "good", "x")]
)
def test_what_is_not_there_is_named(asked):
    with pytest.raises(ValueError, match=r"run that entry|choose from"):
        column(ALL, *asked)

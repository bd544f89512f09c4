"""The pictures of notebook 06: they draw, and what they show is what they were given."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch

from gan_helpers import study
from gan_helpers.figures.which_gan import comparison, measures
from gan_helpers.plotting import Picture

POINTS = torch.randn(60, 2, generator=torch.Generator().manual_seed(0))
REPORT = {"modes": 8.0, "W1": 0.25, "recall": 0.5}
WORSE = {"modes": 0.0, "W1": 7.0, "recall": -3.0}
FOUND = study.scoreboard.results()
NONE = dict.fromkeys(comparison.NAMES, (0, 0))
EVERY = comparison.NAMES + comparison.LATER_NAMES

PICTURES: dict[str, Callable[[], Picture]] = {
    "line-up": lambda: measures.line_up_picture(
        {"a": POINTS, "b": POINTS + 1}, POINTS, "A finding"
    ),
    "floors": lambda: measures.floors_picture([10, 100], {"one": [1.0, 0.1]}, "A finding"),
    "balls": lambda: measures.balls_picture(POINTS, np.ones(60), POINTS, [0, 3], "A finding"),
    "report": lambda: measures.report_picture(POINTS, POINTS, REPORT, WORSE),
    "verdicts": lambda: measures.verdicts_picture({"a": REPORT}, {"a": WORSE}, "A finding"),
    "images": lambda: measures.image_rows_picture({"a": torch.zeros(4, 1, 8, 8)}, "A finding"),
    "race": lambda: comparison.race_picture(FOUND, "grid"),
    "wins": lambda: comparison.wins_picture({("grid", "W1"): NONE}, "A finding"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_draws_with_text_for_the_back_row(name: str) -> None:
    picture = PICTURES[name]()
    assert picture.png()[:4] == b"\x89PNG"
    assert picture.smallest_text >= 14
    assert picture.alt


@pytest.mark.parametrize(
    ("deviations", "said"), [(4.1, "worse"), (3.9, "as real"), (-2.4, "as real"), (-2.6, "better")]
)
def test_a_verdict_counts_from_what_real_samples_get(deviations: float, said: str) -> None:
    assert measures.verdict(deviations) == said


def test_the_report_counts_the_measures_that_notice() -> None:
    picture = PICTURES["report"]()
    assert picture.get_suptitle().startswith("1 of 3")
    written = [text.get_text() for text in picture.axes[1].texts]
    assert written[-3:] == ["recall", "0.50", "better"]


def test_a_race_ends_where_the_shortest_run_ends() -> None:
    (ax,) = PICTURES["race"]().axes
    ends = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1]
    shortest = [
        min(study.column(FOUND, "grid", name, "seconds").values()) for name in comparison.NAMES
    ]
    assert ends == pytest.approx(shortest)
    shares = [line.get_ydata()[-1] for line in ax.lines if len(line.get_xdata()) == 1]
    assert shares[comparison.NAMES.index("least squares")] == pytest.approx(0.5)
    assert shares[comparison.NAMES.index("WGAN")] == 0


def test_further_runs_are_drawn_beside_the_stored_ones() -> None:
    shown = [("grid", "high quality")]
    without = comparison.seeds_picture(FOUND, shown, "A finding")
    extra = comparison.seeds_picture(FOUND, shown, "A finding", {"WGAN": [0.1, 0.2]})
    assert len(extra.axes[0].lines) == len(without.axes[0].lines) + 1


def test_averaged_weights_have_the_colour_of_their_loss_and_another_marker() -> None:
    own, averaged = map(comparison.style_of, ("non-saturating", "non-saturating, averaged"))
    assert own.colour == averaged.colour
    assert own.marker != averaged.marker
    assert comparison.style_of("hinge, spectral norm") == comparison.style_of("hinge")
    looks = {(style.colour, style.marker) for style in map(comparison.style_of, EVERY)}
    assert len(looks) == len(EVERY) == 8


def test_every_row_of_the_longer_scoreboard_is_drawn_and_can_be_read() -> None:
    every = study.scoreboard.results(entries=study.scoreboard.ENTRIES + study.scoreboard.LATER)
    picture = comparison.seeds_picture(every, [("grid", "W1"), ("MNIST", "W1")], "A finding")
    rows = [label.get_text().replace("\n", " ") for label in picture.axes[0].get_yticklabels()]
    assert rows == [*EVERY]
    assert picture.smallest_text >= 14
    assert picture.get_size_inches()[1] <= 3.6
    picture.png()
    boxes = [label.get_window_extent() for label in picture.axes[0].get_yticklabels()]
    assert all(upper.y0 >= lower.y1 - 1 for upper, lower in pairwise(boxes))


@pytest.mark.parametrize(
    ("value", "said"), [(8.0, "8"), (0.0, "0.00"), (1.0, "1.00"), (246.3, "246")]
)
def test_numbers_are_short(value: float, said: str) -> None:
    assert measures.shown_number(value) == said

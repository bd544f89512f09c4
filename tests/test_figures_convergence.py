"""The pictures of notebook 07: they draw, and what they compute is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from gan_helpers import theory
from gan_helpers.figures.convergence import arms, eigenvalues, landscape, remedies
from gan_helpers.plotting import Picture
from gan_helpers.study import REAL, Result

PATH = theory.dirac_trajectory(theory.DIRAC_MINIMAX, (1, 0), 0.2, 60)


def _result(objective: str, seed: int, value: float) -> Result:
    measures = {"modes": 10 + value, "high quality": value}
    return Result("grid", objective, seed, "settings", measures, 1.0, None, "", "today")


RESULTS = [
    _result(name, seed, 0.5 + 0.1 * k + 0.01 * seed)
    for k, name in enumerate((REAL, "relativistic", "non-saturating, R1 and R2"))
    for seed in range(3)
]


def _play(game, rates, noise, simultaneous):  # type: ignore[no-untyped-def]
    return PATH


def _eigenvalues() -> Picture:
    gammas = np.linspace(0, 3, 31)
    games = [replace(theory.DIRAC_MINIMAX, gamma=gamma) for gamma in gammas]
    found = [theory.dirac_eigenvalues(game) for game in games]
    return eigenvalues.eigenvalues_picture(
        gammas, {"R1": found, "both": found}, "A finding", (0, 0.5, 1)
    )


PICTURES: dict[str, Callable[[], Picture]] = {
    "eigenvalues": _eigenvalues,
    "stability": lambda: eigenvalues.stability_picture(
        [0.1, 1, 2], [0, 1], {k: [[1.0, 1.2, 1.5], [0.9, 0.8, 1.1]] for k in "ab"}, "A finding"
    ),
    "distances": lambda: remedies.distances_picture(
        {"calm": {"a": PATH[:, 0] ** 2, "b": PATH[:, 1] ** 2}, "noisy": {"a": PATH[:, 0] ** 2}},
        "A finding",
    ),
    "play": lambda: remedies.play_remedies(_play, lambda path: path / 2),
    "landscape": lambda: landscape.landscape_picture(
        [-1, 0, 1], {"one": [0.2, 0.3, 0.0], "two": [0.3, 0.3, 0.0]}, "A finding"
    ),
    "seeds": lambda: arms.seeds_picture(
        {"a": [0.4, 0.5], "b": [1.0]}, 0.1, "distance", "A finding"
    ),
    "gammas": lambda: arms.gammas_picture(
        {0.1: [0.4, 0.5], 1.0: [1.0]}, {0.1: [4, 5], 1.0: [1.0]}, 0.1, "A finding"
    ),
    "study": lambda: arms.study_picture(RESULTS, "grid", ["modes", "high quality"], "A finding"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_readable(name: str) -> None:
    picture = PICTURES[name]()
    assert len(picture.alt) > 0
    assert picture.png().startswith(b"\x89PNG")
    assert picture.smallest_text >= 14
    box = picture._suptitle.get_window_extent()
    assert 0 <= box.x0 <= box.x1 <= picture.bbox.width, "the title is cut off"


def test_playing_hands_the_settings_on() -> None:
    asked = []

    def play(game, rates, noise, simultaneous):  # type: ignore[no-untyped-def]
        asked.append((game.gamma, rates[0], rates[-1], len(rates), noise, simultaneous))
        return PATH

    remedies.play_remedies(play, lambda path: path, "simultaneous", 0.5, 0.3, 0.1, True)
    assert asked == [(0.3, 0.5, 0.0, 400, 0.1, True)]


def test_the_landscape_at_its_ends_and_in_the_middle() -> None:
    """Narrow modes that do not overlap are atoms: the values are those of the counting."""
    half = theory.LOG_2 / 2
    stacked, apart, right = (landscape.game_values(x, width=0.05) for x in (-1, 0, 1))
    assert stacked == pytest.approx((0.75 * np.log(4 / 3), half, half), abs=1e-3)
    assert apart == pytest.approx((half, 1.5 * half, half), abs=1e-3)
    assert right == pytest.approx((0, 0, 0), abs=1e-3)


def test_only_drawn_pairs_and_the_plain_game_have_a_barrier() -> None:
    walk = np.array([landscape.game_values(x) for x in np.linspace(-1, 1, 9)])
    plain, drawn, fixed = walk.T
    assert plain.max() > 1.4 * plain[0]
    assert drawn.max() > 1.4 * drawn[0]
    assert fixed.max() < fixed[0] + 2e-3
    assert (np.diff(fixed) < 2e-3).all()

"""The theory's pictures: they draw, say what they show, and compute what they print."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from gan_helpers import theory
from gan_helpers.figures.minimax_value_function import (
    discriminators,
    divergences,
    generator_losses,
    phase_portraits,
    value_function,
)
from gan_helpers.plotting import Picture

X = np.linspace(-5, 7, 121)
P, Q = theory.gaussian_density(X), theory.gaussian_density(X, 2.0)


def _paths(step: Callable = theory.alternating_step) -> dict[str, np.ndarray]:
    return {"one": theory.dirac_trajectory(theory.DIRAC_MINIMAX, (1, 0), 0.2, 30, step)}


M = np.linspace(0.5, 8, 16)
PICTURES: dict[str, Callable[[], Picture]] = {
    "payment": lambda: value_function.payment_picture(np.log, name="logarithmic"),
    "linear payment": lambda: value_function.payment_picture(lambda d: d, 0.4, 0.7),
    "discriminators": lambda: value_function.discriminators_picture(
        X, P, Q, {"D*": theory.optimal_discriminator(P, Q), "flat": 0.5 + 0 * X}, "A finding"
    ),
    "distances": lambda: divergences.distance_picture(M, [theory.gaussian_js(m) for m in M]),
    "rings": lambda: divergences.rings_picture(0.3, [0.5, 0.1, 0.02], [0.02, 0.3, 0.6]),
    "generator losses": generator_losses.generator_loss_picture,
    "gradients": lambda: generator_losses.gradient_picture(
        M, {"minimax": 1 / M, "non-saturating": M}
    ),
    "descent": lambda: generator_losses.descent_picture(
        {"minimax": [3.0, 2.0], "minimax, from m = 1": [1.0, 0.0]}, "A finding"
    ),
    "value": discriminators.value_picture,
    "value, extreme": lambda: discriminators.value_picture(-5, 0.2, 5, 1.5),
    "hand-made": discriminators.hand_made_picture,
    "hand-made, wrong": lambda: discriminators.hand_made_picture(0.01, 0.01, 0.01, 0.99, 0.99),
    "paths": lambda: phase_portraits.paths_picture(_paths(), "A finding"),
    "Dirac, run off": lambda: phase_portraits.dirac_picture(h=5.0, gamma=2.5),
    "Dirac, simultaneous": lambda: phase_portraits.dirac_picture(
        step=theory.simultaneous_step, h=1.0
    ),
} | {
    f"Dirac, {game.name}": lambda game=game: phase_portraits.dirac_picture(
        game, gamma=0.2, steps=20
    )
    for game in theory.DIRAC_GAMES
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_readable(name: str) -> None:
    picture = PICTURES[name]()
    assert isinstance(picture, Picture)
    assert len(picture.alt) > 0
    assert picture.smallest_text >= 14
    picture.draw_without_rendering()  # lays the title out
    box = picture._suptitle.get_window_extent()
    assert box.x0 >= 0, "the title is cut off on the left"
    assert box.x1 <= picture.bbox.width, "the title is cut off on the right"
    for ax in picture.axes:
        assert ax.get_xlabel() or ax.get_shared_x_axes().get_siblings(ax) or ax.get_ylabel()


@pytest.mark.parametrize(("real", "fake"), [(0.9, 0.1), (0.3, 0.6)])
def test_payments_are_answered_by_an_end_and_by_the_truth(real: float, fake: float) -> None:
    truth = real / (real + fake), (1 - real) / (2 - real - fake)
    said = value_function.payment_picture(np.log, real, fake).get_suptitle()
    assert [float(each) for each in re.findall(r"\d\.\d+", said)] == pytest.approx(truth, abs=0.006)
    said = value_function.payment_picture(lambda d: d, real, fake).get_suptitle()
    ends = [float(each) for each in re.findall(r"\d\.\d+", said)]
    assert ends == [float(each > 0.5) for each in truth]


def test_value_picture_prints_the_value() -> None:
    title = discriminators.value_picture(0, 1, 2, 1).get_suptitle()
    printed = [float(number) for number in re.findall(r"-?\d\.\d{4}", title)]
    js = theory.gaussian_js(2)
    assert printed == [round(theory.gaussian_value(2), 4), round(js, 4), round(js, 4)]
    title = discriminators.value_picture(0.5, 0.6, -1, 1.4).get_suptitle()  # unequal widths
    v, same, js = (float(number) for number in re.findall(r"-?\d\.\d{4}", title))
    assert v == pytest.approx(2 * js - theory.LOG_4, abs=2e-4)
    assert same == js
    assert "JS = 0.0000" in discriminators.value_picture(1, 0.7, 1, 0.7).get_suptitle()


def _gap(*heights: float, m: float = 2.0) -> float:
    title = discriminators.hand_made_picture(*heights, m=m).get_suptitle()
    return float(title.rsplit(" ", 1)[1])


def test_hand_made_discriminator_never_wins() -> None:
    assert _gap(0.5, 0.5, 0.5, 0.5, 0.5) == pytest.approx(2 * theory.gaussian_js(2), abs=1e-4)
    rng = np.random.default_rng(0)
    for _ in range(5):
        assert _gap(*rng.uniform(0.02, 0.98, 5)) >= 0
    # through the best heights: straight lines in the score are exactly D* for two Gaussians,
    # but for the constant ends
    best = 1 / (1 + np.exp(-theory.gaussian_score(np.array(discriminators.HANDLES), 2.0)))
    assert _gap(*best) < 0.001
    with pytest.raises(ValueError, match="5 probabilities"):
        discriminators.hand_made_score((0.5, 0.5, 0.5, 0.5, 1.0))
    with pytest.raises(ValueError, match="5 probabilities"):
        discriminators.hand_made_score((0.5, 0.5))


@pytest.mark.parametrize("gamma", [0.0, 0.3, 2.5])
@pytest.mark.parametrize("h", [0.2, 3.0, 5.0])
@pytest.mark.parametrize("step", [theory.simultaneous_step, theory.alternating_step])
def test_fate_agrees_with_the_path(gamma: float, h: float, step: Callable) -> None:
    game = replace(theory.DIRAC_MINIMAX, gamma=gamma)
    path = theory.dirac_trajectory(game, (1e-6, 0.0), h, 200, step)  # near 0 the game is linear
    growth = np.hypot(*path[-40:].T).max() / 1e-6
    growth = np.inf if np.isnan(growth) else growth  # it has run off
    expected = {"converges": growth < 0.5, "diverges": growth > 2, "circles": 0.5 < growth < 20}
    assert expected[phase_portraits.fate(game, h, step)], growth


def test_dirac_picture_states_the_fate() -> None:
    assert "circles" in phase_portraits.dirac_picture().get_suptitle()
    apart = phase_portraits.dirac_picture(step=theory.simultaneous_step).get_suptitle()
    assert "diverges" in apart
    assert "1.0050" in apart
    assert "converges" in phase_portraits.dirac_picture(gamma=0.5).get_suptitle()
    assert "kink" in phase_portraits.dirac_picture(theory.DIRAC_WGAN_GP).get_suptitle()

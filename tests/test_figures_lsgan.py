"""Notebook 03's pictures: they draw, and what they print is what the formulas say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from gan_helpers import (
    LEAST_SQUARES,
    MINIMAX,
    NON_SATURATING,
    WGAN,
    WGAN_GP,
    Objective,
    theory,
)
from gan_helpers.figures.lsgan import pushed_fakes, runs, targets
from gan_helpers.plotting import Picture

HINGE = Objective(
    "hinge",
    lambda real, fake: torch.relu(1 - real).mean() + torch.relu(1 + fake).mean(),
    lambda fake: -fake.mean(),
)
OBJECTIVES = (
    MINIMAX, NON_SATURATING, LEAST_SQUARES, WGAN, WGAN_GP, HINGE,
    pushed_fakes.SIGMOID_LEAST_SQUARES,
)  # fmt: skip
PICTURES: dict[str, Callable[[], Picture]] = {
    "targets": targets.targets_picture,
    "dying gradients": targets.dying_gradients_picture,
    "sigmoid": targets.sigmoid_picture,
    "call back": pushed_fakes.call_back_picture,
    "runs": lambda: runs.runs_picture(
        {"as it is": (LEAST_SQUARES, [0.4, 7.0]), "a variant": (HINGE, [0.2, 0.3])},
        "A finding",
        0.2,
    ),
} | {
    f"{each.name} at {x}": lambda each=each, x=x: pushed_fakes.who_gets_a_gradient_picture(
        each, x, 2.0
    )
    for each in OBJECTIVES
    for x in (-10.0, 10.0)
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_readable(name: str) -> None:
    picture = PICTURES[name]()
    assert isinstance(picture, Picture)
    assert picture.alt
    assert picture.png().startswith(b"\x89PNG")
    assert picture.smallest_text >= 14
    box = picture._suptitle.get_window_extent()
    assert box.x0 >= 0, "the title is cut off on the left"
    assert box.x1 <= picture.bbox.width, "the title is cut off on the right"


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda each: each.name)
def test_push_is_what_descending_the_loss_does(objective: Objective) -> None:
    x = torch.linspace(-6, 6, 13, dtype=torch.float64, requires_grad=True)
    objective.generator_loss(0.5 - 0.7 * (x - 2)).mul(len(x)).backward()
    pushes = pushed_fakes.push(objective, x.detach().numpy(), slope=-0.7, level=0.5, boundary=2.0)
    assert pushes == pytest.approx(-x.grad.numpy(), abs=1e-12)


def test_push_is_what_the_formulas_say() -> None:
    x = np.linspace(-6, 6, 13)
    score = 0.5 - 0.7 * (x - 2)
    s = 1 / (1 + np.exp(-score))
    derivatives = {
        MINIMAX: theory.minimax_score_gradient(score),
        NON_SATURATING: theory.non_saturating_score_gradient(score),
        LEAST_SQUARES: theory.least_squares_score_gradient(score),
        WGAN: -np.ones(13),
        pushed_fakes.SIGMOID_LEAST_SQUARES: -s * (1 - s) ** 2,
    }
    for objective, derivative in derivatives.items():
        pushes = pushed_fakes.push(objective, x, slope=-0.7, level=0.5, boundary=2.0)
        assert pushes == pytest.approx(0.7 * derivative, abs=1e-12), objective.name
    assert pushed_fakes.push(LEAST_SQUARES, -8.0, -0.2, 0.5, 2.0) == pytest.approx(
        0.3
    )  # one position


def test_playground_says_what_happens() -> None:
    def said(objective: Objective, x: float = -6.0) -> str:
        return pushed_fakes.who_gets_a_gradient_picture(objective, x, 1.0).get_suptitle()

    assert "least squares: a fake at -6 is pushed to the right by 7.50" in said(LEAST_SQUARES)
    assert "left alone" in said(NON_SATURATING)
    assert "to the left" in said(MINIMAX)
    assert "to the left by 1.00" in said(WGAN, 9.0)


def test_playground_marks_the_goal_of_a_loss_that_has_one() -> None:
    def goals(objective: Objective) -> list[str]:
        picture = pushed_fakes.who_gets_a_gradient_picture(objective, -6.0, 0.7)
        return [text.get_text() for text in picture.axes[0].texts if text.get_text()]

    assert goals(LEAST_SQUARES) == ["goal 1"]
    assert [goals(each) for each in OBJECTIVES if each is not LEAST_SQUARES] == [[]] * 6


def test_playground_refuses_what_it_cannot_draw() -> None:
    with pytest.raises(ValueError, match="> 0"):
        pushed_fakes.who_gets_a_gradient_picture(MINIMAX, 0.0, 0.0)


def test_targets_coincide_on_the_triangular_discrimination() -> None:
    usual, pearson = (line.get_ydata() for line in targets.targets_picture().axes[1].lines[:2])
    assert usual == pytest.approx(pearson, abs=1e-9)
    assert usual[0] == pytest.approx(0, abs=1e-9)
    assert usual[-1] == pytest.approx(2, abs=0.01)


def test_dying_gradients_end_where_the_theory_says() -> None:
    ends = {line.get_label(): line.get_ydata()[-1] for line in _curves()}
    assert ends["minimax"] == pytest.approx(theory.gaussian_minimax_gradient(8))
    usual = theory.gaussian_least_squares_gradient(8)
    assert ends["least squares 0, 1, 1"] == pytest.approx(usual)


def _curves() -> list:
    return list(targets.dying_gradients_picture().axes[0].lines)

"""Notebook 03's pictures: they draw, and what they print is what the formulas say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from gan_helpers import theory
from gan_helpers import theory_figures as figures
from gan_helpers.objectives import (
    least_squares_generator_loss,
    minimax_generator_loss,
    non_saturating_generator_loss,
    wasserstein_generator_loss,
)
from gan_helpers.plotting import Picture
from gan_helpers.theory_figures.pushes import SLOPES

LOSSES = {
    "minimax": minimax_generator_loss,
    "non-saturating": non_saturating_generator_loss,
    "least squares": least_squares_generator_loss,
    "Wasserstein": wasserstein_generator_loss,
    "least squares on a sigmoid": lambda o: least_squares_generator_loss(torch.sigmoid(o)),
}
PICTURES: dict[str, Callable[[], Picture]] = {
    "codings": figures.codings_picture,
    "dying gradients": figures.dying_gradients_picture,
    "sigmoid": figures.sigmoid_picture,
    "call back": figures.call_back_picture,
    "fakes": lambda: figures.fakes_picture(
        {"least squares": [-8.0, -1.0], "non-saturating": [-8.0, -8.0]}, "A finding", "x"
    ),
    "seeds": lambda: figures.seeds_picture(
        {"non-saturating": [0.1, 0.4], "a variant": [0.2, 0.3]},
        "A finding",
        "x",
        "share",
        (1, "top"),
    ),
} | {
    f"{name} at {x}": lambda name=name, x=x: figures.who_gets_a_gradient_picture(name, x, 2.0)
    for name in SLOPES
    for x in (-10.0, 10.0)
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_readable(name: str) -> None:
    picture = PICTURES[name]()
    assert isinstance(picture, Picture)
    assert picture.alt
    assert picture.png().startswith(b"\x89PNG")
    box = picture._suptitle.get_window_extent()
    assert box.x0 >= 0, "the title is cut off on the left"
    assert box.x1 <= picture.bbox.width, "the title is cut off on the right"


@pytest.mark.parametrize("name", SLOPES)
def test_push_is_what_descending_the_package_s_loss_does(name: str) -> None:
    x = torch.linspace(-6, 6, 13, dtype=torch.float64, requires_grad=True)
    LOSSES[name](0.5 - 0.7 * (x - 2)).mul(len(x)).backward()
    pushes = figures.push(name, x.detach().numpy(), slope=-0.7, level=0.5, boundary=2.0)
    assert pushes == pytest.approx(-x.grad.numpy(), abs=1e-12)


def test_playground_says_what_happens() -> None:
    def said(name: str, x: float = -6.0) -> str:
        return figures.who_gets_a_gradient_picture(name, x, 1.0).get_suptitle()

    assert "to the right (push +7.50)" in said("least squares")
    assert "left alone" in said("non-saturating")
    assert "to the left" in said("minimax")
    assert "to the left (push -1.00)" in said("Wasserstein", 9.0)


@pytest.mark.parametrize(("name", "steepness"), [("hinge", 1.0), ("minimax", 0.0)])
def test_playground_refuses_what_it_cannot_draw(name: str, steepness: float) -> None:
    with pytest.raises(ValueError, match=r"choose from|> 0"):
        figures.who_gets_a_gradient_picture(name, 0.0, steepness)


def test_codings_coincide_on_the_triangular_discrimination() -> None:
    usual, pearson = (line.get_ydata() for line in figures.codings_picture().axes[1].lines[:2])
    assert usual == pytest.approx(pearson, abs=1e-9)
    assert usual[0] == pytest.approx(0, abs=1e-9)
    assert usual[-1] == pytest.approx(2, abs=0.01)


def test_dying_gradients_end_where_the_theory_says() -> None:
    ratios = [line.get_ydata() for line in figures.dying_gradients_picture().axes[1].lines[:2]]
    expected = theory.gaussian_least_squares_gradient(8) / theory.gaussian_minimax_gradient(8)
    assert any(np.isclose(ratio[-1], expected) for ratio in ratios)

"""Least squares: what every targets measures, what its generator feels, and the straight line."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_helpers import theory

X = np.linspace(-12, 16, 4001)
TARGETS = [(-1.0, 1.0, 0.0), (0.0, 1.0, 1.0), (0.0, 2.0, 1.0), (0.3, -0.7, 1.9)]


def densities(m: float) -> tuple[np.ndarray, np.ndarray]:
    return theory.gaussian_density(X), theory.gaussian_density(X, m)


def test_triangular_discrimination_is_twice_a_pearson_chi_square() -> None:
    p, q = densities(1.3)
    pearson = theory.pearson_chi_square((p + q) / 2, q, X)
    assert theory.triangular_discrimination(p, q, X) == pytest.approx(2 * pearson)


def test_triangular_discrimination_at_its_ends_and_by_hand() -> None:
    assert theory.triangular_discrimination([0.3, 0.7, 0.0], [0.3, 0.7, 0.0]) == 0
    assert theory.triangular_discrimination([1.0, 0.0], [0.0, 1.0]) == pytest.approx(2)
    assert theory.triangular_discrimination([0.9, 0.1], [0.1, 0.9]) == pytest.approx(1.28)


@pytest.mark.parametrize("m", [0.0, 0.8, 3.0])
@pytest.mark.parametrize("targets", TARGETS)
def test_every_choice_of_targets_measures_the_same_divergence(targets, m: float) -> None:
    a, b, c = targets
    p, q = densities(m)
    output = theory.least_squares_discriminator(p, q, fake_target=a, real_target=b)
    by_definition = theory.least_squares_value(output, p, q, goal=c, x=X)
    delta = theory.triangular_discrimination(p, q, X)
    expected = (a + b - 2 * c) ** 2 / 4 + (b - a) ** 2 / 8 * delta
    assert expected == pytest.approx(by_definition)


@pytest.mark.parametrize("m", [-1.5, 0.4, 5.0])
@pytest.mark.parametrize("targets", TARGETS)
def test_gradient_against_autograd(targets, m: float) -> None:
    a, b, c = targets
    z = torch.linspace(-10, 10, 4001, dtype=torch.float64)
    weights = torch.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    shift = torch.tensor(m, dtype=torch.float64, requires_grad=True)
    output = a + (b - a) * torch.sigmoid(m**2 / 2 - m * (shift + z))  # D's own m is a constant
    (0.5 * (output - c) ** 2 * weights).sum().backward()
    assert theory.least_squares_gradient(m, a, b, c) == pytest.approx(shift.grad.item())


def test_gradient_contains_the_usual_one() -> None:
    for m in (0.5, 2.0, 8.0):
        usual = theory.gaussian_least_squares_gradient(m)
        assert theory.least_squares_gradient(m, 0, 1, 1) == pytest.approx(usual)


def test_the_usual_generator_follows_a_divergence() -> None:
    def followed(m: float) -> float:
        p, q = densities(m)
        delta = theory.triangular_discrimination(p, q, X)
        return theory.kl(p, (p + q) / 2, X) - delta / 8

    for m in (0.3, 2.0, 4.0):
        slope = (followed(m + 1e-3) - followed(m - 1e-3)) / 2e-3
        assert theory.gaussian_least_squares_gradient(m) == pytest.approx(slope, rel=1e-5)


def test_far_away_least_squares_keeps_three_eighths_of_minimax() -> None:
    # int e^(-o/2) g(sigma(o)) do is a Beta function: B(1/2, 5/2) / B(1/2, 1/2) = 3/8
    ratio = theory.gaussian_least_squares_gradient(16) / theory.gaussian_minimax_gradient(16)
    assert ratio == pytest.approx(3 / 8, rel=0.01)


@pytest.mark.parametrize("m", [-2.0, 0.0, 1.0, 4.0])
def test_straight_discriminator_against_regression(m: float) -> None:
    w, d = theory.linear_least_squares_discriminator(m)
    step = X[1] - X[0]
    root = np.sqrt(np.concatenate(densities(m)) * step)  # weights of real and of fake points
    points = np.concatenate([X, X])
    design = np.stack([points, np.ones_like(points)], axis=1) * root[:, None]
    targets = np.repeat([1.0, 0.0], len(X)) * root
    fitted, *_ = np.linalg.lstsq(design, targets, rcond=None)
    assert (w, d) == pytest.approx(tuple(fitted), abs=1e-6)


def test_straight_discriminator_refuses_infinity() -> None:
    with pytest.raises(ValueError, match="finite"):
        theory.linear_least_squares_discriminator(np.inf)

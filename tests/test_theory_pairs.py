"""The paired game against the printed numbers, its bounds, and the best discriminator found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import log_expit
from scipy.stats import norm

from gan_helpers import theory

P, Q = (0.35, 0.25, 0.20, 0.12, 0.08), (0.02, 0.05, 0.13, 0.30, 0.50)
X = np.linspace(-9, 15, 1201)
# N(0, 1) against N(m, 1): m, d_Rp as printed
GAUSSIANS = [
    (0.5, 0.0588783), (1, 0.2013455), (2, 0.5000721),
    (3, 0.6475958), (4, 0.6865358), (6, 0.6931144),
]  # fmt: skip
masses = arrays(np.float64, 5, elements=st.floats(0, 1)).filter(lambda a: a.sum() > 0.1)
distributions = masses.map(lambda a: a / a.sum())


def test_five_atoms() -> None:
    assert theory.js(P, Q) == pytest.approx(0.23405008, abs=5.1e-9)
    assert theory.paired_js(P, Q) == pytest.approx(0.37688991, abs=5.1e-9)


@pytest.mark.parametrize(("m", "printed"), GAUSSIANS)
def test_gaussians_by_quadrature_and_as_a_js_further_apart(m: float, printed: float) -> None:
    found = theory.paired_js(norm.pdf(X, 0, 1), norm.pdf(X, m, 1), X)
    assert found == pytest.approx(printed, abs=5.1e-8)
    assert theory.gaussian_js(np.sqrt(2) * m) == pytest.approx(printed, abs=5.1e-8)


@given(p=distributions, q=distributions)
@settings(max_examples=60, deadline=None)
def test_it_lies_between_js_and_log_2(p: np.ndarray, q: np.ndarray) -> None:
    paired = theory.paired_js(p, q)
    assert theory.js(p, q) - 1e-12 <= paired <= theory.LOG_2 + 1e-12
    assert paired == pytest.approx(theory.paired_js(q, p), abs=1e-12)
    assert theory.paired_js(p, p) == pytest.approx(0, abs=1e-12)


def test_close_distributions_are_twice_as_far_as_by_js() -> None:
    p = np.array(P)
    q = p + 1e-4 * np.array([1, -1, 0, 2, -2])
    assert theory.paired_js(p, q) == pytest.approx(2 * theory.js(p, q), rel=1e-3)


@given(p=distributions, q=distributions, shift=st.floats(-5, 5), seed=st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_no_discriminator_does_better_and_constants_do_nothing(p, q, shift, seed) -> None:
    score = np.random.default_rng(seed).normal(0, 2, 5)
    pairs = np.outer(p, q)
    value = (pairs * log_expit(score[:, None] - score)).sum()
    assert value <= theory.paired_js(p, q) - theory.LOG_2 + 1e-12
    moved = score + shift
    same = (pairs * log_expit(moved[:, None] - moved)).sum()
    assert same == pytest.approx(value, abs=1e-12)


def test_the_best_comparison_is_the_log_ratio() -> None:
    value, score = theory.best_comparison(np.outer(P, Q))
    assert value == pytest.approx(theory.paired_js(P, Q), abs=1e-6)
    ratio = np.log(P) - np.log(Q)
    assert score == pytest.approx(ratio - ratio.mean(), abs=1e-3)


def test_fixed_pairs_have_no_barrier_where_drawn_pairs_have_one() -> None:
    """Two modes A and B; one fake stays on A, its sister is on A, between the two, or on B."""
    real = np.array([0.5, 0, 0.5])
    js, drawn, fixed = [], [], []
    for place in range(3):
        fakes = np.zeros((2, 3))
        fakes[0, 0] = fakes[1, place] = 1
        q = fakes.mean(0)
        js.append(theory.js(real, q))
        drawn.append(theory.paired_js(real, q))
        joint = (np.outer([1, 0, 0], fakes[0]) + np.outer([0, 0, 1], fakes[1])) / 2
        fixed.append(theory.best_comparison(joint)[0])
    half = theory.LOG_2 / 2
    assert js == pytest.approx([0.75 * np.log(4 / 3), half, 0], abs=1e-12)
    assert drawn == pytest.approx([half, 1.5 * half, 0], abs=1e-12)
    assert fixed == pytest.approx([half, half, 0], abs=2e-4)


@pytest.mark.parametrize("pairs", [np.full((2, 3), 1 / 6), np.full((2, 2), 0.3), [0.5, 0.5]])
def test_what_is_no_table_of_pairs_is_refused(pairs) -> None:
    with pytest.raises(ValueError, match="square table"):
        theory.best_comparison(pairs)


def test_what_is_no_distribution_is_refused() -> None:
    with pytest.raises(ValueError, match="total mass 10"):
        theory.paired_js([5.0, 5.0], [0.5, 0.5])
    with pytest.raises(ValueError, match="negative entry"):
        theory.best_comparison(np.array([[1.5, -0.5], [0.0, 0.0]]))

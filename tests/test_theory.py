"""Theory against the printed numbers, against quadrature and autograd, and against invariances."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.integrate import quad
from scipy.optimize import linprog, minimize_scalar
from scipy.special import expit
from scipy.stats import norm

from gan_helpers import theory

# m, JS, V(D*), accuracy, minimax, non-saturating, LSGAN 0/1, W1: printed to 6 digits (accuracy 4)
TABLE = [
    (0.5, 0.030311, -1.325672, 0.5987, 0.235264, 0.264736, 0.061933, 1),
    (1, 0.111421, -1.163451, 0.6915, 0.397973, 0.602027, 0.114437, 1),
    (2, 0.336831, -0.712633, 0.8413, 0.449600, 1.550400, 0.145661, 1),
    (3, 0.526777, -0.332740, 0.9332, 0.295864, 2.704136, 0.101525, 1),
    (4, 0.632720, -0.120854, 0.9772, 0.137195, 3.862805, 0.048514, 1),
    (6, 0.689298, -0.007698, 0.9987, 0.012453, 5.987547, 0.004529, 1),
    (8, 0.693054, -0.000187, 1.000, 0.000393, 7.999607, 0.000145, 1),
]
X = np.linspace(-14, 22, 6001)

masses = arrays(np.float64, 5, elements=st.floats(0, 1)).filter(lambda a: a.sum() > 0.1)
distributions = masses.map(lambda a: a / a.sum())


def normal(mean: float) -> np.ndarray:
    return norm.pdf(X, mean, 1)


# ------------------------------------------------------------------ the printed numbers


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"m={row[0]}")
def test_gaussian_table(row: tuple[float, ...]) -> None:
    m, js, value, accuracy, minimax, non_saturating, least_squares, wasserstein = row
    assert theory.gaussian_js(m) == pytest.approx(js, abs=5.1e-7)
    assert theory.gaussian_value(m) == pytest.approx(value, abs=5.1e-7)
    assert theory.gaussian_accuracy(m) == pytest.approx(accuracy, abs=5.1e-5)
    assert theory.gaussian_minimax_gradient(m) == pytest.approx(minimax, abs=5.1e-7)
    assert theory.gaussian_non_saturating_gradient(m) == pytest.approx(non_saturating, abs=5.1e-7)
    assert theory.gaussian_least_squares_gradient(m) == pytest.approx(least_squares, abs=5.1e-7)
    assert theory.gaussian_wasserstein_gradient(m) == wasserstein


def test_equilibrium_numbers() -> None:
    p = np.array([0.25, 0.75])
    half = np.full(2, 0.5)
    assert theory.value(half, p, p) == pytest.approx(-1.386294, abs=5e-7)
    game = theory.coin_game(0.25, 0.25)
    assert game.value == pytest.approx(-1.386294, abs=5e-7)
    assert -game.value == pytest.approx(2 * theory.LOG_2)
    assert theory.js(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(
        0.693147, abs=5e-7
    )
    assert theory.js(p, p) == 0
    assert theory.least_squares_value(half, p, p, goal=1.0) == pytest.approx(0.25)
    # discriminator's own loss at D = 1/2, targets 1 and 0: 1/4 for real and 1/4 for fake
    assert (half - 1) ** 2 @ p + half**2 @ p == pytest.approx(0.5)


def test_coin_numbers() -> None:
    game = theory.coin_game(0.9, 0.1)
    assert game.discriminator_heads == pytest.approx(0.9)
    assert game.discriminator_tails == pytest.approx(0.1)
    assert game.value == pytest.approx(-0.650166, abs=5e-7)
    assert game.js == pytest.approx(0.368064, abs=5e-7)
    assert -np.log(0.9) == pytest.approx(0.105361, abs=5e-7)
    assert -np.log(0.1) == pytest.approx(2.302585, abs=5e-7)


def test_score_gradients_at_minus_five() -> None:
    assert abs(theory.minimax_score_gradient(-5.0)) == pytest.approx(0.0067, abs=5e-5)
    assert abs(theory.non_saturating_score_gradient(-5.0)) == pytest.approx(0.9933, abs=5e-5)
    assert theory.non_saturating_score_gradient(-30.0) == pytest.approx(-1)  # guard 11
    assert theory.minimax_score_gradient(30.0) == pytest.approx(-1)


def test_dirac_numbers() -> None:
    assert theory.dirac_eigenvalues(theory.DIRAC_MINIMAX) == pytest.approx([0.5j, -0.5j])
    step = theory.step_matrix(theory.DIRAC_MINIMAX, 0.2, theory.simultaneous_step)
    assert np.abs(np.linalg.eigvals(step)) == pytest.approx(1.004988, abs=5e-7)
    for h in (0.01, 0.2, 1.0, 3.9):
        step = theory.step_matrix(theory.DIRAC_MINIMAX, h)
        assert np.abs(np.linalg.eigvals(step)) == pytest.approx(1.0, abs=1e-9)
    assert np.abs(np.linalg.eigvals(theory.step_matrix(theory.DIRAC_MINIMAX, 4.1))).max() > 1.5


@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0, 2.0])
def test_dirac_eigenvalues_with_r1(gamma: float) -> None:
    from dataclasses import replace

    game = replace(theory.DIRAC_MINIMAX, gamma=gamma)
    root = np.sqrt(complex(gamma**2 / 4 - 0.25))
    assert theory.dirac_eigenvalues(game) == pytest.approx([-gamma / 2 + root, -gamma / 2 - root])
    by_numpy = np.linalg.eigvals(theory.dirac_jacobian(game))
    assert sorted(by_numpy.real) == pytest.approx(
        sorted(theory.dirac_eigenvalues(game).real), abs=1e-7
    )
    oscillates = bool(np.abs(theory.dirac_eigenvalues(game).imag).max() > 1e-9)
    assert oscillates == (gamma < 1)  # critical damping at gamma = 1


# ------------------------------------------------------------------ oracles


@pytest.mark.parametrize("m", [-2.0, 0.5, 3.0])
def test_gaussian_closed_forms_against_the_grid(m: float) -> None:
    p, q = normal(0), normal(m)
    best = theory.optimal_discriminator(p, q)
    assert theory.gaussian_js(m) == pytest.approx(theory.js(p, q, X), abs=1e-9)
    assert theory.gaussian_value(m) == pytest.approx(theory.value(best, p, q, X), abs=1e-9)
    score = theory.gaussian_score(X, m)
    assert theory.gaussian_value(m) == pytest.approx(
        theory.value_from_score(score, p, q, X), abs=1e-9
    )
    assert theory.kl(p, q, X) == pytest.approx(m**2 / 2, abs=1e-8)
    assert theory.total_variation(p, q, X) == pytest.approx(2 * norm.cdf(abs(m) / 2) - 1, abs=1e-5)
    right = np.trapezoid(p * (score > 0) + q * (score < 0), X) / 2
    assert theory.gaussian_accuracy(m) == pytest.approx(right, abs=2e-3)  # one grid cell
    assert expit(score) == pytest.approx(best)
    assert theory.gaussian_density(X, m) == pytest.approx(q)


@pytest.mark.parametrize("m", [-1.5, 0.5, 4.0])
@pytest.mark.parametrize(
    ("gradient", "loss"),
    [
        (theory.gaussian_minimax_gradient, lambda o: torch.nn.functional.logsigmoid(-o)),
        (theory.gaussian_non_saturating_gradient, lambda o: -torch.nn.functional.logsigmoid(o)),
        (theory.gaussian_least_squares_gradient, lambda o: (torch.sigmoid(o) - 1) ** 2 / 2),
    ],
    ids=["minimax", "non-saturating", "least squares"],
)
def test_generator_gradients_against_autograd(gradient, loss, m: float) -> None:
    z = torch.linspace(-10, 10, 4001, dtype=torch.float64)
    weights = torch.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    shift = torch.tensor(m, dtype=torch.float64, requires_grad=True)
    score = m**2 / 2 - m * (shift + z)  # the discriminator's own m is a constant
    (loss(score) * weights).sum().backward()
    assert gradient(m) == pytest.approx(shift.grad.item(), rel=1e-9)


def test_gradient_by_quad() -> None:
    m = 2.0
    expected, _ = quad(lambda x: norm.pdf(x, m) * m * expit(m**2 / 2 - m * x), -10, 14)
    assert theory.gaussian_minimax_gradient(m) == pytest.approx(expected, rel=1e-9)


def test_minimax_gradient_is_that_of_twice_js() -> None:
    h = 1e-4  # envelope theorem: holding D* fixed changes nothing to first order
    for m in (0.7, 2.0):
        slope = (theory.gaussian_js(m + h) - theory.gaussian_js(m - h)) / (2 * h)
        assert theory.gaussian_minimax_gradient(m) == pytest.approx(2 * slope, rel=1e-6)


def test_non_saturating_and_minimax_gradients_sum_to_m() -> None:
    for m in (0.5, 3.0, 8.0):
        total = theory.gaussian_minimax_gradient(m) + theory.gaussian_non_saturating_gradient(m)
        assert total == pytest.approx(m)  # m E[D*] + m E[1 - D*]


@pytest.mark.parametrize(
    ("gradient", "loss"),
    [
        (theory.minimax_score_gradient, lambda o: torch.nn.functional.logsigmoid(-o)),
        (theory.non_saturating_score_gradient, lambda o: -torch.nn.functional.logsigmoid(o)),
        (theory.least_squares_score_gradient, lambda o: (o - 1) ** 2 / 2),
    ],
    ids=["minimax", "non-saturating", "least squares"],
)
def test_score_gradients_against_autograd(gradient, loss) -> None:
    score = torch.linspace(-30, 30, 61, dtype=torch.float64, requires_grad=True)
    loss(score).sum().backward()
    assert gradient(score.detach().numpy()) == pytest.approx(score.grad.numpy(), abs=1e-12)


def test_optimal_discriminator_beats_every_other_value() -> None:
    p, q = 0.3, 0.8
    found = minimize_scalar(
        lambda d: -(p * np.log(d) + q * np.log(1 - d)), bounds=(1e-6, 1 - 1e-6), method="bounded"
    )
    assert theory.optimal_discriminator([p], [q])[0] == pytest.approx(found.x, abs=1e-5)


def test_wasserstein_against_the_transport_plan() -> None:
    rng = np.random.default_rng(0)
    support = np.sort(rng.normal(size=6))
    p, q = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))
    cost = np.abs(support[:, None] - support[None, :])
    rows = [np.outer(np.eye(6)[i], np.ones(6)).ravel() for i in range(6)]
    columns = [np.outer(np.ones(6), np.eye(6)[j]).ravel() for j in range(6)]
    plan = linprog(cost.ravel(), A_eq=np.array(rows + columns), b_eq=np.concatenate([p, q]))
    assert theory.wasserstein_1(p, q, support) == pytest.approx(plan.fun, abs=1e-9)


def test_least_squares_generator_minimises_pearson() -> None:
    p, q = normal(0), normal(1.5)
    pearson = theory.pearson_chi_square((p + q) / 2, q, X)
    output = theory.least_squares_discriminator(p, q, fake_target=-1, real_target=1)
    assert theory.least_squares_value(output, p, q, goal=0, x=X) == pytest.approx(pearson)
    # half the Pearson chi-square of p + q against 2 q, as the paper writes it
    paper = np.trapezoid((2 * q - (p + q)) ** 2 / (p + q), X) / 2
    assert pearson == pytest.approx(paper)
    # the usual 0/1 coding with goal 1 breaks the conditions, and the identity with them
    usual = theory.least_squares_discriminator(p, q)
    assert usual == pytest.approx(theory.optimal_discriminator(p, q))
    assert abs(theory.least_squares_value(usual, p, q, goal=1, x=X) - pearson) > 0.03


def test_dirac_field_against_autograd() -> None:
    softplus = torch.nn.functional.softplus
    generator_losses = {
        "minimax": lambda o: -softplus(o),
        "non-saturating": lambda o: softplus(-o),
        "WGAN": lambda o: -o,
        "WGAN-GP": lambda o: -o,
    }
    discriminator_losses = {
        "minimax": lambda o, psi: softplus(o),
        "non-saturating": lambda o, psi: softplus(o),
        "WGAN": lambda o, psi: o,
        "WGAN-GP": lambda o, psi: o + 0.1 * (psi.abs() - 1) ** 2,
    }
    assert len(theory.DIRAC_GAMES) == 4
    for game in theory.DIRAC_GAMES:
        for theta_0, psi_0 in ((0.7, -1.3), (-2.0, 0.4), (1.0, 1.5)):
            theta = torch.tensor(theta_0, dtype=torch.float64, requires_grad=True)
            psi = torch.tensor(psi_0, dtype=torch.float64, requires_grad=True)
            loss = generator_losses[game.name](psi * theta)
            (d_theta,) = torch.autograd.grad(loss, theta)
            loss = discriminator_losses[game.name](psi * theta, psi)
            (d_psi,) = torch.autograd.grad(loss, psi)
            v_theta, v_psi = theory.dirac_field(game, theta_0, psi_0)
            assert float(v_theta) == pytest.approx(-d_theta.item())
            assert float(v_psi) == pytest.approx(-d_psi.item())


def test_general_game_is_the_minimax_game() -> None:
    game = theory.general_game("again", lambda t: expit(-t))
    grid = np.linspace(-2, 2, 9)
    for mine, theirs in zip(
        theory.dirac_field(game, grid, grid[::-1]),
        theory.dirac_field(theory.DIRAC_MINIMAX, grid, grid[::-1]),
        strict=True,
    ):
        assert mine == pytest.approx(theirs)


@pytest.mark.parametrize("step", [theory.simultaneous_step, theory.alternating_step])
@pytest.mark.parametrize("gamma", [0.0, 0.4])
def test_step_matrix_is_the_derivative_of_a_step(step, gamma: float) -> None:
    from dataclasses import replace

    tiny = 1e-6
    for game in (theory.DIRAC_MINIMAX, theory.DIRAC_NON_SATURATING, theory.DIRAC_WGAN):
        game = replace(game, gamma=gamma)
        columns = [step(game, tiny, 0.0, 0.3), step(game, 0.0, tiny, 0.3)]
        assert theory.step_matrix(game, 0.3, step) == pytest.approx(
            np.array(columns).T / tiny, abs=1e-5
        )


# ------------------------------------------------------------------ how the Dirac-GAN moves


def radius(path: np.ndarray) -> np.ndarray:
    return np.hypot(path[:, 0], path[:, 1])


def test_simultaneous_spirals_out_and_alternating_circles() -> None:
    game = theory.DIRAC_MINIMAX
    out = radius(theory.dirac_trajectory(game, (1, 0), 0.2, 400, theory.simultaneous_step))
    around = radius(theory.dirac_trajectory(game, (1, 0), 0.2, 400, theory.alternating_step))
    assert (np.diff(out) > 0).all()
    assert around.max() < 1.1
    assert around[200:].max() > 0.9  # it comes back: neither out nor in


def test_r1_converges_and_the_wasserstein_games_do_not() -> None:
    from dataclasses import replace

    damped = replace(theory.DIRAC_MINIMAX, gamma=0.5)
    assert radius(theory.dirac_trajectory(damped, (1, 0), 0.2, 400))[-1] < 1e-6
    for game in (theory.DIRAC_WGAN_CLIPPED, theory.DIRAC_WGAN_GP):
        assert radius(theory.dirac_trajectory(game, (1, 0), 0.05, 4000))[-500:].min() > 0.3
    clipped = theory.dirac_trajectory(theory.DIRAC_WGAN_CLIPPED, (3, 0), 0.2, 100)
    assert np.abs(clipped[:, 1]).max() == pytest.approx(1.0)


def test_a_path_that_runs_off_ends() -> None:
    from dataclasses import replace

    game = replace(theory.DIRAC_MINIMAX, gamma=2.5)
    path = theory.dirac_trajectory(game, (1, 0), 5.0, 400)
    assert np.isnan(path[-1]).all()
    finite = np.isfinite(path[:, 0])
    assert np.abs(path[finite]).max() > 1e12
    assert not np.isfinite(path[finite.sum() :]).any()


# ------------------------------------------------------------------ invariances


@given(p=distributions, q=distributions)
@settings(max_examples=60, deadline=None)
def test_divergences_keep_their_bounds(p: np.ndarray, q: np.ndarray) -> None:
    js = theory.js(p, q)
    assert 0 <= js <= np.log(2) + 1e-12
    assert js == pytest.approx(theory.js(q, p), abs=1e-12)
    variation = theory.total_variation(p, q)
    assert 0 <= variation <= 1 + 1e-12
    assert variation**2 / 2 <= js + 1e-9 <= variation * np.log(2) + 2e-9  # Pinsker, Lin
    assert theory.kl(p, q) >= 2 * variation**2 - 1e-9  # Pinsker
    assert not np.isnan(theory.kl(p, q))
    assert theory.kl(p, p) == pytest.approx(0, abs=1e-12)


@given(p=distributions, q=distributions, seed=st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_value_never_exceeds_that_of_the_best_discriminator(p, q, seed: int) -> None:
    best = theory.value(theory.optimal_discriminator(p, q), p, q)
    other = np.random.default_rng(seed).uniform(size=5)
    assert theory.value(other, p, q) <= best + 1e-12
    assert best == pytest.approx(2 * theory.js(p, q) - theory.LOG_4, abs=1e-9)
    order = np.random.default_rng(seed).permutation(5)
    assert theory.js(p[order], q[order]) == pytest.approx(theory.js(p, q), abs=1e-12)


@given(p=distributions, q=distributions, shift=st.floats(-5, 5), scale=st.floats(0.1, 4))
@settings(max_examples=40, deadline=None)
def test_wasserstein_moves_with_the_axis(p, q, shift: float, scale: float) -> None:
    support = np.array([0.0, 1.0, 1.5, 4.0, 7.0])
    distance = theory.wasserstein_1(p, q, support)
    moved = theory.wasserstein_1(p, q, shift + scale * support)
    assert moved == pytest.approx(scale * distance, abs=1e-9)
    assert distance == pytest.approx(theory.wasserstein_1(q, p, support))


# ------------------------------------------------------------------ guards


def test_missing_support_is_infinite_and_zero_log_zero_is_zero() -> None:
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.5, 0.0, 0.5])
    assert theory.kl(p, q) == np.inf
    assert theory.kl(q, p) == np.inf
    assert theory.pearson_chi_square(p, q) == np.inf
    narrow = np.array([1.0, 0.0, 0.0])
    assert theory.kl(narrow, p) == pytest.approx(np.log(2))
    assert theory.kl(narrow, narrow) == 0
    assert theory.value(np.array([0.5, 1.0, 0.0]), p, q) == pytest.approx(0.5 * np.log(0.25))
    assert theory.value(np.array([0.5, 0.0, 0.0]), p, q) == -np.inf
    assert theory.optimal_discriminator([0.0, 1.0], [0.0, 0.0]).tolist() == [0.5, 1.0]
    assert theory.js(np.array([5e-324, 1.0]), np.array([0.0, 1.0])) == 0


DIVERGENCES = [
    theory.kl,
    theory.js,
    theory.total_variation,
    theory.pearson_chi_square,
    lambda p, q: theory.wasserstein_1(p, q, np.arange(len(p), dtype=float)),
    lambda p, q: theory.value(np.full(len(p), 0.5), p, q),
    lambda p, q: theory.value_from_score(np.zeros(len(p)), p, q),
    lambda p, q: theory.least_squares_value(np.zeros(len(p)), p, q, 1.0),
]


@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_what_is_no_distribution_is_refused(divergence) -> None:
    good = np.array([0.5, 0.5])
    counts = np.array([5.0, 5.0])  # guard 21: a histogram of counts is no distribution
    with pytest.raises(ValueError, match=r"p has total mass 10.*p / p\.sum"):
        divergence(counts, good)
    with pytest.raises(ValueError, match="q has total mass 10"):
        divergence(good, counts)
    with pytest.raises(ValueError, match="negative entry"):
        divergence(np.array([1.5, -0.5]), good)
    with pytest.raises(ValueError, match="NaN or infinity"):
        divergence(np.array([np.nan, 1.0]), good)
    with pytest.raises(ValueError, match="same support"):
        divergence(good, np.array([0.2, 0.3, 0.5]))


def test_densities_are_checked_on_their_grid() -> None:
    p = normal(0)
    with pytest.raises(ValueError, match="p has total mass 2"):
        theory.js(2 * p, p, X)
    with pytest.raises(ValueError, match="does not increase"):
        theory.js(p, p, X[::-1])
    with pytest.raises(ValueError, match="one density value a point"):
        theory.js(p, p, X[:-1])
    with pytest.raises(ValueError, match="does not increase"):
        theory.wasserstein_1([0.5, 0.5], [0.5, 0.5], [1.0, 1.0])
    with pytest.raises(ValueError, match="at least two points"):
        theory.js([1.0], [1.0], [0.0])


def test_other_inputs_are_checked() -> None:
    half = np.array([0.5, 0.5])
    with pytest.raises(ValueError, match="value_from_score"):
        theory.value(np.array([0.5, 1.5]), half, half)
    for function in (theory.value, theory.value_from_score):
        with pytest.raises(ValueError, match="one value a point"):
            function(np.array([0.5]), half, half)
    with pytest.raises(ValueError, match=r"real_heads is 1.2.*from 0 to 1"):
        theory.coin_game(1.2, 0.5)
    with pytest.raises(ValueError, match="finite"):
        theory.gaussian_js(float("inf"))
    with pytest.raises(ValueError, match="standard deviation"):
        theory.gaussian_density(0.0, 0.0, -1.0)
    with pytest.raises(ValueError, match="step size"):
        theory.dirac_trajectory(theory.DIRAC_MINIMAX, (1, 0), 0.0, 3)
    with pytest.raises(ValueError, match=r"steps is -1.*>= 0"):
        theory.dirac_trajectory(theory.DIRAC_MINIMAX, (1, 0), 0.1, -1)
    with pytest.raises(ValueError, match="kink"):
        theory.dirac_eigenvalues(theory.DIRAC_WGAN_GP)
    with pytest.raises(ValueError, match=r"gamma is -1.*>= 0"):
        theory.DiracGame("wrong", expit, expit, gamma=-1.0)
    with pytest.raises(ValueError, match="positive bound"):
        theory.DiracGame("wrong", expit, expit, clip=0.0)
    with pytest.raises(ValueError, match="simultaneous_step or alternating_step"):
        theory.step_matrix(theory.DIRAC_MINIMAX, 0.1, lambda game, theta, psi, h: (0.0, 0.0))

"""The linear Gaussian model: evidence, posterior and bound against each other and by sampling."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from gan_helpers import theory

RNG = np.random.default_rng(0)
W, MU, SIGMA = RNG.normal(size=(5, 2)), RNG.normal(size=5), 0.6
X = RNG.normal(size=5)
Z = RNG.normal(size=(400_000, 2))


def test_evidence_is_the_marginal_density() -> None:
    expected = multivariate_normal(MU, W @ W.T + SIGMA**2 * np.eye(5)).logpdf(X)
    found = theory.linear_gaussian_evidence(X, W, MU, SIGMA)
    assert found == pytest.approx(expected)
    likelihood = multivariate_normal(np.zeros(5), SIGMA**2 * np.eye(5)).pdf(X - MU - Z @ W.T)
    assert found == pytest.approx(np.log(likelihood.mean()), abs=0.02)


def test_posterior_is_bayes_rule_at_every_z() -> None:
    mean, covariance = theory.linear_gaussian_posterior(X, W, MU, SIGMA)
    z = Z[:50]
    prior = multivariate_normal(np.zeros(2), np.eye(2)).logpdf(z)
    fit = multivariate_normal(np.zeros(5), SIGMA**2 * np.eye(5)).logpdf(X - MU - z @ W.T)
    evidence = theory.linear_gaussian_evidence(X, W, MU, SIGMA)
    assert np.allclose(multivariate_normal(mean, covariance).logpdf(z), prior + fit - evidence)


def test_the_bound_is_tight_at_the_posterior_and_the_gap_is_the_divergence_elsewhere() -> None:
    evidence = theory.linear_gaussian_evidence(X, W, MU, SIGMA)
    posterior = theory.linear_gaussian_posterior(X, W, MU, SIGMA)
    assert theory.linear_gaussian_elbo(X, W, MU, SIGMA, *posterior) == pytest.approx(evidence)
    for mean, covariance in (
        (posterior[0], posterior[1] / 4),
        (posterior[0] + 1, posterior[1]),
        (np.zeros(2), np.eye(2)),
        (np.zeros(2), np.diag(np.diag(posterior[1]))),
    ):
        bound = theory.linear_gaussian_elbo(X, W, MU, SIGMA, mean, covariance)
        gap = theory.gaussian_kl(mean, covariance, *posterior)
        assert gap > 0.01
        assert evidence - bound == pytest.approx(gap)


def test_divergence_is_the_mean_log_ratio() -> None:
    mean, root = np.array([0.3, -1.0]), np.array([[0.9, 0.0], [0.4, 0.5]])
    q = multivariate_normal(mean, root @ root.T)
    samples = mean + Z @ root.T
    ratio = q.logpdf(samples) - multivariate_normal(np.zeros(2), np.eye(2)).logpdf(samples)
    assert theory.gaussian_kl(mean, root @ root.T) == pytest.approx(ratio.mean(), abs=0.01)
    assert theory.gaussian_kl([0.0], [[1.0]]) == 0
    by_hand = (0.25 + 4 - 1 - np.log(0.25)) / 2  # variance 1/4, mean 2
    assert theory.gaussian_kl([2.0], [[0.25]]) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (((X, W, MU, 0.0)), "sigma is 0"),
        (((X, W.T, MU, SIGMA)), r"\(D, d\)"),
        (((X[:4], W, MU, SIGMA)), r"\(D, d\)"),
        (((np.full(5, np.nan), W, MU, SIGMA)), "x contains NaN"),
    ],
)
def test_what_is_no_model_is_refused(arguments: tuple, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        theory.linear_gaussian_evidence(*arguments)
    with pytest.raises(ValueError, match=said):
        theory.linear_gaussian_posterior(*arguments)


def test_what_is_no_gaussian_is_refused() -> None:
    with pytest.raises(ValueError, match="positive definite"):
        theory.gaussian_kl([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(ValueError, match=r"np\.diag"):
        theory.gaussian_kl([0.0, 0.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="must be the same"):
        theory.gaussian_kl([0.0], [[1.0]], [0.0, 0.0], np.eye(2))
    with pytest.raises(ValueError, match="2 columns"):
        theory.linear_gaussian_elbo(X, W, MU, SIGMA, [0.0], [[1.0]])

"""The linear Gaussian model, in which evidence, posterior and ELBO have closed forms.

    z ~ N(0, I_d),   x = W z + mu + sigma eps,   eps ~ N(0, I_D)

Everything about it is Gaussian, so it checks code that is written for models of which nothing is
known. In the functions below x and mu have shape (D,), W has shape (D, d), and sigma is > 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers.theory._inputs import Array, finite_array

LOG_2_PI = float(np.log(2 * np.pi))


def gaussian_kl(
    mean: ArrayLike,
    covariance: ArrayLike,
    other_mean: ArrayLike | None = None,
    other_covariance: ArrayLike | None = None,
) -> float:
    """Compute KL(N(m, S) || N(m', S')), of two Gaussians of any dimension.

    1/2 (tr(S'^-1 S) + (m' - m)^T S'^-1 (m' - m) - d + log det S' - log det S)

    Args:
        mean: m, shape (d,).
        covariance: S, shape (d, d), positive definite.
        other_mean: m', shape (d,); 0 if ``None``.
        other_covariance: S', shape (d, d), positive definite; the identity if ``None``.

    Returns:
        The divergence in nats, >= 0.

    Raises:
        ValueError: shapes that do not fit, a covariance that is not positive definite, or NaN.

    Source: textbook; for S' = I and a diagonal S arXiv:1312.6114, appendix B.
    """
    m, s = _gaussian("", mean, covariance)
    n = np.zeros_like(m) if other_mean is None else other_mean
    n, t = _gaussian("other_", n, np.eye(len(m)) if other_covariance is None else other_covariance)
    if len(n) != len(m):
        raise ValueError(f"mean has length {len(m)}, other_mean {len(n)}; they must be the same")
    apart = np.linalg.solve(t, n - m)  # S'^-1 (m' - m)
    logs = np.linalg.slogdet(t).logabsdet - np.linalg.slogdet(s).logabsdet
    return max(0.0, float(np.linalg.solve(t, s).trace() + (n - m) @ apart - len(m) + logs) / 2)


def linear_gaussian_evidence(x: ArrayLike, W: ArrayLike, mu: ArrayLike, sigma: float) -> float:
    """Compute log p(x) = log N(x; mu, W W^T + sigma^2 I), in nats.

    Raises:
        ValueError: shapes that do not fit, a sigma that is not positive, or NaN.

    Source: Tipping and Bishop 1999, equation 4.
    """
    x_, w, m, s = _model(x, W, mu, sigma)
    c = w @ w.T + s**2 * np.eye(len(x_))
    rest = x_ - m
    log_det = np.linalg.slogdet(c).logabsdet
    return float(-(rest @ np.linalg.solve(c, rest) + log_det + len(x_) * LOG_2_PI) / 2)


def linear_gaussian_posterior(
    x: ArrayLike, W: ArrayLike, mu: ArrayLike, sigma: float
) -> tuple[Array, Array]:
    """Compute p(z | x) = N(M^-1 W^T (x - mu), sigma^2 M^-1) with M = W^T W + sigma^2 I.

    Returns:
        Its mean (d,) and its covariance (d, d), which is the same for every x.

    Raises:
        ValueError: shapes that do not fit, a sigma that is not positive, or NaN.

    Source: Tipping and Bishop 1999, equations 6 and 7.
    """
    x_, w, m, s = _model(x, W, mu, sigma)
    inverse = np.linalg.inv(w.T @ w + s**2 * np.eye(w.shape[1]))  # (d, d)
    return inverse @ w.T @ (x_ - m), np.asarray(s**2 * inverse, dtype=np.float64)


def linear_gaussian_elbo(
    x: ArrayLike,
    W: ArrayLike,
    mu: ArrayLike,
    sigma: float,
    mean: ArrayLike,
    covariance: ArrayLike,
) -> float:
    """Compute the evidence lower bound of q(z) = N(mean, covariance), in nats.

    E_q[log p(x | z)] - KL(q || N(0, I)),  where E_q[log p(x | z)] is
    -(|x - mu - W m|^2 + tr(W S W^T)) / (2 sigma^2) - D/2 log(2 pi sigma^2)

    Args:
        x, W, mu, sigma: the model, as above.
        mean: m, shape (d,).
        covariance: S, shape (d, d), positive definite.

    Returns:
        The bound: log p(x) minus the divergence of q from the posterior.

    Raises:
        ValueError: shapes that do not fit, a sigma or covariance that is not positive, or NaN.

    Source: arXiv:1312.6114, equation 3.
    """
    x_, w, m, s = _model(x, W, mu, sigma)
    of_q, cov = _gaussian("", mean, covariance)
    if len(of_q) != w.shape[1]:
        raise ValueError(f"mean has length {len(of_q)}, W has {w.shape[1]} columns; one for each")
    squares = np.square(x_ - m - w @ of_q).sum() + np.trace(w @ cov @ w.T)
    fit = -squares / (2 * s**2) - len(x_) / 2 * (LOG_2_PI + 2 * np.log(s))
    return float(fit) - gaussian_kl(of_q, cov)


def _gaussian(which: str, mean: ArrayLike, covariance: ArrayLike) -> tuple[Array, Array]:
    m, s = finite_array(f"{which}mean", mean), finite_array(f"{which}covariance", covariance)
    if m.ndim != 1 or s.shape != (len(m), len(m)):
        raise ValueError(
            f"{which}mean has shape {m.shape}, {which}covariance {s.shape}; they must be (d,) and "
            "(d, d): np.diag makes a matrix of d variances"
        )
    if not np.allclose(s, s.T) or np.linalg.eigvalsh(s).min() <= 0:
        raise ValueError(f"{which}covariance is not symmetric and positive definite; variances > 0")
    return m, s


def _model(
    x: ArrayLike, W: ArrayLike, mu: ArrayLike, sigma: float
) -> tuple[Array, Array, Array, float]:
    x_, w, m = finite_array("x", x), finite_array("W", W), finite_array("mu", mu)
    if x_.ndim != 1 or w.ndim != 2 or m.shape != x_.shape or len(w) != len(x_):
        raise ValueError(
            f"x, W and mu have shapes {x_.shape}, {w.shape} and {m.shape}; they must be (D,), "
            "(D, d) and (D,)"
        )
    if not 0 < sigma < np.inf:
        raise ValueError(f"sigma is {sigma}; a standard deviation is positive and finite")
    return x_, w, m, float(sigma)

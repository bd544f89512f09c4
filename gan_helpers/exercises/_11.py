"""Checks for the exercises of notebook 11."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_helpers import theory

from ._checks import Check, Hint, NotAnswered, chosen, close_to

# 11-1 ------------------------------------------------------------------------------ by hand

_RIGHT = {"evidence": -2.2655, "reconstruction": -3.4189, "kl": 0.0, "gap": 1.1534}
_by_hand_check = close_to(
    _RIGHT,
    tolerance=6e-3,
    mistakes=[
        (
            _RIGHT | {"reconstruction": -2.9189, "gap": 0.6534},
            "z is not 0 but spread around 0: E[(2 - z)^2] = 2^2 + Var z.",
        ),
        (
            _RIGHT | {"evidence": -2.9189, "gap": 0.5},
            "x = z + eps has the variance of both: p(x) = N(x; 0, 2).",
        ),
        (
            _RIGHT | {"gap": -1.1534},
            "The gap is evidence minus bound; a lower bound lies below.",
        ),
        (
            _RIGHT | {"evidence": -1.6121, "gap": 1.8069},
            "2 is the variance of p(x), and its standard deviation is the root of that.",
        ),
    ],
    hint="log N(x; m, v) = -log(2 pi v) / 2 - (x - m)^2 / (2 v); the gap is evidence minus ELBO.",
)

# 11-2 ------------------------------------------------------------------------------ bugs

PIXELS, SIGMA = 6, 0.5


class _Fixed(nn.Module):
    """An encoder that says the same of every image."""

    def __init__(self, mean: Tensor, log_variance: Tensor) -> None:
        super().__init__()
        self.said = torch.cat([mean, log_variance])

    def forward(self, x: Tensor) -> Tensor:
        return self.said.expand(len(x), -1)


class _Kept(nn.Module):
    """A linear decoder to images (N, 1, 2, 3) that keeps the z it was given."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = weight  # (PIXELS, d)
        self.asked = torch.zeros(0)

    def forward(self, z: Tensor) -> Tensor:
        self.asked = z.detach()
        return (z @ self.weight.T).reshape(-1, 1, 2, 3)


def _bound_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of (x, encoder, decoder, sigma) is wanted.")
    zero, blank = torch.zeros(2), torch.zeros(4, 1, 2, 3)
    plain, dark = _Fixed(zero, zero), _Kept(torch.zeros(PIXELS, 2))
    constant = -PIXELS / 2 * math.log(2 * math.pi * SIGMA**2)
    _judge_reconstruction(answer(blank, plain, dark, SIGMA), constant, constant)
    lit = constant - PIXELS / (2 * SIGMA**2)
    _judge_reconstruction(answer(blank + 1, plain, dark, SIGMA), lit, constant)
    told = _Fixed(torch.tensor([1.0, 2.0]), torch.tensor([0.25, 0.25]).log())
    kl = constant - float(answer(blank, told, dark, SIGMA).mean())
    right = sum((m**2 + 0.25 - math.log(0.25) - 1) / 2 for m in (1.0, 2.0))
    if abs(kl - right / 2) < 1e-3:
        raise Hint("The divergences of the latent numbers add up: a sum, where you have a mean.")
    if abs(kl - right) > 1e-3:
        raise Hint(f"The divergence of one q is {kl:.4g} in your bound; {right:.4g} is right.")
    return _judge_evidence(answer)


def _judge_reconstruction(found: Tensor, right: float, constant: float) -> None:
    if found is None:
        raise NotAnswered
    if found.shape != (4,):
        raise Hint(f"The bound has shape {tuple(found.shape)}; one number for each image, (N,).")
    value = float(found[0])
    if abs(value - right) < 1e-3:
        return
    if abs(value - (right - constant)) < 1e-3 or abs(value - (right - constant) / PIXELS) < 1e-3:
        raise Hint(
            "The density's constant is missing: -1/2 log(2 pi sigma^2) for every pixel. Without "
            "it the bound is no number of nats."
        )
    raise Hint(
        f"An image whose pixels are all wrong by the same amount has log p(x | z) = {right:.4g}, "
        f"yours is {value:.4g}: do the pixels add up, and is it 2 sigma^2?"
    )


def _judge_evidence(answer: Callable[..., Tensor]) -> float:
    torch.manual_seed(0)
    weight = torch.linalg.qr(torch.randn(PIXELS, 2))[0] * torch.tensor([1.5, 0.7])
    x = torch.randn(PIXELS)
    arrays = x.double().numpy(), weight.double().numpy(), np.zeros(PIXELS)
    mean, covariance = theory.linear_gaussian_posterior(*arrays, SIGMA)
    variances = torch.tensor(np.diag(covariance)).float()
    encoder, decoder = _Fixed(torch.tensor(mean).float(), variances.log()), _Kept(weight)
    found = answer(x.reshape(1, 1, 2, 3).expand(40_000, -1, -1, -1), encoder, decoder, SIGMA)
    spread = decoder.asked.std(0)
    if (spread / variances.sqrt() - 1).abs().max() > 0.05:
        raise Hint(
            "z scatters by the wrong amount: exp(log_variance) is the variance, and the noise is "
            "multiplied by its root."
        )
    evidence = theory.linear_gaussian_evidence(*arrays, SIGMA)
    error = abs(float(found.mean()) - evidence)
    if error > 0.05:
        raise Hint(
            f"With the exact posterior the mean bound must be log p(x) = {evidence:.3f}; yours is "
            f"{float(found.mean()):.3f}."
        )
    return error


# 11-3 ------------------------------------------------------------------------------ prediction

_FATES = {"a": "rises", "b": "falls", "c": "falls", "d": "stays", "e": "stays"}
_WHY = {
    "a": "A smaller sigma makes every wrong pixel dearer, so that it pays to say more in z.",
    "b": "beta is the price of a nat of KL.",
    "c": "The mean over 784 pixels divides the reconstruction by 784, as a larger sigma would.",
    "d": "Divide the whole loss by beta: what is left of sigma and beta?",
    "e": "What does not depend on a weight has no gradient.",
}

# 11-4 ------------------------------------------------------------------------------ tighter bound


def _importance_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of (x, encoder, decoder, sigma, k) is wanted.")
    weight = torch.tensor([[1.0], [0.5], [0.0], [0.0], [0.0], [0.0]])
    pixels = torch.tensor([1.0, 0.5, 0.2, -0.1, 0.0, 0.3])
    x, arrays = pixels.reshape(1, 1, 2, 3), (pixels.numpy(), weight.numpy(), np.zeros(PIXELS))
    q = np.array([0.5]), np.array([[0.6]])
    encoder = _Fixed(torch.tensor([0.5]), torch.tensor([0.6]).log())
    evidence = theory.linear_gaussian_evidence(*arrays, SIGMA)
    elbo = theory.linear_gaussian_elbo(*arrays, SIGMA, *q)
    many = x.expand(200, -1, -1, -1)
    found = answer(many, encoder, _Kept(weight), SIGMA, 500)
    if found is None:
        raise NotAnswered
    if found.shape != (200,):
        raise Hint(f"The bound has shape {tuple(found.shape)}; one number for each image, (N,).")
    value = float(found.mean())
    if not math.isfinite(value):
        raise Hint("The bound is not finite: use torch.logsumexp on the log weights.")
    if abs(value - evidence - math.log(500)) < 0.1:
        raise Hint("A mean of k weights, not their sum: subtract log k.")
    if abs(value - elbo) < 0.05:
        raise Hint("This is the ELBO: the mean of the logarithms. Take the logarithm of the mean.")
    error = abs(value - evidence)
    if error > 0.03:
        raise Hint(
            f"With k = 500 the bound must be near log p(x) = {evidence:.3f}, yours is {value:.3f}. "
            "A log weight is log p(x | z) + log p(z) - log q(z | x)."
        )
    far = answer(many + 40, encoder, _Kept(weight), SIGMA, 5)
    if not far.isfinite().all():
        raise Hint("For an unlikely image exp underflows to 0: use torch.logsumexp.")
    once = answer(x.expand(40_000, -1, -1, -1), encoder, _Kept(weight), SIGMA, 1)
    if abs(float(once.mean()) - elbo) > 0.05:
        raise Hint("With k = 1 the mean of the bound must be the ELBO.")
    return error


# 11-5 ------------------------------------------------------------------------------ search


class _Wavy(nn.Module):
    """A generator of pairs whose first number goes up and down with z: valleys to get stuck in."""

    latent_dim = 2

    def __init__(self) -> None:
        super().__init__()
        self.steep = nn.Parameter(torch.tensor(1.5))

    def forward(self, z: Tensor) -> Tensor:
        first = z[:, :1] + self.steep * torch.sin(3 * z[:, :1])
        return torch.cat([first, z[:, 1:]], dim=1)


def _search_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of (G, x, starts, steps) is wanted.")
    G, z = _Wavy(), 1.2 * torch.randn(64, 2)
    x = G(z).detach()
    found = answer(G, x, starts=16, steps=200)
    if found is None:
        raise NotAnswered
    if found.shape != (64, 2):
        raise Hint(f"z has shape {tuple(found.shape)}; one for each image is wanted, (64, 2).")
    if float(G.steep.detach()) != 1.5:
        raise Hint("The generator changed: only z is to be trained.")
    with torch.no_grad():
        wrong = (G(found) - x).square().sum(1)  # (64,)
    if float((wrong < 1e-2).float().mean()) < 0.5:
        raise Hint(
            "Most images are not found: is z.grad cleared before every step, and does each image "
            "have a loss of its own (sum over images, then backward)?"
        )
    stuck = int((wrong > 1e-2).sum())
    if stuck > 2:
        raise Hint(
            f"{stuck} of 64 images are stuck in a valley: keep the best of the starts for each "
            "image by itself."
        )
    return float(wrong.median())


CHECKS: dict[str, Check] = {
    "11-1": _by_hand_check,
    "11-2": _bound_check,
    "11-3": chosen(_FATES, _WHY),
    "11-4": _importance_check,
    "11-5": _search_check,
}

"""Exercise 11: each answer that a student might give meets the hint that fits."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from gan_helpers.exercises import check
from gan_helpers.study.autoencoders import kl_to_prior, log_likelihood, reparametrise

RIGHT = {"evidence": -2.2655, "reconstruction": -3.4189, "kl": 0, "gap": 1.1534}
FATES = {"a": "rises", "b": "falls", "c": "falls", "d": "stays", "e": "stays"}
Bound = Callable[..., Tensor]


def bound(
    pixels: str = "sum", constant: bool = True, units: str = "sum", root: bool = True, half: int = 2
) -> Bound:
    """Build an evidence lower bound with chosen mistakes."""

    def wrong(x: Tensor, encoder: nn.Module, decoder: nn.Module, sigma: float) -> Tensor:
        mean, log_variance = encoder(x).chunk(2, dim=1)
        z = mean + (log_variance / (2 if root else 1)).exp() * torch.randn_like(mean)
        squares = (x - decoder(z)).square().flatten(1)
        found = -getattr(squares, pixels)(1) / (half * sigma**2)
        if constant:
            found = found - squares.shape[1] / 2 * math.log(2 * math.pi * sigma**2)
        return found - getattr(kl_to_prior(mean, log_variance), units)(1)

    return wrong


def package_bound(x: Tensor, encoder: nn.Module, decoder: nn.Module, sigma: float) -> Tensor:
    """Return the bound of the package's own terms."""
    mean, log_variance = encoder(x).chunk(2, dim=1)
    fit = log_likelihood(x, decoder(reparametrise(mean, log_variance)), sigma)
    return fit - kl_to_prior(mean, log_variance).sum(1)


def tighter(how: str = "right") -> Bound:
    """Build an importance-weighted bound with a chosen mistake."""

    def wrong(x: Tensor, encoder: nn.Module, decoder: nn.Module, sigma: float, k: int) -> Tensor:
        mean, log_variance = encoder(x).chunk(2, dim=1)
        weights = []
        for _ in range(k):
            epsilon = torch.randn_like(mean)
            z = mean + (log_variance / 2).exp() * epsilon
            log_q = -(epsilon.square() + log_variance).sum(1) / 2
            ratio = -z.square().sum(1) / 2 - (0 if how == "no q" else log_q)
            weights.append(log_likelihood(x, decoder(z), sigma) + ratio)
        all_ = torch.stack(weights)
        if how == "mean of logs":
            return all_.mean(0)
        if how == "plain exp":
            return all_.exp().mean(0).log()
        return torch.logsumexp(all_, 0) - (0 if how == "sum" else math.log(k))

    return wrong


def search(best: str = "each", clear: bool = True, train_G: bool = False) -> Bound:
    """Build a search with restarts and a chosen mistake."""

    def wrong(G: nn.Module, x: Tensor, starts: int, steps: int) -> Tensor:
        n = len(x)
        z = torch.randn(starts * n, 2, requires_grad=True)
        trained = [z, *G.parameters()] if train_G else [z]
        optimizer = torch.optim.Adam(trained, 0.1)
        wanted = x.repeat(starts, 1)
        for _ in range(steps):
            squares = (G(z) - wanted).square().sum(1)
            if clear:
                optimizer.zero_grad()
            squares.sum().backward()
            optimizer.step()
        squares = (G(z) - wanted).square().sum(1).detach().reshape(starts, n)
        all_ = z.detach().reshape(starts, n, 2)
        if best == "batch":
            return all_[squares.sum(1).argmin()]
        if best == "last":
            return all_[-1]
        return all_[squares.argmin(0), torch.arange(n)]

    return wrong


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("11-1", RIGHT | {"reconstruction": -2.9189, "gap": 0.6534}, "spread around 0"),
        ("11-1", RIGHT | {"evidence": -2.9189, "gap": 0.5}, "variance of both"),
        ("11-1", RIGHT | {"gap": -1.1534}, "lower bound lies below"),
        ("11-1", RIGHT | {"evidence": -1.6121, "gap": 1.8069}, "root of that"),
        ("11-2", bound(pixels="mean"), "do the pixels add up"),
        ("11-2", bound(constant=False), "constant is missing"),
        ("11-2", bound(pixels="mean", constant=False), "constant is missing"),
        ("11-2", bound(half=1), "2 sigma^2"),
        ("11-2", bound(units="mean"), "where you have a mean"),
        ("11-2", bound(root=False), "wrong amount"),
        ("11-2", lambda *a: package_bound(*a).mean(), "one number for each image"),
        ("11-3", FATES | {"d": "falls"}, "d: look again"),
        ("11-3", FATES | {"a": "grows"}, "write one of"),
        ("11-4", tighter("mean of logs"), "logarithm of the mean"),
        ("11-4", tighter("sum"), "subtract log k"),
        ("11-4", tighter("no q"), "A log weight is"),
        ("11-4", tighter("plain exp"), "underflows"),
        ("11-5", search(best="batch"), "for each image by itself"),
        ("11-5", search(best="last"), "stuck in a valley"),
        ("11-5", search(clear=False), "z.grad cleared"),
        ("11-5", search(train_G=True), "generator changed"),
        ("11-5", lambda G, x, starts, steps: torch.zeros(2), "one for each image"),
    ],
)
def test_a_known_mistake_gets_its_hint(name: str, answer: object, hint: str) -> None:
    result = check(name, answer)
    assert result.status == "wrong"
    assert hint in result.message


def test_right_answers_are_right() -> None:
    assert check("11-1", RIGHT).status == "correct"
    assert check("11-2", bound()).status == "correct"
    assert check("11-2", package_bound).status == "correct"
    assert check("11-2", None).status == "unanswered"
    assert check("11-3", FATES).status == "correct"
    assert check("11-4", tighter()).status == "correct"
    assert check("11-4", lambda *_: None).status == "unanswered"
    assert check("11-5", search()).status == "correct"
    assert check("11-5", lambda *_, **__: None).status == "unanswered"

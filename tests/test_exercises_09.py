"""Exercise 09: each answer that a student might give meets the hint that fits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_helpers.exercises import check

COINS = {"told": 0.1017493, "not told": 0, "D of heads": 9 / 14}
PIPELINES = {
    "a": "leaks", "b": "does not leak", "c": "no gradient", "d": "undecided", "e": "does not leak",
}  # fmt: skip
Losses = Callable[..., tuple[Tensor, Tensor]]


def losses(real: bool = True, fake: bool = True, player: bool = True, how: str = "") -> Losses:
    """Build augmented losses with chosen mistakes."""

    def wrong(D, G, T, x, z):  # type: ignore[no-untyped-def]
        def changed(x: Tensor, yes: bool) -> Tensor:
            return T(x) if yes else x

        made = G(z)
        for_d = made if how == "graph" else made.detach()
        loss_d = softplus(-D(changed(x, real))) + softplus(D(changed(for_d, fake)))
        for_g = T(made).detach() if how == "detached" else changed(made, player)
        loss_g = (1 if how != "minimax" else -1) * softplus(-D(for_g))
        return loss_d.mean(), loss_g.mean()

    return wrong


def contrast(x: Tensor, shape: str = "each", low: float = 0.5, mean: str = "own") -> Tensor:
    """Spread images with a chosen mistake."""
    sizes = {"each": (len(x), 1, 1, 1), "one": (1,), "pixel": tuple(x.shape)}[shape]
    factor = low + torch.rand(*sizes)
    middle = x.mean((1, 2, 3), keepdim=True) if mean == "own" else torch.zeros(1)
    return middle + factor * (x - middle)


def projection(phi: Tensor, label: Tensor, v: Tensor, psi: Tensor) -> Tensor:
    return phi @ psi + (v[label] * phi).sum(1)


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("09-1", COINS | {"told": 0.2035}, "mind the two halves"),
        ("09-1", COINS | {"told": 0.1468}, "in bits"),
        ("09-1", COINS | {"not told": 0.1017}, "heads and tails alone"),
        ("09-1", COINS | {"D of heads": 0.5}, "told that the coin is A"),
        ("09-2", lambda phi, y, v, psi: (v[y] * phi).sum(1), "psi . phi(x) is missing"),
        ("09-2", lambda phi, y, v, psi: phi @ psi, "no part in it"),
        ("09-2", lambda phi, y, v, psi: phi @ psi + (phi @ v.T).sum(1), "Only the row"),
        ("09-2", lambda phi, y, v, psi: phi @ psi + (v[y] * phi).sum(), "not over the batch"),
        ("09-3", PIPELINES | {"a": "does not leak"}, "a: look again"),
        ("09-3", PIPELINES | {"d": "leaks"}, "d: look again"),
        ("09-3", PIPELINES | {"c": "maybe"}, "write one of"),
        ("09-4", losses(fake=False), "this is the leak"),
        ("09-4", losses(real=False), "real samples pass unaugmented"),
        ("09-4", losses(real=False, fake=False), "Nothing is augmented"),
        ("09-4", losses(player=False), "D has never seen such"),
        ("09-4", losses(how="detached"), "No gradient reaches"),
        ("09-4", losses(how="graph"), "detach the fakes"),
        ("09-4", losses(how="minimax"), "non-saturating"),
        ("09-5", lambda x: contrast(x, "one"), "draw one for each"),
        ("09-5", lambda x: contrast(x, "pixel"), "mean of an image"),
        ("09-5", lambda x: contrast(x, mean="zero"), "mean of an image"),
        ("09-5", lambda x: contrast(x, low=0.0), "uniform from 0.5"),
        ("09-5", lambda x: contrast(x.detach()), "No gradient"),
        ("09-5", lambda x: contrast(x)[:, 0], "come out as"),
        ("09-6", lambda v, t: t.max(1), "the choice has seen it"),
        ("09-6", lambda v, t: v.max(1), "on the validation part"),
        ("09-6", lambda v, t: t[:, t.mean(0).argmax()], "best mean over the test"),
        ("09-6", lambda v, t: t[:, v.mean(0).argmax()], "chooses for itself"),
        ("09-6", lambda v, t: t.mean(1), "look up the test"),
        ("09-6", lambda v, t: t.max(), "One number for each"),
    ],
)
def test_a_known_mistake_gets_its_hint(name: str, answer: object, hint: str) -> None:
    result = check(name, answer)
    assert result.status == "wrong"
    assert hint in result.message


def test_right_answers_are_right() -> None:
    assert check("09-1", COINS).status == "correct"
    assert check("09-2", projection).status == "correct"
    assert check("09-2", lambda phi, label, v, psi: None).status == "unanswered"
    assert check("09-3", PIPELINES).status == "correct"
    assert check("09-4", losses()).status == "correct"
    assert check("09-4", lambda *_: None).status == "unanswered"
    assert check("09-5", contrast).status == "correct"
    assert check("09-5", lambda x: None).status == "unanswered"
    rows = np.arange(6)
    assert check("09-6", lambda v, t: t[rows, v.argmax(1)]).status == "correct"
    assert check("09-6", lambda v, t: None).status == "unanswered"


def test_what_leaks_can_be_computed_on_three_pixels() -> None:
    """T as a matrix on distributions over three places on a circle; the answers of 09-3."""
    shifts = [np.roll(np.eye(3), k, axis=0) for k in range(3)]
    all_around = sum(shifts) / 3
    half, some = (np.eye(3) + all_around) / 2, 0.7 * shifts[0] + 0.3 * shifts[1]
    real = np.array([0.7, 0.2, 0.1])
    assert abs(some @ real - real).max() > 0.1  # a: the fakes are these
    assert np.linalg.matrix_rank(some) == 3  # b: T q = T p only for q = p
    assert np.linalg.matrix_rank(all_around) == 1  # d: whatever q is, T q is the same
    assert np.linalg.matrix_rank(half) == 3  # e: likewise

"""Checks for the exercises of notebook 09."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from ._checks import Check, Hint, NotAnswered, chosen, close_to, same_function

# 09-1 ------------------------------------------------------------------------------ by hand

_COINS = {"told": 0.101749, "not told": 0.0, "D of heads": 9 / 14}
_coins_check = close_to(
    _COINS,
    tolerance=2e-3,
    mistakes=[
        (
            _COINS | {"told": 0.203498},
            "JS is the mean of the two KL divergences to the mixture: mind the two halves.",
        ),
        (
            _COINS | {"told": 0.146794},
            "That is in bits; the series measures in nats, with the natural logarithm.",
        ),
        (
            _COINS | {"not told": 0.101749},
            "Without the class D sees heads and tails alone: how often does each come up, in the "
            "data and in the fakes?",
        ),
        (
            _COINS | {"D of heads": 0.5},
            "This D is told that the coin is A: p(heads | A) = 0.9 against q(heads | A) = 0.5.",
        ),
    ],
    hint="D* = p / (p + q) for the coin that was named; JS = KL(p, m)/2 + KL(q, m)/2, m between.",
)

# 09-2 ------------------------------------------------------------------------------ projection


def _score(phi: Tensor, label: Tensor, v: Tensor, psi: Tensor) -> Tensor:
    return phi @ psi + (v[label] * phi).sum(1)


def _projections() -> list[tuple[Tensor, ...]]:
    label = torch.tensor([2, 0, 1, 2, 0])
    return [(torch.randn(5, 4), label, torch.randn(3, 4), torch.randn(4))]


_score_check = same_function(
    _score,
    _projections,
    gradients=False,
    mistakes=[
        (lambda phi, label, v, psi: (v[label] * phi).sum(1), "psi . phi(x) is missing."),
        (lambda phi, label, v, psi: phi @ psi, "The class has no part in it: v_y . phi(x)."),
        (
            lambda phi, label, v, psi: phi @ psi + (phi @ v.T).sum(1),
            "Only the row v_y of the class that was told counts: v[label].",
        ),
        (
            lambda phi, label, v, psi: phi @ psi + (v[label] * phi).sum(),
            "One score for each sample: sum over the features, dim=1, not over the batch.",
        ),
    ],
    hint="score_i = psi . phi_i + v_(y_i) . phi_i.",
)

# 09-3 ------------------------------------------------------------------------------ leaks

_PIPELINES = {
    "a": "leaks", "b": "does not leak", "c": "no gradient", "d": "undecided", "e": "does not leak",
}  # fmt: skip
_WHY = {
    "a": "D sees T(x) and G(z): the fakes that it cannot tell from T(x) look like T(x).",
    "b": "D sees T(x) and T(G(z)) in both updates, and most images pass unchanged.",
    "c": "The generator's gradient has to pass through T, and nothing passes through rounding.",
    "d": "After such a shift nobody can say where a digit was: T of digits in the middle and T of "
    "digits anywhere are the same distribution.",
    "e": "Half of the images pass unchanged: what T does to a distribution can be undone.",
}
_pipelines_check = chosen(_PIPELINES, _WHY)

# 09-4 ------------------------------------------------------------------------------ bugs


class _Recorder:
    """A change of images that can be told from none, and that notes what it was given."""

    def __init__(self) -> None:
        self.seen: list[Tensor] = []

    def __call__(self, x: Tensor) -> Tensor:
        self.seen.append(x)
        return 2 * x


def _losses_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of (D, G, T, real, z) is wanted.")
    weight = torch.tensor(0.5, requires_grad=True)
    place, real, z = torch.tensor(0.3, requires_grad=True), torch.ones(8, 1), torch.ones(8, 1)
    change = _Recorder()

    def D(x: Tensor) -> Tensor:
        return weight * x.squeeze(1)

    def G(z: Tensor) -> Tensor:
        return place * z

    found = answer(D, G, change, real, z)
    if found is None:
        raise NotAnswered
    loss_d, loss_g = found
    _judge_gradients(loss_d, loss_g, weight, place)
    right_d = softplus(torch.tensor(-1.0)) + softplus(torch.tensor(0.3))
    right_g = softplus(torch.tensor(-0.3))
    known_d = {
        float(softplus(torch.tensor(-1.0)) + softplus(torch.tensor(0.15))):
            "In the discriminator's loss the fakes pass unaugmented: this is the leak.",
        float(softplus(torch.tensor(-0.5)) + softplus(torch.tensor(0.3))):
            "In the discriminator's loss the real samples pass unaugmented.",
        float(softplus(torch.tensor(-0.5)) + softplus(torch.tensor(0.15))):
            "Nothing is augmented in the discriminator's loss.",
    }  # fmt: skip
    for wrong, said in known_d.items():
        if abs(float(loss_d.detach()) - wrong) < 1e-5:
            raise Hint(said)
    if abs(float(loss_g.detach()) - float(softplus(torch.tensor(-0.15)))) < 1e-5:
        raise Hint("In the generator's loss the fakes pass unaugmented: D has never seen such.")
    error = abs(float(loss_d.detach() - right_d)) + abs(float(loss_g.detach() - right_g))
    if error > 1e-5:
        raise Hint("The losses are the non-saturating ones of notebook 2, of D(T(x)), D(T(G(z))).")
    return error


def _judge_gradients(loss_d: Tensor, loss_g: Tensor, weight: Tensor, place: Tensor) -> None:
    (into_g,) = (
        torch.autograd.grad(loss_g, place, retain_graph=True, allow_unused=True)
        if loss_g.requires_grad
        else (None,)
    )
    if into_g is None:
        raise Hint("No gradient reaches the generator through T: no detach, no no_grad there.")
    (leak,) = torch.autograd.grad(loss_d, place, retain_graph=True, allow_unused=True)
    if leak is not None:
        raise Hint("The discriminator's loss still has the generator's graph: detach the fakes.")


# 09-5 ------------------------------------------------------------------------------ contrast


def _contrast_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of x is wanted.")
    x = (torch.rand(64, 1, 6, 6) * 2 - 1).requires_grad_()
    found = answer(x)
    if found is None:
        raise NotAnswered
    if found.shape != x.shape:
        raise Hint(f"Images of shape {tuple(x.shape)} come out as {tuple(found.shape)}.")
    if not found.requires_grad:
        raise Hint("No gradient comes back through it: torch's operations alone, no detach.")
    mean = x.mean((1, 2, 3), keepdim=True)
    error = float((found.mean((1, 2, 3), keepdim=True) - mean).abs().max().detach())
    if error > 1e-4:
        raise Hint("The mean of an image has to stay: spread around the image's own mean.")
    factor = ((found - mean) / (x - mean)).detach().flatten(1)
    middle = factor.median(1).values
    if float((factor - middle[:, None]).abs().median()) > 1e-3:
        raise Hint("One factor serves all pixels of an image: shape (N, 1, 1, 1).")
    if float(middle.std()) < 1e-3:
        raise Hint("All images share one factor: draw one for each.")
    if float(middle.min()) < 0.499 or float(middle.max()) > 1.501 or float(middle.min()) > 0.7:
        raise Hint("The factors are uniform from 0.5 to 1.5: 0.5 + torch.rand(...).")
    return error


# 09-6 ------------------------------------------------------------------------------ an experiment


def _tables() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.uniform(0.8, 0.9, (6, 4)), rng.uniform(0.8, 0.9, (6, 4))


def _honest_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of (validation, test) is wanted.")
    validation, test = _tables()
    found = answer(validation.copy(), test.copy())
    if found is None:
        raise NotAnswered
    told = np.asarray(found, dtype=float)
    if told.shape != (6,):
        raise Hint(f"One number for each of the 6 seeds is wanted, not shape {told.shape}.")
    rows = np.arange(6)
    right = test[rows, validation.argmax(1)]
    wrong: list[tuple[Callable[[], np.ndarray], str]] = [
        (lambda: test.max(1), "That is the best on the test part: the choice has seen it."),
        (lambda: validation.max(1), "That is the accuracy on the validation part, chosen on it."),
        (
            lambda: test[:, test.mean(0).argmax()],
            "The setting with the best mean over the test part: the choice has seen the test part.",
        ),
        (
            lambda: test[:, validation.mean(0).argmax()],
            "One setting for all seeds looks at the other seeds' validation parts; here each seed "
            "is an experiment of its own and chooses for itself.",
        ),
    ]
    for values, said in wrong:
        if np.allclose(told, values()):
            raise Hint(said)
    error = float(np.abs(told - right).max())
    if error > 1e-9:
        raise Hint("Choose in each row by the validation part (argmax), then look up the test.")
    return error


CHECKS: dict[str, Check] = {
    "09-1": _coins_check,
    "09-2": _score_check,
    "09-3": _pipelines_check,
    "09-4": _losses_check,
    "09-5": _contrast_check,
    "09-6": _honest_check,
}

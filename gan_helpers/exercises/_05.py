"""Checks for the exercises of notebook 05."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ._checks import Check, Hint, close_to, same_function

# 05-1 ------------------------------------------------------------------------------ by hand

_by_hand_check = close_to(
    {"penalty": 160.0, "slope": 4.0, "estimate": 12.0},
    tolerance=6e-3,
    mistakes=[
        (
            {"penalty": 360.0, "slope": 4.0, "estimate": 12.0},
            "The gradient is the vector (3, 4), one number for each coordinate: its norm is 5.",
        ),
        (
            {"penalty": 5760.0, "slope": 4.0, "estimate": 12.0},
            "The penalty takes the norm, not its square: (5 - 1)^2.",
        ),
        (
            {"penalty": 160.0, "slope": 4.0, "estimate": 3.0},
            "The critic reports slope times distance, and its slope is not 1.",
        ),
        (
            {"penalty": 160.0, "slope": 7.0, "estimate": 21.0},
            "The derivative of lambda (s - 1)^2 is 2 lambda (s - 1): mind the 2.",
        ),
    ],
    hint="lambda (|grad f| - 1)^2; s = 1 + d / (2 lambda); and the estimate is s d.",
)

# 05-2 ------------------------------------------------------------------------------ one-sided


def one_sided(norm: Tensor, weight: float) -> Tensor:
    """Compute weight * E[max(0, norm - 1)^2]."""
    return weight * torch.relu(norm - 1).square().mean()


def _two_sided(norm: Tensor, weight: float) -> Tensor:
    return weight * (norm - 1).square().mean()


def _not_squared(norm: Tensor, weight: float) -> Tensor:
    return weight * torch.relu(norm - 1).mean()


def _summed(norm: Tensor, weight: float) -> Tensor:
    return weight * torch.relu(norm - 1).square().sum()


def _after_the_mean(norm: Tensor, weight: float) -> Tensor:
    return weight * torch.relu(norm.mean() - 1).square()


def _flat_side(norm: Tensor, weight: float) -> Tensor:
    return weight * torch.relu(1 - norm).square().mean()


_one_sided_check = same_function(
    one_sided,
    lambda: [(torch.tensor([0.2, 0.9, 1.5, 3.0]), 10.0), (torch.tensor([0.0, 1.2, 4.0]), 0.1)],
    mistakes=[
        (_two_sided, "That is the penalty of section 2: slopes below 1 still pay."),
        (_not_squared, "The excess is to be squared."),
        (_summed, "Take the mean over the samples, so that lambda does not depend on N."),
        (_after_the_mean, "First the excess of each sample, then the mean: one at a time."),
        (_flat_side, "The wrong side: a slope of 3 must pay, a slope of 0 must not."),
    ],
    hint="torch.relu(norm - 1) is the excess of each sample.",
)

# 05-3 ------------------------------------------------------------------------------ prediction

_FATES = {"a": "circles", "b": "circles", "c": "rests away", "d": "converges"}
_WHY = {
    "a": "Inside the bound clipping does nothing, and the bare WGAN game is a rotation.",
    "b": "lambda < 1: -lambda +- sqrt(lambda^2 - 1) is complex, so the path crosses psi = 0.",
    "c": "lambda >= 1: the eigenvalues are real. Where is the rest point of the half psi > 0?",
    "d": "Look at the real part of -gamma/2 +- sqrt(gamma^2/4 - 1).",
}


def _prediction_check(answer: Any) -> float:
    if not isinstance(answer, dict) or set(answer) != set(_FATES):
        raise Hint("A dictionary with the keys a, b, c and d is wanted.")
    for case, right in _FATES.items():
        given = str(answer[case]).strip().casefold()
        if given not in _FATES.values():
            raise Hint(f"{case} is {answer[case]!r}; write circles, rests away or converges.")
        if given != right:
            raise Hint(f"Case {case} does something else. {_WHY[case]}")
    return 0.0


# 05-4 ------------------------------------------------------------------------------ bugs


class _Watcher(nn.Module):
    """A linear critic with a gradient of norm ``norm`` that keeps the points it was asked about."""

    def __init__(self, norm: float, pixels: int = 16) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((pixels,), norm / pixels**0.5))
        self.asked: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.asked.append(x.detach())
        return x.flatten(1) @ self.weight


def _penalty_check(answer: Any) -> float:
    if not isinstance(answer, Callable):  # type: ignore[arg-type]
        raise Hint("A function of (critic, real, fake) is wanted.")
    return max(_judge(answer, norm) for norm in (1.0, 3.0, 0.0))


def _judge(penalty: Callable[..., Tensor], norm: float) -> float:
    critic = _Watcher(norm)
    real, fake = torch.ones(32, 1, 4, 4), torch.zeros(32, 1, 4, 4)  # x_hat is epsilon itself
    found = penalty(critic, real, fake)
    if not critic.asked:
        raise Hint("The critic was never asked.")
    _judge_points(critic.asked[-1].flatten(1))  # (32, 16)
    expected = 10 * (norm - 1) ** 2
    error = abs(float(found.detach()) - expected)
    if error > 1e-3:
        raise Hint(
            f"A linear critic of slope {norm:g} must pay {expected:g}, yours pays "
            f"{float(found.detach()):.4g}: over which axes does the norm run?"
        )
    if not found.requires_grad:
        raise Hint("The penalty has no graph: nothing flows into the weights. create_graph?")
    (gradient,) = torch.autograd.grad(found, critic.weight)
    if not gradient.isfinite().all():
        raise Hint("At a flat critic the gradient in the weights is NaN: mind the root at 0.")
    return error


def _judge_points(epsilon: Tensor) -> None:
    if (epsilon.std(1) > 1e-6).any():
        raise Hint("One epsilon must serve all pixels of a sample: shape (N, 1, 1, 1).")
    if len(epsilon[:, 0].unique()) < 16:
        raise Hint("All samples share one epsilon: draw one for each.")
    if epsilon.min() < 0 or epsilon.max() > 1:
        raise Hint("Some points lie outside the lines: epsilon is uniform on [0, 1], torch.rand.")


CHECKS: dict[str, Check] = {
    "05-1": _by_hand_check,
    "05-2": _one_sided_check,
    "05-3": _prediction_check,
    "05-4": _penalty_check,
}

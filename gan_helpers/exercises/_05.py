"""Checks for the exercises of notebook 05."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from ._checks import Check, Hint, NotAnswered, chosen, close_to
from ._watched import CountedSGD, OnePoint

# 05-1 ------------------------------------------------------------------------------ bugs


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


# 05-2 ------------------------------------------------------------------------------ by hand

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

# 05-3 ------------------------------------------------------------------------------ prediction

_FATES = {"a": "circles", "b": "circles", "c": "rests away", "d": "converges"}
_WHY = {
    "a": "Inside the bound clipping does nothing, and the bare WGAN game is a rotation.",
    "b": "lambda < 1: -lambda +- sqrt(lambda^2 - 1) is complex, so the path crosses psi = 0.",
    "c": "lambda >= 1: the eigenvalues are real. Where is the rest point of the half psi > 0?",
    "d": "Look at the real part of -gamma/2 +- sqrt(gamma^2/4 - 1).",
}


_prediction_check = chosen(_FATES, _WHY)

# 05-4 ------------------------------------------------------------------------------ R1


def _r1_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of (critic, real, fake) is wanted.")
    critic = _Watcher(3.0)
    real, fake = torch.rand(32, 1, 4, 4), torch.zeros(32, 1, 4, 4)
    found = answer(critic, real, fake, weight=1.0)
    if found is None:
        raise NotAnswered
    value = float(found.detach())
    known = {
        9.0: "The factor 1/2 is missing: gamma / 2.",
        1.5: "R1 takes the square of the norm, not the norm.",
        2.0: "R1 has no target of 1: any slope at the data pays.",
        4.5 / 16: "The squares of all pixels of a sample add up; the mean is over samples alone.",
        4.5 * 32: "Take the mean over the samples, not the sum.",
    }
    for wrong, said in known.items():
        if abs(value - wrong) < 1e-3 * wrong:
            raise Hint(said)
    error = abs(value - 4.5)
    if error > 1e-3:
        raise Hint(f"A critic of slope 3 must pay 4.5 at gamma = 1, yours pays {value:.4g}.")
    if not torch.equal(critic.asked[-1], real):
        raise Hint("R1 looks at the real samples themselves, not at points on the lines.")
    if not found.requires_grad:
        raise Hint("The penalty has no graph: nothing flows into the weights. create_graph?")
    return error


# 05-5 ------------------------------------------------------------------------------ one turn


class _Plane(nn.Module):
    """A linear critic that counts the calls with samples through which a gradient would flow."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.3, -0.2]))
        self.with_graph = 0

    def forward(self, x: Tensor) -> Tensor:
        self.with_graph += x.requires_grad
        return x @ self.weight


N_CRITIC = 3


def _turn_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function is wanted.")
    point, plane, drawn = OnePoint(), _Plane(), []

    def supply() -> Iterator[Tensor]:
        for k in range(100):
            drawn.append(k)
            yield torch.full((8, 2), -1.0 - 0.25 * k)

    def penalty(critic: _Plane, real: Tensor, fake: Tensor) -> Tensor:
        return 10 * (critic.weight.norm() - 1).square()

    of_point, of_plane = CountedSGD(point), CountedSGD(plane)
    answer(point, plane, of_point, of_plane, supply(), penalty, N_CRITIC)
    if not drawn and not of_plane.steps and not of_point.steps:
        raise NotAnswered
    _judge_counts(len(drawn), of_plane.steps, of_point.steps)
    if len(point.seen) != N_CRITIC + 1:
        raise Hint(f"The generator made {len(point.seen)} batches; {N_CRITIC} + 1 are wanted.")
    if len({float(z.sum()) for z in point.seen}) != N_CRITIC + 1:
        raise Hint("Each update wants fresh z, the generator's too.")
    if plane.with_graph > 1:
        raise Hint("The critic's fakes still have the generator's graph: detach them.")
    place, weight = _after_one_turn()
    if float((plane.weight.detach() - weight).abs().max()) > 1e-4:
        raise Hint("The critic minimises f(fake).mean() - f(real).mean() + penalty, all in one.")
    error = float((point.place.detach() - place).abs().max())
    if error > 1e-4:
        raise Hint("The generator minimises -f(fake).mean(), against the critic as it is by now.")
    return error


def _judge_counts(batches: int, critic_steps: int, generator_steps: int) -> None:
    if batches != N_CRITIC:
        raise Hint(f"{batches} real batches were drawn; every critic update wants a fresh one.")
    if critic_steps != N_CRITIC:
        raise Hint(
            f"The critic's optimiser stepped {critic_steps} times for n_critic = {N_CRITIC}; one "
            "step an update, on loss plus penalty."
        )
    if generator_steps != 1:
        raise Hint(f"The generator's optimiser stepped {generator_steps} times in one turn.")


def _after_one_turn() -> tuple[Tensor, Tensor]:
    """Return where one turn of plain descent with rate 0.1 leaves the point and the plane."""
    place, weight = OnePoint().place.detach().clone(), _Plane().weight.detach().clone()
    for k in range(N_CRITIC):
        norm = weight.norm()
        of_penalty = 20 * (norm - 1) * weight / norm
        weight = weight - 0.1 * (place - (-1.0 - 0.25 * k) + of_penalty)
    return place + 0.1 * weight, weight


CHECKS: dict[str, Check] = {
    "05-1": _penalty_check,
    "05-2": _by_hand_check,
    "05-3": _prediction_check,
    "05-4": _r1_check,
    "05-5": _turn_check,
}

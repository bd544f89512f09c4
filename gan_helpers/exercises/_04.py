"""Checks for the exercises of notebook 04."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_helpers.random import OwnRandom
from gan_helpers.regularisers import clip_weights
from gan_helpers.theory._inputs import Array

from ._checks import Check, Hint, NotAnswered, close_to, same_function
from ._warm_loop import warm_check

# 04-1 ------------------------------------------------------------------------------ by hand

_HAND: dict[str, Any] = {"w1": 1.5, "tv": 0.5, "js": 0.5 * np.log(2), "critic": [0.0, -1.0, -3.0]}

_hand_check = close_to(
    _HAND,
    tolerance=6e-4,
    mistakes=[
        (_HAND | {"tv": 1.0}, "TV is half of the sum of |p - q|, so that it never exceeds 1."),
        (
            _HAND | {"critic": [0.0, 1.0, 3.0]},
            "The critic is turned round: it must be high where the real data is.",
        ),
        (_HAND | {"js": 0.5}, "That is JS in bits. Use the natural logarithm."),
        (
            _HAND | {"w1": 1.0},
            "The gap from 1 to 3 is two units wide: weigh each |F_p - F_q| with its gap.",
        ),
    ],
    hint="On the line W1 adds up |F_p - F_q| times the width of each gap; f falls where F_p > F_q.",
)

# 04-2 ------------------------------------------------------------------------------ fill in


def lower_bound(f: Array, x: Array, p: Array, q: Array) -> float:
    """Divide what a critic reports by its steepest slope: a lower bound of W1."""
    return float((p @ f - q @ f) / np.abs(np.diff(f) / np.diff(x)).max())


def _undivided(f: Array, x: Array, p: Array, q: Array) -> float:
    return float(p @ f - q @ f)


def _uneven(f: Array, x: Array, p: Array, q: Array) -> float:
    return float((p @ f - q @ f) / np.abs(np.diff(f)).max())


def _signed(f: Array, x: Array, p: Array, q: Array) -> float:
    return float((p @ f - q @ f) / (np.diff(f) / np.diff(x)).max())


def _flipped(f: Array, x: Array, p: Array, q: Array) -> float:
    return -lower_bound(f, x, p, q)


def _critics() -> list[tuple[Array, Array, Array, Array]]:
    rng = np.random.default_rng(4)
    found = []
    for _ in range(3):
        x = np.cumsum(rng.uniform(0.5, 2.0, size=5))
        f = -np.cumsum(rng.uniform(0.2, 3.0, size=5))
        found.append((f, x, rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(5))))
    return found


_bound_check = same_function(
    lower_bound,
    _critics,
    tolerance=1e-6,
    gradients=False,
    mistakes=[
        (_undivided, "That is the gap itself. Divide it by the steepest slope of f."),
        (_uneven, "A slope is rise over run: the positions x are not one unit apart."),
        (_signed, "A slope counts by its size: f may fall more steeply than it rises."),
        (_flipped, "The sign is turned round: real minus generated, as in the dual."),
    ],
    hint="(E_p[f] - E_q[f]) / max |f(x_k+1) - f(x_k)| / (x_k+1 - x_k).",
)

# 04-3 ------------------------------------------------------------------------------ predict

_scaling_check = close_to(
    {"estimate": 8.0, "slope": 8.0, "w1": 1.0},
    tolerance=1e-6,
    mistakes=[
        (
            {"estimate": 2.0, "slope": 2.0, "w1": 1.0},
            "Every one of the three layers hands its factor 2 on to the next.",
        ),
        (
            {"estimate": 8.0, "slope": 8.0, "w1": 8.0},
            "W1 belongs to the two distributions. It does not know that there is a critic.",
        ),
        (
            {"estimate": 8.0, "slope": 1.0, "w1": 1.0},
            "If every score grows, so does every difference of scores.",
        ),
    ],
    hint="Pull the factor 2 out of one layer after the other: LeakyReLU(2 a) = 2 LeakyReLU(a).",
)

# 04-4 ------------------------------------------------------------------------------ bugs

Step = Callable[[nn.Module, torch.optim.Optimizer, Tensor, Tensor, float], Any]


def critic_step(
    critic: nn.Module, optimizer: torch.optim.Optimizer, real: Tensor, fake: Tensor, c: float
) -> None:
    """Do one update of a clipped critic, as in Algorithm 1."""
    loss = critic(fake).mean() - critic(real).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    clip_weights(critic, c)


def _ascending(
    critic: nn.Module, optimizer: torch.optim.Optimizer, real: Tensor, fake: Tensor, c: float
) -> None:
    critic_step(critic, optimizer, fake, real, c)


def _worlds() -> Iterator[tuple[nn.Module, torch.optim.Optimizer, Tensor, Tensor]]:
    """Yield small critics with batches; the second critic has a gradient left over."""
    for seed in range(2):
        with OwnRandom(seed):
            critic = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
            real, fake = torch.randn(16, 2) + 1, torch.randn(16, 2) - 1
        if seed:
            critic(real).sum().backward()
        yield critic, torch.optim.RMSprop(critic.parameters(), lr=1e-3), real, fake


def _weights_after(step: Step, c: float = 0.05) -> list[Tensor]:
    found = []
    for critic, optimizer, real, fake in _worlds():
        step(critic, optimizer, real, fake, c)
        found.append(torch.cat([weight.detach().flatten() for weight in critic.parameters()]))
    return found


def _same(a: list[Tensor], b: list[Tensor]) -> bool:
    return all(torch.allclose(x, y, atol=1e-6) for x, y in zip(a, b, strict=True))


def _step_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function is wanted here.")
    right, found = _weights_after(critic_step), _weights_after(answer)
    start = [torch.cat([w.flatten() for w in critic.parameters()]) for critic, *_ in _worlds()]
    if _same(found, start):
        raise NotAnswered
    if not all(bool((weights.abs() <= 0.05 + 1e-7).all()) for weights in found):
        raise Hint("After the step some weights lie outside [-c, c]: clip after the update.")
    if _same(found, _weights_after(_ascending)):
        raise Hint("The sign is turned round: this critic learns to score fakes higher than reals.")
    if not _same(found, right):
        if _same(found[:1], right[:1]):  # only the critic with the leftover differs
            raise Hint("The gradient of an earlier step is still in there: what empties it?")
        raise Hint("Minimise E[f(fake)] - E[f(real)]: empty, backward, step, and then clip.")
    return max(float((a - b).abs().max()) for a, b in zip(found, right, strict=True))


# 04-5 ------------------------------------------------------------------------------ mechanism


def transport_cost(x: Array, y: Array, power: int = 1) -> float:
    """Solve the linear programme between two samples: W1."""
    from scipy.optimize import linprog

    cost = np.linalg.norm(x[:, None] - y, axis=2) ** power
    n, m = cost.shape
    equations = np.vstack([np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))])
    masses = np.concatenate([np.full(n, 1 / n), np.full(m, 1 / m)])
    return float(linprog(cost.ravel(), A_eq=equations, b_eq=masses).fun)


def _squared(x: Array, y: Array) -> float:
    return transport_cost(x, y, power=2)


def _total(x: Array, y: Array) -> float:
    return len(x) * transport_cost(x, y)


def _nearest(x: Array, y: Array) -> float:
    return float(np.linalg.norm(x[:, None] - y, axis=2).min(1).mean())


def _samples() -> list[tuple[Array, Array]]:
    rng = np.random.default_rng(5)
    return [(rng.normal(size=(n, 2)), rng.normal(size=(m, 2)) + 1) for n, m in ((3, 3), (4, 6))]


_ONE_SIDE = "Each point goes to its nearest partner: the other half of the conditions is missing."
_programme_check = same_function(
    transport_cost,
    _samples,
    tolerance=1e-6,
    gradients=False,
    mistakes=[
        (_squared, "W1 pays the distance, not its square: take the root."),
        (_total, "A point of x has mass 1/n, not 1: W1 is a mean distance, not a total."),
        (_nearest, _ONE_SIDE),
        (lambda x, y: _nearest(y, x), _ONE_SIDE),
    ],
    hint="The costs, flat, shape (n m,); n rows for what leaves, m rows for what arrives.",
)

CHECKS: dict[str, Check] = {
    "04-1": _hand_check,
    "04-2": _bound_check,
    "04-3": _scaling_check,
    "04-4": _step_check,
    "04-5": _programme_check,
    "04-6": warm_check,
}

"""Checks for the exercises of notebook 01."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from gan_helpers import theory

from ._checks import Check, Hint, NotAnswered, close_to, same_function

Array = NDArray[np.float64]

# 01-1 ------------------------------------------------------------------------------ coins


def _coin(scale: float = 1.0, sign: float = 1.0) -> dict[str, float]:
    game = theory.coin_game(0.8, 0.4)
    return {
        "D_heads": game.discriminator_heads,
        "D_tails": game.discriminator_tails,
        "value": sign * game.value / scale,
    }


_coin_check = close_to(
    _coin,
    tolerance=6e-4,  # three digits by hand are enough
    mistakes=[
        (lambda: _coin(sign=-1.0), "V is a sum of logarithms of probabilities: never positive."),
        (lambda: _coin(scale=float(np.log(2))), "That is in bits. Use the natural logarithm."),
        (lambda: _coin(scale=float(np.log(10))), "That is log base 10. Use the natural one."),
        (lambda: _coin(scale=2.0), "V is the sum of both averages, not their mean."),
    ],
    hint="D*(face) = p(face) / (p(face) + q(face)); then put D* into V, four terms.",
)

# 01-2 ------------------------------------------------------------------------------ training


def train_line(real: Array, fake: Array, steps: int = 2000, rate: float = 0.5) -> Array:
    """Climb V = mean log sigmoid(o(real)) + mean log(1 - sigmoid(o(fake))), o(x) = a x + b."""
    return _trained(real, fake, steps, rate)


def _trained(
    real: Array, fake: Array, steps: int = 2000, rate: float = 0.5, bias: int = 1
) -> Array:
    a = b = 0.0
    for _ in range(steps):
        real_gap, fake_gap = expit(-(a * real + b)), expit(a * fake + b)  # 1 - D, and D
        slope_a = (real_gap * real).mean() - (fake_gap * fake).mean()
        slope_b = real_gap.mean() - fake_gap.mean()
        a, b = a + rate * slope_a, b + bias * rate * slope_b
    return np.array([a, b])


def _samples() -> list[tuple[Array, Array]]:
    rng = np.random.default_rng(0)
    shifts = ((0.0, 2.0), (1.0, -0.5))
    return [(rng.normal(p, size=2000), rng.normal(q, size=2000)) for p, q in shifts]


_same_line = same_function(
    train_line,
    _samples,
    tolerance=0.05,  # another order of the two updates ends in the same place
    gradients=False,
    mistakes=[
        (
            lambda real, fake: _trained(fake, real),
            "Real and generated are exchanged: a positive score says real.",
        ),
        (
            lambda real, fake: _trained(real, fake, bias=0),
            "b has not moved. Its gradient is the mean of dV/do itself.",
        ),
        (
            lambda real, fake: np.array([0.0, 0.0]),
            "a and b are still at the start. Let them climb in the loop.",
        ),
    ],
    hint="dV/da is the mean of (1 - D) x over real samples minus the mean of D x over fakes.",
)


def _line_check(answer: Any) -> float:
    if callable(answer):
        real, fake = _samples()[0]  # the best a is about -2
        found = answer(real.copy(), fake.copy())
        if np.shape(found) == (2,) and found[0] > 3:
            raise Hint("V falls along the way: the discriminator climbs, so add the gradient.")
    return _same_line(answer)


# 01-3 ------------------------------------------------------------------------------ saturation

_saturation_check = close_to(
    {"score": -float(np.log(100)), "D": 1 / 101},
    tolerance=6e-4,
    mistakes=[
        (
            {"score": float(np.log(100)), "D": 100 / 101},
            "There the discriminator takes the fake for real, and minimax is at its steepest.",
        ),
        ({"score": -2.0, "D": 1 / 101}, "That is log base 10. Use the natural logarithm."),
    ],
    hint="The slopes have sizes D and 1 - D. What is D / (1 - D) as a function of the score?",
)

# 01-4 ------------------------------------------------------------------------------ brake


def dirac_r1(
    theta: float, psi: float, rate: float, gamma: float, steps: int, order: str = "alternating"
) -> Array:
    """Play the minimax Dirac-GAN with R1: psi' = -theta sigmoid(psi theta) - gamma psi."""
    path = [(theta, psi)]
    for _ in range(steps):
        old = psi
        psi = psi + rate * (-theta * expit(psi * theta) - gamma * psi)
        seen = old if order == "simultaneous" else psi
        theta = theta + rate * seen * expit(seen * theta)
        path.append((theta, psi))
    return np.array(path)


_brake_check = same_function(
    dirac_r1,
    lambda: [(1.0, 0.0, 0.2, 0.3, 60), (0.5, -1.0, 0.1, 1.0, 40), (1.0, 0.5, 0.2, 3.0, 40)],
    tolerance=1e-9,
    gradients=False,
    mistakes=[
        (
            lambda t, p, rate, gamma, n: dirac_r1(t, p, rate, gamma, n, "simultaneous"),
            "These are simultaneous steps. Let theta answer the new psi.",
        ),
        (
            lambda t, p, rate, gamma, n: dirac_r1(t, p, rate, 0.0, n),
            "There is no brake yet: subtract gamma psi from the discriminator's direction.",
        ),
        (
            lambda t, p, rate, gamma, n: dirac_r1(t, p, rate, -gamma, n),
            "The brake speeds psi up: subtract the penalty from what the discriminator climbs.",
        ),
        (
            lambda t, p, rate, gamma, n: dirac_r1(t, p, rate, gamma / 2, n),
            "The brake is half as strong as it should be: gamma/2 psi^2 has the slope gamma psi.",
        ),
        (
            lambda t, p, rate, gamma, n: dirac_r1(t, p, rate, gamma / rate, n),
            "The brake has to be multiplied by the rate, like everything that the step adds.",
        ),
    ],
    hint="psi <- psi + rate (-theta sigmoid(psi theta) - gamma psi), then theta with the new psi.",
)

# 01-5 ------------------------------------------------------------------------------ bug


def js_of_counts(real: Array, fake: Array) -> float:
    """Compute JS in nats between two histograms of counts."""
    return theory.js(real / real.sum(), fake / fake.sum())


def _parts(real: Array, fake: Array, log: Any, normalise: bool) -> float:
    p, q = (real / real.sum(), fake / fake.sum()) if normalise else (real, fake)
    a = (p + q) / 2
    kl_p = np.sum(p[p > 0] * log(p[p > 0] / a[p > 0]))
    kl_q = np.sum(q[q > 0] * log(q[q > 0] / a[q > 0]))
    return float(kl_p + kl_q) / 2


def _counts() -> list[tuple[Array, Array]]:
    return [
        (np.array([8.0, 2.0, 0.0, 0.0]), np.array([1.0, 1.0, 3.0, 0.0])),
        (np.array([50.0, 50.0, 0.0]), np.array([0.0, 10.0, 30.0])),
    ]


_same_js = same_function(
    js_of_counts,
    _counts,
    tolerance=1e-6,
    gradients=False,
    mistakes=[
        (
            lambda real, fake: _parts(real, fake, np.log2, True),
            "The unit is still the bit: the most that JS can be is log 2 = 0.693 nats, not 1.",
        ),
        (
            lambda real, fake: _parts(real, fake, np.log, False),
            "The counts still have to be divided by their sums.",
        ),
        (
            lambda real, fake: _parts(real, fake, np.log2, False),
            "The counts still have to be divided by their sums; and look at the logarithm.",
        ),
    ],
    hint="There are three mistakes: the mass, the logarithm, and the bins that are empty.",
)


def _bug_check(answer: Any) -> float:
    if callable(answer):
        with np.errstate(all="ignore"):
            found = [answer(real.copy(), fake.copy()) for real, fake in _counts()]
        if any(isinstance(each, float) and not np.isfinite(each) for each in found):
            raise Hint("0 log 0 is 0 in the limit but NaN in floating point: skip empty bins.")
    return _same_js(answer)


# 01-6 ------------------------------------------------------------------------------ die

_DICE = (
    np.array([0.05, 0.1, 0.1, 0.15, 0.2, 0.4]),
    np.array([0.3, 0.05, 0.3, 0.05, 0.25, 0.05]),
    np.full(6, 1 / 6),
)


def _die_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function is wanted here: forge(p) returns q.")
    largest = 0.0
    for p in _DICE:
        found = answer(p.copy())
        if found is None:
            raise NotAnswered
        q = np.asarray(found, dtype=np.float64)
        if q.shape != (6,):
            raise Hint(f"forge(p) has shape {q.shape}; return the six probabilities of q.")
        if not np.isfinite(q).all() or q.min() < 0 or abs(q.sum() - 1) > 1e-6:
            raise Hint("What forge(p) returns are no probabilities: return softmax(logits).")
        largest = max(largest, float(np.abs(q - p).max()))
    if largest <= 0.01:
        return largest
    q = np.asarray(answer(_DICE[0].copy()))
    if np.abs(q - 1 / 6).max() < 1e-3:
        raise Hint("The die is still fair: the generator does not move.")
    if q.argmax() == _DICE[0].argmin() or q.max() > 0.95:
        raise Hint(
            "The die runs away from the data. The discriminator climbs (it adds its gradient), the "
            "generator descends (it subtracts)."
        )
    raise Hint(
        f"A probability is off by {largest:.2g} (allowed: 0.01). Does the generator answer the "
        "present scores, and is its gradient q (c - q @ c)?"
    )


CHECKS: dict[str, Check] = {
    "01-1": _coin_check,
    "01-2": _line_check,
    "01-3": _saturation_check,
    "01-4": _brake_check,
    "01-5": _bug_check,
    "01-6": _die_check,
}

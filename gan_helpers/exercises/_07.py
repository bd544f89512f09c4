"""Checks for the exercises of notebook 07."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from gan_helpers import theory

from ._checks import Check, Hint, NotAnswered, chosen, close_to, same_function
from ._paired_turn import bugs_check, turn_check

Array = NDArray[np.float64]

# 07-1 ------------------------------------------------------------------------------ by hand

_BY_HAND = {"critical R1": 2.0, "critical both": 1.0, "slow": -2 + 3**0.5}
_by_hand_check = close_to(
    _BY_HAND,
    tolerance=6e-3,
    mistakes=[
        (
            _BY_HAND | {"critical R1": 1.0, "critical both": 0.5},
            "Those are the logistic game's numbers; here g = d = 1.",
        ),
        (
            _BY_HAND | {"critical both": 2.0},
            "The slope is psi at the fakes as well: the second penalty adds gamma / 2 psi^2 again.",
        ),
        (
            _BY_HAND | {"critical R1": 4.0, "critical both": 2.0},
            "The root vanishes where gamma^2 / 4 = g d, not gamma / 4.",
        ),
        (
            _BY_HAND | {"slow": -2 - 3**0.5},
            "That is the faster of the two; what is left at the end is the slower one.",
        ),
        (_BY_HAND | {"slow": 2 - 3**0.5}, "Mind the sign: the real parts are negative."),
    ],
    hint="lambda = -gamma/2 +- sqrt(gamma^2/4 - g d), with gamma counted once or twice.",
)

# 07-2 ------------------------------------------------------------------------------ prediction

_FATES = {"a": "stays away", "b": "arrives", "c": "stays away", "d": "stays away"}
_WHY = {
    "a": "Simultaneous steps need h < gamma / (g d), and here g d = 1/4.",
    "b": "The determinant of an alternating step is 1 - h gamma.",
    "c": "What does a smaller step do to a circle? It goes round it more slowly.",
    "d": "How large is 1 - h gamma, the factor of the discriminator's own step?",
}
_fates_check = chosen(_FATES, _WHY)

# 07-3 ------------------------------------------------------------------------------ the value


def _paired_cases() -> list[tuple[Array, Array]]:
    p, q = np.array([0.35, 0.25, 0.2, 0.12, 0.08]), np.array([0.02, 0.05, 0.13, 0.3, 0.5])
    return [(p, q), (np.array([0.5, 0.5]), np.array([0.9, 0.1])), (q, p)]


def _kl_of_pairs(p: Array, q: Array) -> float:
    return theory.kl(np.outer(p, q).ravel(), np.outer(q, p).ravel())


def _value_alone(p: Array, q: Array) -> float:
    return theory.paired_js(p, q) - theory.LOG_2


def _halved(p: Array, q: Array) -> float:
    return theory.paired_js(p, q) / 2


_paired_check = same_function(
    theory.paired_js,
    _paired_cases,
    tolerance=1e-6,
    gradients=False,
    mistakes=[
        (theory.js, "That is the JS of p and q. The discriminator sees pairs: np.outer(p, q)."),
        (_value_alone, "That is the value itself; d_Rp is the value plus log 2."),
        (_kl_of_pairs, "That is a KL of the two orders; JS compares each with their mean."),
        (_halved, "Half of it is missing: JS has two KL terms of weight 1/2."),
    ],
    hint="The best D is log p - log q; sum p_i q_j log sigmoid(D_i - D_j), then add log 2.",
)

# 07-6 ------------------------------------------------------------------------------ a schedule

STEPS, GAMES, GOAL = 400, 100, 0.125


def noisy_distance(schedule: Callable[[int, int], float], noise: float = 0.3) -> tuple[float, ...]:
    """Play 100 noisy minimax games with R1 at gamma = 1; return the root mean square distances.

    Args:
        schedule: step k of n -> step size of both players.
        noise: standard deviation of what is added to each gradient.

    Returns:
        From (2, 0): at the end with noise, and at the end without.
    """
    rng, ends = np.random.default_rng(0), []
    for size in (noise, 0.0):
        theta, psi = np.full(GAMES, 2.0), np.zeros(GAMES)
        for k in range(STEPS):
            h = float(schedule(k, STEPS))
            shaken = size * rng.normal(size=(2, GAMES))
            with np.errstate(over="ignore", invalid="ignore"):
                psi = psi + h * (-theta * expit(psi * theta) - psi + shaken[0])
                theta = theta + h * (psi * expit(psi * theta) + shaken[1])
        ends.append(float(np.sqrt((theta**2 + psi**2).mean())))
    return tuple(ends)


def _schedule_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of (k, n) is wanted.")
    sizes = [answer(k, STEPS) for k in (0, STEPS - 1)]
    if any(size is None for size in sizes):
        raise NotAnswered
    if not all(0 <= float(answer(k, STEPS)) < 1e3 for k in range(STEPS)):
        raise Hint("A step size is a number that is 0 or larger, at every k from 0 to n - 1.")
    shaken, calm = noisy_distance(answer)
    if not np.isfinite(shaken) or shaken > 3:
        raise Hint("The pair flies apart: the steps at the beginning are too large.")
    if calm > GOAL / 2:
        raise Hint(
            f"Even without noise the pair is still {calm:.2g} away: the steps add up to too little."
        )
    if shaken > GOAL:
        raise Hint(
            f"The pair is there, but the noise keeps it {shaken:.2g} away; at most {GOAL} is "
            "wanted: how large are the last steps?"
        )
    return shaken


CHECKS: dict[str, Check] = {
    "07-1": _by_hand_check,
    "07-2": _fates_check,
    "07-3": _paired_check,
    "07-4": bugs_check,
    "07-5": turn_check,
    "07-6": _schedule_check,
}

"""Checks for the exercises of notebook 01."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from gan_helpers import theory

from ._checks import Check, Hint, close_to, same_function

Array = NDArray[np.float64]

# 01-1 ------------------------------------------------------------------------------ coins


def _coin(scale: float = 1.0, sign: float = 1.0) -> dict[str, float]:
    game = theory.coin_game(0.8, 0.4)
    return {
        "d_heads": game.discriminator_heads,
        "d_tails": game.discriminator_tails,
        "value": sign * game.value / scale,
        "js": game.js / scale,
    }


def _coin_unhalved() -> dict[str, float]:
    return _coin() | {"js": 2 * _coin()["js"]}


_coin_check = close_to(
    _coin,
    tolerance=6e-4,  # three digits by hand are enough
    mistakes=[
        (lambda: _coin(sign=-1.0), "V is a sum of logarithms of probabilities: never positive."),
        (lambda: _coin(scale=float(np.log(2))), "That is in bits. Use the natural logarithm."),
        (lambda: _coin(scale=float(np.log(10))), "That is log base 10. Use the natural one."),
        (_coin_unhalved, "Almost: V = 2 JS - log 4, so JS is half of V + log 4."),
    ],
    hint="D*(face) = p(face) / (p(face) + q(face)); then put D* into V, four terms.",
)

# 01-2 ------------------------------------------------------------------------------ gradient


def score_gradient(score: Array, p: Array, q: Array) -> Array:
    """Compute dV/do_i = p_i (1 - D_i) - q_i D_i on a histogram, D = sigmoid(o)."""
    d = np.asarray(expit(score))
    return p * (1 - d) - q * d


def _by_probability(score: Array, p: Array, q: Array) -> Array:
    d = np.asarray(expit(score))
    return p / d - q / (1 - d)


def _downhill(score: Array, p: Array, q: Array) -> Array:
    return -score_gradient(score, p, q)


def _unweighted(score: Array, p: Array, q: Array) -> Array:
    return np.asarray(1 - 2 * expit(score))


def _histograms() -> list[tuple[Array, Array, Array]]:
    rng = np.random.default_rng(0)
    return [(rng.normal(size=6), rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6)))] * 2


_gradient_check = same_function(
    score_gradient,
    _histograms,
    tolerance=1e-6,
    gradients=False,
    mistakes=[
        (_by_probability, "That is dV/dD. Multiply by dD/do = D (1 - D): much cancels."),
        (_downhill, "The sign is turned round: the discriminator climbs V."),
        (_unweighted, "Each point counts p times as real and q times as fake."),
    ],
    hint="Differentiate p log sigmoid(o) + q log(1 - sigmoid(o)) in o.",
)

# 01-3 ------------------------------------------------------------------------------ saturation

_saturation_check = close_to(
    {"score": -float(np.log(100)), "d": 1 / 101},
    tolerance=6e-4,
    mistakes=[
        (
            {"score": float(np.log(100)), "d": 100 / 101},
            "There the discriminator takes the fake for real, and minimax pulls hardest.",
        ),
        ({"score": -2.0, "d": 1 / 101}, "That is log base 10. Use the natural logarithm."),
    ],
    hint="The slopes have sizes D and 1 - D. What is D / (1 - D) as a function of the score?",
)

# 01-4 ------------------------------------------------------------------------------ prediction

_FATES = {"a": "diverges", "b": "circles", "c": "diverges", "d": "converges"}
_WHY = {
    "a": "Simultaneous: the step is at right angles to the position, so the distance grows.",
    "b": "Alternating, h <= 4: the determinant is 1 and the eigenvalues sit on the unit circle.",
    "c": "h = 5 is beyond 4: the trace 2 - h^2/4 is below -2, so one eigenvalue leaves the circle.",
    "d": "lambda = -0.25 +- 0.433i; compute |1 + 0.5 lambda|.",
}


def _prediction_check(answer: Any) -> float:
    if not isinstance(answer, dict) or set(answer) != set(_FATES):
        raise Hint("A dictionary with the keys a, b, c and d is wanted.")
    for case, right in _FATES.items():
        given = str(answer[case]).strip().casefold()
        if given not in ("converges", "circles", "diverges"):
            raise Hint(f"{case} is {answer[case]!r}; write converges, circles or diverges.")
        if given != right:
            raise Hint(f"Case {case} does something else. {_WHY[case]}")
    return 0.0


# 01-5 ------------------------------------------------------------------------------ bug


def js_of_counts(real: Array, fake: Array) -> float:
    """Compute JS in nats between two histograms of counts."""
    return theory.js(real / real.sum(), fake / fake.sum())


def _parts(real: Array, fake: Array, log: Any, normalise: bool) -> float:
    p, q = (real / real.sum(), fake / fake.sum()) if normalise else (real, fake)
    m = (p + q) / 2
    kl_p = np.sum(p[p > 0] * log(p[p > 0] / m[p > 0]))
    kl_q = np.sum(q[q > 0] * log(q[q > 0] / m[q > 0]))
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


CHECKS: dict[str, Check] = {
    "01-1": _coin_check,
    "01-2": _gradient_check,
    "01-3": _saturation_check,
    "01-4": _prediction_check,
    "01-5": _bug_check,
}

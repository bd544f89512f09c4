"""A small game whose numbers are known in closed form: a real coin against a fake one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gan_helpers.runtime import number
from gan_helpers.theory.divergences import js, optimal_discriminator, value


class CoinGame(NamedTuple):
    """The solved coin game: best discriminator on both faces, its value, the divergence."""

    discriminator_heads: float
    discriminator_tails: float
    value: float
    js: float


def coin_game(real_heads: float, fake_heads: float) -> CoinGame:
    """Solve the game of a real coin against a fake one.

    D*(heads) = a / (a + b),  D*(tails) = (1 - a) / (2 - a - b),  V(D*) = 2 JS - log 4

    Args:
        real_heads: a, probability of heads of the real coin, in [0, 1].
        fake_heads: b, probability of heads of the generator's coin, in [0, 1].

    Returns:
        CoinGame of D*(heads), D*(tails), V(D*) and JS in nats.

    Raises:
        ValueError: a probability outside [0, 1].

    Source: arXiv:1406.2661, proposition 1 and theorem 1.
    """
    real_heads = number("real_heads", real_heads, 0, 1)
    fake_heads = number("fake_heads", fake_heads, 0, 1)
    p = np.array([real_heads, 1 - real_heads])  # (2,) heads, tails
    q = np.array([fake_heads, 1 - fake_heads])
    best = optimal_discriminator(p, q)
    return CoinGame(float(best[0]), float(best[1]), value(best, p, q), js(p, q))

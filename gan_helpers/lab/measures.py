"""How good the generator is at one moment: modes, high-quality share, exact W1.

Everything here looks at fixed real samples and fixed latents, so that a curve moves because the
generator does, and no random number is drawn.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers.data import GaussianMixture
from gan_helpers.evaluation import mode_coverage, noise_floor, wasserstein_distance
from gan_helpers.lab.sources import Source, draw, make_source
from gan_helpers.lab.states import Snapshot
from gan_helpers.regularisers import squared_gradient_norm

SAMPLES = 1_000  # of which modes and high quality are judged
MOVED = 200  # of which W1 is: the exact assignment takes some 5 ms, of 500 it would take 100
NAN = float("nan")


class Measures(NamedTuple):
    """What was measured at one moment of a run; NaN or None where it has no meaning."""

    step: int  # generator updates
    tick: int  # actions
    captured: int | None  # modes with a high-quality sample, of 1 000; mixtures alone
    total: int | None  # modes of the mixture
    high_quality: float | None  # share of samples within 3 sigma of their mode
    ceiling: float | None  # the share that a perfect generator has
    shares: tuple[float, ...] | None  # samples nearest to each mode over its fair number
    w1: float  # exact W1 between 200 generated and 200 real samples, in the data's unit
    w1_floor: float  # the mean W1 of real samples against real ones
    share_of_w1: float | None  # where scores estimate W1: what the critic proves of it, 1: optimal


def measure(
    seen: Snapshot, real: Tensor, z: Tensor, mixture: GaussianMixture | None, floor: float
) -> Measures:
    """Measure what a snapshot's generator makes of fixed latents ``z``; the rest as in `judge`."""
    with torch.no_grad():
        fake = seen.generator(z)  # (1000, 2)
    found = judge(seen.step, seen.tick, fake, real, mixture, floor)
    if seen.objective.score.estimates_w1 and found.w1 > 0:
        share = share_of_w1(seen.discriminator, real[:MOVED], fake[:MOVED], found.w1)
        found = found._replace(share_of_w1=share)
    return found


def judge(
    step: int, tick: int, fake: Tensor, real: Tensor, mixture: GaussianMixture | None, floor: float
) -> Measures:
    """Measure generated samples against real ones.

    Args:
        step: generator updates so far, kept in the result.
        tick: actions so far, kept in the result.
        fake: generated samples (1 000, 2).
        real: real samples (1 000, 2).
        mixture: the distribution of the data where it is a mixture, else None.
        floor: of W1, from `floor_of`.

    Returns:
        The measures, ``share_of_w1`` left None; W1 is NaN and there are no modes where a sample is
        not finite.
    """
    total = None if mixture is None else len(mixture.means)
    if not bool(fake.isfinite().all()):
        return Measures(step, tick, None, total, None, None, None, NAN, floor, None)
    w1 = wasserstein_distance(fake[:MOVED], real[:MOVED])
    if mixture is None:
        return Measures(step, tick, None, None, None, None, None, w1, floor, None)
    found = mode_coverage(fake, mixture)
    fair = (mixture.weights * len(fake)).tolist()
    shares = tuple(count / expected for count, expected in zip(found.counts, fair, strict=True))
    return Measures(
        step, tick, found.captured, total, found.high_quality, found.ceiling, shares, w1, floor,
        None,
    )  # fmt: skip


def floor_of(data: str | Tensor) -> float:
    """Return the mean W1 between two real samples of `MOVED` each: no generator gets below it.

    Args:
        data: a name of `DATA`, whose floor is computed once, or drawn points.
    """
    return _floor_by_name(data) if isinstance(data, str) else _floor(data)


@lru_cache
def _floor_by_name(name: str) -> float:
    return _floor(make_source(name))


def _floor(source: Source) -> float:
    own = torch.Generator().manual_seed(0)
    values = noise_floor(wasserstein_distance, lambda n: draw(source, n, own), MOVED, repeats=8)
    return float(values.mean())


def share_of_w1(critic: Module, real: Tensor, fake: Tensor, w1: float) -> float:
    """Return ``(E[f(x)] - E[f(G(z))]) / (K W1)``: the share of W1 that the critic proves.

    By duality no function whose steepest slope is K proves more than all of it. K is taken over
    the samples and the middles between them, so it is too low, and the share too high, where the
    critic is steepest elsewhere.

    Args:
        critic: maps (n, 2) to scores (n,).
        real: (n, 2).
        fake: (n, 2).
        w1: exact W1 of the two, above 0.

    Returns:
        The share, 0 for a constant critic; negative where it takes real for fake.
    """
    points = torch.cat([real, fake, (real + fake) / 2])  # (3n, 2)
    steepest = squared_gradient_norm(critic, points).max().sqrt().item()
    with torch.no_grad():
        gap = (critic(real).mean() - critic(fake).mean()).item()
    return gap / (steepest * w1) if steepest * w1 > 0 else 0.0

"""What a discriminator says of points: asked in a copy, read as its objective reads a score."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn import Module

from gan_helpers.objectives import Objective
from gan_helpers.plotting.tiles import array
from gan_helpers.random import OwnRandom


def asker(discriminator: Module) -> Callable[[Tensor | np.ndarray], np.ndarray]:
    """Return a function that asks a copy of the discriminator, in eval mode and without a graph."""
    judge = copy.deepcopy(discriminator).eval()
    weight = next(judge.parameters())

    def ask(points: Tensor | np.ndarray) -> np.ndarray:
        with torch.no_grad(), OwnRandom(0):  # should it draw: a run beside it must not notice
            return array(judge(torch.as_tensor(array(points)).to(weight))).astype(float)

    return ask


def lattice(limits: tuple[float, float, float, float], resolution: int) -> np.ndarray:
    """Return a square lattice of points over ``limits``, row by row from the bottom, (n^2, 2)."""
    across = np.linspace(*limits[:2], resolution)
    up = np.linspace(*limits[2:], resolution)
    return np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)


def decision_level(objective: Objective, real: np.ndarray, fake: np.ndarray) -> float:
    """Return the raw score at which the discriminator cannot tell, given scores of both kinds."""
    if objective.score.boundary is not None:
        return objective.score.boundary
    return float(real.mean() + fake.mean()) / 2


def transformed(objective: Objective, scores: ArrayLike) -> np.ndarray:
    """Turn raw scores into what the objective shows of them, D(x) for a probability."""
    return array(objective.score.transform(torch.as_tensor(np.asarray(scores, float))))


def shades(
    objective: Objective, heat: np.ndarray, level: float
) -> tuple[np.ndarray, float, float, float, str]:
    """Return values to shade, the level in them, the ends of the scale, and what they are."""
    score = objective.score
    heat, level = transformed(objective, heat), float(transformed(objective, [level])[0])
    if score.limits is not None:
        return heat, level, *score.limits, score.label
    reach = max(float(np.abs(heat - level).max()), 1e-9)  # white is the decision level
    return heat, level, level - reach, level + reach, score.label

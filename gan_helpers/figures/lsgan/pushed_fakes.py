"""Pictures of where a discriminator that stands still pushes a fake."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from gan_helpers import theory
from gan_helpers.figures._shared import Array, loss_derivative, marked
from gan_helpers.objectives import LEAST_SQUARES, MINIMAX, NON_SATURATING, PROBABILITY, Objective
from gan_helpers.plotting import (
    DISCRIMINATOR,
    FAKE,
    REAL,
    REFERENCE,
    SERIES,
    Picture,
    panels,
)
from gan_helpers.plotting.picture import objective_style


def _squares_of_probabilities(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    return LEAST_SQUARES.discriminator_loss(torch.sigmoid(real_scores), torch.sigmoid(fake_scores))


SIGMOID_LEAST_SQUARES = replace(  # a mistake, kept to be looked at
    LEAST_SQUARES,
    name="least squares on a sigmoid",
    discriminator_loss=_squares_of_probabilities,
    generator_loss=lambda fake_scores: LEAST_SQUARES.generator_loss(torch.sigmoid(fake_scores)),
    score=PROBABILITY,
    indifferent=None,
    recipe=None,
)


def push(objective: Objective, x: ArrayLike, slope: float, level: float, boundary: float) -> Array:
    """Compute how a fake at x is moved by one unit of gradient descent, D held fixed.

    push = -l'(D(x)) D'(x)  with the straight discriminator  D(x) = level + slope (x - boundary)

    Args:
        objective: its generator's loss, a mean of l over the fakes, is differentiated.
        x: positions of fakes, any shape.
        slope: D', score per unit of x.
        level: score at the boundary: 0 for cross-entropy, 1/2 for least squares.
        boundary: where D cannot tell.

    Returns:
        The push, same shape, units of x per unit of step; positive is to the right.
    """
    return -loss_derivative(objective, level + slope * (np.asarray(x) - boundary)) * slope


def call_back_picture(m: float = 4.0) -> Picture:
    """Draw the best straight discriminators for data at 0 and fakes at m, and their pushes.

    Args:
        m: mean of the fakes that the discriminators were fitted to, > 0.

    Returns:
        Two panels against x: both raw outputs over the densities, and the push on a fake.
    """
    x = np.linspace(-10, 8, 181)
    w, _ = theory.linear_least_squares_discriminator(m)
    title = "Past the data only least squares turns round and calls a fake back"
    alt = (
        f"A straight least-squares output passes 1 at x = {-2 / m:g}. Left of that its push is to "
        "the right, back to the data. The non-saturating push is 0 there, the minimax push still "
        "points away from the data."
    )
    picture, (top, low) = panels(
        title, alt, rows=2, size=(6.0, 3.6), sharex=True, height_ratios=[1, 1.1]
    )
    for mean, style, name in ((0.0, REAL, "real"), (m, FAKE, "fakes")):
        density = 5 * theory.gaussian_density(x, mean) - 2.5
        top.fill_between(x, density, -2.5, color=style.colour, alpha=0.25)
        top.text(mean, -2.35, name, fontsize=9, ha="center")
    top.plot(x, 0.5 + w * (x - m / 2), **marked(objective_style(LEAST_SQUARES), 20))
    top.text(-9.8, 1.35, "least squares", fontsize=9)
    logistic = m**2 / 2 - m * x
    inside = np.abs(logistic - 0.75) < 3.25
    top.plot(x[inside], logistic[inside], **marked(objective_style(NON_SATURATING), 5))
    top.text(2.0, 3.2, "cross-entropy (score cut off)", fontsize=9)
    top.axhline(1, **REFERENCE.curve(1.2))
    top.text(7.9, 1.15, "goal 1 of least squares", fontsize=9, ha="right")
    top.set(ylabel="score D(x)", ylim=(-2.5, 4))
    for objective, slope in ((LEAST_SQUARES, w), (NON_SATURATING, -m), (MINIMAX, -m)):
        pushes = push(objective, x, slope, _level(objective), m / 2)
        low.plot(x, pushes, label=objective.name, **marked(objective_style(objective), 20))
    low.axhline(0, color="#222222", lw=1.2)
    low.set_yscale("symlog", linthresh=0.05)  # pushes of 4 and of 0.1 in one picture
    low.set_yticks([-1, -0.1, 0, 0.1, 1], ["-1", "-0.1", "0", "0.1", "1"])
    low.set(xlabel="x, position of a fake", ylabel="push (> 0: right)", ylim=(-9, 2))
    picture.legend(loc="outside lower center", fontsize=9, ncols=3, frameon=False)
    return picture


def _level(objective: Objective) -> float:
    """Return the raw score at which the discriminator cannot decide; any will do for a critic."""
    return objective.score.boundary or 0.0


def who_gets_a_gradient_picture(
    objective: Objective = LEAST_SQUARES, position: float = -6.0, steepness: float = 1.0
) -> Picture:
    """Draw a cloud of fakes, a straight discriminator, and the push that each fake feels.

    The data is N(0, 1); the boundary is at 2, and D rises to the left.

    Args:
        objective: whose generator is pushed; its score says where D cannot tell.
        position: centre of the fakes, between -10 and 10.
        steepness: how fast the raw score changes, per unit of x, > 0.

    Returns:
        Two panels against x: the output D with data, fakes and their arrows; the push.

    Raises:
        ValueError: a steepness that is not positive.
    """
    if not steepness > 0:
        raise ValueError(f"steepness is {steepness}; the score must rise towards the data: > 0")
    level, x = _level(objective), np.linspace(-12, 12, 241)
    scores = level - steepness * (x - 2)
    fakes = position + np.linspace(-1, 1, 5)
    pushes = push(objective, fakes, -steepness, level, 2.0)
    centre = float(pushes[2])
    title = f"{objective.name}: a fake at {position:g} is {_verdict(centre)}"
    alt = (
        f"Real data around 0, fakes around {position:g}, boundary at 2, steepness {steepness:g}. "
        f"{objective.name}: the push on the middle fake is {centre:.3g}."
    )
    picture, (top, low) = panels(title, alt, rows=2, size=(6.0, 3.6), sharex=True)
    top.axvspan(-2, 2, color=REAL.colour, alpha=0.15)
    top.plot(x, scores, **marked(DISCRIMINATOR, 30))
    at = level - steepness * (fakes - 2)
    top.plot(fakes, at, **FAKE.points(7, markeredgewidth=1.8))
    for start, height, each in zip(fakes, at, np.clip(pushes, -4, 4), strict=True):
        if abs(each) > 0.02:
            arrow = {"arrowstyle": "->", "color": FAKE.colour, "lw": 1.6}
            top.annotate("", (start + each, height), (start, height), arrowprops=arrow)
    top.set(ylabel="raw score D(x)", xlim=(-12, 12))
    goal = _goal(scores[::-1], loss_derivative(objective, scores[::-1]))
    if goal is not None:
        top.axhline(goal, **REFERENCE.curve(1.2))
        top.text(11.8, goal, f"goal {goal:.3g}", fontsize=9, ha="right", va="bottom")
    low.axvspan(-2, 2, color=REAL.colour, alpha=0.15)
    low.plot(x, push(objective, x, -steepness, level, 2.0), **marked(SERIES[4], 30))
    low.plot(fakes, pushes, **FAKE.points(7, markeredgewidth=1.8))
    low.axhline(0, color="#222222", lw=1.2)
    for ax in (top, low):
        ax.axvline(2, **REFERENCE.curve(1.2))
    low.set(xlabel="x (shaded: 95 % of the real data; dotted: the boundary)")
    low.set_ylabel("push (> 0: right)")
    return picture


def _goal(scores: Array, derivative: Array) -> float | None:
    """Return the score above which the generator wants less, None where it always wants more."""
    beyond = np.flatnonzero(derivative > 0)
    if len(beyond) == 0 or beyond[0] == 0:
        return None
    ends = slice(beyond[0] - 1, beyond[0] + 1)
    return float(np.interp(0, derivative[ends], scores[ends]))


def _verdict(push_at: float) -> str:
    if abs(push_at) < 0.01:
        return f"left alone (push {push_at:.1g})"
    return f"pushed to the {'right' if push_at > 0 else 'left'} by {abs(push_at):.2f}"

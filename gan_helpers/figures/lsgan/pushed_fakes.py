"""Pictures of where a discriminator that stands still pushes a fake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from gan_helpers import theory
from gan_helpers.figures._shared import Array, loss_derivative, marked
from gan_helpers.objectives import LEAST_SQUARES, MINIMAX, NON_SATURATING, PROBABILITY, Objective
from gan_helpers.plotting import DISCRIMINATOR, FAKE, REAL, REFERENCE, SERIES, Picture, panels
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
        Three panels against x: where the data was, the outputs, and the push on a fake.
    """
    x = np.linspace(-10, 8, 181)
    w, _ = theory.linear_least_squares_discriminator(m)
    title = "Past the data only least squares turns round and calls the fake back"
    alt = (
        f"A straight least-squares output passes 1 at x = {-2 / m:g}. Left of that its push is to "
        "the right, back to the data. The non-saturating push is 0 there, the minimax push still "
        "points away from the data."
    )
    picture, (top, middle, low) = panels(
        title, alt, rows=3, size=(6.2, 4.3), sharex=True, height_ratios=[1.3, 2, 2.4]
    )
    for mean, style, name in ((0.0, REAL, "real"), (m, FAKE, "fakes that D has seen")):
        top.plot(x, theory.gaussian_density(x, mean), label=name, **marked(style, 20))
    top.set(ylabel="density", ylim=(0, 0.5))
    top.legend(fontsize=8.5, loc="upper left")
    middle.plot(x, 0.5 + w * (x - m / 2), label="least squares", **marked(SERIES[4], 20))
    logistic = np.clip(m**2 / 2 - m * x, -3.2, 4.2)
    label = "logistic, raw score (cut off)"
    middle.plot(x, logistic, label=label, **marked(DISCRIMINATOR, 20))
    middle.axhline(1, **REFERENCE.curve(1))
    middle.text(7.9, 1.2, "1, the goal of least squares", fontsize=8.5, ha="right")
    middle.set(ylabel="score D(x)", ylim=(-3, 4))
    middle.legend(fontsize=8.5, loc="lower left")
    for objective, slope in ((LEAST_SQUARES, w), (NON_SATURATING, -m), (MINIMAX, -m)):
        pushes = push(objective, x, slope, _level(objective), m / 2)
        low.plot(x, pushes, label=objective.name, **marked(objective_style(objective), 20))
    low.axhline(0, color="#222222", lw=0.8)
    low.set_yscale("symlog", linthresh=0.05)  # pushes of 4 and of 0.1 in one picture
    low.set(
        xlabel="x, position of a fake (unit of the data)", ylabel="push on the fake\n(> 0: right)"
    )
    low.legend(fontsize=8.5, loc="lower right")
    return picture


def _level(objective: Objective) -> float:
    """Return the raw score at which the discriminator cannot decide; any will do for a critic."""
    return objective.score.boundary or 0.0


def fakes_picture(
    paths: Mapping[tuple[Objective, float], Sequence[float]], title: str, alt: str
) -> Picture:
    """Draw where fakes go while the discriminator stands still.

    Args:
        paths: objective and starting point -> position after each step, shape (steps + 1,).
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        One panel, positions over steps, the real data as a band.
    """
    picture, (ax,) = panels(title, alt, size=(6.4, 3.0))
    ax.axhspan(-2, 2, color=REAL.colour, alpha=0.12, label="95 % of the real data")
    for (objective, start), path in paths.items():
        shown = marked(objective_style(objective), max(1, len(path) // 8))
        ax.plot(path, label=f"{objective.name}, from {start:g}", **shown)
    ax.set(xlabel="step of the fake", ylabel="position x (unit of the data)")
    ax.legend(fontsize=8, loc="upper right", ncols=2)
    return picture


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
        Three panels against x: data and fakes with their arrows, the output D, the push.

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
    title = f"{objective.name}: a fake at x = {position:g} is {_verdict(centre, position)}"
    alt = (
        f"Real data around 0, fakes around {position:g}, boundary at 2, steepness {steepness:g}. "
        f"{objective.name}: the push on the middle fake is {centre:.3g}."
    )
    picture, (top, middle, low) = panels(
        title, alt, rows=3, size=(6.4, 4.2), sharex=True, height_ratios=[1.3, 1.6, 2]
    )
    top.fill_between(x, theory.gaussian_density(x), color=REAL.colour, alpha=0.3, label="real")
    top.plot(fakes, np.full(5, 0.12), label="fakes", **FAKE.points(7))
    for start, each in zip(fakes, np.clip(pushes, -4, 4), strict=True):
        if abs(each) > 0.02:
            arrow = {"arrowstyle": "->", "color": FAKE.colour, "lw": 1.3}
            top.annotate("", (start + each, 0.12), (start, 0.12), arrowprops=arrow)
    top.set(ylim=(0, 0.45), ylabel="density", xlim=(-12, 12))
    top.legend(fontsize=8.5, loc="upper right")
    middle.plot(x, scores, **marked(DISCRIMINATOR, 30))
    middle.set_ylabel("raw score D(x)")
    goal = _goal(scores[::-1], loss_derivative(objective, scores[::-1]))
    if goal is not None:
        middle.axhline(goal, **REFERENCE.curve(1))
        middle.text(11.8, goal, f"goal {goal:.3g}", fontsize=8.5, ha="right", va="bottom")
    low.plot(x, push(objective, x, -steepness, level, 2.0), **marked(SERIES[4], 30))
    low.plot(fakes, pushes, **FAKE.points(7))
    low.axhline(0, color="#222222", lw=0.8)
    for ax in (top, middle, low):
        ax.axvline(2, **REFERENCE.curve(1))
    low.set(xlabel="x (unit of the data)", ylabel="push\n(> 0: right)")
    return picture


def _goal(scores: Array, derivative: Array) -> float | None:
    """Return the score above which the generator wants less, None where it always wants more."""
    beyond = np.flatnonzero(derivative > 0)
    if len(beyond) == 0 or beyond[0] == 0:
        return None
    ends = slice(beyond[0] - 1, beyond[0] + 1)
    return float(np.interp(0, derivative[ends], scores[ends]))


def _verdict(push_at: float, position: float) -> str:
    if abs(push_at) < 0.01:
        return f"left alone (push {push_at:.1g})"
    towards = "pushed to the right" if push_at > 0 else "pushed to the left"
    return f"{towards} (push {push_at:+.2f})"

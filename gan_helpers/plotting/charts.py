"""What the curves of a run mean for each objective: a chart is a value that two renderers draw.

``runs`` draws charts into a picture once; the live board draws the same charts again and again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from gan_helpers.objectives import (
    Objective,
    least_squares_discriminator_loss,
    least_squares_generator_loss,
    minimax_discriminator_loss,
    minimax_generator_loss,
    non_saturating_generator_loss,
    wasserstein_discriminator_loss,
)
from gan_helpers.plotting.picture import DISCRIMINATOR, FAKE, GENERATOR, REAL, Style

Loss = Callable[..., torch.Tensor]
LOG2 = math.log(2)
# losses of a discriminator that cannot tell real from fake, and of a generator facing it
INDIFFERENT: tuple[tuple[Loss, tuple[float, str]], ...] = (
    (minimax_discriminator_loss, (2 * LOG2, "2 log 2")),
    (minimax_generator_loss, (-LOG2, "−log 2")),
    (non_saturating_generator_loss, (LOG2, "log 2")),
    (least_squares_discriminator_loss, (0.25, "1/4")),
    (least_squares_generator_loss, (0.125, "1/8")),
)
CHARTS = ("losses", "scores", "penalty", "gradients")


@dataclass(frozen=True)
class Curve:
    """One line of a chart: a column of the history, perhaps transformed."""

    label: str
    column: str
    style: Style
    transform: Callable[[np.ndarray], np.ndarray] = np.asarray


@dataclass(frozen=True)
class Chart:
    """Curves over generator updates, with the levels they are to be compared with."""

    name: str
    ylabel: str
    curves: tuple[Curve, ...]
    references: tuple[tuple[float, str], ...] = ()
    limits: tuple[float, float] | None = None
    log: bool = False


def chart(name: str, objective: Objective) -> Chart:
    """Return the chart called ``name`` as it must be read for this objective.

    Args:
        name: ``"losses"``, ``"scores"``, ``"penalty"`` or ``"gradients"``.
        objective: decides what a loss means. For a Wasserstein objective the losses chart shows
            *minus* the critic's loss, which estimates W1 up to a factor, and not the generator's
            loss, whose level means nothing; scores are shown as probabilities only where the
            objective has one.

    Raises:
        ValueError: there is no chart of that name, or the objective has no penalty to show.
    """
    if name == "losses":
        return _losses(objective)
    if name == "scores":
        return _scores(objective)
    if name == "penalty":
        if objective.penalty is None:
            raise ValueError(f"objective {objective.name!r} has no penalty; leave the panel out")
        curve = Curve("penalty", "penalty", DISCRIMINATOR)
        return Chart("penalty", "penalty (part of the critic's loss)", (curve,), ((0.0, "0"),))
    if name == "gradients":
        curves = (
            Curve("discriminator", "discriminator_grad_norm", DISCRIMINATOR),
            Curve("generator", "generator_grad_norm", GENERATOR),
        )
        return Chart("gradients", "gradient norm", curves, log=True)
    raise ValueError(f"there is no chart {name!r}; choose from {', '.join(CHARTS)}")


def computes(loss: Loss, known: Loss) -> bool:
    """Return whether two losses are the same function of raw scores, judged by what they return.

    A loss that a notebook writes out itself is another object than the package's.
    """
    if loss is known:
        return True
    scores = torch.tensor([[0.5, -2.0, 3.0], [4.0, 0.25, -1.0]])
    for given in (tuple(scores), (scores[0],)):  # a discriminator's loss, a generator's
        try:
            values = loss(*given), known(*given)
        except (TypeError, ValueError, RuntimeError):
            continue
        return bool(torch.allclose(*values, rtol=1e-4))
    return False


def is_wasserstein(objective: Objective) -> bool:
    """Return whether minus the discriminator's loss estimates a Wasserstein distance."""
    return computes(objective.discriminator_loss, wasserstein_discriminator_loss)


def is_cross_entropy(objective: Objective) -> bool:
    """Return whether the discriminator's loss is measured in nats."""
    return computes(objective.discriminator_loss, minimax_discriminator_loss)


def is_least_squares(objective: Objective) -> bool:
    """Return whether the targets are score 1 for real and 0 for generated samples."""
    return computes(objective.discriminator_loss, least_squares_discriminator_loss)


def _losses(objective: Objective) -> Chart:
    if is_wasserstein(objective):
        curve = Curve("−critic loss", "discriminator_loss", DISCRIMINATOR, np.negative)
        return Chart("losses", "estimate of W1 (score units)", (curve,), ((0.0, "0"),))
    curves = (
        Curve("discriminator", "discriminator_loss", DISCRIMINATOR),
        Curve("generator", "generator_loss", GENERATOR),
    )
    losses = (objective.discriminator_loss, objective.generator_loss)
    references = tuple(
        level for loss in losses for known, level in INDIFFERENT if computes(loss, known)
    )
    return Chart("losses", f"loss{_unit(objective)}", curves, references)


def _unit(objective: Objective) -> str:
    return " (nats)" if is_cross_entropy(objective) else ""


def _scores(objective: Objective) -> Chart:
    probability = objective.probability
    if probability is None:
        curves = (Curve("real", "real_score", REAL), Curve("fake", "fake_score", FAKE))
        targets: tuple[tuple[float, str], ...] = ()
        if is_least_squares(objective):
            targets = ((1.0, "target real"), (0.0, "target fake"), (0.5, "1/2"))
        return Chart("scores", "mean raw score", curves, targets)

    def to_probability(scores: np.ndarray) -> np.ndarray:
        return np.asarray(probability(torch.as_tensor(np.asarray(scores))))

    curves = (
        Curve("real", "real_score", REAL, to_probability),
        Curve("fake", "fake_score", FAKE, to_probability),
    )
    return Chart("scores", "D at the mean score", curves, ((0.5, "1/2"),), limits=(-0.02, 1.02))

"""What the best discriminator would pay for numbers, and the pictures that compare a run with it.

The line is cut into bins. A discriminator that is told the bin of a number knows, for narrow bins,
as much as one that is told the number: the shares p and q of the bins are all that its best answer
p / (p + q) needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from scipy.special import ndtr
from torch.nn import Module

from gan_helpers import theory
from gan_helpers.data import GaussianMixture
from gan_helpers.figures._shared import Array
from gan_helpers.objectives import Objective
from gan_helpers.plotting import (
    DISCRIMINATOR,
    GENERATOR,
    REFERENCE,
    SERIES,
    Picture,
    figure,
    losses,
    panels,
)
from gan_helpers.record import History

EDGES = np.linspace(-5.0, 5.0, 961)  # of the bins; the outermost two reach to infinity
LEVEL = 2 * theory.LOG_2  # what a discriminator pays that cannot tell
BEST = SERIES[4]


def real_shares(mixture: GaussianMixture) -> Array:
    """Return the probability of each bin under a mixture on the line, shape (960,)."""
    inner = EDGES[1:-1, None]
    means, sigmas = mixture.means.double().numpy()[:, 0], mixture.sigmas.double().numpy()
    below = ndtr((inner - means) / sigmas) @ mixture.weights.double().numpy()  # (959,)
    return np.diff(below, prepend=0.0, append=1.0)


def generated_shares(generator: Module, points: int = 200_000) -> Array:
    """Return the probability of each bin under a generator of numbers, shape (960,).

    No sample is drawn: the axis of z ~ N(0, 1) is cut into ``points`` intervals of known
    probability, and each is carried to the bin in which the image of its middle lies.
    """
    edges = np.linspace(-6.0, 6.0, points + 1)
    probability = np.diff(ndtr(edges)) / (ndtr(6.0) - ndtr(-6.0))
    weight = next(generator.parameters())
    z = torch.as_tensor((edges[1:] + edges[:-1])[:, None] / 2).to(weight)
    with torch.no_grad():
        x = generator(z)[:, 0].double().cpu().numpy()  # (points,)
    share, _ = np.histogram(np.clip(x, EDGES[0], EDGES[-1]), EDGES, weights=probability)
    return np.asarray(share, dtype=np.float64)


def quality_picture(
    history: History, objective: Objective, distance: Mapping[int, float]
) -> Picture:
    """Draw both losses of a run, and beside them the distance W1 of the fakes from the data.

    Args:
        history: of the run.
        objective: that it was trained with.
        distance: generator updates -> W1, in units of x.
    """
    title = "The losses stop moving early, the quality does not"
    picture, (left, right) = panels(title, columns=2, size=(6.0, 3.2))
    losses(history, objective, "", ax=left)
    right.plot(
        list(distance), list(distance.values()), marker=GENERATOR.marker, ms=5,
        **GENERATOR.curve(),
    )  # fmt: skip
    right.set(xlabel="generator updates", ylabel="W1, fakes to data", ylim=(0, None))
    return picture


def payments_picture(history: History, best: Mapping[int, float]) -> Picture:
    """Draw the discriminator's loss over a run, and what the best discriminator would have paid.

    Args:
        history: of the run.
        best: generator updates -> that payment, in nats.
    """
    picture, ax = figure("The best discriminator would have paid far less", size=(6.0, 3.2))
    paid, last = history.smooth("discriminator_loss", 20), history.steps[-1]
    ax.axhline(LEVEL, **REFERENCE.curve(1.2))
    ax.plot(history.steps, paid, **DISCRIMINATOR.curve(2))
    ax.plot(list(best), list(best.values()), marker=BEST.marker, ms=5, **BEST.curve(2))
    said: dict[str, Any] = {"ha": "right", "fontsize": 9}
    ax.text(last, LEVEL + 0.05, "this discriminator pays", color=DISCRIMINATOR.colour, **said)
    ax.text(last, 0.72, "the best one would pay\n2 log 2 − 2 JS(p, q)", color="#8a5f00", **said)
    ax.annotate(
        "2 log 2", (1, LEVEL), (3, 0), xycoords=("axes fraction", "data"), va="center",
        textcoords="offset points", fontsize=9,
    )  # fmt: skip
    ax.set(xlabel="generator updates", ylabel="discriminator's loss (nats)", ylim=(0, 1.7))
    return picture


def frozen_picture(alone: Mapping[int, Sequence[float]], best: Mapping[int, float]) -> Picture:
    """Draw how the loss of a discriminator falls that goes on alone against a frozen generator.

    Args:
        alone: step at which the generator was frozen -> the loss at each further update (n,).
        best: the same steps -> what the best discriminator pays there, in nats.
    """
    title = "Against a frozen generator, the same network comes near the best payment"
    picture, ax = figure(title, size=(6.0, 3.2))
    for (step, paid), style in zip(alone.items(), (SERIES[5], SERIES[2]), strict=False):
        end, window = len(paid), min(20, len(paid))
        mean = np.convolve(paid, np.ones(window) / window, mode="valid")
        ax.plot(np.arange(len(mean)), mean, **style.curve(2))
        ax.plot([0, end], [best[step]] * 2, color=style.colour, linewidth=1.5, linestyle=":")
        ax.text(
            1.02 * end, best[step], f"best at\nstep {step}", va="center", color=style.colour,
            fontsize=9,
        )  # fmt: skip
    ax.set(
        xlabel="further updates of the discriminator alone", ylabel="discriminator's loss (nats)",
        ylim=(0, 1.6), xlim=(0, 1.2 * end),
    )  # fmt: skip
    return picture

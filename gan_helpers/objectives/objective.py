"""What an objective says of itself: its losses, how its scores are read, equations, recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gan_helpers.runtime import integer, number


@dataclass(frozen=True)
class Score:
    """How a discriminator's raw score is read: by charts, pictures, the coach and equations.

    Args:
        name: what kind of number it is.
        symbol: its letter in equations.
        label: of an axis or a colour bar that shows it.
        transform: raw scores -> what is shown, elementwise.
        levels: reference lines and their labels, in shown units.
        limits: of an axis that shows it, or ``None`` where the scores have no bounds.
        boundary: the raw score at which the discriminator cannot decide; ``None``: midway between
            the mean scores of real and fake.
        estimates_w1: minus the discriminator's loss estimates a Wasserstein distance.
    """

    name: str
    symbol: str
    label: str
    transform: Callable[[Tensor], Tensor]
    levels: tuple[tuple[float, str], ...] = ()
    limits: tuple[float, float] | None = None
    boundary: float | None = None
    estimates_w1: bool = False


def _as_it_is(scores: Tensor) -> Tensor:
    return scores


PROBABILITY = Score(
    "probability", "s", "D(x)", torch.sigmoid, ((0.5, "1/2"),), limits=(0.0, 1.0), boundary=0.0
)
TARGETS = Score(
    "targets", "s", "raw score", _as_it_is,
    ((1.0, "target real"), (0.0, "target fake"), (0.5, "1/2")), boundary=0.5,
)  # fmt: skip
MARGIN = Score(
    "margin", "h", "raw score", _as_it_is,
    ((1.0, "margin real"), (-1.0, "margin fake"), (0.0, "0")), boundary=0.0,
)  # fmt: skip
RELATIVE = Score("relative", "s", "raw score", _as_it_is)  # up to a constant
CRITIC = Score("critic", "f", "critic's score", _as_it_is, estimates_w1=True)


class Equations(NamedTuple):
    """What the players minimise, as LaTeX without dollar signs."""

    discriminator: str
    generator: str
    penalty: str = ""


_UNSTATED = Equations("", "")


@dataclass(frozen=True)
class Recipe:
    """Optimiser settings as published.

    Args:
        optimizer: name of a class in ``torch.optim``.
        rate: learning rate of both players.
        betas: Adam's two averages, or ``None``.
        batch_size: real samples in an update.
        source: where they were published.
    """

    optimizer: str
    rate: float
    betas: tuple[float, float] | None
    batch_size: int
    source: str


@dataclass(frozen=True)
class Objective:
    """What the two players minimise, and everything that others need to know about it.

    A variant of the GAN is a value of this class; use ``dataclasses.replace`` to change a field.

    Args:
        name: a unique name, stored in checkpoints.
        discriminator_loss: ``(real_scores, fake_scores) -> scalar``, minimised.
        generator_loss: ``(fake_scores) -> scalar``, minimised; ``(fake_scores, real_scores)`` where
            ``relativistic``.
        penalty: ``(discriminator, real, fake) -> scalar`` added to the discriminator's loss and
            logged apart, or ``None``; a condition follows ``fake`` where batches carry one.
        reconstruction: ``(fake, batch) -> scalar`` added to the generator's loss and logged apart
            (the weighted L1 of image-to-image translation), or ``None``.
        clip: after each discriminator update every weight is brought into [-clip, clip]; > 0, or
            ``None``.
        n_critic: discriminator updates for each generator update, >= 1.
        relativistic: the generator's loss compares fake scores with real ones.
        score: how a raw score is read.
        indifferent: losses of a discriminator that cannot tell real from fake and of a generator
            facing it, with labels: ``((1.386, "2 log 2"), (0.693, "log 2"))``; ``None`` where
            losses have no such level.
        unit: of the losses, such as "nats", or "".
        equations: both losses and the penalty as LaTeX.
        recipe: the published optimiser settings, or ``None``.
        source: arXiv number and equation.

    Raises:
        ValueError: the fields contradict each other or are out of range.
    """

    name: str
    discriminator_loss: Callable[[Tensor, Tensor], Tensor]
    generator_loss: Callable[..., Tensor]
    penalty: Callable[..., Tensor] | None = None
    reconstruction: Callable[[Tensor, Any], Tensor] | None = None
    clip: float | None = None
    n_critic: int = 1
    relativistic: bool = False
    score: Score = CRITIC
    indifferent: tuple[tuple[float, str], tuple[float, str]] | None = None
    unit: str = ""
    equations: Equations = _UNSTATED
    recipe: Recipe | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"name is {self.name!r}; give the objective a name, such as 'hinge'")
        for field in ("discriminator_loss", "generator_loss"):
            if not callable(getattr(self, field)):
                raise ValueError(
                    f"{field} is {getattr(self, field)!r}; it must be a function of raw scores"
                )
        for field in ("penalty", "reconstruction"):
            value = getattr(self, field)
            if value is not None and not callable(value):
                raise ValueError(f"{field} is {value!r}; it must be a function, or None for none")
        if not isinstance(self.score, Score):
            raise ValueError(
                f"score is {self.score!r:.60}; it must say how a score is read: PROBABILITY, "
                "TARGETS, CRITIC, or a Score of your own"
            )
        object.__setattr__(self, "n_critic", integer("n_critic", self.n_critic, 1))
        if self.clip is None:
            return
        object.__setattr__(self, "clip", number("clip", self.clip, 0.0))
        if self.clip == 0:
            raise ValueError(
                "clip is 0; it must be a positive number (the WGAN paper uses 0.01), or None for "
                "no clipping"
            )
        if self.penalty is not None:
            raise ValueError(
                f"clip is {self.clip} and a penalty is given too; both bound the critic's slope, "
                "so set one of them to None"
            )

"""The loss functions of the series and the five objectives built from them.

An objective is a value that says everything about itself: losses, penalty, how its scores are
read, the losses where nobody can tell real from fake, its equations and its published recipe.

Every loss takes *raw scores* (logits, shape (N,)), is minimised, and is averaged over the batch.
With ``sigma`` the logistic function and ``D(x) = sigma(score)``, two identities keep everything
exact at any score: ``-log sigma(o) = softplus(-o)`` and ``-log(1 - sigma(o)) = softplus(o)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_helpers.regularisers import gradient_penalty
from gan_helpers.runtime import integer, number


def minimax_discriminator_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """Return the discriminator's cross-entropy ``-E[log D(x)] - E[log(1 - D(G(z)))]``.

    It is ``-V(D, G)``, summed over real and fake (not averaged): ``2 log 2`` when D = 1/2.

    Args:
        real_scores: raw scores of real samples, any shape, any real number.
        fake_scores: raw scores of generated samples, likewise.

    Returns:
        A scalar in nats, >= 0.

    Source:
        arXiv:1406.2661, Eq. 1.
    """
    return softplus(-real_scores).mean() + softplus(fake_scores).mean()


def minimax_generator_loss(fake_scores: Tensor) -> Tensor:
    """Return the saturating generator loss ``E[log(1 - D(G(z)))]``.

    Its gradient in a raw score is ``-sigma(score) / N``: it dies where the discriminator is right
    about a fake, ``D(G(z)) -> 0``.

    Args:
        fake_scores: raw scores of generated samples.

    Returns:
        A scalar in nats, <= 0.

    Source:
        arXiv:1406.2661, Eq. 1.
    """
    return -softplus(fake_scores).mean()  # log(1 - sigma(o)) = -softplus(o)


def non_saturating_generator_loss(fake_scores: Tensor) -> Tensor:
    """Return the non-saturating generator loss ``-E[log D(G(z))]``.

    Its gradient in a raw score is ``-(1 - sigma(score)) / N``: largest where the discriminator is
    right about a fake.

    Args:
        fake_scores: raw scores of generated samples.

    Returns:
        A scalar in nats, >= 0.

    Source:
        arXiv:1406.2661, Section 3.
    """
    return softplus(-fake_scores).mean()  # -log sigma(o) = softplus(-o)


def least_squares_discriminator_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """Return ``1/2 E[(D(x) - 1)^2] + 1/2 E[D(G(z))^2]`` on raw scores: the 0/1 coding.

    Args:
        real_scores: raw scores of real samples; the target is b = 1.
        fake_scores: raw scores of generated samples; the target is a = 0.

    Returns:
        A scalar >= 0; 1/4 when every score is 1/2.

    Source:
        arXiv:1611.04076, Eq. 2 and 9.
    """
    return 0.5 * (real_scores - 1).square().mean() + 0.5 * fake_scores.square().mean()


def least_squares_generator_loss(fake_scores: Tensor) -> Tensor:
    """Return ``1/2 E[(D(G(z)) - 1)^2]`` on raw scores: the 0/1 coding, c = 1.

    Args:
        fake_scores: raw scores of generated samples.

    Returns:
        A scalar >= 0.

    Source:
        arXiv:1611.04076, Eq. 9.
    """
    return 0.5 * (fake_scores - 1).square().mean()


def wasserstein_discriminator_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """Return the critic's loss ``E[f(G(z))] - E[f(x)]``; minus it estimates W1, up to a factor K.

    Args:
        real_scores: the critic's scores of real samples.
        fake_scores: the critic's scores of generated samples.

    Returns:
        A scalar in units of score; negative when the critic separates the two.

    Source:
        arXiv:1701.07875, Eq. 2 and Algorithm 1.
    """
    return fake_scores.mean() - real_scores.mean()


def wasserstein_generator_loss(fake_scores: Tensor) -> Tensor:
    """Return ``-E[f(G(z))]``.

    Args:
        fake_scores: the critic's scores of generated samples.

    Returns:
        A scalar in units of score; its level means nothing, since the critic is free up to a
        constant.

    Source:
        arXiv:1701.07875, Algorithm 1.
    """
    return -fake_scores.mean()


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


_CROSS_ENTROPY = (
    r"L_D = -\frac{1}{n}\sum_i \log D(x_i) - \frac{1}{n}\sum_i \log\bigl(1 - D(G(z_i))\bigr)"
    r",\quad D = \sigma(s)"
)
_DCGAN = Recipe("Adam", 2e-4, (0.5, 0.999), 128, "arXiv:1511.06434, Section 4")
_WASSERSTEIN = Equations(
    r"L_D = \frac{1}{n}\sum_i f(G(z_i)) - \frac{1}{n}\sum_i f(x_i)",
    r"L_G = -\frac{1}{n}\sum_i f(G(z_i))",
)

MINIMAX = Objective(
    name="minimax",
    discriminator_loss=minimax_discriminator_loss,
    generator_loss=minimax_generator_loss,
    score=PROBABILITY,
    indifferent=((2 * log(2), "2 log 2"), (-log(2), "−log 2")),
    unit="nats",
    equations=Equations(
        _CROSS_ENTROPY, r"L_G = \frac{1}{n}\sum_i \log\bigl(1 - D(G(z_i))\bigr)"
    ),
    recipe=_DCGAN,
    source="arXiv:1406.2661, Eq. 1",
)
NON_SATURATING = Objective(
    name="non-saturating",
    discriminator_loss=minimax_discriminator_loss,
    generator_loss=non_saturating_generator_loss,
    score=PROBABILITY,
    indifferent=((2 * log(2), "2 log 2"), (log(2), "log 2")),
    unit="nats",
    equations=Equations(_CROSS_ENTROPY, r"L_G = -\frac{1}{n}\sum_i \log D(G(z_i))"),
    recipe=_DCGAN,
    source="arXiv:1406.2661, Section 3",
)
LEAST_SQUARES = Objective(
    name="least squares",
    discriminator_loss=least_squares_discriminator_loss,
    generator_loss=least_squares_generator_loss,
    score=TARGETS,
    indifferent=((0.25, "1/4"), (0.125, "1/8")),
    equations=Equations(
        r"L_D = \frac{1}{2n}\sum_i (s(x_i) - 1)^2 + \frac{1}{2n}\sum_i s(G(z_i))^2",
        r"L_G = \frac{1}{2n}\sum_i (s(G(z_i)) - 1)^2",
    ),
    recipe=Recipe("Adam", 2e-4, (0.5, 0.999), 64, "arXiv:1611.04076, Section 4 (characters)"),
    source="arXiv:1611.04076, Eq. 9",
)
WGAN = Objective(
    name="WGAN",
    discriminator_loss=wasserstein_discriminator_loss,
    generator_loss=wasserstein_generator_loss,
    clip=0.01,
    n_critic=5,
    equations=_WASSERSTEIN,
    recipe=Recipe("RMSprop", 5e-5, None, 64, "arXiv:1701.07875, Algorithm 1"),
    source="arXiv:1701.07875, Algorithm 1",
)
WGAN_GP = Objective(
    name="WGAN-GP",
    discriminator_loss=wasserstein_discriminator_loss,
    generator_loss=wasserstein_generator_loss,
    penalty=gradient_penalty,
    n_critic=5,
    equations=_WASSERSTEIN._replace(
        penalty=r"P = \lambda\,\frac{1}{n}\sum_i \bigl(\lVert\nabla f(\hat x_i)\rVert - 1\bigr)^2"
        r",\quad \hat x_i = \epsilon_i x_i + (1 - \epsilon_i)\,G(z_i)"
    ),
    recipe=Recipe("Adam", 1e-4, (0.0, 0.9), 64, "arXiv:1704.00028, Algorithm 1"),
    source="arXiv:1704.00028, Algorithm 1",
)
OBJECTIVES = (MINIMAX, NON_SATURATING, LEAST_SQUARES, WGAN, WGAN_GP)

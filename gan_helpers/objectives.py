"""The loss functions of the series and the five objectives built from them.

Every loss takes *raw scores* (logits, shape (N,)), is minimised, and is averaged over the batch.
With ``sigma`` the logistic function and ``D(x) = sigma(score)``, two identities keep everything
exact at any score: ``-log sigma(o) = softplus(-o)`` and ``-log(1 - sigma(o)) = softplus(o)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.functional import softplus

from gan_helpers.regularisers import gradient_penalty


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
class Objective:
    """What the two players minimise, and what keeps the discriminator in bounds.

    A variant of the GAN is a value of this class; use ``dataclasses.replace`` to change a field.

    Args:
        name: a unique name, stored in checkpoints.
        discriminator_loss: ``(real_scores, fake_scores) -> scalar``, minimised.
        generator_loss: ``(fake_scores) -> scalar``, minimised.
        penalty: ``(discriminator, real, fake) -> scalar`` added to the discriminator's loss and
            logged apart, or ``None``.
        clip: after each discriminator update every weight is brought into [-clip, clip]; > 0, or
            ``None``.
        n_critic: discriminator updates for each generator update, >= 1.
        probability: ``scores -> D(x)`` in [0, 1], or ``None`` where a score is no probability.
        source: arXiv number and equation.

    Raises:
        ValueError: the fields contradict each other or are out of range.
    """

    name: str
    discriminator_loss: Callable[[Tensor, Tensor], Tensor]
    generator_loss: Callable[[Tensor], Tensor]
    penalty: Callable[[Module, Tensor, Tensor], Tensor] | None = None
    clip: float | None = None
    n_critic: int = 1
    probability: Callable[[Tensor], Tensor] | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"name is {self.name!r}; give the objective a name, such as 'hinge'")
        for field in ("discriminator_loss", "generator_loss"):
            if not callable(getattr(self, field)):
                raise ValueError(
                    f"{field} is {getattr(self, field)!r}; it must be a function of raw scores"
                )
        for field in ("penalty", "probability"):
            value = getattr(self, field)
            if value is not None and not callable(value):
                raise ValueError(f"{field} is {value!r}; it must be a function, or None for none")
        if isinstance(self.n_critic, bool) or not isinstance(self.n_critic, int):
            raise ValueError(f"n_critic is {self.n_critic!r}; it must be an integer >= 1")
        if self.n_critic < 1:
            raise ValueError(
                f"n_critic is {self.n_critic}; it must be >= 1, or the discriminator never learns"
            )
        bound = self.clip
        if bound is not None and not (isinstance(bound, (int, float)) and 0 < bound < float("inf")):
            raise ValueError(
                f"clip is {self.clip!r}; it must be a positive number (the WGAN paper uses 0.01), "
                "or None for no clipping"
            )
        if self.clip is not None and self.penalty is not None:
            raise ValueError(
                f"clip is {self.clip} and a penalty is given too; both bound the critic's slope, "
                "so set one of them to None"
            )


MINIMAX = Objective(
    name="minimax",
    discriminator_loss=minimax_discriminator_loss,
    generator_loss=minimax_generator_loss,
    probability=torch.sigmoid,
    source="arXiv:1406.2661, Eq. 1",
)
NON_SATURATING = Objective(
    name="non-saturating",
    discriminator_loss=minimax_discriminator_loss,
    generator_loss=non_saturating_generator_loss,
    probability=torch.sigmoid,
    source="arXiv:1406.2661, Section 3",
)
LEAST_SQUARES = Objective(
    name="least squares",
    discriminator_loss=least_squares_discriminator_loss,
    generator_loss=least_squares_generator_loss,
    source="arXiv:1611.04076, Eq. 9",
)
WGAN = Objective(
    name="WGAN",
    discriminator_loss=wasserstein_discriminator_loss,
    generator_loss=wasserstein_generator_loss,
    clip=0.01,
    n_critic=5,
    source="arXiv:1701.07875, Algorithm 1",
)
WGAN_GP = Objective(
    name="WGAN-GP",
    discriminator_loss=wasserstein_discriminator_loss,
    generator_loss=wasserstein_generator_loss,
    penalty=gradient_penalty,
    n_critic=5,
    source="arXiv:1704.00028, Algorithm 1",
)
OBJECTIVES = (MINIMAX, NON_SATURATING, LEAST_SQUARES, WGAN, WGAN_GP)

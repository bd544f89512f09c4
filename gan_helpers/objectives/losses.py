"""The losses of the series: functions of raw scores, minimised.

Every loss takes *raw scores* (logits, shape (N,)) and is averaged over the batch. With ``sigma``
the logistic function and ``D(x) = sigma(score)``, two identities keep everything exact at any
score: ``-log sigma(o) = softplus(-o)`` and ``-log(1 - sigma(o)) = softplus(o)``.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import softplus


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
    """Return ``1/2 E[(D(x) - 1)^2] + 1/2 E[D(G(z))^2]`` on raw scores: targets 0 and 1.

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
    """Return ``1/2 E[(D(G(z)) - 1)^2]`` on raw scores: target 1.

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

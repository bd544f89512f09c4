"""The losses of the series: functions of raw scores, minimised.

Every loss takes *raw scores* (logits, shape (N,)) and is averaged over the batch. With ``sigma``
the logistic function and ``D(x) = sigma(score)``, two identities keep everything exact at any
score: ``-log sigma(o) = softplus(-o)`` and ``-log(1 - sigma(o)) = softplus(o)``.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import relu, softplus


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


def hinge_discriminator_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """Return the hinge loss ``E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]`` on raw scores.

    A real sample that scores 1 or more and a fake that scores -1 or less cost nothing and have no
    gradient: the discriminator works on those it is not yet sure about.

    Args:
        real_scores: raw scores of real samples; the margin is +1.
        fake_scores: raw scores of generated samples; the margin is -1.

    Returns:
        A scalar >= 0; 2 when every score is 0.

    Source:
        arXiv:1802.05957, Eq. 16.
    """
    return relu(1 - real_scores).mean() + relu(1 + fake_scores).mean()


def hinge_generator_loss(fake_scores: Tensor) -> Tensor:
    """Return ``-E[D(G(z))]``, the generator's side of the hinge objective.

    Args:
        fake_scores: raw scores of generated samples.

    Returns:
        A scalar in units of score.

    Source:
        arXiv:1802.05957, Eq. 17.
    """
    return -fake_scores.mean()


def relativistic_discriminator_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """Return ``-E[log sigma(D(x) - D(G(z)))]``: each real score is compared with one fake score.

    Only differences count, so a constant added to D changes nothing. Its infimum over D is
    ``log 2 - d_Rp``, where d_Rp is the Jensen-Shannon divergence between the pairs (real, fake)
    and (fake, real).

    Args:
        real_scores: raw scores of real samples, shape (N,).
        fake_scores: raw scores of as many generated samples, shape (N,).

    Returns:
        A scalar in nats, >= 0; log 2 when the scores of each pair are equal.

    Source:
        arXiv:2501.05441, Eq. 2, after arXiv:1807.00734.
    """
    return softplus(fake_scores - real_scores).mean()  # -log sigma(o) = softplus(-o)


def relativistic_generator_loss(fake_scores: Tensor, real_scores: Tensor) -> Tensor:
    """Return ``-E[log sigma(D(G(z)) - D(x))]``: the same comparison, the other way round.

    Args:
        fake_scores: raw scores of generated samples, shape (N,).
        real_scores: raw scores of as many real samples, shape (N,).

    Returns:
        A scalar in nats, >= 0; log 2 when the scores of each pair are equal.

    Source:
        The non-saturating form of arXiv:2501.05441, Eq. 2, as in its authors' code.
    """
    return softplus(real_scores - fake_scores).mean()

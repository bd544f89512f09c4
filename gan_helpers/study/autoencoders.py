"""A variational autoencoder and a VAE-GAN as notebook 11 writes them, line for line.

Everything is in nats for each image: the two terms of the evidence lower bound are those of the
densities, with their constants, so that bounds can be compared and added.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus
from torch.optim import Optimizer

from gan_helpers.gan import GAN


class VAERecord(NamedTuple):
    """What one update of a VAE leaves behind, both in nats an image."""

    step: int
    reconstruction: Tensor  # mean of E_q[log p(x | z)], with one draw of z
    kl: Tensor  # mean of KL(q(z | x) || N(0, I))


class VAEGANRecord(NamedTuple):
    """What one update of a VAE-GAN leaves behind, in nats an image."""

    step: int
    discriminator_loss: Tensor
    generator_loss: Tensor  # non-saturating, without the features' part
    reconstruction: Tensor  # log-likelihood of the features, up to a constant
    kl: Tensor


def make_encoder(latent_dim: int) -> nn.Sequential:
    """Return a map from images (N, 1, 28, 28) to mean and log variance of q(z | x), (N, 2 d)."""
    return nn.Sequential(
        nn.Flatten(),  # (N, 784)
        nn.Linear(784, 512),
        nn.LeakyReLU(0.2),
        nn.Linear(512, 256),
        nn.LeakyReLU(0.2),
        nn.Linear(256, 2 * latent_dim),
    )


def kl_to_prior(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return KL(N(m, s^2) || N(0, 1)) = 1/2 (m^2 + s^2 - log s^2 - 1) in nats, of each entry.

    Source: arXiv:1312.6114, appendix B.
    """
    return (mean.square() + log_variance.exp() - log_variance - 1) / 2  # (N, d)


def log_likelihood(x: Tensor, decoded: Tensor, sigma: float) -> Tensor:
    """Return log N(x; decoded, sigma^2 I) in nats, a number for each image, (N,)."""
    squares = (x - decoded).square().flatten(1)  # (N, pixels)
    return -squares.sum(1) / (2 * sigma**2) - squares.shape[1] / 2 * math.log(
        2 * math.pi * sigma**2
    )


def reparametrise(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Draw z ~ N(m, s^2) as m + s epsilon: the gradient passes to m and s.

    Source: arXiv:1312.6114, section 2.4.
    """
    return mean + (log_variance / 2).exp() * torch.randn_like(mean)  # (N, d)


def train_vae(
    encoder: nn.Module,
    decoder: nn.Module,
    optimizer: Optimizer,
    batches: Iterator[Tensor],
    steps: int,
    sigma: float,
    beta: Callable[[int], float] = lambda step: 1.0,
) -> Iterator[VAERecord]:
    """Train both networks to raise the evidence lower bound, and yield a record for each update.

    Args:
        encoder: images (N, ...) to mean and log variance, (N, 2 d).
        decoder: z (N, d) to the mean of p(x | z), (N, ...).
        optimizer: holds the weights of both.
        batches: of images (N, ...), on the networks' device.
        steps: updates.
        sigma: standard deviation of p(x | z) in each pixel, > 0.
        beta: weight of the divergence at each step; 1 for the bound itself.

    Source: arXiv:1312.6114, equations 3 and 10 and algorithm 1.
    """
    for step in range(1, steps + 1):
        x = next(batches)
        mean, log_variance = encoder(x).chunk(2, dim=1)  # (N, d) each
        z = reparametrise(mean, log_variance)
        reconstruction = log_likelihood(x, decoder(z), sigma).mean()
        kl = kl_to_prior(mean, log_variance).sum(1).mean()
        optimizer.zero_grad()
        (beta(step) * kl - reconstruction).backward()  # minus the ELBO, where beta is 1
        optimizer.step()
        yield VAERecord(step, reconstruction.detach(), kl.detach())


def teach_discriminator(gan: GAN, x: Tensor, decoded: Tensor) -> Tensor:
    """Update a VAE-GAN's discriminator once; rebuilt and fresh images count half each."""
    real_scores, fake_scores = gan.discriminator(x), gan.discriminator(decoded.detach())
    loss = softplus(-real_scores).mean() + softplus(fake_scores).mean()
    gan.discriminator_optimizer.zero_grad()
    loss.backward()
    gan.discriminator_optimizer.step()
    return loss.detach()


def teach_autoencoder(
    encoder: nn.Module, adam_E: Optimizer, gan: GAN, kl: Tensor, x: Tensor, decoded: Tensor
) -> tuple[Tensor, Tensor]:
    """Update a VAE-GAN's encoder and decoder once, each on its own loss.

    Source: arXiv:1512.09300, equations 7 and 8 and algorithm 1.
    """
    features = gan.discriminator[:3]  # type: ignore[index]  # up to the first hidden layer
    wrong = (features(x) - features(decoded[: len(x)])).square().sum(1).mean() / (2 * 0.5**2)
    loss_G = softplus(-gan.discriminator(decoded)).mean()
    adam_E.zero_grad()
    gan.generator_optimizer.zero_grad()
    (kl + wrong).backward(inputs=[*encoder.parameters()], retain_graph=True)
    (0.01 * wrong + loss_G).backward(inputs=[*gan.generator.parameters()])
    adam_E.step()
    gan.generator_optimizer.step()
    return loss_G.detach(), -wrong.detach()


def train_vae_gan(
    encoder: nn.Module, adam_E: Optimizer, gan: GAN, batches: Iterator[Tensor], steps: int
) -> Iterator[VAEGANRecord]:
    """Train encoder, decoder and discriminator of a VAE-GAN, and yield a record for each update.

    Args:
        encoder: images (N, ...) to mean and log variance, (N, 2 d).
        adam_E: holds the encoder's weights.
        gan: the decoder as its generator, and a discriminator that is an ``nn.Sequential``.
        batches: of images (N, ...), on the networks' device.
        steps: updates.

    Source: arXiv:1512.09300, algorithm 1.
    """
    for step in range(1, steps + 1):
        x = next(batches)
        mean, log_variance = encoder(x).chunk(2, dim=1)  # (N, d) each
        z = torch.cat([reparametrise(mean, log_variance), torch.randn_like(mean)])
        decoded = gan.generator(z)  # (2N, ...): rebuilt images, then fresh ones
        loss_D = teach_discriminator(gan, x, decoded)
        kl = kl_to_prior(mean, log_variance).sum(1).mean()
        losses = teach_autoencoder(encoder, adam_E, gan, kl, x, decoded)
        yield VAEGANRecord(step, loss_D, *losses, kl.detach())

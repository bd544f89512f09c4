"""GAN, VAE and VAE-GAN with one decoder, the same digits and the same time, over several seeds.

The results ship with the package; ``python -m gan_helpers.study.gan_or_vae`` makes what is missing.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from torch import Tensor, nn
from torch.optim import Adam

from gan_helpers import data
from gan_helpers.gan import GAN
from gan_helpers.networks import MLPGenerator
from gan_helpers.objectives import NON_SATURATING
from gan_helpers.random import OwnRandom
from gan_helpers.study.autoencoder_measures import (
    LATENT,
    SIGMA,
    TURNED,
    Trained,
    measure,
    measure_real,
    split,
)
from gan_helpers.study.autoencoders import make_encoder, train_vae, train_vae_gan
from gan_helpers.study.entry import REAL, Result
from gan_helpers.study.fingerprint import fingerprint
from gan_helpers.study.ledger import append, read
from gan_helpers.study.work import alone, provenance
from gan_helpers.training import averaged, train

SHIPPED = Path(__file__).with_name("gan_or_vae.jsonl")
SEEDS = range(100, 105)  # the settings were chosen on others
BATCH = 32
STEPS = {"GAN": 1600, "VAE": 3300, "VAE-GAN": 1150}  # about the same time on one core


def make_decoder(latent_dim: int = LATENT) -> MLPGenerator:
    """Return the decoder of all three: the small generator of notebook 02."""
    widths = (128, 256, 320)
    return MLPGenerator(latent_dim, (1, 28, 28), widths, batch_norm=True, tanh=True)


def make_discriminator() -> nn.Sequential:
    """Return a discriminator whose layers are those of the encoder; the third gives features."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 512),
        nn.LeakyReLU(0.2),
        nn.Linear(512, 256),
        nn.LeakyReLU(0.2),
        nn.Linear(256, 1),
        nn.Flatten(0),
    )


def make_gan(decoder: nn.Module, discriminator: nn.Module, latent_dim: int = LATENT) -> GAN:
    """Return the players with the settings that notebook 02 found for them."""
    nets, betas = (decoder, discriminator), (0.0, 0.999)
    adam_G, adam_D = (Adam(net.parameters(), 1e-3, betas=betas, fused=True) for net in nets)
    return GAN(decoder, discriminator, NON_SATURATING, adam_G, adam_D, latent_dim=latent_dim)


def train_arm(name: str, training: Tensor, steps: int) -> Trained:
    """Train one of the three, from PyTorch's random state as it stands.

    Args:
        name: a key of ``STEPS``.
        training: images (N, 1, 28, 28) in [-1, 1].
        steps: updates.
    """
    began, batches, decoder = time.process_time(), data.batches(training, BATCH), make_decoder()
    encoder = None if name == "GAN" else make_encoder(LATENT)
    if name == "VAE":
        adam = Adam([*encoder.parameters(), *decoder.parameters()], 1e-3, fused=True)  # type: ignore[union-attr]
        for _ in train_vae(encoder, decoder, adam, batches, steps, SIGMA):  # type: ignore[arg-type]
            pass
        return Trained(decoder.eval(), encoder, None, time.process_time() - began)
    gan = make_gan(decoder, make_discriminator())
    records = train(gan, batches, steps)
    if encoder is not None:
        adam = Adam(encoder.parameters(), 1e-3, fused=True)
        records = train_vae_gan(encoder, adam, gan, batches, steps)  # type: ignore[assignment]
    for _ in averaged(gan, records):
        pass
    best = gan.average.module  # type: ignore[union-attr]
    return Trained(best, encoder, gan.discriminator, time.process_time() - began)


def settings(name: str) -> str:
    """Say how an arm is made; a result made otherwise is not taken for its own."""
    parts = [make_decoder, make_encoder, make_discriminator, TURNED, LATENT, SIGMA, BATCH]
    steps = STEPS.get(name, 0)
    return f"{steps} updates of {BATCH}, sigma {SIGMA} #{fingerprint(name, steps, *parts)}"


def results(path: Path | str = SHIPPED) -> list[Result]:
    """Return the results that ship with the package, those of today's settings."""
    known = {settings(name) for name in (REAL, *STEPS)}
    return [result for result in read(path) if result.settings in known]


def main(path: Path | str = SHIPPED) -> None:
    """Run what is missing, one after the other, on one thread."""
    done = {(each.objective, each.seed) for each in results(path)}
    training, _, _ = split()
    for seed in SEEDS:
        for name in (REAL, *STEPS):
            if (name, seed) in done:
                continue
            with alone(), OwnRandom(seed):
                trained = None if name == REAL else train_arm(name, training, STEPS[name])
                found = measure_real(seed) if trained is None else measure(trained)
            seconds = 0.0 if trained is None else round(trained.seconds, 2)
            known = settings(name), found, seconds
            append(path, Result("digits", name, seed, *known, None, "", provenance()))


if __name__ == "__main__":
    from gan_helpers.study import gan_or_vae  # under its own name, which the settings hold

    gan_or_vae.main(*sys.argv[1:])

"""What the notebook opens with: a sheet of latent points that turns into a map of the digits."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.optim import Adam

from gan_helpers import data
from gan_helpers.plotting.charts import Chart
from gan_helpers.replay import Recording
from gan_helpers.runtime import pick_device, set_seed
from gan_helpers.study.autoencoders import make_encoder, train_vae
from gan_helpers.study.gan_or_vae import make_decoder


def latent_sheet(side: int, reach: float = 2.0) -> Tensor:
    """Return a square lattice of latent points, row by row from the top left, (side^2, 2)."""
    axis = torch.linspace(-reach, reach, side)
    down, across = torch.meshgrid(-axis, axis, indexing="ij")
    return torch.stack([across.ravel(), down.ravel()], dim=1)


def plane_recording(steps: int, seed: int = 0) -> Recording:
    """Train a VAE of two latent numbers on the digits and return the recording of the run.

    Args:
        steps: updates, >= 1.
        seed: of everything random; PyTorch's global generator is seeded with it.

    Returns:
        The recording, of both terms of the bound and of the digits on a sheet of latent points.
    """
    set_seed(seed)
    device = pick_device()
    encoder, decoder = make_encoder(2).to(device), make_decoder(2).to(device)
    adam = Adam([*encoder.parameters(), *decoder.parameters()], 1e-3)
    fit = Chart.of("reconstruction", ylabel="reconstruction (nats)")
    recording = Recording(
        generator=decoder,
        latent=latent_sheet(12).to(device),
        panels=(fit, Chart.of("kl", ylabel="KL (nats)"), "samples"),
        moments=60,
        title="Two numbers for every digit",
    )
    batches = data.batches(data.mnist(), 64, device=device)
    for _ in recording.record(train_vae(encoder, decoder, adam, batches, steps, 0.4), steps):
        pass
    return recording

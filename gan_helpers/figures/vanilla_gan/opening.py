"""What the notebook opens with: a run of the kind that its reader will have written by the end."""

from __future__ import annotations

from torch.optim import Adam

from gan_helpers import data, networks
from gan_helpers.gan import GAN
from gan_helpers.objectives import NON_SATURATING
from gan_helpers.replay import Recording
from gan_helpers.runtime import set_seed
from gan_helpers.training import linear_lr_decay, train


def ring_recording(steps: int, seed: int = 2) -> Recording:
    """Train a small GAN on the ring of eight Gaussians and return the recording of the run.

    Args:
        steps: generator updates, >= 1.
        seed: of everything random; PyTorch's global generator is seeded with it.

    Returns:
        The recording, of losses and of D(x) with the samples over it.
    """
    set_seed(seed)
    G = networks.MLPGenerator(latent_dim=2, out_shape=(2,), widths=(128, 128))
    D = networks.MLPDiscriminator(in_shape=(2,), widths=(128, 128))
    adam_G, adam_D = (Adam(n.parameters(), lr=1e-3, betas=(0.5, 0.9)) for n in (G, D))
    gan, ring = GAN(G, D, NON_SATURATING, adam_G, adam_D, latent_dim=2), data.ring()
    recording = Recording(gan, ring, panels=("losses", "surface"), moments=60, title="Eight modes?")
    records = linear_lr_decay(gan, train(gan, data.batches(ring, 256), steps), steps)
    for _ in recording.record(records, steps):
        pass
    return recording

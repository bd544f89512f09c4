"""Three pairs of networks, each with its data, and this package's loop over them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor, nn

from gan_helpers import GAN, NON_SATURATING, WGAN_GP, History, Objective, set_seed, train
from gan_helpers.data import batches, mnist, ring
from gan_helpers.networks import ConvDiscriminator, ConvGenerator, MLPDiscriminator, MLPGenerator

OBJECTIVES = (NON_SATURATING, WGAN_GP)
RATE, BETAS = 2e-4, (0.5, 0.999)


@dataclass(frozen=True)
class Workload:
    """A pair of networks and how much of its training is timed.

    Args:
        name: for the table.
        latent_dim: width of z.
        batch: batch size.
        networks: called with True where the discriminator meets a penalty, so has no BatchNorm.
        points: trained on points of a ring instead of images of digits.
        steps: generator updates timed at once with the non-saturating objective; WGAN-GP, which
            takes about seven times as long, gets a sixth.
    """

    name: str
    latent_dim: int
    batch: int
    networks: Callable[[bool], tuple[nn.Module, nn.Module]]
    points: bool
    steps: int

    def pair(self, objective: Objective, device: str) -> tuple[nn.Module, nn.Module]:
        """Build generator and discriminator, the same ones each time."""
        set_seed(0)
        generator, discriminator = self.networks(objective.penalty is not None)
        return generator.to(device), discriminator.to(device)

    def supply(self, device: str = "cpu") -> Iterator[Tensor]:
        """Iterate over batches as the package makes them."""
        return batches(ring() if self.points else mnist(), self.batch, device=device)


def _ring(_: bool) -> tuple[nn.Module, nn.Module]:
    return MLPGenerator(2, (2,)), MLPDiscriminator((2,))


def _mlp(_: bool) -> tuple[nn.Module, nn.Module]:
    widths = (128, 256, 512, 1024)
    generator = MLPGenerator(100, (1, 28, 28), widths=widths, batch_norm=True, tanh=True)
    return generator, MLPDiscriminator((1, 28, 28), widths=(512, 256))


def _dcgan(penalised: bool) -> tuple[nn.Module, nn.Module]:
    return ConvGenerator(100), ConvDiscriminator(batch_norm=not penalised)


RING = Workload("ring MLP", 2, 256, _ring, points=True, steps=200)
MLP = Workload("MNIST MLP", 100, 64, _mlp, points=False, steps=40)
DCGAN = Workload("DCGAN 28x28", 100, 64, _dcgan, points=False, steps=6)
WORKLOADS = (RING, MLP, DCGAN)


def gan_of(workload: Workload, objective: Objective, device: str = "cpu") -> GAN:
    """Build the GAN with fused Adam, as the notebooks do."""
    players = workload.pair(objective, device)
    adams = [torch.optim.Adam(p.parameters(), lr=RATE, betas=BETAS, fused=True) for p in players]
    return GAN(*players, objective, *adams, latent_dim=workload.latent_dim)


def ours(workload: Workload, objective: Objective, device: str = "cpu") -> Callable[[int], float]:
    """Return what trains for a number of steps, with the full record, and tells the seconds."""
    return timed(gan_of(workload, objective, device), workload.supply(device))


def timed(gan: GAN, supply: Iterator[Tensor]) -> Callable[[int], float]:
    """Return what trains this GAN for a number of steps and tells the seconds."""

    # one run, pulled bit by bit: the checks at its start are not what a step costs
    records = History().record(train(gan, supply, 10**9))

    def run(steps: int) -> float:
        began = time.perf_counter()
        for _ in islice(records, steps):
            pass
        wait_for(gan.device)
        return time.perf_counter() - began

    return run


def wait_for(device: torch.device) -> None:
    """Let a GPU finish what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)

"""The loop that most tutorials show, in two forms.

Many tutorials let the generator's step score the very fakes that the discriminator has just
learned from; that saves a pass of the generator, one in three. The published algorithm draws fresh
latents (arXiv:1406.2661, Algorithm 1), as this package does, so the comparison at equal work is
with ``reuse=False``. With a gradient penalty both forms are the same: fresh latents.

A DataLoader fetches every sample by itself, an image by way of Pillow and NumPy; Adam with its
default implementation; two passes of the discriminator; a graph through the generator that
``detach`` cuts; gradients into the discriminator that nobody asked for in the generator's step;
``.item()`` for the log at each step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from gan_helpers import Objective
from gan_helpers.data import mnist, ring
from loops.workloads import BETAS, RATE, Workload


class PillowImages(Dataset):
    """28x28 images, each converted and normalised whenever it is asked for."""

    def __init__(self, images: np.ndarray) -> None:
        self.images = images  # (N, 28, 28) uint8

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        picture = Image.fromarray(self.images[index])
        pixels = torch.from_numpy(np.array(picture, copy=True)).view(28, 28, 1)
        pixels = pixels.permute(2, 0, 1).contiguous().to(torch.float32).div(255)  # (1, 28, 28)
        mean, std = (torch.as_tensor([0.5]).view(-1, 1, 1) for _ in range(2))
        return pixels.clone().sub_(mean).div_(std)  # in [-1, 1]


def _supply(workload: Workload) -> Iterator[Tensor]:
    if workload.points:
        rows: Dataset | list[Tensor] = list(ring().sample(10_000))
    else:
        rows = PillowImages(((mnist().images[:, 0] + 1) * 127.5).round().byte().numpy())
    loader = DataLoader(rows, batch_size=workload.batch, shuffle=True, drop_last=True)  # type: ignore[arg-type]
    while True:
        yield from loader


def reusing(workload: Workload, objective: Objective) -> Callable[[int], float]:
    """Return the textbook loop whose generator's step scores the discriminator's fakes again."""
    return textbook(workload, objective, reuse=True)


def textbook(
    workload: Workload, objective: Objective, reuse: bool = False, device: str = "cpu"
) -> Callable[[int], float]:
    """Return what trains for a number of steps this way and tells the seconds."""
    generator, discriminator = workload.pair(objective, device)
    adam_g = torch.optim.Adam(generator.parameters(), lr=RATE, betas=BETAS)
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=RATE, betas=BETAS)
    supply, bce = _supply(workload), nn.BCEWithLogitsLoss()

    def penalty(real: Tensor, fake: Tensor) -> Tensor:
        alpha = torch.rand(len(real), *[1] * (real.dim() - 1), device=device)
        mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
        scores = discriminator(mixed)
        slopes = torch.autograd.grad(
            scores, mixed, torch.ones_like(scores), create_graph=True, retain_graph=True
        )[0]
        return ((slopes.view(len(slopes), -1).norm(2, dim=1) - 1) ** 2).mean()

    def run(steps: int) -> float:
        log = []
        began = time.perf_counter()
        for _ in range(steps):
            for _ in range(objective.n_critic):
                real = next(supply).to(device)
                fake = generator(torch.randn(len(real), workload.latent_dim, device=device))
                adam_d.zero_grad()
                of_real, of_fake = discriminator(real), discriminator(fake.detach())
                if objective.penalty is None:
                    loss_d = bce(of_real, torch.ones(len(real), device=device))
                    loss_d = loss_d + bce(of_fake, torch.zeros(len(real), device=device))
                else:
                    loss_d = of_fake.mean() - of_real.mean() + 10 * penalty(real, fake.detach())
                loss_d.backward()
                adam_d.step()
            adam_g.zero_grad()
            if not reuse or objective.penalty is not None:
                fake = generator(torch.randn(len(real), workload.latent_dim, device=device))
            scores_g = discriminator(fake)
            if objective.penalty is None:
                loss_g = bce(scores_g, torch.ones(len(real), device=device))
            else:
                loss_g = -scores_g.mean()
            loss_g.backward()
            adam_g.step()
            scores = of_real.mean().item(), of_fake.mean().item()
            log.append((loss_d.item(), loss_g.item(), *scores))
        return time.perf_counter() - began

    return run

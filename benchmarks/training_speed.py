"""Generator updates a second: this package's loop against a textbook loop, interleaved in one run.

The textbook loop is what most tutorials show: a DataLoader that turns each image into a tensor by
way of Pillow, default Adam, a graph through the generator that ``detach`` cuts, and ``.item()``
for the log at each step. Networks, batch size, learning rate and thread count are the same.

    python benchmarks/training_speed.py [--threads 2] [--repeats 7] [--steps 60]
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

from gan_helpers import GAN, NON_SATURATING, History, set_seed, train, versions
from gan_helpers.data import batches, mnist
from gan_helpers.networks import MLPDiscriminator, MLPGenerator

LATENT, BATCH = 100, 64


class PillowImages(Dataset):
    """28x28 images, each converted by Pillow and NumPy whenever it is asked for."""

    def __init__(self, images: np.ndarray) -> None:
        self.images = images  # (N, 28, 28) uint8

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> torch.Tensor:
        picture = Image.fromarray(self.images[index])
        pixels = torch.from_numpy(np.array(picture, copy=True)).view(28, 28, 1)
        pixels = pixels.permute(2, 0, 1).contiguous().to(torch.float32).div(255)  # (1, 28, 28)
        mean, std = (torch.as_tensor([0.5]).view(-1, 1, 1) for _ in range(2))
        return pixels.clone().sub_(mean).div_(std)  # in [-1, 1]


def networks() -> tuple[nn.Module, nn.Module]:
    """The MLP pair: 100-128-256-512-1024-784 with BatchNorm, and 784-512-256-1."""
    set_seed(0)
    widths = (128, 256, 512, 1024)
    generator = MLPGenerator(LATENT, (1, 28, 28), widths=widths, batch_norm=True, tanh=True)
    return generator, MLPDiscriminator((1, 28, 28), widths=(512, 256))


def textbook(images: torch.Tensor, steps: int) -> float:
    """Seconds for ``steps`` generator updates of the textbook loop."""
    generator, discriminator = networks()
    adam_g = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    loss_of = nn.BCEWithLogitsLoss()
    loader = DataLoader(
        PillowImages(((images[:, 0] + 1) * 127.5).round().byte().numpy()),
        batch_size=BATCH,
        shuffle=True,
        drop_last=True,
    )
    log, supply = [], iter(loader)
    began = time.perf_counter()
    for _ in range(steps):
        real = next(supply, None)
        if real is None:
            supply = iter(loader)
            real = next(supply)
        ones, zeros = torch.ones(len(real)), torch.zeros(len(real))
        fake = generator(torch.randn(len(real), LATENT))
        adam_d.zero_grad()
        real_scores, fake_scores = discriminator(real), discriminator(fake.detach())
        loss_d = loss_of(real_scores, ones) + loss_of(fake_scores, zeros)
        loss_d.backward()
        adam_d.step()
        adam_g.zero_grad()
        loss_g = loss_of(discriminator(fake), ones)
        loss_g.backward()
        adam_g.step()
        scores = real_scores.mean().item(), fake_scores.mean().item()
        log.append((loss_d.item(), loss_g.item(), *scores))
    return time.perf_counter() - began


def ours(images: torch.Tensor, steps: int) -> float:
    """Seconds for ``steps`` generator updates of ``gan_helpers.train``, with its full record."""
    generator, discriminator = networks()
    gan = GAN(
        generator,
        discriminator,
        NON_SATURATING,
        torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True),
        torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True),
        latent_dim=LATENT,
    )
    history = History()
    began = time.perf_counter()
    for _ in history.record(train(gan, batches(images, BATCH), steps)):
        pass
    return time.perf_counter() - began


def main() -> None:
    """Run both loops in turn and print medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--steps", type=int, default=60)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    images = mnist().images
    for loop in (textbook, ours):
        loop(images, 5)  # warm up
    pairs = [
        (textbook(images, asked.steps), ours(images, asked.steps)) for _ in range(asked.repeats)
    ]
    slow, fast = (
        statistics.median(asked.steps / t for t in times) for times in zip(*pairs, strict=True)
    )
    ratio = statistics.median(t / o for t, o in pairs)
    found = versions()
    print(
        f"MNIST MLP, batch {BATCH}, torch {found['torch']}, {found['system']}, "
        f"{found['cores']} cores, {asked.threads} threads, {asked.repeats} x {asked.steps} steps"
    )
    print(f"textbook loop   {slow:7.1f} generator updates/s")
    print(f"gan_helpers     {fast:7.1f} generator updates/s")
    print(
        f"ratio           {ratio:7.2f} (median of pairs, "
        f"{min(t / o for t, o in pairs):.2f} to {max(t / o for t, o in pairs):.2f})"
    )


if __name__ == "__main__":
    main()

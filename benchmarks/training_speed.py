"""Generator updates a second: this package's loop against a textbook loop, interleaved in one run.

Beside it: the same loop with a live board, in bfloat16, and the matrix products alone.

The textbook loop is what most tutorials show: a DataLoader that turns each image into a tensor by
way of Pillow, default Adam, a graph through the generator that ``detach`` cuts, and ``.item()``
for the log at each step. Networks, batch size, learning rate and thread count are the same.

Found on two cores of an AMD EPYC (torch 2.13, one thread): 37 updates/s for the textbook loop, 42
for this one, 57 in bfloat16, 64 if there were nothing but the matrix products. Those are two thirds
of this loop's time, and the textbook loop must do nearly as many; fused Adam, data that is already
a tensor, and one pass for real and fake save most of what can be saved. The board's cost is within
the noise. With two threads a run in a board's thread gains nothing after one in the main thread.

    python benchmarks/training_speed.py [--threads 1] [--repeats 7] [--steps 150]
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Iterator

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

from gan_helpers import GAN, NON_SATURATING, History, Record, set_seed, train, versions
from gan_helpers.data import batches, mnist
from gan_helpers.networks import MLPDiscriminator, MLPGenerator
from gan_helpers.widgets import LiveBoard

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


def adam_gan() -> GAN:
    """The same pair with fused Adam, as the package's notebooks build it."""
    generator, discriminator = networks()
    return GAN(
        generator,
        discriminator,
        NON_SATURATING,
        torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True),
        torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True),
        latent_dim=LATENT,
    )


def ours(images: torch.Tensor, steps: int, autocast: torch.dtype | None = None) -> float:
    """Seconds for ``steps`` generator updates of ``gan_helpers.train``, with its full record."""
    gan, history = adam_gan(), History()
    gan.autocast = autocast
    began = time.perf_counter()
    for _ in history.record(train(gan, batches(images, BATCH), steps)):
        pass
    return time.perf_counter() - began


def with_board(images: torch.Tensor, steps: int) -> float:
    """Seconds for the same updates while a live board draws."""
    gan, marks = adam_gan(), []

    def timed(records: Iterator[Record]) -> Iterator[Record]:
        marks.append(time.perf_counter())
        yield from records
        marks.append(time.perf_counter())

    board = LiveBoard(gan)
    board.start(timed(train(gan, batches(images, BATCH), steps)), steps=steps)
    board.wait()
    return marks[1] - marks[0]


def floor() -> float:
    """Seconds that one step's matrix products alone take, forward and backward, on warm caches."""
    widths = (LATENT, 128, 256, 512, 1024, 784), (784, 512, 256, 1)
    products = [
        (BATCH, a, b)
        for net, times in zip(widths, (2, 3), strict=True)
        for a, b in itertools.pairwise(net)
        for _ in range(times)
    ]  # forward
    generator, discriminator = (list(itertools.pairwise(net)) for net in widths)
    products += [(a, BATCH, b) for a, b in generator]  # gradients of the weights
    products += [(a, 2 * BATCH, b) for a, b in discriminator]
    products += [(BATCH, b, a) for a, b in generator[1:]]  # gradients of the inputs
    products += [(2 * BATCH, b, a) for a, b in discriminator[1:]]
    products += [(BATCH, b, a) for a, b in discriminator]  # on the way to the generator
    pairs = [(torch.randn(m, k), torch.randn(k, n)) for m, k, n in products]
    times = []
    for _ in range(30):
        began = time.perf_counter()
        for left, right in pairs:
            left @ right
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def report(name: str, seconds: list[float], steps: int, against: list[float]) -> None:
    """Print the median rate and the median ratio of pairs, with its range."""
    ratios = sorted(a / b for a, b in zip(against, seconds, strict=True))
    print(
        f"{name:24}{statistics.median(steps / t for t in seconds):8.1f} generator updates/s   "
        f"{statistics.median(ratios):5.2f} x textbook ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


def main() -> None:
    """Run all loops in turn and print medians and ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--steps", type=int, default=150)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    images, steps = mnist().images, asked.steps
    half = torch.bfloat16
    for _ in range(2):  # warm up
        textbook(images, 5), ours(images, 5), ours(images, 5, half), with_board(images, 5)
    runs: dict[str, list[float]] = {}
    for _ in range(asked.repeats):
        runs.setdefault("textbook loop", []).append(textbook(images, steps))
        runs.setdefault("gan_helpers", []).append(ours(images, steps))
        runs.setdefault("... with a live board", []).append(with_board(images, steps))
        runs.setdefault("... in bfloat16", []).append(ours(images, steps, half))
    found = versions()
    print(
        f"MNIST MLP, batch {BATCH}, torch {found['torch']}, {found['system']}, "
        f"{found['cores']} cores, {asked.threads} threads, {asked.repeats} x {steps} steps"
    )
    for name, seconds in runs.items():
        report(name, seconds, steps, runs["textbook loop"])
    pairs = zip(runs["... with a live board"], runs["gan_helpers"], strict=True)
    print(f"the board costs {statistics.median(b / a - 1 for b, a in pairs):+.1%} of training time")
    print(f"matrix products alone: {1 / floor():.1f} steps/s")


if __name__ == "__main__":
    main()

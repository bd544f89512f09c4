"""How near to real digits each setting of the notebooks comes in the same seconds of training.

    python benchmarks/equal_time.py [--seconds 60] [--seeds 1] [--only WORD] [--busy] [--write]

Every setting trains on the 4 500 digits that notebook 02 trains on, on all cores, for the same
seconds; looking is not counted. At each quarter of the time 2 000 generated digits are compared
with 2 000 real ones (the 500 that were kept aside and 1 500 of the others): Frechet distance in
classifier features. The floor is that distance between two halves of the real ones. ``copies`` is
the median distance of a fake to its nearest training digit, over that of a digit kept aside: a
generator that copies is far below 1. ``--busy`` is for a machine that does other things as well:
one thread, and its processor time is counted. ``--write`` puts the table into
``benchmarks/EQUAL_TIME.md``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.utils.parametrizations import spectral_norm
from torch.optim import Adam, Optimizer, RMSprop
from training_speed import processor

from gan_helpers import (
    GAN,
    LEAST_SQUARES,
    NON_SATURATING,
    WGAN,
    WGAN_GP,
    Objective,
    averaged,
    data,
    evaluation,
    set_seed,
    train,
    versions,
)
from gan_helpers.networks import ConvDiscriminator, ConvGenerator, MLPDiscriminator, MLPGenerator

RESULTS = Path(__file__).with_name("EQUAL_TIME.md")
Clock = Callable[[], float]
Curve = list[tuple[int, float]]  # updates so far, Fréchet distance
LATENT, BATCH, LOOKS, JUDGED = 16, 32, 4, 2000


def conv(objective: Objective, optimizer: Callable[..., Optimizer], normalised: bool = True) -> GAN:
    """Build the convolutional pair; spectral norm divides the discriminator's slopes."""
    players = ConvGenerator(LATENT, channels=32), ConvDiscriminator(channels=32, batch_norm=False)
    for layer in players[1].layers if normalised else ():
        if hasattr(layer, "weight"):
            spectral_norm(layer)
    return pair(players, objective, optimizer)


def mlp(objective: Objective, optimizer: Callable[..., Optimizer]) -> GAN:
    """Build the pair of multilayer perceptrons."""
    widths = (128, 256, 320)
    generator = MLPGenerator(LATENT, (1, 28, 28), widths, batch_norm=True, tanh=True)
    return pair((generator, MLPDiscriminator((1, 28, 28), (512, 256))), objective, optimizer)


def pair(
    players: tuple[Module, Module], objective: Objective, optimizer: Callable[..., Optimizer]
) -> GAN:
    """Put two players together; matrix products run in bfloat16, as in the notebooks."""
    first, second = (optimizer(player.parameters()) for player in players)
    return GAN(*players, objective, first, second, latent_dim=LATENT, autocast=torch.bfloat16)


def adam(rate: float, second: float = 0.999) -> Callable[..., Optimizer]:
    """Build Adam without momentum."""
    return lambda weights: Adam(weights, lr=rate, betas=(0.0, second), fused=True)


def rms(rate: float) -> Callable[..., Optimizer]:
    """Build the optimiser of the WGAN paper."""
    return lambda weights: RMSprop(weights, lr=rate)


SETTINGS: dict[str, Callable[[], GAN]] = {
    "non-saturating, convolutional": lambda: conv(NON_SATURATING, adam(4e-3)),
    "non-saturating, MLP": lambda: mlp(NON_SATURATING, adam(1e-3)),
    "least squares, convolutional": lambda: conv(LEAST_SQUARES, adam(4e-3)),
    "WGAN, convolutional": lambda: conv(replace(WGAN, clip=0.05, n_critic=1), rms(2e-3), False),
    "WGAN-GP, convolutional": lambda: conv(replace(WGAN_GP, n_critic=1), adam(4e-3, 0.9), False),
    "WGAN-GP, MLP": lambda: mlp(replace(WGAN_GP, n_critic=1), adam(1e-3, 0.9)),
}


class Judge:
    """Measures generators: the digits, those kept aside, and the classifier's features."""

    def __init__(self) -> None:
        images = data.mnist().images
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
        self.held_out, self.training = images[order[:500]], images[order[500:]]
        self.classifier = evaluation.digit_classifier()
        features = self.classifier.features(images[order])
        self.real = features[:JUDGED]
        self.floor = evaluation.frechet_distance(self.real, features[JUDGED : 2 * JUDGED])

    def frechet(self, fakes: Tensor) -> float:
        """Return the Fréchet distance of generated digits to the real ones."""
        return evaluation.frechet_distance(self.classifier.features(fakes), self.real)

    def copies(self, fakes: Tensor) -> float:
        """Return how near fakes are to the training digits, over how near unseen digits are."""
        return evaluation.memorisation(fakes[:500], self.training, self.held_out).ratio


def curve(
    build: Callable[[], GAN], judge: Judge, seconds: float, seed: int, clock: Clock
) -> tuple[GAN, Curve]:
    """Train for some seconds; return the GAN, and updates and distance at each look."""
    set_seed(seed)
    gan, spent = build(), 0.0
    seen: Curve = []
    records = averaged(gan, train(gan, data.batches(judge.training, BATCH), 10**9))
    while len(seen) < LOOKS:
        began = clock()
        next(records)
        spent += clock() - began
        if spent >= seconds * (len(seen) + 1) / LOOKS:
            seen.append((gan.step, judge.frechet(fakes(gan))))
    return gan, seen


def fakes(gan: GAN) -> Tensor:
    """Let the averaged generator make the digits that are judged."""
    return gan.sample(JUDGED, torch.Generator().manual_seed(6))


def median(values: list[float]) -> str:
    """Return the median, and the range of several."""
    middle = f"{statistics.median(values):.3f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.3f} to {max(values):.3f})"


def table(names: list[str], seconds: float, seeds: int, clock: Clock) -> list[str]:
    """Train every setting from every seed and return the lines of a Markdown table."""
    judge = Judge()
    times = [f"{seconds * (k + 1) / LOOKS:g} s" for k in range(LOOKS)]
    head = ["setting", *times, "updates", "copies"]
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join(['---'] * len(head))} |"]
    for name in names:
        curves, near = [], []
        for seed in range(seeds):
            gan, seen = curve(SETTINGS[name], judge, seconds, seed, clock)
            curves.append(seen)
            near.append(judge.copies(fakes(gan)))
        at = [median([seen[k][1] for seen in curves]) for k in range(LOOKS)]
        updates = f"{statistics.median(seen[-1][0] for seen in curves):.0f}"
        lines.append(f"| {' | '.join([name, *at, updates, median(near)])} |")
        print(lines[-1], flush=True)
    return [*lines, "", f"Floor: {judge.floor:.3f}."]


def main() -> None:
    """Print the table, and store it where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="of training, for each setting")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", default="", help="settings whose name has this word")
    parser.add_argument("--busy", action="store_true", help="one thread's processor time")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    asked = parser.parse_args()
    threads = 1 if asked.busy else os.cpu_count() or 1
    unit = "seconds of processor time" if asked.busy else "seconds"
    torch.set_num_threads(threads)
    clock = time.process_time if asked.busy else time.perf_counter
    found = versions()
    names = [name for name in SETTINGS if asked.only in name]
    text = [
        "# Digits in equal time",
        "",
        f"{processor()}, {threads} thread(s); {found['system']}, Python {found['python']}, torch "
        f"{found['torch']}, bfloat16. Fréchet distance in classifier features after so many "
        f"{unit} of training, averaged weights; medians over {asked.seeds} seed(s), with the "
        "range in brackets. Written by `python benchmarks/equal_time.py --write`.",
        "",
        *table(names, asked.seconds, asked.seeds, clock),
    ]
    print("\n".join(text))
    if asked.write:
        RESULTS.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""How long the notebooks take on this machine, from what they took on one named machine.

Two kinds of work fill the notebooks, and machines differ in both: updates of small networks, which
wait for Python more than for arithmetic, and convolutions over images. Each is probed here for a
few seconds, and each share of a notebook's time is scaled by its own probe.
"""

from __future__ import annotations

import time
from itertools import count
from typing import NamedTuple

import torch
from torch import Tensor
from torch.optim import Adam

from gan_helpers import data
from gan_helpers.gan import GAN
from gan_helpers.networks import MLPDiscriminator, MLPGenerator
from gan_helpers.objectives import NON_SATURATING
from gan_helpers.random import OwnRandom
from gan_helpers.runtime import number, pick_device
from gan_helpers.training import train


class Probes(NamedTuple):
    """Updates a second of two kinds: of the ring's small networks, of small convolutions."""

    small: float
    images: float


class Seconds(NamedTuple):
    """A notebook's running time: small networks and everything else, and convolutions."""

    small: float
    images: float


REFERENCE_MACHINE = "two cores of an AMD EPYC server, no GPU, PyTorch 2.13"
REFERENCE_PROBES = Probes(small=325.0, images=27.0)  # updates/s, measured in notebook 00 there

# Full budget, on the idle reference machine: seconds from first cell to last, rounded, split by
# what the convolutional runs take. Change with the notebooks.
NOTEBOOK_SECONDS = {
    "00_start_here": Seconds(small=20, images=2),
    "01_minimax_value_function": Seconds(small=16, images=0),
    "02_vanilla_gan": Seconds(small=128, images=100),
    "03_lsgan": Seconds(small=133, images=71),
    "04_wgan": Seconds(small=185, images=0),
    "05_wgan_gp": Seconds(small=115, images=70),
    "06_which_gan": Seconds(small=35, images=0),
    "07_convergence": Seconds(small=113, images=10),
    "08_convolution_and_attention": Seconds(small=18, images=60),
    "09_conditions_and_augmentation": Seconds(small=85, images=65),
    "10_style_and_latent_space": Seconds(small=60, images=60),
    "11_gan_or_vae": Seconds(small=158, images=0),
    "lab": Seconds(small=22, images=0),
}


def speed_probe(seconds: float = 5.0, device: torch.device | None = None) -> float:
    """Measure how many small convolutional training steps a second this machine does.

    The work is a forward and backward pass of two 5x5 convolutions, 1 -> 16 -> 32 channels, on 64
    images of 28x28: the kind of arithmetic on which the image notebooks spend their time. The
    random state is left as it was.

    Args:
        seconds: how long to measure, at least 0.001; the first tenth warms up and is not counted.
        device: where to measure; ``None`` means ``pick_device()``.

    Returns:
        Steps a second: the ratio of two machines' numbers predicts the ratio of their times.

    Raises:
        ValueError: ``seconds`` is not such a number, or the device does not exist here.
    """
    seconds = number("seconds", seconds, 0.001)
    device = pick_device(device)
    with OwnRandom(0):
        net = torch.nn.Sequential(
            torch.nn.Conv2d(1, 16, 5, padding=2), torch.nn.ReLU(), torch.nn.Conv2d(16, 32, 5)
        ).to(device)
    images = torch.ones(64, 1, 28, 28, device=device)

    def steps_within(limit: float) -> float:
        began, steps = time.perf_counter(), 0
        while (elapsed := time.perf_counter() - began) < limit:
            net(images).square().mean().backward()
            net.zero_grad()
            torch.cuda.synchronize(device) if device.type == "cuda" else None
            steps += 1
        return steps / elapsed

    steps_within(seconds / 10)
    return steps_within(seconds * 0.9)


def ring_probe(seconds: float = 2.5, device: torch.device | None = None) -> float:
    """Measure how many updates a second the small networks of the ring get here.

    One update is one of each player, both 2 -> 128 -> 128 -> 1 or 2, batch 256, one thread: what
    the toy problems of the series spend their time on. Its random numbers are its own, and the
    thread count is left as it was.

    Args:
        seconds: how long to measure, at least 0.001; the first tenth warms up and is not counted.
        device: where to measure; ``None`` means ``pick_device()``.

    Returns:
        Updates a second.

    Raises:
        ValueError: ``seconds`` is less, or the device does not exist here.
    """
    seconds = number("seconds", seconds, 0.001)
    device, threads = pick_device(device), torch.get_num_threads()
    own, toy = torch.Generator(device).manual_seed(0), data.ring()

    def normal(n: int, d: int, **_: object) -> Tensor:
        return torch.randn(n, d, generator=own, device=device)

    with OwnRandom(0):
        g, d = MLPGenerator(2, (2,)).to(device), MLPDiscriminator((2,)).to(device)
    adam_g, adam_d = Adam(g.parameters(), fused=True), Adam(d.parameters(), fused=True)
    gan = GAN(g, d, NON_SATURATING, adam_g, adam_d, latent_dim=2, latent_distribution=normal)
    records = train(gan, (toy.sample(256, own) for _ in count()), 10**9)
    try:
        torch.set_num_threads(1)
        warm = time.perf_counter() + seconds / 10
        while time.perf_counter() < warm:
            next(records)
        began, first = time.perf_counter(), gan.step
        while time.perf_counter() - began < 0.9 * seconds:
            float(next(records).generator_loss)  # reading it waits for the device
        return (gan.step - first) / (time.perf_counter() - began)
    finally:
        torch.set_num_threads(threads)


def probe(seconds: float = 5.0, device: torch.device | None = None) -> Probes:
    """Measure both kinds of work, half of ``seconds`` each.

    Args:
        seconds: how long to measure in all, at least 0.002.
        device: where to measure; ``None`` means ``pick_device()``.

    Returns:
        Updates a second of both kinds.

    Raises:
        ValueError: ``seconds`` is less, or the device does not exist here.
    """
    seconds = number("seconds", seconds, 0.002)
    return Probes(ring_probe(seconds / 2, device), speed_probe(seconds / 2, device))


def predict_seconds(probes: Probes) -> dict[str, float]:
    """Predict how long each notebook takes, full budget, on a machine with these probes.

    t = t_small * (reference small / small) + t_images * (reference images / images)

    Args:
        probes: of this machine, updates a second, both > 0.

    Returns:
        Notebook's name -> seconds.

    Raises:
        ValueError: a probe is not positive.
    """
    if not (probes.small > 0 and probes.images > 0):
        raise ValueError(f"probes is {probes}; both must be positive: measure them with probe()")
    slower = [there / here for there, here in zip(REFERENCE_PROBES, probes, strict=True)]
    return {
        name: taken.small * slower[0] + taken.images * slower[1]
        for name, taken in NOTEBOOK_SECONDS.items()
    }

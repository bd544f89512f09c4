"""The trials of notebook 08: DCGAN's rules one by one, and what spectral norm and attention gain.

An arm is a pair of networks and how it is trained, for so many seconds of one thread's processor
time: the same for all that are compared, but for ``SHORT``. The results ship with the package;
``python -m gan_helpers.study.convolution`` makes what is missing of them, twenty minutes in all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Adam

from gan_helpers import data, evaluation
from gan_helpers.gan import GAN
from gan_helpers.networks import SelfAttention, initialise_dcgan, spectrally_normalised
from gan_helpers.objectives import HINGE, NON_SATURATING, Objective
from gan_helpers.random import OwnRandom
from gan_helpers.record import NonFiniteLossError
from gan_helpers.study.convolution_networks import (
    EvenGaze,
    checkerboard,
    downward,
    gamma_around_zero,
    normalised_tanh,
    outer_layers_normalised,
    resized,
    transposed,
    unchanged,
    upward,
)
from gan_helpers.study.entry import Result
from gan_helpers.study.fingerprint import fingerprint, networks_text
from gan_helpers.study.ledger import append, read
from gan_helpers.study.work import alone, provenance
from gan_helpers.training import averaged, train

SHIPPED = Path(__file__).with_name("convolution.jsonl")
LATENT, BATCH, SAMPLES = 16, 32, 2000


@dataclass(frozen=True)
class Arm:
    """Two networks and how they are trained.

    Args:
        name: as the tables and pictures call it.
        generator: returns a new generator.
        discriminator: returns a new discriminator.
        objective: what the players minimise.
        rates: learning rates of generator and discriminator.
        betas: of both Adams.
        initialise: sets the weights of both.
        normalise: is then applied to the discriminator.
        unit: images are trained on in [0, 1] in place of [-1, 1].
        average: samples come from the averaged generator.
        problem: "MNIST" or "animals".
        seconds: of one thread's processor time.
        seeds: how many, from 0 on.
    """

    name: str
    generator: Callable[..., nn.Module]
    discriminator: Callable[..., nn.Module]
    objective: Objective = NON_SATURATING
    rates: tuple[float, float] = (2e-3, 2e-3)
    betas: tuple[float, float] = (0.5, 0.999)
    initialise: Callable[[nn.Module], None] = initialise_dcgan
    normalise: Callable[[nn.Module], nn.Module] = unchanged
    unit: bool = False
    average: bool = False
    problem: str = "MNIST"
    seconds: float = 6.0
    seeds: int = 3

    @cached_property
    def settings(self) -> str:
        """Say what decides a run; a result made otherwise is not taken for this arm's."""
        with torch.device("meta"):
            networks = [self.generator(), self.discriminator()]
        sizes = [sum(w.numel() for w in network.parameters()) for network in networks]
        rule = self.objective
        digest = fingerprint(
            networks_text(networks), rule.discriminator_loss, rule.generator_loss, self.rates,
            self.betas, self.initialise, self.normalise, self.unit, self.average, self.seconds,
            BATCH, SAMPLES,
        )  # fmt: skip
        rates = " and ".join(f"{rate:g}" for rate in self.rates)
        return (
            f"Adam {rates}, betas {self.betas}, {sizes[0]} and {sizes[1]} weights, "
            f"batch {BATCH}, {self.seconds:g} s #{digest}"
        )


RULES = [
    Arm("as published", upward, downward),
    Arm("γ around 0", upward, downward, initialise=gamma_around_zero),
    Arm("no BatchNorm in G", partial(upward, batch_norm=False), downward),
    Arm("BatchNorm after G's last layer", partial(upward, last=normalised_tanh),
        downward),
    Arm("images in [0, 1]", upward, downward, unit=True),
    Arm("no tanh", partial(upward, last=nn.Identity), downward),
    Arm("no BatchNorm in D", upward, partial(downward, batch_norm=False)),
    Arm("BatchNorm in D's first layer", upward, partial(downward, first=True)),
    Arm("ReLU in D", upward, partial(downward, slope=0.0)),
    Arm("β₁ = 0.9", upward, downward, betas=(0.9, 0.999)),
    Arm("kernel 3", partial(upward, double=transposed(3)), downward),
    Arm("kernel 5", partial(upward, double=transposed(5)), downward),
    Arm("resize, then convolve", partial(upward, double=resized), downward),
]  # fmt: skip

_wide = partial(
    Arm, objective=HINGE, rates=(4e-3, 4e-3), betas=(0.0, 0.999), average=True, seconds=12.0,
    normalise=spectrally_normalised,
)  # fmt: skip
_G, _D = partial(upward, 32), partial(downward, 32, False)
_both = (
    partial(upward, 32, middle=SelfAttention),
    partial(downward, 32, False, middle=SelfAttention),
)
_even = (
    partial(upward, 32, middle=EvenGaze),
    partial(downward, 32, False, middle=EvenGaze),
)
PLAIN, ATTENTION = "hinge, spectral norm", "with attention"
NORMS = [
    _wide(PLAIN, _G, _D, seeds=6),
    _wide(ATTENTION, *_both, seeds=6),
    _wide("attention outside the norm", *_both, normalise=outer_layers_normalised),
    _wide("non-saturating loss", _G, _D, objective=NON_SATURATING),
    _wide("BatchNorm in D instead", _G, partial(downward, 32), normalise=unchanged),
    _wide("no norm in D", _G, _D, normalise=unchanged),
    _wide("two time scales: D 8e-3, G 2e-3", _G, _D, rates=(2e-3, 8e-3)),
    _wide(PLAIN, _G, _D, problem="animals", seeds=6),
    _wide(ATTENTION, *_both, problem="animals", seeds=6),
]
# About as many updates as attention makes in the whole time.
FEWER, EVEN = "stopped after 4 s", "even gaze, stopped after 5 s"
SHORT = [
    _wide(FEWER, _G, _D, seconds=4.0, seeds=6),
    _wide(EVEN, *_even, seconds=5.0, seeds=6),
    _wide(FEWER, _G, _D, seconds=4.0, seeds=6, problem="animals"),
    _wide(EVEN, *_even, seconds=5.0, seeds=6, problem="animals"),
]
ARMS = [*RULES, *NORMS, *SHORT]


@cache
def source_of(problem: str) -> data.ImageData:
    """Return the images of a problem, "MNIST" or "animals"."""
    return {"MNIST": data.mnist, "animals": data.animals}[problem]()


@cache
def classifier_of(problem: str) -> evaluation.Classifier:
    """Return the classifier in whose features a problem is measured; trained once, then cached."""
    if problem == "MNIST":
        return evaluation.digit_classifier()
    return evaluation.train_classifier(data.animals(), cache_name=problem)


def made(arm: Arm, seconds: float | None = None) -> GAN:
    """Return the players of an arm, trained with today's random state for its seconds."""
    generator, discriminator = arm.generator(), arm.discriminator()
    for network in (generator, discriminator):
        arm.initialise(network)
    discriminator = arm.normalise(discriminator)
    of_generator, of_discriminator = (
        Adam(network.parameters(), lr=rate, betas=arm.betas, fused=True)
        for network, rate in zip((generator, discriminator), arm.rates, strict=True)
    )
    gan = GAN(
        generator, discriminator, arm.objective, of_generator, of_discriminator, latent_dim=LATENT
    )
    images = source_of(arm.problem).images
    supply = data.batches((images + 1) / 2 if arm.unit else images, BATCH)
    records = train(gan, supply, 10**6)
    records = averaged(gan, records) if arm.average else records
    limit = time.process_time() + (arm.seconds if seconds is None else seconds)
    for _ in records:
        if time.process_time() >= limit:
            break
    return gan


@cache
def _real(problem: str) -> tuple[Tensor, Tensor]:
    images = source_of(problem).images
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    real = images[order[:SAMPLES]]
    return checkerboard(real), classifier_of(problem).features(real)


def measured(arm: Arm, gan: GAN, seed: int) -> dict[str, float]:
    """Measure 2 000 samples against as many images: Frechet distance, and checkerboards."""
    samples = gan.sample(SAMPLES, torch.Generator().manual_seed(1_000_003 + seed))
    samples = (2 * samples - 1 if arm.unit else samples).clamp(-1, 1)
    board, features = _real(arm.problem)
    generated = classifier_of(arm.problem).features(samples)
    return {
        "Frechet": evaluation.frechet_distance(features, generated),
        "checkerboard": float(checkerboard(samples) / board),
        "updates": float(gan.step),
    }


def train_arm(arm: Arm, seed: int) -> Result:
    """Train and measure an arm once, on one thread; the caller's random state stays as it was."""
    measures, diverged = {}, ""
    with alone(), OwnRandom(seed):
        try:
            measures = measured(arm, made(arm), seed)
        except (NonFiniteLossError, ValueError) as error:
            diverged = str(error)
    return Result(
        arm.problem, arm.name, seed, arm.settings, measures, arm.seconds, None, diverged,
        provenance(),
    )  # fmt: skip


def results(path: Path | str = SHIPPED) -> list[Result]:
    """Return the results that ship with the package, those of today's settings."""
    keys = {(arm.problem, arm.name, arm.settings) for arm in ARMS}
    return [each for each in read(path) if each.key[:3] in keys]


def main(path: Path | str = SHIPPED, arms: Iterable[Arm] = tuple(ARMS)) -> None:
    """Run what is missing, one run after the other: they are told apart by their time."""
    from tqdm import tqdm

    done = {result.key for result in read(path)}
    for problem in ("MNIST", "animals"):
        classifier_of(problem)
    # Runs of one seed lie side by side: a machine that is busy for a while slows all arms down.
    wanted = [(arm, seed) for seed in range(6) for arm in arms if seed < arm.seeds]
    for arm, seed in tqdm(wanted, desc="runs"):
        if (arm.problem, arm.name, arm.settings, seed) not in done:
            append(path, train_arm(arm, seed))


if __name__ == "__main__":
    main()

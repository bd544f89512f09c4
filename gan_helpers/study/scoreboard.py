"""The scoreboard of the series: eight methods on the ring, the grid and MNIST, over ten seeds.

Within a problem all train for about the same seconds of one core. Notebook 06 reads ``ENTRIES``,
the five objectives that it has introduced, and notebook 07 goes on with ``LATER``. The results ship
with the package. ``make study`` makes them again, which takes an hour on two cores, or goes on
where it was stopped; ``python -m gan_helpers.study results.jsonl`` writes elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module, Parameter
from torch.optim import Optimizer

from gan_helpers import data, evaluation, theory
from gan_helpers.networks import (
    ConvDiscriminator,
    ConvGenerator,
    MLPDiscriminator,
    MLPGenerator,
    spectrally_normalised,
)
from gan_helpers.objectives import (
    HINGE,
    LEAST_SQUARES,
    MINIMAX,
    NON_SATURATING,
    RELATIVISTIC,
    WGAN,
    WGAN_GP,
    Objective,
)
from gan_helpers.regularisers import gradient_penalty, r1_r2_penalty
from gan_helpers.study.entry import Entry, Problem, Result
from gan_helpers.study.ledger import read
from gan_helpers.study.run import run

SEEDS = range(200, 210)  # the settings were chosen on others
SHIPPED = Path(__file__).with_name("scoreboard.jsonl")
LATENT_IMAGES = 32


def points_problem(name: str, mixture: data.GaussianMixture, modes: int, share: float) -> Problem:
    """Make the problem of a mixture in the plane; its set quality is modes and high-quality share.

    Args:
        name: of the mixture.
        mixture: with modes that do not overlap.
        modes: that must be captured, of 1 000 samples.
        share: of these that must be of high quality, in [0, 1].
    """

    def measure(samples: Tensor, real: Tensor) -> dict[str, float]:
        found = evaluation.mode_coverage(samples, mixture)
        both = evaluation.precision_recall(real, samples)
        return {
            "modes": found.captured,
            "high quality": found.high_quality,
            "reverse KL": found.reverse_kl,
            "W1": evaluation.wasserstein_distance(samples[:1000], real[:1000]),
            "precision": both.precision,
            "recall": both.recall,
        }

    def reached(samples: Tensor) -> bool:
        found = evaluation.mode_coverage(samples, mixture)
        return found.captured >= modes and found.high_quality >= share

    def draw(n: int, generator: torch.Generator) -> Tensor:
        return mixture.sample(n, generator=generator)

    return Problem(name, lambda: mixture, _plane, 2, draw, measure, reached, size=2500)


def image_problem(name: str, distance: float) -> Problem:
    """Make the problem of MNIST, measured in the features of a small digit classifier.

    Args:
        name: of the data.
        distance: Frechet distance of 1 000 samples at which the set quality is reached.
    """

    def draw(n: int, generator: torch.Generator) -> Tensor:
        images = data.mnist().images
        return images[torch.randperm(len(images), generator=generator)[:n]]

    def measure(samples: Tensor, real: Tensor) -> dict[str, float]:
        classifier = evaluation.digit_classifier()
        fake_features, features = classifier.features(samples), classifier.features(real)
        counts = evaluation.class_histogram(classifier.predict(samples), 10)
        both = evaluation.precision_recall(features, fake_features)
        return {
            "modes": int((counts > 0).sum()),
            "reverse KL": theory.kl(counts / counts.sum(), np.full(10, 0.1)),
            "W1": evaluation.wasserstein_distance(fake_features, features),
            "precision": both.precision,
            "recall": both.recall,
            "Frechet": evaluation.frechet_distance(features, fake_features),
        }

    def reached(samples: Tensor) -> bool:
        features = evaluation.digit_classifier().features
        real = features(draw(1000, torch.Generator().manual_seed(0)))
        return evaluation.frechet_distance(real, features(samples)) <= distance

    return Problem(name, data.mnist, _images, LATENT_IMAGES, draw, measure, reached, size=1000)


def _plane() -> tuple[Module, Module]:
    return MLPGenerator(2, (2,)), MLPDiscriminator((2,))  # 128-128 each


def _images() -> tuple[Module, Module]:
    generator = ConvGenerator(LATENT_IMAGES, channels=16)
    return generator, ConvDiscriminator(channels=16, batch_norm=False)  # fit for a penalty


def _plane_normalised() -> tuple[Module, Module]:
    generator, discriminator = _plane()
    return generator, spectrally_normalised(discriminator)


def _images_normalised() -> tuple[Module, Module]:
    generator, discriminator = _images()
    return generator, spectrally_normalised(discriminator)


def adam(rate: float, beta1: float, beta2: float) -> Callable[[Iterable[Parameter]], Optimizer]:
    """Return a maker of Adam optimisers."""
    return partial(torch.optim.Adam, lr=rate, betas=(beta1, beta2), fused=True)


def rmsprop(rate: float) -> Callable[[Iterable[Parameter]], Optimizer]:
    """Return a maker of RMSprop optimisers."""
    return partial(torch.optim.RMSprop, lr=rate)


def penalised(weight: float, n_critic: int) -> Objective:
    """Return WGAN-GP with another penalty weight and number of critic updates."""
    return replace(WGAN_GP, penalty=partial(gradient_penalty, weight=weight), n_critic=n_critic)


def clipped(bound: float, n_critic: int) -> Objective:
    """Return WGAN with another bound and number of critic updates."""
    return replace(WGAN, clip=bound, n_critic=n_critic)


def braked(objective: Objective, gamma: float) -> Objective:
    """Return an objective with R1 and R2 of one strength."""
    name = objective.name if objective.relativistic else f"{objective.name}, R1 and R2"
    return replace(objective, name=name, penalty=partial(r1_r2_penalty, weight=gamma))


RING = points_problem("ring", data.ring(), modes=8, share=0.7)
GRID = points_problem("grid", data.grid(), modes=24, share=0.3)
MNIST = image_problem("MNIST", distance=0.5)

# Chosen by short trials on other seeds, a few for each line.
ENTRIES = [
    Entry(RING, MINIMAX, adam(4e-3, 0.0, 0.9), 10_000),
    Entry(RING, NON_SATURATING, adam(4e-3, 0.0, 0.9), 10_000),
    Entry(RING, LEAST_SQUARES, adam(4e-3, 0.0, 0.9), 10_000),
    Entry(RING, clipped(0.3, 3), rmsprop(1e-3), 4200),
    Entry(RING, penalised(0.1, 2), adam(2e-3, 0.5, 0.9), 4000),
    Entry(GRID, MINIMAX, adam(2e-3, 0.5, 0.9), 8000),
    Entry(GRID, NON_SATURATING, adam(4e-3, 0.5, 0.9), 8000),
    Entry(GRID, LEAST_SQUARES, adam(2e-3, 0.5, 0.9), 8000),
    Entry(GRID, clipped(0.3, 3), rmsprop(1e-3), 3600),
    Entry(GRID, penalised(0.1, 2), adam(4e-3, 0.5, 0.9), 3000),
    Entry(MNIST, MINIMAX, adam(1e-3, 0.5, 0.999), 1200, 32),
    Entry(MNIST, NON_SATURATING, adam(1e-3, 0.5, 0.999), 1200, 32),
    Entry(MNIST, LEAST_SQUARES, adam(1e-3, 0.5, 0.999), 1200, 32),
    Entry(MNIST, clipped(0.01, 2), rmsprop(1e-3), 800, 32),
    Entry(MNIST, penalised(10.0, 2), adam(1e-3, 0.0, 0.9), 560, 32),
]

# The rows of notebook 07. Averaging is measured on the settings of the plain row.
NORMALISED = replace(HINGE, name="hinge, spectral norm")
AVERAGED = replace(NON_SATURATING, name="non-saturating, averaged")
LATER = [
    Entry(RING, braked(RELATIVISTIC, 0.02), adam(4e-3, 0.0, 0.9), 5800),
    Entry(replace(RING, networks=_plane_normalised), NORMALISED, adam(4e-3, 0.0, 0.9), 7700),
    Entry(RING, AVERAGED, adam(4e-3, 0.0, 0.9), 9500, measure_average=True),
    Entry(GRID, braked(RELATIVISTIC, 0.1), adam(4e-3, 0.0, 0.9), 4700),
    Entry(replace(GRID, networks=_plane_normalised), NORMALISED, adam(4e-3, 0.0, 0.9), 6100),
    Entry(GRID, AVERAGED, adam(4e-3, 0.5, 0.9), 7600, measure_average=True),
    Entry(MNIST, braked(RELATIVISTIC, 0.1), adam(1e-3, 0.0, 0.9), 730, 32),
    Entry(replace(MNIST, networks=_images_normalised), NORMALISED, adam(2e-3, 0.0, 0.9), 1120, 32),
    Entry(MNIST, AVERAGED, adam(1e-3, 0.5, 0.999), 1180, 32, measure_average=True),
]


def find(problem: str, objective: str) -> Entry:
    """Return the entry of an objective on a problem.

    Raises:
        ValueError: there is none.
    """
    entries = {(entry.problem.name, entry.objective.name): entry for entry in ENTRIES + LATER}
    if (problem, objective) not in entries:
        known = sorted(entries)
        raise ValueError(f"no entry for {(problem, objective)}; choose from {known}")
    return entries[problem, objective]


def results(path: Path | str = SHIPPED, entries: Sequence[Entry] = ENTRIES) -> list[Result]:
    """Return the results that ship with the package, those of today's settings.

    Args:
        path: a file of results.
        entries: whose results are wanted; those of real samples come with them.
    """
    settings = [entry.problem.settings for entry in entries] + [e.settings for e in entries]
    order = {said: place for place, said in reversed([*enumerate(settings)])}
    found = [result for result in read(path) if result.settings in order]
    return sorted(found, key=lambda result: (order[result.settings], result.seed))


def main(path: Path | str = SHIPPED) -> None:
    """Run what is missing, with a bar; the real samples first, which train the classifier."""
    from tqdm import tqdm

    evaluation.digit_classifier()  # once, before several processes ask for it
    entries = ENTRIES + LATER
    total = len(SEEDS) * (len(entries) + len({entry.problem.name for entry in entries}))
    for _ in tqdm(run(entries, SEEDS, path), total=total, desc="runs"):
        pass

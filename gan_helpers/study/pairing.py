"""Does it help to compare in pairs? The grid and stacked digits, as notebook 07 reports them.

Every arm of a problem trains for about the same seconds on one core. The results ship with the
package; ``make study`` makes what is missing of them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers import data, evaluation, theory
from gan_helpers.networks import ConvDiscriminator, ConvGenerator
from gan_helpers.objectives import NON_SATURATING, RELATIVISTIC
from gan_helpers.study.entry import Entry, Problem, Result
from gan_helpers.study.ledger import read
from gan_helpers.study.run import run
from gan_helpers.study.scoreboard import adam, braked, points_problem

SHIPPED = Path(__file__).with_name("pairing.jsonl")
SEEDS = {"grid": range(300, 310), "stacked": range(300, 305)}  # settings were chosen on others
DIGITS, CLASSES = 10, 1000


def stacked_class(images: Tensor) -> Tensor:
    """Tell which of the 1 000 classes images of three stacked digits show.

    The package's digit classifier reads each channel by itself; class = 100 a + 10 b + c.

    Args:
        images: (N, 3, 28, 28) in [-1, 1].

    Returns:
        (N,), int64, 0 to 999.

    Source: arXiv:1611.02163, section 3.3.1 (stacked MNIST).
    """
    channels = images.reshape(-1, 1, *images.shape[2:])  # (3 N, 1, 28, 28)
    digits = evaluation.digit_classifier().predict(channels).reshape(-1, 3)  # (N, 3)
    return digits @ torch.tensor([DIGITS**2, DIGITS, 1])


def stacked_problem(size: int = 10_000) -> Problem:
    """Make the problem of three digits as three channels, 1 000 classes that are equally likely.

    Measured are the classes that occur, the reverse KL of their histogram to the uniform one, and
    the Frechet distance of single channels in the digit classifier's features.

    Args:
        size: samples to measure; perfect ones have a reverse KL of about 999 / (2 size).
    """

    def measure(samples: Tensor, real: Tensor) -> dict[str, float]:
        counts = evaluation.class_histogram(stacked_class(samples), CLASSES)
        features = evaluation.digit_classifier().features
        channels = (each[:2000].reshape(-1, 1, *each.shape[2:]) for each in (real, samples))
        return {
            "modes": int((counts > 0).sum()),
            "reverse KL": theory.kl(counts / counts.sum(), np.full(CLASSES, 1 / CLASSES)),
            "Frechet": evaluation.frechet_distance(*map(features, channels)),
        }

    def draw(n: int, generator: torch.Generator) -> Tensor:
        return _stacked().sample(n, generator=generator)

    return Problem("stacked", _stacked, _colours, 64, draw, measure, _never, size)


def _stacked() -> data.Stacked:
    return data.Stacked(data.mnist().images)


def _colours() -> tuple[Module, Module]:
    shape = (3, 28, 28)
    return ConvGenerator(64, shape, channels=16), ConvDiscriminator(shape, 16, batch_norm=False)


def _never(samples: Tensor) -> bool:
    return False  # no quality is waited for


GRID = points_problem("grid", data.grid(), modes=25, share=0.95)
STACKED = stacked_problem()

ENTRIES = [
    Entry(GRID, braked(RELATIVISTIC, 0.1), adam(4e-3, 0.0, 0.9), 8200, look_every=500),
    Entry(GRID, NON_SATURATING, adam(2e-3, 0.0, 0.9), 16_000, look_every=500),
    Entry(STACKED, braked(RELATIVISTIC, 1.0), adam(1e-3, 0.0, 0.9), 1300, 32, 10_000),
    Entry(STACKED, braked(NON_SATURATING, 1.0), adam(1e-3, 0.0, 0.9), 1300, 32, 10_000),
    Entry(STACKED, NON_SATURATING, adam(1e-3, 0.0, 0.9), 2100, 32, 10_000),
]


def results(path: Path | str = SHIPPED) -> list[Result]:
    """Return the results that ship with the package, those of today's settings and seeds."""
    settings = {entry.settings for entry in ENTRIES} | {e.problem.settings for e in ENTRIES}
    return [r for r in read(path) if r.settings in settings and r.seed in SEEDS[r.problem]]


def main(path: Path | str = SHIPPED, jobs: int = 1) -> None:
    """Run what is missing, seed by seed, so that a study that is stopped is a smaller study."""
    evaluation.digit_classifier()
    for seed in sorted({seed for seeds in SEEDS.values() for seed in seeds}):
        entries = [entry for entry in ENTRIES if seed in SEEDS[entry.problem.name]]
        for result in run(entries, [seed], path, jobs):
            del result  # it is in the file

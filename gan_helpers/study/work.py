"""One run of a study: train, look, measure."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import torch
from torch import Tensor

from gan_helpers.data import batches
from gan_helpers.gan import GAN
from gan_helpers.random import OwnRandom
from gan_helpers.record import NonFiniteLossError
from gan_helpers.study.entry import REAL, Entry, Problem, Result
from gan_helpers.training import averaged, linear_lr_decay, train

_turn = threading.Lock()  # threads of one process share its clock and its number of threads


def train_one(entry: Entry, seed: int) -> Result:
    """Train and measure one run, on one thread; the caller's random state stays as it was.

    Args:
        entry: what to train.
        seed: of weights, latent points and batches, >= 0.

    Returns:
        Its result; ``diverged`` says why where the losses or the samples became non-finite.
    """
    with alone(), OwnRandom(seed):
        gan = _build(entry)
        seconds, reached, diverged = _follow(entry, gan)
    return _result(entry, seed, gan, seconds, reached, diverged)


def measure_real(problem: Problem, seed: int) -> Result:
    """Measure real samples against other real samples: what a perfect generator would come to.

    Args:
        problem: data and measures.
        seed: of the draw, >= 0.

    Returns:
        Its result, with ``REAL`` for an objective.
    """
    both = problem.draw(2 * problem.size, random_source(seed, 0))  # of a data set: no sample twice
    samples, real = both.split(problem.size)
    measures = {name: float(value) for name, value in problem.measure(samples, real).items()}
    return Result(problem.name, REAL, seed, problem.settings, measures, 0.0, None, "", provenance())


def _build(entry: Entry) -> GAN:
    generator, discriminator = entry.problem.networks()
    return GAN(
        generator,
        discriminator,
        entry.objective,
        entry.optimizer(generator.parameters()),
        entry.optimizer(discriminator.parameters()),
        latent_dim=entry.problem.latent_dim,
    )


def _follow(entry: Entry, gan: GAN) -> tuple[float, float | None, str]:
    """Train; return the seconds, when the set quality was reached, and what went wrong.

    The clock counts this process's work, so that a busy machine does not slow a run down.
    """
    reached = None
    supply = batches(entry.problem.data(), entry.batch_size)
    records = linear_lr_decay(gan, train(gan, supply, entry.steps), entry.steps)
    if entry.measure_average:
        records = averaged(gan, records)  # from now on gan.sample draws from the average
    spent, began = 0.0, time.process_time()
    try:
        for record in records:
            if record.step % entry.look_every == 0 and reached is None:
                spent += time.process_time() - began
                if _good(entry.problem, gan):
                    reached = spent
                began = time.process_time()
    except NonFiniteLossError as error:
        return spent + time.process_time() - began, reached, str(error)
    return spent + time.process_time() - began, reached, ""


def _good(problem: Problem, gan: GAN) -> bool:
    samples = gan.sample(1000, random_source(0, 2))
    return bool(samples.isfinite().all()) and problem.reached(samples)


def _result(
    entry: Entry, seed: int, gan: GAN, seconds: float, reached: float | None, diverged: str
) -> Result:
    problem, measures = entry.problem, {}
    samples: Tensor = gan.sample(problem.size, random_source(seed, 0))
    if not diverged and not samples.isfinite().all():
        diverged = "the generator's samples are not finite"
    if not diverged:
        found = problem.measure(samples, problem.draw(problem.size, random_source(seed, 1)))
        measures = {name: float(value) for name, value in found.items()}
    return Result(
        problem.name, entry.objective.name, seed, entry.settings, measures, round(seconds, 4),
        None if reached is None else round(reached, 4), diverged, provenance(),
    )  # fmt: skip


def random_source(seed: int, purpose: int) -> torch.Generator:
    """Return a source of randomness that no training run uses."""
    return torch.Generator().manual_seed(1_000_003 * (purpose + 1) + seed)


@contextmanager
def alone() -> Iterator[None]:
    """Keep other runs of this process waiting, and leave its number of threads as it was."""
    before = torch.get_num_threads()
    with _turn:
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def provenance() -> str:
    """Say when and with what a result was made: date, versions, system."""
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return f"{date.today().isoformat()}, torch {torch.__version__}, {system}"

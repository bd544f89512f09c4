"""What a study is made of, problems and entries, and what comes out of it, results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module, Parameter
from torch.optim import Optimizer

from gan_helpers.objectives import Objective
from gan_helpers.runtime import integer
from gan_helpers.study.fingerprint import describe, fingerprint, in_use, networks_text
from gan_helpers.training import averaged

REAL = "real data"  # stands for the objective where real samples are measured against real ones
# What an objective says about itself; a run is the same whatever stands there.
DESCRIPTIONS = {
    "name", "score", "indifferent", "unit", "equations", "recipe", "source",
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Data, networks for it, and what is measured of samples.

    Args:
        name: of the data.
        data: returns what ``data.batches`` draws from.
        networks: returns a new generator and a new discriminator.
        latent_dim: width of z, >= 1.
        draw: ``draw(n, generator)`` returns n real samples (n, ...).
        measure: ``measure(samples, real)`` returns numbers by name; as many samples as real ones.
        reached: ``reached(samples)`` tells whether they have the quality whose time is taken.
        size: samples to measure, >= 1.

    Raises:
        ValueError: latent_dim or size below 1.
    """

    name: str
    data: Callable[[], Any]
    networks: Callable[[], tuple[Module, Module]]
    latent_dim: int
    draw: Callable[[int, torch.Generator], Tensor]
    measure: Callable[[Tensor, Tensor], Mapping[str, float]]
    reached: Callable[[Tensor], bool]
    size: int = 2000

    def __post_init__(self) -> None:
        for name in ("latent_dim", "size"):
            object.__setattr__(self, name, integer(name, getattr(self, name), 1))

    @cached_property
    def settings(self) -> str:
        """Say what a measurement of real samples goes by; twelve digits stand for the rest."""
        return f"{self.size} samples #{fingerprint(self._measured)}"

    @cached_property
    def said(self) -> str:
        """Write out all that a run depends on."""
        with torch.device("meta"):  # draws no random number
            networks = networks_text(self.networks())
        rest = describe((self.networks, self.latent_dim, self.reached))
        return "\n".join([self._measured, networks, rest])

    @cached_property
    def _measured(self) -> str:
        return describe((self.data(), self.draw, self.measure, self.size))


@dataclass(frozen=True)
class Entry:
    """One line of a study: an objective on a problem, and how it is trained.

    Both learning rates fall linearly to 0 within the run.

    Args:
        problem: data and networks.
        objective: what the players minimise.
        optimizer: makes a player's optimiser from its weights.
        steps: generator updates, >= 1.
        batch_size: >= 1.
        look_every: updates between two looks at whether the set quality is reached, >= 1.
        measure_average: measure samples of the generator with averaged weights
            (``training.averaged``), those of the looks too, in place of the last weights.

    Raises:
        ValueError: steps, batch_size or look_every below 1.
    """

    problem: Problem
    objective: Objective
    optimizer: Callable[[Iterable[Parameter]], Optimizer]
    steps: int
    batch_size: int = 256
    look_every: int = 100
    measure_average: bool = False

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "look_every"):
            object.__setattr__(self, name, integer(name, getattr(self, name), 1))

    @cached_property
    def settings(self) -> str:
        """Say how the entry is trained; a result made otherwise is not taken for its own.

        The line ends in a fingerprint of everything that decides the run: the data, the networks,
        the objective with its functions, the optimiser, the schedule, the measures.
        """
        rule, made = self.objective, self.optimizer([Parameter(torch.zeros(1))])
        betas = made.defaults.get("betas")
        found = {"rate": float(made.defaults["lr"]), "betas": betas and tuple(map(float, betas))}
        found |= {"n_critic": rule.n_critic, "clip": rule.clip}
        if isinstance(rule.penalty, partial):
            found |= rule.penalty.keywords
        words = [f"{name} {value}" for name, value in found.items() if value is not None]
        with torch.device("meta"):
            sizes = [sum(w.numel() for w in net.parameters()) for net in self.problem.networks()]
        words += [f"{sizes[0]} and {sizes[1]} weights", f"batch {self.batch_size}"]
        words += [f"{self.steps} updates", f"{self.problem.size} samples"]
        words += ["averaged weights"] * self.measure_average
        chosen = {field.name: getattr(rule, field.name) for field in fields(rule)}
        deciding = {name: v for name, v in in_use(chosen).items() if name not in DESCRIPTIONS}
        digest = fingerprint(
            self.problem.said, deciding, self.optimizer, type(made), in_use(made.defaults),
            self.steps, self.batch_size, self.look_every, "rates fall linearly to 0",
            *[averaged] * self.measure_average,
        )  # fmt: skip
        return f"{', '.join([type(made).__name__, *words])} #{digest}"


@dataclass(frozen=True)
class Result:
    """What one run came to; a run that diverged is a result too, without measures."""

    problem: str
    objective: str  # its name, or ``REAL``
    seed: int
    settings: str
    measures: Mapping[str, float]
    seconds: float  # of training, on one core
    reached: float | None  # seconds of training until the set quality was seen
    diverged: str  # why the run ended early, or ""
    made: str  # date, versions and machine

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What tells one run from another."""
        return self.problem, self.objective, self.settings, self.seed

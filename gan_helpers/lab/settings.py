"""What one laboratory runs: a frozen, validated value, and which parts of it may change live."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, replace
from functools import partial
from inspect import signature
from typing import Any

import torch
from torch import Tensor

from gan_helpers.lab.sources import DATA, check_drawn
from gan_helpers.objectives import NON_SATURATING, Objective
from gan_helpers.runtime import integer, number

RATES = {"Adam": 1e-3, "RMSprop": 5e-4, "SGD": 1e-2}  # optimiser -> rate that does well here
OPTIMISERS = tuple(RATES)
LATENT_DISTRIBUTIONS = ("normal", "uniform")

LIVE = (
    "generator_rate", "discriminator_rate", "n_critic", "generator_updates", "penalty_weight",
    "clip", "batch_size",
)  # fmt: skip
INTEGERS = {
    "n_critic": (1, 20),
    "generator_updates": (1, 20),
    "latent_dim": (1, 64),
    "hidden_layers": (1, 4),
    "width": (4, 256),
    "batch_size": (2, 1024),
    "seed": (0, 2**32 - 1),
}
NUMBERS = {
    "generator_rate": (1e-6, 1.0),
    "discriminator_rate": (1e-6, 1.0),
    "beta_1": (0.0, 0.999),
    "beta_2": (0.0, 0.9999),
    "penalty_weight": (0.0, 1000.0),
    "clip": (1e-4, 10.0),
}


@dataclass(frozen=True, eq=False)
class LabSettings:
    """Everything that decides a run in the laboratory.

    Args:
        data: one of `DATA`, or drawn points, shape (N, 2), 2 <= N <= 5 000, within [-3, 3].
        objective: what the players minimise, any value of `Objective`.
        optimiser: of both players, one of `OPTIMISERS`; SGD without momentum.
        generator_rate: the generator's learning rate, 1e-6 to 1.
        discriminator_rate: the discriminator's, likewise.
        beta_1: Adam's decay of the mean gradient, in [0, 0.999].
        beta_2: Adam's decay of the mean squared gradient, in [0, 0.9999].
        n_critic: discriminator updates a turn, 1 to 20.
        generator_updates: generator updates a turn, 1 to 20.
        penalty_weight: of the objective's penalty in place of its own, 0 to 1 000; without effect
            where there is no penalty, or one that takes no ``weight``.
        clip: bound on the critic's weights in place of the objective's, 1e-4 to 10; without effect
            where the objective clips nothing.
        latent_dim: width of z, 1 to 64.
        latent_distribution: "normal" for N(0, I), "uniform" for U[0, 1] in each direction.
        hidden_layers: of each player, 1 to 4.
        width: of each hidden layer, 4 to 256.
        batch_size: real samples an update, and as many fakes, 2 to 1 024.
        seed: of the weights and of every draw, 0 to 2**32 - 1.

    Raises:
        TypeError: `data` is neither a name nor a tensor, or `objective` is no objective.
        ValueError: a value out of range; names the value, the rule and the repair.
    """

    data: str | Tensor = "ring"
    objective: Objective = NON_SATURATING
    optimiser: str = "Adam"
    generator_rate: float = 1e-3
    discriminator_rate: float = 1e-3
    beta_1: float = 0.5
    beta_2: float = 0.9
    n_critic: int = 1
    generator_updates: int = 1
    penalty_weight: float = 0.1
    clip: float = 0.01
    latent_dim: int = 2
    latent_distribution: str = "normal"
    hidden_layers: int = 2
    width: int = 128
    batch_size: int = 128
    seed: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.data, Tensor):
            object.__setattr__(self, "data", check_drawn(self.data))
        elif not isinstance(self.data, str):
            raise TypeError(
                f"data is a {type(self.data).__name__}; give a name such as 'ring', or drawn "
                "points as a tensor (N, 2)"
            )
        else:
            _check_choice("data", self.data, DATA)
        if not isinstance(self.objective, Objective):
            raise TypeError(
                f"objective is {self.objective!r:.60}; it must be an Objective, such as "
                "gan_helpers.WGAN, or one of your own"
            )
        _check_choice("optimiser", self.optimiser, OPTIMISERS)
        _check_choice("latent_distribution", self.latent_distribution, LATENT_DISTRIBUTIONS)
        for name, (low, high) in INTEGERS.items():
            object.__setattr__(self, name, integer(name, getattr(self, name), low, high))
        for name, (least, most) in NUMBERS.items():
            object.__setattr__(self, name, number(name, getattr(self, name), least, most))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LabSettings) and not self.differences(other)

    def __hash__(self) -> int:
        return hash((self.objective.name, self.optimiser, self.seed))  # drawn points have no hash

    @classmethod
    def recipe(cls, objective: Objective = NON_SATURATING, **changes: Any) -> LabSettings:
        """Return settings with which this objective does well on the data of the laboratory.

        The optimiser is that of ``objective.recipe`` (Adam where there is none, or one that the
        laboratory does not have), ``n_critic`` the objective's, the rates suit the optimiser.

        Args:
            objective: what the players minimise.
            changes: any other field, to replace the recipe's value.

        Raises:
            TypeError: it is no objective.
            ValueError: a name or value that is not allowed.
        """
        plain = cls(objective=objective)
        published = objective.recipe.optimizer if objective.recipe else ""
        optimiser = published if published in RATES else "Adam"
        rates = {f"{player}_rate": RATES[optimiser] for player in ("generator", "discriminator")}
        of_recipe = {"optimiser": optimiser, "n_critic": objective.n_critic, **rates}
        return plain.changed(**{**of_recipe, **changes})

    def changed(self, **changes: Any) -> LabSettings:
        """Return a copy with some fields replaced.

        Raises:
            ValueError: there is no such field, or its value is out of range.
        """
        for name in changes:
            _check_choice("the setting", name, NAMES)
        return replace(self, **changes)

    def differences(self, other: LabSettings) -> tuple[str, ...]:
        """Return the names of the fields in which the two differ, in their order."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in NAMES}
        return tuple(name for name, (a, b) in pairs.items() if not _same(a, b))

    def used(self, name: str) -> bool:
        """Tell whether the field has any effect with this objective and optimiser."""
        _check_choice("the setting", name, NAMES)
        if name in ("beta_1", "beta_2"):
            return self.optimiser == "Adam"
        if name == "penalty_weight":
            return _takes_weight(self.objective.penalty)
        return name != "clip" or self.objective.clip is not None

    def build_objective(self) -> Objective:
        """Return the objective with this clip, penalty weight and n_critic."""
        objective = replace(self.objective, n_critic=self.n_critic)
        if self.used("clip"):
            objective = replace(objective, clip=self.clip)
        if objective.penalty is not None and self.used("penalty_weight"):
            weighted = partial(objective.penalty, weight=self.penalty_weight)
            objective = replace(objective, penalty=weighted)
        return objective

    def shown(self, name: str) -> str:
        """Return the value of a field as a menu or title shows it."""
        value = getattr(self, name)
        if isinstance(value, Tensor):
            return f"{len(value)} drawn points"
        return value.name if isinstance(value, Objective) else str(value)

    def describe(self) -> str:
        """Return one line that says what runs, of the fields that have an effect."""
        rates = f"{self.discriminator_rate:g}"
        if self.generator_rate != self.discriminator_rate:
            rates = f"D {self.discriminator_rate:g}, G {self.generator_rate:g}"
        parts = [self.shown("data"), self.objective.name, f"{self.optimiser} {rates}"]
        parts.append(f"D × {self.n_critic}, G × {self.generator_updates} a turn")
        if self.used("clip"):
            parts.append(f"clip {self.clip:g}")
        if self.used("penalty_weight"):
            parts.append(f"λ = {self.penalty_weight:g}")
        parts.append(f"z {self.latent_distribution} in {self.latent_dim}-D")
        parts += [f"{self.hidden_layers} × {self.width} units", f"batch {self.batch_size}"]
        return " · ".join([*parts, f"seed {self.seed}"])


NAMES = tuple(field.name for field in fields(LabSettings))
AT_RESET = tuple(name for name in NAMES if name not in LIVE)


def _takes_weight(penalty: Callable[..., Tensor] | None) -> bool:
    return penalty is not None and "weight" in signature(penalty).parameters


def _check_choice(name: str, value: object, allowed: Collection[object]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; choose one of {', '.join(map(repr, allowed))}")


def _same(a: object, b: object) -> bool:
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        return isinstance(a, Tensor) and isinstance(b, Tensor) and torch.equal(a, b)
    return a == b

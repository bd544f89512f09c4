"""The states of a run that one can go back to: evenly spread, bounded in number and memory."""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch.nn import Module

from gan_helpers.gan import GAN
from gan_helpers.lab.settings import LabSettings
from gan_helpers.objectives import Objective
from gan_helpers.runtime import integer

BYTES = 100 * 2**20  # all states of one session together


@dataclass(frozen=True, eq=False)
class State:
    """Everything that decides how a run goes on, at one moment.

    Attributes:
        tick: actions since the start of the run.
        step: generator updates since then.
        discriminator_updates: discriminator updates since then.
        records: length of the history.
        settings: what was running.
        contents: copies of the weights, the optimisers' state and the random state.
    """

    tick: int
    step: int
    discriminator_updates: int
    records: int
    settings: LabSettings
    contents: Mapping[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """Frozen copies of both players at one moment, for pictures: nothing in it changes."""

    generator: Module
    discriminator: Module
    objective: Objective
    settings: LabSettings
    step: int
    tick: int


def frozen(gan: GAN) -> tuple[Module, Module]:
    """Return copies of generator and discriminator that learn nothing."""
    generator, discriminator = (
        copy.deepcopy(each).eval().requires_grad_(False)
        for each in (gan.generator, gan.discriminator)
    )
    return generator, discriminator


def room(weights: int) -> int:
    """Return how many states of players with so many weights together fit into `BYTES`, >= 3.

    A state holds each weight and at most two averages of the optimiser, 4 bytes each.
    """
    return max(3, BYTES // (12 * weights + 10_000))


class States:
    """Recorded states, sorted by tick; when full, every second one goes.

    Scheduled states lie ``stride`` ticks apart, so those that are left stay evenly spread. One
    more may stand at the end, off the schedule: the present, recorded before one goes back.

    Args:
        limit: most states kept, >= 3.
        fitting: how many there is memory for, >= 3.

    Raises:
        ValueError: the limit is not an integer >= 3.
    """

    def __init__(self, limit: int, fitting: int) -> None:
        self._limit = min(integer("state_limit", limit, 3), fitting)
        self._states: list[State] = []
        self.stride = 1

    @property
    def all(self) -> tuple[State, ...]:
        """The states, sorted by tick."""
        return tuple(self._states)

    def is_due(self, tick: int) -> bool:
        """Tell whether the schedule wants a state of this tick."""
        return tick % self.stride == 0

    def add(self, state: State) -> None:
        """Record a scheduled state, later than all others."""
        self._states.append(state)
        while len(self._states) > self._limit - 1:  # one place is for the present
            self.stride *= 2
            self._states = [each for each in self._states if self.is_due(each.tick)]

    def add_present(self, state: State) -> None:
        """Record the present, off the schedule if need be; replaces a state of the same tick."""
        index = self.index(state.tick)
        if index is None:
            self._states.append(state)
        else:
            self._states[index] = state

    def index(self, tick: int) -> int | None:
        """Return the index of the state of this tick, or None."""
        index = bisect_right(self._states, tick, key=lambda state: state.tick) - 1
        return index if index >= 0 and self._states[index].tick == tick else None

    def cut(self, tick: int) -> None:
        """Drop what lies after this tick, and a state of this very tick if it is unscheduled."""
        keep = [each for each in self._states if each.tick <= tick]
        self._states = [each for each in keep if self.is_due(each.tick)]

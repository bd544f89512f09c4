"""This package's loop with one thing added or changed: what it costs or gains."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice

import torch

from gan_helpers import Objective, Record, data, train
from gan_helpers.widgets import LiveBoard
from loops.workloads import Workload, gan_of, timed


def bfloat16(workload: Workload, objective: Objective) -> Callable[[int], float]:
    """Return the loop with matrix products and convolutions in half precision."""
    gan = gan_of(workload, objective)
    gan.autocast = torch.bfloat16
    return timed(gan, workload.supply())


def channels_last(workload: Workload, objective: Objective) -> Callable[[int], float]:
    """Return the loop with the channels of an image side by side in memory."""
    gan = gan_of(workload, objective)
    for player in (gan.generator, gan.discriminator):
        player.to(memory_format=torch.channels_last)
    return timed(gan, workload.supply())


def compiled(workload: Workload, objective: Objective) -> Callable[[int], float]:
    """Return the loop with both players compiled; the first steps, which compile, come first."""
    gan = gan_of(workload, objective)
    for player in (gan.generator, gan.discriminator):
        player.compile(dynamic=False)
    return timed(gan, workload.supply())


def with_board(workload: Workload, objective: Objective) -> Callable[[int], float]:
    """Return the loop pulled by a live board that draws."""
    gan, supply = gan_of(workload, objective), workload.supply()
    endless = train(gan, supply, 10**9)

    def run(steps: int) -> float:
        marks = []

        def marked(records: Iterator[Record]) -> Iterator[Record]:
            marks.append(time.perf_counter())
            yield from records
            marks.append(time.perf_counter())

        board = LiveBoard(gan, data.ring() if workload.points else None)
        board.start(marked(islice(endless, steps)), steps=steps)
        board.wait()
        return marks[1] - marks[0]

    return run

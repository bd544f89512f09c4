"""Sixteen seeds of a small GAN in one stack against sixteen runs one by one, interleaved.

Ring, 2-128-128-2, batch 256. The stack may use all cores; a run by itself has one thread, since
networks so small gain nothing from a second. Beside them: the processes of one thread each that
``gan_helpers.study.run`` spreads the runs over.

    python benchmarks/stacking.py [--seeds 16] [--steps 100] [--repeats 3]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from joblib import Parallel, delayed

from gan_helpers import NON_SATURATING, WGAN_GP, scoreboard, versions
from gan_helpers.study import Entry, train_one, train_together


def light(objective: object, steps: int) -> Entry:
    """Return an entry that measures next to nothing, so that the time is that of training."""
    problem = replace(scoreboard.RING, measure=_nothing, size=2)
    optimizer = partial(torch.optim.Adam, lr=1e-3, betas=(0.5, 0.9), fused=True)
    return Entry(problem, objective, optimizer, steps, look_every=steps + 1)


def _nothing(samples: object, real: object) -> dict[str, float]:
    return {}


def seconds(work: Callable[[], object]) -> float:
    """Return how long the work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Run all three in turn and print medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    seeds, found = range(asked.seeds), versions()
    print(f"torch {found['torch']}, {found['cores']} cores, {found['torch threads']} threads")
    pool = Parallel(-1)
    for objective in (NON_SATURATING, WGAN_GP):
        entry = light(objective, asked.steps)
        ways = {
            "one by one": lambda entry=entry: [train_one(entry, s) for s in seeds],
            "one stack": lambda entry=entry: train_together(entry, seeds),
            "processes": lambda entry=entry: pool(delayed(train_one)(entry, s) for s in seeds),
        }
        ways["one stack"](), ways["processes"]()  # warm up
        times: dict[str, list[float]] = {}
        for _ in range(asked.repeats):
            for name, work in ways.items():
                times.setdefault(name, []).append(seconds(work))
        base = statistics.median(times["one by one"])
        for name, took in times.items():
            middle = statistics.median(took)
            print(
                f"{objective.name:15}{name:12}{middle:7.2f} s   {base / middle:.2f} times as fast"
            )


if __name__ == "__main__":
    main()

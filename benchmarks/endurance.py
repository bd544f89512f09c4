"""A long run: 200 000 updates of small networks, recorded: the cost of a step, the memory.

    python benchmarks/endurance.py [STEPS]

The networks are tiny, so that the loop and the history are what is measured. Prints the time of a
step and the memory of the process at each tenth, then the cost of reading the history for a plot,
and fails where memory has grown by 50 MB or a tenth has become 1.5 times as slow as the fastest.
"""

from __future__ import annotations

import gc
import itertools
import resource
import sys
import time
from pathlib import Path

import torch
from torch.optim import Adam

from gan_helpers import GAN, NON_SATURATING, History, data, set_seed, train
from gan_helpers.networks import MLPDiscriminator, MLPGenerator

STEPS = 200_000
MOST_GROWTH = 50.0  # MB, the history's own 14 MB included
MOST_SLOWING = 1.5  # of a tenth, in processor time, against the fastest one


def make_gan() -> GAN:
    """Two networks 2-16-16, which cost less than the Python around them."""
    set_seed(0)
    g, d = MLPGenerator(2, (2,), (16, 16)), MLPDiscriminator((2,), (16, 16))
    adam = [Adam(net.parameters(), lr=1e-4, betas=(0.5, 0.9), fused=True) for net in (g, d)]
    return GAN(g, d, NON_SATURATING, *adam, latent_dim=2)


def memory() -> float:
    """Return the memory that the process holds, in MB; its peak where that is all there is."""
    gc.collect()
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize() / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def main(steps: int) -> None:
    """Run, print, and fail where something grew."""
    torch.set_num_threads(1)
    gan, history = make_gan(), History()
    records = history.record(train(gan, data.batches(data.ring(), 16), steps))
    for _ in itertools.islice(records, steps // 100):  # warms up; not counted
        pass
    before, costs = memory(), []
    print(f"{'updates':>9}  {'us a step':>9}  {'of the processor':>16}  {'memory, MB':>10}")
    for tenth in range(1, 11):
        first, began, worked = gan.step, time.perf_counter(), time.process_time()
        for _ in itertools.islice(records, steps * tenth // 10 - gan.step):
            pass
        done = gan.step - first
        wall = (time.perf_counter() - began) / done
        costs.append((time.process_time() - worked) / done)
        used = memory()
        print(f"{gan.step:9,}  {wall * 1e6:9.0f}  {costs[-1] * 1e6:16.0f}  {used:10.1f}")
    grown, slowing = memory() - before, max(costs) / min(costs)
    began = time.perf_counter()
    history.smooth("generator_loss")
    reading = time.perf_counter() - began
    print(f"memory grew by {grown:.1f} MB; slowest tenth {slowing:.2f} times the fastest")
    print(f"curve of {len(history):,} steps for a plot: {reading * 1e3:.1f} ms")
    if grown > MOST_GROWTH or slowing > MOST_SLOWING:
        sys.exit(f"grew by more than {MOST_GROWTH} MB, or slowed by more than {MOST_SLOWING} times")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STEPS)

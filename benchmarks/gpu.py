"""The tests that need CUDA, then how fast training is there, in one command of four minutes.

    make gpu          or: python benchmarks/gpu.py [--seconds 2] [--no-tests]

Generator updates a second of three loops over the same networks: the textbook's
(``loops/textbook.py``), this package's loop with every step eager, and the same with its turns
replayed as one CUDA graph, which is what ``train`` does on a GPU. Each is timed for about
``--seconds`` after its first steps. Aims: against the textbook 12 times, 10 with DCGAN and 8 with
WGAN-GP; and 85 % of what a prototype of the graph reached on an H100, which says little about
another card. Exits with 1 where a test fails, with 2 where there is no CUDA.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from loops.textbook import textbook
from loops.workloads import DCGAN, MLP, RING, Workload, ours
from training_speed import header, row

from gan_helpers import NON_SATURATING, WGAN_GP, Objective, graphs, versions

TESTS = Path(__file__).resolve().parent.parent / "tests"
OF_PROTOTYPE = 0.85  # the least share of its updates a second
# (workload, objective), how many times the textbook's rate is wanted, the prototype's rate
AIMS: list[tuple[Workload, Objective, int, int]] = [
    (RING, NON_SATURATING, 12, 3433),
    (RING, WGAN_GP, 8, 639),
    (MLP, NON_SATURATING, 12, 1603),
    (MLP, WGAN_GP, 8, 383),
    (DCGAN, NON_SATURATING, 10, 1227),
    (DCGAN, WGAN_GP, 8, 188),
]


def eager(workload: Workload, objective: Objective, device: str) -> Callable[[int], float]:
    """Return this package's loop without graphs."""
    run = ours(workload, objective, device)
    graphs.enabled = False
    run(1)  # a run asks once, when it begins
    graphs.enabled = True
    return run


def rate(run: Callable[[int], float], seconds: float) -> float:
    """Return steps a second, over about so many seconds, after 20 steps to warm up."""
    run(20)
    steps = max(20, round(20 / run(20) * seconds))
    return steps / run(steps)


def marked(value: float, least: float) -> str:
    """Return a ratio and whether it is what was aimed at."""
    return f"{value:.2f} ({'aim' if value >= least else 'BELOW the aim'} {least:g})"


def table(device: str, seconds: float) -> list[str]:
    """Measure all six rows and return the table."""
    lines = header(
        "workload", "objective", "textbook", "eager", "graph", "graph / textbook",
        "graph / prototype on an H100",
    )  # fmt: skip
    for workload, objective, times, prototype in AIMS:
        loops = (partial(textbook, device=device), partial(eager, device=device))
        found = [
            rate(loop(workload, objective), seconds)
            for loop in (*loops, partial(ours, device=device))
        ]
        lines.append(
            row(
                workload.name,
                objective.name,
                *(f"{each:.4g}" for each in found),
                marked(found[2] / found[0], times),
                marked(found[2] / prototype, OF_PROTOTYPE),
            )
        )
    return lines


def tested() -> bool:
    """Run the tests that are marked ``gpu``; return whether all passed."""
    files = [str(p) for p in sorted(TESTS.glob("test_*.py")) if "mark.gpu" in p.read_text("utf-8")]
    options = ["-q", "-m", "gpu", "-p", "no:cacheprovider", "--durations=5"]
    return subprocess.run([sys.executable, "-m", "pytest", *options, *files]).returncode == 0


def main() -> None:
    """Run the tests, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="time of a measurement, about")
    parser.add_argument("--no-tests", action="store_true", help="only the table")
    asked = parser.parse_args()
    if not torch.cuda.is_available():
        print("There is no CUDA here, so there is nothing to test or to measure.", file=sys.stderr)
        sys.exit(2)
    passed = asked.no_tests or tested()
    found = versions()
    print(f"\n{torch.cuda.get_device_name()}, torch {found['torch']}, updates a second:\n")
    print("\n".join(table("cuda", asked.seconds)))
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()

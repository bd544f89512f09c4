"""How fast the training loop is, against a textbook loop and against the floor, in one command.

    python benchmarks/training_speed.py [--repeats 7] [--scale 1.0] [--compile] [--write]

Three workloads, each with the non-saturating objective and with WGAN-GP (n_critic 5), on one
thread. The loops take turns; the table gives medians, and medians of the ratios of neighbours in
time, which hold on a machine that is doing other things as well. ``--write`` puts the tables into
``benchmarks/RESULTS.md``; ``--compile`` adds ``torch.compile``, which needs a C++ compiler and some
minutes.

The textbook loop is in ``loops/textbook.py``, in two forms: with fresh latents for the generator's
step, as here and in the paper, and with the discriminator's fakes used again, which saves one of
the generator's two forward passes. The floor (``loops/floor.py``) repeats one step's matrix
products, convolutions and fused optimiser updates alone.

Found with torch.profiler on an AMD EPYC, torch 2.13, one thread, beside other work:

- MNIST MLP: 73 % of a step is matrix products. They run at 80 to 105 GFLOP/s, about one core's
  limit, and cost the textbook loop as much; fused Adam takes 6 to 9 %, gradient norms 2 %. In all,
  1.3 times the textbook loop at equal work, 1.4 times the floor's time. Three times is out of reach
  in float32: the floor itself is less than twice as fast.
- DCGAN: 83 % is convolutions, at 75 to 90 GFLOP/s; Adam is below 1 %. Hardly anything is left to
  save. The generator's second forward pass costs 18 of 140 ms, which is what the form that uses
  fakes again gains.
- Ring MLP: 44 % is products; the rest goes into starting hundreds of small operations.
- WGAN-GP: 15 % of the critic's arithmetic has a factor of zeros, the second derivative of
  LeakyReLU. An activation with a detached mask leaves it out and gives the same numbers; it won 9 %
  on images and nothing on the ring, and cost 2 to 10 % without a penalty: not kept.
- Tried, and within the noise: flushing denormals, oneDNN's products in place of MKL's, a malloc
  that keeps its pages, and ``requires_grad_(False)`` on the discriminator in place of
  ``backward(inputs=...)``. Fused Adam takes a quarter of the default's time for the ring's critic.
- Worth switching on where it is wanted: bfloat16 (1.3 times on the MLP, 1.6 on DCGAN) and, for
  convolutions, ``player.to(memory_format=torch.channels_last)`` (1.1 times).
- ``player.compile(dynamic=False)`` works in place where the objective has no penalty, which
  compiled graphs cannot differentiate twice. On the CPU it does not pay: 0.9 times as fast on the
  MLP, 0.8 on DCGAN, 0.6 on the ring. On a GPU ``train`` replays its whole step as one CUDA graph,
  and ``mode="reduce-overhead"`` is no substitute: ``gpu.py`` measures there.
- Two threads: the MLP runs 1.5 times as fast and the textbook loop as well, so the ratio stays.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path

import torch
from loops.floor import floor
from loops.options import bfloat16, channels_last, compiled, with_board
from loops.textbook import reusing, textbook
from loops.workloads import DCGAN, MLP, OBJECTIVES, WORKLOADS, Workload, ours

from gan_helpers import NON_SATURATING, Objective, versions

Loop = Callable[[Workload, Objective], Callable[[int], float]]
RESULTS = Path(__file__).with_name("RESULTS.md")


def measure(
    loops: dict[str, Loop], workload: Workload, objective: Objective, repeats: int, scale: float
) -> dict[str, list[float]]:
    """Return the seconds that a step of each loop took, once a repeat; the loops take turns."""
    share = 1 if objective.n_critic == 1 else 1 / 6
    steps = max(1, round(workload.steps * share * scale))
    ready = {name: loop(workload, objective) for name, loop in loops.items()}
    for run in ready.values():
        run(2)  # warm up
    taken: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(repeats):
        for name, run in ready.items():
            taken[name].append(run(steps) / steps)
    return taken


def rate(seconds: list[float]) -> str:
    """Return the median number of steps a second."""
    return f"{statistics.median(1 / each for each in seconds):.3g}"


def ratio(slow: list[float], fast: list[float]) -> str:
    """Return the median ratio of neighbours in time, with its range."""
    ratios = sorted(a / b for a, b in zip(slow, fast, strict=True))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def row(*cells: str) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def header(*cells: str) -> list[str]:
    """Return the first two lines of a Markdown table."""
    return [row(*cells), row(*["---"] * len(cells))]


def loops_table(repeats: int, scale: float) -> list[str]:
    """Measure all workloads and return the table."""
    loops: dict[str, Loop] = {"reusing": reusing, "textbook": textbook, "ours": ours}
    loops["floor"] = floor
    lines = header(
        "workload", "objective", "textbook", "fakes reused", "gan_helpers", "floor",
        "faster than the textbook", "than with fakes reused", "time over the floor's",
    )  # fmt: skip
    for workload in WORKLOADS:
        for objective in OBJECTIVES:
            took = measure(loops, workload, objective, repeats, scale)
            lines.append(
                row(
                    workload.name,
                    objective.name,
                    *(rate(took[name]) for name in ("textbook", "reusing", "ours", "floor")),
                    ratio(took["textbook"], took["ours"]),
                    ratio(took["reusing"], took["ours"]),
                    ratio(took["ours"], took["floor"]),
                )
            )
    return lines


def options_table(repeats: int, scale: float, with_compile: bool) -> list[str]:
    """Measure what can be switched on, non-saturating, and return the table."""
    options: dict[str, Loop] = {"live board": with_board, "bfloat16": bfloat16}
    options["channels-last"] = channels_last
    if with_compile:
        options["compiled"] = compiled
    lines = header("workload", *options)
    for workload in (MLP, DCGAN):
        took = measure({"plain": ours, **options}, workload, NON_SATURATING, repeats, scale)
        lines.append(row(workload.name, *(ratio(took["plain"], took[name]) for name in options)))
    return lines


def processor() -> str:
    """Return the processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return "unknown processor"


def main() -> None:
    """Print both tables, and store them where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7, help="turns of each loop")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the steps of a turn")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="measure torch.compile as well")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    found = versions()
    text = [
        "# Training speed",
        "",
        f"{processor()}, {found['cores']} cores, {asked.threads} thread(s) used; "
        f"{found['system']}, Python {found['python']}, torch {found['torch']}, float32. Medians of "
        f"{asked.repeats} turns, with the range in brackets. Written by "
        "`python benchmarks/training_speed.py --write`.",
        "",
        "Generator updates a second, and ratios:",
        "",
        *loops_table(asked.repeats, asked.scale),
        "",
        "How many times as fast this loop becomes (non-saturating) with one thing changed:",
        "",
        *options_table(asked.repeats, asked.scale, asked.compile),
    ]
    print("\n".join(text))
    if asked.write:
        RESULTS.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

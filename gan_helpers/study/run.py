"""Run a study: what is done is read, what is left is spread over the cores and kept as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from gan_helpers.runtime import integer
from gan_helpers.study.entry import REAL, Entry, Result
from gan_helpers.study.ledger import append, read
from gan_helpers.study.work import measure_real, train_one


def run(
    entries: Sequence[Entry],
    seeds: Iterable[int],
    path: Path | str | None = None,
    jobs: int = -1,
) -> Iterator[Result]:
    """Run a study and yield its results as they come, those that the file holds first.

    Each result is on the disk before it is handed on. A study that was stopped, or killed, goes on
    where it stopped; a run whose settings have changed is done anew. Real samples are measured
    against real ones too, once for each problem and seed: the floor of every measure.

    Args:
        entries: what to run.
        seeds: integers from 0 to 2**32 - 1; each entry is run with each.
        path: a file of one JSON object a line, created if missing; ``None`` keeps nothing.
        jobs: processes at once; -1 for all cores. joblib's backend decides where they run.

    Returns:
        An iterator of ``Result``; nothing happens until it is pulled.

    Raises:
        ValueError: no seeds, a seed out of range, two entries of the same settings, or a file that
            holds something else.
    """
    seeds = [integer("seed", seed, 0, 2**32 - 1) for seed in seeds]
    if not seeds:
        raise ValueError("seeds is empty; give at least one, such as range(10)")
    problems = {entry.problem.name: entry.problem for entry in entries}.values()
    work: dict[tuple[Any, ...], tuple[Any, ...]] = {
        (p.name, REAL, p.settings, seed): (measure_real, p, seed)
        for p in problems
        for seed in seeds
    }
    for entry in entries:
        kind = entry.problem.name, entry.objective.name, entry.settings
        if (*kind, seeds[0]) in work:
            raise ValueError(f"two entries are {', '.join(kind)}; give each its own settings")
        work |= {(*kind, seed): (train_one, entry, seed) for seed in seeds}
    return _results(work, path, jobs)


def _results(
    work: dict[tuple[Any, ...], tuple[Any, ...]], path: Path | str | None, jobs: int
) -> Iterator[Result]:
    for result in read(path) if path is not None else ():
        if work.pop(result.key, None) is not None:
            yield result
    if not work:
        return
    from joblib import Parallel, delayed

    for result in Parallel(jobs, return_as="generator_unordered")(
        delayed(function)(what, seed) for function, what, seed in work.values()
    ):
        if path is not None:
            append(path, result)
        yield result

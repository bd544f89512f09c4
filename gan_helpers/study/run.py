"""Run a study: what is done is read, what is left is spread over the cores and kept as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from gan_helpers.study.entry import REAL, Entry, Result
from gan_helpers.study.ledger import append, read
from gan_helpers.study.work import measure_real, train_one, train_together


def run(
    entries: Sequence[Entry],
    seeds: Iterable[int],
    path: Path | str | None = None,
    jobs: int = -1,
    together: bool = False,
) -> Iterator[Result]:
    """Run a study and yield its results as they come, those that the file holds first.

    Each result is on the disk before it is handed on. A study that was stopped, or killed, goes on
    where it stopped; a run whose settings have changed is done anew. Real samples are measured
    against real ones too, once for each problem and seed: the floor of every measure.

    ``benchmarks/stacking.py`` measures which way is faster. On two cores of an AMD EPYC, for 16
    seeds of the ring, a stack was 1.6 times as fast as one run after the other with the
    non-saturating objective and 1.9 times with WGAN-GP; two processes, 1.9 times with both.
    Processes take networks with BatchNorm too, and keep each run's own time: the default.

    Args:
        entries: what to run.
        seeds: integers >= 0; each entry is run with each.
        path: a file of one JSON object a line, created if missing; ``None`` keeps nothing.
        jobs: processes at once; -1 for all cores. joblib's backend decides where they run.
        together: train the seeds of an entry as one stack in one process.

    Returns:
        An iterator of ``Result``; nothing happens until it is pulled.

    Raises:
        ValueError: no seeds, two entries of the same settings, or a file that holds something else.
    """
    seeds = list(seeds)
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
    return _results(work, path, jobs, together)


def _results(
    work: dict[tuple[Any, ...], tuple[Any, ...]], path: Path | str | None, jobs: int, together: bool
) -> Iterator[Result]:
    for result in read(path) if path is not None else ():
        if work.pop(result.key, None) is not None:
            yield result
    tasks: list[tuple[Callable[..., list[Result]], tuple[Any, ...]]]
    tasks = [(_single, t) for t in work.values() if not together or t[0] is measure_real]
    if together:
        tasks += [(train_together, group) for group in _groups(work)]
    if not tasks:
        return
    from joblib import Parallel, delayed

    for results in Parallel(jobs, return_as="generator_unordered")(
        delayed(function)(*task) for function, task in tasks
    ):
        for result in results:
            if path is not None:
                append(path, result)
            yield result


def _groups(work: dict[tuple[Any, ...], tuple[Any, ...]]) -> list[tuple[Entry, list[int]]]:
    """Return each entry with those of its seeds that are left to run."""
    groups: dict[tuple[Any, ...], tuple[Entry, list[int]]] = {}
    for (*kind, seed), (function, entry, _) in work.items():
        if function is train_one:
            groups.setdefault(tuple(kind), (entry, []))[1].append(seed)
    return list(groups.values())


def _single(function: Any, what: Any, seed: int) -> list[Result]:
    return [function(what, seed)]

"""Studies: objective x data x seed, run on all cores and kept as they end.

    entries = [Entry(RING, objective, adam, steps=4000) for objective in OBJECTIVES]
    for result in run(entries, seeds=range(10), path="ring.jsonl"):
        ...

A run is one thread's work. joblib spreads the runs over the cores of this machine, or over a
cluster where a backend is named: ``with joblib.parallel_config("dask"): ...``.
"""

from gan_helpers.study import pairing, scoreboard
from gan_helpers.study.entry import REAL, Entry, Problem, Result
from gan_helpers.study.ledger import read
from gan_helpers.study.run import run
from gan_helpers.study.summary import Table, column, diverged, table
from gan_helpers.study.work import measure_real, train_one

__all__ = [
    "REAL",
    "Entry",
    "Problem",
    "Result",
    "Table",
    "column",
    "diverged",
    "measure_real",
    "pairing",
    "read",
    "run",
    "scoreboard",
    "table",
    "train_one",
]

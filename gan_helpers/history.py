"""The record of a run: columns of numbers, smoothing, thinning, to and from disk."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan_helpers.checks import check_integer
from gan_helpers.runtime import whole_file
from gan_helpers.training import Record

COLUMNS = Record._fields
_CHUNK = 512


class History:
    """Collects the records of ``train``; reading it is what turns tensors into numbers.

    One thread may append while others read. A run of 100 000 steps takes 7 MB: tensors are packed
    into float64 rows, ``_CHUNK`` at a time.
    """

    def __init__(self) -> None:
        self._rows = np.empty((0, len(COLUMNS)))
        self._filled = 0
        self._pending: list[Record] = []
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return self._filled + len(self._pending)

    def append(self, record: Record) -> None:
        """Add one record; costs no transfer from the device until ``_CHUNK`` of them wait.

        Raises:
            TypeError: it is no ``Record``, or a value of it is not a scalar tensor.
        """
        if not isinstance(record, Record):
            raise TypeError(
                f"a record is a {type(record).__name__}; append what train yields, or a Record"
            )
        for name, value in zip(COLUMNS[1:-1], record[1:-1], strict=True):
            if not isinstance(value, Tensor) or value.shape != ():
                found = getattr(value, "shape", value)
                raise TypeError(
                    f"{name} of step {record.step} is {found}; it must be a tensor of shape (): "
                    "torch.tensor(number), or values.mean()"
                )
        with self._lock:
            self._pending.append(record)
            if len(self._pending) >= _CHUNK:
                self._pack()

    def record(self, records: Iterable[Record]) -> Iterator[Record]:
        """Append every record of a run and hand it on: ``for r in history.record(train(...))``."""
        for record in records:
            self.append(record)
            yield record

    def _pack(self) -> None:
        """Move pending records into the array, which doubles when it is full."""
        if not self._pending:
            return
        # (n, columns - 2): one transfer for all scalars that live on the device
        tensors = torch.stack([torch.stack(r[1:-1]).detach().double() for r in self._pending])
        ends = np.array([(r.step, r.seconds) for r in self._pending])
        block = np.column_stack([ends[:, :1], tensors.cpu().numpy(), ends[:, 1:]])
        need = self._filled + len(block)
        if need > len(self._rows):
            grown = np.empty((max(need, 2 * len(self._rows), _CHUNK), len(COLUMNS)))
            grown[: self._filled] = self._rows[: self._filled]
            self._rows = grown
        self._rows[self._filled : need] = block
        self._filled = need
        self._pending.clear()

    def rewind(self, step: int) -> None:
        """Drop what was recorded after a step, so that the history of a resumed run is one line.

        A run that broke off has recorded more than its last checkpoint knows of:
        ``load(gan, file)`` and then ``history.rewind(gan.step)``.

        Args:
            step: the last generator update to keep, >= 0.

        Raises:
            ValueError: the step is not an integer >= 0.
        """
        check_integer("step", step, 0)
        with self._lock:
            self._pack()
            later = np.flatnonzero(self._rows[: self._filled, 0] > step)
            self._filled = int(later[0]) if len(later) else self._filled

    def column(self, name: str) -> np.ndarray:
        """Return one column over all steps, float64, shape (len(self),).

        Args:
            name: a field of ``Record``, such as ``"generator_loss"``.

        Raises:
            ValueError: there is no such column.
        """
        if name not in COLUMNS:
            raise ValueError(f"there is no column {name!r}; choose one of {', '.join(COLUMNS)}")
        with self._lock:
            self._pack()
            return self._rows[: self._filled, COLUMNS.index(name)].copy()

    @property
    def steps(self) -> np.ndarray:
        """Generator updates, int64, shape (len(self),)."""
        return self.column("step").astype(np.int64)

    def first(self, count: int) -> History:
        """Return a new history that holds the first ``count`` records of this one.

        Args:
            count: how many, 0 to ``len(self)``.

        Raises:
            ValueError: there are not so many.
        """
        with self._lock:
            self._pack()
            if not 0 <= count <= self._filled:
                raise ValueError(f"count is {count}; it must be from 0 to {self._filled}, the end")
            part = History()
            part._rows = self._rows[:count].copy()
            part._filled = count
            return part

    def smooth(self, name: str, window: int = 50) -> np.ndarray:
        """Return the mean of the last ``window`` values at each step (fewer at the start).

        Args:
            name: a field of ``Record``.
            window: how many steps to average, >= 1.

        Returns:
            float64, shape (len(self),); NaN while the window holds a value that is not finite.

        Raises:
            ValueError: the window is not an integer >= 1, or there is no such column.
        """
        check_integer("window", window, 1)
        values = self.column(name)
        finite = np.isfinite(values)  # a running sum would carry one NaN on to the end
        total = np.concatenate([[0.0], np.cumsum(np.where(finite, values, 0.0))])
        broken = np.concatenate([[0], np.cumsum(~finite)])
        end = np.arange(1, len(total))
        start = np.maximum(end - window, 0)
        mean = (total[end] - total[start]) / (end - start)
        return np.where(broken[end] > broken[start], np.nan, mean)

    def thinned(self, name: str, points: int = 400) -> tuple[np.ndarray, np.ndarray]:
        """Return at most ``points`` (step, value) pairs for drawing, each the mean of a stretch.

        Args:
            name: a field of ``Record``.
            points: how many, >= 1.

        Returns:
            The last step of each stretch and its mean value, float64.

        Raises:
            ValueError: the number is not an integer >= 1, or there is no such column.
        """
        check_integer("points", points, 1)
        steps, values = self.column("step"), self.column(name)
        if len(values) <= points:
            return steps, values
        edges = np.linspace(0, len(values), points + 1).astype(int)  # every stretch holds >= 1
        return steps[edges[1:] - 1], np.add.reduceat(values, edges[:-1]) / np.diff(edges)

    def save(self, path: str | Path) -> None:
        """Write all columns to a ``.csv`` file: a header line, then one line a step.

        Args:
            path: the file, which appears whole or not at all; its folder is made if it is missing.

        Raises:
            OSError: the folder cannot be written or the disk is full; an older file is kept.
        """
        with self._lock:
            self._pack()
            rows = self._rows[: self._filled]
        with whole_file(Path(path)) as file:
            np.savetxt(
                file, rows, delimiter=",", header=",".join(COLUMNS), comments="", fmt="%.17g"
            )

    @classmethod
    def load(cls, path: str | Path) -> History:
        """Read a file written by ``save``.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: the header is not that of a history, or the file was cut off or changed.
        """
        text = Path(path).read_text(encoding="utf-8", errors="replace")
        header, _, body = text.partition("\n")
        if header != ",".join(COLUMNS):
            raise ValueError(
                f"{path} starts with {header[:60]!r}; a history starts with "
                f"{','.join(COLUMNS)!r}: pass a file written by History.save"
            )
        history = cls()
        if body:
            history._rows = _parse(path, body)
            history._filled = len(history._rows)
        return history


def _parse(path: str | Path, body: str) -> np.ndarray:
    """Return the rows of a history's file, shape (n, len(COLUMNS))."""
    try:
        rows = np.loadtxt(body.splitlines(), delimiter=",", ndmin=2)
        why = "its last line has no end" if not body.endswith("\n") else ""
        if rows.shape[1] != len(COLUMNS):
            why = f"its lines hold {rows.shape[1]} numbers"
    except ValueError as error:
        why = str(error)
    if why:
        raise ValueError(
            f"{path} is no whole history ({why}); every line holds the {len(COLUMNS)} numbers of "
            "its header: pass a file as History.save wrote it"
        )
    return rows

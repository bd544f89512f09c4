"""The record of a run: columns of numbers, smoothing, thinning, to and from disk."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch

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
        """Add one record; costs no transfer from the device until ``_CHUNK`` of them wait."""
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

    def smooth(self, name: str, window: int = 50) -> np.ndarray:
        """Return the mean of the last ``window`` values at each step (fewer at the start).

        Args:
            name: a field of ``Record``.
            window: how many steps to average, >= 1.

        Raises:
            ValueError: the window is not an integer >= 1, or there is no such column.
        """
        if not isinstance(window, int) or window < 1:
            raise ValueError(f"window is {window!r}; it must be an integer >= 1")
        total = np.concatenate([[0.0], np.cumsum(self.column(name))])
        end = np.arange(1, len(total))
        start = np.maximum(end - window, 0)
        return (total[end] - total[start]) / (end - start)

    def thinned(self, name: str, points: int = 400) -> tuple[np.ndarray, np.ndarray]:
        """Return at most ``points`` (step, value) pairs for drawing, each the mean of a stretch.

        Args:
            name: a field of ``Record``.
            points: how many, >= 1.

        Returns:
            The last step of each stretch and its mean value, float64.
        """
        if not isinstance(points, int) or points < 1:
            raise ValueError(f"points is {points!r}; it must be an integer >= 1")
        steps, values = self.column("step"), self.column(name)
        if len(values) <= points:
            return steps, values
        edges = np.linspace(0, len(values), points + 1).astype(int)  # every stretch holds >= 1
        return steps[edges[1:] - 1], np.add.reduceat(values, edges[:-1]) / np.diff(edges)

    def save(self, path: str | Path) -> None:
        """Write all columns to a ``.csv`` file: a header line, then one line a step."""
        with self._lock:
            self._pack()
            rows = self._rows[: self._filled]
        np.savetxt(path, rows, delimiter=",", header=",".join(COLUMNS), comments="", fmt="%.17g")

    @classmethod
    def load(cls, path: str | Path) -> History:
        """Read a file written by ``save``.

        Raises:
            ValueError: the header is not that of a history.
        """
        with open(path, encoding="utf-8") as file:
            header = file.readline().strip()
            if header != ",".join(COLUMNS):
                raise ValueError(
                    f"{path} starts with {header[:60]!r}; a history starts with "
                    f"{','.join(COLUMNS)!r}: pass a file written by History.save"
                )
            lines = file.readlines()
        history = cls()
        if lines:
            history._rows = np.loadtxt(lines, delimiter=",", ndmin=2)
        history._filled = len(lines)
        return history

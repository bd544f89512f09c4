"""What a run leaves behind: its record, and the history that collects the records of any loop."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from gan_helpers.runtime import integer, whole_file

_CHUNK = 512


class Record(NamedTuple):
    """What one generator update leaves behind; tensors stay on the device until they are read.

    Of several discriminator updates in one step, the last is recorded.
    """

    step: int  # generator updates so far, this one included
    discriminator_loss: Tensor  # (), without the penalty
    penalty: Tensor  # (), 0 where the objective has none
    real_score: Tensor  # (), mean raw score of the real batch
    fake_score: Tensor  # (), mean raw score of the fakes that the discriminator saw
    discriminator_grad_norm: Tensor  # (), over all weights
    generator_loss: Tensor  # (), without the reconstruction
    reconstruction: Tensor  # (), 0 where the objective has none
    generator_grad_norm: Tensor  # ()
    seconds: float = 0.0  # inside training since this call of train, without the consumer's time


R = TypeVar("R", bound=tuple[Any, ...])


class History:
    """Collects the records of a run; reading it is what turns tensors into numbers.

    The columns are the fields of the first record. One thread may append while others read. A run
    of 100 000 steps takes 8 MB: records are packed into float64 rows, ``_CHUNK`` at a time.
    """

    def __init__(self) -> None:
        self.columns: tuple[str, ...] = ()
        self._rows = np.empty((0, 0))
        self._filled = 0
        self._pending: list[tuple[Any, ...]] = []
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return self._filled + len(self._pending)

    def append(self, record: tuple[Any, ...]) -> None:
        """Add one record; costs no transfer from the device until ``_CHUNK`` of them wait.

        Args:
            record: a ``NamedTuple`` of numbers and tensors of shape (); its first field is
                ``step``, and its fields are those of the records before it.

        Raises:
            TypeError: it is no such record, or a value of it is not a scalar.
            ValueError: its fields are others than before.
        """
        fields: tuple[str, ...] = getattr(record, "_fields", ())
        if not fields or fields[0] != "step":
            raise TypeError(
                f"a record is a {type(record).__name__} with the fields {fields}; append what "
                "train yields, or a NamedTuple of scalars whose first field is step"
            )
        for name, value in zip(fields, record, strict=True):
            if not _is_scalar(value):
                found = tuple(value.shape) if isinstance(value, Tensor) else f"{value!r:.60}"
                raise TypeError(
                    f"{name} of step {record[0]} is {found}; it must be a number or a tensor of "
                    "shape (): values.mean()"
                )
        with self._lock:
            if self.columns and fields != self.columns:
                raise ValueError(
                    f"a record has the fields {', '.join(fields)}, those before it "
                    f"{', '.join(self.columns)}; begin a new History for another kind of run"
                )
            self.columns = fields
            self._pending.append(record)
            if len(self._pending) >= _CHUNK:
                self._pack()

    def record(self, records: Iterable[R]) -> Iterator[R]:
        """Append every record of a run and hand it on: ``for r in history.record(train(...))``."""
        for record in records:
            self.append(record)
            yield record

    def _pack(self) -> None:
        """Move pending records into the array, which doubles when it is full."""
        if not self._pending:
            return
        block = _numbers(self._pending)
        need = self._filled + len(block)
        if need > len(self._rows):
            grown = np.empty((max(need, 2 * len(self._rows), _CHUNK), len(self.columns)))
            if self._filled:
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
        step = integer("step", step, 0)
        with self._lock:
            self._pack()
            later = np.flatnonzero(self._rows[: self._filled, :1] > step)
            self._filled = int(later[0]) if len(later) else self._filled

    def first(self, count: int) -> History:
        """Return a new history that holds the first ``count`` records of this one.

        Args:
            count: how many, 0 to ``len(self)``.

        Raises:
            ValueError: there are not so many.
        """
        with self._lock:
            self._pack()
            part = History()
            part._filled = integer("count", count, 0, self._filled)
            part.columns, part._rows = self.columns, self._rows[:count].copy()
            return part

    def column(self, name: str) -> np.ndarray:
        """Return one column over all steps, float64, shape (len(self),).

        Args:
            name: a field of the records, such as ``"generator_loss"``. Before the first record
                every column is empty.

        Raises:
            ValueError: there is no such column.
        """
        with self._lock:
            self._pack()
            if self.columns and name not in self.columns:
                raise ValueError(
                    f"there is no column {name!r}; choose one of {', '.join(self.columns)}"
                )
            if not self._filled:
                return np.empty(0)
            return self._rows[: self._filled, self.columns.index(name)].copy()

    @property
    def steps(self) -> np.ndarray:
        """Generator updates, int64, shape (len(self),)."""
        return self.column("step").astype(np.int64)

    def smooth(self, name: str, window: int = 50) -> np.ndarray:
        """Return the mean of the last ``window`` values at each step (fewer at the start).

        Args:
            name: a field of the records.
            window: how many steps to average, >= 1.

        Returns:
            float64, shape (len(self),); NaN while the window holds a value that is not finite.

        Raises:
            ValueError: the window is not an integer >= 1, or there is no such column.
        """
        window = integer("window", window, 1)
        values = self.column(name)
        finite = np.isfinite(values)  # a running sum would carry one NaN on to the end
        total = np.concatenate([[0.0], np.cumsum(np.where(finite, values, 0.0))])
        broken = np.concatenate([[0], np.cumsum(~finite)])
        end = np.arange(1, len(total))
        start = np.maximum(end - window, 0)
        mean = (total[end] - total[start]) / (end - start)
        return np.where(broken[end] > broken[start], np.nan, mean)

    def save(self, path: str | Path) -> None:
        """Write all columns to a ``.csv`` file: a header line, then one line a step.

        Args:
            path: the file, which appears whole or not at all; its folder is made if it is missing.

        Raises:
            OSError: the folder cannot be written or the disk is full; an older file is kept.
        """
        with self._lock:
            self._pack()
            rows, header = self._rows[: self._filled], ",".join(self.columns or Record._fields)
        with whole_file(Path(path)) as file:
            np.savetxt(file, rows, delimiter=",", header=header, comments="", fmt="%.17g")

    @classmethod
    def load(cls, path: str | Path) -> History:
        """Read a file written by ``save``.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: the header is not that of a history, or the file was cut off or changed.
        """
        text = Path(path).read_text(encoding="utf-8", errors="replace")
        header, _, body = text.partition("\n")
        columns = tuple(header.split(","))
        if columns[0] != "step" or not all(map(str.isidentifier, columns)):
            raise ValueError(
                f"{path} starts with {header[:60]!r}; a history starts with the names of its "
                "columns, 'step' first: pass a file written by History.save"
            )
        history = cls()
        history.columns = columns
        if body:
            history._rows = _parse(path, body, len(columns))
            history._filled = len(history._rows)
        return history


def _is_scalar(value: object) -> bool:
    if isinstance(value, Tensor):
        return value.dim() == 0
    return isinstance(value, Real)


def _numbers(records: Sequence[tuple[Any, ...]]) -> np.ndarray:
    """Return records as float64 (records, fields), with one transfer for all tensors in them."""
    flat = [value for record in records for value in record]
    where = [i for i, value in enumerate(flat) if isinstance(value, Tensor)]
    numbers = np.array([0.0 if isinstance(value, Tensor) else value for value in flat], float)
    tensors = [flat[i].detach() for i in where]
    if len({(each.dtype, each.device) for each in tensors}) > 1:
        tensors = [each.double().cpu() for each in tensors]
    if tensors:
        numbers[where] = torch.stack(tensors).double().cpu().numpy()
    return numbers.reshape(len(records), -1)


def _parse(path: str | Path, body: str, columns: int) -> np.ndarray:
    """Return the rows of a history's file, shape (n, columns)."""
    try:
        rows = np.loadtxt(body.splitlines(), delimiter=",", ndmin=2)
        why = "its last line has no end" if not body.endswith("\n") else ""
        if rows.shape[1] != columns:
            why = f"its lines hold {rows.shape[1]} numbers"
    except ValueError as error:
        why = str(error)
    if why:
        raise ValueError(
            f"{path} is no whole history ({why}); every line holds the {columns} numbers of "
            "its header: pass a file as History.save wrote it"
        )
    return rows

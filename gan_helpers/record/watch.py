"""Around a loop: its time is taken, and it ends when its numbers are not finite any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
from torch import Tensor

from gan_helpers.record.history import Record


class NonFiniteLossError(FloatingPointError):
    """A loss or gradient became NaN or infinite; the message names step, player and causes."""


def timed(records: Iterator[Record]) -> Iterator[Record]:
    """Hand records on with the seconds spent inside the loop, the consumer's time left out."""
    seconds = 0.0
    while True:
        began = time.perf_counter()
        record = next(records, None)
        seconds += time.perf_counter() - began
        if record is None:
            return
        yield record._replace(seconds=seconds)


def watched(
    records: Iterable[Record], every: int, real: Callable[[], Tensor | None]
) -> Iterator[Record]:
    """Hand records on, and stop the run when their numbers are not finite any more.

    A record is handed on before it is looked at, so that a history holds the one that failed.

    Args:
        records: of ``train``.
        every: how many to look at together; looking costs a wait on a GPU.
        real: returns the latest real batch; if it is at fault, the error says so.

    Raises:
        NonFiniteLossError: names the first such step, the player, and what usually causes it.
    """
    unchecked: list[Record] = []
    for record in records:
        unchecked.append(record)
        yield record
        if len(unchecked) >= every:
            check_finite(unchecked, real())
            unchecked.clear()
    if unchecked:
        check_finite(unchecked, real())


# In the order in which a fault shows; a loss may stay finite where a score does not:
# softplus(-inf) = 0.
_FAULTS = {
    "penalty": "discriminator's penalty",
    "discriminator_loss": "discriminator's loss",
    "discriminator_grad_norm": "discriminator's gradient",
    "real_score": "discriminator's real score",
    "fake_score": "discriminator's fake score",
    "reconstruction": "generator's reconstruction",
    "generator_loss": "generator's loss",
    "generator_grad_norm": "generator's gradient",
}


def check_finite(records: Sequence[Record], real: Tensor | None = None) -> None:
    """Raise if a loss, penalty, score or gradient norm of these records is NaN or infinite.

    Args:
        records: in order, at least one.
        real: the latest real batch, or ``None``.

    Raises:
        NonFiniteLossError: as in ``watched``.
    """
    if records[0].generator_loss.device.type == "meta":
        return
    values = torch.stack([torch.stack(record[1:9]) for record in records])  # (records, 8)
    finite = values.isfinite().tolist()  # one transfer for all of them
    for record, good in zip(records, finite, strict=True):
        if all(good):
            continue
        known = dict(zip(Record._fields[1:9], good, strict=True))
        fault = next(said for name, said in _FAULTS.items() if not known[name])
        cause = (
            "the real batch holds NaN or infinite values: clean the data"
            if real is not None and not real.isfinite().all()
            else "the learning rate is too high, the data is not scaled, or scores grew without "
            "bound: lower the rate, scale the data into [-1, 1], start from the last checkpoint"
        )
        raise NonFiniteLossError(
            f"step {record.step}: the {fault} is not finite "
            f"(losses {record.discriminator_loss.item():.3g} and "
            f"{record.generator_loss.item():.3g}); likely cause: {cause}"
        )

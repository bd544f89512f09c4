"""Stop a run whose numbers are not finite any more, with what is usually the cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from gan_helpers.training import Record


class NonFiniteLossError(FloatingPointError):
    """A loss or gradient became NaN or infinite; the message names step, player and causes."""


# Columns of a record after its step, in the order in which a fault shows; a loss may stay finite
# where a score does not: softplus(-inf) = 0.
_FAULTS = (
    (2, "discriminator's penalty"),
    (0, "discriminator's loss"),
    (5, "discriminator's gradient"),
    (3, "discriminator's real score"),
    (4, "discriminator's fake score"),
    (1, "generator's loss"),
    (6, "generator's gradient"),
)


def check_finite(records: Sequence[Record], real: Tensor) -> None:
    """Raise if a loss, penalty, score or gradient norm of these records is NaN or infinite.

    Args:
        records: in order, at least one.
        real: the latest real batch; if it is at fault, the error says so.

    Raises:
        NonFiniteLossError: names the first such step, the player, and what usually causes it.
    """
    if records[0].generator_loss.device.type == "meta":
        return
    # (records, 7): one transfer for all of them
    values = torch.stack([torch.stack(record[1:8]) for record in records]).isfinite().tolist()
    for record, finite in zip(records, values, strict=True):
        if all(finite):
            continue
        fault = next(name for i, name in _FAULTS if not finite[i])
        cause = (
            "the real batch holds NaN or infinite values: clean the data"
            if not real.isfinite().all()
            else "the learning rate is too high, the data is not scaled, or scores grew without "
            "bound: lower the rate, scale the data into [-1, 1], start from the last checkpoint"
        )
        raise NonFiniteLossError(
            f"step {record.step}: the {fault} is not finite "
            f"(losses {record.discriminator_loss.item():.3g} and "
            f"{record.generator_loss.item():.3g}); likely cause: {cause}"
        )

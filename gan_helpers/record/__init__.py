"""What a run leaves behind: its record, its history, and the watch for numbers that are not finite.

A history takes the records of any loop: ``NamedTuple``s of scalars whose first field is ``step``.
A loop that a notebook writes is recorded and drawn like ``train``.
"""

from gan_helpers.record.history import History, Record
from gan_helpers.record.watch import NonFiniteLossError, check_finite, timed, watched

__all__ = ["History", "NonFiniteLossError", "Record", "check_finite", "timed", "watched"]

"""What a live board adds to the time of a training run."""

from __future__ import annotations

from loops.options import with_board
from loops.workloads import MLP, RING, ours

from gan_helpers import NON_SATURATING


def board_costs(seconds: float, repeats: int) -> dict[str, list[float]]:
    """Time runs with and without a board in turn.

    Args:
        seconds: about how long a run takes, > 0.
        repeats: runs of each kind, >= 1.

    Returns:
        Of each workload, the times with the board over those of the plain run just before it.
    """
    found = {}
    for workload in (RING, MLP):
        plain, watched = (loop(workload, NON_SATURATING) for loop in (ours, with_board))
        plain(workload.steps // 4)
        watched(workload.steps // 4)
        steps = max(1, round(seconds * workload.steps / plain(workload.steps)))
        pairs = [(plain(steps), watched(steps)) for _ in range(repeats)]
        found[workload.name] = [b / a for a, b in pairs]
    return found

"""The laboratory for data in the plane: train, step, rewind, compare, in slow motion or not.

What is named here needs neither matplotlib nor ipywidgets.
"""

from gan_helpers.lab.coach import KINDS, Advice, coach, read
from gan_helpers.lab.compare import Compare
from gan_helpers.lab.measures import Measures
from gan_helpers.lab.session import Session
from gan_helpers.lab.settings import (
    AT_RESET,
    LATENT_DISTRIBUTIONS,
    LIVE,
    OPTIMISERS,
    LabSettings,
)
from gan_helpers.lab.slow_motion import Part
from gan_helpers.lab.sources import DATA, REACH
from gan_helpers.lab.states import Snapshot, State

__all__ = [
    "AT_RESET",
    "DATA",
    "KINDS",
    "LATENT_DISTRIBUTIONS",
    "LIVE",
    "OPTIMISERS",
    "REACH",
    "Advice",
    "Compare",
    "LabSettings",
    "Measures",
    "Part",
    "Session",
    "Snapshot",
    "State",
    "coach",
    "read",
]

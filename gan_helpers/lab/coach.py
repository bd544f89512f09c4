"""One line that reads the present curves, with the numbers that it goes by.

The rules, in order; the first that holds speaks. Medians are over the last `WINDOW` records.
"Chance" is the discriminator's loss when it gives every sample the same answer, all that it can do
once real and fake cannot be told apart: ``Objective.indifferent`` holds it. A
critic's loss has no such level: a large gap is its work well done. "Arrived" means that W1 is at
most `NEAR` times the floor that real samples have among themselves.

1. diverged: a loss, gradient or sample is not finite.
2. just begun: fewer than `WINDOW` records, or nothing measured yet.
3. generator gradient has died (where there is a chance level: a critic's scale is free): its norm
   is below `DEAD`, and the generator has not arrived.
4. discriminator wins: its loss is below `WON` times chance, and the generator has not arrived.
5. critic not yet optimal (where the score estimates W1): in the median of the last three measures
   it proves less than `PROVED` of W1, and the generator has not arrived.
6. modes lost (mixtures): after `ON_THE_WAY` generator updates, within which samples spread from
   where they began, some modes had less than `STARVED` of their fair share in each of the last
   three measures.
7. balanced: the generator has arrived, and the loss is above `WON` times chance.
8. learning: none of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from gan_helpers.lab.measures import Measures
from gan_helpers.objectives import Objective
from gan_helpers.record import History

if TYPE_CHECKING:
    from gan_helpers.lab.session import Session

WINDOW = 50
DEAD = 1e-3
WON = 0.3
NEAR = 2.5
ON_THE_WAY = 400
LEAST_FLOOR = 0.01  # drawn points may all be one, and the floor 0: nearer than this none can see
PROVED = 0.2
STARVED = 0.2

KINDS = (
    "diverged", "just begun", "generator gradient has died", "discriminator wins",
    "critic not yet optimal", "modes lost", "balanced", "learning",
)  # fmt: skip


@dataclass(frozen=True)
class Advice:
    """What the coach says.

    Attributes:
        kind: one of `KINDS`.
        sentence: what is happening and what to try.
        evidence: the numbers that it goes by, by name.
    """

    kind: str
    sentence: str
    evidence: dict[str, float]


def coach(session: Session) -> Advice:
    """Read the present curves of a laboratory; measure first, or it speaks of an older moment."""
    return read(session.history, session.measured, session.running.objective)


def read(history: History, measured: Sequence[Measures], objective: Objective) -> Advice:
    """Say what the curves of a run show.

    Args:
        history: its records.
        measured: its measures, in order.
        objective: what it minimises.

    Returns:
        The advice of the first rule that holds (see the module).
    """
    if not len(history) or not measured:
        return Advice("just begun", "Nothing has been measured yet: let it run.", {})
    evidence = _evidence(history, measured, objective)
    if not all(map(isfinite, evidence.values())):
        sentence = "The run has diverged: go back, and lower the rates."
        return Advice("diverged", sentence, evidence)
    steps = evidence["records"]
    if steps < WINDOW:
        sentence = f"{steps:.0f} updates so far: too early to tell."
        return Advice("just begun", sentence, evidence)
    for kind, sentence in _complaints(evidence).items():
        return Advice(kind, sentence, evidence)
    if evidence["W1 / floor"] <= NEAR and evidence.get("loss / chance", 1.0) >= WON:
        sentence = "Generated samples lie about as close to the data as real samples lie to it."
        return Advice("balanced", sentence, evidence)
    ratio = evidence["W1 / floor"]
    sentence = f"Neither player has the upper hand; W1 is {ratio:.1f} times its floor: let it run."
    return Advice("learning", sentence, evidence)


def _evidence(
    history: History, measured: Sequence[Measures], objective: Objective
) -> dict[str, float]:
    last = measured[-3:]
    evidence = {
        "records": float(len(history)),
        "generator updates": float(last[-1].step),
        "discriminator loss": _median(history, "discriminator_loss"),
        "generator loss": _median(history, "generator_loss"),
        "generator gradient norm": _median(history, "generator_grad_norm"),
        "W1 / floor": last[-1].w1 / max(last[-1].w1_floor, LEAST_FLOOR),
    }
    chance = objective.indifferent[0][0] if objective.indifferent else 0.0
    if chance > 0:
        evidence["loss / chance"] = evidence["discriminator loss"] / chance
    proved = [each.share_of_w1 for each in last if each.share_of_w1 is not None]
    if proved:
        evidence["share of W1 proved"] = float(np.median(proved))
    shares = [each.shares for each in last if each.shares is not None]
    if shares:
        # a mode is starved when it has been in each of these measures
        evidence["modes"] = float(len(shares[-1]))
        evidence["starved modes"] = float((np.max(shares, axis=0) < STARVED).sum())
    return evidence


def _complaints(evidence: dict[str, float]) -> dict[str, str]:
    """Return what is wrong, worst first, each with a sentence."""
    found = {}
    far = evidence["W1 / floor"] > NEAR
    norm, won = evidence["generator gradient norm"], evidence.get("loss / chance", 1.0)
    proved, starved = evidence.get("share of W1 proved", 1.0), evidence.get("starved modes", 0.0)
    if far and norm < DEAD and "loss / chance" in evidence:
        found["generator gradient has died"] = (
            f"The generator's gradient is {norm:.1g}, and W1 is {evidence['W1 / floor']:.1f} times "
            "its floor: nothing to follow. Try the non-saturating loss, or a weaker discriminator."
        )
    if far and won < WON:
        found["discriminator wins"] = (
            f"The discriminator's loss is {won:.0%} of chance: it tells nearly every sample. "
            "Lower its rate, or give the generator more updates."
        )
    if far and proved < PROVED:
        found["critic not yet optimal"] = (
            f"The critic proves {proved:.0%} of W1: its slope misleads the generator. "
            "Give it more updates a turn, or a higher rate."
        )
    if starved and evidence["generator updates"] >= ON_THE_WAY:
        found["modes lost"] = (
            f"{starved:.0f} of {evidence['modes']:.0f} modes get almost no samples. "
            "Go back, and give the discriminator more updates or a higher rate."
        )
    return found


def _median(history: History, name: str) -> float:
    return float(np.median(history.column(name)[-WINDOW:]))

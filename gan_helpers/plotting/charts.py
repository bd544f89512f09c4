"""What the curves of a run mean for each objective: a chart is a value that two renderers draw.

``runs`` draws charts into a picture once; the live board draws the same charts again and again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from gan_helpers.objectives import Objective
from gan_helpers.plotting.picture import DISCRIMINATOR, FAKE, GENERATOR, REAL, SERIES, Style

CHARTS = ("losses", "scores", "penalty", "reconstruction", "gradients")


@dataclass(frozen=True)
class Curve:
    """One line of a chart: a column of the history, perhaps transformed."""

    label: str
    column: str
    style: Style
    transform: Callable[[np.ndarray], np.ndarray] = np.asarray


@dataclass(frozen=True)
class Chart:
    """Curves over steps, with the levels they are to be compared with."""

    name: str
    ylabel: str
    curves: tuple[Curve, ...]
    references: tuple[tuple[float, str], ...] = ()
    limits: tuple[float, float] | None = None
    log: bool = False

    @classmethod
    def of(cls, *columns: str, ylabel: str = "", log: bool = False) -> Chart:
        """Return a chart of any columns, for the records of a loop of one's own.

        Args:
            columns: fields of the records, one to eight.
            ylabel: name and unit of the axis; the columns' names if empty.
            log: draw on a logarithmic axis.

        Raises:
            ValueError: no column, or more than there are styles.
        """
        if not 1 <= len(columns) <= len(SERIES):
            raise ValueError(
                f"a chart of {len(columns)} columns; give from 1 to {len(SERIES)} of them"
            )
        names = [column.replace("_", " ") for column in columns]
        curves = (Curve(n, c, s) for n, c, s in zip(names, columns, SERIES, strict=False))
        return cls(", ".join(names), ylabel or ", ".join(names), tuple(curves), log=log)


def chart(name: str, objective: Objective) -> Chart:
    """Return the chart called ``name`` as it must be read for this objective.

    Args:
        name: one of ``CHARTS``.
        objective: says how its losses and scores are read. Where minus the critic's loss estimates
            W1, the losses chart shows that, and not the generator's loss, whose level means
            nothing.

    Raises:
        ValueError: there is no chart of that name, or the objective has nothing to show in it.
    """
    if name == "losses":
        return _losses(objective)
    if name == "scores":
        return _scores(objective)
    if name == "gradients":
        curves = (
            Curve("discriminator", "discriminator_grad_norm", DISCRIMINATOR),
            Curve("generator", "generator_grad_norm", GENERATOR),
        )
        return Chart("gradients", "gradient norm", curves, log=True)
    if name not in CHARTS:
        raise ValueError(f"there is no chart {name!r}; choose from {', '.join(CHARTS)}")
    if getattr(objective, name) is None:
        raise ValueError(f"objective {objective.name!r} has no {name}; leave the panel out")
    if name == "penalty":
        curve, ylabel = Curve(name, name, DISCRIMINATOR), "penalty in the critic's loss"
    else:
        curve, ylabel = Curve(name, name, GENERATOR), "reconstruction in G's loss"
    return Chart(name, ylabel, (curve,), ((0.0, "0"),))


def _losses(objective: Objective) -> Chart:
    if objective.score.estimates_w1:
        curve = Curve("−critic loss", "discriminator_loss", DISCRIMINATOR, np.negative)
        return Chart("losses", "estimate of W1 (score units)", (curve,), ((0.0, "0"),))
    curves = (
        Curve("discriminator", "discriminator_loss", DISCRIMINATOR),
        Curve("generator", "generator_loss", GENERATOR),
    )
    unit = f" ({objective.unit})" if objective.unit else ""
    return Chart("losses", f"loss{unit}", curves, objective.indifferent or ())


def _scores(objective: Objective) -> Chart:
    score = objective.score

    def shown(scores: np.ndarray) -> np.ndarray:
        return np.asarray(score.transform(torch.as_tensor(np.asarray(scores))))

    curves = (
        Curve("real", "real_score", REAL, shown),
        Curve("fake", "fake_score", FAKE, shown),
    )
    if score.limits is None:
        return Chart("scores", f"mean {score.label}", curves, score.levels)
    return Chart("scores", f"{score.label} at the mean score", curves, score.levels, score.limits)

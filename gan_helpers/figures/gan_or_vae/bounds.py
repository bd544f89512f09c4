"""The evidence lower bound of the linear Gaussian model, over a family of distributions q."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from gan_helpers.figures._shared import Array
from gan_helpers.plotting import REFERENCE, SERIES, Picture, figure


def bound_picture(
    bound: Callable[[float, float], float],
    evidence: float,
    best: tuple[float, float],
    widths: Mapping[str, float],
    title: str,
) -> Picture:
    """Draw the bound of q = N(m, s^2) against m, a curve for each s, below the evidence.

    Args:
        bound: the ELBO as a function of m and s, in nats.
        evidence: log p(x), in nats.
        best: mean and standard deviation of the posterior.
        widths: name -> s, up to three.
        title: the finding.

    Returns:
        One panel; the curve of the posterior's width touches the evidence.
    """
    picture, ax = figure(title, size=(6.0, 3.2))
    m = np.linspace(best[0] - 4 * best[1], best[0] + 4 * best[1], 121)
    for style, (name, s) in zip(SERIES[1:], widths.items(), strict=False):
        ax.plot(m, [bound(each, s) for each in m], label=name, **style.curve(2.2))
    ax.axhline(evidence, **REFERENCE.curve(2))
    ax.annotate(
        "log p(x), the evidence", (m[0], evidence), (2, 4), textcoords="offset points", fontsize=9
    )
    ax.set(xlabel="m, mean of q(z)", ylabel="ELBO (nats)", ylim=(evidence - 6, evidence + 0.9))
    ax.set_xlim(m[0], m[-1])
    ax.legend(fontsize=9, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), title="q with")
    return picture


def gradients_picture(estimates: Mapping[str, Array], truth: float, title: str) -> Picture:
    """Draw how far estimates of one gradient scatter, a row for each way to estimate it.

    Args:
        estimates: name -> estimates (n,), each from as many draws.
        truth: the gradient.
        title: the finding.

    Returns:
        One panel of dots.
    """
    picture, ax = figure(title, size=(6.0, 2.5))
    spread = np.random.default_rng(0)
    for row, (style, (name, values)) in enumerate(zip(SERIES[1:], estimates.items(), strict=False)):
        heights = row + spread.uniform(-0.28, 0.28, len(values))
        ax.plot(values, heights, **style.points(4.5, alpha=0.55))
        ax.text(
            0.995, row + 0.42, f"{name}: standard deviation {np.std(values):.2f}", fontsize=9.2,
            transform=ax.get_yaxis_transform(), ha="right",
        )  # fmt: skip
    ax.axvline(truth, **REFERENCE.curve(2))
    ax.set(yticks=[], ylim=(-0.5, len(estimates) - 0.15), xlabel="estimate of the gradient")
    ax.grid(False, axis="y")
    return picture

"""Pictures of where a discriminator that stands still pushes a fake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy.special import expit

from gan_helpers import theory
from gan_helpers.plotting import DISCRIMINATOR, FAKE, REAL, REFERENCE, SERIES, Picture, panels
from gan_helpers.plotting.picture import Style

Array = NDArray[np.float64]

STYLES = {
    "minimax": SERIES[3],
    "non-saturating": SERIES[2],
    "least squares": SERIES[4],
    "Wasserstein": SERIES[0],
}


def sigmoid_least_squares_slope(score: Array) -> Array:
    """Compute d/do 1/2 (sigmoid(o) - 1)^2 = -sigmoid(o) (1 - sigmoid(o))^2, flat at both ends."""
    return np.asarray(-expit(score) * expit(-score) ** 2)


SLOPES: dict[str, Callable[[Array], Array]] = {
    "minimax": theory.minimax_slope,
    "non-saturating": theory.non_saturating_slope,
    "least squares": theory.least_squares_slope,
    "Wasserstein": theory.wasserstein_slope,
    "least squares on a sigmoid": sigmoid_least_squares_slope,
}
LEVELS = {"least squares": (0.5, 1.0)}  # score of the boundary, and that of the goal


def marked(style: Style, every: int) -> dict[str, Any]:
    """Return the arguments of ``Axes.plot`` for a line with a marker at every n-th point."""
    return {"marker": style.marker, "ms": 5, "markevery": every, **style.curve()}


def push(objective: str, x: Array, slope: float, level: float, boundary: float) -> Array:
    """Compute how a fake at x is moved by one unit of gradient descent, D held fixed.

    push = -l'(D(x)) D'(x)  with the straight discriminator  D(x) = level + slope (x - boundary)

    Args:
        objective: a key of `SLOPES`.
        x: positions of fakes, any shape.
        slope: D', score per unit of x.
        level: score at the boundary: 0 for cross-entropy, 1/2 for least squares.
        boundary: where D cannot tell.

    Returns:
        The push, same shape, units of x per unit of step; positive is to the right.
    """
    return -SLOPES[objective](level + slope * (np.asarray(x) - boundary)) * slope


def call_back_picture(m: float = 4.0) -> Picture:
    """Draw the best straight discriminators for data at 0 and fakes at m, and their pushes.

    Args:
        m: mean of the fakes that the discriminators were fitted to, > 0.

    Returns:
        Three panels against x: where the data was, the outputs, and the push on a fake.
    """
    x = np.linspace(-10, 8, 181)
    w, _ = theory.linear_least_squares_discriminator(m)
    title = "Past the data only least squares turns round and calls the fake back"
    alt = (
        f"A straight least-squares output passes 1 at x = {-2 / m:g}. Left of that its push is to "
        "the right, back to the data. The non-saturating push is 0 there, the minimax push still "
        "points away from the data."
    )
    picture, (top, middle, low) = panels(
        title, alt, rows=3, size=(6.2, 4.3), sharex=True, height_ratios=[1.3, 2, 2.4]
    )
    _laws(top, x, m)
    middle.plot(x, 0.5 + w * (x - m / 2), label="least squares", **marked(SERIES[4], 20))
    logistic = np.clip(m**2 / 2 - m * x, -3.2, 4.2)
    label = "logistic, raw score (cut off)"
    middle.plot(x, logistic, label=label, **marked(DISCRIMINATOR, 20))
    middle.axhline(1, **REFERENCE.curve(1))
    middle.text(7.9, 1.2, "1, the goal of least squares", fontsize=8.5, ha="right")
    middle.set(ylabel="score D(x)", ylim=(-3, 4))
    middle.legend(fontsize=8.5, loc="lower left")
    low.plot(x, push("least squares", x, w, 0.5, m / 2), **_labelled("least squares"))
    for name in ("non-saturating", "minimax"):
        low.plot(x, push(name, x, -m, 0.0, m / 2), **_labelled(name))
    low.axhline(0, color="#222222", lw=0.8)
    low.set_yscale("symlog", linthresh=0.05)  # pushes of 4 and of 0.1 in one picture
    low.set(
        xlabel="x, position of a fake (unit of the data)", ylabel="push on the fake\n(> 0: right)"
    )
    low.legend(fontsize=8.5, loc="lower right")
    return picture


def _labelled(name: str) -> dict[str, Any]:
    return {"label": name, **marked(STYLES[name], 20)}


def _laws(ax: Axes, x: Array, m: float) -> None:
    for law, style, name in ((0.0, REAL, "real"), (m, FAKE, "fakes that D has seen")):
        ax.plot(x, theory.gaussian_density(x, law), label=name, **marked(style, 20))
    ax.set(ylabel="density", ylim=(0, 0.5))
    ax.legend(fontsize=8.5, loc="upper left")


def fakes_picture(paths: Mapping[str, Sequence[float]], title: str, alt: str) -> Picture:
    """Draw where fakes go while the discriminator stands still.

    Args:
        paths: name -> position after each step, shape (steps + 1,); a name that begins with an
            objective's is drawn in its style.
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        One panel, positions over steps, the real data as a band.
    """
    picture, (ax,) = panels(title, alt, size=(6.4, 3.0))
    ax.axhspan(-2, 2, color=REAL.colour, alpha=0.12, label="95 % of the real data")
    for name, path in paths.items():
        style = next(s for known, s in STYLES.items() if name.startswith(known))
        ax.plot(path, label=name, **marked(style, max(1, len(path) // 8)))
    ax.set(xlabel="step of the fake", ylabel="position x (unit of the data)")
    ax.legend(fontsize=8, loc="upper right", ncols=2)
    return picture


def who_gets_a_gradient_picture(
    objective: str = "least squares", position: float = -6.0, steepness: float = 1.0
) -> Picture:
    """Draw a cloud of fakes, a straight discriminator, and the push that each fake feels.

    The data is N(0, 1); the boundary is at 2, and D rises to the left.

    Args:
        objective: a key of `SLOPES`.
        position: centre of the fakes, between -10 and 10.
        steepness: how fast the raw score changes, per unit of x, > 0.

    Returns:
        Three panels against x: data and fakes with their arrows, the output D, the push.

    Raises:
        ValueError: an unknown objective or a steepness that is not positive.
    """
    if objective not in SLOPES:
        raise ValueError(f"objective is {objective!r}; choose from {', '.join(SLOPES)}")
    if not steepness > 0:
        raise ValueError(f"steepness is {steepness}; the score must rise towards the data: > 0")
    level, _ = LEVELS.get(objective, (0.0, np.inf))
    x = np.linspace(-12, 12, 241)
    fakes = position + np.linspace(-1, 1, 5)
    pushes = push(objective, fakes, -steepness, level, 2.0)
    centre = float(pushes[2])
    title = f"{objective}: a fake at x = {position:g} is {_verdict(centre, position)}"
    alt = (
        f"Real data around 0, fakes around {position:g}, boundary at 2, steepness {steepness:g}. "
        f"{objective}: the push on the middle fake is {centre:.3g}."
    )
    picture, (top, middle, low) = panels(
        title, alt, rows=3, size=(6.4, 4.2), sharex=True, height_ratios=[1.3, 1.6, 2]
    )
    top.fill_between(x, theory.gaussian_density(x), color=REAL.colour, alpha=0.3, label="real")
    top.plot(fakes, np.full(5, 0.12), label="fakes", **FAKE.points(7))
    for start, each in zip(fakes, np.clip(pushes, -4, 4), strict=True):
        if abs(each) > 0.02:
            arrow = {"arrowstyle": "->", "color": FAKE.colour, "lw": 1.3}
            top.annotate("", (start + each, 0.12), (start, 0.12), arrowprops=arrow)
    top.set(ylim=(0, 0.45), ylabel="density", xlim=(-12, 12))
    top.legend(fontsize=8.5, loc="upper right")
    middle.plot(x, level - steepness * (x - 2), **marked(DISCRIMINATOR, 30))
    middle.set_ylabel("raw score D(x)")
    if objective in LEVELS:
        middle.axhline(1, **REFERENCE.curve(1))
        middle.text(11.8, 1, "goal 1", fontsize=8.5, ha="right", va="bottom")
    low.plot(x, push(objective, x, -steepness, level, 2.0), **marked(SERIES[4], 30))
    low.plot(fakes, pushes, **FAKE.points(7))
    low.axhline(0, color="#222222", lw=0.8)
    for ax in (top, middle, low):
        ax.axvline(2, **REFERENCE.curve(1))
    low.set(xlabel="x (unit of the data)", ylabel="push\n(> 0: right)")
    return picture


def _verdict(push_at: float, position: float) -> str:
    if abs(push_at) < 0.01:
        return f"left alone (push {push_at:.1g})"
    towards = "pushed to the right" if push_at > 0 else "pushed to the left"
    return f"{towards} (push {push_at:+.2f})"

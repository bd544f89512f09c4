"""Pictures of least squares: its codings, its gradients, and whom it calls back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy.special import expit

from gan_helpers import theory
from gan_helpers.plotting import DISCRIMINATOR, FAKE, REAL, REFERENCE, SERIES, Picture, panels
from gan_helpers.plotting.picture import Style

Array = NDArray[np.float64]

GRID = np.linspace(-14.0, 22.0, 3601)  # x, wide enough for N(0, 1) and N(8, 1)
CODINGS = {"a=-1, b=1, c=0": (-1.0, 1.0, 0.0), "a=0, b=1, c=1": (0.0, 1.0, 1.0)}
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


def _marked(style: Style, every: int) -> dict[str, object]:
    return {"marker": style.marker, "ms": 5, "markevery": every, **style.curve()}


def codings_picture(largest: float = 8.0) -> Picture:
    """Draw what the generator's objective is at the best D, for two codings, against m.

    Args:
        largest: largest distance m of the two Gaussians, > 0.

    Returns:
        Two panels: C for each coding, and the divergence that both contain.
    """
    m = np.linspace(0.0, largest, 41)
    p = theory.gaussian_density(GRID)
    laws = [theory.gaussian_density(GRID, each) for each in m]
    title = "Both codings contain the same divergence, one shifted and scaled"
    alt = (
        "Left: C against m. With -1, 1, 0 it rises from 0 to 1, with 0, 1, 1 from 1/4 to 1/2. "
        "Right: after taking off the constant and dividing by the scale both lie on the curve of "
        "Delta, from 0 to 2."
    )
    picture, (left, right) = panels(title, alt, columns=2, size=(7.8, 3.2))
    for k, ((name, (a, b, c)), style) in enumerate(zip(CODINGS.items(), SERIES[3:], strict=False)):
        outputs = [theory.least_squares_discriminator(p, q, a, b) for q in laws]
        pairs = zip(outputs, laws, strict=True)
        value = np.array([theory.least_squares_value(d, p, q, c, GRID) for d, q in pairs])
        left.plot(m, value, label=name, **_marked(style, 8))
        same = (value - (a + b - 2 * c) ** 2 / 4) / ((b - a) ** 2 / 8)
        right.plot(m, same, label=name, **_marked(style, 8) | {"markevery": (4 * k, 8)})
    for level in (0.25, 0.5):
        left.axhline(level, **REFERENCE.curve(1))
    right.axhline(2, **REFERENCE.curve(1))
    left.set(xlabel="m, distance of the two means", ylabel="C at the best D (no unit)")
    right.set(xlabel="m, distance of the two means", ylabel="(C - constant) / scale = Δ")
    left.legend(fontsize=8.5)
    right.legend(fontsize=8.5, loc="lower right")
    return picture


def dying_gradients_picture(largest: float = 8.0) -> Picture:
    """Draw the gradients of least squares and of minimax at the best D, and their ratio.

    Args:
        largest: largest m, > 0.1.

    Returns:
        Two panels against m: gradients on a logarithmic axis, and what share of minimax is left.
    """
    m = np.linspace(0.1, largest, 80)
    minimax = np.array([theory.gaussian_minimax_gradient(each) for each in m])
    title = "At the best discriminator least squares is weaker than minimax, and dies with it"
    alt = (
        "Left: gradients against m on a logarithmic axis; minimax on top, both codings of least "
        "squares below it, all falling together below 0.001 at m = 8. Right: least squares over "
        "minimax stays between 1/4 and 3/8 for 0, 1, 1; for -1, 1, 0 it starts at 0."
    )
    picture, (left, right) = panels(title, alt, columns=2, size=(8.2, 3.4))
    left.semilogy(m, minimax, label="minimax", **_marked(SERIES[3], 10))
    for (name, coding), style in zip(CODINGS.items(), SERIES[5:3:-1], strict=True):
        values = np.array([theory.coded_least_squares_gradient(each, *coding) for each in m])
        left.semilogy(m, values, label=f"least squares {name}", **_marked(style, 10))
        right.plot(m, values / minimax, label=name, **_marked(style, 10))
    right.axhline(3 / 8, **REFERENCE.curve(1.2))
    right.text(0.1, 3 / 8 + 0.01, "3/8", fontsize=9)
    left.set(xlabel="m, distance of the two means", ylim=(1e-5, 2))
    left.set_ylabel("gradient in m at D*\n(loss per unit of m)")
    right.set(xlabel="m, distance of the two means", ylim=(0, 0.6))
    right.set_ylabel("least squares / minimax")
    left.legend(fontsize=8, loc="lower left")
    right.legend(fontsize=8.5, loc="lower right")
    return picture


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
        title, alt, rows=3, size=(7.2, 6.0), sharex=True, height_ratios=[1.3, 2, 2.4]
    )
    _laws(top, x, m)
    middle.plot(x, 0.5 + w * (x - m / 2), label="least squares", **_marked(SERIES[4], 20))
    logistic = np.clip(m**2 / 2 - m * x, -3.2, 4.2)
    label = "logistic, raw score (cut off)"
    middle.plot(x, logistic, label=label, **_marked(DISCRIMINATOR, 20))
    middle.axhline(1, **REFERENCE.curve(1))
    middle.text(7.9, 1.1, "1, the goal of least squares", fontsize=8.5, ha="right")
    middle.set(ylabel="score D(x)", ylim=(-3, 4))
    middle.legend(fontsize=8.5, loc="lower left")
    low.plot(x, push("least squares", x, w, 0.5, m / 2), **_labelled("least squares"))
    for name in ("non-saturating", "minimax"):
        low.plot(x, push(name, x, -m, 0.0, m / 2), **_labelled(name))
    low.axhline(0, color="#222222", lw=0.8)
    low.set(
        xlabel="x, position of a fake (unit of the data)", ylabel="push on the fake\n(> 0: right)"
    )
    low.legend(fontsize=8.5, loc="upper right")
    return picture


def _labelled(name: str) -> dict[str, object]:
    return {"label": name, **_marked(STYLES[name], 20)}


def _laws(ax: Axes, x: Array, m: float) -> None:
    for law, style, name in ((0.0, REAL, "real"), (m, FAKE, "fakes that D has seen")):
        ax.plot(x, theory.gaussian_density(x, law), label=name, **_marked(style, 20))
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
    picture, (ax,) = panels(title, alt, size=(6.8, 3.4))
    ax.axhspan(-2, 2, color=REAL.colour, alpha=0.12, label="95 % of the real data")
    for name, path in paths.items():
        style = next(s for known, s in STYLES.items() if name.startswith(known))
        ax.plot(path, label=name, **_marked(style, max(1, len(path) // 8)))
    ax.set(xlabel="step of the fake", ylabel="position x (unit of the data)")
    ax.legend(fontsize=8.5, loc="center right")
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
        title, alt, rows=3, size=(7.2, 5.2), sharex=True, height_ratios=[1.3, 1.6, 2]
    )
    top.fill_between(x, theory.gaussian_density(x), color=REAL.colour, alpha=0.3, label="real")
    top.plot(fakes, np.full(5, 0.12), label="fakes", **FAKE.points(7))
    for start, each in zip(fakes, np.clip(pushes, -4, 4), strict=True):
        if abs(each) > 0.02:
            arrow = {"arrowstyle": "->", "color": FAKE.colour, "lw": 1.3}
            top.annotate("", (start + each, 0.12), (start, 0.12), arrowprops=arrow)
    top.set(ylim=(0, 0.45), ylabel="density", xlim=(-12, 12))
    top.legend(fontsize=8.5, loc="upper right")
    middle.plot(x, level - steepness * (x - 2), **_marked(DISCRIMINATOR, 30))
    middle.set_ylabel("raw score D(x)")
    if objective in LEVELS:
        middle.axhline(1, **REFERENCE.curve(1))
        middle.text(11.8, 1, "goal 1", fontsize=8.5, ha="right", va="bottom")
    low.plot(x, push(objective, x, -steepness, level, 2.0), **_marked(SERIES[4], 30))
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


def sigmoid_picture() -> Picture:
    """Draw the slope of the least-squares generator loss on a raw score and through a sigmoid.

    Returns:
        One panel over the score from -8 to 8, sizes on a logarithmic axis.
    """
    o = np.linspace(-8, 8, 321)
    title = "Through a sigmoid the slope dies on both sides"
    alt = (
        "Size of the slope against the score, logarithmic. On the raw output it is |o - 1|, large "
        "on both sides with a zero at 1. Through a sigmoid it peaks at 0.15 and falls below 0.001 "
        "at score -8 and much lower at +8. Non-saturating stays at 1 on the left."
    )
    picture, (ax,) = panels(title, alt, size=(6.6, 3.4))
    curves = (
        ("raw output: |o - 1|", theory.least_squares_slope, SERIES[4]),
        ("through a sigmoid: s(1 - s)²", sigmoid_least_squares_slope, SERIES[5]),
        ("non-saturating: 1 - s", theory.non_saturating_slope, SERIES[2]),
    )
    for name, slope, style in curves:
        ax.semilogy(o, np.maximum(np.abs(slope(o)), 1e-9), label=name, **_marked(style, 40))
    ax.set(ylim=(1e-5, 30), xlabel="raw score o of a fake (left: found out)")
    ax.set_ylabel("|d loss / d o|")
    ax.legend(fontsize=8.5, loc="lower center")
    return picture

"""Pictures of optimal transport: parallel lines, plans, the dual, two moving distributions."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from gan_helpers import theory
from gan_helpers.figures._shared import Array
from gan_helpers.plotting import DISCRIMINATOR, FAKE, REAL, REFERENCE, SERIES, Picture, panels
from gan_helpers.theory import duality

POSITIONS = np.arange(-12, 13) / 2.0  # (25,) where the movable histograms live, half a unit apart


def parallel_lines_picture(theta: float = 0.8, reach: float = 1.5) -> Picture:
    """Draw two parallel lines at distance theta, and four distances between them against theta.

    Args:
        theta: where the generated line stands, not 0.
        reach: largest |theta| on the axis, > 0.

    Returns:
        Two panels: the plane with both lines, and W1, JS and TV over theta (KL is infinite).
    """
    here = theory.parallel_lines(theta)
    title = "Only W1 says how far the lines are apart; the others say that they differ"
    alt = (
        f"Left: a real vertical line at 0 and a generated one at {theta:g}. Right: W1 is a V with "
        "its tip at 0; JS is log 2 and TV is 1 everywhere except at 0, where both are 0."
    )
    picture, (left, right) = panels(title, alt, columns=2, size=(7.6, 3.2), width_ratios=[2, 3])
    for at, name, style in ((0.0, "real", REAL), (theta, "generated", FAKE)):
        height = np.linspace(0, 1, 9)
        left.plot(np.full(9, at), height, marker=style.marker, ms=5, label=name, **style.curve())
    left.annotate("", (theta, 0.5), (0, 0.5), arrowprops={"arrowstyle": "<->"})
    left.text(theta / 2, 0.53, r"$\theta$", ha="center")
    left.set(xlabel="first coordinate", ylabel="second coordinate, Z", xlim=(-reach, reach))
    left.set_ylim(-0.05, 1.35)
    left.legend(fontsize=8.5, loc="upper left")
    t = np.linspace(-reach, reach, 61)
    right.plot(t, np.abs(t), marker="o", markevery=10, ms=5, label="W1", **SERIES[0].curve())
    for level, name, style in ((here.js, "JS (nats)", SERIES[3]), (1.0, "TV", SERIES[2])):
        for side in (t[t < -0.01], t[t > 0.01]):
            label = name if side[0] < 0 else None
            shown = {"marker": style.marker, "markevery": 8, "ms": 5, "label": label}
            right.plot(side, np.full(side.size, level), **shown, **style.curve())
        right.plot([0], [level], "o", mfc="white", mec=style.colour, ms=6)
    right.plot([0], [0], "o", color="#222222", ms=6)
    right.text(0, reach * 1.02, r"KL = $+\infty$ except at 0", ha="center", fontsize=8.5)
    right.set(xlabel=r"$\theta$", ylabel="distance", ylim=(-0.06, reach * 1.12))
    right.legend(fontsize=8.5, loc="lower right")
    return picture


def plan_picture(
    points: ArrayLike, p: ArrayLike, q: ArrayLike, plan: ArrayLike, title: str, alt: str
) -> Picture:
    """Draw two histograms, and a plan between them as a table of masses.

    Args:
        points: positions on the line, increasing, shape (n,), n at most 10 or so.
        p: masses of the real histogram, shape (n,).
        q: masses of the generated histogram, shape (n,).
        plan: T, shape (n, n).
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        Two panels: bars with arrows for what moves, and the table T.
    """
    x, p_, q_, plan_ = (np.asarray(each, dtype=np.float64) for each in (points, p, q, plan))
    picture, (left, right) = panels(title, alt, columns=2, size=(8.0, 3.7), width_ratios=[5, 4])
    _bars(left, x, p_, q_)
    top = max(p_.max(), q_.max())
    for i, j in zip(*np.nonzero(plan_ > 1e-9), strict=True):
        if i != j:
            bend = {
                "arrowstyle": "-|>",
                "connectionstyle": f"arc3,rad={-0.5 * np.sign(x[j] - x[i])}",
            }
            width = {"lw": 0.6 + 5 * plan_[i, j], "color": "#555555"}
            left.annotate("", (x[j], top * 1.04), (x[i], top * 1.04), arrowprops=bend | width)
    left.set(xlabel="position x", ylim=(0, top * 2.1))
    right.imshow(plan_, cmap="Blues", vmin=0, vmax=max(plan_.max(), 1e-9) * 1.3)
    for i, j in np.ndindex(*plan_.shape):
        if plan_[i, j] > 1e-9:
            right.text(j, i, f"{plan_[i, j]:.2g}", ha="center", va="center", fontsize=9)
    ticks = {"ticks": range(len(x)), "labels": [f"{each:g}" for each in x]}
    right.set_xticks(**ticks)
    right.set_yticks(**ticks)
    right.grid(False)
    right.set(xlabel="to position (generated q)", ylabel="from position (real p)")
    right.set_title("plan T: mass moved", fontsize=10)
    return picture


def dual_picture(
    points: ArrayLike, p: ArrayLike, q: ArrayLike, f: ArrayLike, title: str, alt: str
) -> Picture:
    """Draw two histograms on the line, and below them a function that tells them apart.

    Args:
        points: positions, increasing, shape (n,).
        p: masses of the real histogram, shape (n,).
        q: masses of the generated histogram, shape (n,).
        f: values of the function, shape (n,).
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        Two panels over the same positions.
    """
    x, p_, q_, f_ = (np.asarray(each, dtype=np.float64) for each in (points, p, q, f))
    picture, (top, bottom) = panels(
        title, alt, rows=2, size=(6.4, 4.2), sharex=True, height_ratios=[2, 3]
    )
    _bars(top, x, p_, q_)
    bottom.plot(x, f_, marker="s", ms=6, **DISCRIMINATOR.curve(2))
    for k in range(len(x) - 1):
        slope = (f_[k + 1] - f_[k]) / (x[k + 1] - x[k])
        middle = ((x[k] + x[k + 1]) / 2, (f_[k] + f_[k + 1]) / 2)
        side = -1 if slope > 0 else 1  # beside the line, on its upper side
        bottom.annotate(
            f"slope {slope:+.3g}", middle, (side * 7, 5), textcoords="offset points",
            ha="left" if side > 0 else "right", fontsize=8.5,
        )  # fmt: skip
    bottom.margins(y=0.25)
    bottom.set(xlabel="position x", ylabel="f (unit of x)")
    return picture


def box(centre: float, width: float) -> Array:
    """Spread mass 1 evenly over the POSITIONS within width / 2 of a centre, shape (25,).

    Args:
        centre: middle of the box, between -6 and 6.
        width: full width, >= 0; a box narrower than the spacing is one position.

    Returns:
        A histogram.
    """
    inside = np.abs(POSITIONS - centre) <= width / 2 + 1e-9
    if not inside.any():
        inside = np.abs(POSITIONS - centre) <= np.abs(POSITIONS - centre).min() + 1e-9
    return inside / inside.sum()


def moving_picture(
    real_centre: float = -2.0,
    real_width: float = 2.0,
    fake_centre: float = 2.0,
    fake_width: float = 2.0,
) -> Picture:
    """Draw two boxes of mass, the plan between them, the best critic, and four distances.

    Args:
        real_centre: middle of the real box, between -4 and 4.
        real_width: its width, between 0 and 4.
        fake_centre: middle of the generated box.
        fake_width: its width.

    Returns:
        Four panels: histograms, plan, best critic, distances.
    """
    p, q = box(real_centre, real_width), box(fake_centre, fake_width)
    cost = duality.distances(POSITIONS)
    w1 = theory.wasserstein_1(p, q, POSITIONS)
    # Of several cheapest plans a cost that grows a little faster picks the one that keeps order.
    plan = duality.transport_plan(p, q, cost + 1e-4 * cost**2).plan
    f = duality.best_critic(p, q, cost)
    js, kl, tv = theory.js(p, q), theory.kl(p, q), theory.total_variation(p, q)
    title = f"W1 = {w1:.2f},  JS = {js:.3f} nats,  KL = {kl:.3g} nats,  TV = {tv:.2f}"
    alt = (
        f"A real box of mass around {real_centre:g}, width {real_width:g}, and a generated one "
        f"around {fake_centre:g}, width {fake_width:g}. {title.replace(',  ', ', ')}. "
        "Beside them the cheapest plan and the best critic."
    )
    picture, (bars, table, critic, scale) = panels(title, alt, rows=2, columns=2, size=(8.0, 5.4))
    _bars(bars, POSITIONS, p, q)
    bars.set_xlabel("position x")
    ends = (POSITIONS[0], POSITIONS[-1], POSITIONS[0], POSITIONS[-1])
    table.imshow(plan, cmap="Blues", origin="lower", extent=ends, vmin=0, aspect="auto")
    table.axline((0, 0), slope=1, **REFERENCE.curve(1))
    table.set(xlabel="to (generated q)", ylabel="from (real p)")
    table.set_title("plan T; dotted: mass that stays", fontsize=10)
    critic.plot(POSITIONS, f - f.mean(), **DISCRIMINATOR.curve(2.2))
    critic.set(xlabel="position x", ylabel="best critic f\n(unit of x)")
    names = ("W1 / 8", "JS / log 2", "TV")
    levels = (w1 / 8, js / theory.LOG_2, tv)
    for row, (level, style) in enumerate(zip(levels, (REAL, SERIES[3], SERIES[2]), strict=True)):
        scale.barh(row, level, color=style.colour, height=0.6)
        scale.text(level + 0.02, row, f"{level:.2f}", va="center", fontsize=9)
    scale.set_yticks(range(3), names)
    scale.set(xlabel="share of its largest value here", xlim=(0, 1.18))
    return picture


def _bars(ax: Axes, x: Array, p: Array, q: Array) -> None:
    wide = 0.45 * float(np.diff(x).min())
    real, fake = p > 0, q > 0  # an empty bar takes as long to draw as a full one
    fakes: dict[str, Any] = {"color": FAKE.colour, "hatch": "///", "ec": "white"}
    ax.bar(x[real] - wide / 2, p[real], wide, color=REAL.colour, label="real p")
    ax.bar(x[fake] + wide / 2, q[fake], wide, label="generated q", **fakes)
    ax.set_xlim(x[0] - 2 * wide, x[-1] + 2 * wide)
    ax.set(ylabel="mass", ylim=(0, 1.45 * max(p.max(), q.max())))
    ax.legend(fontsize=8.5, loc="upper right", ncols=2)

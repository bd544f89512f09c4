"""Pictures of optimal transport: parallel lines, plans, the dual, and the envelope's touching."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator
from numpy.typing import ArrayLike

from gan_helpers import theory
from gan_helpers.figures._shared import Array
from gan_helpers.plotting import DISCRIMINATOR, FAKE, REAL, SERIES, Picture, figure, panels

POSITIONS = np.arange(-12, 13) / 2.0  # (25,) where the movable histograms live, half a unit apart


def parallel_lines_picture(theta: float = 0.8, reach: float = 1.5) -> Picture:
    """Draw two parallel lines at distance theta, and four distances between them against theta.

    Args:
        theta: where the generated line stands, not 0.
        reach: largest |theta| on the axis, > 0.

    Returns:
        Two panels: the plane with both lines, and W1, JS and TV over theta (KL is infinite).
    """
    title = "Only W1 says how far apart the lines are"
    picture, (left, right) = panels(title, columns=2, size=(6, 3.2), width_ratios=[2, 3])
    height = np.linspace(0, 1, 9)
    ring = {"mfc": "white", "mew": 1.5}
    left.plot(np.zeros(9), height, marker="o", ms=6, **ring, **REAL.curve(2))
    left.plot(np.full(9, theta), height, marker="x", ms=6, mew=1.5, **FAKE.curve(2))
    left.text(0, 1.05, "real", color=REAL.colour, ha="center")
    left.text(theta, 1.05, "generated", color=FAKE.colour, ha="center")
    left.annotate("", (theta, 0.56), (0, 0.56), arrowprops={"arrowstyle": "<->"})
    left.text(theta / 2, 0.6, r"$\theta$", ha="center", fontsize=12)
    left.set(xlabel="first coordinate", ylabel="second coordinate")
    left.set(xlim=(min(theta, 0) - 0.5, max(theta, 0) + 0.5), ylim=(-0.05, 1.2))
    left.yaxis.set_major_locator(MultipleLocator(0.5))
    t = np.linspace(-reach, reach, 61)
    right.plot(t, np.abs(t), marker="o", markevery=10, ms=5, **SERIES[0].curve(2))
    right.text(reach * 0.8, reach * 0.95, r"$W_1$", color=SERIES[0].colour, ha="right", fontsize=11)
    for level, name, style in ((np.log(2), "JS", SERIES[3]), (1.0, "TV", SERIES[2])):
        for side in (t[t < -0.01], t[t > 0.01]):
            shown = {"marker": style.marker, "markevery": 8, "ms": 5}
            right.plot(side, np.full(side.size, level), **shown, **style.curve(2))
        right.plot([0], [level], "o", mfc="white", mec=style.colour, ms=6, zorder=3)
        right.text(0.07, level + 0.04, name, color=style.colour)
    right.plot([0], [0], "o", color="#222222", ms=6)
    right.text(0, reach * 1.03, r"KL = $\infty$ except at 0", ha="center")
    right.set(xlabel=r"$\theta$", ylabel="distance (JS in nats)", ylim=(-0.06, reach * 1.15))
    return picture


def plan_picture(points: ArrayLike, p: ArrayLike, q: ArrayLike, plan: ArrayLike) -> Picture:
    """Draw two histograms, and a plan between them as a table of masses.

    Args:
        points: positions on the line, increasing, shape (n,), n at most 10 or so.
        p: masses of the real histogram, shape (n,).
        q: masses of the generated histogram, shape (n,).
        plan: T, shape (n, n).

    Returns:
        Two panels: bars with arrows for what moves, and the table T.
    """
    x, p_, q_, plan_ = (np.asarray(each, dtype=np.float64) for each in (points, p, q, plan))
    price = float((plan_ * np.abs(x[:, None] - x)).sum())
    title = f"The cheapest plan costs {price:.1f}; what lies on the diagonal stays"
    picture, (left, right) = panels(title, columns=2, size=(6, 3.2), width_ratios=[5, 4])
    _bars(left, x, p_, q_)
    top = max(p_.max(), q_.max())
    for i, j in zip(*np.nonzero(plan_ > 1e-9), strict=True):
        if i != j:
            bend = f"arc3,rad={-0.5 * np.sign(x[j] - x[i])}"
            arrow = {"arrowstyle": "-|>", "connectionstyle": bend, "color": "#555555"}
            arrow["lw"] = 1.2 + 5 * plan_[i, j]
            left.annotate("", (x[j], top * 1.22), (x[i], top * 1.22), arrowprops=arrow)
    left.set(xlabel="position x", ylim=(0, top * 2.1))
    left.set_yticks([0, 0.2, 0.4])
    right.imshow(plan_, cmap="Blues", vmin=0, vmax=max(plan_.max(), 1e-9) * 1.3)
    for i, j in np.ndindex(*plan_.shape):
        if plan_[i, j] > 1e-9:
            ink = "white" if plan_[i, j] > 0.8 * plan_.max() else "#222222"
            right.text(j, i, f"{plan_[i, j]:.2g}", ha="center", va="center", fontsize=10, color=ink)
    ticks = {"ticks": range(len(x)), "labels": [f"{each:g}" for each in x]}
    right.set_xticks(**ticks)
    right.set_yticks(**ticks)
    right.grid(False)
    right.set(xlabel="to (generated)", ylabel="from (real)")
    right.set_title("plan T: mass moved", fontsize=10)
    return picture


def dual_picture(points: ArrayLike, p: ArrayLike, q: ArrayLike, f: ArrayLike) -> Picture:
    """Draw two histograms on the line, and below them a function that tells them apart.

    Args:
        points: positions, increasing, shape (n,).
        p: masses of the real histogram, shape (n,).
        q: masses of the generated histogram, shape (n,).
        f: values of the function, shape (n,).

    Returns:
        Two panels over the same positions, the slope written beside each piece.
    """
    x, p_, q_, f_ = (np.asarray(each, dtype=np.float64) for each in (points, p, q, f))
    title = "The best critic falls in the direction in which mass moves"
    picture, (top, bottom) = panels(
        title, rows=2, size=(6, 3.6), sharex=True, height_ratios=[2, 3]
    )  # fmt: skip
    _bars(top, x, p_, q_)
    bottom.plot(x, f_, marker="s", ms=6, **DISCRIMINATOR.curve(2))
    for k in range(len(x) - 1):
        slope = (f_[k + 1] - f_[k]) / (x[k + 1] - x[k])
        middle = ((x[k] + x[k + 1]) / 2, (f_[k] + f_[k + 1]) / 2)
        lift = -14 if slope > 0 else 5  # to the right of the line, whichever way it goes
        bottom.annotate(
            f"slope {slope:+.3g}".replace("-", "−"), middle, (8, lift),
            textcoords="offset points", ha="left",
        )  # fmt: skip
    bottom.margins(y=0.25)
    bottom.set(xlabel="position x", ylabel="best critic f\n(unit of x)")
    return picture


def envelope_picture(
    theta: ArrayLike, w1: ArrayLike, gap: ArrayLike, here: int, slope: float
) -> Picture:
    """Draw W1 against the generator's parameter, and what one fixed critic says of it.

    Args:
        theta: the generator's parameter, increasing, shape (n,).
        w1: W1 at each, shape (n,).
        gap: E_p[f] - E_q[f] of the critic that is best at theta[here], shape (n,); at most w1.
        here: where that critic is best, an index.
        slope: the derivative that both have there.

    Returns:
        One panel.
    """
    t, w, v = (np.asarray(each, dtype=np.float64) for each in (theta, w1, gap))
    picture, ax = figure(
        "The gap of one fixed critic stays below $W_1$ and touches it where that critic is best",
        size=(6, 3.3),
    )
    ax.plot(t, w, **SERIES[0].curve(3))
    ax.plot(t, v, marker="s", markevery=len(t) // 12, ms=5, **DISCRIMINATOR.curve(2))
    reach = 0.16 * (t[-1] - t[0])
    around = np.array([t[here] - reach, t[here] + reach])
    ax.plot(around, w[here] + slope * (around - t[here]), color="#222222", lw=1.5)
    ax.plot(t[here], w[here], "o", color="#222222", ms=8, zorder=4)
    ax.annotate(
        f"common slope {slope:.2f}", (t[here], w[here]), (t[here], w.max() * 0.97),
        arrowprops={"arrowstyle": "-", "color": "#888888"}, ha="center", va="top",
    )  # fmt: skip
    end = len(t) // 8
    ax.text(t[end], w[end] * 1.02 + 0.2, r"$W_1(p, q_\theta)$", color=SERIES[0].colour)
    low = f"gap of the critic\nthat is best at θ = {t[here]:.1f}"
    ax.text(t[-1], v.min(), low, color=DISCRIMINATOR.colour, va="bottom", ha="right")
    ax.set(xlabel="θ, where the generator puts its samples", ylabel="unit of x")
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
    """Draw two boxes of mass and the best critic, with four distances for a title.

    On the line the best critic is known without a linear programme: across each gap its slope is
    -sign(F_p - F_q), with F the mass to the left of the gap.

    Args:
        real_centre: middle of the real box, between -4 and 4.
        real_width: its width, between 0 and 4.
        fake_centre: middle of the generated box.
        fake_width: its width.

    Returns:
        Two panels over the same positions.
    """
    p, q = box(real_centre, real_width), box(fake_centre, fake_width)
    surplus = np.cumsum(p - q)[:-1]
    surplus[np.abs(surplus) < 1e-9] = 0.0  # rounding is no mass
    f = np.concatenate([[0.0], np.cumsum(-np.sign(surplus) * np.diff(POSITIONS))])
    w1, js = theory.wasserstein_1(p, q, POSITIONS), theory.js(p, q)
    kl, tv = theory.kl(p, q), theory.total_variation(p, q)
    kl_said = "∞" if np.isinf(kl) else f"{kl:.2f}"
    title = f"W1 = {w1:.2f},  JS = {js:.3f},  TV = {tv:.2f},  KL = {kl_said}"
    picture, (bars, critic) = panels(
        title, rows=2, size=(6, 3.6), sharex=True, height_ratios=[1, 1]
    )  # fmt: skip
    _bars(bars, POSITIONS, p, q)
    critic.plot(POSITIONS, f - f.mean(), **DISCRIMINATOR.curve(2.2))
    reach = max(4.0, np.abs(f - f.mean()).max() * 1.1)
    critic.set(xlabel="position x", ylabel="best critic f\n(unit of x)", ylim=(-reach, reach))
    return picture


def _bars(ax: Axes, x: Array, p: Array, q: Array) -> None:
    wide = 0.45 * float(np.diff(x).min())
    real, fake = p > 0, q > 0  # an empty bar takes as long to draw as a full one
    fakes: dict[str, Any] = {"color": FAKE.colour, "hatch": "///", "ec": "white"}
    ax.bar(x[real] - wide / 2, p[real], wide, color=REAL.colour, label="real p")
    ax.bar(x[fake] + wide / 2, q[fake], wide, label="generated q", **fakes)
    ax.set_xlim(x[0] - 2 * wide, x[-1] + 2 * wide)
    ax.set(ylabel="mass", ylim=(0, 1.5 * max(p.max(), q.max())))
    ax.legend(fontsize=9, loc="upper right", ncols=2, borderaxespad=0.1, frameon=False)

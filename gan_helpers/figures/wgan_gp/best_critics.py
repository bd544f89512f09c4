"""Best critics between points: what duality forces on their slope, and what it leaves open."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from gan_helpers.plotting import FAKE, REAL, SERIES, Picture, panels
from gan_helpers.plotting.lettering import legend_above
from gan_helpers.plotting.picture import INK

REACH = 2.8  # the plane is drawn from -REACH to REACH


def best_critics_picture(
    critic: Callable[[Tensor], Tensor],
    real: Tensor,
    fake: Tensor,
    slopes: Mapping[str, Tensor],
    title: str,
) -> Picture:
    """Draw one best critic with its coupled pairs, and the slopes of several off those lines.

    Args:
        critic: maps (n, 2) to scores (n,).
        real: points, shape (n, 2), float64.
        fake: the point coupled with each of them, shape (n, 2), float64.
        slopes: name of a best critic -> its gradient norms on lines between other pairs, (m,).
        title: the finding.

    Returns:
        Level curves with the coupled lines; beside it what share of the slopes is at most s.
    """
    picture, (left, right) = panels(
        title, columns=2, size=(6.2, 3.2), width_ratios=[1.35, 1]
    )  # fmt: skip
    axis = torch.linspace(-REACH, REACH, 121, dtype=real.dtype)
    plane = torch.cartesian_prod(axis, axis)  # (121 * 121, 2), first coordinate slowest
    score = critic(plane).reshape(121, 121).T.numpy()
    shades = left.contourf(axis, axis, score, levels=20, cmap="RdBu", alpha=0.55)
    for x, y in zip(real, fake, strict=True):
        left.plot(*torch.stack([x, y]).T.numpy(), color=INK, linewidth=1.6)
    left.plot(*fake.T.numpy(), label="generated", **FAKE.points(7, markeredgewidth=2))
    left.plot(*real.T.numpy(), label="real", **REAL.points(8, markeredgewidth=1.8))
    left.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
    left.set(xlabel="first coordinate", ylabel="second coordinate")
    left.grid(False)
    bar = picture.colorbar(shades, ax=left, shrink=0.75, pad=0.02)
    bar.set_label("score", fontsize=9)
    bar.ax.tick_params(labelsize=8.5)
    legend_above(left)
    for (name, norms), style in zip(slopes.items(), (SERIES[2], SERIES[3], SERIES[4]), strict=True):
        ordered = np.sort(np.concatenate([[0.0], norms.numpy(), [1.1]]))
        share = np.append(np.linspace(0, 1, len(ordered) - 1), 1.0)
        right.plot(ordered, share, label=name, **style.curve(4 if name == "lowest" else 2))
    right.set(xlim=(0, 1.1), ylim=(0, 1), xlabel="slope s on the other lines")
    right.set_ylabel("share of points with slope ≤ s")
    right.legend(fontsize=9, loc="upper left", frameon=False)
    return picture

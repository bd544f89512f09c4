"""What the pictures of several notebooks draw: densities, intervals, a Dirac-GAN's arrows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from gan_helpers import theory
from gan_helpers.evaluation import bootstrap_interval
from gan_helpers.objectives import Objective
from gan_helpers.plotting import FAKE, REAL, REFERENCE, legend_above
from gan_helpers.plotting.picture import Style

Array = NDArray[np.float64]


def loss_derivative(objective: Objective, scores: ArrayLike) -> Array:
    """Compute dl/do of the generator's loss L_G = mean l(o) at raw scores o, by autograd."""
    o = torch.tensor(np.array(scores, dtype=np.float64, order="C"), requires_grad=True)
    with torch.enable_grad():
        total = o.numel() * objective.generator_loss(o.reshape(-1))
    return np.asarray(torch.autograd.grad(total, o)[0].numpy())


def marked(style: Style, every: int) -> dict[str, Any]:
    """Return the arguments of ``Axes.plot`` for a line with a marker at every n-th point."""
    return {"marker": style.marker, "ms": 5, "markevery": every, **style.curve()}


def draw_densities(ax: Axes, x: Array, p: Array, q: Array) -> None:
    """Draw the real and the generated density into axes, each with its markers."""
    every = max(1, len(x) // 24)
    ax.plot(x, p, label="real p", **marked(REAL, every))
    ax.plot(x, q, label="generated q", **marked(FAKE, every))
    ax.set(ylabel="density\n(per unit of x)", ylim=(0, None))
    legend_above(ax)


def draw_dirac_field(ax: Axes, game: theory.DiracGame, reach: float = 2.2) -> None:
    """Draw the arrows of a Dirac-GAN, all of one length, and its equilibrium."""
    axis = np.linspace(-reach, reach, 15)
    theta, psi = np.meshgrid(axis, axis)  # (15, 15) each
    v_theta, v_psi = theory.dirac_field(game, theta, psi)
    length = np.hypot(v_theta, v_psi)
    length[length == 0] = 1  # an arrow of length 0 stays a dot
    ax.quiver(theta, psi, v_theta / length, v_psi / length, color="#b8b8b8", width=0.004)
    ax.plot([0], [0], **REFERENCE.points(7))
    ax.set(
        xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal",
        xlabel=r"$\theta$, where the fakes sit", ylabel=r"$\psi$, slope of the discriminator",
    )  # fmt: skip


def draw_interval(
    ax: Axes, values: Array, height: float, statistic: Callable[..., Any] = np.median
) -> None:
    """Draw a statistic of values (n,), at least 2, with its 95 % bootstrap interval at a height."""
    middle, low, high = bootstrap_interval(values, statistic)
    reach: dict[str, Any] = {"xerr": [[middle - low], [high - middle]], "capsize": 3}
    ax.errorbar([middle], [height], marker="|", markersize=9, lw=1.4, color="black", **reach)

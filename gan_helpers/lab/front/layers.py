"""The layers of the laboratory's picture: plain functions of copies of the players.

Nothing here draws and nothing here changes a run: give copies in eval mode, such as those of
``gan_helpers.widgets.copies.Copies``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers.objectives import Objective
from gan_helpers.plotting.decisions import decision_level, lattice, shades
from gan_helpers.plotting.tiles import array, own_generator

Limits = tuple[float, float, float, float]  # left, right, bottom, top
EDGE = 0.005  # share of the latent probability beyond each side of the lattice


@dataclass(frozen=True)
class Surface:
    """The discriminator over the plane.

    Attributes:
        values: (side, side), rows from the bottom: D(x) where the objective has a probability,
            else raw scores.
        level: the value at which it cannot tell real from generated.
        low, high: ends of the colour scale; ``level`` is in the middle.
        name: what the values are: ``"D(x)"`` or ``"raw score"``.
    """

    values: np.ndarray
    level: float
    low: float
    high: float
    name: str


def surface(
    discriminator: Module, objective: Objective, limits: Limits, side: int,
    real: np.ndarray, fake: np.ndarray,
) -> Surface:  # fmt: skip
    """Ask the discriminator on a square lattice.

    Args:
        discriminator: a copy in eval mode; maps (N, 2) to raw scores (N,).
        objective: says whether a score is a probability, and where the decision lies.
        limits: left, right, bottom and top of the lattice.
        side: points along a side, >= 2.
        real: real samples (N, 2); with ``fake`` they fix a critic's level, which is free.
        fake: generated samples (M, 2).

    Returns:
        A ``Surface`` of ``side`` x ``side`` values.
    """
    weight = next(discriminator.parameters())

    def ask(points: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return array(discriminator(torch.as_tensor(points).to(weight))).astype(float)

    heat = ask(lattice(limits, side)).reshape(side, side)
    level = decision_level(objective, ask(real), ask(fake))
    return Surface(*shades(objective, heat, level))


def latent_lattice(law: Callable[..., Tensor], latent_dim: int, side: int) -> Tensor:
    """Lay a lattice over two latent coordinates whose cells all hold the same probability.

    Its lines stand at quantiles of the law, so that where the generator is dense, cells are small.
    From three latent dimensions on it is a slice: z1 and z2 vary, the others stay at the law's
    median. With one dimension it is a line.

    Args:
        law: draws z as in ``GAN``; its coordinates are independent and alike.
        latent_dim: width of z, >= 1.
        side: lines in each direction, >= 2.

    Returns:
        z, shape (side, side, latent_dim), or (1, side, 1) with one latent dimension.
    """
    ticks, middle = _quantiles(law, torch.linspace(EDGE, 1 - EDGE, side))
    if latent_dim == 1:
        return ticks[None, :, None]
    z = torch.full((side, side, latent_dim), middle)
    z[..., 0], z[..., 1] = ticks[None, :], ticks[:, None]
    return z


def _quantiles(law: Callable[..., Tensor], shares: Tensor) -> tuple[Tensor, float]:
    """Return the law's quantiles and its median: exact for N(0, 1), else those of many draws."""
    if law is torch.randn:
        return torch.special.ndtri(shares), 0.0
    draws = law(100_000, 1, generator=own_generator(0), device="cpu")[:, 0].float()
    return torch.quantile(draws, shares), float(draws.median())


@dataclass(frozen=True)
class Manifold:
    """The latent lattice after the generator has bent it.

    Attributes:
        points: where the lattice's corners go, (rows, columns, 2); one row for a 1-D latent.
        density: generated probability per unit of area in each cell, (rows - 1, columns - 1);
            where the sheet folds over itself, cells lie on each other and their densities add.
        sliced: whether further latent coordinates were held at their median.
    """

    points: np.ndarray
    density: np.ndarray
    sliced: bool


def manifold(generator: Module, z: Tensor) -> Manifold:
    """Send a latent lattice through the generator.

    Args:
        generator: a copy in eval mode; maps (N, latent_dim) to (N, 2).
        z: what ``latent_lattice`` returns.

    Returns:
        The bent lattice and the density of its cells, ``p = P(cell) / area(G(cell))``, the area
        being that of the quadrilateral between the cell's corners.
    """
    rows, columns, width = z.shape
    weight = next(generator.parameters())
    with torch.no_grad():
        x = array(generator(z.reshape(-1, width).to(weight))).reshape(rows, columns, 2)
    a, b, c, d = x[:-1, :-1], x[:-1, 1:], x[1:, 1:], x[1:, :-1]
    across, along = c - a, d - b
    area = 0.5 * np.abs(across[..., 0] * along[..., 1] - across[..., 1] * along[..., 0])
    share = ((1 - 2 * EDGE) / (columns - 1)) ** 2  # of the probability, in each cell
    return Manifold(x, share / np.maximum(area, 1e-12), width > 2)


@dataclass(frozen=True)
class Pushes:
    """Where the generator's loss pushes each sample.

    Attributes:
        origins: the samples, (N, 2).
        arrows: minus the gradient of one sample's loss in that sample, (N, 2).
    """

    origins: np.ndarray
    arrows: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """Norms of the arrows, (N,)."""
        return np.hypot(self.arrows[:, 0], self.arrows[:, 1])


def pushes(generator: Module, discriminator: Module, objective: Objective, z: Tensor) -> Pushes:
    """Return minus the gradient of the chosen generator loss at each generated sample.

    ``-N d L_G / d x_i`` with ``L_G`` the mean over the N samples: the push on one sample does not
    depend on how many are looked at.

    Args:
        generator: a copy in eval mode.
        discriminator: a copy in eval mode.
        objective: whose generator loss is meant.
        z: latent points (N, latent_dim).

    Returns:
        The samples and the pushes on them.
    """
    with torch.enable_grad():
        x = generator(z).detach().requires_grad_()
        loss = objective.generator_loss(discriminator(x))
        (gradient,) = torch.autograd.grad(loss, x)
    return Pushes(array(x), array(-len(x) * gradient))


def output(generator: Module, z: Tensor) -> np.ndarray:
    """Return what the generator makes of one latent point (latent_dim,): a point (2,)."""
    with torch.no_grad():
        return array(generator(z[None].to(next(generator.parameters()))))[0]

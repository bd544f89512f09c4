"""The layers of the laboratory's picture: plain functions of copies of the players.

Nothing here draws and nothing here changes a run: give copies in eval mode, such as those of a
snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers.objectives import Objective
from gan_helpers.plotting.decisions import decision_level, lattice, shades
from gan_helpers.plotting.tiles import array
from gan_helpers.random import OwnRandom

Limits = tuple[float, float, float, float]  # left, right, bottom, top
EDGE = 0.005  # share of the latent probability beyond each side of the lattice


def surface(
    discriminator: Module, objective: Objective, limits: Limits, side: int,
    real: np.ndarray, fake: np.ndarray,
) -> tuple[np.ndarray, float, float, float, str]:  # fmt: skip
    """Ask the discriminator on a square lattice.

    Args:
        discriminator: a copy in eval mode; maps (N, 2) to raw scores (N,).
        objective: says how a score is shown, and where the decision lies.
        limits: left, right, bottom and top of the lattice.
        side: points along a side, >= 2.
        real: real samples (N, 2); with ``fake`` they fix a critic's level, which is free.
        fake: generated samples (M, 2).

    Returns:
        Values (side, side) as the objective shows them, rows from the bottom; the value at which
        the discriminator cannot tell; the ends of the colour scale, with that value in the middle;
        and what the values are.
    """
    weight = next(discriminator.parameters())

    def ask(points: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return array(discriminator(torch.as_tensor(points).to(weight))).astype(float)

    heat = ask(lattice(limits, side)).reshape(side, side)
    level = decision_level(objective, ask(real), ask(fake))
    return shades(objective, heat, level)


def latent_lattice(distribution: str, latent_dim: int, side: int) -> Tensor:
    """Lay a lattice over two latent coordinates whose cells all hold the same probability.

    Its lines stand at quantiles, so that where the generator is dense, cells are small. From three
    latent dimensions on it is a slice: z1 and z2 vary, the others stay at their median. With one
    dimension it is a line.

    Args:
        distribution: of each coordinate, "normal" for N(0, 1) or "uniform" for U[0, 1].
        latent_dim: width of z, >= 1.
        side: lines in each direction, >= 2.

    Returns:
        z, shape (side, side, latent_dim), or (1, side, 1) with one latent dimension.
    """
    shares, normal = torch.linspace(EDGE, 1 - EDGE, side), distribution == "normal"
    ticks = torch.special.ndtri(shares) if normal else shares
    if latent_dim == 1:
        return ticks[None, :, None]
    z = torch.full((side, side, latent_dim), 0.0 if normal else 0.5)
    z[..., 0], z[..., 1] = ticks[None, :], ticks[:, None]
    return z


@dataclass(frozen=True)
class Manifold:
    """The latent lattice after the generator has bent it.

    Attributes:
        points: where the lattice's corners go, (rows, columns, 2); one row for a 1-D latent.
        density: generated probability per unit of area in each cell, (rows - 1, columns - 1);
            where the sheet folds over itself, cells lie on each other and their densities add.
    """

    points: np.ndarray
    density: np.ndarray


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
    return Manifold(x, share / np.maximum(area, 1e-12))


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


def pushes(
    generator: Module, discriminator: Module, objective: Objective, z: Tensor,
    real: Tensor | None = None,
) -> Pushes:  # fmt: skip
    """Return minus the gradient of the chosen generator loss at each generated sample.

    ``-N d L_G / d x_i`` with ``L_G`` the mean over the N samples: the push on one sample does not
    depend on how many are looked at.

    Args:
        generator: a copy in eval mode.
        discriminator: a copy in eval mode.
        objective: whose generator loss is meant.
        z: latent points (N, latent_dim).
        real: real samples (N, 2), which a relativistic objective compares with.

    Returns:
        The samples and the pushes on them.
    """
    with torch.enable_grad(), OwnRandom(0):  # a loss may draw, and a look must not disturb a run
        x = generator(z).detach().requires_grad_()
        scores = [discriminator(x)]
        if objective.relativistic and real is not None:
            scores.append(discriminator(real))
        (gradient,) = torch.autograd.grad(objective.generator_loss(*scores), x)
    return Pushes(array(x), array(-len(x) * gradient))


def output(generator: Module, z: Tensor) -> np.ndarray:
    """Return what the generator makes of one latent point (latent_dim,): a point (2,)."""
    with torch.no_grad():
        return array(generator(z[None].to(next(generator.parameters()))))[0]

"""Toy distributions that can be sampled and whose density is known.

All of them share one interface: `sample(n)` and `log_density(x)`. A known density is what makes a
toy problem worth having: the optimal discriminator, the divergences and the missing modes can then
be computed instead of guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, cos, log, pi, sin
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from gan_helpers.data._numbers import Device, above_zero, devices, finite, points
from gan_helpers.runtime import integer


class Distribution(Protocol):
    """Anything with a dimension, samples and a log-density."""

    @property
    def dim(self) -> int:
        """Dimension d of a sample."""

    def sample(
        self, n: int, generator: torch.Generator | None = None, device: Device = None
    ) -> Tensor:
        """Draw n samples (n, d)."""

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x) (n,) in nats for points x (n, d)."""


class GaussianMixture:
    """A mixture of round Gaussians: p(x) = sum_k w_k N(x; mu_k, sigma_k^2 I).

    Args:
        means: (K, d), the centres of the modes.
        sigma: standard deviation of every mode, or one for each mode (K,); above 0.
        weights: (K,), not negative; divided by their sum. Equal weights when left out.

    Attributes: `means` (K, d), `sigmas` (K,), `weights` (K,), all float32 on the CPU; `dim`; and
    `sigma`, the common standard deviation as a float.

    Raises:
        ValueError: for a wrong shape, a sigma not above 0, or weights that sum to 0.
    """

    def __init__(
        self, means: ArrayLike, sigma: ArrayLike, weights: ArrayLike | None = None
    ) -> None:
        centres = finite("means", means)
        if centres.ndim != 2 or centres.numel() == 0:
            raise ValueError(
                f"means has shape {tuple(centres.shape)}; it must be (modes, dimension), both at "
                f"least 1. In one dimension use mixture_1d, or give [[-1.0], [1.0]]."
            )
        modes = centres.shape[0]
        sigmas = finite("sigma", sigma)
        # Squared in float32, 1e-19 is the least that is not 0.
        if sigmas.ndim > 1 or sigmas.numel() not in (1, modes) or bool((sigmas < 1e-19).any()):
            raise ValueError(
                f"sigma is {sigma!r}; it must be one number above 0 (at least 1e-19), or one for "
                f"each of the {modes} modes."
            )
        shares = finite("weights", np.ones(modes) if weights is None else weights)
        if shares.shape != (modes,) or bool((shares < 0).any()) or not float(shares.sum()) > 0:
            raise ValueError(
                f"weights is {weights!r}; it must hold {modes} numbers, none below 0, with a sum "
                f"above 0."
            )
        cumulative = shares.cumsum(0)
        self.means = centres.float()
        self.sigmas = sigmas.float().reshape(-1).expand(modes).clone()
        self.weights = (shares / cumulative[-1]).float()
        self._edges = (cumulative / cumulative[-1]).float()  # ends in exactly 1
        self._placed: dict[torch.device, tuple[Tensor, Tensor, Tensor]] = {}

    @property
    def dim(self) -> int:
        """Dimension d of a sample."""
        return self.means.shape[1]

    @property
    def sigma(self) -> float:
        """Standard deviation common to all modes.

        Raises:
            ValueError: when the modes differ in it; use `sigmas` then.
        """
        if bool((self.sigmas != self.sigmas[0]).any()):
            raise ValueError(f"the modes have different sigmas {self.sigmas.tolist()}; use .sigmas")
        return round(float(self.sigmas[0]), 7)  # 0.02, not 0.0199999995529...

    def sample(
        self, n: int, generator: torch.Generator | None = None, device: Device = None
    ) -> Tensor:
        """Draw n independent samples: k ~ w, then x = mu_k + sigma_k eps with eps ~ N(0, I).

        Args:
            n: number of samples, at least 0.
            generator: source of randomness; PyTorch's global one when left out.
            device: where the samples are wanted; the generator's, or the CPU, when left out.

        Returns: (n, d) float32.
        """
        n, home, target = devices(n, generator, device)
        means, sigmas, edges = self._on(home)
        uniform = torch.rand(n, generator=generator, device=home)
        mode = torch.searchsorted(edges, uniform, right=True)  # (n,): edge[k-1] <= u < edge[k]
        noise = torch.randn(n, self.dim, generator=generator, device=home)
        return torch.addcmul(means[mode], sigmas[mode], noise).to(target)  # (n, d)

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x) in nats: logsumexp_k [log w_k - |x - mu_k|^2 / (2 sigma_k^2) - ...].

        Args:
            x: (n, d); differentiable.

        Returns: (n,), in x's data type and on its device.
        """
        x = points(x, self.dim)
        means, sigmas = self.means.to(x), self.sigmas.to(x)  # (K, d), (K,)
        weights = self.weights.to(x)
        # One axis at a time: a table (n, K, d) would be three times as slow.
        squared = sum(torch.square(x[:, [i]] - means[:, i]) for i in range(self.dim))  # (n, K)
        # log N(x; mu, sigma^2 I) = -|x - mu|^2 / (2 sigma^2) - d log sigma - d/2 log(2 pi)
        log_normal = -squared / (2 * sigmas**2) - self.dim * (sigmas.log() + 0.5 * log(2 * pi))
        return torch.logsumexp(weights.log() + log_normal, dim=1)

    def _on(self, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
        """Copy the parameters to a device once, so that sampling in a loop moves nothing."""
        if device not in self._placed:
            parts = self.means, self.sigmas[:, None], self._edges
            means, sigmas, edges = (part.to(device) for part in parts)
            self._placed[device] = means, sigmas, edges
        return self._placed[device]


class SwissRoll:
    """A spiral with Gaussian noise: p(x) = integral of N(x; c(t), sigma^2 I) over t, t uniform.

    The curve is c(t) = radius * t / t_1 * (cos t, sin t) for t from t_0 = 1.5 pi to
    t_1 = t_0 + 2 pi turns. The density is the integral by Gauss-Legendre quadrature along the
    curve, 6 nodes for every 2 sigma: log p is exact to 1e-5 where it is above -20, and to one part
    in a thousand far from the curve.

    Args:
        turns: number of turns, above 0.
        radius: distance of the outer end from the origin, above 0.
        sigma: standard deviation of the noise, above 0, and at least radius / 1000.

    Raises:
        ValueError: for a number that is not in these ranges.
    """

    dim = 2

    def __init__(self, turns: float = 1.5, radius: float = 2.0, sigma: float = 0.05) -> None:
        self.turns, self.radius = above_zero("turns", turns), above_zero("radius", radius)
        self.sigma = above_zero("sigma", sigma)
        if self.sigma < self.radius / 1000:
            raise ValueError(
                f"sigma is {sigma}; it must be at least radius / 1000 = {self.radius / 1e3}."
            )
        self._start = 1.5 * pi
        self._end = self._start + 2 * pi * self.turns

        # Speed along the curve is at most radius / t_1 * sqrt(1 + t_1^2).
        longest = self.radius * (1 + self._end**-2) ** 0.5 * (self._end - self._start)
        panels = ceil(longest / (2 * self.sigma))
        nodes, weights = np.polynomial.legendre.leggauss(6)  # on [-1, 1]
        left = np.arange(panels)[:, None]
        share = torch.from_numpy(((left + (nodes + 1) / 2) / panels).ravel())  # in (0, 1)
        angle = self._start + (self._end - self._start) * share
        self._mixture = GaussianMixture(self.curve(angle), self.sigma, np.tile(weights, panels))

    def curve(self, t: Tensor) -> Tensor:
        """Return the points c(t) (n, 2) of the noiseless curve for angles t (n,) in radians."""
        return (self.radius / self._end) * torch.stack([t * t.cos(), t * t.sin()], dim=1)

    def sample(
        self, n: int, generator: torch.Generator | None = None, device: Device = None
    ) -> Tensor:
        """Draw n samples (n, 2), float32; the arguments are those of `GaussianMixture.sample`."""
        n, home, target = devices(n, generator, device)
        uniform = torch.rand(n, generator=generator, device=home)
        angle = self._start + (self._end - self._start) * uniform
        noise = torch.randn(n, 2, generator=generator, device=home)
        return (self.curve(angle) + self.sigma * noise).to(target)

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x) (n,) in nats for points x (n, 2)."""
        # In parts, so that the table (points, nodes) of the quadrature stays in the cache.
        parts = points(x, self.dim).split(256)
        return torch.cat([self._mixture.log_density(part) for part in parts])


def ring(modes: int = 8, radius: float = 2.0, sigma: float = 0.02) -> GaussianMixture:
    """Place `modes` equal Gaussians on a circle at the angles 2 pi k / modes.

    Args:
        modes: number of modes, at least 1.
        radius: radius of the circle, above 0.
        sigma: standard deviation of each mode, above 0.

    Source: the ring of arXiv:1611.02163, appendix; radius 2 and sigma 0.02.
    """
    modes, radius = integer("modes", modes, 1), above_zero("radius", radius)
    # k / modes never reaches 1: an angle of 2 pi would be mode 0 a second time.
    angles = [2 * pi * k / modes for k in range(modes)]
    return GaussianMixture([[radius * cos(a), radius * sin(a)] for a in angles], sigma)


def grid(side: int = 5, spacing: float = 2.0, sigma: float = 0.05) -> GaussianMixture:
    """Place side x side equal Gaussians on a square grid centred on the origin.

    Args:
        side: modes along one edge, at least 1.
        spacing: distance between neighbours, above 0.
        sigma: standard deviation of each mode, above 0.

    Source: the grid of 25 of arXiv:1705.07761, section 4.1: {-4, -2, 0, 2, 4}^2, sigma 0.05.
    """
    side, spacing = integer("side", side, 1), above_zero("spacing", spacing)
    ticks = [spacing * (k - (side - 1) / 2) for k in range(side)]
    return GaussianMixture([[x, y] for x in ticks for y in ticks], sigma)


def mixture_1d(
    means: Sequence[float], sigmas: ArrayLike, weights: Sequence[float] | None = None
) -> GaussianMixture:
    """Mix Gaussians on the line: p(x) = sum_k w_k N(x; mu_k, sigma_k^2).

    Args:
        means: (K,).
        sigmas: one standard deviation for all, or (K,); above 0.
        weights: (K,), not negative; equal when left out.

    Returns: a mixture with samples of shape (n, 1).
    """
    centres = finite("means", means)
    if centres.ndim != 1:
        raise ValueError(f"means is {means!r}; it must be a flat list of numbers, one a mode.")
    return GaussianMixture(centres[:, None], sigmas, weights)


def swiss_roll(turns: float = 1.5, radius: float = 2.0, sigma: float = 0.05) -> SwissRoll:
    """Return the spiral of `SwissRoll`."""
    return SwissRoll(turns, radius, sigma)

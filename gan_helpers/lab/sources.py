"""The laboratory's data: six distributions in the plane by name, or points drawn by hand."""

from __future__ import annotations

from collections.abc import Callable
from math import log

import torch
from torch import Tensor

from gan_helpers.data import Distribution, GaussianMixture, grid, ring, swiss_roll

REACH = 3.0  # all data lie within [-REACH, REACH] in both directions
MOST_DRAWN = 5_000

Source = Distribution | Tensor


class Segment:
    """A straight line with noise: x = centre + half t u + sigma eps, t uniform on [-1, 1].

    Along the line the density is a difference of two normal distribution functions, across it a
    normal density.

    Args:
        start: one end, (2,).
        end: the other end, (2,).
        sigma: standard deviation of the noise, above 0.
    """

    dim = 2

    def __init__(
        self,
        start: tuple[float, float] = (-1.8, -1.2),
        end: tuple[float, float] = (1.8, 1.2),
        sigma: float = 0.05,
    ) -> None:
        ends = torch.tensor([start, end])
        self.centre = ends.mean(0)  # (2,)
        self.half = float((ends[1] - ends[0]).norm()) / 2
        self.direction = (ends[1] - ends[0]) / (2 * self.half)  # (2,), length 1
        self.sigma = sigma

    def sample(
        self,
        n: int,
        generator: torch.Generator | None = None,
        device: torch.device | str | None = None,
    ) -> Tensor:
        """Draw n samples (n, 2), float32; the arguments are those of `GaussianMixture.sample`."""
        along = self.half * (2 * torch.rand(n, 1, generator=generator) - 1)  # (n, 1)
        noise = self.sigma * torch.randn(n, 2, generator=generator)
        return (self.centre + along * self.direction + noise).to(device)

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x) (n,) in nats for points x (n, 2)."""
        shifted, direction = x - self.centre.to(x), self.direction.to(x)
        along = shifted @ direction  # (n,)
        across = shifted[:, 1] * direction[0] - shifted[:, 0] * direction[1]
        normal = torch.distributions.Normal(0.0, self.sigma)
        # by symmetry, with |t|: Phi(-(|t| - h) / s) - Phi(-(|t| + h) / s) does not cancel far out
        near, far = -(along.abs() - self.half), -(along.abs() + self.half)
        log_near = torch.special.log_ndtr(near / self.sigma)
        log_far = torch.special.log_ndtr(far / self.sigma)
        inside = log_near + torch.log1p(-torch.exp(log_far - log_near))
        return inside - log(2 * self.half) + normal.log_prob(across)


_DISTRIBUTIONS: dict[str, Callable[[], Distribution]] = {
    "ring": ring,
    "two Gaussians": lambda: GaussianMixture([[-1.5, 0.0], [1.5, 0.0]], 0.3),
    "line": Segment,
    "grid": lambda: grid(side=5, spacing=1.0, sigma=0.05),  # as far out as the ring
    "swiss roll": swiss_roll,
    "disjoint blobs": lambda: GaussianMixture(
        [[-1.6, -1.0], [1.5, -1.2], [0.2, 1.6]], [0.3, 0.15, 0.2]
    ),
}
DATA = tuple(_DISTRIBUTIONS)


def make_source(data: str | Tensor) -> Source:
    """Return the distribution of that name, or the drawn points themselves."""
    return data if isinstance(data, Tensor) else _DISTRIBUTIONS[data]()


def draw(source: Source, n: int, generator: torch.Generator) -> Tensor:
    """Draw n independent samples (n, 2); of drawn points, with replacement."""
    if isinstance(source, Tensor):
        return source[torch.randint(len(source), (n,), generator=generator)]
    return source.sample(n, generator=generator)


def check_drawn(points: Tensor) -> Tensor:
    """Return drawn points as a float32 copy on the CPU, or say what is wrong with them.

    Args:
        points: (N, 2), 2 <= N <= 5 000, each coordinate in [-3, 3].

    Raises:
        ValueError: any other shape, number or range; names the value, the rule and the repair.
    """
    if points.ndim != 2 or points.shape[1] != 2 or not 2 <= len(points) <= MOST_DRAWN:
        raise ValueError(
            f"data has shape {tuple(points.shape)}; drawn points must be (N, 2) with N from 2 to "
            f"{MOST_DRAWN}: draw a little more, or take a random part"
        )
    copied = points.detach().to("cpu", torch.float32).clone()
    if not bool((copied.abs() <= REACH).all()):
        raise ValueError(
            f"data reaches {copied.abs().max().item():.3g}; drawn points must lie within "
            f"[-{REACH:g}, {REACH:g}] and be finite: scale them"
        )
    return copied

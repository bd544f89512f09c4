"""Multilayer perceptrons: fully connected layers, for points and for small images."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from torch import Tensor, nn

from gan_helpers.networks.sizes import check_input, full_precision, sizes
from gan_helpers.runtime import integer


class MLPGenerator(nn.Module):
    """Map latents to samples with fully connected layers: x = W_L h_(L-1) + b_L.

    Args:
        latent_dim: width of z, at least 1.
        out_shape: shape of one sample, for example (1,), (2,) or (1, 28, 28).
        widths: widths of the hidden layers, input side first; each at least 1.
        batch_norm: put a BatchNorm between each hidden linear layer and its ReLU.
        tanh: end in tanh, so that samples lie in [-1, 1].

    Attributes: `latent_dim`, `out_shape`, `output_range` ((-1.0, 1.0) with tanh, else None).

    Raises:
        TypeError: a shape or the widths are no sequence.
        ValueError: a size is no integer >= 1, or there is none.
    """

    def __init__(
        self,
        latent_dim: int,
        out_shape: Sequence[int],
        widths: Sequence[int] = (128, 128),
        batch_norm: bool = False,
        tanh: bool = False,
    ) -> None:
        super().__init__()
        self.latent_dim = integer("latent_dim", latent_dim, 1)
        self.out_shape = sizes("out_shape", out_shape)
        self.output_range: tuple[float, float] | None = (-1.0, 1.0) if tanh else None
        self._has_batch_norm = batch_norm

        layers: list[nn.Module] = []
        width_in = self.latent_dim
        for width in sizes("widths", widths):
            # BatchNorm subtracts the mean, so a bias in front of it would have no effect.
            layers.append(nn.Linear(width_in, width, bias=not batch_norm))
            if batch_norm:
                layers.append(nn.BatchNorm1d(width))
            layers.append(nn.ReLU())
            width_in = width
        layers.append(nn.Linear(width_in, prod(self.out_shape)))
        if tanh:
            layers.append(nn.Tanh())
        self.layers = nn.Sequential(*layers)

    def forward(self, z: Tensor) -> Tensor:
        """Return samples (N, *out_shape) for latents z (N, latent_dim)."""
        check_input(self, "z", z, (self.latent_dim,))
        return full_precision(self.layers(z)).unflatten(1, self.out_shape)  # (N, *out_shape)


class MLPDiscriminator(nn.Module):
    """Score samples with fully connected layers and LeakyReLU(0.2).

    Args:
        in_shape: shape of one sample, for example (2,) or (1, 28, 28).
        widths: widths of the hidden layers, input side first; each at least 1.

    Attributes: `in_shape`. It has no BatchNorm, so it may carry a gradient penalty.

    Raises:
        TypeError: a shape or the widths are no sequence.
        ValueError: a size is no integer >= 1, or there is none.
    """

    def __init__(self, in_shape: Sequence[int], widths: Sequence[int] = (128, 128)) -> None:
        super().__init__()
        self.in_shape = sizes("in_shape", in_shape)
        layers: list[nn.Module] = []
        width_in = prod(self.in_shape)
        for width in sizes("widths", widths):
            layers += [nn.Linear(width_in, width), nn.LeakyReLU(0.2)]
            width_in = width
        layers.append(nn.Linear(width_in, 1))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Return raw scores (N,) for samples x (N, *in_shape)."""
        check_input(self, "x", x, self.in_shape)
        return full_precision(self.layers(x.flatten(1))).squeeze(1)  # (N, 1) -> (N,)

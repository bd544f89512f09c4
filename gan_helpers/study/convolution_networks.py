"""The networks of notebook 08's trials: a generator, a discriminator, and ways to spoil them.

The notebook shows `upward`, `downward` and `checkerboard` as they stand here.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from gan_helpers.networks import SelfAttention, initialise_dcgan, spectrally_normalised

Layer = Callable[[int], nn.Module]


def upward(
    channels: int = 16,
    batch_norm: bool = True,
    double: Callable[[int, int], nn.Module] | None = None,
    middle: Layer | None = None,
    last: Callable[[], nn.Module] = nn.Tanh,
) -> nn.Sequential:
    """Build a generator 7x7 -> 14x14 -> 28x28; the notebook shows this code.

    Args:
        channels: of the 14x14 map; the 7x7 map has twice as many.
        batch_norm: after all layers but the last.
        double: ``double(inputs, outputs)`` makes what doubles a map; kernel 4, stride 2 if None.
        middle: ``middle(channels)`` makes a layer for the 14x14 map; none if ``None``.
        last: makes the last layer.
    """
    double = double or (lambda i, o: nn.ConvTranspose2d(i, o, 4, stride=2, padding=1))
    norm: Layer = nn.BatchNorm2d if batch_norm else nn.Identity
    start = 2 * channels, 7, 7
    layers: list[nn.Module] = [nn.Linear(16, 98 * channels), nn.Unflatten(1, start)]
    layers += [norm(2 * channels), nn.ReLU(), double(2 * channels, channels)]
    layers += [norm(channels), nn.ReLU(), *([middle(channels)] if middle else [])]
    return nn.Sequential(*layers, double(channels, 1), last())


def downward(
    channels: int = 16,
    batch_norm: bool = True,
    first: bool = False,
    slope: float = 0.2,
    middle: Layer | None = None,
) -> nn.Sequential:
    """Build a discriminator 28x28 -> 14x14 -> 7x7 -> a score; the notebook shows this code.

    Args:
        channels: of the 14x14 map; the 7x7 map has twice as many.
        batch_norm: after the second convolution.
        first: BatchNorm after the first one.
        slope: of LeakyReLU below 0.
        middle: ``middle(channels)`` makes a layer for the 14x14 map; none if ``None``.
    """
    layers: list[nn.Module] = [nn.Conv2d(1, channels, 4, stride=2, padding=1)]
    layers += [nn.BatchNorm2d(channels)] if first else []
    layers += [nn.LeakyReLU(slope), *([middle(channels)] if middle else [])]
    layers += [nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1)]
    layers += [nn.BatchNorm2d(2 * channels)] if batch_norm else []
    layers += [nn.LeakyReLU(slope), nn.Flatten(), nn.Linear(2 * channels * 49, 1)]
    return nn.Sequential(*layers, nn.Flatten(0))


def transposed(kernel: int) -> Callable[[int, int], nn.Module]:
    """Return a maker of transposed convolutions of stride 2 that double a map exactly."""
    pad, extra = (kernel - 1) // 2, kernel % 2
    return lambda i, o: nn.ConvTranspose2d(i, o, kernel, 2, pad, output_padding=extra)


def resized(inputs: int, outputs: int) -> nn.Module:
    """Double a map by repeating its pixels, then convolve: no place is touched more often."""
    return nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(inputs, outputs, 3, padding=1))


class EvenGaze(SelfAttention):
    """The control of attention: the same weights, but every place looks evenly at all places."""

    def forward(self, x: Tensor) -> Tensor:
        """Return gamma v(mean over places of h(x)) + x, of the shape of x."""
        return self.gamma * self.out(self.value(x).mean((2, 3), keepdim=True)) + x


def normalised_tanh() -> nn.Module:
    """End a generator in BatchNorm and tanh, against DCGAN's rule."""
    return nn.Sequential(nn.BatchNorm2d(1), nn.Tanh())


def gamma_around_zero(module: nn.Module) -> None:
    """Initialise as many copies of DCGAN do: BatchNorm's gamma ~ N(0, 0.02^2), not N(1, 0.02^2)."""
    initialise_dcgan(module)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 0.0, 0.02)


def checkerboard(images: Tensor) -> Tensor:
    """Measure the power of images (N, C, H, W) at the frequencies of a checkerboard and stripes.

    Neighbours are weighted by +1 and -1 along rows, along columns, and along both; the mean over
    an image, squared, is averaged over the images and summed over the three patterns.
    """
    rows, columns = ((-1.0) ** torch.arange(n) for n in images.shape[2:])
    patterns = rows[:, None] + 0 * columns, 0 * rows[:, None] + columns, rows[:, None] * columns
    powers = [(images * each).mean((2, 3)).square().mean() for each in patterns]
    return torch.stack(powers).sum()


def unchanged(network: nn.Module) -> nn.Module:
    """Leave a discriminator without spectral norm."""
    return network


def outer_layers_normalised(network: nn.Module) -> nn.Module:
    """Normalise as published code does that goes over a stack: what lies deeper is not seen."""
    for layer in network.children():
        if hasattr(layer, "weight"):
            spectrally_normalised(layer)
    return network

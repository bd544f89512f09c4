"""Convolutional networks that double or halve an image, after DCGAN, and its initialisation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from torch import Tensor, nn

from gan_helpers.networks.sizes import (
    check_input,
    conv_widths,
    count_doublings,
    full_precision,
    image_sizes,
)
from gan_helpers.runtime import integer


class ConvGenerator(nn.Module):
    """Map latents to images by doubling a small map until it has the image's size (DCGAN).

    A linear map makes a small image with many channels out of z; each transposed convolution
    (kernel 4, stride 2, padding 1) then doubles height and width and halves the channels. For
    28x28 the sizes are 7, 14, 28; for 32x32 they are 4, 8, 16, 32; for 64x64 one more.

    Args:
        latent_dim: width of z, at least 1.
        image_shape: (C, H, W). The shorter side is at least 8; both sides can be halved until the
            shorter is 4 to 7 pixels.
        channels: channels of the last hidden map; earlier maps have 2, 4 and at most 8 times that.

    Attributes: `latent_dim`, `out_shape`, `output_range` = (-1.0, 1.0), because it ends in tanh.

    Raises:
        TypeError: the shape is no sequence.
        ValueError: a size is no integer >= 1, or doubling does not reach the image's size.

    Source: arXiv:1511.06434, section 3 (architecture guidelines) and figure 1.
    """

    def __init__(
        self,
        latent_dim: int = 100,
        image_shape: Sequence[int] = (1, 28, 28),
        channels: int = 64,
    ) -> None:
        super().__init__()
        self.latent_dim = integer("latent_dim", latent_dim, 1)
        image_channels, height, width = self.out_shape = image_sizes(image_shape)
        self.output_range: tuple[float, float] | None = (-1.0, 1.0)
        self._has_batch_norm = True
        doublings = count_doublings(height, width)
        widths = conv_widths(integer("channels", channels, 1), doublings)[::-1]
        start = (widths[0], height >> doublings, width >> doublings)

        layers: list[nn.Module] = [
            nn.Linear(self.latent_dim, prod(start), bias=False),  # (N, latent_dim) -> (N, c*h*w)
            nn.Unflatten(1, start),  # (N, c, h, w)
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(),
        ]
        for width_in, width_out in pairwise(widths):
            layers += [
                nn.ConvTranspose2d(width_in, width_out, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(width_out),
                nn.ReLU(),
            ]
        layers += [
            nn.ConvTranspose2d(widths[-1], image_channels, 4, stride=2, padding=1),
            nn.Tanh(),
        ]
        self.layers = nn.Sequential(*layers)
        initialise_dcgan(self)

    def forward(self, z: Tensor) -> Tensor:
        """Return images (N, C, H, W) in [-1, 1] for latents z (N, latent_dim)."""
        check_input(self, "z", z, (self.latent_dim,))
        return full_precision(self.layers(z))


class ConvDiscriminator(nn.Module):
    """Score images by halving them until a 4 to 7 pixel map is left (DCGAN), then one linear map.

    The mirror image of `ConvGenerator`: convolutions with kernel 4, stride 2, padding 1 and
    LeakyReLU(0.2). There is no BatchNorm after the first convolution.

    Args:
        image_shape: (C, H, W), with the same rule for the size as `ConvGenerator`.
        channels: channels after the first convolution; later maps have 2, 4 and at most 8 times
            that.
        batch_norm: BatchNorm after all convolutions but the first. Use False for a critic with a
            gradient penalty: BatchNorm ties the samples of a batch together, and the penalty is
            about one sample at a time (arXiv:1704.00028, section 4).

    Attributes: `in_shape`.

    Raises:
        TypeError: the shape is no sequence.
        ValueError: a size is no integer >= 1, or halving does not end on whole pixels.

    Source: arXiv:1511.06434, section 3.
    """

    def __init__(
        self,
        image_shape: Sequence[int] = (1, 28, 28),
        channels: int = 64,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        image_channels, height, width = self.in_shape = image_sizes(image_shape)
        self._has_batch_norm = batch_norm
        halvings = count_doublings(height, width)
        widths = conv_widths(integer("channels", channels, 1), halvings)
        end = (widths[-1], height >> halvings, width >> halvings)

        layers: list[nn.Module] = [
            nn.Conv2d(image_channels, widths[0], 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
        ]
        for width_in, width_out in pairwise(widths):
            layers.append(
                nn.Conv2d(width_in, width_out, 4, stride=2, padding=1, bias=not batch_norm)
            )
            if batch_norm:
                layers.append(nn.BatchNorm2d(width_out))
            layers.append(nn.LeakyReLU(0.2))
        layers += [nn.Flatten(), nn.Linear(prod(end), 1)]  # (N, c, h, w) -> (N, 1)
        self.layers = nn.Sequential(*layers)
        initialise_dcgan(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return raw scores (N,) for images x (N, C, H, W)."""
        check_input(self, "x", x, self.in_shape)
        return full_precision(self.layers(x)).squeeze(1)  # (N, 1) -> (N,)


def initialise_dcgan(module: nn.Module) -> None:
    """Initialise in place as DCGAN does: weights ~ N(0, 0.02^2), gamma ~ N(1, 0.02^2), biases 0.

    Gamma is BatchNorm's scale. Drawing it around 0 instead of 1, as many copies of this recipe do,
    shrinks every layer's signal about fiftyfold.

    Args:
        module: any module; its linear, convolutional and BatchNorm layers are set, others kept.

    Source: arXiv:1511.06434, section 4 (weights); gamma as in its authors' code.
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"module is a {type(module).__name__}; it must be a torch module.")
    for layer in module.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, mean=0.0, std=0.02)
        elif isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)) and layer.affine:
            nn.init.normal_(layer.weight, mean=1.0, std=0.02)
        else:
            continue
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)

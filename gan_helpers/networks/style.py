"""A style-based generator: a mapping network, and layers that are told what to do by its output."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, interpolate, leaky_relu, linear

from gan_helpers.networks.sizes import (
    check_input,
    conv_widths,
    count_doublings,
    full_precision,
    image_sizes,
)
from gan_helpers.runtime import integer


def modulated_conv(x: Tensor, weight: Tensor, style: Tensor, demodulate: bool = True) -> Tensor:
    """Convolve each sample with weights of its own, ``w'_oik = s_i w_oik``, brought to norm 1.

    With demodulation the weights of each output channel are divided by their norm,
    ``w''_oik = w'_oik / sqrt(sum_ik w'_oik^2 + 1e-8)``. No sample needs a copy of the weights:
    scaling the inputs by ``s_i`` and the outputs by the norm's inverse is the same.

    Args:
        x: maps (N, I, H, W).
        weight: (O, I, K, K), K odd.
        style: one number for each sample and input channel, (N, I).
        demodulate: whether to divide by the norm.

    Returns:
        Maps (N, O, H, W).

    Source: arXiv:1912.04958, Eq. 1 and 3.
    """
    y = conv2d(x * style[:, :, None, None], weight, padding=weight.shape[-1] // 2)  # (N, O, H, W)
    if not demodulate:
        return y
    squares = weight.square().sum((2, 3)) * style.square()[:, None]  # (O, I), (N, 1, I): (N, O, I)
    return y * (squares.sum(2) + 1e-8).rsqrt()[:, :, None, None]


class EqualisedLinear(nn.Linear):
    """A linear layer whose weights are drawn from N(0, 1) and divided by sqrt(fan in) when used.

    At the start it is what an ordinary layer is. Adam moves every weight by about the learning
    rate, whatever its size; here that is the same share of every weight, however many inputs a
    layer has. All layers of the generator are built so (*equalised learning rate*).

    Source: arXiv:1710.10196, section 4.1.
    """

    def reset_parameters(self) -> None:
        """Draw the weights; biases are 0."""
        nn.init.normal_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return (..., out_features) for x (..., in_features)."""
        return linear(x, self.weight * self.in_features**-0.5, self.bias)


class StyledConv(nn.Module):
    """A convolution modulated by w, with noise, bias and LeakyReLU(0.2) times sqrt(2).

    Args:
        channels_in: channels of the maps that come in.
        channels_out: channels of the maps that it makes.
        w_dim: width of w.
        up: double height and width first (bilinear).
        demodulate: whether the modulated weights are brought to norm 1.

    Attributes: `noise_strength`, one number, 0 at the start: the noise is there from the first
    update on, and how much of it is used is learnt.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        w_dim: int,
        up: bool = False,
        demodulate: bool = True,
    ) -> None:
        super().__init__()
        self.up, self.demodulate = up, demodulate
        self.style = _style(w_dim, channels_in)
        self.weight = nn.Parameter(torch.randn(channels_out, channels_in, 3, 3))
        self.gain = (9 * channels_in) ** -0.5
        self.bias = nn.Parameter(torch.zeros(channels_out))
        self.noise_strength = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor, w: Tensor, noise: Tensor) -> Tensor:
        """Return maps (N, O, H, W) for maps x, w (N, w_dim) and noise (N or 1, 1, H, W)."""
        x = _doubled(x) if self.up else x
        style = full_precision(self.style(w))
        y = modulated_conv(x, self.gain * self.weight, style, self.demodulate)
        y = y + self.noise_strength * noise + self.bias[:, None, None]
        return leaky_relu(y, 0.2) * 2**0.5  # sqrt(2) makes up for what the kink takes away


class ToImage(nn.Module):
    """A modulated 1x1 convolution from maps to an image's channels; it is not demodulated."""

    def __init__(self, channels_in: int, image_channels: int, w_dim: int) -> None:
        super().__init__()
        self.style = _style(w_dim, channels_in)
        self.weight = nn.Parameter(torch.randn(image_channels, channels_in, 1, 1))
        self.gain = channels_in**-0.5
        self.bias = nn.Parameter(torch.zeros(image_channels))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Return what the maps x (N, I, H, W) add to the image, (N, C, H, W)."""
        style = full_precision(self.style(w))
        y = modulated_conv(x, self.gain * self.weight, style, demodulate=False)
        return y + self.bias[:, None, None]


class Mapping(nn.Sequential):
    """The mapping network: z, brought to length sqrt(latent_dim), through a small MLP to w."""

    def __init__(self, latent_dim: int, w_dim: int, layers: int) -> None:
        widths = [latent_dim] + [w_dim] * layers
        hidden = [(EqualisedLinear(*pair), nn.LeakyReLU(0.2)) for pair in pairwise(widths)]
        super().__init__(*(layer for pair in hidden for layer in pair))

    def forward(self, z: Tensor) -> Tensor:
        """Return w (N, w_dim) for latents z (N, latent_dim), whose lengths do not matter."""
        length = (z.square().mean(1, keepdim=True) + 1e-8).sqrt()  # |z| / sqrt(latent_dim)
        return full_precision(super().forward(z / length))


class StyleGenerator(nn.Module):
    """Map z to w, and let w set the style of every layer that turns a constant into an image.

    The synthesis starts from a learnt constant of 4 to 7 pixels and doubles it until it has the
    image's size; after each doubling come ``convolutions`` styled convolutions, and a 1x1
    convolution adds to the image, which is doubled along (skip connections). It ends in tanh.

    Args:
        latent_dim: width of z, at least 1.
        image_shape: (C, H, W), with the same rule for the size as `ConvGenerator`.
        channels: channels of the last maps; earlier ones have 2, 4 and at most 8 times that.
        w_dim: width of w, at least 1.
        mapping_layers: layers of the mapping network, at least 1.
        convolutions: styled convolutions for each size of map, at least 1.
        demodulate: False leaves the modulated weights as they are.

    Attributes: `latent_dim`, `w_dim`, `out_shape`, `output_range` = (-1.0, 1.0), `mapping`,
    `layers` (the styled convolutions) and `to_image` (one for each size of map).

    Raises:
        TypeError: the shape is no sequence.
        ValueError: a size is no integer >= 1, or doubling does not reach the image's size.

    Source: arXiv:1812.04948, section 2 (mapping, styles, noise); arXiv:1912.04958, sections 2.2
        (demodulation) and 4.1 (skip connections).
    """

    def __init__(
        self,
        latent_dim: int = 32,
        image_shape: Sequence[int] = (1, 28, 28),
        channels: int = 16,
        w_dim: int = 32,
        mapping_layers: int = 3,
        convolutions: int = 1,
        demodulate: bool = True,
    ) -> None:
        super().__init__()
        self.latent_dim = integer("latent_dim", latent_dim, 1)
        self.w_dim = integer("w_dim", w_dim, 1)
        image_channels, height, width = self.out_shape = image_sizes(image_shape)
        self.output_range: tuple[float, float] | None = (-1.0, 1.0)
        self.convolutions = integer("convolutions", convolutions, 1)
        doublings = count_doublings(height, width)
        widths = conv_widths(integer("channels", channels, 1), doublings + 1)[::-1]
        self._sizes = [(height >> k, width >> k) for k in range(doublings, -1, -1)]

        self.mapping = Mapping(self.latent_dim, w_dim, integer("mapping_layers", mapping_layers, 1))
        self.start = nn.Parameter(torch.randn(1, widths[0], *self._sizes[0]))
        self.layers = nn.ModuleList()
        self.to_image = nn.ModuleList()
        before = widths[0]
        for k, channels_out in enumerate(widths):
            for i in range(self.convolutions):
                up = k > 0 and i == 0
                self.layers.append(StyledConv(before, channels_out, w_dim, up, demodulate))
                before = channels_out
            self.to_image.append(ToImage(channels_out, image_channels, w_dim))

    def draw_noise(self, n: int, generator: torch.Generator | None = None) -> list[Tensor]:
        """Draw the noise of every styled layer, (n, 1, H, W) each, from N(0, 1)."""
        like = self.start
        return [
            torch.randn(n, 1, *size, generator=generator, device=like.device, dtype=like.dtype)
            for size in self._sizes
            for _ in range(self.convolutions)
        ]

    def synthesis(self, w: Tensor, noise: Sequence[Tensor] | None = None) -> Tensor:
        """Return images (N, C, H, W) in [-1, 1] for w.

        Args:
            w: one for all layers, (N, w_dim), or one for each styled layer, (N, layers, w_dim). A
                map adds to the image in the style of its last layer.
            noise: one for each styled layer, (N or 1, 1, H, W); drawn afresh if ``None``.

        Raises:
            TypeError: w is no floating-point tensor.
            ValueError: w has another shape, or there is noise for another number of layers.
        """
        count = len(self.layers)
        if isinstance(w, Tensor) and w.ndim == 2:
            check_input(self, "w", w, (self.w_dim,))
            w = w[:, None].expand(-1, count, -1)
        check_input(self, "w", w, (count, self.w_dim))
        noise = self.draw_noise(len(w)) if noise is None else noise
        if len(noise) != count:
            raise ValueError(
                f"noise holds {len(noise)} maps; give one for each of the {count} styled layers, "
                "as draw_noise does"
            )
        x = image = self.start.expand(len(w), -1, -1, -1)
        for i, layer in enumerate(self.layers):
            x = layer(x, w[:, i], noise[i])
            if (i + 1) % self.convolutions == 0:
                added = self.to_image[i // self.convolutions](x, w[:, i])
                image = _doubled(image) + added if i + 1 > self.convolutions else added
        return full_precision(torch.tanh(image))

    def forward(self, z: Tensor) -> Tensor:
        """Return images (N, C, H, W) in [-1, 1] for latents z (N, latent_dim), with fresh noise."""
        check_input(self, "z", z, (self.latent_dim,))
        return self.synthesis(self.mapping(z))


def _style(w_dim: int, channels: int) -> EqualisedLinear:
    """Make the affine map from w to a style; its bias is 1, so that styles begin around 1."""
    affine = EqualisedLinear(w_dim, channels)
    nn.init.ones_(affine.bias)
    return affine


def _doubled(x: Tensor) -> Tensor:
    return interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)

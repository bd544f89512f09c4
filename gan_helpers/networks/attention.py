"""Self-attention over a map: every place looks at every other one (SAGAN)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from gan_helpers.runtime import integer


class SelfAttention(nn.Module):
    """Let each place of a map take something from all places, ``y = gamma o + x``.

    With f, g, h and v convolutions of one pixel, at places i and j:

        s_ij = f(x_i)^T g(x_j),  beta_ji = exp(s_ij) / sum_i exp(s_ij)
        o_j = v(sum_i beta_ji h(x_i)),  y_j = gamma o_j + x_j

    gamma is learned and starts at 0, where the layer is exactly the identity. The map that comes
    out has the shape of the one that goes in, and any height and width will do; time and memory
    grow with (H W)^2.

    Args:
        channels: of the map, at least 1.
        inner: channels of f, g and h, at least 1; an eighth of ``channels`` if ``None``.

    Attributes: `query` (g), `key` (f), `value` (h), `out` (v), `gamma` (a scalar).

    Raises:
        ValueError: a number of channels that is no integer >= 1.

    Source: arXiv:1805.08318, Eq. 1 to 3.
    """

    def __init__(self, channels: int, inner: int | None = None) -> None:
        super().__init__()
        self.channels = integer("channels", channels, 1)
        narrow = max(self.channels // 8, 1) if inner is None else integer("inner", inner, 1)
        self.query, self.key, self.value = (
            nn.Conv2d(self.channels, narrow, 1, bias=False) for _ in range(3)
        )
        self.out = nn.Conv2d(narrow, self.channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the same shape (N, C, H, W).

        Raises:
            ValueError: x is no map of that many channels.
        """
        q, k, v = (_places(each(self._checked(x))) for each in (self.query, self.key, self.value))
        taken = scaled_dot_product_attention(q, k, v, scale=1.0)  # (N, H W, inner)
        return self.gamma * self.out(taken.mT.unflatten(2, x.shape[2:])) + x

    def weights(self, x: Tensor) -> Tensor:
        """Return where each place of a map looks, for a picture; nothing is kept of it.

        Args:
            x: (N, C, H, W), what comes into this layer.

        Returns:
            beta, (N, H W, H W): row j holds the weights with which place j takes from all places,
            counted row by row; each row sums to 1.

        Raises:
            ValueError: x is no map of that many channels.
        """
        q, k = (_places(each(self._checked(x))) for each in (self.query, self.key))
        return (q @ k.mT).float().softmax(2)  # (N, H W, inner) @ (N, inner, H W)

    def _checked(self, x: Tensor) -> Tensor:
        if x.ndim != 4 or x.shape[1] != self.channels:
            raise ValueError(
                f"x has shape {tuple(x.shape)}; this SelfAttention expects (N, {self.channels}, H, "
                "W): build it with as many channels as the layer before it makes"
            )
        return x


def _places(x: Tensor) -> Tensor:
    return x.flatten(2).mT  # (N, c, H, W) -> (N, H W, c): one row a place

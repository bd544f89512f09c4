"""Stacked-MNIST: three grey pictures as the three channels of one, with the classes of each."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_helpers.data._numbers import Device, devices
from gan_helpers.data.images import check_images


class Stacked:
    """Draw pictures of three channels, each a grey picture drawn by itself.

    With ten classes in the grey pictures there are 1 000 kinds of stacks, all equally likely where
    the classes are, so that a generator's modes can be counted by classifying its channels.

    Args:
        images: (N, 1, H, W), N at least 1, in [-1, 1]: MNIST for Stacked-MNIST.

    Raises:
        TypeError, ValueError: as ``check_images``, and for more than one channel.

    Source: arXiv:1611.02163, Section 3.3.1.
    """

    def __init__(self, images: Tensor) -> None:
        self.images = check_images(images)
        if self.images.shape[1] != 1:
            raise ValueError(
                f"images have shape {tuple(images.shape)}; a stack takes pictures of one channel: "
                "(N, 1, H, W)"
            )

    def sample(
        self, n: int, generator: torch.Generator | None = None, device: Device = None
    ) -> Tensor:
        """Draw n stacks (n, 3, H, W); a generator of your own leaves the global one alone."""
        n, where, home = devices(n, generator, device)
        index = torch.randint(len(self.images), (n, 3), generator=generator, device=where)
        if self.images.device != home:
            self.images = self.images.to(home)  # once; indexed there from now on
        return self.images[index.to(home), 0]  # (n, 3) -> (n, 3, H, W)

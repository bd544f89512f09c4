"""Players that are told a class: by concatenation, and by projection.

They stand around players that are told nothing, so that any of the package's will do.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot


class LabelledGenerator(nn.Module):
    """Tell a generator the class by concatenation: x = G([z, e_y]), e_y the y-th unit vector.

    Args:
        generator: takes z of width latent_dim + classes; `MLPGenerator`, `ConvGenerator`.
        classes: how many there are.

    Attributes: `latent_dim`, the width that is left for z; `output_range`, the generator's.

    Source: arXiv:1411.1784, section 3.2.
    """

    def __init__(self, generator: Any, classes: int = 10) -> None:
        super().__init__()
        self.generator, self.classes = generator, classes
        self.latent_dim = generator.latent_dim - classes
        self.output_range = generator.output_range

    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        """Return samples (N, ...) for z (N, latent_dim) and labels (N,), 0 to classes - 1."""
        told = one_hot(label, self.classes).to(z.dtype)  # (N, classes)
        return self.generator(torch.cat([z, told], 1))


class LabelledDiscriminator(nn.Module):
    """Tell a discriminator the class by concatenation: D([x, e_y]), the sample flattened.

    Args:
        discriminator: takes the pixels and the classes as one row, (N, pixels + classes), and
            returns raw scores (N,); `MLPDiscriminator`.
        classes: how many there are.

    Source: arXiv:1411.1784, section 3.2.
    """

    def __init__(self, discriminator: nn.Module, classes: int = 10) -> None:
        super().__init__()
        self.discriminator, self.classes = discriminator, classes

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        """Return raw scores (N,) for samples x (N, ...) and labels (N,), 0 to classes - 1."""
        told = one_hot(label, self.classes).to(x.dtype)  # (N, classes)
        return self.discriminator(torch.cat([x.flatten(1), told], 1))


class ProjectionDiscriminator(nn.Module):
    """Tell a discriminator the class by an inner product: score = psi(phi(x)) + v_y . phi(x).

    Where real and generated classes are both log-linear in the features phi, the best
    discriminator has this form, with v_y the difference of the two models' weights. The v_y start
    at 0: at first the class counts for nothing.

    Args:
        body: samples (N, ...) to features phi(x), (N, features).
        features: their number.
        classes: how many there are.

    Source: arXiv:1802.05637, Eq. 3 to 5.
    """

    def __init__(self, body: nn.Module, features: int, classes: int = 10) -> None:
        super().__init__()
        self.body = body
        self.psi = nn.Linear(features, 1)
        self.v = nn.Embedding(classes, features)
        nn.init.zeros_(self.v.weight)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        """Return raw scores (N,) for samples x (N, ...) and labels (N,), 0 to classes - 1."""
        phi = self.body(x)  # (N, features)
        scores = self.psi(phi).squeeze(1) + (self.v(label) * phi).sum(1)
        return scores.to(self.v.weight.dtype)  # float32 under autocast too

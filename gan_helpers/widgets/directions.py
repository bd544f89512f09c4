"""The latent directions along which a generator's output changes most."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers.plotting.tiles import own_generator


def principal_directions(
    generator: Module, latent_dim: int, count: int, *, points: int = 8, seed: int = 0
) -> Tensor:
    """Find the latent directions along which the output changes most, on average.

    They are the leading eigenvectors of ``E_z[J(z)^T J(z)]``, J the generator's Jacobian, taken
    by central differences: an expectation over outputs, so that any architecture will do. A
    direction is determined up to its sign; here its largest entry is positive.

    Args:
        generator: in eval mode; maps (N, latent_dim) to samples.
        latent_dim: width of z.
        count: directions wanted, 1 to ``latent_dim``.
        points: latent points, drawn from N(0, I), to average over.
        seed: of these points; the global generator is not used.

    Returns:
        Orthonormal rows, shape (count, latent_dim), the strongest first.
    """
    device = next(generator.parameters()).device
    z = torch.randn(points, latent_dim, generator=own_generator(seed, device), device=device)
    h = 0.05
    steps = h * torch.eye(latent_dim, device=device)  # (latent_dim, latent_dim)
    gram = torch.zeros(latent_dim, latent_dim, device=device)
    with torch.no_grad():
        for point in z:
            ahead, behind = generator(point + steps), generator(point - steps)
            rows = ((ahead - behind) / (2 * h)).flatten(1)  # J^T, (latent_dim, outputs)
            gram += rows @ rows.T / points
    _, vectors = torch.linalg.eigh(gram)  # ascending
    top = vectors.flip(1)[:, :count].T  # (count, latent_dim)
    largest = top.gather(1, top.abs().argmax(dim=1, keepdim=True))
    return top * largest.sign()

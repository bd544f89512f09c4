"""The latent directions along which a generator's output changes most."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers.plotting.tiles import own_generator
from gan_helpers.widgets.copies import ask, in_turn


def principal_directions(
    generator: Module,
    latent_dim: int,
    count: int,
    *,
    condition: Tensor | None = None,
    points: int = 8,
    seed: int = 0,
) -> Tensor:
    """Find the latent directions along which the output changes most, on average.

    They are the leading eigenvectors of ``E_z[J(z)^T J(z)]``, J the generator's Jacobian, taken
    by central differences: an expectation over outputs, so that any architecture will do. A
    direction is determined up to its sign; here its largest entry is positive.

    Args:
        generator: in eval mode; maps (N, latent_dim) to samples.
        latent_dim: width of z.
        count: directions wanted, 1 to ``latent_dim``.
        condition: what it is told beside z, (1, ...), or ``None``.
        points: latent points, drawn from N(0, I), to average over.
        seed: of these points; the global generator is not used.

    Returns:
        Orthonormal rows, shape (count, latent_dim), the strongest first.
    """
    like = next(generator.parameters())
    z = torch.randn(
        points, latent_dim, generator=own_generator(seed, like.device), device=like.device
    ).to(like.dtype)
    told = [] if condition is None else [in_turn(condition, latent_dim)]
    h = 0.05
    steps = h * torch.eye(latent_dim).to(like)  # (latent_dim, latent_dim)
    gram = torch.zeros(latent_dim, latent_dim).to(like)
    for point in z:
        ahead, behind = (
            ask(generator, at, *told, seed=seed) for at in (point + steps, point - steps)
        )
        rows = ((ahead - behind) / (2 * h)).flatten(1)  # J^T, (latent_dim, outputs)
        gram += rows @ rows.T / points
    _, vectors = torch.linalg.eigh(gram)  # ascending
    top = vectors.flip(1)[:, :count].T  # (count, latent_dim)
    largest = top.gather(1, top.abs().argmax(dim=1, keepdim=True))
    return top * largest.sign()

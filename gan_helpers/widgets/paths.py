"""Ways through the latent space: straight, along a sphere, and the directions that matter most."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers.plotting.tiles import own_generator


def straight(a: Tensor, b: Tensor, t: float) -> Tensor:
    """Return ``(1 - t) a + t b``.

    Between two draws from N(0, I) in many dimensions it passes points of much smaller norm than
    the generator was trained on.

    Args:
        a: start, any shape.
        b: end, same shape.
        t: position, 0 at ``a`` and 1 at ``b``.
    """
    return (1 - t) * a + t * b


def spherical(a: Tensor, b: Tensor, t: float) -> Tensor:
    """Return ``sin((1 - t) w) / sin w * a + sin(t w) / sin w * b``, w the angle between a and b.

    It keeps to norms between those of the ends. Where the angle is 0 or pi, which leaves the way
    open, it is the straight line.

    Args:
        a: start, shape (..., d).
        b: end, same shape.
        t: position, 0 at ``a`` and 1 at ``b``.

    Source:
        arXiv:1609.04468, Section 2.1.
    """
    cosine = torch.nn.functional.cosine_similarity(a, b, dim=-1).clamp(-1, 1).unsqueeze(-1)
    angle = torch.acos(cosine)
    sine = torch.sin(angle)
    safe = torch.where(sine < 1e-4, 1.0, sine)
    curved = (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / safe
    return torch.where(sine < 1e-4, straight(a, b, t), curved)


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

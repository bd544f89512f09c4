"""Paths between two latent points."""

from __future__ import annotations

import torch
from torch import Tensor


def straight_path(start: Tensor, end: Tensor, t: Tensor) -> Tensor:
    """Return points on the line, ``(1 - t) start + t end``.

    Half-way between two independent points of N(0, I) the norm is smaller by sqrt(2), where the
    generator has seen next to nothing of dimension 10 or more.

    Args:
        start: latent point, shape (d,).
        end: latent point, shape (d,).
        t: positions, shape (n,), 0 at the start and 1 at the end.

    Returns:
        Shape (n, d).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the shapes do not fit.
    """
    _check(start, end, t)
    return (1 - t[:, None]) * start + t[:, None] * end


def spherical_path(start: Tensor, end: Tensor, t: Tensor) -> Tensor:
    """Return points on the arc, ``sin((1-t) w)/sin(w) start + sin(t w)/sin(w) end``.

    ``w`` is the angle between the two points. Points of the same norm are joined along a circle
    around the origin, so the norm stays what the generator was trained on. Where the angle is 0
    or pi, which leaves the way open, the arc is the line.

    Args:
        start: latent point, shape (d,), not 0.
        end: latent point, shape (d,), not 0.
        t: positions, shape (n,), 0 at the start and 1 at the end.

    Returns:
        Shape (n, d).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the shapes do not fit, or a point is 0.

    Source:
        Shoemake 1985; for latent spaces White 2016, arXiv:1609.04468, Section 2.1.
    """
    _check(start, end, t)
    if not (bool(start.any()) and bool(end.any())):
        raise ValueError(
            "start or end is 0, which lies on no circle around 0; draw another point, or use "
            "straight_path"
        )
    cosine = torch.nn.functional.cosine_similarity(start, end, dim=0)
    angle = cosine.clamp(-1, 1).acos()
    if torch.sin(angle) < 1e-3:
        return straight_path(start, end, t)
    weights = torch.stack([torch.sin((1 - t) * angle), torch.sin(t * angle)], dim=1)  # (n, 2)
    return weights / torch.sin(angle) @ torch.stack([start, end])  # (n, 2) @ (2, d)


def _check(start: Tensor, end: Tensor, t: Tensor) -> None:
    for name, value in (("start", start), ("end", end), ("t", t)):
        if not isinstance(value, Tensor) or not value.is_floating_point():
            found = value.dtype if isinstance(value, Tensor) else type(value).__name__
            raise TypeError(
                f"{name} is {found}; it must be a floating-point tensor: torch.tensor([...])"
            )
    if start.dim() != 1 or start.shape != end.shape or t.dim() != 1:
        raise ValueError(
            f"start, end and t have shapes {tuple(start.shape)}, {tuple(end.shape)} and "
            f"{tuple(t.shape)}; they must be (d,), (d,) and (n,): pass z[0] and z[1], not z[:1]"
        )

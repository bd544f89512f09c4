"""What keeps a discriminator's slope in bounds: gradient penalty, weight clipping, R1 and R2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from gan_helpers.runtime import number


def interpolate(real: Tensor, fake: Tensor) -> Tensor:
    """Return points on the lines from real to fake, ``epsilon x + (1 - epsilon) G(z)``.

    One ``epsilon ~ U[0, 1]`` for each sample, shared by all its pixels: the optimal critic's slope
    is 1 along the line between two coupled points, and any other choice leaves that line.

    Args:
        real: real samples, shape (N, ...).
        fake: generated samples, the same shape, dtype and device.

    Returns:
        A tensor of the same shape, with no graph behind it.

    Raises:
        ValueError: the shapes differ.

    Source:
        arXiv:1704.00028, Algorithm 1, lines 4 to 6.
    """
    if real.shape != fake.shape:
        raise ValueError(
            f"real has shape {tuple(real.shape)} and fake {tuple(fake.shape)}; a line needs two "
            "ends, so draw as many fakes as there are real samples, of the same shape"
        )
    epsilon = torch.rand(len(real), *[1] * (real.dim() - 1), device=real.device, dtype=real.dtype)
    return (epsilon * real + (1 - epsilon) * fake).detach()  # (N, ...)


def squared_gradient_norm(discriminator: Module, points: Tensor, *condition: Tensor) -> Tensor:
    """Return the squared gradient norm of the score at each point, ``|grad_x D(x)|^2``.

    Args:
        discriminator: maps (N, ...), and a condition if there is one, to raw scores (N,).
        points: where to measure, shape (N, ...).
        condition: what the discriminator takes beside the points, shape (N, ...).

    Returns:
        Shape (N,), differentiable in the discriminator's weights.
    """
    points = points.detach().requires_grad_()
    with twice_differentiable(points.device):
        scores = discriminator(points, *condition)  # (N,)
        # Sample i reaches only score i: the gradient of the sum holds each sample's own gradient.
        (gradient,) = torch.autograd.grad(
            scores.sum(), points, create_graph=True, materialize_grads=True
        )  # (N, ...)
    return gradient.flatten(1).square().sum(1)  # (N,): all pixels of one sample, none of another


@contextmanager
def twice_differentiable(device: torch.device) -> Iterator[None]:
    """Compute so that a norm of gradients can itself be followed down.

    Autocast is off: a norm's small differences from 1 drown in bfloat16's 8 bits. Attention uses
    its plain kernel: the fast ones have no second derivative.
    """
    half = torch.amp.is_autocast_available(device.type)
    full_precision = torch.autocast(device.type, enabled=False) if half else nullcontext()
    with full_precision, sdpa_kernel(SDPBackend.MATH):
        yield


def gradient_penalty(
    discriminator: Module, real: Tensor, fake: Tensor, *condition: Tensor, weight: float = 10.0
) -> Tensor:
    """Return ``lambda E[(|grad D(x_hat)| - 1)^2]`` at points between real and fake.

    Args:
        discriminator: maps (N, ...) to raw scores (N,); no BatchNorm and no Dropout, with which a
            sample's score is not a function of that sample alone.
        real: real samples, shape (N, ...).
        fake: generated samples, the same shape.
        condition: what both were given, where batches carry a condition, shape (N, ...).
        weight: lambda, >= 0; the paper uses 10.

    Returns:
        A scalar >= 0 whose gradient in the weights is finite even where the critic is constant.

    Raises:
        ValueError: BatchNorm or Dropout in the discriminator, shapes that differ, or a negative
            weight.

    Source:
        arXiv:1704.00028, Eq. 3.
    """
    weight = check_weight(weight, condition)
    check_per_sample(discriminator)
    squared = squared_gradient_norm(discriminator, interpolate(real, fake), *condition)  # (N,)
    # sqrt has an infinite derivative at 0; the 1e-12 under the root shifts the norm by at most 1e-6
    norm = (squared + 1e-12).sqrt()  # (N,)
    return weight * (norm - 1).square().mean()


def r1_penalty(
    discriminator: Module,
    real: Tensor,
    fake: Tensor | None = None,
    *condition: Tensor,
    weight: float = 10.0,
) -> Tensor:
    """Return ``gamma / 2 E[|grad D(x)|^2]`` at the real samples.

    Args:
        discriminator: maps (N, ...) to raw scores (N,); no BatchNorm, no Dropout.
        real: real samples, shape (N, ...).
        fake: not used; accepted so that the function fits ``Objective.penalty``.
        condition: what the real samples came with, where batches carry a condition.
        weight: gamma, >= 0.

    Returns:
        A scalar >= 0.

    Raises:
        ValueError: BatchNorm or Dropout in the discriminator, or a negative weight.

    Source:
        arXiv:1801.04406, Eq. 9.
    """
    weight = check_weight(weight, condition)
    check_per_sample(discriminator)
    return 0.5 * weight * squared_gradient_norm(discriminator, real, *condition).mean()


def r2_penalty(
    discriminator: Module, real: Tensor, fake: Tensor, *condition: Tensor, weight: float = 10.0
) -> Tensor:
    """Return ``gamma / 2 E[|grad D(G(z))|^2]``: R1 at the generated samples.

    Args:
        discriminator: as in ``r1_penalty``.
        real: not used; accepted so that the function fits ``Objective.penalty``.
        fake: generated samples, shape (N, ...).
        condition: what the fakes were made from, where batches carry a condition.
        weight: gamma, >= 0.

    Returns:
        A scalar >= 0.

    Raises:
        ValueError: BatchNorm or Dropout in the discriminator, or a negative weight.

    Source:
        arXiv:1801.04406, Eq. 10.
    """
    return r1_penalty(discriminator, fake, None, *condition, weight=weight)


def r1_r2_penalty(
    discriminator: Module, real: Tensor, fake: Tensor, *condition: Tensor, weight: float = 1.0
) -> Tensor:
    """Return ``gamma / 2 (E[|grad D(x)|^2] + E[|grad D(G(z))|^2])``: R1 and R2 together.

    Args:
        discriminator: as in ``r1_penalty``.
        real: real samples, shape (N, ...).
        fake: as many generated samples, the same shape.
        condition: what both were given, where batches carry a condition.
        weight: gamma, >= 0; by the data, from .05 to 150 in the paper.

    Returns:
        A scalar >= 0.

    Raises:
        ValueError: BatchNorm or Dropout in the discriminator, shapes that differ, or a negative
            weight.

    Source:
        arXiv:2501.05441, Eq. 3.
    """
    if real.shape != fake.shape:
        raise ValueError(
            f"real has shape {tuple(real.shape)} and fake {tuple(fake.shape)}; draw as many fakes "
            "as there are real samples, of the same shape"
        )
    weight = check_weight(weight, condition)
    twice = [torch.cat([each, each]) for each in condition]
    both = torch.cat([real, fake.detach()])  # (2N, ...): one pass, whose mean is half of the sum
    return 2 * r1_penalty(discriminator, both, None, *twice, weight=weight)


def check_weight(weight: float, condition: tuple[Tensor, ...]) -> float:
    """Return a penalty's weight, which is never taken for a condition."""
    if any(not isinstance(each, Tensor) for each in condition):
        raise TypeError(
            f"{condition[0]!r:.60} is given as a condition, which must be a tensor (N, ...); a "
            "penalty's weight is named: weight=10.0"
        )
    return number("weight", weight, 0.0)


def check_per_sample(discriminator: Module) -> None:
    """Raise if a layer makes a score depend on anything but its own sample and the weights.

    Raises:
        ValueError: names the layer and the repair.
    """
    for name, layer in discriminator.named_modules():
        if isinstance(layer, (_BatchNorm, _DropoutNd)):
            raise ValueError(
                f"the discriminator's layer {name!r} is a {type(layer).__name__}; a gradient "
                "penalty needs each score to be a function of its own sample alone: build the "
                "discriminator without it (batch_norm=False), or use LayerNorm"
            )


@torch.no_grad()
def clip_weights(discriminator: Module, c: float | None) -> None:
    """Bring every weight of the critic into [-c, c], in place.

    BatchNorm's scale and shift are left alone: clipping the scale to 0.01 switches the layer off.

    Args:
        discriminator: the critic.
        c: the bound, > 0; the paper uses 0.01. ``None`` leaves the weights alone.

    Raises:
        ValueError: ``c`` is not positive.

    Source:
        arXiv:1701.07875, Algorithm 1, line 7.
    """
    if c is None:
        return
    if not c > 0:
        raise ValueError(f"c is {c}; the clipping bound must be positive (the paper: 0.01)")
    for layer in discriminator.modules():
        if not isinstance(layer, _BatchNorm):
            for weight in layer.parameters(recurse=False):
                weight.clamp_(-c, c)

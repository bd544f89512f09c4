"""Builders that several test modules need; a fixture gives the function, so nothing is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch.optim import Adam, Optimizer

from gan_helpers import GAN, NON_SATURATING, Objective, set_seed
from gan_helpers.networks import ConvDiscriminator, ConvGenerator, MLPDiscriminator, MLPGenerator


@pytest.fixture
def points_gan() -> Callable[..., GAN]:
    """Return a builder of small multilayer perceptrons for points, always the same for a seed."""

    def build(
        objective: Objective = NON_SATURATING,
        optimizer: type[Optimizer] = Adam,
        *,
        shape: tuple[int, ...] = (2,),
        width: int = 8,
        latent_dim: int = 2,
        batch_norm: bool = False,
        seed: int = 0,
        **options: Any,
    ) -> GAN:
        set_seed(seed)
        players = (
            MLPGenerator(latent_dim, shape, (width,), batch_norm=batch_norm),
            MLPDiscriminator(shape, (width,)),
        )
        both = [optimizer(each.parameters(), **{"lr": 1e-3, **options}) for each in players]
        return GAN(*players, objective, *both, latent_dim=latent_dim)

    return build


@pytest.fixture
def images_gan() -> Callable[..., GAN]:
    """Return a builder of small convolutional players, without BatchNorm under a penalty."""

    def build(
        objective: Objective = NON_SATURATING,
        optimizer: type[Optimizer] = Adam,
        *,
        shape: tuple[int, int, int] = (1, 8, 8),
        channels: int = 4,
        latent_dim: int = 4,
        seed: int = 0,
        **options: Any,
    ) -> GAN:
        set_seed(seed)
        players = (
            ConvGenerator(latent_dim, shape, channels),
            ConvDiscriminator(shape, channels, batch_norm=objective.penalty is None),
        )
        both = [optimizer(each.parameters(), **{"lr": 1e-3, **options}) for each in players]
        return GAN(*players, objective, *both, latent_dim=latent_dim)

    return build

"""Helpers for learning GANs by doing: theory, objectives, networks, training, evaluation.

The names below are the core; ``plotting`` and ``widgets`` are imported by name when a notebook
draws: ``from gan_helpers import GAN, train, plotting, widgets``.
"""

from gan_helpers.checkpoints import load, save
from gan_helpers.gan import GAN, unpack
from gan_helpers.networks.paths import spherical_path, straight_path
from gan_helpers.objectives import (
    CRITIC,
    LEAST_SQUARES,
    MINIMAX,
    NON_SATURATING,
    OBJECTIVES,
    PROBABILITY,
    TARGETS,
    WGAN,
    WGAN_GP,
    Equations,
    Objective,
    Recipe,
    Score,
    least_squares_discriminator_loss,
    least_squares_generator_loss,
    minimax_discriminator_loss,
    minimax_generator_loss,
    non_saturating_generator_loss,
    wasserstein_discriminator_loss,
    wasserstein_generator_loss,
)
from gan_helpers.record import History, NonFiniteLossError, Record
from gan_helpers.regularisers import (
    clip_weights,
    gradient_penalty,
    interpolate,
    r1_penalty,
    squared_gradient_norm,
)
from gan_helpers.runtime import budget, cache_dir, pick_device, set_seed, versions
from gan_helpers.training import (
    DiscriminatorStep,
    GeneratorStep,
    backward,
    detached,
    discriminator_step,
    generator_step,
    grad_norm,
    linear_lr_decay,
    score_both,
    train,
)

__all__ = [
    "CRITIC",
    "GAN",
    "LEAST_SQUARES",
    "MINIMAX",
    "NON_SATURATING",
    "OBJECTIVES",
    "PROBABILITY",
    "TARGETS",
    "WGAN",
    "WGAN_GP",
    "DiscriminatorStep",
    "Equations",
    "GeneratorStep",
    "History",
    "NonFiniteLossError",
    "Objective",
    "Recipe",
    "Record",
    "Score",
    "backward",
    "budget",
    "cache_dir",
    "clip_weights",
    "detached",
    "discriminator_step",
    "generator_step",
    "grad_norm",
    "gradient_penalty",
    "interpolate",
    "least_squares_discriminator_loss",
    "least_squares_generator_loss",
    "linear_lr_decay",
    "load",
    "minimax_discriminator_loss",
    "minimax_generator_loss",
    "non_saturating_generator_loss",
    "pick_device",
    "r1_penalty",
    "save",
    "score_both",
    "set_seed",
    "spherical_path",
    "squared_gradient_norm",
    "straight_path",
    "train",
    "unpack",
    "versions",
    "wasserstein_discriminator_loss",
    "wasserstein_generator_loss",
]

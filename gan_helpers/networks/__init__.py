"""Generators and discriminators: one file a family, sizes and inputs checked in one place.

A generator maps latents z (N, latent_dim) to samples (N, *out_shape). A discriminator maps
samples to *raw scores* of shape (N,): no sigmoid at the end, because the loss functions work on
the score itself (a probability is `sigmoid(score)`, where the objective has one).

The forward checks look at shapes and data types only, never at values: they cost microseconds, need
no synchronisation with a GPU, and hold on the `meta` device and inside `torch.compile`.
"""

from gan_helpers.networks.attention import SelfAttention
from gan_helpers.networks.augmented import (
    Augmented,
    adapted,
    augment,
    brighten,
    cut_out,
    translate,
)
from gan_helpers.networks.conditional import (
    LabelledDiscriminator,
    LabelledGenerator,
    ProjectionDiscriminator,
)
from gan_helpers.networks.conv import ConvDiscriminator, ConvGenerator, initialise_dcgan
from gan_helpers.networks.mlp import MLPDiscriminator, MLPGenerator
from gan_helpers.networks.spectral import spectrally_normalised
from gan_helpers.networks.style import StyledConv, StyleGenerator, modulated_conv

__all__ = [
    "Augmented",
    "ConvDiscriminator",
    "ConvGenerator",
    "LabelledDiscriminator",
    "LabelledGenerator",
    "MLPDiscriminator",
    "MLPGenerator",
    "ProjectionDiscriminator",
    "SelfAttention",
    "StyleGenerator",
    "StyledConv",
    "adapted",
    "augment",
    "brighten",
    "cut_out",
    "initialise_dcgan",
    "modulated_conv",
    "spectrally_normalised",
    "translate",
]

"""Spectral normalisation of a whole network, however deep its layers lie."""

from __future__ import annotations

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


def spectrally_normalised(network: nn.Module) -> nn.Module:
    """Divide each weight matrix by its largest singular value, ``W / sigma(W)``, in place.

    All layers with a weight matrix are found, those inside other modules too: a discriminator
    whose attention is left out has no bound on its slope. Biases, BatchNorm's scales and single
    numbers such as attention's gamma stay as they are. sigma is followed by one step of power
    iteration at each forward pass in training mode.

    Args:
        network: a module; layers that are normalised already are not normalised again.

    Returns:
        The same module.

    Raises:
        ValueError: there is no layer with a weight matrix.

    Source: arXiv:1802.05957, Eq. 8 and Algorithm 1.
    """
    kinds = nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.Embedding
    layers = [layer for layer in network.modules() if isinstance(layer, kinds)]
    if not layers:
        raise ValueError(
            f"{type(network).__name__} has no linear, convolutional or embedding layer, so there "
            "is nothing to normalise; give the network that holds them"
        )
    for layer in layers:
        if not nn.utils.parametrize.is_parametrized(layer, "weight"):
            spectral_norm(layer)
    return network

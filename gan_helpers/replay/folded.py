"""A multilayer perceptron in eval mode as plain linear layers, small enough to be embedded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor, nn

from gan_helpers.networks import MLPGenerator
from gan_helpers.plotting.tiles import array
from gan_helpers.replay.page import packed, shortened

TOLERANCE = 1e-4  # the largest difference to PyTorch, in units of the samples


@dataclass(frozen=True)
class Layer:
    """One linear layer and what follows it: y = activation(W x + b).

    Args:
        weight: W, shape (out, in), float64.
        bias: b, shape (out,), float64.
        activation: ``"relu"``, ``"tanh"`` or ``"none"``.
    """

    weight: np.ndarray
    bias: np.ndarray
    activation: str = "none"


def fold(generator: MLPGenerator) -> list[Layer]:
    """Return the generator's layers as they compute in eval mode, each BatchNorm folded in.

    BatchNorm in eval mode is linear, y = gamma (x - mean) / sqrt(var + eps) + beta, so that it
    goes into the weights and the bias of the layer in front of it.

    Args:
        generator: made of linear layers, BatchNorm1d, ReLU and Tanh; it is not changed.

    Raises:
        TypeError: it is another kind of network, or holds another kind of layer.
    """
    if not isinstance(generator, MLPGenerator):
        raise TypeError(
            f"the generator is a {type(generator).__name__}; only an MLPGenerator runs in the "
            "page: use widgets.LatentExplorer for others"
        )
    layers: list[Layer] = []
    for part in generator.layers:
        if isinstance(part, nn.Linear):
            weight = _numbers(part.weight)
            bias = np.zeros(len(weight)) if part.bias is None else _numbers(part.bias)
            layers.append(Layer(weight, bias))
            continue
        last = layers.pop()
        if isinstance(part, nn.BatchNorm1d):
            mean, variance = (_numbers(each) for each in (part.running_mean, part.running_var))
            scale = _numbers(part.weight) / np.sqrt(variance + part.eps)
            shift = _numbers(part.bias) - mean * scale
            layers.append(Layer(last.weight * scale[:, None], last.bias * scale + shift))
        elif isinstance(part, (nn.ReLU, nn.Tanh)):
            layers.append(Layer(last.weight, last.bias, type(part).__name__.lower()))
        else:
            raise TypeError(
                f"the generator holds a {type(part).__name__}; the page knows linear layers, "
                "BatchNorm1d, ReLU and Tanh"
            )
    return layers


def forward(layers: list[Layer], z: np.ndarray) -> np.ndarray:
    """Compute what the page computes: shape (N, latent_dim) to (N, outputs)."""
    x = z.astype(float)
    for layer in layers:
        x = x @ layer.weight.T + layer.bias
        if layer.activation == "relu":
            x = np.maximum(x, 0)
        elif layer.activation == "tanh":
            x = np.tanh(x)
    return x


def rounded(layers: list[Layer]) -> list[Layer]:
    """Return the layers with their weights as the page gets them: 24 of a float's 32 bits."""
    return [Layer(shortened(each.weight), each.bias, each.activation) for each in layers]


def layer_data(layers: list[Layer]) -> list[dict[str, Any]]:
    """Return the layers for the page."""
    return [
        {
            "weights": packed(shortened(each.weight), short=True),
            "bias": packed(each.bias.astype(np.float32)),
            "activation": each.activation,
        }
        for each in layers
    ]


def _numbers(values: Tensor | None) -> np.ndarray:
    if values is None:
        raise TypeError("a BatchNorm1d keeps no running averages or no scale; make it with both")
    return array(values).astype(float)

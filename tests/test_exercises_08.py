"""Exercise 08: each answer that a student might give meets the hint that fits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_helpers.exercises import check
from gan_helpers.networks import SelfAttention, initialise_dcgan, spectrally_normalised

SIZES = {"side": 27, "output_padding": 1, "weights": 51_200, "most": 9, "least": 4}
HINGE = {"discriminator": 1.5, "generator": 1 / 3, "push": 4, "at zero": 2}


def initialised(
    gamma: float | None = 1.0, bias: bool = True, others: bool = False, std: float = 0.02
) -> Callable[[nn.Module], None]:
    """Build DCGAN's initialisation with chosen mistakes."""

    def wrong(module: nn.Module) -> None:
        for layer in module.modules():
            if isinstance(layer, nn.BatchNorm2d):
                if gamma is not None:
                    nn.init.normal_(layer.weight, gamma, 0.02)
            elif isinstance(layer, (nn.Linear, nn.ConvTranspose2d)) or (
                others and hasattr(layer, "weight")
            ):
                nn.init.normal_(layer.weight, 0.0, std)
            if bias and getattr(layer, "bias", None) is not None:
                nn.init.zeros_(layer.bias)

    return wrong


def transposed(
    flip: bool = False, add: bool = True, repeat: bool = False
) -> Callable[[Tensor, Tensor, int], Tensor]:
    """Build a transposed convolution with chosen mistakes."""

    def wrong(x: Tensor, kernel: Tensor, stride: int) -> Tensor:
        k = kernel.flip(0) if flip else kernel
        if repeat:
            x, stride = x.repeat_interleave(stride), 1
        length = (len(x) - 1) * stride + len(k)
        out = x.new_zeros(length)
        for i in range(len(x)):
            start = i * stride
            if add:
                out[start : start + len(k)] += x[i] * k
            else:
                out[start : start + len(k)] = x[i] * k
        return out

    return wrong


def of_the_stack(network: nn.Sequential) -> None:
    for layer in network:
        if hasattr(layer, "weight"):
            spectral_norm(layer)


def of_children(network: nn.Sequential) -> None:
    for layer in network:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            spectral_norm(layer)


def of_attention_alone(network: nn.Sequential) -> None:
    of_children(network)
    for module in list(network.modules()):
        if isinstance(module, SelfAttention):
            spectrally_normalised(module)


def even(gamma: bool = True, x_too: bool = True, over: tuple[int, ...] = (2, 3)) -> Callable:  # type: ignore[type-arg]
    """Build the control with chosen mistakes."""

    def wrong(layer: SelfAttention, x: Tensor) -> Tensor:
        v = layer.value(x)
        seen = layer.out(v.mean(over, keepdim=True).expand_as(v))
        return (layer.gamma * seen if gamma else seen) + x * x_too

    return wrong


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("08-1", SIZES | {"side": 28}, "last row is missing"),
        ("08-1", SIZES | {"side": 31}, "at both ends"),
        ("08-1", SIZES | {"weights": 51_232}, "biases"),
        ("08-1", SIZES | {"weights": 800}, "kernel of its own"),
        ("08-1", SIZES | {"most": 3, "least": 2}, "multiply"),
        ("08-1", SIZES | {"most": 25, "least": 25}, "every second pixel"),
        ("08-2", initialised(gamma=0.0), "around 0"),
        ("08-2", initialised(gamma=None), "not set at all"),
        ("08-2", initialised(gamma=0.5), "leaves a signal as it is"),
        ("08-2", initialised(others=True), "no matrix"),
        ("08-2", initialised(bias=False), "biases start at 0"),
        ("08-2", initialised(std=0.2), "N(0, 0.02^2)"),
        ("08-3", HINGE | {"discriminator": 0.75}, "added, not averaged"),
        ("08-3", HINGE | {"discriminator": 7 / 6}, "not -0.5"),
        ("08-3", HINGE | {"generator": -1 / 3}, "minus the mean"),
        ("08-3", HINGE | {"generator": 5 / 6}, "no hinge"),
        ("08-3", HINGE | {"push": 6}, "past its margin"),
        ("08-3", HINGE | {"at zero": 1}, "each pay 1"),
        ("08-4", transposed(flip=True), "wrong way round"),
        ("08-4", transposed(add=False), "are added"),
        ("08-4", transposed(repeat=True), "is wanted"),
        ("08-5", of_the_stack, "leave it alone"),
        ("08-5", of_children, "inside the attention"),
        ("08-5", of_attention_alone, "were not found: Conv2d"),
        ("08-6", even(gamma=False), "multiplied by the layer's gamma"),
        ("08-6", even(x_too=False), "x itself is missing"),
        ("08-6", even(over=(1,)), "not over its channels"),
        ("08-6", lambda layer, x: layer(x), "as it was"),
    ],
)
def test_a_known_mistake_gets_its_hint(name: str, answer: object, hint: str) -> None:
    result = check(name, answer)
    assert result.status == "wrong"
    assert hint in result.message


def test_right_answers_are_right() -> None:
    assert check("08-1", SIZES).status == "correct"
    assert check("08-2", initialised()).status == "correct"
    assert check("08-2", initialise_dcgan).status == "correct"
    assert check("08-2", None).status == "unanswered"
    assert check("08-3", HINGE).status == "correct"
    assert check("08-4", transposed()).status == "correct"
    assert check("08-4", lambda x, kernel, stride: None).status == "unanswered"
    assert check("08-5", spectrally_normalised).status == "correct"
    assert check("08-5", lambda network: None).status == "unanswered"
    assert check("08-6", even()).status == "correct"
    assert check("08-6", lambda layer, x: None).status == "unanswered"


def test_the_sizes_by_hand_are_torchs() -> None:
    layer = nn.ConvTranspose2d(64, 32, 5, 2, 2, bias=False)
    assert layer(torch.zeros(1, 64, 14, 14)).shape[2:] == (27, 27)
    assert layer.weight.numel() == SIZES["weights"]
    larger = nn.ConvTranspose2d(64, 32, 5, 2, 2, output_padding=1)
    assert larger(torch.zeros(1, 64, 14, 14)).shape[2:] == (28, 28)
    counts = nn.functional.conv_transpose2d(
        torch.ones(1, 1, 9, 9), torch.ones(1, 1, 5, 5), stride=2
    )[0, 0, 4:-4, 4:-4]
    assert (counts.max(), counts.min()) == (SIZES["most"], SIZES["least"])

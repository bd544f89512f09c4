"""Checks for the exercises of notebook 08."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from gan_helpers.networks import SelfAttention

from ._checks import Check, Hint, NotAnswered, close_to, same_function

# 08-1 ------------------------------------------------------------------------------ by hand

_SIZES = {"side": 27.0, "output_padding": 1.0, "weights": 51_200.0, "most": 9.0, "least": 4.0}
_sizes_check = close_to(
    _SIZES,
    tolerance=1e-6,
    mistakes=[
        (_SIZES | {"side": 28.0}, "side: (14 - 1) * 2 - 2 * 2 + 5. The last row is missing."),
        (_SIZES | {"side": 31.0}, "side: the padding of 2 is taken off at both ends."),
        (_SIZES | {"weights": 51_232.0}, "weights: without the 32 biases."),
        (_SIZES | {"weights": 800.0}, "weights: every input channel has a kernel of its own."),
        (
            _SIZES | {"most": 3.0, "least": 2.0},
            "most and least: 3 and 2 along one side; in the plane rows and columns multiply.",
        ),
        (
            _SIZES | {"most": 25.0, "least": 25.0},
            "most and least: with stride 2 only every second pixel of the kernel meets an input.",
        ),
    ],
    hint="(n - 1) s - 2 p + k, and 5 places at steps of 2 hold 3 or 2 of them.",
)

# 08-2 ------------------------------------------------------------------------------ init


def _small_generator() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(64, 256), nn.Unflatten(1, (64, 2, 2)), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.PReLU(),
    )  # fmt: skip


def _initialise_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of a module is wanted here.")
    network = _small_generator()
    for weight in network.parameters():
        nn.init.constant_(weight, 7.0)
    answer(network)
    error = 0.0
    for layer in network:
        name = type(layer).__name__
        if isinstance(layer, nn.BatchNorm2d):
            mean, spread = float(layer.weight.detach().mean()), float(layer.weight.detach().std())
            if mean == 7.0:
                raise Hint("BatchNorm's weight, its gamma, is not set at all.")
            if abs(mean) < 0.1:
                raise Hint("BatchNorm's gamma lies around 0: it is a scale. Where is it neutral?")
            if abs(mean - 1) > 0.02:
                raise Hint(f"BatchNorm's gamma lies around {mean:.2g}; 1 leaves a signal as it is.")
            if not 0.01 < spread < 0.03:
                raise Hint(f"gamma is spread by {spread:.2g}; DCGAN draws it from N(1, 0.02^2).")
            error = max(error, abs(mean - 1))
        elif isinstance(layer, (nn.Linear, nn.ConvTranspose2d)):
            mean, spread = float(layer.weight.detach().mean()), float(layer.weight.detach().std())
            if abs(mean) > 0.005 or not 0.018 < spread < 0.022:
                raise Hint(f"{name}: weights are drawn from N(0, 0.02^2), yours lie around "
                           f"{mean:.2g} with a spread of {spread:.2g}.")  # fmt: skip
        elif isinstance(layer, nn.PReLU) and float(layer.weight.detach().mean()) != 7.0:
            raise Hint("PReLU's weight is a slope, no matrix: leave such layers as they are.")
        if getattr(layer, "bias", None) is not None and bool(layer.bias.any()):  # type: ignore[operator]
            raise Hint(f"{name}: biases start at 0, BatchNorm's too.")
    return error


# 08-3 ------------------------------------------------------------------------------ hinge

_HINGE = {"discriminator": 1.5, "generator": 1 / 3, "push": 4.0, "at zero": 2.0}
_hinge_check = close_to(
    _HINGE,
    tolerance=6e-3,
    mistakes=[
        (_HINGE | {"discriminator": 0.75}, "discriminator: the two means are added, not averaged."),
        (_HINGE | {"discriminator": 7 / 6}, "discriminator: a score of 1.5 costs 0, not -0.5."),
        (_HINGE | {"generator": -1 / 3}, "generator: minus the mean score of the fakes."),
        (
            _HINGE | {"generator": 5 / 6},
            "generator: it has no hinge, only minus the mean score.",
        ),
        (_HINGE | {"push": 6.0}, "push: a sample past its margin has gradient 0; two are."),
        (_HINGE | {"at zero": 1.0}, "at zero: real and generated samples each pay 1."),
    ],
    hint="mean relu(1 - o) of the real ones plus mean relu(1 + o) of the fakes; -mean o for G.",
)

# 08-4 ------------------------------------------------------------------------------ transposed


def _transposed(x: Tensor, kernel: Tensor, stride: int) -> Tensor:
    return nn.functional.conv_transpose1d(x[None, None], kernel[None, None], stride=stride)[0, 0]


def _flipped(x: Tensor, kernel: Tensor, stride: int) -> Tensor:
    return _transposed(x, kernel.flip(0), stride)


def _overwritten(x: Tensor, kernel: Tensor, stride: int) -> Tensor:
    length = (len(x) - 1) * stride + len(kernel)
    out = x.new_zeros(length)
    for i in range(len(x)):
        start = i * stride
        kept = out[:start], x[i] * kernel
        out = torch.cat([*kept, x.new_zeros(length - start - len(kernel))])
    return out


def _rows() -> list[tuple[Any, ...]]:
    shapes = (3, 3, 2), (4, 4, 2), (2, 2, 3), (3, 3, 1)  # of equal length, to compare gradients
    return [(torch.randn(n), torch.randn(k), stride) for n, k, stride in shapes]


_transposed_check = same_function(
    _transposed,
    _rows,
    mistakes=[
        (_flipped, "Your kernel is the wrong way round: input i times kernel[j] goes to i s + j."),
        (_overwritten, "Where two copies of the kernel overlap, their values are added."),
    ],
    hint="Output i s + j gains x[i] kernel[j]; the length is (n - 1) s + k.",
)

# 08-5 ------------------------------------------------------------------------------ the norm


def _normalise_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of a network is wanted here.")
    network = nn.Sequential(
        nn.Conv2d(1, 8, 4, 2, 1), nn.BatchNorm2d(8), SelfAttention(8),
        nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.LeakyReLU(0.2)), nn.Flatten(),
        nn.Linear(8 * 16, 1), nn.Flatten(0),
    )  # fmt: skip
    answer(network)
    wanted = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    if not any(map(is_parametrized, network.modules())):
        raise NotAnswered
    if is_parametrized(network[1]):
        raise Hint("BatchNorm's gamma is a list of scales, no matrix: leave it alone.")
    attention = network[2]
    if is_parametrized(attention):
        raise Hint("gamma of the attention is a single number: leave it alone.")
    if not isinstance(attention, SelfAttention) or not is_parametrized(attention.query):
        raise Hint("The layers inside the attention were not found: look deeper, modules().")
    missed = [type(m).__name__ for m in wanted if not is_parametrized(m)]
    if missed:
        raise Hint(f"These layers were not found: {', '.join(missed)}.")
    scores = network(torch.randn(4, 1, 8, 8))
    if scores.shape != (4,):
        raise Hint(f"The network returns shape {tuple(scores.shape)} now, not (4,).")
    return 0.0


# 08-6 ------------------------------------------------------------------------------ control


@cache
def _layer() -> SelfAttention:
    layer = SelfAttention(8)
    nn.init.constant_(layer.gamma, 0.7)
    return layer


def _even(x: Tensor) -> Tensor:
    layer = _layer()
    return layer.gamma * layer.out(layer.value(x).mean((2, 3), keepdim=True)) + x


def _without_gamma(x: Tensor) -> Tensor:
    return _layer().out(_layer().value(x).mean((2, 3), keepdim=True)) + x


def _without_x(x: Tensor) -> Tensor:
    return _even(x) - x


def _over_channels(x: Tensor) -> Tensor:
    v = _layer().value(x)
    return _layer().gamma * _layer().out(v.mean(1, keepdim=True).expand_as(v)) + x


_even_values = same_function(
    _even,
    lambda: [(torch.randn(3, 8, 5, 4),), (torch.randn(1, 8, 3, 3),)],
    mistakes=[
        (_without_gamma, "o is multiplied by the layer's gamma before x is added."),
        (_without_x, "x itself is missing: y = gamma o + x."),
        (
            lambda x: _layer()(x),
            "This is the layer as it was: each place still looks where it likes.",
        ),
        (_over_channels, "The mean runs over all places of a sample, not over its channels."),
    ],
    hint="Every beta is 1 / (H W), so o = v(the mean of h(x) over all places).",
)


def _even_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of (layer, x) is wanted here.")
    return _even_values(lambda x: answer(_layer(), x))


CHECKS: dict[str, Check] = {
    "08-1": _sizes_check,
    "08-2": _initialise_check,
    "08-3": _hinge_check,
    "08-4": _transposed_check,
    "08-5": _normalise_check,
    "08-6": _even_check,
}

"""Checks for the exercises of notebook 10."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ._checks import Check, Hint, NotAnswered, chosen, close_to, same_function

# 10-1 ------------------------------------------------------------------------------ by hand

_RIGHT = {"weights": [0.6, 0.8], "variance": 1.0, "doubled": [0.6, 0.8], "plain variance": 25.0}

_by_hand_check = close_to(
    _RIGHT,
    tolerance=6e-3,
    mistakes=[
        (
            _RIGHT | {"weights": [3 / 7, 4 / 7], "doubled": [3 / 7, 4 / 7]},
            "Divide by the root of the sum of squares, not by the sum: what is to be 1 is a "
            "variance, and variances add up as squares.",
        ),
        (
            _RIGHT | {"weights": [3 / 25, 4 / 25], "doubled": [3 / 25, 4 / 25]},
            "Divide by the norm, the root of 9 + 16, not by 25.",
        ),
        (
            _RIGHT | {"doubled": [1.2, 1.6]},
            "The norm doubles with the styles, and the quotient stays.",
        ),
        (
            _RIGHT | {"plain variance": 5.0},
            "5 is the standard deviation; the variance of 3 x + 4 y is 9 + 16.",
        ),
        (
            _RIGHT | {"plain variance": 49.0},
            "The inputs are independent: their variances add up, their deviations do not.",
        ),
    ],
    hint="w' = s w, and then every weight is divided by sqrt(sum of the squares of w').",
)

# 10-2 ------------------------------------------------------------------------------ mixing


def mixed(w_early: Tensor, w_late: Tensor, cut: int, layers: int) -> Tensor:
    """Return w for each layer: the first ``cut`` layers' from ``w_early``, (N, layers, w_dim)."""
    early = w_early[:, None].expand(-1, cut, -1)
    late = w_late[:, None].expand(-1, layers - cut, -1)
    return torch.cat([early, late], 1)


def _late_first(w_early: Tensor, w_late: Tensor, cut: int, layers: int) -> Tensor:
    return mixed(w_late, w_early, cut, layers)


def _blended(w_early: Tensor, w_late: Tensor, cut: int, layers: int) -> Tensor:
    share = cut / layers
    return (share * w_early + (1 - share) * w_late)[:, None].repeat(1, layers, 1)


def _one_more(w_early: Tensor, w_late: Tensor, cut: int, layers: int) -> Tensor:
    return mixed(w_early, w_late, min(cut + 1, layers), layers)


_mixing_check = same_function(
    mixed,
    lambda: [(torch.randn(3, 5), torch.randn(3, 5), cut, 4) for cut in (0, 1, 3, 4)],
    mistakes=[
        (_late_first, "The first layers take w_early: these two are exchanged."),
        (_blended, "Mixing is no average: each layer gets the w of one image or of the other."),
        (_one_more, "One layer too many comes from w_early: layers 0 to cut - 1."),
    ],
    hint="A tensor (N, layers, w_dim) is wanted; torch.cat or torch.where along axis 1 makes it.",
)

# 10-3 ------------------------------------------------------------------------------ three bugs


class _Map:
    """A mapping that keeps the z it was given; w is 2 z + 1."""

    def __init__(self) -> None:
        self.asked: list[Tensor] = []

    def __call__(self, z: Tensor) -> Tensor:
        self.asked.append(z.detach())
        return 2 * z + 1


def _edit_check(answer: Any) -> float:
    if not isinstance(answer, Callable):  # type: ignore[arg-type]
        raise Hint("A function of (mapping, w_mean, score, z, psi, rate, steps) is wanted.")
    z, w_mean, slope = torch.randn(4, 9), torch.full((9,), 5.0), torch.ones(9)
    mapping = _Map()

    def edited(psi: float, steps: int) -> Tensor:
        result = answer(mapping, w_mean, lambda w: w @ slope, z.clone(), psi, 0.3, steps)
        if result is None:
            raise NotAnswered
        return result.detach()

    start = edited(0.5, 0)
    lengths = mapping.asked[-1].norm(dim=1)
    if (lengths - 1).abs().max() < 1e-3:
        raise Hint(
            "The latents have length 1. Points of N(0, I) have a length of about sqrt(d); here "
            "that is 3."
        )
    if (lengths - 3).abs().max() > 1e-3:
        raise Hint(f"The latents have lengths {lengths.tolist()}; sqrt(9) = 3 is wanted.")
    w = 2 * mapping.asked[-1] + 1
    if (edited(0.0, 0) - w_mean).abs().max() > 1e-4:
        raise Hint("At psi = 0 every w must be w_mean: w_mean + psi (w - w_mean).")
    error = float((start - (w_mean + 0.5 * (w - w_mean))).abs().max())
    if error > 1e-4:
        raise Hint("Truncation goes from w_mean towards w: w_mean + psi (w - w_mean).")
    moves = [float((edited(0.5, steps) - start).mean()) for steps in (1, 2, 3)]
    if abs(moves[1] - 0.9) < 1e-3:
        raise Hint(
            f"For a score of slope 1 and the rate 0.3 it stands at {moves[0]:.1f}, {moves[1]:.1f}, "
            f"{moves[2]:.1f} after one, two and three steps: old gradients are added up."
        )
    if any(abs(move - wanted) > 1e-3 for move, wanted in zip(moves, (0.3, 0.6, 0.9), strict=True)):
        raise Hint(f"For a score of slope 1 it should stand at 0.3, 0.6 and 0.9, not {moves}.")
    return error


# 10-4 ------------------------------------------------------------------------------ prediction

_FATES = {"a": "no change", "b": "one picture", "c": "no change", "d": "change"}
_WHY = {
    "a": "z is brought to length sqrt(d) before anything else happens: its own length is lost.",
    "b": "At psi = 0 every w is w_mean, and the noise is the same for all.",
    "c": "The norm of the modulated weights is divided out.",
    "d": "The 1x1 convolution that makes the image is not demodulated.",
}
_prediction_check = chosen(_FATES, _WHY)

# 10-5 ------------------------------------------------------------------------------ path length


def _path_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of (synthesis, w) is wanted.")
    weight = torch.tensor(2.0, requires_grad=True)
    w = torch.randn(20_000, 2, requires_grad=True)
    lengths = answer(lambda points: weight * points, w)
    if lengths is None:
        raise NotAnswered
    if tuple(lengths.shape) != (20_000,):
        raise Hint(f"One length for each w is wanted, shape (N,), not {tuple(lengths.shape)}.")
    mean, exact = float(lengths.detach().mean()), 2 * math.sqrt(math.pi / 2)
    known = {
        8.0: "That is the mean of |J^T y|^2; take the root for each sample.",
        2 * 4 / math.sqrt(2 * math.pi): "The 1-norm is not the length: square, add, take the root.",
        2.0: "y is drawn from N(0, I), and is not brought to length 1.",
    }
    for wrong, said in known.items():
        if abs(mean - wrong) < 0.02 * wrong:
            raise Hint(said)
    if float(lengths.detach().std()) < 1e-3:
        raise Hint("Every sample has the same length: draw a y for each.")
    if abs(mean - exact) > 0.05:
        raise Hint(f"For g(w) = 2 w in the plane the mean is {exact:.3f}; yours is {mean:.3f}.")
    if not lengths.requires_grad:
        raise Hint("The lengths have no graph: nothing flows into the weights. create_graph?")
    images = torch.randn(64, 3, requires_grad=True)
    flat = answer(lambda points: points[:, :, None, None].expand(-1, 3, 2, 2), images)
    if tuple(flat.shape) != (64,):
        raise Hint("It must work for images (N, C, H, W) too: y has the shape of the images.")
    return abs(mean - exact)


# 10-6 ------------------------------------------------------------------------------ a direction


def _world(n: int = 4000) -> tuple[Tensor, Tensor, Tensor]:
    """Return w (n, 6) with correlated coordinates, and two measures that share a coordinate."""
    own = torch.Generator().manual_seed(3)
    w = torch.randn(n, 6, generator=own) @ torch.linspace(0.3, 1.7, 36).sin().reshape(6, 6)
    w = w + torch.randn(n, 6, generator=own)
    slant = w @ torch.tensor([1.0, 0.6, 0, 0, 0, 0]) + 0.05 * torch.randn(n, generator=own)
    width = w @ torch.tensor([0.0, 1.0, 0.5, 0, 0, 0]) + 0.05 * torch.randn(n, generator=own)
    return w, slant, width


def _direction_check(answer: Any) -> float:
    if not callable(answer):
        raise Hint("A function of (w, slant, width) is wanted.")
    w, slant, width = _world()
    found = answer(w, slant, width)
    if found is None:
        raise NotAnswered
    found = torch.as_tensor(found, dtype=w.dtype).flatten()
    if found.shape != (6,):
        raise Hint(f"A direction in w is wanted, 6 numbers, not {tuple(found.shape)}.")
    if abs(float(found.norm()) - 1) > 1e-3:
        raise Hint(f"The direction has length {float(found.norm()):.3g}; bring it to length 1.")
    of_slant, of_width = (
        float(found @ torch.tensor(each))
        for each in ([1.0, 0.6, 0, 0, 0, 0], [0.0, 1.0, 0.5, 0, 0, 0])
    )
    if of_slant < 0:
        raise Hint("Along it the slant falls; turn it round.")
    if abs(of_width) > 0.02:
        raise Hint(
            f"One step changes the slant by {of_slant:.2f} and the width by {of_width:.2f}: take "
            "away from the slant's direction its part along the width's."
        )
    if of_slant < 0.95:
        raise Hint(
            f"The width stays, but one step changes the slant by {of_slant:.2f} where 1.04 can be "
            "had: of all directions that leave the width alone take the one nearest to the slant's."
        )
    return abs(of_width)


CHECKS: dict[str, Check] = {
    "10-1": _by_hand_check,
    "10-2": _mixing_check,
    "10-3": _edit_check,
    "10-4": _prediction_check,
    "10-5": _path_check,
    "10-6": _direction_check,
}

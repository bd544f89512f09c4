"""Exercise 10: each answer that a student might give meets the hint that fits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from gan_helpers.exercises import _10, check

HAND = {"weights": [0.6, 0.8], "variance": 1, "doubled": [0.6, 0.8], "plain variance": 25}
FATES = {"a": "no change", "b": "one picture", "c": "no change", "d": "change"}
Mapping = Callable[[Tensor], Tensor]


def edit(
    length: str = "root", around: str = "mean", fresh: bool = True, sign: int = 1
) -> Callable[..., Tensor]:
    """Build latent editing with chosen mistakes."""

    def wrong(
        mapping: Mapping,
        w_mean: Tensor,
        score: Callable[[Tensor], Tensor],
        z: Tensor,
        psi: float,
        rate: float,
        steps: int,
    ) -> Tensor:
        unit = z / z.norm(dim=1, keepdim=True)
        z = {"root": unit * z.shape[1] ** 0.5, "one": unit, "none": z}[length]
        w = mapping(z)
        w = {"mean": w_mean + psi * (w - w_mean), "zero": psi * w, "back": w + psi * (w_mean - w)}[
            around
        ]
        if around == "z":
            w = mapping(psi * z)
        w = w.detach().requires_grad_()
        for _ in range(steps):
            if fresh:
                w.grad = None
            score(w).sum().backward()
            assert w.grad is not None
            w.data += sign * rate * w.grad
        return w.detach()

    return wrong


def path(
    graph: bool = True, root: bool = True, unit: bool = False, one_y: bool = False
) -> Callable[..., Tensor]:
    """Build a path length with chosen mistakes."""

    def wrong(synthesis: Mapping, w: Tensor) -> Tensor:
        images = synthesis(w)
        y = torch.randn_like(images)
        y = y[:1].expand_as(y) if one_y else y
        y = y / y.flatten(1).norm(dim=1, keepdim=True) if unit else y
        (product,) = torch.autograd.grad((images * y).sum(), w, create_graph=graph)
        squares = product.square().sum(1)
        return squares.sqrt() if root else squares

    return wrong


def direction(kind: str) -> Callable[..., Tensor]:
    """Build a direction with a chosen mistake."""

    def wrong(w: Tensor, slant: Tensor, width: Tensor) -> Tensor:
        inputs = torch.cat([w, torch.ones_like(w[:, :1])], 1)
        both = torch.linalg.lstsq(inputs, torch.stack([slant, width], 1)).solution[:-1]
        a, b = both.T
        left = a - (a @ b) / (b @ b) * b
        found = {"right": left, "slant": a, "turned": -left, "long": 3 * left / left.norm()}[kind]
        return found if kind == "long" else found / found.norm()

    return wrong


def along_one(w: Tensor, slant: Tensor, width: Tensor) -> Tensor:
    """Return a direction that leaves the width alone and is not the best such one."""
    found = torch.tensor([1.0, 0, 0, 3.0, 0, 0])
    return found / found.norm()


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("10-1", HAND | {"weights": [3 / 7, 4 / 7], "doubled": [3 / 7, 4 / 7]}, "not by the sum"),
        ("10-1", HAND | {"weights": [0.12, 0.16], "doubled": [0.12, 0.16]}, "not by 25"),
        ("10-1", HAND | {"doubled": [1.2, 1.6]}, "the quotient stays"),
        ("10-1", HAND | {"plain variance": 5}, "standard deviation"),
        ("10-1", HAND | {"plain variance": 49}, "independent"),
        ("10-2", _10._late_first, "exchanged"),
        ("10-2", _10._blended, "no average"),
        ("10-2", _10._one_more, "One layer too many"),
        ("10-3", edit(length="one"), "length 1"),
        ("10-3", edit(length="none"), "sqrt(9) = 3 is wanted"),
        ("10-3", edit(around="zero"), "psi = 0"),
        ("10-3", edit(around="back"), "psi = 0"),
        ("10-3", edit(fresh=False), "0.3, 0.9, 1.8"),
        ("10-3", edit(sign=-1), "should stand at 0.3"),
        ("10-4", FATES | {"a": "change"}, "a: look again"),
        ("10-4", FATES | {"d": "no change"}, "d: look again"),
        ("10-4", FATES | {"b": "perhaps"}, "one of no change"),
        ("10-5", path(graph=False), "no graph"),
        ("10-5", path(root=False), "take the root"),
        ("10-5", path(unit=True), "not brought to length 1"),
        ("10-5", path(one_y=True), "a y for each"),
        ("10-5", lambda synthesis, w: path()(synthesis, w).mean(), "One length for each"),
        ("10-6", direction("slant"), "take away"),
        ("10-6", direction("turned"), "turn it round"),
        ("10-6", direction("long"), "length 3"),
        ("10-6", along_one, "nearest to the slant's"),
    ],
)
def test_a_known_mistake_gets_its_hint(name: str, answer: object, hint: str) -> None:
    result = check(name, answer)
    assert result.status == "wrong"
    assert hint in result.message


def test_right_answers_are_right() -> None:
    assert check("10-1", HAND).status == "correct"
    assert check("10-2", _10.mixed).status == "correct"
    assert check("10-3", edit()).status == "correct"
    assert check("10-3", None).status == "unanswered"
    assert check("10-4", FATES).status == "correct"
    assert check("10-5", path()).status == "correct"
    assert check("10-5", lambda *_: None).status == "unanswered"
    assert check("10-6", direction("right")).status == "correct"
    assert check("10-6", lambda *_: None).status == "unanswered"


def test_latent_editing_steps_by_the_rate_times_the_gradient() -> None:
    """Defect 34: without clearing the gradient the steps are .3, .9, 1.8, not .3, .6, .9."""

    def places(fresh: bool) -> list[float]:
        zero = torch.zeros(1)

        def score(w: Tensor) -> Tensor:
            return w.sum(1)

        return [
            edit(fresh=fresh)(lambda z: 0 * z, zero, score, torch.ones(1, 1), 1.0, 0.3, k).item()
            for k in (1, 2, 3)
        ]

    assert places(fresh=True) == pytest.approx([0.3, 0.6, 0.9])
    assert places(fresh=False) == pytest.approx([0.3, 0.9, 1.8])

"""Exercise 04: the right answers pass, each foreseen mistake meets the hint that fits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gan_helpers.exercises import check


def _step(flip: bool = False, early: bool = False, keep: bool = False) -> Callable[..., None]:
    def step(critic, optimizer, real, fake, c):  # type: ignore[no-untyped-def]
        loss = critic(fake).mean() - critic(real).mean()
        if not keep:
            optimizer.zero_grad()
        (-loss if flip else loss).backward()
        if early:
            clip(critic, c)
        optimizer.step()
        if not early:
            clip(critic, c)

    return step


def clip(critic, c):  # type: ignore[no-untyped-def]
    for weight in critic.parameters():
        weight.data.clamp_(-c, c)


@pytest.mark.parametrize(
    ("exercise", "answer", "says"),
    [
        ("04-1", {"w1": 1.5, "tv": 1.0, "js": 0.3466, "critic": [0, -1, -3]}, "half of the sum"),
        ("04-1", {"w1": 1.5, "tv": 0.5, "js": 0.3466, "critic": [0, 1, 3]}, "turned round"),
        ("04-2", lambda f, x, p, q: p @ f - q @ f, "Divide it by the steepest"),
        (
            "04-2",
            lambda f, x, p, q: (p @ f - q @ f) / np.abs(np.diff(f)).max(),
            "rise over run",
        ),
        ("04-3", {"estimate": 2.0, "slope": 2.0, "w1": 1.0}, "three layers"),
        ("04-4", _step(flip=True), "turned round"),
        ("04-4", _step(early=True), "clip after"),
        ("04-4", _step(keep=True), "earlier step"),
        ("04-5", {"a": True, "b": False, "c": True, "d": False}, "different K"),
    ],
)
def test_hint_fits_the_mistake(
    exercise: str, answer: object, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GAN_HELPERS_STRICT", raising=False)
    result = check(exercise, answer)
    assert result.status == "wrong"
    assert says in result.message


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("04-1", {"w1": 1.5, "tv": 0.5, "js": 0.347, "critic": [0, -1, -3]}),
        ("04-3", {"estimate": 8, "slope": 8, "w1": 1}),
        ("04-4", _step()),
        ("04-5", {"a": False, "b": False, "c": True, "d": False}),
    ],
)
def test_right_answer_is_correct(exercise: str, answer: object) -> None:
    assert check(exercise, answer).status == "correct"

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


def _apart(x, y):  # type: ignore[no-untyped-def]
    return np.linalg.norm(x[:, None] - y, axis=2)


def _programme(x, y, cost):  # type: ignore[no-untyped-def]
    """Pair copies of the points: n copies of each y, m of each x, an assignment."""
    from scipy.optimize import linear_sum_assignment

    n, m = cost.shape
    many = np.repeat(np.repeat(cost, m, axis=0), n, axis=1)
    return many[linear_sum_assignment(many)].mean()


def _loop(same_batch=False, late=0, free=False, sign=1, still=False):  # type: ignore[no-untyped-def]
    def loop(gan, batches, steps, warm=25, many=100):  # type: ignore[no-untyped-def]
        for k in range(steps):
            real = next(batches) if same_batch else None
            for _ in range(many if k < warm + late else 5):
                batch = next(batches) if real is None else real
                fake = gan.fake(64).detach()
                scores = gan.discriminator(fake), gan.discriminator(batch)
                gan.discriminator_optimizer.zero_grad()
                (sign * (scores[0].mean() - scores[1].mean())).backward()
                gan.discriminator_optimizer.step()
                if not free:
                    clip(gan.discriminator, gan.objective.clip)
            gan.generator_optimizer.zero_grad()
            (-gan.discriminator(gan.fake(64)).mean()).backward()
            if not still:
                gan.generator_optimizer.step()
            gan.step += 1
            yield k

    return loop


@pytest.mark.parametrize("exercise", ["04-5", "04-6"])
def test_a_stub_is_not_answered(exercise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GAN_HELPERS_STRICT", raising=False)
    stubs = {"04-5": lambda x, y: None, "04-6": lambda *given, **more: iter(())}
    assert check(exercise, stubs[exercise]).status == "unanswered"


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
        ("04-5", lambda x, y: _programme(x, y, _apart(x, y) ** 2), "not its square"),
        ("04-5", lambda x, y: len(x) * _programme(x, y, _apart(x, y)), "mass 1/n"),
        ("04-5", lambda x, y: _apart(x, y).min(1).mean(), "nearest partner"),
        ("04-6", lambda *given, **more: iter(range(3)), "3 records"),
        ("04-6", _loop(same_batch=True), "fresh one"),
        ("04-6", _loop(late=1), "should number"),
        ("04-6", _loop(free=True), "clip after each"),
        ("04-6", _loop(sign=-1), "mind the signs"),
        ("04-6", _loop(still=True), "did not change"),
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
        ("04-5", lambda x, y: _programme(x, y, _apart(x, y))),
        ("04-6", _loop()),
    ],
)
def test_right_answer_is_correct(exercise: str, answer: object) -> None:
    assert check(exercise, answer).status == "correct"

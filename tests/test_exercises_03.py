"""Notebook 03's checks: the right answer passes, each foreseen mistake gets its own hint."""

from __future__ import annotations

import pytest
import torch

from gan_helpers.exercises import check

COIN = {"d_heads": 2 / 3, "d_tails": 0.25, "generator_loss": 0.191, "delta": 1 / 3, "c": 0.2917}
PUSHES = {
    "minimax": "Left", "non-saturating": "nowhere", "least squares": "right", "Wasserstein": "left",
}  # fmt: skip
CODING = {"b": 2, "c": 1, "at_the_goal": 0, "no_overlap": 1}


def codes(real, fake, a, b, c):
    first = ((real - b) ** 2).mean() / 2 + ((fake - a) ** 2).mean() / 2
    return torch.stack([first, ((fake - c) ** 2).mean() / 2])


def losses(sigmoid=False, mean_first=False, goal=1.0):
    def answer(real, fake):
        if sigmoid:
            real, fake = real.sigmoid(), fake.sigmoid()
        if mean_first:
            real, fake = real.mean(), fake.mean()
        return codes(real, fake, 0.0, 1.0, goal)

    return answer


RIGHT = [
    ("03-1", COIN),
    ("03-2", codes),
    ("03-3", PUSHES),
    ("03-4", losses()),
    ("03-5", CODING),
]
WRONG = [
    ("03-1", COIN | {"generator_loss": 0.382}, "factor 1/2"),
    ("03-1", COIN | {"c": 1 / 6}, "-1, 1, 0"),
    ("03-1", COIN | {"generator_loss": 0.2917}, "fakes alone"),
    ("03-1", COIN | {"d_tails": 0.75}, "d_tails"),
    ("03-2", lambda r, f, a, b, c: codes(r, f, b, a, c), "the fakes' target"),
    ("03-2", lambda r, f, a, b, c: codes(r, f, a, b, b), "goal is c"),
    ("03-2", lambda r, f, a, b, c: 2 * codes(r, f, a, b, c), "factor 1/2"),
    ("03-2", lambda r, f, a, b, c: codes(r.sigmoid(), f.sigmoid(), a, b, c), "No sigmoid"),
    ("03-2", lambda r, f, a, b, c: codes(r, f, a, b, c) + 1, "Three squares"),
    ("03-3", PUSHES | {"least squares": "left"}, "above the goal"),
    ("03-3", PUSHES | {"minimax": "nowhere"}, "full strength"),
    ("03-3", PUSHES | {"non-saturating": "left"}, "nearly 1"),
    ("03-3", PUSHES | {"Wasserstein": "up"}, "options"),
    ("03-3", "left", "dictionary"),
    ("03-4", losses(True, True, 0.0), "as it was"),
    ("03-4", losses(True, False, 1.0), "still a sigmoid"),
    ("03-4", losses(False, True, 1.0), "then average"),
    ("03-4", losses(False, False, 0.0), "still aims at 0"),
    ("03-4", losses(True, True, 1.0), "order of mean"),
    ("03-4", losses(True, False, 0.0), "generator's goal"),
    ("03-4", losses(False, True, 0.0), "generator's goal"),
    ("03-5", CODING | {"at_the_goal": 0.25, "no_overlap": 0.5}, "0, 1, 1"),
    ("03-5", CODING | {"no_overlap": 2}, "Delta itself"),
    ("03-5", CODING | {"b": 1}, "b - a = 2"),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_answer_passes(name: str, answer: object) -> None:
    result = check(name, answer)
    assert result.status == "correct", result.message


@pytest.mark.parametrize(("name", "answer", "hint"), WRONG)
def test_mistake_gets_its_hint(name: str, answer: object, hint: str) -> None:
    result = check(name, answer)
    assert result.status == "wrong"
    assert hint in result.message


def test_stubs_are_unanswered() -> None:
    assert check("03-2", lambda *scores: None).status == "unanswered"
    assert check("03-3", dict.fromkeys(PUSHES)).status == "unanswered"

"""Notebook 03's checks: the right answer passes, each foreseen mistake gets its own hint."""

from __future__ import annotations

import pytest
import torch

from gan_helpers.exercises import check

COIN = {"d_heads": 2 / 3, "d_tails": 0.25, "generator_loss": 0.191, "delta": 1 / 3, "c": 0.2917}
PUSHES = {
    "minimax": "Left", "non-saturating": "nowhere", "least squares": "right", "Wasserstein": "left",
}  # fmt: skip


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


def training(sign=1.0, train_generator=True, detach=True, clear=True, goal=1.0):
    def answer(G, D, draw_real, steps, lr=2e-3):
        adam = [torch.optim.Adam(p.parameters(), lr=lr, betas=(0.5, 0.9)) for p in (G, D)]
        for _ in range(steps):
            fake = G(torch.randn(128, 1))
            real_part = (D(draw_real(128)) - 1).square().mean()
            (real_part + sign * D(fake.detach()).square().mean()).backward()
            adam[1].step()
            if clear:
                adam[1].zero_grad()
            fake = G(torch.randn(128, 1))
            (D(fake if detach else fake.detach()) - goal).square().mean().backward()
            if train_generator:
                adam[0].step()
            for each in adam if clear else ():
                each.zero_grad()
        return G

    return answer


def fresh(gan, which="discriminator_optimizer"):
    getattr(gan, which).state.clear()


def fast(gan, factor=5, which="discriminator_optimizer"):
    getattr(gan, which).param_groups[0]["lr"] *= factor


OUTCOME = {"fresh_adam": "lost", "fast_discriminator": "returned"}


RIGHT = [
    ("03-2", COIN),
    ("03-1", codes),
    ("03-3", PUSHES),
    ("03-4", losses()),
    ("03-5", training()),
    ("03-6", (fresh, fast, OUTCOME)),
]
WRONG = [
    ("03-2", COIN | {"generator_loss": 0.382}, "factor 1/2"),
    ("03-2", COIN | {"c": 1 / 6}, "-1, 1, 0"),
    ("03-2", COIN | {"generator_loss": 0.2917}, "fakes alone"),
    ("03-2", COIN | {"d_tails": 0.75}, "d_tails"),
    ("03-1", lambda r, f, a, b, c: codes(r, f, b, a, c), "the fakes' target"),
    ("03-1", lambda r, f, a, b, c: codes(r, f, a, b, b), "goal is c"),
    ("03-1", lambda r, f, a, b, c: 2 * codes(r, f, a, b, c), "factor 1/2"),
    ("03-1", lambda r, f, a, b, c: codes(r.sigmoid(), f.sigmoid(), a, b, c), "No sigmoid"),
    ("03-1", lambda r, f, a, b, c: codes(r, f, a, b, c) + 1, "Three squares"),
    ("03-3", PUSHES | {"least squares": "left"}, "above the goal"),
    ("03-3", PUSHES | {"minimax": "nowhere"}, "full strength"),
    ("03-3", PUSHES | {"non-saturating": "left"}, "nearly 1"),
    ("03-3", PUSHES | {"Wasserstein": "up"}, "one of left, nowhere, right"),
    ("03-3", "left", "dictionary"),
    ("03-4", losses(True, True, 0.0), "as it was"),
    ("03-4", losses(True, False, 1.0), "still a sigmoid"),
    ("03-4", losses(False, True, 1.0), "then average"),
    ("03-4", losses(False, False, 0.0), "still aims at 0"),
    ("03-4", losses(True, True, 1.0), "order of mean"),
    ("03-4", losses(True, False, 0.0), "generator's goal"),
    ("03-4", losses(False, True, 0.0), "generator's goal"),
    ("03-5", training(train_generator=False), "generator's weights"),
    ("03-5", training(detach=False), "generator's weights"),
    ("03-5", training(sign=-1.0), "scores stay near"),
    ("03-5", training(goal=0.0), "aim at 1"),
    ("03-5", 3, "train_least_squares"),
    ("03-6", (fast, fast, OUTCOME), "still there"),
    ("03-6", (fresh, fresh, OUTCOME), "one thing at a time"),
    ("03-6", (fresh, lambda gan: fast(gan, 2), OUTCOME), "2 times"),
    ("03-6", (lambda gan: fresh(gan, "generator_optimizer"), fast, OUTCOME), "leave that alone"),
    ("03-6", (fresh, lambda gan: fast(gan, 5, "generator_optimizer"), OUTCOME), "leave that"),
    ("03-6", (fresh, fast, OUTCOME | {"fresh_adam": "returned"}), "refuted"),
    ("03-6", (fresh, fast, {"fresh_adam": "lost"}), "dictionary"),
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
    assert check("03-1", lambda *scores: None).status == "unanswered"
    assert check("03-3", dict.fromkeys(PUSHES)).status == "unanswered"
    assert check("03-5", lambda G, D, draw_real, steps: None).status == "unanswered"
    assert check("03-6", (fresh, fast, dict.fromkeys(OUTCOME))).status == "unanswered"

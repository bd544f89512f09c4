"""Notebook 01's checks: the right answer passes, each foreseen mistake gets its own hint."""

from __future__ import annotations

import numpy as np
import pytest

from gan_helpers.exercises import check

COIN = {"D_heads": 2 / 3, "D_tails": 0.25, "value": -1.2137}


def answer_with_bug(normalise: bool, log, guard: bool):
    def js(real, fake):
        p, q = (real / real.sum(), fake / fake.sum()) if normalise else (real, fake)
        m = (p + q) / 2
        total = 0.0
        for each in (p, q):
            kept = each > 0 if guard else slice(None)
            total = total + np.sum(each[kept] * log(each[kept] / m[kept]))
        return total / 2

    return js


def line(sign=1, real_first=True, bias=True, moved=True):
    def train_line(real, fake, steps=1500, rate=0.5):
        a = b = 0.0
        for _ in range(steps if moved else 0):
            up_real, up_fake = 1 - sigmoid(a * real + b), -sigmoid(a * fake + b)
            a_up = (up_real * real).mean() + (up_fake * fake).mean()
            b_up = bias * (up_real.mean() + up_fake.mean())
            a, b = a + sign * rate * a_up, b + sign * rate * b_up
        return a, b

    return train_line if real_first else lambda real, fake: train_line(fake, real)


def sigmoid(o):
    return 1 / (1 + np.exp(-o))


def brake(strength=lambda gamma, rate: gamma, alternating=True, start=True):
    def dirac_r1(theta, psi, rate, gamma, steps):
        path = [(theta, psi)]
        for _ in range(steps):
            old = psi
            psi += rate * (-theta * sigmoid(psi * theta) - strength(gamma, rate) * psi)
            seen = psi if alternating else old
            theta += rate * seen * sigmoid(seen * theta)
            path.append((theta, psi))
        return np.array(path)[0 if start else 1 :]

    return dirac_r1


def forger(up=1, down=1, loss=lambda D: -np.log(D), turns=2500, softmax=True, share=1):
    def forge(p):
        score, logits = np.zeros(6), np.zeros(6)
        for _ in range(turns):
            q = np.exp(logits - logits.max())
            q /= q.sum()
            D = np.clip(sigmoid(score), 1e-12, 1 - 1e-12)
            score = score + up * (p * (1 - D) - q * D)
            c = loss(np.clip(sigmoid(score), 1e-12, 1 - 1e-12))
            logits = logits - down * q * (c - share * q @ c)
        return q if softmax else logits

    return forge


RIGHT = [
    ("01-1", COIN),
    ("01-2", line()),
    ("01-3", {"score": -4.605, "D": 0.0099}),
    ("01-4", brake()),
    ("01-5", answer_with_bug(True, np.log, True)),
    ("01-6", forger()),
    ("01-6", forger(loss=lambda D: np.log(1 - D))),
]
WRONG = [
    ("01-1", COIN | {"value": 1.2137}, "never positive"),
    ("01-1", COIN | {"value": -1.2137 / np.log(2)}, "bits"),
    ("01-1", COIN | {"value": -1.2137 / np.log(10)}, "base 10"),
    ("01-1", COIN | {"value": -1.2137 / 2}, "not their mean"),
    ("01-1", COIN | {"D_heads": 0.8}, "D_heads"),
    ("01-2", line(sign=-1), "climbs"),
    ("01-2", line(real_first=False), "exchanged"),
    ("01-2", line(bias=False), "b has not moved"),
    ("01-2", line(moved=False), "still at the start"),
    ("01-2", lambda real, fake: (1.0, 1.0), "minus the mean"),
    ("01-3", {"score": 4.605, "D": 0.9901}, "steepest"),
    ("01-3", {"score": -2.0, "D": 0.0099}, "log base 10"),
    ("01-3", {"score": -1.0, "D": 0.0099}, "function of the score"),
    ("01-4", brake(alternating=False), "simultaneous"),
    ("01-4", brake(lambda gamma, rate: 0), "no brake"),
    ("01-4", brake(lambda gamma, rate: -gamma), "speeds psi up"),
    ("01-4", brake(lambda gamma, rate: gamma / 2), "half as strong"),
    ("01-4", brake(lambda gamma, rate: gamma / rate), "multiplied by the rate"),
    ("01-4", brake(start=False), "shape (61, 2) is wanted"),
    ("01-4", brake(lambda gamma, rate: gamma**2), "with the new psi"),
    ("01-5", answer_with_bug(False, np.log2, False), "0 log 0"),
    ("01-5", answer_with_bug(True, np.log, False), "0 log 0"),
    ("01-5", answer_with_bug(True, np.log2, True), "bit"),
    ("01-5", answer_with_bug(False, np.log, True), "divided by their sums"),
    ("01-5", answer_with_bug(False, np.log2, True), "look at the logarithm"),
    ("01-5", lambda real, fake: 0.3, "three mistakes"),
    ("01-6", 0.5, "A function"),
    ("01-6", forger(turns=1), "still fair"),
    ("01-6", forger(down=-1), "runs away"),
    ("01-6", forger(up=-1), "runs away"),
    ("01-6", forger(softmax=False), "no probabilities"),
    ("01-6", lambda p: np.ones(5) / 5, "six probabilities"),
    ("01-6", forger(turns=15), "present scores"),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_answer_passes(name: str, answer: object) -> None:
    result = check(name, answer)
    assert result.status == "correct", result.message


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("name", "answer", "hint"), WRONG)
def test_mistake_gets_its_hint(name: str, answer: object, hint: str) -> None:
    result = check(name, answer)
    assert result.status == "wrong"
    assert hint in result.message


@pytest.mark.parametrize("name", ["01-2", "01-4", "01-6"])
def test_stubs_are_unanswered(name: str) -> None:
    assert check(name, lambda *given: None).status == "unanswered"

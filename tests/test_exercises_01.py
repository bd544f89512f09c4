"""Notebook 01's checks: the right answer passes, each foreseen mistake gets its own hint."""

from __future__ import annotations

import numpy as np
import pytest

from gan_helpers.exercises import check

COIN = {"d_heads": 2 / 3, "d_tails": 0.25, "value": -1.2137, "js": 0.0863}


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


def gradient(score, p, q):
    d = 1 / (1 + np.exp(-score))
    return p * (1 - d) - q * d


RIGHT = [
    ("01-1", COIN),
    ("01-2", gradient),
    ("01-3", {"score": -4.605, "d": 0.0099}),
    ("01-4", {"a": "Diverges", "b": "circles", "c": "diverges", "d": "converges"}),
    ("01-5", answer_with_bug(True, np.log, True)),
]
WRONG = [
    ("01-1", COIN | {"value": 1.2137}, "never positive"),
    ("01-1", COIN | {"value": -1.2137 / np.log(2), "js": 0.0863 / np.log(2)}, "bits"),
    ("01-1", COIN | {"value": -1.2137 / np.log(10), "js": 0.0863 / np.log(10)}, "base 10"),
    ("01-1", COIN | {"js": 0.1726}, "half"),
    ("01-1", COIN | {"d_heads": 0.8}, "d_heads"),
    ("01-2", lambda score, p, q: -gradient(score, p, q), "climbs"),
    ("01-2", lambda score, p, q: p * (1 + np.exp(-score)) - q * (1 + np.exp(score)), "dV/dD"),
    ("01-2", lambda score, p, q: 1 - 2 / (1 + np.exp(-score)), "p times as real"),
    ("01-2", lambda score, p, q: p - q, "Differentiate"),
    ("01-3", {"score": 4.605, "d": 0.9901}, "pulls hardest"),
    ("01-3", {"score": -2.0, "d": 0.0099}, "log base 10"),
    ("01-3", {"score": -1.0, "d": 0.0099}, "function of the score"),
    ("01-4", {"a": "circles", "b": "circles", "c": "diverges", "d": "converges"}, "right angles"),
    ("01-4", {"a": "diverges", "b": "converges", "c": "diverges", "d": "converges"}, "Case b"),
    ("01-4", {"a": "diverges", "b": "circles", "c": "circles", "d": "converges"}, "Case c"),
    ("01-4", {"a": "diverges", "b": "circles", "c": "diverges", "d": "circles"}, "Case d"),
    ("01-4", {"a": "explodes", "b": "circles", "c": "diverges", "d": "circles"}, "write converges"),
    ("01-4", "diverges", "dictionary"),
    ("01-5", answer_with_bug(False, np.log2, False), "0 log 0"),
    ("01-5", answer_with_bug(True, np.log, False), "0 log 0"),
    ("01-5", answer_with_bug(True, np.log2, True), "bit"),
    ("01-5", answer_with_bug(False, np.log, True), "divided by their sums"),
    ("01-5", answer_with_bug(False, np.log2, True), "look at the logarithm"),
    ("01-5", lambda real, fake: 0.3, "three mistakes"),
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


def test_stubs_are_unanswered() -> None:
    def stub(score, p, q):
        """Return nothing yet."""

    assert check("01-2", stub).status == "unanswered"
    assert check("01-4", dict.fromkeys("abcd")).status == "unanswered"

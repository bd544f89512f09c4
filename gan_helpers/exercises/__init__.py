"""Check the answers to the notebooks' exercises.

    check("02-1", my_loss)   # not answered yet, a hint that fits the mistake, or correct

With GAN_HELPERS_STRICT=1 in the environment an answer that is missing or wrong is an error;
the series' own tests run the solutions that way.
"""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from typing import Any

from gan_helpers.random import OwnRandom

from . import _00, _01, _02, _03, _04, _05, _06, _07, _08, _09, _10, _11
from ._checks import Check, Hint, NotAnswered, unanswered

__all__ = ["CHECKS", "Result", "UnsolvedError", "check"]

CHECKS: dict[str, Check] = {
    **_00.CHECKS, **_01.CHECKS, **_02.CHECKS, **_03.CHECKS, **_04.CHECKS, **_05.CHECKS,
    **_06.CHECKS, **_07.CHECKS, **_08.CHECKS, **_09.CHECKS, **_10.CHECKS, **_11.CHECKS,
}  # fmt: skip


class UnsolvedError(AssertionError):
    """Raised under GAN_HELPERS_STRICT=1 when an answer is missing or wrong."""


@dataclass(frozen=True)
class Result:
    """Hold the outcome of one check; a notebook shows it.

    Attributes:
        name: the exercise, for example "02-1".
        status: "unanswered", "wrong" or "correct".
        message: what to tell the student.
        error: the largest absolute error of a correct answer, else None.
    """

    name: str
    status: str
    message: str
    error: float | None = None

    def __repr__(self) -> str:
        return f"Exercise {self.name}: {self.message}"

    def _repr_html_(self) -> str:
        mark, colour = {
            "unanswered": ("?", "#767676"),
            "wrong": ("✗", "#b34700"),
            "correct": ("✓", "#006d4e"),
        }[self.status]
        return (
            f'<div style="border-left: 4px solid {colour}; padding: 0.3em 0.8em">'
            f'<b style="color: {colour}">{mark} Exercise {html.escape(self.name)}</b>: '
            f"{html.escape(self.message)}</div>"
        )


def check(name: str, answer: Any) -> Result:
    """Compare an answer with the right one.

    Args:
        name: the exercise, notebook and number, for example "02-1".
        answer: what the student wrote; None means not answered yet.

    Returns:
        The result: not answered yet, a hint that fits the mistake, or correct with the
        largest error.

    Raises:
        ValueError: there is no exercise of that name.
        UnsolvedError: the answer is missing or wrong, and GAN_HELPERS_STRICT=1 is set.
    """
    if name not in CHECKS:
        known = ", ".join(sorted(CHECKS)) or "none so far"
        raise ValueError(f"There is no exercise {name!r}. Use one of these names: {known}.")
    result = _judge(name, answer)
    if result.status != "correct" and os.environ.get("GAN_HELPERS_STRICT") == "1":
        raise UnsolvedError(repr(result))
    return result


def _judge(name: str, answer: Any) -> Result:
    try:
        if unanswered(answer):
            raise NotAnswered
        with OwnRandom(0):  # what an answer draws is not taken from a run beside it
            error = float(CHECKS[name](answer))
    except (NotAnswered, NotImplementedError):
        return Result(name, "unanswered", "not answered yet.")
    except Hint as hint:
        return Result(name, "wrong", f"not yet. {hint}")
    except Exception as fault:
        said = f"not yet. Your answer stopped with {type(fault).__name__}: {fault}"
        return Result(name, "wrong", said)
    return Result(name, "correct", f"correct, largest error {error:.2g}.", error)

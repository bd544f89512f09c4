"""Build checks for exercises: compare an answer with the right one, and say what went wrong.

A check takes the student's answer and returns its largest error. It raises `Hint` when the
answer is wrong and `NotAnswered` when there is none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

Check = Callable[[Any], float]


class NotAnswered(Exception):
    """Raised by a check when the student has not written anything yet."""


class Hint(Exception):
    """Raised by a check when the answer is wrong; its text says what to look at."""


def unanswered(answer: Any) -> bool:
    """Say whether an answer is still a stub.

    Args:
        answer: anything; None and Ellipsis are stubs, and so is a list, tuple or dictionary
            that holds one at any depth.

    Returns:
        True when something is still missing.
    """
    if answer is None or answer is Ellipsis:
        return True
    if isinstance(answer, Mapping):
        return any(unanswered(value) for value in answer.values())
    if isinstance(answer, (list, tuple)):
        return any(unanswered(value) for value in answer)
    return False


def close_to(
    expected: Any,
    tolerance: float = 1e-4,
    mistakes: Iterable[tuple[Any, str]] = (),
    hint: str = "",
) -> Check:
    """Build a check that compares numbers: |answer - expected| <= tolerance.

    Args:
        expected: number, array, tensor, sequence, or a dictionary of these; or a function
            without arguments that computes one.
        tolerance: largest absolute error that counts as correct, in the answer's own unit.
        mistakes: pairs of a known wrong value (of the same forms) and the hint that fits it.
        hint: what to say when the answer is wrong and no known mistake fits.

    Returns:
        The check.
    """
    known = tuple(mistakes)

    def check(answer: Any) -> float:
        right = _resolve(expected)
        error, where = _largest_error(answer, right)
        if error <= tolerance:
            return error
        for wrong, explanation in known:
            if _agrees(answer, _resolve(wrong), tolerance):
                raise Hint(explanation)
        raise Hint(_join(f"{where}is off by {error:.3g} (allowed: {tolerance:g}).", hint))

    return check


def same_function(
    reference: Callable[..., Any],
    cases: Callable[[], Sequence[tuple[Any, ...]]],
    tolerance: float = 1e-5,
    gradients: bool = True,
    mistakes: Iterable[tuple[Callable[..., Any], str]] = (),
    hint: str = "",
) -> Check:
    """Build a check that compares a function with a reference, in values and in gradients.

    Args:
        reference: the right function.
        cases: function without arguments that returns the argument tuples to try.
        tolerance: largest absolute error that counts as correct, for values and gradients.
        gradients: compare the gradients of the summed output too, with respect to every
            floating-point tensor among the arguments.
        mistakes: pairs of a known wrong function and the hint that fits it.
        hint: what to say when the answer is wrong and no known mistake fits.

    Returns:
        The check.
    """
    known = tuple(mistakes)

    def check(answer: Any) -> float:
        if not callable(answer):
            raise Hint(f"A function is wanted here, not {_describe(answer)}.")
        largest = 0.0
        tried = list(cases())
        for arguments in tried:
            error, where = _function_error(answer, reference, arguments, gradients)
            largest = max(largest, error)
            if error <= tolerance:
                continue
            for wrong, explanation in known:
                if all(_same_on(answer, wrong, each, gradients, tolerance) for each in tried):
                    raise Hint(explanation)
            shown = ", ".join(_describe(argument) for argument in arguments)
            message = f"For {shown}: {where}is off by {error:.3g} (allowed: {tolerance:g})."
            raise Hint(_join(message, hint))
        return largest

    return check


def chosen(expected: Mapping[str, str], hints: Mapping[str, str]) -> Check:
    """Build a check for a choice or a prediction in each of several cases.

    Args:
        expected: case -> the right choice, compared without regard to case and outer blanks.
        hints: case -> why another choice is wrong there.

    Returns:
        The check; its error is 0.
    """
    options = list(dict.fromkeys(expected.values()))

    def check(answer: Any) -> float:
        if not isinstance(answer, Mapping) or set(answer) != set(expected):
            raise Hint(f"A dictionary with the keys {', '.join(expected)} is wanted.")
        for case, right in expected.items():
            if _plain(answer[case]) not in map(_plain, options):
                raise Hint(f"{case} is {answer[case]!r}; write one of {', '.join(options)}.")
            if _plain(answer[case]) != _plain(right):
                raise Hint(f"{case}: look again. {hints[case]}")
        return 0.0

    return check


def _resolve(value: Any) -> Any:
    return value() if callable(value) else value


def _plain(choice: Any) -> Any:
    return choice.strip().casefold() if isinstance(choice, str) else choice


def _join(first: str, second: str) -> str:
    return f"{first} {second}".strip()


def _describe(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (bool, int, float, str)):
        return repr(value)
    return f"a value of type {type(value).__name__}"


def _to_array(value: Any, where: str) -> np.ndarray:
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().double().numpy()
    if isinstance(value, (list, tuple)):
        value = [_to_array(part, where) for part in value]
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise Hint(f"{where}should be a number or an array, not {_describe(value)}.") from None


def _largest_error(answer: Any, right: Any, where: str = "Your answer ") -> tuple[float, str]:
    """Return the largest absolute difference, and the name of the place where it is."""
    if isinstance(right, Mapping):
        if not isinstance(answer, Mapping) or set(answer) != set(right):
            raise Hint(f"A dictionary with the keys {sorted(right)} is wanted here.")
        found = [_largest_error(answer[key], right[key], f"Your {key!r} ") for key in right]
        return max(found)
    ours, theirs = _to_array(right, "The expected answer "), _to_array(answer, where)
    if ours.shape != theirs.shape:
        raise Hint(f"{where}has shape {theirs.shape}; shape {ours.shape} is wanted.")
    with np.errstate(invalid="ignore"):
        difference = np.abs(ours - theirs)
    difference = np.where(ours == theirs, 0.0, difference)  # equal infinities differ by nothing
    error = float(np.max(difference, initial=0.0))
    return (math.inf if math.isnan(error) else error), where


def _agrees(answer: Any, wrong: Any, tolerance: float) -> bool:
    try:
        return _largest_error(answer, wrong)[0] <= tolerance
    except Hint:
        return False


def _function_error(
    answer: Callable[..., Any],
    reference: Callable[..., Any],
    arguments: tuple[Any, ...],
    gradients: bool,
) -> tuple[float, str]:
    right, right_gradients = _call(reference, arguments, gradients)
    found, found_gradients = _call(answer, arguments, gradients)
    if unanswered(found):
        raise NotAnswered
    error, where = _largest_error(found, right, "the value ")
    if right_gradients is None:
        return error, where
    if found_gradients is None:
        raise Hint(
            "The value carries no gradient. Stay with torch's operations all the way: "
            "no .item(), .detach(), .numpy() or torch.no_grad()."
        )
    slope, place = _largest_error(found_gradients, right_gradients, "the gradient ")
    return (error, where) if error >= slope else (slope, place)


def _same_on(
    answer: Callable[..., Any],
    wrong: Callable[..., Any],
    arguments: tuple[Any, ...],
    gradients: bool,
    tolerance: float,
) -> bool:
    try:
        return _function_error(answer, wrong, arguments, gradients)[0] <= tolerance
    except (Hint, NotAnswered):
        return False


def _call(
    function: Callable[..., Any], arguments: tuple[Any, ...], gradients: bool
) -> tuple[Any, list[torch.Tensor] | None]:
    """Call a function on fresh copies of its arguments; gradients are None where none flow."""
    copies = [
        a.detach().clone().requires_grad_(gradients and a.is_floating_point())
        if isinstance(a, torch.Tensor)
        else np.copy(a)
        if isinstance(a, np.ndarray)
        else a
        for a in arguments
    ]
    leaves = [a for a in copies if isinstance(a, torch.Tensor) and a.requires_grad]
    value = function(*copies)
    if not leaves or not isinstance(value, torch.Tensor) or not value.requires_grad:
        return value, None
    slopes = torch.autograd.grad(value.sum(), leaves, allow_unused=True, materialize_grads=True)
    return value, list(slopes)

"""Checks of exercises: unanswered, hints that fit the mistake, correct; and the strict switch."""

import math

import numpy as np
import pytest
import torch

from gan_helpers import exercises
from gan_helpers.exercises import UnsolvedError, check
from gan_helpers.exercises._checks import Hint, chosen, close_to, same_function


@pytest.fixture(autouse=True)
def not_strict(monkeypatch):
    monkeypatch.delenv("GAN_HELPERS_STRICT", raising=False)


@pytest.fixture
def judge(monkeypatch):
    """Run one check on one answer, through the public function."""

    def run(the_check, answer):
        monkeypatch.setitem(exercises.CHECKS, "99-1", the_check)
        return check("99-1", answer)

    return run


LOG2 = close_to(
    math.log(2),
    mistakes=[(1.0, "That is log2(2): use the natural logarithm."), (-math.log(2), "The sign.")],
    hint="A loss -log D is never negative.",
)


@pytest.mark.parametrize(
    "answer", [None, ..., [None, 1.0], (1.0, (2.0, None)), {"a": 1.0, "b": None}]
)
def test_a_stub_is_not_answered_yet(judge, answer):
    result = judge(LOG2, answer)
    assert result.status == "unanswered"
    assert repr(result) == "Exercise 99-1: not answered yet."


@pytest.mark.parametrize("answer", [0.6931, np.float32(0.6931), torch.tensor(0.6931)])
def test_a_right_number_is_correct_with_its_error(judge, answer):
    result = judge(LOG2, answer)
    assert result.status == "correct"
    assert result.error == pytest.approx(math.log(2) - 0.6931, abs=1e-7)
    assert "4.7e-05" in repr(result)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (1.0, "natural logarithm"),
        (-0.6931, "The sign."),
        (0.7, "never negative"),
        (0.7, "off by 0.00685"),
        (math.nan, "off by inf"),
        ([0.6931, 0.6931], "shape (2,); shape () is wanted"),
        ("0.69", "off by"),
        ("log 2", "should be a number"),
        ([[1.0], [1.0, 2.0]], "should be a number or an array"),
    ],
)
def test_a_wrong_number_gets_the_hint_that_fits(judge, answer, said):
    result = judge(LOG2, answer)
    assert (result.status, result.error) == ("wrong", None)
    assert said in result.message


def test_arrays_dictionaries_and_infinities_are_compared_part_by_part(judge):
    both = close_to(lambda: {"kl": [math.inf, 1.0], "tv": np.ones(2)})
    assert judge(both, {"kl": np.array([math.inf, 1.0]), "tv": [1.0, 1.0]}).status == "correct"
    assert "'tv'" in judge(both, {"kl": [math.inf, 1.0], "tv": [1.0, 2.0]}).message
    assert "'kl'" in judge(both, {"kl": [5.0, 1.0], "tv": [1.0, 1.0]}).message
    assert "keys ['kl', 'tv']" in judge(both, {"kl": [math.inf, 1.0]}).message


def softplus_loss(scores):
    return torch.nn.functional.softplus(-scores).mean()


def clipped_loss(scores):
    return -(torch.sigmoid(scores) + 1e-8).log().mean()


LOSS = same_function(
    softplus_loss,
    lambda: [(torch.tensor([-30.0, 0.5]),), (torch.zeros(3),)],
    mistakes=[(lambda s: softplus_loss(s) * len(s), "Take the mean, not the sum.")],
    hint="Use softplus on the raw score.",
)


def test_the_right_function_is_correct(judge):
    assert judge(LOSS, lambda s: torch.log1p(torch.exp(-s)).mean()).status == "correct"


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda s: torch.nn.functional.softplus(-s).sum(), "mean, not the sum"),
        (clipped_loss, "raw score"),
        (lambda s: torch.nn.functional.softplus(-s), "shape (2,); shape () is wanted"),
        (lambda s: softplus_loss(s).item(), "carries no gradient"),
        (lambda s: softplus_loss(s.detach()), "carries no gradient"),
        (lambda s: softplus_loss(s).detach() + 0 * s.sum(), "the gradient is off by"),
        (lambda s: s.softplus(), "AttributeError"),
        (lambda s: undefined, "NameError"),  # noqa: F821
        (lambda: 1, "TypeError"),
        (0.5, "A function is wanted here, not 0.5"),
    ],
)
def test_a_wrong_function_gets_the_hint_that_fits(judge, function, said):
    result = judge(LOSS, function)
    assert result.status == "wrong"
    assert said in result.message


def not_implemented(scores):
    raise NotImplementedError


@pytest.mark.parametrize("stub", [lambda s: None, lambda s: ..., not_implemented])
def test_a_stub_of_a_function_is_not_answered_yet(judge, stub):
    assert judge(LOSS, stub).status == "unanswered"


def test_a_function_cannot_spoil_the_cases(judge):
    point = np.ones(2)
    norm = same_function(lambda x: float(np.sum(x)), lambda: [(point,)])

    def careless(x):
        x *= 3
        return float(np.sum(x)) / 3

    assert judge(norm, careless).status == "correct"
    assert point.tolist() == [1.0, 1.0]


def test_gradients_can_be_left_out(judge):
    values = same_function(softplus_loss, lambda: [(torch.zeros(3),)], gradients=False)
    assert judge(values, lambda s: softplus_loss(s).item()).status == "correct"


def test_a_choice_in_each_case_has_a_hint(judge):
    choice = chosen({"x": "left", "y": "right"}, {"x": "It saturates.", "y": "Mind the sign."})
    assert judge(choice, {"x": " Left ", "y": "right"}).status == "correct"
    assert "x: look again. It saturates." in judge(choice, {"x": "right", "y": "right"}).message
    assert "y is 'up'; write one of left, right" in judge(choice, {"x": "left", "y": "up"}).message
    assert "y is [1]" in judge(choice, {"x": "left", "y": [1]}).message
    assert "keys x, y" in judge(choice, {"x": "left"}).message
    assert "keys x, y" in judge(choice, "left").message


def test_strict_turns_a_missing_or_wrong_answer_into_an_error(judge, monkeypatch):
    monkeypatch.setenv("GAN_HELPERS_STRICT", "1")
    assert judge(LOG2, math.log(2)).status == "correct"
    with pytest.raises(UnsolvedError, match="not answered yet"):
        judge(LOG2, None)
    with pytest.raises(UnsolvedError, match="natural logarithm"):
        judge(LOG2, 1.0)


def test_an_unknown_exercise_is_an_error_that_names_the_known_ones(judge):
    judge(LOG2, None)
    with pytest.raises(ValueError, match=r"no exercise '99-7'.*99-1"):
        check("99-7", 1.0)


def test_the_result_is_shown_as_text_and_as_html_without_markup_of_the_student(judge):
    def raise_markup(answer):
        raise Hint("use <b> & x")

    shown = judge(raise_markup, 1.0)._repr_html_()
    assert "use &lt;b&gt; &amp; x" in shown
    assert "Exercise 99-1" in shown


@pytest.mark.parametrize("name", sorted(exercises.CHECKS))
def test_every_registered_check_leaves_a_stub_unanswered_and_refuses_nonsense(name):
    assert check(name, None).status == "unanswered"
    assert check(name, object()).status == "wrong"

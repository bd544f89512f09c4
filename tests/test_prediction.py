"""A prediction is committed once, before the experiment answers it."""

import pytest

from gan_helpers.widgets import predict


def test_a_choice_is_committed_once_and_kept():
    asked = predict("Which way?", "left", "right")
    assert asked.answer.value is None  # nothing is suggested
    asked.button.click()
    assert asked.committed is None
    assert "Choose" in asked.status.value
    asked.answer.value = "right"
    asked.button.click()
    assert asked.committed == "right"
    assert asked.answer.disabled
    assert asked.button.disabled
    assert "right" in asked.status.value


def test_choices_with_mathematics_are_listed_and_chosen_by_letter():
    asked = predict("Which?", "$x < y$", "neither")
    assert asked.answer.options == (("A", "$x < y$"), ("B", "neither"))
    assert "A: $x &lt; y$" in asked.box.children[0].value
    asked.answer.value = "$x < y$"
    asked.button.click()
    assert asked.committed == "$x < y$"


def test_a_line_of_text_is_committed_too():
    asked = predict("How many?")
    asked.answer.value = "a <b> few"
    asked.button.click()
    assert asked.committed == "a <b> few"
    assert "&lt;b&gt;" in asked.status.value


def test_the_question_is_read_where_there_is_no_kernel():
    bundle = predict("Is $a < b$?", "yes & no", "no")._repr_mimebundle_()
    assert "yes &amp; no" in bundle["text/html"]
    assert bundle["text/plain"] == "Predict. Is $a < b$? yes & no / no"
    assert "application/vnd.jupyter.widget-view+json" in bundle


@pytest.mark.parametrize(
    "given", [(" ",), ("Which?", "a"), ("Which?", "a", "a"), ("Which?", *"abcdefghi")]
)
def test_a_question_without_a_choice_is_refused(given):
    with pytest.raises(ValueError, match=r"is empty|choices are"):
        predict(*given)

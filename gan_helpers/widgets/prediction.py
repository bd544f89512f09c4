"""A question that is answered before the experiment answers it."""

from __future__ import annotations

from html import escape
from typing import Any

from ipywidgets import Button, HTMLMath, RadioButtons, Text, VBox

LETTERS = "ABCDEFGH"


class Prediction:
    """What ``predict`` returns: a question, its choices and a button that commits to one.

    Args:
        question: what is asked; may hold ``$LaTeX$``.
        choices: what can be answered, where one holds ``$LaTeX$`` by letter; none for a line of
            text.

    Attributes: `committed`, the answer given, or ``None`` as long as there is none.
    """

    def __init__(self, question: str, choices: tuple[str, ...]) -> None:
        self.question, self.choices = question, choices
        self.committed: str | None = None
        labels, listed = choices, ""
        if any("$" in choice for choice in choices):  # radio buttons typeset no mathematics
            labels = tuple(LETTERS[: len(choices)])
            pairs = zip(labels, choices, strict=True)
            listed = "".join(f"<br>{label}: {escape(choice)}" for label, choice in pairs)
        options = list(zip(labels, choices, strict=True))
        self.answer = RadioButtons(options=options, index=None) if choices else Text()
        self.answer.layout = {"width": "auto"}
        self.button = Button(description="Commit")
        self.status = HTMLMath().add_class("gan-status")
        self.button.on_click(self._commit)
        asked = HTMLMath(f"<b>Predict.</b> {question}{listed}")
        self.box = VBox([asked, self.answer, self.button, self.status])

    def _commit(self, _: Button) -> None:
        if not self.answer.value:
            self.status.value = "Choose an answer first: a wrong one teaches more than none."
            return
        self.committed = self.answer.value
        self.answer.disabled = self.button.disabled = True
        self.status.value = f"You say: <i>{escape(self.committed)}</i>. Run on and see."

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        listed = "".join(f"<li>{escape(choice)}</li>" for choice in self.choices)
        page = f"<p><b>Predict.</b> {self.question}</p><ul>{listed}</ul>"
        return {
            **(self.box._repr_mimebundle_() or {}),
            "text/html": page,
            "text/plain": repr(self),
        }

    def __repr__(self) -> str:
        return f"Predict. {self.question} {' / '.join(self.choices)}".strip()


def predict(question: str, *choices: str) -> Prediction:
    """Ask for a prediction, with radio buttons and *Commit*; the next cells answer it.

    Args:
        question: what is asked; may hold ``$LaTeX$``.
        choices: two to eight different answers, which may hold ``$LaTeX$``; none for a line of
            text.

    Returns:
        The prediction, to be the last expression of a cell.

    Raises:
        ValueError: the question is empty, there is one choice, there are nine or more, or two are
            the same.
    """
    if not question.strip():
        raise ValueError("question is empty; ask something that the next cell answers")
    if len(choices) not in (0, *range(2, 9)) or len({*choices}) != len(choices):
        raise ValueError(
            f"choices are {choices}; give two to eight different ones, or none for a line of text"
        )
    return Prediction(question, choices)

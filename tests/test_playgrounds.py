"""Notebook 01's playgrounds: every control changes the picture, and leaves no error behind."""

from __future__ import annotations

import pytest

from gan_helpers import theory, widgets
from gan_helpers.widgets.playgrounds import GAMES, STEPS

PLAYGROUNDS = {
    "value": widgets.value_playground,
    "discriminator": widgets.discriminator_playground,
    "Dirac": widgets.dirac_playground,
}


def other(control):
    if hasattr(control, "options"):
        return next(option for option in control.options if option != control.value)
    return control.min if control.value != control.min else control.max


@pytest.mark.parametrize("name", PLAYGROUNDS)
def test_each_control_changes_the_picture(name: str) -> None:
    playground = PLAYGROUNDS[name]()
    for label, control in playground.controls.items():
        assert control.description, f"{label} has no label"
        before, said = playground.image.value, playground.picture.alt
        control.value = other(control)
        assert playground.status.value == "", label
        assert playground.image.value != before, label
        assert playground.picture.alt != said, label


@pytest.mark.parametrize("name", PLAYGROUNDS)
def test_extreme_settings_draw(name: str) -> None:
    playground = PLAYGROUNDS[name]()
    for end in ("min", "max"):
        values = {
            label: getattr(control, end, control.value)
            for label, control in playground.controls.items()
        }
        playground.function(**values).draw_without_rendering()


def test_dirac_names_are_the_theory() -> None:
    assert set(GAMES.values()) == set(theory.DIRAC_GAMES)
    assert len(GAMES) == 4
    assert len(STEPS) == 2
    for loss in GAMES:
        for order in STEPS:
            title = widgets.play_dirac(loss, order, h=0.2, steps=5).get_suptitle()
            assert loss in title
            assert order in title
    with pytest.raises(KeyError):
        widgets.play_dirac("hinge")

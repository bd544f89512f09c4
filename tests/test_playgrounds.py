"""Playgrounds: every control changes the picture, and so does the pointer; no error is left."""

from __future__ import annotations

import numpy as np
import pytest

from gan_helpers import theory, widgets
from gan_helpers.plotting import Picture, figure
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


def pointable(at: float = 0.0, column: int = 0, row: int = 0) -> Picture:
    picture, ax = figure("A finding", size=(6, 3))
    ax.imshow(np.full((28, 28), at))
    return picture


def test_the_pointer_sets_the_pixel_under_it() -> None:
    sliders = {"column": (0, 27, 1, 14), "row": (0, 27, 1, 14)}
    play = widgets.playground(pointable, pointed=("column", "row"), **sliders)
    width, height = play.picture.bbox.size
    for column, row in ((0, 0), (27, 3), (5, 26)):
        x, y = play.picture.axes[0].transData.transform((column + 0.3, row - 0.3))
        play.pointer.at = [x / width, 1 - y / height]
        assert (play.controls["column"].value, play.controls["row"].value) == (column, row)
    play.pointer.at = [0.001, 0.5]  # beside the image
    assert (play.controls["column"].value, play.controls["row"].value) == (5, 26)


def test_the_pointer_keeps_to_a_slider_and_its_steps() -> None:
    sliders = {"at": (0.0, 10.0, 0.5, 0.0), "row": (3, 9, 2, 3)}
    play = widgets.playground(pointable, pointed=("at", "row"), **sliders)
    width, height = play.picture.bbox.size
    for place, found in (((4.2, 6.1), (4.0, 7)), ((26.0, 1.0), (10.0, 3))):
        x, y = play.picture.axes[0].transData.transform(place)
        play.pointer.at = [x / width, 1 - y / height]
        assert (play.controls["at"].value, play.controls["row"].value) == found


def test_only_sliders_can_be_pointed_at() -> None:
    with pytest.raises(ValueError, match=r"pointed names 'row'; give it a slider"):
        widgets.playground(pointable, pointed=("column", "row"), column=(0, 27, 1, 14))

"""Choosing layers redraws the plane alone, and the picture is what a new one would be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_helpers.lab import LabSettings, Session
from gan_helpers.lab.front import GanLab
from gan_helpers.lab.front.picture import TALL, WIDE, LabPicture
from gan_helpers.lab.front.sheets import LAYERS

SMALL = LabSettings(width=8, batch_size=8, hidden_layers=1)
Z = torch.tensor([0.5, -0.5])


@pytest.fixture(scope="module")
def session():
    made = Session(SMALL)
    for _ in range(5):
        made.step()
        made.measure()
    return made


@pytest.mark.parametrize(
    ("layout", "title", "charts", "budget", "scale"),
    [
        (WIDE, "", ("losses", "modes"), "full", 1.0),
        (WIDE, "", ("gradients", "W1"), "smoke", 1.5),  # which writes across the whole picture
        (TALL, "n_critic: 5", ("W1",), "smoke", 1.0),
    ],
)
def test_a_picture_with_other_layers_is_what_a_new_one_is(
    session, monkeypatch, layout, title, charts, budget, scale
):
    monkeypatch.setenv("GAN_HELPERS_BUDGET", budget)
    snapshot = session.snapshot()

    def drawn(picture):
        return picture.pixels(session, snapshot, Z, scale=scale).copy()

    picture = LabPicture(session, (), charts, layout, title)
    drawn(picture)
    for layers in (tuple(LAYERS), ("surface",), ("real", "chosen")):
        picture.show(layers)
        fresh = drawn(LabPicture(session, layers, charts, layout, title))
        assert np.array_equal(drawn(picture), fresh)
        assert np.array_equal(drawn(picture), fresh)  # and so is the next frame


def test_choosing_layers_draws_no_chart_again(session, monkeypatch):
    picture = LabPicture(session, ("real",), ("losses", "modes"))
    picture.pixels(session, session.snapshot(), Z)
    drawn = []
    for axes in (picture.plane, *(artists.ax for artists in picture.charts)):
        monkeypatch.setattr(axes.yaxis, "draw", lambda *_, axes=axes: drawn.append(axes))
    picture.show(("generated",))
    picture.pixels(session, session.snapshot(), Z)
    assert drawn == [picture.plane]
    picture.pixels(session, session.snapshot(), Z)
    assert drawn == [picture.plane]


def test_the_laboratory_keeps_its_picture_until_charts_or_runs_are_others():
    lab = GanLab(SMALL, layers=("real",))
    bench = lab.bench
    (first,) = bench.pictures
    bench.looks.layers["chosen"].value = True
    assert bench.pictures == [first]
    assert set(first.layers) == {"real", "chosen"}
    bench.looks.charts[0].value = "gradients"
    (second,) = bench.pictures
    assert second is not first
    assert second.names[0] == "gradients"
    lab.reset()
    assert bench.pictures[0] is not second

"""A laboratory whose page is gone pauses by itself; one without a page plays on."""

from __future__ import annotations

import pytest

from gan_helpers.lab import LabSettings
from gan_helpers.lab.front import GanLab
from gan_helpers.widgets.presence import PATIENCE, Presence

SMALL = LabSettings(width=8, batch_size=8, hidden_layers=1)


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def lab():
    made = GanLab(SMALL)
    made.view.presence.clock = Clock()
    yield made
    made.stop()


def test_a_page_is_gone_when_it_has_shown_itself_and_says_nothing_any_more():
    clock = Clock()
    presence = Presence(clock)
    clock.now += 10 * PATIENCE
    assert not presence.gone  # nobody has ever been there
    presence.signs += 1
    clock.now += PATIENCE
    assert not presence.gone
    clock.now += 1
    assert presence.gone
    presence.signs += 1
    assert not presence.gone
    clock.now += PATIENCE + 1
    presence.renew()
    assert not presence.gone


def stops(lab):
    """Wait for the end of the run without being a cell that waits."""
    return lab._player.wait(20)


def test_a_laboratory_whose_page_is_gone_pauses_and_says_why(lab):
    presence = lab.view.presence
    presence.signs = 1
    lab.play()
    presence.clock.now += PATIENCE + 1
    assert stops(lab)
    assert lab.state == "paused"
    assert lab._problem is None
    assert "no page showed it" in lab.view.bar.status.value
    done = lab.sessions[0].step_count
    lab.play(3)  # somebody is there again
    assert stops(lab)
    assert lab.sessions[0].step_count == done + 3
    assert "no page" not in lab.view.bar.status.value


def test_without_a_page_it_plays_all_its_turns(lab):
    lab.view.presence.clock.now += 10 * PATIENCE
    lab.play(30)
    assert stops(lab)
    assert lab.sessions[0].step_count == 30


def test_what_a_cell_waits_for_is_done_with_or_without_its_page(lab):
    presence = lab.view.presence
    presence.clock = lambda: 10 * PATIENCE if lab._waiting else 0.0
    presence.signs = 1
    lab.view.bar.speed.value = "30 turns a second"
    lab.play(20)
    lab.wait(20)
    assert presence._seen == 0.0
    assert lab.sessions[0].step_count == 20

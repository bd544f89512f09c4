"""The laboratory without a browser: every control does what it says, and leaves no thread."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan_helpers import MINIMAX, NON_SATURATING, WGAN, WGAN_GP, NonFiniteLossError
from gan_helpers.lab import LabSettings, Session
from gan_helpers.lab.front import GanLab
from gan_helpers.lab.front.drawing_canvas import SHAPES, shape
from gan_helpers.lab.front.plane_layers import LAYERS
from gan_helpers.lab.sources import REACH, check_drawn
from gan_helpers.record import Record

SMALL = LabSettings(width=8, batch_size=8, hidden_layers=1)
NUMBERS = [name for name in Record._fields if name != "seconds"]


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    left = [thread for thread in threading.enumerate() if thread.name == "gan-board"]
    assert not [thread for thread in left if thread.join(5) or thread.is_alive()]


@pytest.fixture
def lab():
    made = GanLab(SMALL)
    yield made
    made.stop()


def stepped(count, settings=SMALL):
    run = Session(settings)
    for _ in range(count):
        run.step()
    return run


def same_history(a, b):
    return all(np.array_equal(a.history.column(name), b.history.column(name)) for name in NUMBERS)


def going(lab):
    """Wait until a playing laboratory has taken a turn."""
    taken = threading.Event()
    measure = lab.view.measure

    def seen(always=False):
        measure(always)
        taken.set()

    lab.view.measure = seen
    assert taken.wait(20)
    lab.view.measure = measure


def press(lab, name):
    getattr(lab.view.bar, name).click()


# Playing and stepping


def test_play_returns_at_once_and_pauses_after_its_turns(lab):
    assert lab.state == "ready"
    assert not [each for each in threading.enumerate() if each.name == "gan-board"]
    lab.play(12)
    lab.wait(30)
    assert lab.state == "paused"
    assert lab.sessions[0].step_count == 12
    assert same_history(lab.sessions[0], stepped(12))
    assert "paused" in lab.view.bar.status.value
    assert "step 12 " in lab.view.bar.status.value


def test_the_history_is_the_same_whatever_is_looked_at_and_moved():
    lab = GanLab(SMALL)
    before = torch.get_rng_state()
    lab.play(40)
    options = lab.view.options
    for i, (name, box) in enumerate(options.layers.items()):
        options.z1.value, options.z2.value = 0.3 * i, -0.2 * i
        box.value = not box.value
        if name == "real":
            options.charts[0].value = "W1"
    lab.wait(60)
    assert lab.sessions[0].step_count == 40
    assert same_history(lab.sessions[0], stepped(40))
    assert torch.equal(torch.get_rng_state(), before)


def test_the_play_button_plays_and_pauses(lab):
    press(lab, "play")
    going(lab)
    assert lab.state == "playing"
    assert lab.view.bar.play.description == "Pause"
    assert not lab.view.bar.stop.disabled
    with pytest.raises(TimeoutError, match="plays on after 0 s"):
        lab.wait(0)
    press(lab, "play")
    assert (lab.state, lab.view.bar.play.description) == ("paused", "Play")
    done = lab.sessions[0].step_count
    press(lab, "play")
    going(lab)
    press(lab, "stop")
    assert lab.state == "paused"
    assert lab.sessions[0].step_count > done
    for bad in (0, 2.5):
        with pytest.raises(ValueError, match=f"turns is {bad}; it must be an integer >= 1"):
            lab.play(bad)


def test_single_updates_move_one_player_only(lab):
    session = lab.sessions[0]

    def weights(player):
        return torch.cat([w.detach().flatten() for w in player.parameters()]).clone()

    for name, moves in (("only_d", (True, False)), ("only_g", (False, True)), ("step", (1, 1))):
        d, g = weights(session.gan.discriminator), weights(session.gan.generator)
        press(lab, name)
        moved = (
            not torch.equal(d, weights(session.gan.discriminator)),
            not torch.equal(g, weights(session.gan.generator)),
        )
        assert moved == tuple(map(bool, moves)), name
    assert (session.step_count, session.run.discriminator_updates) == (2, 2)
    assert "2 updates of D" in lab.view.bar.status.value


def test_a_button_pressed_while_it_plays_pauses_first(lab):
    lab.play()
    going(lab)
    press(lab, "step")
    assert lab.state == "paused"


def test_speed_limits_the_turns_and_pause_need_not_wait(lab):
    lab.view.bar.speed.value = "2 turns a second"
    lab.play()
    going(lab)
    lab.pause()
    assert lab.sessions[0].step_count <= 2 + 2 * (lab._player._runner.spent)


def test_only_one_laboratory_plays(lab):
    other = GanLab(SMALL)
    lab.play()
    other.play(2)
    assert lab.state == "paused"
    other.wait(20)
    assert other.state == "paused"


# Back in time


def test_rewind_shows_a_recorded_state_and_goes_on_from_there(lab):
    lab.play(20)
    lab.wait(30)
    session, slider = lab.sessions[0], lab.view.bar.rewind
    assert slider.max == len(session.states) - 1 == slider.value
    slider.value = 5
    step = session.states[5].step
    assert session.step_count == step < 20
    assert "back from step 20" in lab.view.bar.moment.value
    slider.value = slider.max  # and forth again
    assert session.step_count == 20
    slider.value = 5
    lab.play(20 - step)
    lab.wait(30)
    assert same_history(session, stepped(20))  # bit for bit the same future


def test_pictures_follow_the_slider(lab):
    lab.play(20)
    lab.wait(30)
    before = lab.view.images[0].value
    lab.view.bar.rewind.value = 0
    assert lab.view.images[0].value != before


# Settings


def test_live_settings_act_at_once_and_the_line_says_what_runs(lab):
    lab.play()
    going(lab)
    lab.view.settings.fields["n_critic"].value = 3
    lab.view.settings.fields["generator_rate"].value = 0.01
    assert lab.state == "playing"
    assert lab.sessions[0].running.n_critic == 3
    assert lab.sessions[0].running.generator_rate == 0.01
    lab.pause()
    assert "G 0.01" in lab.view.bar.running.value
    assert "D × 3" in lab.view.bar.running.value


def test_other_settings_wait_for_a_reset_and_are_announced(lab):
    panel = lab.view.settings
    lab.play(5)
    lab.wait(20)
    panel.fields["data"].value = "grid"
    panel.fields["objective"].value = WGAN
    assert panel.fields["optimiser"].value == LabSettings.recipe(WGAN).optimiser
    assert lab.sessions[0].running.data == "ring"
    assert "data → <b>grid</b>" in panel.waiting.value
    lab.view.settings.fields["n_critic"].value = 2  # a live change drops nothing that waits
    assert "data → <b>grid</b>" in panel.waiting.value
    press(lab, "reset")
    running = lab.sessions[0].running
    recipe = LabSettings.recipe(WGAN, data="grid", width=8, hidden_layers=1)
    assert running.changed(batch_size=recipe.batch_size) == recipe
    assert (lab.state, lab.sessions[0].step_count) == ("ready", 0)
    assert panel.waiting.value == "Nothing waits for a reset."
    assert not panel.fields["clip"].disabled
    assert panel.fields["penalty_weight"].disabled
    assert "grid · WGAN" in lab.view.bar.running.value


def test_reset_begins_again_with_the_same_seed_or_another(lab):
    lab.play(5)
    lab.wait(20)
    press(lab, "reset")
    press(lab, "step")
    assert same_history(lab.sessions[0], stepped(1))
    press(lab, "new_seed")
    assert lab.sessions[0].running.seed == 1
    assert lab.view.settings.fields["seed"].value == 1
    press(lab, "step")
    assert not same_history(lab.sessions[0], stepped(1))


def test_the_latent_sliders_fit_the_distribution_and_the_width(lab):
    options, fields = lab.view.options, lab.view.settings.fields
    options.z1.value = -2.0
    assert lab.view.options.chosen(lab.sessions[0]).tolist() == [-2.0, 0.0]
    fields["latent_distribution"].value, fields["latent_dim"].value = "uniform", 4
    press(lab, "reset")
    assert (options.z1.min, options.z1.max, options.z1.value) == (0.0, 1.0, 0.0)
    assert options.chosen(lab.sessions[0])[2:].tolist() == [0.5, 0.5]
    assert "z3 to z4" in options.note.value
    fields["latent_distribution"].value, fields["latent_dim"].value = "normal", 1
    press(lab, "reset")
    assert (options.z1.min, options.z2.disabled) == (-3.0, True)


# Slow motion, drawing, comparison


def test_slow_motion_shows_one_turn_and_ends_where_a_step_does(lab):
    parts = lab.view.part_view
    press(lab, "slow")
    assert parts.box.layout.display == ""
    assert parts.equation.value.startswith("$")
    count = 1
    while lab.sessions[0].in_slow_motion:
        press(lab, "slow")
        count += 1
    assert count == 13
    assert same_history(lab.sessions[0], stepped(1))
    press(lab, "step")
    assert parts.box.layout.display == "none"
    assert same_history(lab.sessions[0], stepped(2))


def test_drawn_points_become_the_data(lab):
    drawing = lab.view.drawing
    press_use = drawing.use.click
    press_use()
    assert "0 points are drawn" in lab.view.bar.status.value
    drawing.canvas.points = [[0.0, 1.0], [2.0, -1.0], [2.5, 2.5]]
    press_use()
    assert torch.equal(
        lab.sessions[0].running.data, torch.tensor([[0.0, 1.0], [2.0, -1.0], [2.5, 2.5]])
    )
    assert "3 drawn points" in lab.view.bar.running.value
    assert "points are drawn" not in lab.view.bar.status.value
    drawing.shape.value = "heart"  # without a mouse
    press_use()
    assert "600 drawn points" in lab.view.bar.running.value
    press(lab, "step")
    drawing.clear.click()
    assert drawing.count.value == "0 points"


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_lies_within_the_laboratory(name):
    points = shape(name, 300)
    assert points.shape == (300, 2)
    assert np.abs(points).max() < REACH
    check_drawn(torch.tensor(points))
    assert np.ptp(points, axis=0).min() > 2


def test_two_runs_are_compared_by_one_set_of_buttons():
    lab = GanLab(SMALL, compare={"discriminator_rate": 1e-5})
    left, right = lab.sessions
    lab.play(6)
    lab.wait(30)
    press(lab, "only_d")
    press(lab, "step")
    assert left.step_count == right.step_count == 7
    assert lab.view.settings.fields["discriminator_rate"].disabled
    assert lab.view.bar.slow.disabled
    titles = [picture.title for picture in lab.view.pictures]
    assert titles == [f"D learning rate: {SMALL.discriminator_rate}", "D learning rate: 1e-05"]
    lab.view.bar.rewind.value = 2
    assert left.step_count == right.step_count == left.states[2].step
    assert lab.view.images[0].value != lab.view.images[1].value
    with pytest.raises(ValueError, match="GanLab"):
        lab.slow_motion()


def test_a_setting_or_layer_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="heat"):
        GanLab(SMALL, layers=("heat",))
    with pytest.raises(ValueError, match="speed"):
        GanLab(SMALL, charts=("speed", "modes"))
    with pytest.raises(ValueError, match="n_critic"):
        GanLab(SMALL, compare={"n_critic": 3, "width": 16})


# Failures


def test_a_run_that_diverges_is_reported_and_a_rewind_repairs_it(lab):
    lab.play(3)
    lab.wait(20)
    turn = lab._engine.step
    lab._player._turn = lambda: (_ for _ in ()).throw(NonFiniteLossError("the loss is nan"))
    lab.play(3)
    with pytest.raises(NonFiniteLossError, match="nan"):
        lab.wait(20)
    assert lab.state == "failed"
    assert "NonFiniteLossError" in lab.view.bar.status.value
    lab._player._turn = turn
    lab.view.bar.rewind.value = 0
    assert lab.state in ("paused", "ready")
    lab.play(2)
    lab.wait(20)
    assert lab.sessions[0].step_count == 2


def test_what_goes_wrong_in_a_control_or_a_picture_is_shown_and_raised(lab):
    session = lab.sessions[0]
    lab.view.pictures[0].pixels, pixels = lambda *_, **__: 1 / 0, lab.view.pictures[0].pixels
    press(lab, "step")
    assert "division by zero" in lab.view.bar.status.value
    assert session.step_count == 1
    with pytest.raises(ZeroDivisionError):
        lab.wait(1)
    lab.view.pictures[0].pixels = pixels
    press(lab, "step")
    assert "division" not in lab.view.bar.status.value


def test_an_interrupt_in_slow_motion_is_one_and_the_laboratory_goes_on():
    def interrupted(*scores):
        if armed:
            raise armed.pop()
        return NON_SATURATING.generator_loss(*scores)

    armed = []
    lab = GanLab(SMALL.changed(objective=replace(NON_SATURATING, generator_loss=interrupted)))
    lab.slow_motion()
    armed.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        deque(iter(lab.slow_motion, None), maxlen=0)  # until it raises
    assert lab.state == "ready"
    press(lab, "step")
    assert same_history(lab.sessions[0], stepped(1))
    lab.slow_motion()
    armed.append(ValueError("a slip"))
    for _ in range(13):
        press(lab, "slow")
        if lab.state == "failed":
            break
    assert "a slip" in lab.view.bar.status.value
    press(lab, "step")
    assert lab.state == "paused"
    assert same_history(lab.sessions[0], stepped(2))


# Without a kernel


def test_a_static_picture_with_a_description_stands_beside_the_laboratory(lab):
    first, metadata = lab._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in first
    assert "0 generator updates" in metadata["image/png"]["alt"]
    lab.play(4)
    lab.wait(20)
    after, metadata = lab._repr_mimebundle_()
    assert after["image/png"] != first["image/png"]
    assert "4 generator updates" in metadata["image/png"]["alt"]
    assert "step 4" in repr(lab)


def test_every_control_has_a_label(lab):
    from ipywidgets import Button, Checkbox, ValueWidget

    def controls(box):
        for child in getattr(box, "children", ()):
            yield from controls(child)
            if isinstance(child, (Button, Checkbox)) or (
                isinstance(child, ValueWidget) and hasattr(child, "disabled")
            ):
                yield child

    found = list(controls(lab.box))
    assert len(found) > 35
    for control in found:
        assert control.description or control.tooltip, control


# Everything at once

BUTTONS = ("play", "step", "only_d", "only_g", "slow", "stop", "reset", "new_seed")
LAYER_NAMES = st.sampled_from(tuple(LAYERS))
ACTION = st.one_of(
    st.tuples(st.just("press"), st.sampled_from(BUTTONS)),
    st.tuples(st.just("layer"), LAYER_NAMES),
    st.tuples(st.just("z"), st.floats(-3, 3)),
    st.tuples(st.just("rewind"), st.integers(0, 30)),
    st.tuples(st.just("n_critic"), st.integers(1, 3)),
    st.tuples(st.just("discriminator_rate"), st.sampled_from([1e-5, 1e-3, 0.1])),
    st.tuples(st.just("objective"), st.sampled_from([MINIMAX, WGAN, WGAN_GP])),
    st.tuples(st.just("latent_dim"), st.integers(1, 4)),
    st.tuples(st.just("chart"), st.sampled_from(["losses", "W1", "scores"])),
    st.tuples(st.just("speed"), st.sampled_from(["as fast as it goes", "10 turns a second"])),
)


def act(lab, kind, value):
    view = lab.view
    if kind == "press":
        press(lab, value)
    elif kind == "layer":
        view.options.layers[value].value ^= True
    elif kind == "z":
        view.options.z1.value = value
    elif kind == "rewind":
        view.bar.rewind.value = min(value, view.bar.rewind.max)
    elif kind == "chart":
        view.options.charts[0].value = value
    elif kind == "speed":
        view.bar.speed.value = value
    else:
        view.settings.fields[kind].value = value


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ACTION, min_size=100, max_size=100))
def test_a_hundred_random_actions_never_raise_deadlock_or_leave_a_thread(actions):
    lab = GanLab(SMALL, layers=("real",))
    lab.view.bar.pace.value = "pictures: calm"
    for kind, value in actions:
        act(lab, kind, value)
        session = lab.sessions[0]
        assert lab.state in ("ready", "playing", "paused")
        assert lab._problem is None
        assert session.step_count >= 0
    lab.stop()
    lab.wait(10)
    session = lab.sessions[0]
    steps = session.history.steps
    assert (np.diff(steps) > 0).all()
    assert session.step_count == (steps[-1] if len(steps) else 0)
    assert not [each for each in threading.enumerate() if each.name == "gan-board"]

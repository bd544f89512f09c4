"""The live controls, without a browser: they act at once and never touch a run's numbers."""

from __future__ import annotations

import _thread
import base64
import io
import itertools
import math
import signal
import threading

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from gan_helpers import (
    GAN,
    LEAST_SQUARES,
    NON_SATURATING,
    WGAN_GP,
    data,
    networks,
    plotting,
    train,
    widgets,
)
from gan_helpers.networks.paths import spherical_path
from gan_helpers.record import History, NonFiniteLossError, Record
from gan_helpers.widgets import live_picture
from gan_helpers.widgets.copies import Copies
from gan_helpers.widgets.latest import Latest

RING = data.ring()
NUMBERS = [name for name in Record._fields if name != "seconds"]
FOREVER = 10**6


def make_gan(objective=NON_SATURATING, shape=(2,), batch_norm=True, lr=1e-3):
    torch.manual_seed(0)
    generator = networks.MLPGenerator(3, shape, (8,), batch_norm=batch_norm)
    discriminator = networks.MLPDiscriminator(shape, (8,))
    players = (generator, discriminator)
    steps = [torch.optim.Adam(player.parameters(), lr) for player in players]
    return GAN(*players, objective, *steps, latent_dim=3)


def run_of(gan, steps=FOREVER):
    return train(gan, data.batches(RING, 8), steps)


def make_board(gan=None, **more):
    return widgets.LiveBoard(gan or make_gan(), RING, **more)


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    left = [thread for thread in threading.enumerate() if thread.name == "gan-board"]
    assert not [thread for thread in left if thread.join(5) or thread.is_alive()]


@pytest.fixture
def eager(monkeypatch):
    """Draw a frame after every single update."""
    monkeypatch.setattr(live_picture, "INTERVAL", 0.0)
    monkeypatch.setattr(live_picture, "SHARE", float("inf"))


def shown(board):
    """Return the picture that the board shows next."""
    board._picture.draw(board.history)
    return board.image.value


def decoded(picture):
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))


class Valve:
    """Let a run through one record at a time, and tell when it stands before the next."""

    def __init__(self, records):
        self.records, self.pulled = records, 0
        self.free, self.waiting = threading.Semaphore(0), threading.Semaphore(0)

    def __iter__(self):
        for record in self.records:
            self.pulled += 1
            self.waiting.release()
            assert self.free.acquire(timeout=20)
            yield record


# The board


def test_the_history_is_the_same_bit_for_bit_while_everybody_looks_and_moves_sliders(eager):
    alone, history = make_gan(), History()
    list(history.record(run_of(alone, 25)))
    state = torch.get_rng_state()

    gan = make_gan()
    board = make_board(gan, panels=("losses", "gradients", "surface"))
    explorer = widgets.LatentExplorer(gan.generator, RING, board=board)
    torch.manual_seed(0)
    make_gan()  # leaves the random state where `alone` had it
    board.start(run_of(gan, 25), steps=25)
    for i in range(6):
        explorer.sliders[i % 3].value = 0.1 * i
        explorer.shuffle_button.click()
        explorer.t.value = i / 6
        board.controls.pause.click()
        board.controls.pause.click()
    board.wait(60)
    assert board.state == "finished"
    assert explorer.status.value == ""
    for name in NUMBERS:
        assert np.array_equal(board.history.column(name), history.column(name)), name
    for player in ("generator", "discriminator"):
        for a, b in zip(
            getattr(alone, player).state_dict().values(),
            getattr(gan, player).state_dict().values(),
            strict=True,
        ):
            assert torch.equal(a, b)
    assert torch.equal(torch.get_rng_state(), state)


def test_looking_changes_neither_random_state_nor_mode_nor_running_averages():
    gan = make_gan()
    before = torch.get_rng_state()
    weights = {name: value.clone() for name, value in gan.generator.state_dict().items()}
    board = make_board(gan, panels=("samples", "surface"))
    explorer = widgets.LatentExplorer(gan.generator, RING)
    explorer.shuffle_button.click()
    explorer.ends_button.click()
    shown(board)
    assert torch.equal(torch.get_rng_state(), before)
    assert gan.generator.training
    assert gan.discriminator.training
    for name, value in gan.generator.state_dict().items():
        assert torch.equal(value, weights[name])


def test_previews_use_the_same_noise_at_every_frame_and_the_present_weights():
    gan = make_gan()
    copies, again = Copies.of(gan, 5, seed=3), Copies.of(gan, 5, seed=3)
    assert torch.equal(copies.latent, again.latent)
    assert not torch.equal(copies.latent, Copies.of(gan, 5, seed=4).latent)
    first = copies.samples()
    list(run_of(gan, 3))
    assert np.array_equal(copies.samples(), first)
    copies.refresh()
    assert not np.array_equal(copies.samples(), first)
    assert np.allclose(copies.samples(), gan.generator.eval()(copies.latent).detach().numpy())


def test_start_returns_while_training_goes_on_and_stop_takes_at_most_one_update():
    gan = make_gan()
    valve = Valve(run_of(gan))
    board = make_board(gan)
    board.start(valve)
    for _ in range(3):
        assert valve.waiting.acquire(timeout=20)
        valve.free.release()
    assert valve.waiting.acquire(timeout=20)  # the fourth update is under way
    assert board.state == "running"
    board.controls.stop.click()
    valve.free.release()
    board.wait(20)
    assert board.state == "stopped"
    assert valve.pulled == 4
    assert len(board.history) == 4
    assert board.controls.stop.disabled
    assert "stopped" in board.controls.status.value
    list(train(gan, data.batches(RING, 8), 2))  # still usable
    assert gan.step == 6


def test_pause_stands_still_serves_the_explorer_and_resumes():
    gan = make_gan()
    board = make_board(gan)
    board.start(run_of(gan))
    board.pause()
    step = gan.step
    assert board.state == "paused"
    assert board.controls.pause.description == "Resume"
    explorer = widgets.LatentExplorer(gan.generator, RING, board=board)
    explorer.sliders[0].value = 1.0  # asks the paused thread for weights, and gets them
    assert explorer.status.value == ""
    assert gan.step == len(board.history) == step
    going = threading.Event()
    append = board.history.append

    def seen(record):
        append(record)
        going.set()

    board.history.append = seen
    board.controls.pause.click()
    assert going.wait(20)
    assert board.state == "running"
    board.pause()
    board.stop()  # out of a pause
    assert board.state == "stopped"
    board.wait(20)


def test_wait_raises_what_ended_the_run_and_the_history_is_kept():
    gan = make_gan(lr=1e-3)

    def poisoned():
        for i, batch in enumerate(data.batches(RING, 8)):
            yield batch if i < 5 else batch * math.nan

    board = make_board(gan)
    board.start(train(gan, poisoned(), 20))
    with pytest.raises(NonFiniteLossError, match="step 6"):
        board.wait(20)
    assert board.state == "failed"
    assert len(board.history) >= 5
    assert "NonFiniteLossError" in board.controls.status.value


def test_a_failing_frame_is_shown_and_raised_and_does_not_end_the_run(eager, monkeypatch):
    board = make_board()
    monkeypatch.setattr(live_picture.LivePicture, "draw", lambda *_: 1 / 0)
    board.start(run_of(board.gan, 5))
    with pytest.raises(ZeroDivisionError):
        board.wait(20)
    assert len(board.history) == 5
    assert "division by zero" in board.controls.status.value


def test_a_failing_button_is_shown_and_raised():
    board = make_board()
    board.start(run_of(board.gan))
    board._runner.ask_stop, stop = lambda: 1 / 0, board._runner.ask_stop
    board.controls.stop.click()
    assert "division by zero" in board.controls.status.value
    board._runner.ask_stop = stop
    board.stop()
    with pytest.raises(ZeroDivisionError):
        board.wait(20)


@pytest.fixture
def interruptible():
    """Let SIGINT raise KeyboardInterrupt, even where the tests were started to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_while_waiting_ends_the_run_and_keeps_the_history():
    gan, waiting = make_gan(), threading.Event()

    def interrupted():
        for record in run_of(gan):
            yield record
            if record.step == 3:
                assert waiting.wait(20)
                _thread.interrupt_main()

    board = make_board(gan)
    board.start(interrupted())
    wait = board._runner.wait

    def told(timeout):
        waiting.set()
        return wait(timeout)

    board._runner.wait = told
    board.wait(20)
    assert board.state == "stopped"
    assert len(board.history) >= 3


def test_waiting_has_a_limit_and_the_run_goes_on():
    board = make_board()
    board.start(run_of(board.gan))
    with pytest.raises(TimeoutError, match="goes on after 0 s"):
        board.wait(0)
    assert board.state == "running"
    board.stop()


def test_starting_twice_is_an_error_and_starting_again_goes_on():
    board = make_board()
    board.start(run_of(board.gan))
    with pytest.raises(RuntimeError, match="still training"):
        board.start(run_of(board.gan))
    board.stop()
    done = len(board.history)
    board.start(run_of(board.gan, 5), steps=5)
    board.wait(20)
    assert board.state == "finished"
    assert len(board.history) == done + 5
    assert board.history.steps.tolist() == list(range(1, done + 6))


def test_a_new_board_stops_the_run_of_the_old_one():
    first, second = make_board(), make_board()
    first.start(run_of(first.gan))
    second.start(run_of(second.gan, 2))
    assert first.state == "stopped"
    second.wait(20)


def test_after_reset_board_objective_and_history_agree():
    board = make_board()
    board.start(run_of(board.gan, 3))
    board.wait(20)
    board.gan.objective = LEAST_SQUARES
    with pytest.raises(ValueError, match="reset"):
        board.start(run_of(board.gan, 3))
    gan = make_gan(WGAN_GP, batch_norm=False)
    board.reset(gan)
    assert (len(board.history), board.state) == (0, "ready")
    assert "WGAN-GP" in board.controls.status.value
    assert "WGAN-GP" in board._picture.picture.alt
    labels = [artists.chart.ylabel for artists in board._picture.picture.charts]
    assert labels == ["estimate of W1 (score units)", "mean critic's score"]
    board.start(run_of(gan, 2))
    board.wait(20)
    assert len(board.history) == gan.step == 2


def test_any_iterator_of_records_will_do():
    from tqdm import tqdm

    def with_scheduler(gan):
        schedule = torch.optim.lr_scheduler.ExponentialLR(gan.generator_optimizer, 0.5)
        for record in run_of(gan, 3):
            yield record
            schedule.step()

    makers = {
        "slice": lambda gan: itertools.islice(run_of(gan), 3),
        "bar": lambda gan: tqdm(run_of(gan, 3), total=3, disable=True),
        "list": lambda gan: list(run_of(gan, 3)),
        "scheduler": with_scheduler,
    }
    for name, maker in makers.items():
        board = make_board()
        board.start(maker(board.gan))
        board.wait(20)
        assert (name, len(board.history), board.state) == (name, 3, "finished")
    assert board.gan.generator_optimizer.param_groups[0]["lr"] == pytest.approx(1e-3 / 8)


def test_a_budget_in_seconds_ends_the_run():
    board = make_board()
    board.start(run_of(board.gan), seconds=1e-9)
    board.wait(20)
    assert (board.state, len(board.history)) == ("finished", 1)
    with pytest.raises(ValueError, match="seconds is 0"):
        board.start(run_of(board.gan), seconds=0)


@pytest.mark.parametrize("shape", [(1,), (2,), (1, 8, 8), (3, 8, 8)])
def test_samples_are_shown_as_their_shape_asks(shape, eager):
    gan = make_gan(shape=shape, lr=0.05)
    real = torch.rand(30, *shape, generator=torch.Generator().manual_seed(0))
    board = widgets.LiveBoard(gan, real, title="Which?")
    before = decoded(shown(board))
    board.start(train(gan, data.batches(real, 8), 12), steps=12)
    board.wait(20)
    after = decoded(shown(board))
    assert before.shape == after.shape == (490, 1000, 3)
    view = before.shape[1] * 2 // 3
    assert (before[:, :view] != after[:, :view]).any()  # curves
    assert (before[:, view:] != after[:, view:]).any()  # samples


def test_panels_that_cannot_be_shown_are_named():
    with pytest.raises(ValueError, match="quality"):
        make_board(panels=("quality",))
    with pytest.raises(ValueError, match="real is None"):
        widgets.LiveBoard(make_gan())
    with pytest.raises(ValueError, match=r"'surface' cannot show samples of shape \(1, 8, 8\)"):
        widgets.LiveBoard(make_gan(shape=(1, 8, 8)), panels=("surface",))
    with pytest.raises(ValueError, match=r"shape \(5,\)"):
        widgets.LiveBoard(make_gan(shape=(5,)))
    with pytest.raises(TypeError, match="real is a str"):
        widgets.LiveBoard(make_gan(), "ring")


def test_a_static_picture_stands_beside_every_control():
    board = make_board()
    explorer = widgets.LatentExplorer(board.gan.generator, RING)
    for shown in (board, explorer, widgets.playground(waves)):
        bundle, metadata = shown._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in bundle
        assert len(bundle["image/png"]) > 1000
        assert metadata["image/png"]["alt"] in bundle["text/plain"]
        assert metadata["image/png"]["smallest_text"] >= 14
        assert decoded(base64.b64decode(bundle["image/png"])).shape[1] == 1000


def test_frames_are_spaced_by_what_they_cost(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(live_picture.time, "perf_counter", lambda: now[0])
    pace = live_picture.Pace()
    for cost in (0.01, 0.2, 0.05, 0.01, 0.3, 0.001, 0.001):
        now[0] = pace.next
        assert pace.due()
        began = now[0]
        now[0] += cost
        pace.drawn(began)
        assert not pace.due()
        assert pace.next - now[0] > live_picture.INTERVAL - 1e-9
        allowed = live_picture.ADVANCE + (0.03 + 1e-9) * (pace.next - 100)
        assert pace.spent <= allowed


ACTIONS = (
    "start",
    "pause",
    "resume",
    "stop",
    "toggle",
    "press stop",
    "slide",
    "shuffle",
    "weights",
)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(ACTIONS), min_size=5, max_size=20))
def test_random_actions_never_raise_or_deadlock(actions):
    gan = make_gan()
    board = make_board(gan)
    explorer = widgets.LatentExplorer(gan.generator, RING, board=board)
    for number, action in enumerate(actions):
        if action == "start" and board.state not in ("running", "pausing", "paused"):
            board.stop()
            board.start(run_of(gan, 30), steps=30)
        elif action in ("pause", "resume", "stop"):
            getattr(board, action)()
        elif action == "toggle":
            board.controls.pause.click()
        elif action == "press stop":
            board.controls.stop.click()
        elif action == "slide":
            explorer.sliders[0].value = number / 10
        elif action == "shuffle":
            explorer.shuffle_button.click()
        elif action == "weights":
            board.weights(explorer.space.net)
    board.resume()
    board.stop()
    board.wait(20)
    assert explorer.status.value == ""
    assert len(board.history) == gan.step


# The explorer


class Linear(nn.Module):
    """G(z) = A z, whose Jacobian is A everywhere."""

    latent_dim = 3

    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.tensor([[0.0, 5.0, 0.0], [1.0, 0.0, 0.0]]))

    def forward(self, z):
        return z @ self.a.T


def test_principal_directions_of_a_linear_generator_are_its_singular_vectors():
    directions = widgets.principal_directions(Linear(), 3, 2)
    assert torch.allclose(directions, torch.tensor([[0.0, 1, 0], [1, 0, 0]]), atol=1e-3)
    net = networks.MLPGenerator(5, (7,), (16,)).eval()
    rows = widgets.principal_directions(net, 5, 5)
    assert torch.allclose(rows @ rows.T, torch.eye(5), atol=1e-4)


def test_a_slider_sets_the_coordinate_of_z_along_its_direction_and_no_other():
    explorer = widgets.LatentExplorer(make_gan().generator, RING, directions="axes")
    before = explorer.space.z[0].tolist()
    picture = explorer.image.value
    explorer.sliders[1].value = 2.5
    assert explorer.space.z[0].tolist() == pytest.approx([before[0], 2.5, before[2]])
    assert explorer.image.value != picture
    explorer = widgets.LatentExplorer(make_gan().generator, RING)
    explorer.sliders[0].value = -1.5
    coordinates = (explorer.space.z @ explorer.space.directions.T)[0]
    assert coordinates[0].item() == pytest.approx(-1.5, abs=1e-5)
    assert [s.value for s in explorer.sliders] == pytest.approx(coordinates.tolist(), abs=0.02)


def test_shuffle_and_the_path_move_z_and_the_sliders_with_it():
    explorer = widgets.LatentExplorer(make_gan().generator, RING, directions="axes")
    z = explorer.space.z.clone()
    explorer.shuffle_button.click()
    assert not torch.equal(explorer.space.z, z)
    assert [s.value for s in explorer.sliders] == pytest.approx(
        explorer.space.z[0].tolist(), abs=0.02
    )
    explorer.t.value = 1.0
    assert torch.allclose(explorer.space.z, explorer.space.ends[1:])
    explorer.path.value = "spherical"
    explorer.t.value = 0.5
    assert torch.allclose(
        explorer.space.z, spherical_path(*explorer.space.ends, torch.tensor([0.5]))
    )
    end = explorer.space.ends.clone()
    explorer.ends_button.click()
    assert not torch.equal(explorer.space.ends, end)


def test_the_nearest_training_image_is_the_nearest():
    images = torch.rand(40, 1, 8, 8, generator=torch.Generator().manual_seed(1)) * 2 - 1
    explorer = widgets.LatentExplorer(make_gan(shape=(1, 8, 8)).generator, images)
    query = images[17:18] + 0.01
    assert torch.equal(explorer.space.scene.nearest(query), images[17:18])
    assert explorer.space.scene.distance == pytest.approx(0.08, abs=1e-4)
    with pytest.raises(ValueError, match=r"data holds samples of shape \(2,\)"):
        widgets.LatentExplorer(make_gan(shape=(1, 8, 8)).generator, RING)


def test_the_explorer_has_its_own_copy_unless_a_board_trains():
    gan = make_gan()
    board = make_board(gan)
    still = widgets.LatentExplorer(gan.generator, RING)
    following = widgets.LatentExplorer(gan.generator, RING, board=board)
    board.start(run_of(gan, 5))
    board.wait(20)
    for explorer, follows in ((still, False), (following, True)):
        explorer.shuffle()
        weights = next(explorer.space.net.parameters())
        assert torch.equal(weights, next(gan.generator.parameters())) is follows
        assert not explorer.space.net.training


def test_the_explorer_refuses_what_it_cannot_do_and_shows_later_errors():
    generator = make_gan().generator
    with pytest.raises(ValueError, match="directions is 'random'"):
        widgets.LatentExplorer(generator, directions="random")
    with pytest.raises(ValueError, match="sliders is 0"):
        widgets.LatentExplorer(generator, sliders=0)
    with pytest.raises(ValueError, match="latent_dim is None"):
        widgets.LatentExplorer(nn.Linear(3, 2))
    explorer = widgets.LatentExplorer(generator, latent_distribution=torch.rand)
    explorer.space.scene.draw = lambda *_: 1 / 0
    explorer.shuffle_button.click()
    assert "division by zero" in explorer.status.value


# The playground


def waves(height=1.0, kind="sin", grid=True, cycles=2):
    if height > 2:
        raise ValueError("height above 2")
    picture, ax = plotting.figure(f"{kind} {height} {cycles}", f"{kind} of height {height}")
    x = np.linspace(0, 6, 20)
    ax.plot(x, height * getattr(np, kind)(cycles * x))
    ax.grid(grid)
    return picture


CONTROLS = {
    "height": (0.0, 3.0, 0.5, 1.0),
    "kind": ["sin", "cos"],
    "grid": True,
    "cycles": (1, 5, 1, 2),
}


def test_each_control_of_a_playground_changes_its_picture():
    shown = widgets.playground(waves, **CONTROLS)
    kinds = [type(control).__name__ for control in shown.controls.values()]
    assert kinds == ["FloatSlider", "Dropdown", "Checkbox", "IntSlider"]
    assert all(control.description for control in shown.controls.values())
    changes = {"height": 2.0, "kind": "cos", "grid": False, "cycles": 4}
    for name, value in changes.items():
        before = shown.image.value
        shown.controls[name].value = value
        assert shown.image.value != before, name
    assert shown.values() == changes
    stays = base64.b64decode(shown._repr_mimebundle_()[0]["image/png"])
    assert np.abs(decoded(shown.image.value).astype(int) - decoded(stays)).mean() < 1  # as JPEG
    assert shown.picture.alt == waves(**changes).alt


def test_an_error_in_a_playground_is_shown_and_the_next_value_clears_it():
    shown = widgets.playground(waves, **CONTROLS)
    before = shown.image.value
    shown.controls["height"].value = 2.5
    assert "height above 2" in shown.status.value
    assert shown.image.value == before
    shown.controls["height"].value = 1.5
    assert shown.status.value == ""
    with pytest.raises(ValueError, match="height above 2"):
        widgets.playground(waves, height=(0.0, 3.0, 0.5, 3.0))


def test_controls_that_make_no_sense_are_named():
    with pytest.raises(ValueError, match="height is"):
        widgets.playground(waves, height=(3.0, 0.0, 0.1, 1.0))
    with pytest.raises(TypeError, match="kind is"):
        widgets.playground(waves, kind="sin")
    with pytest.raises(TypeError, match=r"plotting\.Picture"):
        widgets.playground(lambda x: x, x=True)


def test_requests_that_pile_up_become_one():
    drawn, state = [], {"value": 0}

    def draw():
        drawn.append(state["value"])
        if len(drawn) == 1:  # three more come in while this one is being drawn
            for value in (1, 2, 3):
                state["value"] = value
                ask()

    ask = Latest(draw)
    ask()
    assert drawn == [0, 3]


def test_status_lines_say_how_long():
    from gan_helpers.widgets.controls import problem
    from gan_helpers.widgets.progress import Progress, duration

    assert [duration(t) for t in (8.2, 80, 7500)] == ["8 s", "1 min 20 s", "2 h 5 min"]
    progress = Progress(0, 1000)
    progress.step = progress.done = 250
    line = "WGAN · step 250 of 1,000 · 25 updates/s · 30 s left"
    assert progress.line("running", "WGAN", 10.0) == (line, 0.25)
    assert "&lt;b&gt;" in problem(ValueError("<b>"))

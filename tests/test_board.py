"""The board over any loop: records of one's own, conditions, noise, doubles, a new objective."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan_helpers import (
    GAN,
    NON_SATURATING,
    OBJECTIVES,
    WGAN_GP,
    History,
    Objective,
    Record,
    Score,
    data,
    gradient_penalty,
    networks,
    plotting,
    r1_penalty,
    train,
    widgets,
)
from gan_helpers.plotting import Chart
from gan_helpers.widgets import live_picture
from gan_helpers.widgets.copies import Copies
from gan_helpers.widgets.runner import Runner

RING = data.ring()
WAIT = 20  # seconds, for what takes milliseconds
PANELS = ("losses", "scores", "gradients", "samples", "surface")


def adam(*players):
    return [torch.optim.Adam(player.parameters(), 1e-3) for player in players]


def ring_gan(objective=NON_SATURATING, dtype=torch.float32):
    torch.manual_seed(0)
    players = networks.MLPGenerator(3, (2,), (8,)), networks.MLPDiscriminator((2,), (8,))
    players = [player.to(dtype) for player in players]
    return GAN(*players, objective, *adam(*players), latent_dim=3)


def ring_batches(dtype=torch.float32):
    return (batch.to(dtype) for batch in data.batches(RING, 8))


@pytest.fixture
def eager(monkeypatch):
    """Draw a picture after every single update."""
    monkeypatch.setattr(live_picture, "INTERVAL", 0.0)
    monkeypatch.setattr(live_picture, "SHARE", float("inf"))


# A loop of one's own


class VAERecord(NamedTuple):
    step: int
    reconstruction: Tensor
    kl: Tensor
    seconds: float


def vae_loop(encoder, decoder, steps, closed) -> Iterator[VAERecord]:
    """Train a variational autoencoder of the ring, as a notebook would."""
    both = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 1e-2)
    supply = data.batches(RING, 16)
    try:
        for step in range(1, steps + 1):
            x = next(supply)
            mean, log_var = encoder(x).chunk(2, dim=1)
            z = mean + (log_var / 2).exp() * torch.randn_like(mean)
            reconstruction = (decoder(z) - x).square().sum(1).mean()
            kl = 0.5 * (mean.square() + log_var.exp() - log_var - 1).sum(1).mean()
            both.zero_grad()
            (reconstruction + kl).backward()
            both.step()
            yield VAERecord(step, reconstruction.detach(), kl.detach(), 0.5 * step)
    finally:
        closed.append(threading.current_thread().name)


def vae():
    torch.manual_seed(0)
    return nn.Linear(2, 4), nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))


def test_a_vae_is_watched_live_paused_and_stopped(eager):
    encoder, decoder = vae()
    board = widgets.LiveBoard(
        real=RING,
        generator=decoder,
        latent=torch.randn(50, 2, generator=torch.Generator().manual_seed(1)),
        panels=(Chart.of("reconstruction", "kl", ylabel="nats"), "samples"),
    )
    seen, enough = [], threading.Event()

    def look(change):
        seen.append(change["new"])
        if len(seen) > 5:
            enough.set()

    closed = []
    board.start(vae_loop(encoder, decoder, 10**6, closed), steps=10**6)
    board.image.observe(look, names="value")
    assert enough.wait(WAIT)
    board.pause()
    step = len(board.history)
    assert board.state == "paused"
    assert f"step {step:,} of 1,000,000 · 2 updates/s" in board.controls.status.value
    assert len(set(seen)) == len(seen)  # curves and samples moved from picture to picture
    assert (len(board.history), closed) == (step, [])
    explorer = widgets.LatentExplorer(decoder, RING, latent_dim=2, board=board)
    explorer.shuffle()
    assert torch.equal(next(explorer.space.net.parameters()), next(decoder.parameters()))
    board.resume()
    board.stop()
    assert board.state == "stopped"
    assert closed == ["gan-board"]
    history = board.history
    assert history.columns == VAERecord._fields
    assert history.steps.tolist() == list(range(1, len(history) + 1))
    (artists,) = board._picture.picture.charts
    assert artists.raw[0].get_ydata()[-1] == history.column("reconstruction")[-1]
    assert artists.raw[1].get_ydata()[-1] == history.column("kl")[-1]
    assert artists.chart.ylabel == "nats"
    assert np.array_equal(
        board._picture.copies.samples(), decoder(board._picture.copies.latent).detach().numpy()
    )
    assert "image/png" in board._repr_mimebundle_()[0]
    picture = plotting.curves(history, artists.chart, "What the run leaves", window=1)
    assert picture.axes[0].get_ylabel() == "nats"
    assert np.array_equal(picture.axes[0].lines[3].get_ydata(), history.column("kl")[:1500])


def test_what_records_say_of_their_seconds_ends_the_run():
    encoder, decoder = vae()
    board = widgets.LiveBoard(panels=[Chart.of("kl")])
    board.start(vae_loop(encoder, decoder, 100, []), seconds=3)
    board.wait(WAIT)
    assert (board.state, len(board.history)) == ("finished", 6)  # half a second each
    board.start(vae_loop(encoder, decoder, 4, []), steps=np.int64(4))
    board.wait(WAIT)
    assert len(board.history) == 10


def test_panels_without_a_gan_need_charts_and_samples_a_generator():
    with pytest.raises(ValueError, match=r"there is no GAN; .*Chart\.of\('kl'\)"):
        widgets.LiveBoard()
    with pytest.raises(ValueError, match="'samples' the generator"):
        widgets.LiveBoard(panels=[Chart.of("kl"), "samples"])
    with pytest.raises(ValueError, match=r"lengths \[\]; give latent points"):
        widgets.LiveBoard(panels=["samples"], generator=vae()[1])
    with pytest.raises(ValueError, match="beside a GAN"):
        widgets.LiveBoard(ring_gan(), RING, latent=torch.zeros(3, 3))
    board = widgets.LiveBoard(panels=[Chart.of("kl")])
    with pytest.raises(ValueError, match="no generator"):
        board.weights(vae()[1])


def test_a_column_that_no_record_has_is_named_and_the_run_goes_on(eager):
    board = widgets.LiveBoard(panels=[Chart.of("elbo")])
    board.start(vae_loop(*vae(), 5, []))
    with pytest.raises(ValueError, match="no column 'elbo'; choose one of step, reconstruction"):
        board.wait(WAIT)
    assert (board.state, len(board.history)) == ("finished", 5)


# However a run ends, its iterator is closed


@pytest.mark.parametrize("end", ["stopped", "failed", "finished"])
def test_an_iterator_is_closed_in_its_thread_before_wait_returns(end):
    closed, reached = [], threading.Event()

    def items():
        try:
            for i in range(10**9):
                yield i
                reached.set()
        finally:
            closed.append(threading.current_thread().name)

    def take(i):
        if end == "failed" and i == 3:
            raise ArithmeticError
        return end == "finished" and i == 3

    order = []
    kept = items()  # as a notebook does that names its records
    runner = Runner(kept, take, lambda: None, lambda state: order.append((state, len(closed))))
    runner.start()
    assert reached.wait(WAIT)
    if end == "stopped":
        runner.stop()
    assert runner.wait(WAIT)
    assert closed == ["gan-board"]
    assert order == [(end, 1)]


def test_an_iterator_that_fails_while_it_is_closed_fails_the_run():
    def records():
        try:
            yield from train(ring_gan(), ring_batches(), 10**6)
        finally:
            raise OSError("the disk is full")

    board = widgets.LiveBoard(ring_gan(), RING)
    board.start(records())
    board.stop()
    assert board.state == "failed"
    with pytest.raises(OSError, match="disk is full"):
        board.wait(WAIT)


@pytest.mark.parametrize("fault", ["button", "picture"])
def test_a_failing_control_or_picture_says_so_once(fault, monkeypatch):
    """It used to say so after every record from then on."""
    valve, waiting = threading.Semaphore(0), threading.Semaphore(0)

    def records():
        for record in train(ring_gan(), ring_batches(), 200):
            waiting.release()
            assert valve.acquire(timeout=WAIT)
            yield record

    board = widgets.LiveBoard(ring_gan(), RING)
    board.start(records())
    for _ in range(3):
        valve.release()
        assert waiting.acquire(timeout=WAIT)
    assert waiting.acquire(timeout=WAIT)
    said = []
    board.controls.status.observe(lambda change: said.append(change["new"]), names="value")
    board._picture.pace.next = float("inf")  # no picture is due but the one that fails
    if fault == "button":
        board._runner.ask_stop, ask_stop = lambda: 1 / 0, board._runner.ask_stop
        board.controls.stop.click()
        board._runner.ask_stop = ask_stop
    else:
        monkeypatch.setattr(live_picture.LivePicture, "draw", lambda *_: 1 / 0)
        board._picture.pace.next = 0.0
    for _ in range(150):
        valve.release()
        assert waiting.acquire(timeout=WAIT)
    assert len(said) == 1
    assert "division by zero" in said[0]
    for _ in range(60):
        valve.release()
    with pytest.raises(ZeroDivisionError):
        board.wait(WAIT)
    assert len(board.history) == 200


# Looking changes no run


class Noisy(nn.Module):
    """A player that adds noise of its own, in eval mode too."""

    def __init__(self, inside):
        super().__init__()
        self.inside = inside
        self.latent_dim = getattr(inside, "latent_dim", None)

    def forward(self, x):
        return self.inside(x) + 0.1 * torch.randn(len(x), *self.inside(x).shape[1:])


def noisy_loss(real, fake):
    return NON_SATURATING.discriminator_loss(real + torch.randn(real.shape), fake)


def noisy_gan():
    torch.manual_seed(0)
    generator = networks.MLPGenerator(3, (2,), (8,))
    players = Noisy(generator), Noisy(networks.MLPDiscriminator((2,), (8,)))
    objective = replace(NON_SATURATING, name="noisy", discriminator_loss=noisy_loss)
    return GAN(*players, objective, *adam(*players), latent_dim=3)


def test_a_loss_that_draws_noise_gives_the_same_history_with_a_board_and_without(eager):
    alone, history = noisy_gan(), History()
    torch.manual_seed(1)
    list(history.record(train(alone, ring_batches(), 25)))
    state = torch.get_rng_state()

    gan = noisy_gan()
    board = widgets.LiveBoard(gan, RING, panels=PANELS)
    explorer = widgets.LatentExplorer(gan.generator, RING, board=board)
    torch.manual_seed(1)
    board.start(train(gan, ring_batches(), 25))
    for i in range(6):
        explorer.sliders[i % 3].value = 0.1 * i
        explorer.shuffle_button.click()
        explorer.t.value = i / 6
        explorer.ends_button.click()
    explorer.frames(3)
    board.wait(WAIT)
    assert explorer.status.value == ""
    for name in Record._fields[:-1]:
        assert np.array_equal(board.history.column(name), history.column(name)), name
    assert torch.equal(torch.get_rng_state(), state)
    plotting.surface(gan.discriminator, gan.objective, torch.randn(9, 2), torch.randn(9, 2), "S")
    torch.set_rng_state(state)
    real = torch.zeros(9, 2)
    plotting.surface(gan.discriminator, gan.objective, real, real, "Surface").png()
    assert torch.equal(torch.get_rng_state(), state)


# float64


def test_players_in_float64_are_shown_everywhere(eager):
    gan = ring_gan(dtype=torch.float64)
    board = widgets.LiveBoard(gan, RING, panels=PANELS)
    board.start(train(gan, ring_batches(torch.float64), 5))
    board.wait(WAIT)
    for directions in ("principal", "axes"):
        explorer = widgets.LatentExplorer(gan.generator, RING, directions=directions, board=board)
        assert explorer.space.z.dtype == explorer.space.directions.dtype == torch.float64
        for kind in ("straight", "spherical"):
            explorer.path.value = kind
            explorer.t.value = 0.5 if kind == "straight" else 0.25
            assert len(explorer.frames(3)) == 3
        explorer.sliders[0].value = 1.0
        explorer.shuffle_button.click()
        assert explorer.status.value == ""
    rows = widgets.principal_directions(gan.generator, 3, 3)
    assert rows.dtype == torch.float64
    single = widgets.principal_directions(gan.generator.float(), 3, 3)
    assert torch.allclose(rows.float().abs(), single.abs(), atol=1e-3)


def test_pictures_of_players_in_float64():
    gan = ring_gan(dtype=torch.float64)
    fake = gan.sample(20, torch.Generator().manual_seed(0))
    real = RING.sample(20, generator=torch.Generator().manual_seed(0))
    plotting.surface(gan.discriminator, gan.objective, real, fake, "Surface").png()
    line = networks.MLPDiscriminator((1,), (8,)).double()
    told = {"discriminator": line, "objective": gan.objective}
    plotting.densities(real[:, 0], fake[:, 0], "Densities", **told).png()
    images = torch.rand(12, 1, 8, 8, dtype=torch.float64) * 2 - 1
    generator = networks.MLPGenerator(3, (1, 8, 8), (8,), tanh=True).double()
    explorer = widgets.LatentExplorer(generator, images)
    explorer.shuffle_button.click()
    assert explorer.status.value == ""
    found = explorer.space.scene.nearest(images[5:6] + 1e-3)
    assert torch.equal(found, images[5:6].float())


@pytest.mark.parametrize(
    ("images", "error", "words"),
    [
        (torch.arange(640).remainder(256).reshape(10, 1, 8, 8) / 255, ValueError, r"x \* 2 - 1"),
        (torch.arange(640).reshape(10, 1, 8, 8).to(torch.uint8), TypeError, "uint8"),
        (np.zeros((10, 1, 8, 8), np.uint8), TypeError, "uint8"),
        (torch.full((10, 1, 8, 8), 7.0), ValueError, r"must lie in \[-1, 1\]"),
    ],
    ids=["0 to 1", "bytes", "array of bytes", "beyond"],
)
def test_the_explorer_refuses_images_that_do_not_lie_in_minus_1_to_1(images, error, words):
    generator = networks.MLPGenerator(3, (1, 8, 8), (8,), tanh=True)
    with pytest.raises(error, match=words):
        widgets.LatentExplorer(generator, images)


# Conditions


class ByLabel(nn.Module):
    """A player of the plane that is told a class 0, 1 or 2 beside its input (N, width)."""

    def __init__(self, out):
        super().__init__()
        self.embed, self.layer = nn.Embedding(3, 4), nn.Linear(6, 16)
        self.out = nn.Linear(16, out)

    def forward(self, x, label):
        y = self.out(self.layer(torch.cat([x, self.embed(label)], 1)).relu())
        return y.squeeze(1) if y.shape[1] == 1 else y


class Translator(nn.Module):
    """Turns an image into another: no latent point."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, image):
        return self.layer(image).tanh()


class PairCritic(nn.Module):
    """Scores an image beside the one it was made from."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(128, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x, image):
        return self.layers(torch.cat([x, image], 1)).squeeze(1)


def labelled():
    own = torch.Generator().manual_seed(0)
    while True:
        label = torch.randint(3, (16,), generator=own)
        yield label[:, None] + 0.1 * torch.randn(16, 2, generator=own), label


def negatives():
    own = torch.Generator().manual_seed(0)
    while True:
        image = torch.rand(16, 1, 8, 8, generator=own) * 1.6 - 0.8
        yield -image, image


def label_gan(objective):
    torch.manual_seed(0)
    players = ByLabel(2), ByLabel(1)
    return GAN(*players, objective, *adam(*players), latent_dim=2)


def translation_gan(objective):
    torch.manual_seed(0)
    players = Translator(), PairCritic()
    return GAN(*players, objective, *adam(*players), latent_dim=0)


GP = replace(WGAN_GP, n_critic=2)
R1 = replace(NON_SATURATING, name="R1", penalty=r1_penalty)


@pytest.mark.parametrize("objective", [NON_SATURATING, GP, R1], ids=lambda o: o.name)
@pytest.mark.parametrize("kind", ["labels", "images"])
def test_conditional_players_train_the_same_on_a_board(kind, objective, eager):
    build, pairs = {"labels": (label_gan, labelled), "images": (translation_gan, negatives)}[kind]
    alone, history = build(objective), History()
    torch.manual_seed(1)
    list(history.record(train(alone, pairs(), 6)))
    gan = build(objective)
    _, condition = next(pairs())
    panels = PANELS if kind == "labels" else PANELS[:-1]
    panels += () if objective.penalty is None else ("penalty",)
    board = widgets.LiveBoard(gan, next(pairs())[0], condition=condition, panels=panels)
    torch.manual_seed(1)
    board.start(train(gan, pairs(), 6))
    board.wait(WAIT)
    for name in Record._fields[:-1]:
        assert np.array_equal(board.history.column(name), history.column(name)), name
    copies = board._picture.copies
    z = [] if kind == "images" else [copies.latent]
    wanted = gan.generator.eval()(*z, condition).detach().numpy()  # one for each condition
    assert np.allclose(copies.samples(), wanted)


def test_a_surface_is_that_of_the_first_condition():
    gan = label_gan(NON_SATURATING)
    copies = Copies.of(gan, 5, 0, torch.tensor([2, 1]))
    assert copies.condition.tolist() == [2, 1, 2, 1, 2]
    x = torch.randn(7, 2)
    wanted = gan.discriminator(x, torch.full((7,), 2)).detach().numpy()
    assert np.allclose(copies.scores(x.numpy()), wanted)


def test_players_that_are_told_a_condition_need_one():
    real = next(labelled())[0]
    with pytest.raises(ValueError, match=r"'label'.*pass condition="):
        widgets.LiveBoard(label_gan(NON_SATURATING), real)
    with pytest.raises(ValueError, match=r"lengths \[\]"):
        widgets.LiveBoard(translation_gan(NON_SATURATING), real)
    with pytest.raises(ValueError, match="pass condition="):
        widgets.LatentExplorer(ByLabel(2), latent_dim=2)
    with pytest.raises(ValueError, match="latent_dim is 0"):
        widgets.LatentExplorer(Translator(), latent_dim=0)
    for condition, names in ((torch.arange(3), ["one"]), (torch.arange(0), None), (None, ["one"])):
        with pytest.raises(ValueError, match="one name for each condition"):
            widgets.LatentExplorer(ByLabel(2), latent_dim=2, condition=condition, names=names)


def test_a_menu_holds_the_class_that_the_explorer_shows():
    generator = ByLabel(2)
    explorer = widgets.LatentExplorer(
        generator, latent_dim=2, condition=torch.arange(3), names=["one", "two", "three"]
    )
    assert [name for name, _ in explorer.menu.options] == ["one", "two", "three"]
    picture, space = explorer.image.value, explorer.space
    for chosen in (2, 1):
        explorer.menu.value = chosen
        assert explorer.status.value == ""
        wanted = generator(space.z, torch.tensor([chosen]))
        assert torch.allclose(space._make(space.z), wanted)
        assert explorer.image.value != picture
        picture = explorer.image.value
    explorer.sliders[0].value = 1.0  # the class stays
    assert space.told == 1
    films = []
    for chosen in (0, 1):
        explorer.menu.value = chosen
        films.append(np.stack(explorer.frames(3)))
    assert not np.array_equal(*films)
    plain = widgets.LatentExplorer(generator, latent_dim=2, condition=torch.tensor([4, 0]) % 3)
    assert [name for name, _ in plain.menu.options] == ["1", "0"]


# A sixth objective is one value

HINGE = Objective(
    name="my hinge",
    discriminator_loss=lambda real, fake: (1 - real).relu().mean() + (1 + fake).relu().mean(),
    generator_loss=lambda fake: -fake.mean(),
    score=Score(
        "margin",
        "s",
        "margin score",
        lambda scores: scores,
        levels=((1.0, "margin real"), (-1.0, "margin fake"), (0.0, "0")),
        boundary=0.0,
    ),
    indifferent=((2.0, "2"), (0.0, "0")),
)


def said_of(artists):
    return [text.get_text() for text in artists.ax.texts]


def levels_of(ax):
    """Return the heights of the dotted lines across the axes."""
    return [line.get_ydata()[0] for line in ax.lines if list(line.get_xdata()) == [0, 1]]


def test_a_hinge_objective_is_watched_with_every_panel(eager):
    full = replace(
        HINGE, penalty=partial(r1_penalty, weight=1.0), reconstruction=lambda fake, _: fake.mean()
    )
    gan = ring_gan(full)
    board = widgets.LiveBoard(gan, RING, panels=(*plotting.CHARTS, "samples", "surface"))
    board.start(train(gan, ring_batches(), 5))
    board.wait(WAIT)
    charts = {artists.chart.name: artists for artists in board._picture.picture.charts}
    assert set(charts) == set(plotting.CHARTS)
    assert said_of(charts["losses"]) == ["2", "0"]
    assert levels_of(charts["losses"].ax) == [2, 0]
    assert said_of(charts["scores"]) == ["margin real", "margin fake", "0"]
    assert levels_of(charts["scores"].ax) == [1, -1, 0]
    assert charts["scores"].chart.ylabel == "mean margin score"
    titles = [ax.get_title(loc="left") for ax, _ in board._picture.picture.views]
    assert titles == ["samples", "margin score; line: 0"]
    assert "my hinge · step 5" in board.controls.status.value


def test_a_hinge_objective_is_plotted_by_every_function_that_takes_one():
    gan, history = ring_gan(HINGE), History()
    list(history.record(train(gan, ring_batches(), 5)))
    losses = plotting.losses(history, HINGE, "Losses").axes[0]
    assert levels_of(losses) == [2, 0]
    scores = plotting.scores(history, HINGE, "Scores").axes[0]
    assert levels_of(scores) == [1, -1, 0]
    assert scores.get_ylabel() == "mean margin score"
    plotting.curves(history, plotting.chart("gradients", HINGE), "Gradients").png()
    with pytest.raises(ValueError, match="'my hinge' has no penalty"):
        plotting.chart("penalty", HINGE)
    punished = replace(HINGE, penalty=gradient_penalty)
    plotting.curves(history, plotting.chart("penalty", punished), "Penalty").png()
    real = RING.sample(40, generator=torch.Generator().manual_seed(0))
    surface = plotting.surface(gan.discriminator, HINGE, real, real + 0.1, "Surface")
    assert surface.axes[1].get_ylabel() == "margin score"
    low, high = surface.axes[0].images[0].get_clim()
    assert low == -high  # white at the boundary


class Slope(nn.Module):
    """D(x) = 2 x + 1 on a line."""

    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.tensor(2.0))

    def forward(self, x):
        return self.a * x[:, 0] + 1


@pytest.mark.parametrize(
    ("objective", "level"),
    [*zip(OBJECTIVES, (0.5, 0.5, 0.5, 1.5, 1.5, 0.0, 1.5), strict=True), (HINGE, 0.0)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_densities_mark_the_score_at_which_nobody_can_tell(objective, level):
    real, fake = np.array([0.0, 1.0]), np.array([-0.5, 0.5])  # mean scores 2 and 1
    told = {"discriminator": Slope(), "objective": objective}
    picture = plotting.densities(real, fake, "Densities", **told)
    assert levels_of(picture.axes[1]) == pytest.approx([level])
    assert picture.axes[1].get_ylabel() == objective.score.label


def test_the_axes_of_an_explorer_have_room_for_every_condition():
    class Shifted(torch.nn.Module):
        """Puts the points of class k at x = 10 k."""

        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(2))

        def forward(self, z, label):
            return z * self.scale + torch.stack([10.0 * label, 0.0 * label], 1)

    explorer = widgets.LatentExplorer(Shifted(), latent_dim=2, condition=torch.arange(3))
    left, right = explorer.space.scene.ax.get_xlim()
    assert left < -2
    assert right > 22
    assert explorer.space.told == 0

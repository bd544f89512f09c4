"""Run by ``test_second_device.py`` in a process of its own: what a student does, on that device.

PyTorch counts its devices when the first gradient of a process is computed, so a process that has
trained on the CPU can take in no other device.
"""

from __future__ import annotations

import copy
import threading
from dataclasses import replace
from itertools import cycle, islice

import numpy as np
import pytest
import simulated_device
import torch
from torch import nn
from torch.optim import Adam, RMSprop

from gan_helpers import (
    GAN,
    NON_SATURATING,
    OBJECTIVES,
    WGAN_GP,
    History,
    data,
    graphs,
    load,
    pick_device,
    save,
    set_seed,
    train,
)
from gan_helpers.data.supply import Supply
from gan_helpers.networks import (
    ConvDiscriminator,
    ConvGenerator,
    MLPDiscriminator,
    MLPGenerator,
)
from gan_helpers.widgets import LatentExplorer, LiveBoard


@pytest.fixture(autouse=True)
def device(monkeypatch):
    """The simulated device, picked, as a notebook would."""
    simulated_device.install()
    monkeypatch.setenv("GAN_HELPERS_DEVICE", simulated_device.NAME)
    return pick_device()


def make_gan(device, objective=NON_SATURATING, optimizer=Adam):
    set_seed(0)
    nets = MLPGenerator(2, (2,), (8, 8)).to(device), MLPDiscriminator((2,), (8, 8)).to(device)
    both = [optimizer(net.parameters(), lr=1e-3) for net in nets]
    return GAN(*nets, objective, *both, latent_dim=2)


def weights(gan):
    nets = gan.generator, gan.discriminator
    return torch.cat([w.detach().cpu().flatten() for net in nets for w in net.parameters()])


# What the simulation is worth ------------------------------------------------------------------


def refusals(device):
    here = torch.ones(3)
    away = torch.ones(3, device=device)
    of_cpu = torch.Generator().manual_seed(1)
    return [
        ("same device", lambda: away + here),
        ("same device", lambda: nn.Linear(3, 1).to(device)(here)),
        ("same device", lambda: torch.cat([away, here])),
        ("generator", lambda: torch.randn(3, device=device, generator=of_cpu)),
        ("numpy", lambda: np.asarray(away)),
    ]


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("in_thread", [False, True])
def test_the_simulated_device_refuses_what_cuda_refuses(device, number, in_thread):
    message, mix = refusals(device)[number]
    raised = []

    def work():
        try:
            mix()
        except (RuntimeError, TypeError) as error:
            raised.append(str(error))

    if in_thread:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    else:
        work()
    assert message in "".join(raised)


def test_the_simulated_device_computes_what_the_cpu_does(device):
    assert str(device) == simulated_device.NAME
    away = torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=device, requires_grad=True)
    (away @ away).square().sum().backward()
    here = away.detach().cpu().requires_grad_()
    (here @ here).square().sum().backward()
    assert away.grad.device.type == "sim"
    assert torch.equal(away.grad.cpu(), here.grad)
    assert (away * torch.tensor(2.0)).sum().item() == 20  # a CPU tensor of shape () may mix
    own = [torch.Generator(device).manual_seed(3) for _ in range(2)]
    drawn = [torch.rand(4, generator=each, device=device).cpu() for each in own]
    assert torch.equal(*drawn)


# What a student does ---------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", [Adam, RMSprop])
@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
def test_every_objective_trains_there_from_batches_made_on_the_cpu(device, objective, optimizer):
    gan, history = make_gan(device, objective, optimizer), History()
    before = weights(gan)
    for _ in history.record(train(gan, data.batches(data.ring(), 16), 8)):
        pass
    assert np.isfinite(history.column("generator_grad_norm")).all()
    assert not torch.equal(weights(gan), before)
    assert gan.sample(5, torch.Generator(device).manual_seed(3)).device.type == "sim"


class Labelled(nn.Module):
    """A generator or a discriminator of points that is told a class, 0 to 7."""

    def __init__(self, out):
        super().__init__()
        self.table, self.layer = nn.Embedding(8, 2), nn.Linear(4, out)

    def forward(self, x, labels):
        return self.layer(torch.cat([x, self.table(labels)], 1)).squeeze(1)


def test_pairs_with_labels_travel_there_whole(device):
    nets = Labelled(2).to(device), Labelled(1).to(device)
    adams = [Adam(net.parameters(), lr=1e-3) for net in nets]
    gan = GAN(*nets, replace(WGAN_GP, n_critic=2), *adams, latent_dim=2)
    pairs = cycle([(torch.randn(6, 2), torch.arange(6)), [torch.randn(6, 2), torch.arange(6)]])
    (*_, last) = train(gan, pairs, 4)
    assert last.penalty.isfinite().item()


def test_images_train_there_too(device):
    set_seed(0)
    nets = ConvGenerator(4, channels=4).to(device), ConvDiscriminator(channels=4).to(device)
    adams = [Adam(net.parameters(), lr=1e-3) for net in nets]
    gan = GAN(*nets, NON_SATURATING, *adams, latent_dim=4)
    images = torch.rand(16, 1, 28, 28) * 2 - 1
    (*_, last) = train(gan, data.batches(images, 8, resident=False), 3)
    assert last.generator_loss.isfinite().item()


def test_a_loss_that_draws_noise_there_trains(device):
    def noisy(real, fake):
        noise = torch.rand(len(real), device=real.device)
        return (fake - real * noise).mean()

    gan = make_gan(device, replace(NON_SATURATING, discriminator_loss=noisy))
    (*_, last) = train(gan, data.batches(data.ring(), 16), 3)
    assert last.discriminator_loss.isfinite().item()


def test_a_resumed_run_is_the_one_that_was_not_interrupted(device, tmp_path):
    gan = make_gan(device)
    list(train(gan, data.batches(data.ring(), 16), 5))
    save(gan, tmp_path / "run.pt")
    list(train(gan, data.batches(data.ring(), 16), 5))
    expected = weights(gan)
    other = make_gan(device)
    load(other, tmp_path / "run.pt")
    assert other.generator_optimizer.state[next(other.generator.parameters())]["step"] == 5
    list(train(other, data.batches(data.ring(), 16), 5))
    assert torch.equal(weights(other), expected)


def test_a_run_of_that_device_goes_on_on_the_cpu(device, tmp_path):
    gan = make_gan(device)
    list(train(gan, data.batches(data.ring(), 16), 5))
    save(gan, tmp_path / "run.pt")
    there = weights(gan)
    here = make_gan("cpu")
    with pytest.warns(UserWarning, match="saved on sim and the players are on cpu"):
        load(here, tmp_path / "run.pt")
    assert torch.equal(weights(here), there)
    list(train(here, data.batches(data.ring(), 16), 5))
    assert here.step == 10


def test_a_board_trains_there_in_its_thread_and_draws_every_panel(device):
    one, other = make_gan(device), make_gan(device)
    batches = list(islice(data.batches(data.ring(), 16), 30))
    set_seed(1)
    history = History()
    list(history.record(train(one, cycle(batches), 30)))
    set_seed(1)
    panels = ["losses", "scores", "gradients", "samples", "surface"]
    board = LiveBoard(other, data.ring(), panels=panels)
    board.start(train(other, cycle(batches), 30), steps=30)
    board.wait()
    assert torch.equal(weights(one), weights(other))
    for name in ("generator_loss", "discriminator_grad_norm"):
        assert np.array_equal(history.column(name), board.history.column(name))


def test_the_explorer_draws_from_there(device):
    set_seed(0)
    generator = ConvGenerator(4, channels=4).to(device)
    before = copy.deepcopy(generator.state_dict())
    explorer = LatentExplorer(generator)
    assert explorer is not None
    for key, value in generator.state_dict().items():
        assert torch.equal(value.cpu(), before[key].cpu())


# What a CUDA graph needs ------------------------------------------------------------------------


class Repeating:
    """A capture that repeats the turn, and notes where the optimisers' counts of steps are."""

    def __init__(self, gan):
        self.gan, self.counts = gan, set()

    def warm_up(self, turn):
        return turn()

    def capture(self, turn):
        for optimizer in (self.gan.generator_optimizer, self.gan.discriminator_optimizer):
            self.counts |= {state["step"].device.type for state in optimizer.state.values()}
        return turn


@pytest.mark.parametrize("optimizer", [Adam, RMSprop])
def test_an_optimisers_counts_are_on_the_device_for_a_graph_and_come_back(device, optimizer):
    one, other = make_gan(device, optimizer=optimizer), make_gan(device, optimizer=optimizer)
    batches, way = list(islice(data.batches(data.ring(), 16), 30)), Repeating(other)
    set_seed(1)
    expected = list(train(one, cycle(batches), 30))
    set_seed(1)
    got = list(graphs.captured_train(other, Supply(other, cycle(batches)), 30, way))
    assert way.counts == {"sim"}
    assert torch.equal(weights(one), weights(other))
    assert [r.generator_loss.item() for r in got] == [r.generator_loss.item() for r in expected]
    for state in other.generator_optimizer.state.values():
        assert state["step"].device.type == "cpu"  # where an eager step reads it without waiting
        assert state["step"] == 30


@pytest.mark.parametrize(
    ("loss", "cause"),
    [
        (
            lambda real, fake: (fake - real).mean() * float(fake.detach().max()),
            "_local_scalar_dense",
        ),
        (lambda real, fake: (fake - real).cpu().mean().to(fake.device), "_to_copy|copy_"),
        (lambda real, fake: (fake - real).mean() + fake[fake.detach().nonzero()].mean(), "nonzero"),
    ],
    ids=["a value", "a copy", "a size"],
)
def test_a_loss_that_waits_for_the_device_is_found_before_it_is_captured(device, loss, cause):
    gan = make_gan(device, replace(NON_SATURATING, discriminator_loss=loss))
    way = Repeating(gan)
    with pytest.warns(UserWarning, match=cause) as said:
        list(graphs.captured_train(gan, Supply(gan, data.batches(data.ring(), 16)), 25, way))
    assert len(said) == 1
    assert way.counts == set()
    assert gan.step == 25

"""A checkpoint takes whatever numbers a run was given, and goes from one device to another."""

from __future__ import annotations

import copy
import hashlib
import io
import warnings

import numpy as np
import pytest
import torch
from torch.optim import SGD, Adam, RMSprop

from gan_helpers import GAN, WGAN_GP, averaged, data, load, save, set_seed, train

RING = data.ring()


def run(gan, steps, seed=0):
    """Train on; the batches start anew at each call, as they do after a restart."""
    set_seed(seed)
    return list(train(gan, data.batches(RING, 8), steps))


def weights(gan):
    return [w.detach().clone() for net in (gan.generator, gan.discriminator)
            for w in net.parameters()]  # fmt: skip


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(weights(a), weights(b), strict=True))


def content(path):
    return torch.load(io.BytesIO(path.read_bytes()[:-32]), weights_only=True)


def rewrite(path, change):
    """Let ``change`` edit what a checkpoint holds, and give the file a right checksum."""
    state, made = content(path), io.BytesIO()
    change(state)
    torch.save(state, made)
    path.write_bytes(made.getvalue() + hashlib.sha256(made.getvalue()).digest())


def group(gan):
    return gan.generator_optimizer.param_groups[0]


# Numbers that are not Python's ----------------------------------------------------------------

RATE = np.logspace(-4, -3, 3)[1]


@pytest.mark.parametrize(
    ("optimizer", "options", "found"),
    [
        (Adam, {"lr": RATE}, {"lr": float(RATE)}),
        (Adam, {"betas": (np.float64(0.5), np.float64(0.75))}, {"betas": (0.5, 0.75)}),
        (Adam, {"lr": torch.tensor(0.25), "foreach": False}, {"lr": 0.25}),
        (SGD, {"lr": RATE, "momentum": np.float64(0.5)}, {"lr": float(RATE), "momentum": 0.5}),
        (RMSprop, {"alpha": np.float64(0.5), "weight_decay": np.int64(0)}, {"alpha": 0.5}),
    ],
    ids=["rate", "betas", "tensor", "SGD", "RMSprop"],
)  # fmt: skip
def test_a_run_with_numpys_numbers_goes_on_bit_for_bit(
    points_gan, optimizer, options, found, tmp_path
):
    gan, resumed = points_gan(optimizer=optimizer), points_gan(optimizer=optimizer, seed=1)
    for each in (gan, resumed):  # a schedule may write what a constructor refuses
        group(each).update(copy.deepcopy(options))
    run(gan, 3)
    gan.step = np.int64(3)
    save(gan, tmp_path / "gan.pt")
    gan.step = 3
    run(gan, 2)

    saved = content(tmp_path / "gan.pt")["generator_optimizer"]["param_groups"][0]
    assert {name: saved[name] for name in found} == found
    numbers = [each for each in saved.values() if not isinstance(each, (tuple, list))]
    assert {type(each) for each in numbers} <= {float, int, bool, type(None)}
    load(resumed, tmp_path / "gan.pt")
    assert (resumed.step, type(resumed.step)) == (3, int)
    run(resumed, 2)
    assert same(resumed, gan)


def test_numpys_float32_is_saved_as_the_same_number(points_gan, tmp_path):
    gan, resumed = points_gan(), points_gan()
    third = np.float32(1) / np.float32(3)
    group(gan).update(lr=third, betas=[np.float32(0.5), third])
    save(gan, tmp_path / "gan.pt")
    load(resumed, tmp_path / "gan.pt")
    assert group(resumed)["lr"] == third
    assert group(resumed)["betas"] == [0.5, third]
    assert {type(each) for each in (group(resumed)["lr"], *group(resumed)["betas"])} == {float}


def test_a_step_that_an_optimiser_counts_in_numpys_integers_is_kept(points_gan, tmp_path):
    gan = points_gan(optimizer=SGD, momentum=0.5)
    run(gan, 1)
    state = gan.generator_optimizer.state[next(gan.generator.parameters())]
    state["seen"] = [np.int64(3), {"mean": np.float32(0.5)}]  # as an optimiser of one's own may
    save(gan, tmp_path / "gan.pt")
    resumed = points_gan(optimizer=SGD, momentum=0.5)
    load(resumed, tmp_path / "gan.pt")
    state = resumed.generator_optimizer.state[next(resumed.generator.parameters())]
    assert state["seen"] == [3, {"mean": 0.5}]
    assert type(state["seen"][0]) is int


# Averaged weights -----------------------------------------------------------------------------


def average_on(gan, steps):
    set_seed(0)
    list(averaged(gan, train(gan, data.batches(RING, 8), steps), 0.9))


def averages(gan):
    return list(gan.average.state_dict().values())


def test_an_average_goes_on_bit_for_bit(points_gan, tmp_path):
    gan, resumed = points_gan(batch_norm=True), points_gan(batch_norm=True, seed=1)
    average_on(gan, 3)
    save(gan, tmp_path / "gan.pt")
    average_on(gan, 3)
    load(resumed, tmp_path / "gan.pt")  # which has no average yet
    average_on(resumed, 3)
    assert all(torch.equal(a, b) for a, b in zip(averages(gan), averages(resumed), strict=True))
    load(resumed, tmp_path / "gan.pt")  # which has one of its own
    average_on(resumed, 3)
    assert all(torch.equal(a, b) for a, b in zip(averages(gan), averages(resumed), strict=True))


@pytest.mark.parametrize("older", [False, True])
def test_a_checkpoint_without_an_average_takes_it_away(points_gan, tmp_path, older):
    save(points_gan(), tmp_path / "gan.pt")
    if older:
        rewrite(tmp_path / "gan.pt", lambda state: state.pop("average"))
    gan = points_gan()
    average_on(gan, 3)
    load(gan, tmp_path / "gan.pt")
    assert gan.average is None


def test_a_damaged_average_is_refused_and_nothing_has_changed(points_gan, tmp_path):
    gan, other = points_gan(), points_gan(seed=1)
    average_on(gan, 3)
    save(gan, tmp_path / "gan.pt")
    rewrite(tmp_path / "gan.pt", lambda state: state["average"].popitem())
    before = weights(other)
    with pytest.raises(ValueError, match="does not fit these players"):
        load(other, tmp_path / "gan.pt")
    assert other.average is None
    assert all(torch.equal(a, b) for a, b in zip(before, weights(other), strict=True))


# From one device to another -------------------------------------------------------------------

MOVED = r"gan\.pt was saved on cuda and the players are on cpu: .* other random numbers"


def as_from_cuda(state):
    """Make a checkpoint what a GPU writes: a graph's Adam counts its steps on the device."""
    state["device"], state["device_random"] = "cuda", torch.arange(16, dtype=torch.uint8)
    for name in ("generator_optimizer", "discriminator_optimizer"):
        state[name]["param_groups"][0].update(capturable=True, fused=True, foreach=False)


def test_a_checkpoint_of_a_gpu_goes_on_on_the_cpu_and_says_what_is_lost(points_gan, tmp_path):
    gan = points_gan(WGAN_GP)
    run(gan, 3)
    set_seed(5)
    save(gan, tmp_path / "gan.pt")
    expected = torch.rand(3)
    rewrite(tmp_path / "gan.pt", as_from_cuda)

    other = points_gan(WGAN_GP, seed=1)
    with pytest.warns(UserWarning, match=MOVED) as said:
        load(other, tmp_path / "gan.pt")
    assert said[0].filename == __file__
    assert torch.equal(torch.rand(3), expected)  # the CPU's random state is the file's
    assert same(gan, other)
    assert (group(other)["capturable"], group(other)["fused"]) == (False, None)
    run(gan, 3)
    run(other, 3)  # torch's Adam refuses `capturable` on a CPU here
    assert same(gan, other)


def test_a_checkpoint_of_the_cpu_goes_on_with_the_flags_of_a_gpus_optimiser(points_gan, tmp_path):
    """`capturable` is the optimiser's own: it must survive, and so must the tensor of its rate."""
    gan = points_gan(lr=0.25)
    run(gan, 3)
    save(gan, tmp_path / "gan.pt")
    captured = points_gan(lr=torch.tensor(0.5), capturable=True, seed=1)
    rates = [each.param_groups[0]["lr"] for each in (captured.generator_optimizer,
                                                     captured.discriminator_optimizer)]  # fmt: skip
    load(captured, tmp_path / "gan.pt")
    assert group(captured)["capturable"] is True
    assert group(captured)["lr"] is rates[0]
    assert [float(rate) for rate in rates] == [0.25, 0.25]
    assert all(
        s["step"].dtype == torch.float32 for s in captured.generator_optimizer.state.values()
    )

    save(captured, tmp_path / "gan.pt")
    assert group(captured)["lr"] is rates[0]
    back = points_gan(seed=1)
    load(back, tmp_path / "gan.pt")
    assert (group(back)["capturable"], group(back)["lr"]) == (False, 0.25)
    run(gan, 2)
    run(back, 2)
    assert same(gan, back)


def test_where_a_checkpoint_does_not_fit_a_gpus_optimiser_is_left_as_it_was(points_gan, tmp_path):
    save(points_gan(lr=0.25), tmp_path / "gan.pt")
    rewrite(tmp_path / "gan.pt", lambda state: state.update(random=torch.zeros(3)))
    captured = points_gan(lr=torch.tensor(0.5), capturable=True, seed=1)
    rate, before = group(captured)["lr"], weights(captured)
    with pytest.raises(ValueError, match="does not fit these players"):
        load(captured, tmp_path / "gan.pt")
    assert group(captured)["lr"] is rate
    assert float(rate) == 0.5
    assert all(torch.equal(a, b) for a, b in zip(before, weights(captured), strict=True))


def test_a_file_with_more_groups_of_weights_is_refused_by_number(points_gan, tmp_path):
    save(points_gan(), tmp_path / "gan.pt")

    def second_group(state):
        groups = state["generator_optimizer"]["param_groups"]
        groups.append(copy.deepcopy(groups[0]))

    rewrite(tmp_path / "gan.pt", second_group)
    with pytest.raises(
        ValueError, match="generator_optimizer has parameter groups: 2, here it has 1"
    ):
        load(points_gan(), tmp_path / "gan.pt")


class Card:
    """A module such as torch.cuda, of a machine with two cards."""

    def __init__(self):
        self.states = {0: torch.zeros(16, dtype=torch.uint8), 1: torch.ones(16, dtype=torch.uint8)}

    def get_rng_state(self, device):
        return self.states[device.index].clone()

    def set_rng_state(self, state, device):
        self.states[device.index] = state


@pytest.fixture
def card(monkeypatch):
    """Let the players say that they are on the second card."""
    made, real = Card(), torch.get_device_module
    monkeypatch.setattr(GAN, "device", property(lambda gan: torch.device("cuda", 1)))
    monkeypatch.setattr(
        torch, "get_device_module", lambda device: made if device.type == "cuda" else real(device)
    )
    return made


def test_the_random_state_of_the_players_own_card_is_saved_and_restored(points_gan, card, tmp_path):
    gan = points_gan()
    save(gan, tmp_path / "gan.pt")
    state = content(tmp_path / "gan.pt")
    assert state["device"] == "cuda"
    assert torch.equal(state["device_random"], torch.ones(16, dtype=torch.uint8))
    card.states[1] += 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(gan, tmp_path / "gan.pt")
    assert [int(card.states[index][0]) for index in (0, 1)] == [0, 1]


def test_a_checkpoint_of_the_cpu_leaves_a_cards_random_state_and_says_so(
    points_gan, card, tmp_path, monkeypatch
):
    gan = points_gan()
    with monkeypatch.context() as here:
        here.setattr(GAN, "device", property(lambda gan: torch.device("cpu")))
        save(gan, tmp_path / "gan.pt")
    with pytest.warns(UserWarning, match="saved on cpu and the players are on cuda"):
        load(gan, tmp_path / "gan.pt")
    assert [int(card.states[index][0]) for index in (0, 1)] == [0, 1]


def test_apples_one_graphics_unit_takes_no_device(points_gan, monkeypatch, tmp_path):
    class Unit:
        state = torch.zeros(16, dtype=torch.uint8)

        def get_rng_state(self):
            return self.state.clone()

        def set_rng_state(self, state):
            self.state = state

    unit = Unit()
    monkeypatch.setattr(GAN, "device", property(lambda gan: torch.device("mps", 0)))
    monkeypatch.setattr(torch, "get_device_module", lambda device: unit)
    gan = points_gan()
    save(gan, tmp_path / "gan.pt")
    unit.state = unit.state + 1
    load(gan, tmp_path / "gan.pt")
    assert int(unit.state[0]) == 0

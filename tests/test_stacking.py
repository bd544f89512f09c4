"""A stack of networks does what its networks do one by one: outputs, draws, training."""

import copy
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn

from gan_helpers import GAN, NON_SATURATING, OBJECTIVES, WGAN_GP, data, gradient_penalty, train
from gan_helpers.networks import ConvGenerator, MLPDiscriminator, MLPGenerator
from gan_helpers.regularisers import r1_penalty
from gan_helpers.stacking import Stack, Streams, stack

RING = data.ring()
ADAM = partial(torch.optim.Adam, lr=1e-3, betas=(0.5, 0.9))
SEEDS = (3, 4, 5)
WITH_R1 = replace(NON_SATURATING, name="with R1", penalty=partial(r1_penalty, gamma=1.0))


def build(objective, optimizer=ADAM):
    players = MLPGenerator(2, (2,), widths=(8, 8)), MLPDiscriminator((2,), widths=(8, 8))
    return GAN(
        *players, objective, *(optimizer(player.parameters()) for player in players), latent_dim=2
    )


def one_by_one(objective, optimizer, steps):
    gans = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        gans.append(build(objective, optimizer))
        list(train(gans[-1], data.batches(RING, 16), steps))
    return gans


def as_a_stack(objective, optimizer, steps):
    gans, states = [], []
    for seed in SEEDS:
        torch.manual_seed(seed)
        gans.append(build(objective, optimizer))
        states.append(torch.get_rng_state())
    joined = stack(gans, optimizer)
    with Streams(states):
        list(train(joined, data.batches(RING, 16 * len(SEEDS)), steps))
    joined.generator.unstack([gan.generator for gan in gans])
    joined.discriminator.unstack([gan.discriminator for gan in gans])
    return gans


def weights(gan):
    return torch.cat([w.detach().flatten() for w in (*gan.generator.parameters(),
                                                     *gan.discriminator.parameters())])  # fmt: skip


@pytest.mark.parametrize("objective", [*OBJECTIVES, WITH_R1], ids=lambda o: o.name)
@pytest.mark.parametrize("optimizer", [ADAM, partial(torch.optim.RMSprop, lr=1e-3, eps=1e-4)])
def test_training_as_a_stack_equals_training_one_by_one(objective, optimizer):
    for alone, joined in zip(
        one_by_one(objective, optimizer, 5), as_a_stack(objective, optimizer, 5), strict=True
    ):
        torch.testing.assert_close(weights(joined), weights(alone), rtol=1e-4, atol=1e-6)


def test_the_seeds_of_a_stack_differ_and_move():
    first, second, _ = as_a_stack(WGAN_GP, ADAM, 5)
    torch.manual_seed(SEEDS[0])
    untrained = build(WGAN_GP)
    assert (weights(first) - weights(second)).abs().max() > 0.1
    assert (weights(first) - weights(untrained)).abs().max() > 1e-3


def test_row_i_goes_through_network_i_mod_s():
    nets = [MLPGenerator(2, (3,), widths=(4,)) for _ in range(3)]
    z = torch.randn(6, 2)
    out = Stack(nets)(z)
    for i in range(6):
        torch.testing.assert_close(out[i], nets[i % 3](z)[i])
    cat = Stack(nets)(torch.cat([z, z]))  # as real and fake batches come
    torch.testing.assert_close(cat[6:], out)


def test_streams_draw_what_each_seed_would_draw_alone():
    alone = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        alone.append((torch.rand(4, 1), torch.randn((4, 2)), torch.randint(9, (4,)), torch.rand(4)))
    states = [torch.Generator().manual_seed(seed).get_state() for seed in SEEDS]
    before = torch.get_rng_state()
    with Streams(states):
        drawn = (
            torch.rand(12, 1), torch.randn((12, 2)), torch.randint(9, size=(12,)), torch.rand(12),
        )  # fmt: skip
        own = torch.rand(2, generator=torch.Generator().manual_seed(0))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(own, torch.rand(2, generator=torch.Generator().manual_seed(0)))
    for i, each in enumerate(alone):
        for theirs, mine in zip(each, drawn, strict=True):
            assert torch.equal(mine[i::3], theirs)


def test_a_stack_of_one_is_the_network():
    net = MLPDiscriminator((2,), widths=(4,))
    x = torch.randn(5, 2)
    torch.testing.assert_close(Stack([net])(x), net(x))


def test_stacking_leaves_the_networks_alone():
    nets = [MLPGenerator(2, (2,), widths=(4,)) for _ in range(2)]
    before = copy.deepcopy(nets[0].state_dict())
    joined = Stack(nets)
    with torch.no_grad():
        for weight in joined.parameters():
            weight.zero_()
    assert all(torch.equal(before[name], w) for name, w in nets[0].state_dict().items())
    joined.unstack(nets)
    assert all((w == 0).all() for net in nets for w in net.parameters())


@pytest.mark.parametrize(
    ("networks", "words"),
    [
        ([], "empty"),
        ([ConvGenerator(4, (1, 8, 8), channels=2)] * 2, "BatchNorm2d"),
        ([nn.Sequential(nn.Linear(2, 2), nn.Dropout())], "Dropout"),
        ([nn.Linear(2, 2), nn.Linear(2, 3)], "differ"),
    ],
    ids=["none", "BatchNorm", "Dropout", "shapes"],
)
def test_what_cannot_be_stacked_is_refused(networks, words):
    with pytest.raises(ValueError, match=words):
        Stack(networks)


def test_uneven_batches_and_mixed_objectives_are_refused():
    nets = [MLPGenerator(2, (2,), widths=(4,)) for _ in range(3)]
    with pytest.raises(ValueError, match="multiple of 3"):
        Stack(nets)(torch.zeros(4, 2))
    states = [torch.get_rng_state()] * 3
    with Streams(states), pytest.raises(ValueError, match="multiple of 3"):
        torch.rand(4)
    with pytest.raises(ValueError, match="objectives"):
        stack([build(WGAN_GP), build(NON_SATURATING)], ADAM)


def test_a_penalty_on_a_stack_is_the_sum_of_the_single_penalties():
    critics = [MLPDiscriminator((2,), widths=(4,)) for _ in range(3)]
    real, fake = torch.randn(12, 2), torch.randn(12, 2)
    states = [torch.Generator().manual_seed(seed).get_state() for seed in SEEDS]
    with Streams(states):
        joined = 3 * gradient_penalty(Stack(critics), real, fake)
    singles = 0.0
    for i, critic in enumerate(critics):
        torch.manual_seed(SEEDS[i])
        singles += gradient_penalty(critic, real[i::3], fake[i::3])
    torch.testing.assert_close(joined, singles)

"""Drawing beside a run: a generator of one's own for whatever draws, checks or plays."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_helpers import generator_step
from gan_helpers.exercises import check
from gan_helpers.figures.wgan_gp.fixed_data import play_critic
from gan_helpers.random import OwnRandom

X = torch.ones(3, 4)


def on_three_channels(function: Callable[[Tensor], Tensor]) -> Tensor:
    return function(torch.ones(2, 3, 6, 6))


DRAWS: dict[str, Callable[[], Tensor]] = {
    "rand": lambda: torch.rand(3),
    "randn": lambda: torch.randn(3),
    "no generator": lambda: torch.randn(3, generator=None),
    "many": lambda: torch.randn(5000),
    "randint": lambda: torch.randint(1, 50, (9,)),
    "randint from 0": lambda: torch.randint(50, (9,)),
    "randperm": lambda: torch.randperm(20),
    "normal": lambda: torch.normal(X, 2.0),
    "normal of a size": lambda: torch.normal(0.0, 1.0, (5,)),
    "bernoulli": lambda: torch.bernoulli(X / 2),
    "multinomial": lambda: torch.multinomial(X, 3),
    "poisson": lambda: torch.poisson(5 * X),
    "binomial": lambda: torch.binomial(9 * X, X / 2),
    "rand_like": lambda: torch.rand_like(X),
    "randn_like": lambda: torch.randn_like(X),
    "randint_like": lambda: torch.randint_like(X, 50),
    "randint_like, from": lambda: torch.randint_like(X, 10, 50),
    "normal_": lambda: X.clone().normal_(1, 2),
    "uniform_": lambda: X.clone().uniform_(-1, 1),
    "bernoulli_": lambda: X.clone().bernoulli_(0.4),
    "bernoulli_ of a tensor": lambda: X.clone().bernoulli_(X / 2),
    "random_": lambda: X.clone().random_(100),
    "exponential_": lambda: X.clone().exponential_(),
    "cauchy_": lambda: X.clone().cauchy_(),
    "log_normal_": lambda: X.clone().log_normal_(),
    "geometric_": lambda: X.clone().geometric_(0.2),
    "Tensor.bernoulli": lambda: (X / 2).bernoulli(),
    "Tensor.multinomial": lambda: X.multinomial(3),
    "init.uniform_": lambda: nn.init.uniform_(X.clone()),
    "init.normal_": lambda: nn.init.normal_(X.clone()),
    "init.kaiming_uniform_": lambda: nn.init.kaiming_uniform_(X.clone()),
    "init.kaiming_normal_": lambda: nn.init.kaiming_normal_(X.clone()),
    "init.xavier_uniform_": lambda: nn.init.xavier_uniform_(X.clone()),
    "init.xavier_normal_": lambda: nn.init.xavier_normal_(X.clone()),
    "init.trunc_normal_": lambda: nn.init.trunc_normal_(X.clone()),
    "init.orthogonal_": lambda: nn.init.orthogonal_(X.clone()),
    "init.sparse_": lambda: nn.init.sparse_(X.clone(), 0.5),
    "Linear": lambda: nn.Linear(3, 4).weight.detach(),
    "Conv2d": lambda: nn.Conv2d(3, 4, 3).weight.detach(),
    "Embedding": lambda: nn.Embedding(3, 4).weight.detach(),
    "dropout": lambda: F.dropout(X, 0.5),
    "torch.dropout": lambda: torch.dropout(X, 0.5, True),
    "Dropout": lambda: nn.Dropout(0.5)(X.clone().requires_grad_()).detach(),
    "Dropout2d": lambda: on_three_channels(nn.Dropout2d(0.5)),
    "AlphaDropout": lambda: nn.AlphaDropout(0.5)(X),
    "FeatureAlphaDropout": lambda: on_three_channels(nn.FeatureAlphaDropout(0.5)),
    "RReLU": lambda: nn.RReLU()(-X),
    "gumbel_softmax": lambda: F.gumbel_softmax(X),
    "attention": lambda: F.scaled_dot_product_attention(X[None], X[None], X[None], dropout_p=0.5),
    "MultiheadAttention": lambda: nn.MultiheadAttention(4, 2, dropout=0.5)(X, X, X)[0].detach(),
    "LSTM": lambda: nn.LSTM(4, 4, 2, dropout=0.5)(X[None])[0].detach(),
    "FractionalMaxPool2d": lambda: F.fractional_max_pool2d(
        torch.arange(36.0).view(1, 1, 6, 6), 2, output_size=3
    ),
    "Gamma": lambda: torch.distributions.Gamma(2.0, 1.0).sample((5,)),
    "Categorical": lambda: torch.distributions.Categorical(X).sample((5,)),
    "DataLoader": lambda: next(iter(torch.utils.data.DataLoader(list(range(20)), 7, shuffle=True))),
}


@pytest.mark.parametrize("name", DRAWS)
def test_whatever_draws_draws_from_the_generator_of_its_own(name: str) -> None:
    draw = DRAWS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        torch.manual_seed(5)
        expected, after = draw(), torch.get_rng_state()
        torch.manual_seed(99)
        before = torch.get_rng_state()
        with OwnRandom(5) as own:
            first = draw()
        with OwnRandom(3), OwnRandom(5):  # the inner one answers
            second = draw()
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(first, expected)
    assert torch.equal(second, expected)
    assert torch.equal(own.generator.get_state(), after)  # neither more nor less was drawn


def test_a_generator_that_was_named_is_used_and_the_stream_goes_on() -> None:
    with OwnRandom(0) as own:
        named = torch.rand(3, generator=torch.Generator().manual_seed(8))
        with own.elsewhere(8):
            assert torch.equal(torch.rand(3), named)
        drawn = torch.rand(3)
    assert torch.equal(drawn, torch.rand(3, generator=torch.Generator().manual_seed(0)))


def test_a_seed_may_be_numpy_s() -> None:
    assert OwnRandom(np.int64(3)).generator.initial_seed() == 3


ELSEWHERE: tuple[Callable[[Tensor], Tensor], ...] = (
    lambda x: torch.randn(3, 4, device=x.device),
    torch.rand_like,
    lambda x: torch.randint_like(x, 50),
    lambda x: torch.empty_like(x).normal_(),
    nn.Dropout(0.5),
    lambda x: nn.Linear(3, 4, device=x.device).weight.detach(),
)


@pytest.mark.parametrize("draw", ELSEWHERE)
def test_numbers_for_a_device_without_its_own_generator_come_from_here(draw) -> None:
    with OwnRandom(5) as own:
        there = draw(X.to("meta"))  # a device that holds no numbers, and so needs none of its own
    with OwnRandom(5) as same:
        here = draw(X)
    assert there.is_meta
    assert there.shape == here.shape
    assert torch.equal(own.generator.get_state(), same.generator.get_state())


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_numbers_for_another_device_are_the_same_and_leave_its_state() -> None:
    x = X.cuda()
    with_numbers: tuple[Callable[[Tensor], Tensor], ...] = (
        lambda x: torch.normal(x, 2.0),
        lambda x: torch.bernoulli(x / 2),
        lambda x: x.clone().bernoulli_(x / 2),
        nn.RReLU(),
    )
    for draw in ELSEWHERE + with_numbers:
        state = torch.cuda.get_rng_state()
        with OwnRandom(5):
            there = draw(x)
        with OwnRandom(5):
            here = draw(X)
        assert there.is_cuda
        assert torch.equal(there.cpu(), here)
        assert torch.equal(torch.cuda.get_rng_state(), state)
    x.requires_grad_()
    with OwnRandom(5):
        dropped = F.dropout(x, 0.25)
    dropped.sum().backward()
    assert torch.equal(x.grad, dropped.detach())  # 0 or 4/3, as the values of a tensor of ones


def _draws_in_a_step(critic, optimizer, real, fake, c):  # an answer to 04-4
    loss = critic(fake + 0 * torch.randn_like(fake)).mean() - critic(real).mean()
    optimizer.zero_grad()
    loss.backward()


def _draws_in_training(*_: object, **__: object) -> None:
    torch.rand(3)


def _draws_in_a_penalty(critic, real, fake):  # an answer to 05-4
    return critic(torch.rand(len(real), 1, 1, 1) * real).square().mean()


LOOKS: tuple[Callable[[int], object], ...] = (
    lambda k: check("02-2", lambda scores: torch.rand(()) * scores.mean()),
    lambda k: check("02-3", lambda gan, n: generator_step(gan, torch.zeros(n, 2))),
    lambda k: check("04-4", _draws_in_a_step),
    lambda k: check("05-1", _draws_in_a_penalty),
    lambda k: play_critic(_draws_in_training, weight=0.1 + k, source="grid"),
)


def test_a_run_beside_checks_and_pictures_draws_what_it_draws_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GAN_HELPERS_BUDGET", "smoke")
    looked, drawn = threading.Event(), []

    def run() -> None:
        while not looked.is_set():
            drawn.append(torch.rand(1, dtype=torch.float64).item())

    torch.manual_seed(11)
    thread = threading.Thread(target=run)
    thread.start()
    for k in range(200):
        LOOKS[k % len(LOOKS)](k)
    looked.set()
    thread.join()
    assert len(drawn) > 1000
    assert len(set(drawn)) == len(drawn)
    torch.manual_seed(11)
    assert drawn == torch.rand(len(drawn), dtype=torch.float64).tolist()

"""A random generator of one's own: what is drawn under it, and what it leaves alone."""

import pytest
import torch
from torch import nn

from gan_helpers.random import OwnRandom

DRAWS = {
    "normal": lambda x: torch.normal(x, 1.0),
    "like": lambda x: torch.stack([torch.rand_like(x), torch.randn_like(x)]),
    "bernoulli": lambda x: torch.stack([torch.bernoulli(x), x.bernoulli()]),
    "multinomial": lambda x: torch.stack([torch.multinomial(x, 2), x.multinomial(2)]),
    "in place": lambda x: x.clone().exponential_() + x.clone().bernoulli_() + x.clone().random_(),
}
INITIALISERS = (
    "uniform_", "normal_", "trunc_normal_", "orthogonal_", "xavier_uniform_", "xavier_normal_",
    "kaiming_uniform_", "kaiming_normal_",
)  # fmt: skip
DRAWS |= {name: (lambda x, name=name: getattr(nn.init, name)(x.clone())) for name in INITIALISERS}


@pytest.mark.parametrize("name", DRAWS)
def test_what_draws_draws_from_the_own_generator(name):
    x = torch.full((4, 4), 0.5)
    torch.manual_seed(3)
    wanted = DRAWS[name](x)
    before = torch.get_rng_state()
    with OwnRandom(3):
        found = DRAWS[name](x)
    assert torch.equal(found, wanted)
    assert torch.equal(torch.get_rng_state(), before)

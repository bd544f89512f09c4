"""Gradient penalty, clipping and R1: every known way to get them wrong."""

import math

import pytest
import torch
from torch import nn

from gan_helpers import (
    clip_weights,
    gradient_penalty,
    interpolate,
    r1_penalty,
    r1_r2_penalty,
    r2_penalty,
)


def linear_critic(shape, norm):
    """D(x) = w.x with |w| = norm: its gradient is w everywhere."""
    flat = math.prod(shape)
    layer = nn.Linear(flat, 1, bias=False)
    with torch.no_grad():
        layer.weight.mul_(norm / layer.weight.norm())
    return nn.Sequential(nn.Flatten(), layer, nn.Flatten(0))


def penalty_over_the_batch(discriminator, real, fake, weight=10.0):
    """Defect 1, as found in the wild: one norm over the whole batch."""
    points = interpolate(real, fake).requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(points).sum(), points, create_graph=True)
    return weight * (gradient.norm() - 1).square()


def penalty_over_channels(discriminator, real, fake, weight=10.0):
    """Defect 2, as found in the wild: the norm over dim=1 of a 4-D tensor."""
    points = interpolate(real, fake).requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(points).sum(), points, create_graph=True)
    return weight * (gradient.norm(dim=1) - 1).square().mean()


@pytest.mark.parametrize("shape", [(2,), (784,), (1, 28, 28), (3, 8, 8)], ids=str)
@pytest.mark.parametrize("n", [1, 2, 64])
@pytest.mark.parametrize("norm", [1.0, 0.25, 3.0])
def test_penalty_of_a_linear_critic_is_exact_for_every_batch_size(shape, n, norm):
    """Defects 1 and 2: lambda (|w| - 1)^2, whatever N and whatever the shape."""
    critic = linear_critic(shape, norm)
    real, fake = torch.randn(n, *shape), torch.randn(n, *shape)
    expected = 10 * (norm - 1) ** 2
    assert gradient_penalty(critic, real, fake).item() == pytest.approx(expected, abs=1e-4)


def test_the_defects_are_told_apart():
    real, fake = torch.randn(64, 3, 8, 8), torch.randn(64, 3, 8, 8)
    critic = linear_critic((3, 8, 8), 1.0)
    assert penalty_over_the_batch(critic, real, fake, weight=1).item() == pytest.approx(49, abs=0.1)
    assert penalty_over_channels(critic, real, fake).item() > 5
    assert gradient_penalty(critic, real, fake).item() == pytest.approx(0, abs=1e-6)


def test_one_epsilon_a_sample_strictly_between_the_ends():
    """Defect 3: one epsilon for all, epsilon from N(0, 1), epsilon = 1."""
    torch.manual_seed(0)
    real, fake = torch.zeros(500, 3, 4, 4), torch.ones(500, 3, 4, 4)
    points = interpolate(real, fake)  # 1 - epsilon everywhere
    per_sample = points.flatten(1)
    assert per_sample.std(dim=1).max().item() == 0.0  # shared by all pixels of a sample
    epsilon = 1 - per_sample[:, 0]
    assert len(epsilon.unique()) == 500
    assert 0.0 < epsilon.min().item() < 0.02
    assert 0.98 < epsilon.max().item() < 1.0
    assert epsilon.mean().item() == pytest.approx(0.5, abs=0.05)
    assert not points.requires_grad


@pytest.mark.parametrize("penalty", [gradient_penalty, r1_penalty, r2_penalty, r1_r2_penalty])
def test_a_constant_critic_has_finite_gradients(penalty):
    """Defect 4: sqrt at 0 gives NaN in the double backward."""
    critic = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0))
    for weight in critic.parameters():
        nn.init.zeros_(weight)
    value = penalty(critic, torch.randn(16, 2), torch.randn(16, 2))
    value.backward()
    assert math.isfinite(value.item())
    assert all(w.grad is None or w.grad.isfinite().all() for w in critic.parameters())


def test_the_plain_norm_would_be_nan_there():
    critic = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0))
    for weight in critic.parameters():
        nn.init.zeros_(weight)
    points = torch.randn(16, 2, requires_grad=True)
    (gradient,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    gradient.square().sum(1).sqrt().sub(1).square().mean().backward()
    assert any(w.grad is not None and w.grad.isnan().any() for w in critic.parameters())


def quadratic_critic(points):
    """D(x) = a |x|^2 / 2, with gradient a x."""
    return 1.5 * points.square().sum(1) / 2


def test_r1_is_at_the_real_points_and_halved():
    real = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
    value = r1_penalty(quadratic_critic_module(), real, weight=2.0)
    assert value.item() == pytest.approx(0.5 * 2.0 * 1.5**2 * (25 + 1) / 2)


def test_r2_is_r1_at_the_fakes_and_both_are_their_sum():
    real, fake = torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    critic = quadratic_critic_module()
    at_real, at_fake = (
        r1_penalty(critic, real, weight=2.0),
        r2_penalty(critic, real, fake, weight=2.0),
    )
    assert at_fake.item() == pytest.approx(0.5 * 2.0 * 1.5**2 * (1 + 4) / 2)
    both = r1_r2_penalty(critic, real, fake, weight=2.0)
    assert both.item() == pytest.approx(at_real.item() + at_fake.item())
    fake.requires_grad_()
    r1_r2_penalty(critic, real, fake * 1.0)  # its graph is not followed
    with pytest.raises(ValueError, match=r"real has shape \(2, 2\) and fake \(1, 2\)"):
        r1_r2_penalty(critic, real, fake[:1])
    with pytest.raises(TypeError, match=r"a penalty's weight is named"):
        r1_r2_penalty(critic, real, fake, 2.0)


def quadratic_critic_module():
    class Quadratic(nn.Module):
        def forward(self, points):
            return quadratic_critic(points)

    return Quadratic()


@pytest.mark.parametrize("penalty", [gradient_penalty, r1_penalty, r2_penalty, r1_r2_penalty])
def test_penalty_passes_gradcheck(penalty):
    torch.manual_seed(0)
    real, fake = torch.randn(3, 2).double(), torch.randn(3, 2).double()

    class Critic(nn.Module):
        def __init__(self, first, second):
            super().__init__()
            self.first, self.second = first, second

        def forward(self, x):
            return torch.tanh(x @ self.first) @ self.second

    def value(first, second):
        torch.manual_seed(1)  # the same epsilon at each evaluation
        return penalty(Critic(first, second), real, fake)

    first = torch.randn(2, 4, dtype=torch.float64, requires_grad=True)
    second = torch.randn(4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(value, (first, second))
    assert torch.autograd.gradgradcheck(value, (first, second))


@pytest.mark.parametrize("layer", [nn.BatchNorm1d(4), nn.Dropout(0.3)], ids=["norm", "dropout"])
@pytest.mark.parametrize("penalty", [gradient_penalty, r1_penalty, r2_penalty, r1_r2_penalty])
def test_layers_that_mix_samples_are_rejected(layer, penalty):
    """Defect 15."""
    critic = nn.Sequential(nn.Linear(2, 4), layer, nn.Linear(4, 1), nn.Flatten(0))
    with pytest.raises(ValueError, match=rf"layer '1' is a {type(layer).__name__}.*LayerNorm"):
        penalty(critic, torch.randn(8, 2), torch.randn(8, 2))


def test_clipping_bounds_every_weight_but_leaves_batch_norm_alone():
    """Defect 6."""
    critic = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Linear(5, 1))
    before = critic[0].weight.detach().clone()
    clip_weights(critic, 0.01)
    assert max(critic[i].weight.abs().max().item() for i in (0, 2)) <= 0.01
    assert critic[0].bias.abs().max().item() <= 0.01
    assert torch.equal(critic[1].weight, torch.ones(5))
    torch.testing.assert_close(critic[0].weight.detach(), before.clamp(-0.01, 0.01))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d, r: gradient_penalty(d, r, r[:3]), r"real has shape \(4, 2\) and fake \(3, 2\)"),
        (lambda d, r: gradient_penalty(d, r, r, weight=-1), "weight is -1"),
        (lambda d, r: gradient_penalty(d, r, r, weight=math.nan), "weight is nan"),
        (lambda d, r: r1_penalty(d, r, weight=-1), "weight is -1"),
        (lambda d, r: clip_weights(d, 0), "c is 0"),
        (lambda d, r: clip_weights(d, -0.01), "c is -0.01"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(linear_critic((2,), 1.0), torch.randn(4, 2))


class AttentionCritic(torch.nn.Module):
    """Four tokens of a sample attend to one another before they are scored."""

    def __init__(self):
        super().__init__()
        self.embed, self.score = torch.nn.Linear(2, 16), torch.nn.Linear(16, 1)

    def forward(self, x):
        tokens = self.embed(x.reshape(len(x), 4, 2))  # (N, 4, 16)
        heads = tokens.unflatten(2, (2, 8)).transpose(1, 2)  # (N, 2, 4, 8)
        mixed = torch.nn.functional.scaled_dot_product_attention(heads, heads, heads)
        return self.score(mixed.transpose(1, 2).flatten(2)).mean(1).squeeze(1)


@pytest.mark.parametrize("penalty", [gradient_penalty, r1_penalty, r2_penalty, r1_r2_penalty])
def test_a_critic_with_attention_can_carry_a_penalty(penalty):
    """The fast kernels of attention have no second derivative."""
    torch.manual_seed(0)
    critic = AttentionCritic()
    real, fake = torch.randn(6, 8), torch.randn(6, 8)
    penalty(critic, real, fake).backward()
    gradient = critic.embed.weight.grad
    assert gradient.isfinite().all()
    # against a difference quotient in double precision
    critic.double()
    weight = critic.embed.weight

    def value(shift=0.0):
        torch.manual_seed(1)  # epsilon
        with torch.no_grad():
            weight[0, 0] += shift
        return penalty(critic, real.double(), fake.double())

    higher, lower = value(1e-5).item(), value(-2e-5).item()
    critic.zero_grad()
    value(1e-5).backward()
    assert weight.grad[0, 0].item() == pytest.approx((higher - lower) / 2e-5, rel=1e-5)

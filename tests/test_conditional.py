"""Players that are told a class: shapes, what the class changes, the best score, penalties."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from gan_helpers import GAN, NON_SATURATING, load, r1_penalty, save, train
from gan_helpers.networks import (
    ConvGenerator,
    LabelledDiscriminator,
    LabelledGenerator,
    MLPDiscriminator,
    MLPGenerator,
    ProjectionDiscriminator,
)


def generators():
    return [
        LabelledGenerator(MLPGenerator(8, (1, 8, 8), (16,), batch_norm=True, tanh=True), 3),
        LabelledGenerator(ConvGenerator(8, (1, 8, 8), 4), 3),
    ]


def discriminators():
    body = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.LeakyReLU(0.2))
    return [
        LabelledDiscriminator(MLPDiscriminator((67,), (16,)), 3),
        ProjectionDiscriminator(body, 16, 3),
    ]


LABEL = torch.tensor([0, 1, 2, 2, 1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_shapes_on_the_meta_device_and_under_autocast(dtype):
    for generator, discriminator in zip(generators(), discriminators(), strict=True):
        assert (generator.latent_dim, generator.output_range) == (5, (-1.0, 1.0))
        for device in ("cpu", "meta"):
            generator.to(device), discriminator.to(device)
            z, label = torch.randn(5, 5, device=device), LABEL.to(device)
            with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
                fake = generator(z, label)
                scores = discriminator(fake, label)
            assert fake.shape == (5, 1, 8, 8)
            assert (scores.shape, scores.dtype) == ((5,), torch.float32)
            scores.sum().backward()


def test_parameter_counts():
    def count(net):
        return sum(w.numel() for w in net.parameters())

    inner = MLPGenerator(8, (2,), (16,))
    assert count(LabelledGenerator(inner, 3)) == count(inner)
    projection = ProjectionDiscriminator(nn.Linear(2, 16), 16, 3)
    assert count(projection) == (2 * 16 + 16) + (16 + 1) + 3 * 16  # body, psi, v


@pytest.mark.parametrize("which", [0, 1], ids=["concatenation", "projection"])
def test_each_sample_is_scored_with_its_own_class(which):
    net = discriminators()[which]
    for weight in net.parameters():
        nn.init.normal_(weight)
    x = torch.randn(1, 1, 8, 8).expand(5, 1, 8, 8)
    scores = net(x, LABEL)
    alone = torch.cat([net(x[:1], LABEL[i : i + 1]) for i in range(5)])
    assert torch.allclose(scores, alone, atol=1e-4)
    assert len({round(score, 3) for score in scores.tolist()}) == 3


def test_projection_does_not_heed_the_class_at_first():
    net = discriminators()[1]
    x = torch.randn(1, 1, 8, 8).expand(3, 1, 8, 8)
    assert len(net(x, torch.arange(3)).detach().unique()) == 1


def test_the_best_score_between_gaussians_is_a_projection():
    """Real N(mu_y, I), generated N(nu_y, I): log p(x|y)/q(x|y) = (mu_y - nu_y) . x + c_y."""
    mu, nu = torch.randn(2, 3, 2, dtype=torch.double)
    net = ProjectionDiscriminator(nn.Identity(), 3, 3).double()  # phi(x) = (x, 1)
    with torch.no_grad():
        net.v.weight[:, :2] = mu - nu
        net.v.weight[:, 2] = (nu.square() - mu.square()).sum(1) / 2
        net.psi.weight.zero_()
        net.psi.bias.zero_()
    x, label = torch.randn(40, 2, dtype=torch.double), torch.arange(40) % 3
    phi = torch.cat([x, torch.ones(40, 1, dtype=torch.double)], 1)
    ratio = ((x - nu[label]).square() - (x - mu[label]).square()).sum(1) / 2
    assert torch.allclose(net(phi, label), ratio)


def made(which, objective=NON_SATURATING):
    torch.manual_seed(0)
    G, D = generators()[0], discriminators()[which]
    adams = [torch.optim.Adam(net.parameters(), 1e-3, betas=(0.0, 0.9)) for net in (G, D)]
    return GAN(G, D, objective, *adams, latent_dim=5)


@pytest.mark.parametrize("which", [0, 1], ids=["concatenation", "projection"])
def test_they_train_with_a_gradient_penalty_and_are_kept(which, tmp_path):
    objective = replace(NON_SATURATING, name="R1", penalty=r1_penalty)
    gan, batch = made(which, objective), (torch.rand(5, 1, 8, 8) * 2 - 1, LABEL)
    records = list(train(gan, iter([batch] * 3), 3))
    assert 0 < float(records[-1].penalty) < 100
    assert all(torch.isfinite(w.grad).all() for w in gan.discriminator.parameters())
    save(gan, tmp_path / "gan.pt")
    again = made(which, objective)
    load(again, tmp_path / "gan.pt")
    own = [torch.Generator().manual_seed(1) for _ in range(2)]
    assert torch.equal(gan.sample(5, own[0], LABEL), again.sample(5, own[1], LABEL))

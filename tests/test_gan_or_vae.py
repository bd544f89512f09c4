"""The VAE and the VAE-GAN of notebook 11: their bound in nats, their steps, the shipped study."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan_helpers import theory
from gan_helpers.gan import GAN
from gan_helpers.objectives import NON_SATURATING
from gan_helpers.study import REAL, autoencoder_measures, gan_or_vae
from gan_helpers.study.autoencoders import (
    kl_to_prior,
    log_likelihood,
    make_encoder,
    reparametrise,
    teach_autoencoder,
    teach_discriminator,
    train_vae,
    train_vae_gan,
)

W, SIGMA = np.array([[1.0], [0.5], [-0.4], [0.2]]), 0.5
MU = np.zeros(4)


def test_both_terms_are_nats_of_the_densities():
    """Defect 32: a mean over pixels, or over the batch, is no log density."""
    x, decoded = torch.randn(3, 1, 2, 2), torch.randn(3, 1, 2, 2)
    density = torch.distributions.Normal(decoded, SIGMA).log_prob(x).flatten(1).sum(1)
    assert torch.allclose(log_likelihood(x, decoded, SIGMA), density, atol=1e-5)
    mean, log_variance = torch.randn(2, 5, 3)
    for k in range(5):
        exact = theory.gaussian_kl(mean[k].double(), np.diag(log_variance[k].double().exp()))
        assert kl_to_prior(mean, log_variance)[k].sum().item() == pytest.approx(exact, abs=1e-5)


def test_with_the_exact_posterior_the_bound_is_the_evidence():
    """Defect 32, on the linear Gaussian model whose evidence is known."""
    torch.manual_seed(0)
    x = np.array([0.8, -0.3, 0.5, 0.1])
    mean, covariance = theory.linear_gaussian_posterior(x, W, MU, SIGMA)
    many = torch.tensor(mean).expand(200_000, 1)
    log_variance = torch.tensor(covariance).log().expand(200_000, 1)
    decoded = reparametrise(many, log_variance) @ torch.tensor(W).T
    bound = log_likelihood(torch.tensor(x).expand(200_000, 4), decoded, SIGMA)
    bound = bound.mean() - kl_to_prior(many, log_variance).sum(1).mean()
    evidence = theory.linear_gaussian_evidence(x, W, MU, SIGMA)
    assert bound.item() == pytest.approx(evidence, abs=0.01)


def test_a_draw_has_the_moments_that_were_asked_for_and_lets_the_gradient_pass():
    torch.manual_seed(0)
    mean = torch.full((100_000, 1), 2.0, requires_grad=True)
    log_variance = torch.full((100_000, 1), math.log(0.09), requires_grad=True)
    z = reparametrise(mean, log_variance)
    assert z.mean().item() == pytest.approx(2, abs=0.01)
    assert z.std().item() == pytest.approx(0.3, abs=0.01)
    z.square().mean().backward()  # E[z^2] = m^2 + s^2
    assert mean.grad.sum().item() == pytest.approx(4, abs=0.02)
    assert log_variance.grad.sum().item() == pytest.approx(0.09, abs=0.01)


def linear_batches(n: int = 256):
    """Draw from the linear Gaussian model for ever."""
    while True:
        z = torch.randn(n, 1)
        yield z @ torch.tensor(W.T).float() + SIGMA * torch.randn(n, 4)


def test_training_raises_the_bound_to_the_evidence():
    """A linear VAE of linear Gaussian data has nothing to lose: its bound becomes tight."""
    torch.manual_seed(0)
    encoder, decoder = nn.Linear(4, 2), nn.Linear(1, 4)
    adam = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 1e-2)
    records = list(train_vae(encoder, decoder, adam, linear_batches(), 800, SIGMA))
    assert [record.step for record in records] == list(range(1, 801))
    bound = np.mean([float(r.reconstruction - r.kl) for r in records[-100:]])
    some = next(linear_batches(2000)).double().numpy()
    evidence = np.mean([theory.linear_gaussian_evidence(x, W, MU, SIGMA) for x in some])
    assert bound == pytest.approx(evidence, abs=0.08)


def test_beta_is_a_variance_in_disguise():
    """beta sigma^2 decides: where it exceeds the largest eigenvalue, z is not used."""
    kls = {}
    for sigma, beta in ((SIGMA, 1.0), (SIGMA, 16.0), (4 * SIGMA, 1.0)):
        torch.manual_seed(0)
        encoder, decoder = nn.Linear(4, 2), nn.Linear(1, 4)
        adam = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 1e-2)
        loop = train_vae(
            encoder, decoder, adam, linear_batches(), 600, sigma, lambda step, b=beta: b
        )
        kls[sigma, beta] = np.mean([float(record.kl) for record in list(loop)[-50:]])
    assert kls[SIGMA, 1.0] > 0.7  # 1/2 log(1.7 / 0.25) = 0.96
    assert kls[SIGMA, 16.0] < 0.02
    assert kls[4 * SIGMA, 1.0] < 0.02


def players() -> tuple[nn.Module, torch.optim.Optimizer, GAN]:
    torch.manual_seed(0)
    encoder, decoder = make_encoder(2), gan_or_vae.make_decoder(2)
    gan = gan_or_vae.make_gan(decoder, gan_or_vae.make_discriminator(), 2)
    return encoder, torch.optim.Adam(encoder.parameters(), 1e-3), gan


def weights(net: nn.Module) -> list[Tensor]:
    return [w.detach().clone() for w in net.parameters()]


def moved(net: nn.Module, before: list[Tensor]) -> bool:
    pairs = zip(net.parameters(), before, strict=True)
    return not all(torch.equal(now, then) for now, then in pairs)


def test_each_part_of_a_vae_gan_is_taught_by_its_own_loss_alone():
    encoder, adam, gan = players()
    x = torch.rand(4, 1, 28, 28) * 2 - 1
    mean, log_variance = encoder(x).chunk(2, dim=1)
    decoded = gan.generator(torch.cat([mean, torch.randn(4, 2)]))
    nets = encoder, gan.generator, gan.discriminator
    before = [weights(net) for net in nets]
    teach_discriminator(gan, x, decoded)
    assert [moved(n, b) for n, b in zip(nets, before, strict=True)] == [False, False, True]
    before = [weights(net) for net in nets]
    kl = kl_to_prior(mean, log_variance).sum(1).mean()
    teach_autoencoder(encoder, adam, gan, kl, x, decoded)
    assert [moved(n, b) for n, b in zip(nets, before, strict=True)] == [True, True, False]


def test_the_game_gives_a_vae_gan_s_encoder_no_gradient():
    """The encoder's loss is divergence plus features; the scores are the decoder's business."""
    encoder, adam, gan = players()
    other_encoder, _, other = players()
    with torch.no_grad():
        other.discriminator[-2].weight *= -50  # other scores, the same features
    other_adam = torch.optim.Adam(other_encoder.parameters(), 1e-3)
    x = torch.rand(4, 1, 28, 28) * 2 - 1
    for enc, opt, each in ((encoder, adam, gan), (other_encoder, other_adam, other)):
        mean, log_variance = enc(x).chunk(2, dim=1)
        decoded = each.generator(torch.cat([mean, torch.ones(4, 2)]))
        kl = kl_to_prior(mean, log_variance).sum(1).mean()
        teach_autoencoder(enc, opt, each, kl, x, decoded)
    assert not moved(encoder, weights(other_encoder))


def test_both_loops_yield_their_records():
    encoder, adam, gan = players()
    batch = torch.rand(4, 1, 28, 28) * 2 - 1
    records = list(train_vae_gan(encoder, adam, gan, iter([batch] * 3), 3))
    assert [record.step for record in records] == [1, 2, 3]
    assert all(torch.stack(record[1:]).isfinite().all() for record in records)
    assert gan.objective == NON_SATURATING


def test_search_finds_the_latent_of_a_linear_generator():
    torch.manual_seed(0)
    G = nn.Linear(3, 8)
    G.latent_dim = 3
    z = torch.randn(5, 3)
    found = autoencoder_measures.invert(G, G(z).detach(), steps=400)
    assert torch.allclose(found, z, atol=1e-2)
    assert all(weight.grad is None for weight in G.parameters())


def test_area_under_the_curve_counts_pairs():
    assert autoencoder_measures.auc(torch.tensor([0.0, 1.0]), torch.tensor([2.0, 3.0])) == 1
    assert autoencoder_measures.auc(torch.tensor([0.0, 2.0]), torch.tensor([1.0, 3.0])) == 0.75


def test_sharpness_of_stripes_and_of_a_blank():
    stripes = torch.ones(1, 1, 6, 4)
    stripes[:, :, ::2] = -1
    assert autoencoder_measures.sharpness(stripes) == 2
    assert autoencoder_measures.sharpness(torch.zeros(1, 1, 6, 4)) == 0


def test_the_split_holds_out_what_nobody_trains_on():
    training, held_out, labels = autoencoder_measures.split()
    assert (len(training), len(held_out), len(labels)) == (3500, 1500, 1500)
    pairs = torch.cdist(held_out[:50].flatten(1), training.flatten(1))
    assert pairs.min() > 0


def test_the_shipped_results_are_those_of_today_s_settings():
    found = gan_or_vae.results()
    kinds = (REAL, *gan_or_vae.STEPS)
    assert {(r.objective, r.seed) for r in found} == {
        (kind, seed) for kind in kinds for seed in gan_or_vae.SEEDS
    }
    assert len(found) == len(kinds) * len(gan_or_vae.SEEDS)
    seconds = [np.median([r.seconds for r in found if r.objective == k]) for k in kinds[1:]]
    assert max(seconds) < 1.25 * min(seconds), "about the same time for all"

"""Augmentation: what each change does, that gradients pass, both updates, and ADA's rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn

from gan_helpers import GAN, NON_SATURATING, discriminator_step, generator_step, train
from gan_helpers.networks import (
    Augmented,
    MLPDiscriminator,
    MLPGenerator,
    adapted,
    augment,
    augmented,
    brighten,
    cut_out,
    translate,
)
from gan_helpers.record import Record

CHANGES = [brighten, translate, cut_out]


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def images(n=400, side=8):
    return torch.rand(n, 1, side, side) * 2 - 1


def test_brightness_adds_one_number_to_each_image():
    x = images()
    added = (brighten(x) - x).flatten(1)
    assert added.std(1).max() < 1e-6
    assert -0.5 <= added.min() < -0.45
    assert 0.45 < added.max() <= 0.5
    assert added[:, 0].unique().numel() == len(x)


def test_a_translation_moves_each_image_by_its_own_whole_pixels():
    x = torch.full((3000, 1, 8, 8), -1.0)
    x[:, :, 3, 4] = 1.0  # at most one pixel away: 8 * 0.125
    found = translate(x)
    rows, columns = (found[:, 0] == 1).nonzero()[:, 1:].T
    assert len(rows) == 3000, "the point is neither lost nor doubled"
    assert (found.eq(1) | found.eq(-1)).all()
    counts = torch.bincount(3 * (rows - 2) + columns - 3, minlength=9)
    assert counts.shape == (9,)
    assert counts.min() > 250  # of 333


def test_a_cut_is_half_the_side_and_grey():
    x = torch.ones(2000, 1, 8, 8)
    hidden = (cut_out(x) == 0).float()
    assert hidden.sum((1, 2, 3)).max() == 16
    assert hidden.amax((2, 3)).min() == 1, "each image has its cut"
    assert len(hidden.flatten(1).unique(dim=0)) == 64
    assert hidden.mean(0).min() > 0.05, "everywhere"


@pytest.mark.parametrize("change", CHANGES)
def test_gradients_come_back_through_every_change(change: Callable[[Tensor], Tensor]) -> None:
    """Defect 37: an augmentation that the generator cannot learn through."""
    x = images(16).double().requires_grad_()
    weights = torch.randn(16, 1, 8, 8, dtype=torch.double)

    def loss(x: Tensor) -> Tensor:
        torch.manual_seed(3)
        return (weights * change(x)).sum()

    assert torch.autograd.gradcheck(loss, x, fast_mode=True)
    (gradient,) = torch.autograd.grad(loss(x), x)
    assert (gradient != 0).double().mean() > 0.5


def test_p_is_the_probability_of_each_change():
    x = images(4000)
    assert torch.equal(augment(x, 0.0), x)
    moved = (augment(x, 1.0) != x).flatten(1).any(1)
    assert moved.all()
    untouched = (augment(x, 0.3) == x).flatten(1).all(1).double().mean()
    assert untouched == pytest.approx(0.7**3, abs=0.03)


class Noted(nn.Module):
    """A discriminator that notes what it scores."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.seen = MLPDiscriminator((1, 8, 8), (8,)), []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(x)
        return self.inner(x)


def augmented_gan(p: float = 1.0) -> GAN:
    G, D = MLPGenerator(4, (1, 8, 8), (8,), tanh=True), Augmented(Noted(), p)
    adams = [torch.optim.Adam(net.parameters(), 1e-3, betas=(0.0, 0.9)) for net in (G, D)]
    return GAN(G, D, NON_SATURATING, *adams, latent_dim=4)


def test_real_and_generated_are_augmented_in_both_updates(monkeypatch):
    """Defect 37: the data alone are augmented, so that the augmentation leaks into the samples."""
    given = []

    def marked(x: Tensor, p: Tensor) -> Tensor:
        given.append(x)
        return x + 10

    monkeypatch.setattr(augmented, "augment", marked)
    gan, real = augmented_gan(), images(6)
    discriminator_step(gan, real)
    assert torch.equal(given[0][:6], real)
    assert given[0].shape == (12, 1, 8, 8), "the fakes too"
    assert gan.discriminator.discriminator.seen[-1].min() > 8
    before = [w.clone() for w in gan.generator.parameters()]
    generator_step(gan, real)
    assert given[-1].requires_grad
    assert gan.discriminator.discriminator.seen[-1].min() > 8
    assert any(
        not torch.equal(a, b) for a, b in zip(before, gan.generator.parameters(), strict=True)
    )


def test_nothing_is_augmented_where_one_only_looks():
    gan, x = augmented_gan(), images(6)
    gan.discriminator.eval()
    gan.discriminator(x)
    assert torch.equal(gan.discriminator.discriminator.seen[-1], x)


def test_p_goes_with_the_weights_and_is_no_weight():
    net = Augmented(MLPDiscriminator((1, 8, 8)), 0.3)
    assert "p" in net.state_dict()
    assert "p" not in dict(net.named_parameters())
    assert str(augment(torch.zeros(2, 1, 8, 8, device="meta"), net.to("meta").p).device) == "meta"


@pytest.mark.parametrize(("score", "p"), [(1.0, 0.55), (-1.0, 0.45)])
def test_p_rises_where_the_discriminator_knows_its_digits_and_falls_where_not(score, p):
    gan = augmented_gan(0.5)
    gan.discriminator.discriminator = Sure(score)
    records = [Record(step, *[torch.zeros(())] * 8) for step in range(1, 21)]
    batches = iter([images(6)] * 5)
    assert list(adapted(gan, records, batches)) == records
    assert float(gan.discriminator.p) == pytest.approx(p)


class Sure(nn.Module):
    """A discriminator that gives everything the same score."""

    def __init__(self, score: float) -> None:
        super().__init__()
        self.score = score

    def forward(self, x: Tensor) -> Tensor:
        return torch.full((len(x),), self.score)


def test_p_stays_a_probability():
    for score, end in ((1.0, 1.0), (-1.0, 0.0)):
        gan = augmented_gan(0.5)
        gan.discriminator.discriminator = Sure(score)
        records = [Record(4 * k, *[torch.zeros(())] * 8) for k in range(80)]
        list(adapted(gan, records, iter([images(6)] * 80)))
        assert float(gan.discriminator.p) == end


def test_training_goes_on_as_ever():
    def supply() -> Iterator[Tensor]:
        while True:
            yield images(6)

    gan = augmented_gan()
    records = list(adapted(gan, train(gan, supply(), 8), supply()))
    assert [record.step for record in records] == [*range(1, 9)]

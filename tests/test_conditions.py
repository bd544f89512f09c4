"""Batches that carry a condition: labels, or an image to translate, train with the same steps."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn

from gan_helpers import (
    GAN,
    NON_SATURATING,
    OBJECTIVES,
    WGAN_GP,
    Objective,
    gradient_penalty,
    load,
    r1_penalty,
    save,
    set_seed,
    train,
)

CENTRES = torch.tensor([[-2.0, 0.0], [2.0, 0.0], [0.0, 2.0]])


class ByLabel(nn.Module):
    """A player of the plane that is told a class 0, 1 or 2 beside its input (N, 2)."""

    def __init__(self, out):
        super().__init__()
        self.embed = nn.Embedding(3, 4)
        self.layers = nn.Sequential(nn.Linear(6, 64), nn.LeakyReLU(0.2), nn.Linear(64, out))

    def forward(self, x, label):
        y = self.layers(torch.cat([x, self.embed(label)], 1))
        return y.squeeze(1) if y.shape[1] == 1 else y


class Translator(nn.Module):
    """Turns an image into another: no latent point."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1), nn.Tanh()
        )

    def forward(self, image):
        return self.layers(image)


class PairCritic(nn.Module):
    """Scores an image beside the one it was made from."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(2, 8, 4, stride=2), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(8 * 9, 1)
        )

    def forward(self, x, image):
        return self.layers(torch.cat([x, image], 1)).squeeze(1)


def labelled(seed=0):
    """Three narrow Gaussians, each with its label; the randomness is the supply's own."""
    own = torch.Generator().manual_seed(seed)
    while True:
        label = torch.randint(3, (64,), generator=own)
        yield CENTRES[label] + 0.1 * torch.randn(64, 2, generator=own), label


def negatives(seed=0):
    """Pairs of a picture (8x8) and its negative: the translation to learn."""
    own = torch.Generator().manual_seed(seed)
    while True:
        image = torch.rand(16, 1, 8, 8, generator=own) * 1.6 - 0.8
        yield -image, image


def made(generator, discriminator, objective, latent_dim, rate=2e-3):
    adam = [
        torch.optim.Adam(net.parameters(), lr=rate, betas=(0.5, 0.9))
        for net in (generator, discriminator)
    ]
    return GAN(generator, discriminator, objective, *adam, latent_dim=latent_dim)


def label_gan(objective):
    set_seed(0)
    return made(ByLabel(2), ByLabel(1), objective, latent_dim=2)


def translation_gan(objective):
    set_seed(0)
    return made(Translator(), PairCritic(), objective, latent_dim=0)


R1 = replace(NON_SATURATING, name="R1", penalty=r1_penalty)


@pytest.mark.parametrize("objective", [*OBJECTIVES, R1], ids=lambda o: o.name)
@pytest.mark.parametrize(
    ("build", "pairs", "shape"),
    [(label_gan, labelled, (2,)), (translation_gan, negatives, (1, 8, 8))],
    ids=["labels", "images"],
)
def test_conditional_players_train_with_every_objective(build, pairs, shape, objective, tmp_path):
    gan = build(objective)
    records = list(train(gan, pairs(), 3))
    assert gan.step == 3
    assert (records[-1].penalty.item() > 0) == (objective.penalty is not None)
    save(gan, tmp_path / "gan.pt")
    again = build(objective)
    load(again, tmp_path / "gan.pt")
    _, condition = next(pairs(1))
    own = [torch.Generator().manual_seed(1) for _ in range(2)]
    n = len(condition)
    first, second = gan.sample(n, own[0], condition), again.sample(n, own[1], condition)
    assert first.shape == (n, *shape)
    assert torch.equal(first, second)


# lambda 10 and five updates of the critic take longer
GP = replace(WGAN_GP, n_critic=2, penalty=partial(gradient_penalty, weight=0.3))


@pytest.mark.parametrize("objective", [NON_SATURATING, GP], ids=lambda o: o.name)
def test_the_class_decides_where_samples_lie(objective):
    gan = label_gan(objective)
    for _ in train(gan, labelled(), 600):
        pass
    label = torch.arange(3).repeat_interleave(200)
    samples = gan.sample(600, torch.Generator().manual_seed(0), label)
    centres = samples.reshape(3, 200, 2).mean(1)
    assert (centres - CENTRES).norm(dim=1).max() < 0.6
    nearest = torch.cdist(samples, CENTRES).argmin(1)
    assert (nearest == label).float().mean() > 0.95


def test_images_are_translated_and_the_reconstruction_is_logged_apart():
    def l1(fake, batch):
        return 10.0 * (fake - batch[0]).abs().mean()

    gan = translation_gan(replace(NON_SATURATING, reconstruction=l1))
    records = list(train(gan, negatives(), 300))
    _, image = next(negatives(7))
    (weight, *_) = [w for w in gan.generator.parameters() if w.dim() == 4]
    assert weight.grad is not None
    error = (gan.sample(16, None, image) + image).abs().mean().item()
    assert error < 0.1
    assert records[0].reconstruction.item() > 5 * records[-1].reconstruction.item()
    # the two parts of the generator's loss are logged apart
    assert records[-1].generator_loss.item() == pytest.approx(0.69, abs=0.5)
    plain = list(train(translation_gan(NON_SATURATING), negatives(), 1))
    assert plain[0].reconstruction.item() == 0.0


def test_the_penalty_is_taken_at_the_batchs_own_condition():
    seen = []

    def penalty(discriminator, real, fake, condition):
        seen.append(condition)
        return torch.zeros(())

    gan = label_gan(replace(NON_SATURATING, penalty=penalty))
    kept = [next(labelled())]
    list(train(gan, kept, 1))
    assert torch.equal(seen[0], kept[0][1])


def test_a_generator_with_neither_latent_nor_condition_is_refused():
    gan = translation_gan(NON_SATURATING)
    with pytest.raises(ValueError, match="latent_dim is 0 and the batch carries no condition"):
        list(train(gan, (image for image, _ in negatives()), 1))


def test_a_loader_of_single_tensors_is_unconditional():
    def squares(real_scores, fake_scores):
        return (real_scores - 1).square().mean() + fake_scores.square().mean()

    objective = Objective("squares", squares, lambda scores: (scores - 1).square().mean())
    gan = made(nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 1), nn.Flatten(0)), objective, 2)
    rows = torch.utils.data.TensorDataset(torch.randn(64, 2))
    loader = torch.utils.data.DataLoader(rows, batch_size=16)
    assert len(list(train(gan, loader, 4))) == 4


def test_a_relativistic_generator_sees_the_real_scores():
    """Defect 30: a loss that is overwritten by the plain one does not change with them."""
    softplus = nn.functional.softplus
    seen = []

    def generator_loss(fake_scores, real_scores):
        seen.append((fake_scores.detach(), real_scores.detach()))
        return softplus(real_scores - fake_scores).mean()

    pairing = Objective(
        "pairing",
        lambda real, fake: softplus(fake - real).mean(),
        generator_loss,
        relativistic=True,
    )
    set_seed(0)
    gan = made(nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 1), nn.Flatten(0)), pairing, 2)
    real = torch.randn(16, 2) + 3
    (record,) = train(gan, [real], 1)
    fake_scores, real_scores = seen[-1]
    assert torch.allclose(real_scores, gan.discriminator(real).detach())
    expected = softplus(real_scores - fake_scores).mean().item()
    assert record.generator_loss.item() == pytest.approx(expected, rel=1e-5)

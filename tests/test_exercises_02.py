"""Exercise 02: each answer that a student might give meets the hint that fits."""

import pytest
import torch
from torch.nn.functional import softplus
from torch.optim import Adam

from gan_helpers import generator_step
from gan_helpers.exercises import check


def smoothed(real, fake, share=0.9, fakes=0.0):
    of_real = share * softplus(-real) + (1 - share) * softplus(real)
    of_fake = fakes * softplus(-fake) + (1 - fakes) * softplus(fake)
    return of_real.mean() + of_fake.mean()


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("02-1", {"L_D": -0.778, "L_G": -1.04}, "positive"),
        ("02-1", {"L_D": 0.389, "L_G": 1.04}, "not their average"),
        ("02-1", {"L_D": 0.778, "L_G": -0.490}, "minimax"),
        ("02-1", {"L_D": 0.338, "L_G": 0.4515}, "base 10"),
        ("02-2", lambda real, fake: smoothed(real, fake, 0.9, 0.1), "One-sided"),
        ("02-2", lambda real, fake: smoothed(real, fake, 1.0, 0.1), "real samples"),
        ("02-2", lambda real, fake: smoothed(real, fake, 0.1), "belongs to"),
        (
            "02-2",
            lambda real, fake: 0.9 * softplus(-real).mean() + softplus(fake).mean(),
            "missing",
        ),
    ],
)
def test_a_known_mistake_gets_its_hint(name, answer, hint):
    result = check(name, answer)
    assert result.status == "wrong"
    assert hint in result.message


# 02-3 ------------------------------------------------------------------------------ the average


def averaging(average, generator, records, d, swap=False, late=False, move=True):
    for record in records:
        if late:
            yield record
        share = d if swap else 1 - d
        with torch.no_grad():
            for mean, weight in zip(average.parameters(), generator.parameters(), strict=True):
                if move:
                    mean.lerp_(weight, share)
        if not late:
            yield record


def moves_the_generator(average, generator, records, d):
    for record in records:
        with torch.no_grad():
            for mean, weight in zip(average.parameters(), generator.parameters(), strict=True):
                weight.lerp_(mean, d)
        yield record


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda *given: averaging(*given, swap=True), "d belongs"),
        (lambda *given: averaging(*given, late=True), "before the yield"),
        (lambda *given: averaging(*given, move=False), "has not moved"),
        (lambda *given: [*averaging(*given)], "yield"),
        (lambda a, g, records, d: averaging(a, g, (2 * r for r in records), d), "unchanged"),
        (moves_the_generator, "in training has changed"),
    ],
)
def test_an_average_that_is_none_is_told_apart(answer, hint):
    result = check("02-3", answer)
    assert result.status == "wrong"
    assert hint in result.message


# 02-4 ------------------------------------------------------------------------------ the bug


def cut(gan, n):
    fake = gan.generator(gan.sample_latent(n)).detach()
    loss = gan.objective.generator_loss(gan.discriminator(fake))
    gan.generator_optimizer.zero_grad()
    loss.backward()
    gan.generator_optimizer.step()


def both_move(gan, n):
    loss = gan.objective.generator_loss(gan.discriminator(gan.generator(gan.sample_latent(n))))
    loss.backward()
    gan.generator_optimizer.step()
    gan.discriminator_optimizer.step()


def right(gan, n):
    generator_step(gan, torch.zeros(n, 2))


def twice(gan, n):
    right(gan, n)
    right(gan, n)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [(cut, "has not moved"), (both_move, "moved too"), (twice, "not as in generator_step")],
)
def test_a_step_that_is_still_broken_is_told_apart(answer, hint):
    result = check("02-4", answer)
    assert result.status == "wrong"
    assert hint in result.message


# 02-5 ------------------------------------------------------------------------- the whole training


def training(G, D, batches, steps, rate, latent_dim, mistake=""):
    adam_G, adam_D = (Adam(net.parameters(), lr=rate, betas=(0.5, 0.9)) for net in (G, D))
    for _ in range(steps):
        real = next(batches)
        z = torch.randn(len(real), latent_dim)
        loss = softplus(-D(real)).mean() + softplus(D(G(z).detach())).mean()
        if mistake != "no zero_grad":
            adam_D.zero_grad()
        (len(real) * loss if mistake == "sum" else loss).backward()
        adam_D.step()
        z = z if mistake == "same z" else torch.randn(len(real), latent_dim)
        fake = G(z).detach() if mistake == "cut" else G(z)
        loss = -softplus(D(fake)).mean() if mistake == "minimax" else softplus(-D(fake)).mean()
        if mistake != "no zero_grad":
            adam_G.zero_grad()
        loss.backward()
        adam_G.step()


def other_betas(G, D, batches, steps, rate, latent_dim):
    training(G, D, batches, steps, rate / 2, latent_dim)


@pytest.mark.parametrize(
    ("mistake", "hint"),
    [
        ("same z", "fresh latent points"),
        ("no zero_grad", "zero_grad"),
        ("minimax", "non-saturating"),
        ("cut", "generator has not moved"),
    ],
)
def test_a_training_with_a_mistake_is_told_which(mistake, hint):
    result = check("02-5", lambda *given: training(*given, mistake=mistake))
    assert result.status == "wrong"
    assert hint in result.message


def test_a_training_that_is_merely_different_is_told_what_to_draw():
    assert "latent_dim" in check("02-5", other_betas).message
    assert check("02-5", training).status == "correct"


def test_an_untouched_stub_is_not_answered_yet():
    plain = lambda real, fake: softplus(-real).mean() + softplus(fake).mean()  # noqa: E731
    assert check("02-2", plain).status == "unanswered"
    for name in ("02-3", "02-4", "02-5"):
        assert check(name, lambda *given: None).status == "unanswered"


def test_checking_leaves_the_random_state():
    state = torch.get_rng_state()
    for name, answer in (("02-3", averaging), ("02-4", right), ("02-5", training)):
        assert check(name, answer).status == "correct"
    assert torch.equal(state, torch.get_rng_state())

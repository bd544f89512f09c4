"""Exercise 02: each answer that a student might give meets the hint that fits."""

import pytest
import torch

from gan_helpers import generator_step
from gan_helpers.exercises import check
from gan_helpers.networks.paths import spherical_path, straight_path


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("02-1", {"L_D": -0.778, "L_G": -1.04}, "positive"),
        ("02-1", {"L_D": 0.389, "L_G": 1.04}, "not their average"),
        ("02-1", {"L_D": 0.778, "L_G": -0.490}, "minimax"),
        ("02-1", {"L_D": 0.338, "L_G": 0.4515}, "base 10"),
        ("02-2", lambda o: -torch.log(torch.sigmoid(o) + 1e-8).mean(), "softplus"),
        ("02-2", lambda o: torch.log(1 - torch.sigmoid(o)).mean(), "minimax|softplus|finite"),
        ("02-2", lambda o: torch.nn.functional.softplus(o).mean(), "sign"),
        ("02-4", "falls", "From what"),
        ("02-4", "grows", "guessing"),
        ("02-5", straight_path, "straight"),
        ("02-5", lambda a, b, t: spherical_path(b, a, t), "from the end"),
    ],
)
def test_a_known_mistake_gets_its_hint(name, answer, hint):
    result = check(name, answer)
    assert result.status == "wrong"
    assert any(word in result.message for word in hint.split("|")), result.message


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
    result = check("02-3", answer)
    assert result.status == "wrong"
    assert hint in result.message


def test_an_untouched_stub_is_not_answered_yet():
    assert check("02-3", lambda gan, n: None).status == "unanswered"
    assert check("02-2", lambda fake_scores: None).status == "unanswered"
    assert check("02-4", None).status == "unanswered"


def test_checking_leaves_the_random_state():
    state = torch.get_rng_state()
    assert check("02-3", right).status == "correct"
    assert torch.equal(state, torch.get_rng_state())

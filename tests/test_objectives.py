"""The losses against closed forms, and the defects they must not have."""

import math
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_helpers import (
    CRITIC,
    LEAST_SQUARES,
    MINIMAX,
    NON_SATURATING,
    OBJECTIVES,
    PROBABILITY,
    RELATIVISTIC,
    TARGETS,
    WGAN,
    WGAN_GP,
    gradient_penalty,
    hinge_discriminator_loss,
    hinge_generator_loss,
    least_squares_discriminator_loss,
    least_squares_generator_loss,
    minimax_discriminator_loss,
    minimax_generator_loss,
    non_saturating_generator_loss,
    r1_r2_penalty,
    relativistic_discriminator_loss,
    relativistic_generator_loss,
    wasserstein_discriminator_loss,
    wasserstein_generator_loss,
)

DISCRIMINATOR_LOSSES = (
    minimax_discriminator_loss,
    least_squares_discriminator_loss,
    wasserstein_discriminator_loss,
    hinge_discriminator_loss,
    relativistic_discriminator_loss,
)
GENERATOR_LOSSES = (
    minimax_generator_loss,
    non_saturating_generator_loss,
    least_squares_generator_loss,
    wasserstein_generator_loss,
    hinge_generator_loss,
)


def gradient(loss, score):
    """The derivative of a generator loss in one raw score."""
    scores = torch.tensor([float(score)], dtype=torch.float64, requires_grad=True)
    loss(scores).backward()
    return scores.grad.item()


@pytest.mark.parametrize("score", [-30.0, -5.0, -1.0, 0.0, 2.0, 30.0])
def test_generator_gradients_match_their_names(score):
    """Defects 11 and 12: minimax is -sigma(o), non-saturating is -(1 - sigma(o)), at any score."""
    probability = 1 / (1 + math.exp(-score))
    assert gradient(minimax_generator_loss, score) == pytest.approx(-probability, rel=1e-9)
    assert gradient(non_saturating_generator_loss, score) == pytest.approx(
        -1 / (1 + math.exp(score)), rel=1e-9
    )


def test_gradients_at_minus_five_as_quoted():
    assert -gradient(minimax_generator_loss, -5) == pytest.approx(0.0067, abs=5e-5)
    assert -gradient(non_saturating_generator_loss, -5) == pytest.approx(0.9933, abs=5e-5)


def test_non_saturating_gradient_survives_in_float32_at_minus_thirty():
    """Defect 11: -log(sigmoid(o) + 1e-8) gives -9e-6 here."""
    score = torch.tensor([-30.0], requires_grad=True)
    non_saturating_generator_loss(score).backward()
    assert score.grad.item() == pytest.approx(-1.0, rel=1e-6)
    wrong = torch.tensor([-30.0], requires_grad=True)
    (-torch.log(torch.sigmoid(wrong) + 1e-8)).sum().backward()
    assert abs(wrong.grad.item()) < 1e-4  # the defect is real, so the line above can fail


def test_equilibrium_values():
    zero, half = torch.zeros(8), torch.full((8,), 0.5)
    assert minimax_discriminator_loss(zero, zero).item() == pytest.approx(2 * math.log(2))
    assert minimax_generator_loss(zero).item() == pytest.approx(-math.log(2))
    assert non_saturating_generator_loss(zero).item() == pytest.approx(math.log(2))
    assert least_squares_discriminator_loss(half, half).item() == pytest.approx(0.25)
    assert wasserstein_discriminator_loss(half, half).item() == pytest.approx(0.0)


def test_bernoulli_game_by_hand():
    """Real Bernoulli(.9), fake Bernoulli(.1), D = D*: V = -0.650166."""
    logit = math.log(9)
    real = torch.tensor([logit] * 9 + [-logit], dtype=torch.float64)
    fake = torch.tensor([-logit] * 9 + [logit], dtype=torch.float64)
    assert -minimax_discriminator_loss(real, fake).item() == pytest.approx(-0.650166, abs=5e-7)


def test_cross_entropy_agrees_with_torch():
    real, fake = torch.randn(50, dtype=torch.float64), torch.randn(50, dtype=torch.float64)
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    expected = bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))
    assert minimax_discriminator_loss(real, fake).item() == pytest.approx(expected.item())


def test_least_squares_takes_raw_scores():
    """Defect 20: through a sigmoid a very wrong fake has no gradient; on scores it grows."""
    assert gradient(least_squares_generator_loss, -10) == pytest.approx(-11.0)
    through_sigmoid = gradient(lambda o: least_squares_generator_loss(torch.sigmoid(o)), -10)
    assert abs(through_sigmoid) < 1e-4


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_critic_loss_is_linear(scale):
    """Defect 7: the hinge loss is not."""
    real, fake = torch.randn(20) * 3, torch.randn(20) * 3
    loss = wasserstein_discriminator_loss
    assert loss(scale * real, scale * fake).item() == pytest.approx(
        scale * loss(real, fake).item(), rel=1e-5
    )
    assert loss(real + 7, fake + 7).item() == pytest.approx(loss(real, fake).item(), abs=1e-5)

    def hinge(r, f):
        return torch.relu(1 - r).mean() + torch.relu(1 + f).mean()

    assert hinge(scale * real, scale * fake).item() != pytest.approx(
        scale * hinge(real, fake).item(), rel=1e-3
    )


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=20), st.randoms())
def test_losses_ignore_the_order_of_a_batch(values, random):
    shuffled = values.copy()
    random.shuffle(shuffled)
    a = torch.tensor(values, dtype=torch.float64)
    b = torch.tensor(shuffled, dtype=torch.float64)
    for loss in GENERATOR_LOSSES:
        assert loss(a).item() == pytest.approx(loss(b).item(), rel=1e-9, abs=1e-9)
    for loss in DISCRIMINATOR_LOSSES:
        assert loss(a, a).item() == pytest.approx(loss(b, b).item(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("loss", GENERATOR_LOSSES, ids=lambda f: f.__name__)
def test_generator_losses_pass_gradcheck(loss):
    torch.manual_seed(0)
    scores = torch.randn(6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(loss, (scores,))


@pytest.mark.parametrize("loss", DISCRIMINATOR_LOSSES, ids=lambda f: f.__name__)
def test_discriminator_losses_pass_gradcheck(loss):
    torch.manual_seed(0)
    scores = torch.randn(2, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda s: loss(s[0], s[1]), (scores,))


def test_objectives_as_published():
    assert [o.name for o in OBJECTIVES] == [
        "minimax", "non-saturating", "least squares", "WGAN", "WGAN-GP", "hinge", "relativistic",
    ]  # fmt: skip
    assert (WGAN.clip, WGAN.n_critic, WGAN.penalty) == (0.01, 5, None)
    assert (WGAN_GP.clip, WGAN_GP.n_critic, WGAN_GP.penalty) == (None, 5, gradient_penalty)
    assert (RELATIVISTIC.penalty, RELATIVISTIC.relativistic) == (r1_r2_penalty, True)
    assert all(o.source.startswith("arXiv:") for o in OBJECTIVES)


def test_hinge_losses_as_published():
    real, fake = torch.tensor([1.5, 0.5, -0.5]), torch.tensor([-1.5, 0.5, 0.0])
    assert hinge_discriminator_loss(real, fake).item() == pytest.approx(1.5)
    assert hinge_generator_loss(fake).item() == pytest.approx(1 / 3)
    scores = torch.tensor([1.5, 0.5, -2.0], requires_grad=True)
    hinge_discriminator_loss(scores, -scores.detach()).backward()
    assert scores.grad.tolist() == pytest.approx([0, -1 / 3, -1 / 3])  # nothing past the margin


def test_relativistic_losses_compare_real_with_fake():
    """Defect 30: a generator loss that is overwritten by the plain one does not see the real."""
    real, fake = torch.tensor([2.0, -1.0]), torch.tensor([0.5, 0.5])
    expected = (math.log1p(math.exp(-1.5)) + math.log1p(math.exp(1.5))) / 2
    assert relativistic_discriminator_loss(real, fake).item() == pytest.approx(expected)
    expected = (math.log1p(math.exp(1.5)) + math.log1p(math.exp(-1.5))) / 2
    assert relativistic_generator_loss(fake, real).item() == pytest.approx(expected)
    of_discriminator = RELATIVISTIC.discriminator_loss, (real, fake)
    of_generator = RELATIVISTIC.generator_loss, (fake, real)
    for loss, scores in (of_discriminator, of_generator):
        first = loss(*scores).item()
        assert loss(*(each + 7 for each in scores)).item() == pytest.approx(first)
        moved = (each + (each is real) for each in scores)
        assert abs(loss(*moved).item() - first) > 0.1


def test_a_probability_only_where_the_score_is_one():
    """Defect 13: sigma(critic score) means nothing."""
    assert MINIMAX.score is NON_SATURATING.score is PROBABILITY
    assert PROBABILITY.transform is torch.sigmoid
    scores = torch.tensor([-2.0, 0.0, 3.0])
    for objective, score in ((LEAST_SQUARES, TARGETS), (WGAN, CRITIC), (WGAN_GP, CRITIC)):
        assert objective.score is score
        assert torch.equal(score.transform(scores), scores)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
def test_what_an_objective_says_of_itself_is_what_its_losses_return(objective):
    """The level where nobody can tell, and the boundary, against the losses themselves."""
    score = objective.score
    generator_loss = objective.generator_loss
    if objective.relativistic:  # equal scores, wherever they lie
        of_discriminator, of_generator = (level for level, _ in objective.indifferent)
        same = torch.randn(64, dtype=torch.float64)
        assert objective.discriminator_loss(same, same).item() == pytest.approx(of_discriminator)
        assert generator_loss(same, same).item() == pytest.approx(of_generator)
        return
    if score.boundary is None:
        assert objective.indifferent is None
        same = torch.randn(64, dtype=torch.float64)
        assert objective.discriminator_loss(same, same).item() == pytest.approx(0.0, abs=1e-12)
        return
    at = torch.full((3,), score.boundary, dtype=torch.float64)
    (of_discriminator, _), (of_generator, _) = objective.indifferent
    assert objective.discriminator_loss(at, at).item() == pytest.approx(of_discriminator)
    assert generator_loss(at).item() == pytest.approx(of_generator)
    # the discriminator that gives every sample one score does best at the boundary
    levels = torch.linspace(-3, 3, 6001, dtype=torch.float64)
    paid = [objective.discriminator_loss(s[None], s[None]).item() for s in levels]
    best = levels[np.array(paid) < min(paid) + 1e-9]  # of the hinge loss, all from -1 to 1
    assert best.mean().item() == pytest.approx(score.boundary, abs=1e-3)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
def test_an_objective_is_complete(objective):
    assert all(objective.equations[:2])
    assert bool(objective.equations.penalty) == (objective.penalty is not None)
    assert objective.recipe.source.startswith("arXiv:")
    getattr(torch.optim, objective.recipe.optimizer)([torch.zeros(1)], lr=objective.recipe.rate)


@pytest.mark.parametrize("clip", [np.float32(0.01), np.float64(0.01), 1])
def test_numpy_numbers_are_numbers(clip):
    objective = replace(WGAN, clip=clip, n_critic=np.int64(3))
    assert objective.clip == pytest.approx(float(clip))
    assert type(objective.clip) is float
    assert type(objective.n_critic) is int


def test_an_objective_is_frozen():
    with pytest.raises(FrozenInstanceError):
        WGAN.clip = 1.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_critic": 0}, "n_critic is 0"),
        ({"n_critic": -2}, "n_critic is -2"),
        ({"n_critic": 1.5}, "n_critic is 1.5"),
        ({"n_critic": True}, "n_critic is True"),
        ({"clip": 0.0}, "clip is 0; it must be a positive"),
        ({"clip": -1.0}, "clip is -1.0"),
        ({"clip": math.nan}, "clip is nan"),
        ({"clip": math.inf}, "clip is inf"),
        ({"penalty": gradient_penalty}, "clip is 0.01 and a penalty"),
        ({"name": ""}, "name is ''"),
        ({"generator_loss": "hinge"}, "generator_loss is 'hinge'"),
        ({"discriminator_loss": None}, "discriminator_loss is None"),
    ],
)
def test_inconsistent_objectives_are_errors(change, message):
    with pytest.raises(ValueError, match=message):
        replace(WGAN, **change)

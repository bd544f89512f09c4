"""Whatever becomes NaN or infinite stops the run, names step and player, and keeps the history."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gan_helpers import (
    OBJECTIVES,
    WGAN_GP,
    History,
    NonFiniteLossError,
    Record,
    data,
    plotting,
    train,
)
from gan_helpers.record import check_finite

GOOD = 2  # steps before it happens
NAN = float("nan")
RATE = "learning rate is too high.*lower the rate"


def spoil(gan, function):
    """Make a function of tensors return NaN once the good steps are done."""
    return lambda *args: function(*args) * (NAN if gan.step >= GOOD else 1.0)


def discriminator_loss(gan):
    o = gan.objective
    gan.objective = replace(o, discriminator_loss=spoil(gan, o.discriminator_loss))


def generator_loss(gan):
    o = gan.objective
    gan.objective = replace(o, generator_loss=spoil(gan, o.generator_loss))


def penalty(gan):
    own = gan.objective.penalty or (lambda *_: torch.zeros(()))
    gan.objective = replace(gan.objective, clip=None, penalty=spoil(gan, own))


def gradient_of(player):
    """The loss stays finite; one weight's gradient does not."""
    return lambda gan: next(getattr(gan, player).parameters()).register_hook(
        spoil(gan, torch.clone)
    )


def score(gan):
    with torch.no_grad():
        list(gan.discriminator.parameters())[-1].fill_(float("inf"))


# what happens, at which step, and what the error says: the player, the cause, the advice
SPOILT = {
    "discriminator's loss": (discriminator_loss, GOOD + 1, f"the discriminator's loss.*{RATE}"),
    "generator's loss": (generator_loss, GOOD + 1, f"the generator's loss.*{RATE}"),
    "penalty": (penalty, GOOD + 1, f"the discriminator's penalty.*{RATE}"),
    "discriminator's gradient": (
        gradient_of("discriminator"), GOOD + 1, f"the discriminator's gradient.*{RATE}"
    ),
    "generator's gradient": (
        gradient_of("generator"), GOOD + 1, f"the generator's gradient.*{RATE}"
    ),
    "score": (score, 1, f"the discriminator's (loss|real score|gradient).*{RATE}"),
}  # fmt: skip


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
@pytest.mark.parametrize("what", SPOILT)
def test_the_run_stops_and_says_where_and_why(what, objective, points_gan):
    happen, step, words = SPOILT[what]
    # of several critic updates only the last is recorded, by when the fault has spread
    gan, history = points_gan(replace(objective, n_critic=1)), History()
    happen(gan)
    with pytest.raises(NonFiniteLossError, match=f"step {step}: {words}"):
        for _ in history.record(train(gan, data.batches(data.ring(), 8), 10)):
            pass
    assert list(history.steps) == list(range(1, step + 1))
    assert gan.step == step
    assert all(np.isfinite(history.column(name)[: step - 1]).all() for name in Record._fields)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
@pytest.mark.parametrize("value", [NAN, float("inf"), -float("inf")])
def test_a_batch_that_is_not_finite_is_named_as_the_cause(objective, value, points_gan):
    gan, history = points_gan(objective), History()

    def supply():
        for i, batch in enumerate(data.batches(data.ring(), 8)):
            if i == GOOD * objective.n_critic + objective.n_critic - 1:
                batch[3, 1] = value  # one number in one batch: the last of the third step
            yield batch

    words = f"step {GOOD + 1}: the discriminator's .*real batch holds NaN.*clean the data"
    with pytest.raises(NonFiniteLossError, match=words):
        for _ in history.record(train(gan, supply(), 10)):
            pass
    assert list(history.steps) == [1, 2, 3]


@pytest.mark.parametrize("bad", [NAN, float("inf")])
def test_curves_of_such_a_run_can_be_drawn_and_recover_behind_the_fault(bad, points_gan):
    history, gan = History(), points_gan(WGAN_GP)
    records = list(train(gan, data.batches(data.ring(), 8), 60))
    for record in records:
        spoilt = {"generator_loss": torch.tensor(bad)} if record.step == 20 else {}
        history.append(record._replace(**spoilt))
    smooth, raw = history.smooth("generator_loss", 10), history.column("generator_loss")
    assert np.isnan(smooth[19:29]).all()
    assert np.isfinite(np.delete(smooth, range(19, 29))).all()
    assert smooth[-1] == pytest.approx(raw[-10:].mean(), rel=1e-9)
    for name in ("losses", "penalty", "gradients"):
        plotting.curves(history, plotting.chart(name, WGAN_GP), "a run with a fault").png()


@pytest.mark.parametrize("name", ["real_score", "fake_score"])
def test_a_score_is_named_where_everything_else_stayed_finite(name):
    scalars = {each: torch.tensor(1.0) for each in Record._fields[1:-1]}
    record = Record(7, **{**scalars, name: torch.tensor(float("inf"))}, seconds=0.1)
    with pytest.raises(NonFiniteLossError, match=f"step 7: the discriminator's {name[:4]} score"):
        check_finite([record], torch.zeros(4, 2))

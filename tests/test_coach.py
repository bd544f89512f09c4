"""The coach: each kind of advice from a run that was provoked, and each rule at its threshold."""

from math import log

import numpy as np
import pytest
import torch

from gan_helpers import LEAST_SQUARES, MINIMAX, NON_SATURATING, WGAN, WGAN_GP, History, Record
from gan_helpers.lab import KINDS, LabSettings, Measures, Session, coach, read
from gan_helpers.lab.coach import (
    DEAD,
    NEAR,
    ON_THE_WAY,
    PROVED,
    STARVED,
    WINDOW,
    WON,
)

# Runs that were provoked ---------------------------------------------------------------------

SMALL = {"width": 32, "batch_size": 32}


def advice_on(settings, turns, head_start=0):
    session = Session(settings)
    for _ in range(head_start):
        session.step_discriminator()
    for k in range(turns):
        session.step()
        if k >= turns - 3:
            session.measure()
    return coach(session)


def test_a_generator_far_slower_than_its_discriminator_loses():
    slow = LabSettings.recipe(generator_rate=1e-5, discriminator_rate=5e-3, **SMALL)
    advice = advice_on(slow, 80)
    assert advice.kind == "discriminator wins"
    assert advice.evidence["loss / chance"] < 0.1
    assert advice.evidence["generator gradient norm"] > 0.1  # the non-saturating loss still pushes


def test_with_the_minimax_loss_the_gradient_dies_as_well():
    """A discriminator with a head start, and the loss that saturates where it is right."""
    saturated = LabSettings.recipe(MINIMAX, generator_rate=1e-5, discriminator_rate=1e-2, **SMALL)
    advice = advice_on(saturated, 60, head_start=60)
    assert advice.kind == "generator gradient has died"
    assert advice.evidence["generator gradient norm"] < DEAD
    assert "nothing to follow" in advice.sentence


def test_a_generator_that_runs_ahead_loses_modes():
    ahead = LabSettings.recipe(
        generator_updates=10, discriminator_rate=2e-4, width=16, batch_size=16
    )
    advice = advice_on(ahead, WINDOW)
    assert advice.kind == "modes lost"
    starved = advice.evidence["starved modes"]
    assert 1 <= starved < advice.evidence["modes"] == 8
    assert advice.sentence.startswith(f"{starved:.0f} of 8 modes get almost no samples.")


def test_a_critic_that_hardly_learns_is_not_optimal():
    lazy = LabSettings.recipe(WGAN_GP, discriminator_rate=1e-5, n_critic=1, **SMALL)
    advice = advice_on(lazy, 60)
    assert advice.kind == "critic not yet optimal"
    assert advice.evidence["share of W1 proved"] < PROVED
    assert "loss / chance" not in advice.evidence


def test_two_gaussians_are_balanced_after_a_while():
    advice = advice_on(LabSettings.recipe(data="two Gaussians", width=32, batch_size=64), 400)
    assert advice.kind == "balanced"
    assert 0.8 < advice.evidence["loss / chance"] < 1.2
    assert advice.evidence["W1 / floor"] <= NEAR


def test_in_between_a_run_is_learning():
    advice = advice_on(LabSettings.recipe(**SMALL), 60)
    assert advice.kind == "learning"
    assert f"{advice.evidence['W1 / floor']:.1f} times its floor" in advice.sentence


@pytest.mark.parametrize(("turns", "said"), [(0, "Nothing has been measured"), (5, "5 updates")])
def test_a_run_that_has_just_begun_is_left_alone(turns, said):
    advice = advice_on(LabSettings.recipe(width=4, batch_size=2), turns)
    assert advice.kind == "just begun"
    assert advice.sentence.startswith(said)


def test_points_drawn_all_at_one_place_have_a_floor_too():
    one = LabSettings.recipe(data=torch.ones(5, 2), width=4, batch_size=4)
    advice = advice_on(one, WINDOW)
    assert advice.kind != "diverged"
    assert np.isfinite(advice.evidence["W1 / floor"])


# Each rule at its threshold ------------------------------------------------------------------


def curves(objective=NON_SATURATING, n=WINDOW, **changed):
    """Read a flat made-up run: by default balanced, with the given values instead."""
    at = {
        "loss": objective.indifferent[0][0] if objective.indifferent else 2 * log(2),
        "norm": 0.5,
        "w1": 0.3,
        "floor": 0.2,
        "shares": (1.0, 1.0),
        "share": 0.5 if objective.score.estimates_w1 else None,
        "step": 10_000,
        **changed,
    }
    history = History()
    for k in range(n):
        values = (at["loss"], 0.0, 0.1, 0.1, 1.0, 0.7, 0.0, at["norm"])
        history.append(Record(k + 1, *(torch.tensor(v).double() for v in values), seconds=0.0))
    measured = [
        Measures(at["step"], k, 2, 2, 0.9, 0.99, shares, at["w1"], at["floor"], at["share"])
        for k, shares in enumerate(at.get("each", [at["shares"]] * 3))
    ]
    return read(history, measured, objective)


FAR = 2 * NEAR * 0.2
CHANCE = 2 * log(2)


@pytest.mark.parametrize(
    ("holds", "fails", "kind"),
    [
        ({"loss": float("nan")}, {}, "diverged"),
        ({"w1": float("nan")}, {}, "diverged"),
        ({"n": WINDOW - 1}, {"n": WINDOW}, "just begun"),
        (
            {"norm": DEAD * 0.99, "w1": FAR},
            {"norm": DEAD, "w1": FAR},
            "generator gradient has died",
        ),
        ({"norm": 0.0, "w1": FAR}, {"norm": 0.0}, "generator gradient has died"),
        (
            {"loss": CHANCE * WON * 0.99, "w1": FAR},
            {"loss": CHANCE * WON * 1.01, "w1": FAR},
            "discriminator wins",
        ),
        ({"loss": 0.0, "w1": FAR}, {"loss": 0.0}, "discriminator wins"),
        (
            {"objective": LEAST_SQUARES, "loss": 0.25 * WON * 0.99, "w1": FAR},
            {"objective": LEAST_SQUARES, "loss": 0.25 * WON * 1.01, "w1": FAR},
            "discriminator wins",
        ),
        (
            {"objective": WGAN, "share": PROVED * 0.99, "w1": FAR},
            {"objective": WGAN, "share": PROVED, "w1": FAR},
            "critic not yet optimal",
        ),
        (
            {"objective": WGAN_GP, "share": 0.0, "w1": FAR},
            {"objective": WGAN_GP, "share": 0.0},
            "critic not yet optimal",
        ),
        ({"shares": (1.8, STARVED * 0.99)}, {"shares": (1.8, STARVED)}, "modes lost"),
        (
            {"shares": (2.0, 0.0), "step": ON_THE_WAY},
            {"shares": (2.0, 0.0), "step": ON_THE_WAY - 1},
            "modes lost",
        ),
        (
            {"each": [(0.0, 2.0), (2.0, 0.0), (2.0, 0.0), (2.0, 0.0)]},
            {"each": [(2.0, 0.0), (2.0, 0.0), (0.0, 2.0)]},
            "modes lost",
        ),
        ({"w1": NEAR * 0.2 * 0.999}, {"w1": NEAR * 0.2 * 1.001}, "balanced"),
        ({}, {"loss": 0.0}, "balanced"),
        ({"w1": NEAR * 0.2 * 1.001}, {}, "learning"),
        ({"shares": None}, {"shares": None, "w1": FAR}, "balanced"),
    ],
)
def test_each_rule_holds_up_to_its_threshold(holds, fails, kind):
    assert curves(**holds).kind == kind
    assert curves(**fails).kind != kind
    assert kind in KINDS


def test_the_worst_complaint_speaks():
    everything = {"norm": 0.0, "loss": 0.0, "w1": FAR, "shares": (2.0, 0.0)}
    assert curves(**everything).kind == "generator gradient has died"
    assert curves(**{**everything, "norm": 1.0}).kind == "discriminator wins"
    assert curves(**{**everything, "norm": 1.0, "loss": 1.3}).kind == "modes lost"
    assert curves(WGAN, share=0.0, w1=FAR, shares=(2.0, 0.0)).kind == "critic not yet optimal"


def test_the_small_loss_and_gradient_of_a_clipped_critic_are_no_complaint():
    """Clipping at 0.01 makes every score small; a critic's scale means nothing."""
    assert curves(WGAN, loss=-1e-4, norm=1e-5, w1=FAR).kind == "learning"


def test_only_the_last_records_count():
    history = History()
    for k in range(3 * WINDOW):
        loss = 0.0 if k < 2 * WINDOW else CHANCE
        values = (loss, 0.0, 0.1, 0.1, 1.0, 0.7, 0.0, 0.5)
        history.append(Record(k + 1, *(torch.tensor(v).double() for v in values), seconds=0.0))
    measured = [Measures(150, 150, 2, 2, 0.9, 0.99, (1.0, 1.0), FAR, 0.2, None)]
    advice = read(history, measured, MINIMAX)
    assert advice.kind == "learning"
    assert advice.evidence["loss / chance"] == pytest.approx(1.0)

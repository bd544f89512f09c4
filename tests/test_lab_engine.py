"""The laboratory without pictures: the same training as `train`, the way back, slow motion."""

import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_helpers import (
    GAN,
    NON_SATURATING,
    OBJECTIVES,
    WGAN,
    WGAN_GP,
    History,
    NonFiniteLossError,
    Record,
    data,
    networks,
    r1_penalty,
    set_seed,
    train,
)
from gan_helpers.lab import (
    AT_RESET,
    DATA,
    LIVE,
    REACH,
    Compare,
    LabSettings,
    Session,
    measures,
)
from gan_helpers.lab.front.layer_data import pushes
from gan_helpers.lab.settings import INTEGERS, NAMES, NUMBERS
from gan_helpers.lab.sources import Segment, draw, make_source
from gan_helpers.lab.states import BYTES, room

SMALL = {"width": 8, "hidden_layers": 1, "batch_size": 8}
TRIANGLE = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


NAMED = {objective.name: objective for objective in OBJECTIVES}


def small(name="non-saturating", **changes):
    return LabSettings.recipe(NAMED[name], **{**SMALL, **changes})


def session_after(steps, *args, **changes):
    session = Session(small(*args, **changes))
    for _ in range(steps):
        session.step()
    return session


def do(action, times):
    for _ in range(times):
        action()


def weights(session):
    players = session.gan.generator, session.gan.discriminator
    return [w.detach().clone() for each in players for w in each.parameters()]


def same(a, b):
    return len(a) == len(b) and all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def columns(history):
    return np.column_stack([history.column(name) for name in Record._fields[:-1]])


# Training ------------------------------------------------------------------------------------


def trained_by_train(asked, steps):
    """The same run written out as a notebook would, with the global random state."""
    state = torch.get_rng_state()
    set_seed(asked.seed)
    widths = [asked.width] * asked.hidden_layers
    players = (
        networks.MLPGenerator(asked.latent_dim, (2,), widths),
        networks.MLPDiscriminator((2,), widths),
    )
    make = {
        "Adam": partial(torch.optim.Adam, betas=(asked.beta_1, asked.beta_2), fused=True),
        "RMSprop": torch.optim.RMSprop,
        "SGD": torch.optim.SGD,
    }[asked.optimiser]
    objective = replace(asked.objective, n_critic=asked.n_critic)
    if objective.clip:
        objective = replace(objective, clip=asked.clip)
    if objective.penalty:
        weighted = partial(objective.penalty, weight=asked.penalty_weight)
        objective = replace(objective, penalty=weighted)
    gan = GAN(
        *players,
        objective,
        make(players[0].parameters(), lr=asked.generator_rate),
        make(players[1].parameters(), lr=asked.discriminator_rate),
        latent_dim=asked.latent_dim,
        latent_distribution={"normal": torch.randn, "uniform": torch.rand}[
            asked.latent_distribution
        ],
    )
    history = History()
    supply = data.batches(make_source(asked.data), asked.batch_size)
    for _ in history.record(train(gan, supply, steps)):
        pass
    torch.set_rng_state(state)
    return gan, history


@pytest.mark.parametrize(
    "asked",
    [
        *(small(name) for name in NAMED),
        *(small(data=name, seed=3) for name in DATA),
        small(data=TRIANGLE, latent_distribution="uniform", latent_dim=3, optimiser="SGD"),
        small("WGAN-GP", n_critic=3, penalty_weight=2.0, generator_rate=3e-3, hidden_layers=3),
        small("WGAN", clip=0.1, beta_1=0.9, optimiser="Adam"),
    ],
    ids=lambda asked: asked.describe()[:40],
)
def test_a_step_is_that_of_train_bit_for_bit(asked):
    gan, history = trained_by_train(asked, 6)
    session = Session(asked)
    for _ in range(6):
        session.step()
    players = gan.generator, gan.discriminator
    assert same(weights(session), [w.detach() for each in players for w in each.parameters()])
    np.testing.assert_array_equal(columns(session.history), columns(history))


def test_several_generator_updates_a_turn_count_each():
    session = session_after(3, generator_updates=4, n_critic=2)
    assert list(session.history.steps) == [4, 8, 12]
    assert session.step_count == 12
    assert session.run.discriminator_updates == 6
    assert not same(weights(session), weights(session_after(3, n_critic=2)))


def everything(session):
    """Every public action and every look, once."""
    session.step()
    session.step_discriminator()
    session.step_generator()
    session.next_part()
    session.measure()
    session.snapshot()
    session.change(batch_size=9)
    session.rewind(1)
    session.step()
    session.reset(seed=session.running.seed + 1)


@pytest.mark.parametrize("name", NAMED)
def test_the_global_random_state_is_neither_read_nor_written(name):
    ends = []
    for seed, drawn, data_name in ((1, "normal", DATA[0]), (2, "uniform", "swiss roll")):
        torch.manual_seed(seed)
        before = torch.get_rng_state()
        session = Session(small(name, latent_distribution=drawn, data=data_name))
        everything(session)
        assert torch.equal(torch.get_rng_state(), before)
        session.reset(small(name))
        session.step()
        ends.append(weights(session))
    assert same(*ends)


@pytest.mark.parametrize("source", [*DATA, TRIANGLE], ids=str)
def test_no_data_draws_from_the_global_random_state(source):
    before = torch.get_rng_state()
    session = session_after(2, data=source)
    session.measure()
    assert torch.equal(torch.get_rng_state(), before)


def test_sessions_side_by_side_do_what_each_does_alone():
    alone = [weights(session_after(4, "WGAN-GP", seed=seed)) for seed in (0, 1)]
    pair = [Session(small("WGAN-GP", seed=seed)) for seed in (0, 1)]
    ends = [False, False]

    def run(k):
        for _ in range(4):
            pair[k].step()
            torch.randn(5)  # somebody else's draws
        ends[k] = True

    threads = [threading.Thread(target=run, args=(k,)) for k in (0, 1)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert ends == [True, True]
    assert [same(a, weights(b)) for a, b in zip(alone, pair, strict=True)] == [True, True]


# One player alone ----------------------------------------------------------------------------


def test_the_discriminator_alone_moves_the_discriminator_alone():
    session = session_after(2)
    before = weights(session)
    session.step_discriminator()
    done = session.step_discriminator()
    half = len(before) // 2
    assert same(before[:half], weights(session)[:half])
    assert not same(before[half:], weights(session)[half:])
    assert session.step_count == len(session.history) == 2
    assert (session.run.tick, session.run.discriminator_updates) == (4, 4)
    assert done.loss.isfinite()
    assert 0 < done.grad_norm < 100


def test_the_discriminator_may_be_first():
    session = Session(small())
    assert session.step_discriminator().loss.isfinite()
    assert (session.step_count, session.run.discriminator_updates) == (0, 1)


@pytest.mark.parametrize("name", ["non-saturating", "WGAN-GP"])
def test_the_generator_alone_moves_the_generator_and_the_discriminator_is_looked_at(name):
    session = session_after(2, name)
    before, updates = weights(session), session.run.discriminator_updates
    state = session.gan.discriminator_optimizer.state_dict()["state"][0]["step"].clone()
    random = session.run.random.generator
    record = session.step_generator()
    half = len(before) // 2
    assert not same(before[:half], weights(session)[:half])
    assert same(before[half:], weights(session)[half:])
    assert session.gan.discriminator_optimizer.state_dict()["state"][0]["step"] == state
    assert record.step == session.step_count == 3
    assert session.run.discriminator_updates == updates
    assert 0 < record.discriminator_grad_norm < 100
    # the look has drawn nothing from the run's own stream: a batch and its latents are all
    other = session_after(2, name)
    other.run.draw_real()
    other.gan.sample_latent(8)
    assert torch.equal(random.get_state(), other.run.random.generator.get_state())


# The way back --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("index", [0, 3, -2])
def test_going_on_from_a_state_does_what_the_run_did(name, index):
    session = Session(small(name))

    def go(count):
        for k in range(count):
            (session.step, session.step_discriminator, session.step_generator)[k % 3]()

    go(9)
    end, history = weights(session), columns(session.history)
    session.rewind(index)
    left = 9 - session.run.tick
    assert left > 0
    assert len(session.history) == np.sum(history[:, 0] <= session.step_count) < len(history)
    start = session.run.tick
    for k in range(start, 9):
        (session.step, session.step_discriminator, session.step_generator)[k % 3]()
    assert same(end, weights(session))
    np.testing.assert_array_equal(columns(session.history), history)


def test_a_state_is_not_touched_by_what_follows():
    """Optimisers adopt the tensors that they load, and then write into them."""
    session = session_after(3)
    ends = []
    for _ in range(2):
        session.rewind(1)
        for _ in range(3):
            session.step()
        ends.append(weights(session))
    assert same(*ends)


def test_scrubbing_to_and_fro_loses_nothing_until_an_update_is_made():
    session = session_after(5)
    session.measure()
    end, history = weights(session), columns(session.history)
    count = len(session.states)
    for index in (2, 0, 4):
        session.rewind(index)
        assert session.position == index
        assert session.step_count == len(session.history) == session.states[index].step
        assert session.measured == ()
        assert len(session.states) == count
    session.rewind(-1)
    assert same(end, weights(session))
    np.testing.assert_array_equal(columns(session.history), history)
    assert len(session.measured) == 1
    session.rewind(2)
    session.step()
    assert [state.tick for state in session.states] == [0, 1, 2, 3]
    do(session.step, 4)
    assert session.run.tick == 7
    assert session.measured == ()  # that of step 5 belonged to another future


def test_the_present_between_two_recorded_states_can_be_returned_to():
    session = Session(small(), state_limit=4)
    for _ in range(11):
        session.step()
    end = weights(session)
    assert [state.tick for state in session.states] == [0, 4, 8]
    assert session.position is None
    session.rewind(0)
    assert [state.tick for state in session.states] == [0, 4, 8, 11]
    session.rewind(3)
    assert same(end, weights(session))
    session.step()  # the twelfth fills the store, so every second one goes, and 11 with them
    assert [state.tick for state in session.states] == [0, 8]


def test_a_state_brings_its_settings_back():
    session = session_after(2)
    session.change(generator_rate=0.5, batch_size=3, n_critic=2)
    session.step()
    session.rewind(1)
    assert session.running == small()
    assert session.gan.generator_optimizer.param_groups[0]["lr"] == small().generator_rate
    assert session.gan.objective.n_critic == 1
    session.rewind(-1)
    assert session.running.batch_size == 3
    assert session.gan.objective.n_critic == 2


def test_a_change_made_at_a_recorded_state_stays_with_it():
    session = session_after(2)
    session.change(generator_rate=0.5)
    session.rewind(0)
    session.rewind(-1)
    assert session.running.generator_rate == 0.5
    session.rewind(1)
    session.change(generator_rate=0.25)
    session.rewind(0)
    session.rewind(1)
    assert session.running.generator_rate == 0.25


@pytest.mark.parametrize("limit", [3, 10, 60])
def test_states_stay_few_and_evenly_spread(limit):
    session = Session(small(width=4, batch_size=2), state_limit=limit)
    for _ in range(2 * limit + 20):
        session.step_discriminator()
        ticks = [state.tick for state in session.states]
        assert len(ticks) < limit
        assert len(set(np.diff(ticks))) <= 1
        assert session.run.tick - ticks[-1] < max(np.diff(ticks), default=1)
    assert ticks[0] == 0
    assert len(ticks) >= (limit - 1) // 2
    session.rewind(0)
    assert len(session.states) <= limit


def tensor_bytes(value):
    if isinstance(value, torch.Tensor):
        return value.untyped_storage().nbytes()
    if isinstance(value, dict):
        return sum(tensor_bytes(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return sum(tensor_bytes(each) for each in value)
    return 0


@pytest.mark.parametrize(("width", "layers"), [(128, 2), (256, 4)])
def test_the_states_of_large_players_fit_the_memory(width, layers):
    session = Session(LabSettings(width=width, hidden_layers=layers, batch_size=2))
    session.step()
    each = tensor_bytes(dict(session.states[-1].contents))
    assert each * min(200, room(session.run.weights)) <= BYTES


@pytest.mark.parametrize("index", [2, -3, 99])
def test_a_state_that_is_not_there_is_refused(index):
    with pytest.raises(IndexError, match=f"index is {index}; it must be from -2 to 1"):
        session_after(1).rewind(index)


@pytest.mark.parametrize("limit", [2, 2.5, True])
def test_too_few_states_are_refused(limit):
    with pytest.raises(ValueError, match=f"state_limit is {limit}; it must be an integer >= 3"):
        Session(small(), state_limit=limit)


# Changes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("non-saturating", {"generator_rate": 0.02}),
        ("non-saturating", {"discriminator_rate": 0.02}),
        ("non-saturating", {"n_critic": 3}),
        ("non-saturating", {"generator_updates": 3}),
        ("non-saturating", {"batch_size": 16}),
        ("WGAN-GP", {"penalty_weight": 9.0}),
        ("WGAN", {"clip": 0.2}),
    ],
)
def test_a_live_change_acts_from_the_next_update_on(name, changes):
    session, left_alone = session_after(2, name), session_after(2, name)
    assert session.change(**changes) == session.running == small(name, **changes)
    for each in (session, left_alone):
        each.step()
    assert not same(weights(session), weights(left_alone))
    assert len(session.run.draw_real()) == session.running.batch_size
    assert set(changes) <= set(LIVE)


def test_a_change_of_the_clip_bound_holds_for_the_next_update():
    session = session_after(2, "WGAN")
    session.change(clip=0.003)
    session.step()
    assert max(w.abs().max() for w in session.gan.discriminator.parameters()) <= 0.003


@pytest.mark.parametrize("name", AT_RESET)
def test_what_waits_for_a_reset_is_refused_by_name(name):
    session = session_after(1)
    value = getattr(session.running, name)
    with pytest.raises(ValueError, match=f"{name} cannot change during a run; only generator_rate"):
        session.change(**{name: value})
    assert session.running == small()


def test_a_bad_value_changes_nothing():
    session = session_after(1)
    before = weights(session)
    with pytest.raises(ValueError, match="n_critic is 0; it must be an integer from 1 to 20"):
        session.change(n_critic=0, generator_rate=0.5)
    assert session.running == small()
    assert same(before, weights(session))


def test_reset_begins_again_with_the_same_or_another_seed():
    session = session_after(4)
    end = weights(session)
    session.change(batch_size=9)
    session.change(batch_size=8)
    session.reset()
    assert (session.run.tick, session.step_count, len(session.history)) == (0, 0, 0)
    assert (len(session.states), session.measured) == (1, ())
    for _ in range(4):
        session.step()
    assert same(end, weights(session))
    session.reset(seed=1)
    assert session.running == small(seed=1)
    for _ in range(4):
        session.step()
    assert not same(end, weights(session))
    session.reset(small("WGAN", data="grid"))
    assert session.running.objective == WGAN
    assert session.gan.objective.name == "WGAN"
    assert len(session.run.mixture.means) == 25


def test_a_run_that_diverges_says_so_and_can_be_rewound():
    session = session_after(3, "WGAN-GP", optimiser="SGD")
    session.change(generator_rate=1.0, discriminator_rate=1.0, penalty_weight=1000.0)
    with pytest.raises(NonFiniteLossError, match="is not finite"):
        do(session.step, 300)
    assert len(session.history) == session.run.tick  # what was recorded is kept
    assert not np.isnan(session.history.column("step")).any()
    assert np.isnan(session.measure().w1) or session.measure().w1 > 0
    session.rewind(1)
    session.step()
    assert session.step_count == 2
    assert np.isfinite(session.history.column("generator_loss")).all()


# Slow motion ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        *(small(name) for name in NAMED),
        small("WGAN-GP", n_critic=3, generator_updates=2, latent_distribution="uniform"),
        small("least squares", optimiser="SGD"),
    ],
    ids=lambda asked: asked.describe()[:40],
)
def test_the_parts_of_a_turn_lead_where_the_turn_leads(asked):
    plain, slow = Session(asked), Session(asked)
    for _ in range(3):
        plain.step()
        parts = list(slow.slow_motion())
    assert same(weights(plain), weights(slow))
    np.testing.assert_array_equal(columns(plain.history), columns(slow.history))
    assert [state.tick for state in plain.states] == [state.tick for state in slow.states]
    assert slow.run.discriminator_updates == plain.run.discriminator_updates
    states = [s.run.random.generator.get_state() for s in (plain, slow)]
    assert torch.equal(*states)
    plain.step()
    slow.step()
    assert same(weights(plain), weights(slow))

    assert [part.index for part in parts] == list(range(parts[0].count))
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    steps = [part for part in parts if part.name == "step"]
    assert len(steps) == asked.n_critic + asked.generator_updates
    assert [part.name for part in parts if part.player == "generator"][-1] == "step"
    assert ("penalty" in {part.name for part in parts}) == (asked.objective.penalty is not None)
    assert ("clip" in {part.name for part in parts}) == (asked.objective == WGAN)
    assert all(part.equation.count("{") == part.equation.count("}") for part in parts)
    assert {part.equation for part in parts} >= set(asked.objective.equations[:2])


def test_the_numbers_of_the_parts_are_those_of_the_record():
    session = session_after(2, "WGAN-GP", n_critic=1)
    parts = {(part.player, part.name): part.numbers for part in session.slow_motion()}
    record = Record(*columns(session.history)[-1])
    assert parts["discriminator", "loss"]["L_D"] == record.discriminator_loss
    assert parts["discriminator", "penalty"]["P"] == record.penalty
    norm = parts["discriminator", "gradient"][r"\lVert g \rVert"]
    assert norm == record.discriminator_grad_norm
    assert parts["generator", "loss"]["L_G"] == record.generator_loss
    assert list(parts["discriminator", "score"].values()) == [
        record.real_score,
        record.fake_score,
    ]


FACTORS = {
    "minimax": torch.sigmoid,
    "non-saturating": lambda s: 1 - torch.sigmoid(s),
    "least squares": lambda s: 1 - s,
    "WGAN": torch.ones_like,
    "WGAN-GP": torch.ones_like,
    "hinge": torch.ones_like,
    "relativistic": lambda s, real: 1 - torch.sigmoid(s - real),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_push_is_the_slope_of_the_score_times_the_factor_of_the_loss(name):
    session, real = session_after(3, name), None
    for part in session.slow_motion():
        real = part.points.get("real", real)  # the last batch of the discriminator
        if part.name == "push":
            seen = session.snapshot()
            fake = part.points["fake"].requires_grad_()
            scores = seen.discriminator(fake)
            (slope,) = torch.autograd.grad(scores.sum(), fake)
            of_real = [seen.discriminator(real)] * session.gan.objective.relativistic
            factor = FACTORS[name](*(each.detach() for each in (scores, *of_real)))
            expected = factor[:, None] * slope
            torch.testing.assert_close(part.points["push"], expected, rtol=1e-4, atol=1e-6)
            length = expected.norm(dim=1).mean().item()
            assert part.numbers[r"\text{mean length}"] == pytest.approx(length, rel=1e-4)
            return
    pytest.fail("no part shows the push")


class Failing:
    """A loss that raises once, when it is told to."""

    def __init__(self, loss, error):
        self.loss, self.error, self.armed = loss, error, False

    def __call__(self, *scores):
        if self.armed:
            self.armed = False
            raise self.error
        return self.loss(*scores)


@pytest.mark.parametrize("error", [ValueError("a slip"), KeyboardInterrupt("a slip")])
@pytest.mark.parametrize("player", ["discriminator", "generator"])
@pytest.mark.parametrize("action", ["step", "rewind", "change", "reset", "next_part"])
def test_what_fails_within_an_update_surfaces_and_undoes_the_turn(error, player, action):
    plain = session_after(3)
    loss = Failing(getattr(NON_SATURATING, f"{player}_loss"), error)
    objective = replace(NON_SATURATING, **{f"{player}_loss": loss})
    session = Session(LabSettings.recipe(objective, **SMALL))
    do(session.step, 2)
    session.next_part()
    loss.armed = True
    if player == "discriminator":  # whose first update has been done by now
        loss.armed = False
        session.finish_turn()
        plain.step()
        loss.armed = True
    before = session.step_count
    with pytest.raises(type(error), match="a slip"):
        do(session.next_part, 20)
    assert not session.in_slow_motion
    assert (session.step_count, len(session.history)) == (before, before)
    {
        "step": lambda: None,
        "rewind": lambda: (session.rewind(0), session.rewind(-1)),
        "change": lambda: session.change(n_critic=1),
        "reset": lambda: (session.reset(), do(session.step, before)),
        "next_part": lambda: (session.next_part(), session.finish_turn(), plain.step()),
    }[action]()
    session.step()
    assert same(weights(plain), weights(session))
    assert not session.gan.generator._forward_hooks
    assert session.gan.objective.name == "non-saturating"


def test_until_a_player_steps_its_weights_on_view_are_those_before():
    session = session_after(2, "WGAN", n_critic=2)

    def seen():
        return {
            player: [w.clone() for w in getattr(session.snapshot(), player).parameters()]
            for player in ("generator", "discriminator")
        }

    before, changes = seen(), []
    for part in session.slow_motion():
        after = seen()
        moved = [player for player in before if not same(before[player], after[player])]
        changes.append((part.player, part.name, moved))
        if part.name == "step":
            moving = [
                new - old for new, old in zip(after[part.player], before[part.player], strict=True)
            ]
            length = torch.cat([each.flatten() for each in moving]).norm().item()
            assert list(part.numbers.values()) == [pytest.approx(length, rel=1e-4)]
        before = after
    moving = [each for each in changes if each[2]]
    once = [
        ("discriminator", "step", ["discriminator"]),
        ("discriminator", "clip", ["discriminator"]),
    ]
    assert moving == [*once, *once, ("generator", "step", ["generator"])]
    assert same(seen()["generator"], [w.detach() for w in session.gan.generator.parameters()])


@pytest.mark.parametrize("action", ["step", "change", "rewind", "close", "finish_turn"])
def test_every_other_action_finishes_a_turn_in_parts(action):
    session, plain = session_after(2), session_after(3)
    parts = session.slow_motion()
    for _ in range(5):
        next(parts)
    assert session.in_slow_motion
    assert len(session.history) == 2
    if action == "close":
        parts.close()
    elif action == "change":
        session.change(batch_size=9)
    elif action == "rewind":
        session.rewind(0)
        session.rewind(-1)
    else:
        getattr(session, action)()
    if action == "step":
        plain.step()
    assert not session.in_slow_motion
    assert same(weights(plain), weights(session))
    assert len(session.history) == session.step_count


def test_reset_drops_a_turn_in_parts():
    session = session_after(2)
    session.next_part()
    session.reset()
    assert not session.in_slow_motion
    session.step()
    assert same(weights(session), weights(session_after(1)))


# Looking -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["non-saturating", "WGAN", "WGAN-GP"])
def test_looking_changes_nothing(name):
    looked, left_alone = session_after(2, name), session_after(2, name)
    for _ in range(3):
        looked.measure()
        looked.snapshot().generator.layers[0].weight.fill_(7.0)
        looked.next_part()
        looked.measure()
        looked.finish_turn()
        left_alone.step()
    assert same(weights(looked), weights(left_alone))
    np.testing.assert_array_equal(columns(looked.history), columns(left_alone.history))


def test_a_snapshot_stays_as_it_was():
    session = session_after(1)
    seen = session.snapshot()
    before = [w.clone() for w in seen.discriminator.parameters()]
    assert not any(w.requires_grad for w in seen.generator.parameters())
    session.step()
    assert same(before, list(seen.discriminator.parameters()))
    assert (seen.step, seen.tick, session.run.tick) == (1, 1, 2)


def test_a_perfect_generator_reaches_the_floor_and_a_constant_one_does_not():
    session = Session(small())
    own = torch.Generator().manual_seed(5)
    perfect = draw(session.run.source, measures.SAMPLES, own)
    floor = measures.floor_of("ring")
    found = measures.judge(7, 8, perfect, session.real, session.run.mixture, floor)
    assert (found.step, found.tick, found.captured, found.total) == (7, 8, 8, 8)
    assert 0.97 < found.high_quality <= 1.0
    assert found.ceiling == pytest.approx(0.98889, abs=1e-5)
    assert 0.5 * floor < found.w1 < 2 * floor
    assert min(found.shares) > 0.7
    assert np.mean(found.shares) == pytest.approx(1.0)
    mode = session.run.mixture.means[:1].expand(1000, 2)
    found = measures.judge(0, 0, mode, session.real, session.run.mixture, floor)
    assert found.captured == 1
    assert found.shares[0] == pytest.approx(8.0)
    assert found.w1 > 5 * floor


def test_modes_are_counted_for_mixtures_alone():
    for source in ("swiss roll", "line", TRIANGLE):
        session = Session(small(data=source))
        found = session.measure()
        assert session.run.mixture is None
        assert found.captured is found.total is found.high_quality is found.shares is None
        assert found.w1 > found.w1_floor > 0


def test_what_is_not_finite_has_no_measures():
    broken = torch.full((1000, 2), float("nan"))
    found = measures.judge(1, 1, broken, broken, data.ring(), 0.2)
    assert np.isnan(found.w1)
    assert found.captured is None


@pytest.mark.parametrize("scale", [0.01, 5.0])
def test_the_share_of_w1_of_the_best_critic_is_1_whatever_its_scale(scale):
    real, fake = torch.zeros(50, 2), torch.zeros(50, 2) - torch.tensor([3.0, 0.0])
    critic = networks.MLPDiscriminator((2,), (4,))
    critic.forward = lambda x: scale * x[:, 0]
    assert measures.share_of_w1(critic, real, fake, 3.0) == pytest.approx(1.0)
    assert measures.share_of_w1(critic, fake, real, 3.0) == pytest.approx(-1.0)
    critic.forward = lambda x: scale * (x * torch.tensor([0.6, 0.8])).sum(1)  # tilted
    assert measures.share_of_w1(critic, real, fake, 3.0) == pytest.approx(0.6)
    critic.forward = lambda x: 0 * x[:, 0]
    assert measures.share_of_w1(critic, real, fake, 3.0) == 0


def test_only_a_critic_has_a_share_of_w1():
    assert session_after(1, "WGAN").measure().share_of_w1 is not None
    assert session_after(1, "least squares").measure().share_of_w1 is None


def test_a_measure_of_what_was_left_meanwhile_is_not_kept(monkeypatch):
    session = session_after(4)
    judge = measures.judge

    def left_meanwhile(*args):
        session.rewind(1)
        session.step()
        session.step()
        session.step()
        session.step()
        return judge(*args)

    monkeypatch.setattr("gan_helpers.lab.measures.judge", left_meanwhile)
    assert session.measure().tick == 4
    assert (session.run.tick, session.measured) == (5, ())
    monkeypatch.setattr("gan_helpers.lab.measures.judge", judge)
    session.measure()
    session.measure()
    assert [each.tick for each in session.measured] == [5]


def test_measures_are_kept_in_bounds(monkeypatch):
    monkeypatch.setattr("gan_helpers.lab.session.MOST_MEASURED", 3)
    session = Session(small(data="two Gaussians"))
    for _ in range(6):
        session.step()
        session.measure()
    assert len(session.measured) <= 3
    assert session.measured[-1].tick == 6


def test_looks_and_changes_from_another_thread_do_no_harm():
    session, left_alone = Session(small()), session_after(40)
    failed = []

    def train_it():
        try:
            for _ in range(40):
                session.step()
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=train_it)
    thread.start()
    while thread.is_alive():
        session.snapshot()
        session.measure()
        session.change(generator_rate=session.running.generator_rate)
    thread.join()
    assert failed == []
    assert same(weights(session), weights(left_alone))


# Settings and data ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMED)
def test_recipes_are_whole_and_can_be_changed(name):
    recipe = LabSettings.recipe(NAMED[name])
    assert recipe.objective == NAMED[name]
    assert recipe.build_objective().name == name
    assert recipe.n_critic == NAMED[name].n_critic
    assert LabSettings.recipe(NAMED[name], seed=4).differences(recipe) == ("seed",)
    assert recipe.describe().startswith(f"ring · {name} · ")


def test_settings_say_what_has_an_effect():
    assert not LabSettings().used("clip")
    assert not LabSettings().used("penalty_weight")
    assert LabSettings.recipe(WGAN).used("clip")
    assert LabSettings.recipe(WGAN_GP).used("penalty_weight")
    assert LabSettings().used("beta_1")
    assert not LabSettings(optimiser="SGD").used("beta_1")
    assert sorted(LIVE + AT_RESET) == sorted(NAMES)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": "circle"}, "data is 'circle'; choose one of 'ring', 'two Gaussians'"),
        ({"optimiser": "adam"}, "optimiser is 'adam'; choose one of 'Adam'"),
        (
            {"latent_distribution": "gauss"},
            "latent_distribution is 'gauss'; choose one of 'normal', 'uniform'",
        ),
        ({"width": 8.0}, r"width is 8.0; it must be an integer from 4 to 256"),
        ({"seed": True}, "seed is True; it must be an integer"),
        ({"clip": float("nan")}, "clip is nan; it must be a finite number from 0.0001 to 10"),
        ({"beta_1": "0.5"}, "beta_1 is '0.5'; it must be a finite number from 0 to 0.999"),
        ({"colour": 1}, "the setting is 'colour'; choose one of 'data'"),
        ({"data": torch.zeros(4, 3)}, r"data has shape \(4, 3\); drawn points must be \(N, 2\)"),
        ({"data": torch.zeros(1, 2)}, r"data has shape \(1, 2\)"),
        ({"data": torch.full((4, 2), 9.0)}, r"data reaches 9; drawn points must lie within \[-3"),
        ({"data": torch.full((4, 2), float("nan"))}, "data reaches nan"),
    ],
)
def test_bad_settings_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        LabSettings().changed(**changes)


@pytest.mark.parametrize("name", [*INTEGERS, *NUMBERS])
def test_each_range_ends_where_it_says(name):
    low, high = {**INTEGERS, **NUMBERS}[name]
    for value in (low, high):
        assert getattr(LabSettings().changed(**{name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f"{name} is "):
            LabSettings().changed(**{name: value})


@pytest.mark.parametrize("value", [np.int64(3), np.int32(3)])
def test_numbers_of_numpy_are_numbers(value):
    assert type(LabSettings(n_critic=value).n_critic) is int
    assert type(LabSettings(generator_rate=np.float32(0.5)).generator_rate) is float
    assert LabSettings(seed=value) == LabSettings(seed=3)
    assert len(Session(small(), state_limit=np.int64(5)).states) == 1


def test_an_objective_is_a_value_and_not_a_name():
    with pytest.raises(TypeError, match="objective is 'WGAN'; it must be an Objective, such as"):
        LabSettings(objective="WGAN")


def test_a_penalty_keeps_its_own_weight_where_it_takes_none():
    def flat(discriminator, real, fake):
        return 3.0 * discriminator(real).square().mean()

    own = LabSettings(objective=replace(NON_SATURATING, penalty=flat), penalty_weight=7.0)
    assert not own.used("penalty_weight")
    assert own.build_objective().penalty is flat
    assert LabSettings(objective=replace(NON_SATURATING, penalty=r1_penalty)).used("penalty_weight")


def test_a_loss_that_draws_disturbs_nobody_and_looking_does_not_disturb_it():
    def noisy(real_scores, fake_scores):
        noise = torch.rand(len(real_scores))
        return NON_SATURATING.discriminator_loss(real_scores - 0.1 * noise, fake_scores)

    def noisy_generator(fake_scores):
        return NON_SATURATING.generator_loss(fake_scores - 0.1 * torch.rand(len(fake_scores)))

    objective = replace(NON_SATURATING, discriminator_loss=noisy, generator_loss=noisy_generator)
    before = torch.get_rng_state()
    plain, looked = (Session(LabSettings.recipe(objective, **SMALL)) for _ in range(2))
    for _ in range(3):
        plain.step()
        for _ in looked.slow_motion():
            seen = looked.snapshot()
            pushes(seen.generator, seen.discriminator, seen.objective, looked.z[:5])
    assert torch.equal(torch.get_rng_state(), before)
    assert same(weights(plain), weights(looked))


def test_data_of_another_type_is_refused():
    with pytest.raises(TypeError, match="data is a list; give a name such as 'ring'"):
        LabSettings(data=[[0.0, 1.0]])


def test_drawn_points_are_copied_compared_and_drawn_from():
    points = TRIANGLE.double()
    drawn = LabSettings(data=points)
    points += 1
    assert torch.equal(drawn.data, TRIANGLE)
    assert drawn == LabSettings(data=TRIANGLE)
    assert drawn != LabSettings(data=TRIANGLE + 1)
    assert drawn != LabSettings()
    assert "3 drawn points" in drawn.describe()
    real = Session(drawn).real
    assert {tuple(row) for row in real.tolist()} == {tuple(row) for row in TRIANGLE.tolist()}


@pytest.mark.parametrize("name", DATA)
def test_every_distribution_lies_in_the_picture(name):
    points = draw(make_source(name), 5_000, torch.Generator().manual_seed(0))
    assert points.shape == (5_000, 2)
    assert points.abs().max() < REACH
    assert points.abs().max() > 1.5


def test_the_density_of_the_line_is_that_of_its_samples():
    line = Segment(sigma=0.2)
    ticks = torch.linspace(-4, 4, 401, dtype=torch.float64)
    nodes = torch.cartesian_prod(ticks, ticks)
    density = line.log_density(nodes).exp() * (8 / 400) ** 2
    assert density.sum().item() == pytest.approx(1.0, abs=1e-6)
    samples = line.sample(20_000, torch.Generator().manual_seed(0)).double()
    mean, second = density @ nodes, (nodes.T * density) @ nodes
    torch.testing.assert_close(samples.mean(0), mean, atol=0.03, rtol=0)
    torch.testing.assert_close(samples.T @ samples / 20_000, second, atol=0.03, rtol=0)
    assert line.log_density(torch.tensor([[30.0, -30.0], [40.0, 27.0]])).isfinite().all()


# Side by side --------------------------------------------------------------------------------


def test_compare_runs_both_sides_as_each_would_run_alone():
    pair = Compare(small(), n_critic=3)
    assert (pair.difference, pair.label) == ("n_critic", "n_critic: 1 | 3")
    assert torch.equal(pair.left.real, pair.right.real)
    for _ in range(3):
        pair.step()
    pair.step_generator()
    pair.step_discriminator()
    for session, n_critic in zip(pair.sessions, (1, 3), strict=True):
        alone = session_after(3, n_critic=n_critic)
        alone.step_generator()
        alone.step_discriminator()
        assert same(weights(session), weights(alone))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "the two sides differ in nothing; they must differ in exactly one setting"),
        ({"n_critic": 1}, "the two sides differ in nothing"),
        ({"n_critic": 2, "width": 9}, "the two sides differ in n_critic, width; they must"),
        ({"seed": 1}, "the two sides differ in seed; .* share data and seed"),
        ({"data": "grid"}, "the two sides differ in data; "),
    ],
)
def test_compare_refuses_all_but_one_difference(changes, message):
    with pytest.raises(ValueError, match=message):
        Compare(small(), **changes)
    with pytest.raises(ValueError, match=message):
        Compare.between(small(), small(**changes))


def test_compare_changes_resets_and_rewinds_both():
    pair = Compare(small(), n_critic=3)
    pair.change(batch_size=5)
    assert {each.running.batch_size for each in pair.sessions} == {5}
    with pytest.raises(ValueError, match="n_critic is what the two sides differ in"):
        pair.change(n_critic=2)
    for _ in range(4):
        pair.step()
    pair.rewind(2)
    assert {each.step_count for each in pair.sessions} == {2}
    pair.reset(seed=9)
    assert [each.running.seed for each in pair.sessions] == [9, 9]
    assert [each.running.n_critic for each in pair.sessions] == [1, 3]
    with pytest.raises(ValueError, match="differ in nothing"):
        pair.reset(small(n_critic=3))
    assert pair.left.running.n_critic == 1


def test_both_sides_keep_the_same_moments_whatever_their_size():
    pair = Compare(LabSettings(hidden_layers=4, width=4, batch_size=2), width=256)
    assert room(pair.right.run.weights) < 30 < room(pair.left.run.weights)
    for _ in range(2 * room(pair.right.run.weights)):
        pair.step_discriminator()
    ticks = [[state.tick for state in each.states] for each in pair.sessions]
    assert ticks[0] == ticks[1]


def test_a_side_that_diverges_is_named_and_the_other_has_done_the_same():
    pair = Compare(small("WGAN-GP", optimiser="SGD"), discriminator_rate=1.0)
    pair.change(penalty_weight=1000.0)
    with pytest.raises(NonFiniteLossError, match=r"^right side: step"):
        do(pair.step, 300)
    assert pair.left.run.tick == pair.right.run.tick
    assert [s.tick for s in pair.left.states] == [s.tick for s in pair.right.states]
    pair.rewind(0)
    assert pair.right.step_count == 0


# Anything, in any order ----------------------------------------------------------------------

TINY = {"width": 4, "hidden_layers": 1, "batch_size": 2, "data": "two Gaussians"}
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "generator_rate": st.sampled_from([1e-4, 1e-2]),
        "discriminator_rate": st.sampled_from([1e-4, 1e-2]),
        "n_critic": st.integers(1, 3),
        "generator_updates": st.integers(1, 3),
        "batch_size": st.integers(2, 5),
        "clip": st.sampled_from([0.01, 0.1]),
        "penalty_weight": st.sampled_from([0.0, 1.0]),
    },
)
ACTIONS = st.one_of(
    st.sampled_from(
        ["step", "step_discriminator", "step_generator", "next_part", "finish_turn"]
    ).map(lambda name: (name, None)),
    st.tuples(st.just("rewind"), st.floats(0, 1)),
    st.tuples(st.just("change"), CHANGES),
    st.tuples(st.just("reset"), st.sampled_from([None, *NAMED])),
    st.tuples(st.just("measure"), st.none()),
)


def act(session, name, value):
    if name == "rewind":
        session.rewind(round(value * (len(session.states) - 1)))
    elif name == "change":
        session.change(**value)
    elif name == "reset":
        session.reset(value and LabSettings.recipe(NAMED[value], **TINY))
    else:
        getattr(session, name)()


@given(st.lists(ACTIONS, min_size=100, max_size=100))
@settings(max_examples=6, deadline=None)
def test_a_hundred_actions_in_any_order_keep_what_must_hold(actions):
    session = Session(LabSettings(**TINY), state_limit=8)
    for name, value in actions:
        act(session, name, value)
        steps, ticks = session.history.steps, [state.tick for state in session.states]
        assert (np.diff(steps) > 0).all()
        assert session.step_count == session.gan.step == (steps[-1] if len(steps) else 0)
        assert ticks == sorted(set(ticks))
        assert ticks[0] == 0
        assert len(ticks) <= 8
        assert [each.tick for each in session.measured] == sorted(
            each.tick for each in session.measured
        )
        assert session.running.n_critic == session.gan.objective.n_critic
        rate = session.gan.generator_optimizer.param_groups[0]["lr"]
        assert session.running.generator_rate == rate

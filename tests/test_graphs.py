"""A run that replays captured turns is the eager run, whatever happens in between.

There is no GPU in CI: here a replay runs the turn again, but sees of its surroundings what a CUDA
graph would see: the rates in the tensors that were captured, the objective and the optimisers'
states as they were then. The tests for a GPU follow at the end.
"""

from __future__ import annotations

import copy
import random
import re
import warnings
from dataclasses import replace
from itertools import cycle, islice

import pytest
import torch
from torch import nn
from torch.optim import SGD, Adam, RMSprop
from torch.optim.lr_scheduler import StepLR

from gan_helpers import (
    GAN,
    NON_SATURATING,
    OBJECTIVES,
    WGAN,
    WGAN_GP,
    averaged,
    data,
    graphs,
    linear_lr_decay,
    load,
    save,
    set_seed,
    train,
)
from gan_helpers.data.supply import Supply
from gan_helpers.gan import prepared
from gan_helpers.networks import MLPDiscriminator, MLPGenerator
from gan_helpers.widgets import LiveBoard

RATE = 2.0**-10  # the same in float32 and in float64
OPTIMIZERS = {"Adam": {"optimizer": Adam, "fused": True}, "RMSprop": {"optimizer": RMSprop}}


def make_gan(objective=NON_SATURATING, optimizer=Adam, players=None, device="cpu", **more):
    set_seed(0)
    nets = players or (MLPGenerator(2, (2,), (16, 16)), MLPDiscriminator((2,), (16, 16)))
    nets = [net.to(device) for net in nets]
    if optimizer is Adam:
        more.setdefault("betas", (0.5, 0.9))
        more.setdefault("fused", True)
    both = [optimizer(net.parameters(), lr=RATE, **more) for net in nets]
    return GAN(*nets, objective, *both, latent_dim=2)


def points(sizes=(32,), device="cpu"):
    """An endless supply that draws nothing while it is pulled."""
    made = data.ring().sample(4 * max(sizes), generator=torch.Generator().manual_seed(1))
    rows = [made[i : i + size].to(device) for size in sizes for i in (0, size, 2 * size)]
    return cycle(rows)


class Replaying:
    """Stands in for CUDA graphs on the CPU."""

    def __init__(self, gan):
        self.gan, self.warm, self.captures, self.replays = gan, 0, 0, 0

    def warm_up(self, turn):
        self.warm += 1
        return turn()

    def capture(self, turn):
        self.captures += 1
        gan = self.gan
        optimizers = gan.generator_optimizer, gan.discriminator_optimizer
        groups = [group for each in optimizers for group in each.param_groups]
        rates = [group["lr"] for group in groups]
        assert all(rate.shape == () for rate in rates)
        assert all(group["capturable"] for group in groups)
        assert all(weight.grad is None for group in groups for weight in group["params"])
        baked = [gan.objective, *(each.state for each in optimizers)]
        out = torch.full((8,), torch.nan)

        def replay():
            self.replays += 1
            now = [gan.objective, *(each.state for each in optimizers)]
            assert all(a is b for a, b in zip(baked, now, strict=True)), "stale"
            given = [group["lr"] for group in groups]
            for group, rate in zip(groups, rates, strict=True):
                group["lr"] = float(rate)
            out.copy_(turn())
            for group, rate in zip(groups, given, strict=True):
                group["lr"] = rate
            return out

        return replay


def eager(gan, batches, steps):
    return train.__wrapped__(gan, Supply(gan, batches), steps)


def replayed(gan, batches, steps, way=None):
    return graphs.captured_train(gan, Supply(gan, batches), steps, way or Replaying(gan))


@pytest.mark.parametrize(("module", "captured"), [("gan_helpers.training", 1), ("__main__", 0)])
def test_a_loop_of_one_s_own_is_never_replaced_by_the_package_s_graph(
    monkeypatch, module, captured
):
    gan, asked = make_gan(), []

    def loop(gan, batches, steps):
        return iter(())

    loop.__module__ = module
    monkeypatch.setattr(GAN, "device", property(lambda gan: torch.device("cuda")))
    monkeypatch.setattr(graphs, "captured_train", lambda *given: asked.append(given) or iter(()))
    assert list(prepared(loop)(gan, iter(()), 5)) == []
    assert len(asked) == captured


def scalars(records):
    return torch.stack([torch.stack([torch.as_tensor(float(v)) for v in r[:9]]) for r in records])


def weights(gan):
    nets = gan.generator, gan.discriminator
    return torch.cat(
        [w.detach().cpu().flatten() for net in nets for w in net.state_dict().values()]
    )


def assert_same(one, other, records, others):
    assert torch.equal(scalars(records), scalars(others))
    assert torch.equal(weights(one), weights(other))
    assert one.step == other.step


# The same run ---------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
def test_two_hundred_updates_are_the_eager_ones_bit_for_bit(objective, optimizer):
    objective = replace(objective, n_critic=min(objective.n_critic, 2))
    one, other = (make_gan(objective, **OPTIMIZERS[optimizer]) for _ in range(2))
    way = Replaying(other)
    set_seed(1)
    expected = list(eager(one, points(), 200))
    set_seed(1)
    got = list(replayed(other, points(), 200, way))
    assert_same(one, other, expected, got)
    assert (way.warm, way.captures, way.replays) == (4, 1, 196)  # the first makes their state


def test_a_record_keeps_its_numbers_when_the_next_replay_writes_its_own():
    gan = make_gan()
    records = list(replayed(gan, points(), 30))
    at_once = scalars(replayed(make_gan(), points(), 30))  # read as they come
    assert torch.equal(scalars(records), at_once)
    assert len(scalars(records)[:, 1].unique()) == 30


def scheduled(gan, records):
    both = [StepLR(o, 10, 0.5) for o in (gan.generator_optimizer, gan.discriminator_optimizer)]
    for record in records:
        yield record
        for schedule in both:
            schedule.step()


def changed_by_hand(gan, records):
    for record in records:
        yield record
        if record.step == 20:
            gan.generator_optimizer.param_groups[0]["lr"] = RATE / 4


@pytest.mark.parametrize("way", [scheduled, changed_by_hand])
def test_a_changed_rate_is_the_one_that_the_next_replay_reads(way):
    one, other = make_gan(), make_gan()
    counted = Replaying(other)
    set_seed(1)
    expected = list(way(one, eager(one, points(), 60)))
    set_seed(1)
    got = list(way(other, replayed(other, points(), 60, counted)))
    assert_same(one, other, expected, got)
    assert counted.captures == 1
    rates = [[g["lr"] for g in gan.generator_optimizer.param_groups] for gan in (one, other)]
    assert rates[0] == rates[1]
    assert type(rates[1][0]) is float
    constant = make_gan()
    set_seed(1)
    list(eager(constant, points(), 60))
    assert not torch.equal(weights(constant), weights(other))


def test_a_rate_that_falls_linearly_does_so_and_is_given_back():
    one, other = make_gan(), make_gan()
    set_seed(1)
    expected = list(linear_lr_decay(one, eager(one, points(), 50), 50))
    set_seed(1)
    records = linear_lr_decay(other, replayed(other, points(), 50), 50)
    got = list(islice(records, 49))
    assert 0 < other.generator_optimizer.param_groups[0]["lr"] < RATE / 40
    got += list(records)
    assert other.generator_optimizer.param_groups[0]["lr"] == RATE
    torch.testing.assert_close(scalars(got), scalars(expected), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(weights(other), weights(one), rtol=1e-4, atol=1e-6)


def test_an_average_follows_a_replayed_run_as_it_follows_an_eager_one():
    one, other = make_gan(), make_gan()
    for gan, loop in ((one, eager), (other, replayed)):
        set_seed(1)
        list(averaged(gan, loop(gan, points(), 50), 0.9))
    assert int(other.average.n_averaged) == 50
    found, expected = (gan.average.module.state_dict() for gan in (other, one))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_a_batch_of_another_shape_runs_eagerly_and_the_graph_is_kept():
    one, other = make_gan(), make_gan()
    way = Replaying(other)
    sizes = [32, 32, 7]  # three of each in turn
    set_seed(1)
    expected = list(eager(one, points(sizes), 30))
    set_seed(1)
    got = list(replayed(other, points(sizes), 30, way))
    assert_same(one, other, expected, got)
    assert way.captures == 1
    assert way.warm == 4 + 9  # the warm-up, and what is of another shape


class Translator(nn.Module):
    """G(z, condition) or G(condition) of points, without z where latent_dim is 0."""

    def __init__(self, latent_dim):
        super().__init__()
        self.latent_dim = latent_dim
        self.layers = nn.Sequential(nn.Linear(latent_dim + 2, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, *given):
        return self.layers(torch.cat(given, 1))


class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))

    def forward(self, x, condition):
        return self.layers(torch.cat([x, condition], 1)).squeeze(1)


def l1(fake, batch):
    return 10 * (fake - batch[0]).abs().mean()


@pytest.mark.parametrize("latent_dim", [2, 0])
def test_conditions_and_reconstructions_are_copied_into_the_graph(latent_dim):
    objective = replace(WGAN_GP, n_critic=2, reconstruction=l1)
    both = []
    for run in (eager, replayed):
        set_seed(0)
        nets = Translator(latent_dim), Judge()
        adams = [Adam(net.parameters(), lr=RATE, fused=True) for net in nets]
        gan = GAN(*nets, objective, *adams, latent_dim=latent_dim)
        real = data.ring().sample(90, generator=torch.Generator().manual_seed(1))
        pairs = cycle(list(zip(real.split(10), real.flip(0).sin().split(10), strict=True)))
        both.append((gan, list(run(gan, pairs, 40))))
    (one, expected), (other, got) = both
    assert_same(one, other, expected, got)
    assert scalars(got)[:, 7].min() > 0


def test_running_averages_and_autocast_follow():
    def players():
        set_seed(0)
        return MLPGenerator(2, (2,), (16,), batch_norm=True), MLPDiscriminator((2,), (16,))

    one, other = make_gan(players=players()), make_gan(players=players())
    one.autocast = other.autocast = torch.bfloat16
    set_seed(1)
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        expected = list(eager(one, points(), 40))
    set_seed(1)
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        got = list(replayed(other, points(), 40))
    assert_same(one, other, expected, got)


# What is changed while a graph is held --------------------------------------------------------


def test_a_checkpoint_loaded_half_way_is_gone_on_from_with_a_new_graph(tmp_path):
    gan = make_gan(WGAN)
    way, source = Replaying(gan), points()
    records = replayed(gan, source, 90, way)
    list(islice(records, 30))
    save(gan, tmp_path / "at30.pt")
    draws = copy.deepcopy(source)
    first = scalars(islice(records, 30))
    assert way.captures == 1
    load(gan, tmp_path / "at30.pt")
    again = Replaying(gan)
    one = scalars(replayed(gan, copy.deepcopy(draws), 30, again))
    assert torch.equal(one, first)
    # and within the run that had captured: the optimisers' moments are other tensors now
    load(gan, tmp_path / "at30.pt")
    other = make_gan(WGAN)
    load(other, tmp_path / "at30.pt")
    state = torch.get_rng_state()
    expected = scalars(eager(other, copy.deepcopy(source), 30))
    torch.set_rng_state(state)
    assert torch.equal(scalars(records), expected)
    assert way.captures == 2


def test_a_checkpoint_between_replays_is_what_an_eager_run_would_have_written(tmp_path):
    one, other = make_gan(), make_gan()
    for gan, run in ((one, eager), (other, replayed)):
        set_seed(1)
        records = run(gan, points(), 40)
        list(islice(records, 30))
        save(gan, tmp_path / f"{run.__name__}.pt")
    both = [(tmp_path / f"{name}.pt").read_bytes()[:-32] for name in ("eager", "replayed")]
    (tmp_path / "a").write_bytes(both[0])
    (tmp_path / "b").write_bytes(both[1])
    a, b = (torch.load(tmp_path / name, weights_only=True) for name in "ab")
    for player in ("generator_optimizer", "discriminator_optimizer"):
        assert a[player]["param_groups"] == b[player]["param_groups"]


def test_a_changed_objective_is_captured_anew():
    one, other = make_gan(), make_gan()
    way = Replaying(other)

    def switched(gan, records):
        for record in records:
            yield record
            if record.step == 25:
                gan.objective = replace(WGAN_GP, n_critic=1)

    set_seed(1)
    expected = list(switched(one, eager(one, points(), 50)))
    set_seed(1)
    got = list(switched(other, replayed(other, points(), 50, way)))
    assert_same(one, other, expected, got)
    assert way.captures == 2


def assign(gan):
    """Put other tensors in the place of the discriminator's weights."""
    fresh = {key: value.clone() for key, value in gan.discriminator.state_dict().items()}
    gan.discriminator.load_state_dict(fresh, assign=True)
    gan.discriminator_optimizer.param_groups[0]["params"][:] = gan.discriminator.parameters()


@pytest.mark.parametrize(
    "change",
    [
        lambda gan: gan.discriminator_optimizer.param_groups[0].update(weight_decay=0.1),
        lambda gan: gan.generator.requires_grad_(False),
        assign,
    ],
    ids=["weight decay", "frozen", "other weights"],
)
def test_what_a_graph_has_baked_in_is_not_replayed_once_it_is_changed(change):
    gan = make_gan()
    way = Replaying(gan)
    records = replayed(gan, points(), 40, way)
    list(islice(records, 20))
    assert (way.warm, way.captures) == (4, 1)
    change(gan)
    next(records)
    assert (way.warm, way.captures) == (5, 1)


def test_what_changes_all_the_time_is_not_captured_again_and_again():
    gan = make_gan()
    way = Replaying(gan)
    for record in replayed(gan, points(), 40, way):
        betas = (0.5, 0.9 + record.step / 1000)
        gan.generator_optimizer.param_groups[0]["betas"] = betas
    assert (way.warm, way.captures, way.replays) == (40, 0, 0)


# What cannot be captured ----------------------------------------------------------------------


def reads_a_value(real_scores, fake_scores):
    loss = fake_scores.mean() - real_scores.mean()
    return loss * 2 if loss.item() > 0 else loss


class Failing(Replaying):
    """Runs half a turn and breaks, as no CUDA graph would, which runs nothing at all."""

    def capture(self, turn):
        turn()
        torch.rand(3)
        random.random()
        try:
            raise RuntimeError("operation not permitted when stream is capturing.\nCompile with")
        except RuntimeError:
            raise ValueError("invalidated by a previous error") from None


@pytest.mark.parametrize("way", [Replaying, Failing])
def test_a_loss_that_reads_a_value_falls_back_and_says_so_once(way):
    objective = NON_SATURATING
    if way is Replaying:
        objective = replace(NON_SATURATING, discriminator_loss=reads_a_value)
    one, other = (make_gan(objective) for _ in range(2))
    set_seed(1)
    expected = list(eager(one, points(), 40))
    set_seed(1)
    with pytest.warns(UserWarning, match="stays eager") as said:
        got = list(replayed(other, points(), 40, way(other)))
    assert_same(one, other, expected, got)
    (warning,) = said
    cause = "_local_scalar_dense" if way is Replaying else "stream is capturing.$"
    assert re.search(cause, str(warning.message))


def test_a_failed_capture_leaves_everything_as_it_was():
    gan = make_gan(WGAN)
    way = Failing(gan)
    records = replayed(gan, points(), 40, way)
    list(islice(records, 3))
    before = copy.deepcopy([gan.generator.state_dict(), gan.discriminator.state_dict()])
    moments = copy.deepcopy(gan.discriminator_optimizer.state_dict())
    drawn, chosen = torch.get_rng_state(), random.getstate()
    turns = records.gi_frame.f_locals["turns"]
    with pytest.warns(UserWarning, match="stays eager"):
        turns._capture(list(islice(points(), 5)))
    after = [gan.generator.state_dict(), gan.discriminator.state_dict()]
    torch.testing.assert_close(after, before, rtol=0, atol=0)
    now = gan.discriminator_optimizer.state_dict()
    torch.testing.assert_close(now["state"], moments["state"], rtol=0, atol=0)
    assert now["param_groups"] == moments["param_groups"]
    assert torch.equal(torch.get_rng_state(), drawn)
    assert random.getstate() == chosen


def test_an_interrupt_within_a_capture_is_not_taken_for_a_failure():
    class Interrupted(Replaying):
        def capture(self, turn):
            turn()
            raise KeyboardInterrupt

    gan = make_gan()
    records = replayed(gan, points(), 40, Interrupted(gan))
    list(islice(records, 4))
    before = weights(gan)
    with pytest.raises(KeyboardInterrupt):
        next(records)
    assert torch.equal(weights(gan), before)
    assert type(gan.generator_optimizer.param_groups[0]["lr"]) is float


@pytest.mark.parametrize("draw", [random.random, lambda: torch.rand(())])
def test_what_draws_on_the_processor_would_be_frozen_and_is_not_captured(draw):
    class Running(Replaying):  # Python runs once while a graph is captured
        def capture(self, turn):
            turn()
            return turn

    gan = make_gan(replace(WGAN, discriminator_loss=lambda r, f: (f - r).mean() * draw()))
    way = Running(gan)
    # on the CPU every turn draws its z there; on a GPU z is drawn by the device
    gan.latent_distribution = lambda n, d, generator=None, device=None: torch.zeros(n, d)
    with pytest.warns(UserWarning, match="random numbers are drawn on the CPU"):
        list(replayed(gan, points(), 20, way))
    assert way.replays == 0


def hook_on_a_weight(gan):
    next(gan.generator.parameters()).register_post_accumulate_grad_hook(lambda weight: None)


def hook_on_a_layer(gan):
    gan.discriminator.register_forward_hook(lambda layer, given, out: None)


@pytest.mark.parametrize(
    ("optimizer", "add", "cause"),
    [
        (SGD, lambda gan: None, "SGD cannot be captured"),
        (Adam, hook_on_a_weight, "the generator has hooks"),
        (RMSprop, hook_on_a_layer, "the discriminator has hooks"),
    ],
)
def test_what_is_known_beforehand_is_said_before_the_first_turn(optimizer, add, cause):
    gan = make_gan(optimizer=optimizer)
    add(gan)
    way = Replaying(gan)
    with pytest.warns(UserWarning, match=cause) as said:
        list(replayed(gan, points(), 40, way))
    assert len(said) == 1
    assert way.captures == way.warm == 0


def test_short_runs_and_switched_off_graphs_are_eager(monkeypatch):
    gan = make_gan(optimizer=SGD)  # which a longer run would warn of
    way = Replaying(gan)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        list(replayed(gan, points(), graphs.FEWEST - 1, way))
        monkeypatch.setattr(graphs, "enabled", False)
        list(replayed(gan, points(), graphs.FEWEST, way))
    assert way.captures == way.warm == 0


# On a GPU -------------------------------------------------------------------------------------


def on_gpu(test):
    missing = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
    return pytest.mark.gpu(missing(test))


@pytest.fixture
def captures(monkeypatch):
    """Counts the captures that end well."""
    done, capture = [], graphs.OnGPU.capture

    def counted(self, turn):
        replay = capture(self, turn)
        done.append(replay)
        return replay

    monkeypatch.setattr(graphs.OnGPU, "capture", counted)
    return done


def both_ways(monkeypatch, run, **made):
    """Do a run eagerly and with graphs, from the same seeds; return players and records of both."""
    found = []
    for with_graphs in (False, True):
        monkeypatch.setattr(graphs, "enabled", with_graphs)
        gan = make_gan(device="cuda", **made)
        for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer):
            optimizer.param_groups[0]["lr"] = 2.0**-12
        set_seed(1)
        found += [gan, scalars(run(gan))]
    return found


def assert_close(eager_gan, expected, gan, got):
    torch.testing.assert_close(got, expected, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(weights(gan), weights(eager_gan), rtol=1e-3, atol=1e-4)


ON_GPU = {
    "fused Adam": {"optimizer": Adam, "fused": True},
    "Adam": {"optimizer": Adam, "fused": False},
    "RMSprop": {"optimizer": RMSprop},
}


@on_gpu
@pytest.mark.parametrize("optimizer", ON_GPU)
@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
def test_on_a_gpu_two_hundred_replayed_updates_are_the_eager_ones(
    monkeypatch, captures, objective, optimizer
):
    made = {"objective": objective, **ON_GPU[optimizer]}
    run = lambda gan: list(train(gan, points(device="cuda"), 200))  # noqa: E731
    assert_close(*both_ways(monkeypatch, run, **made))
    assert len(captures) == 1


@on_gpu
def test_on_a_gpu_a_falling_rate_is_read_by_the_graph_and_given_back(monkeypatch, captures):
    def run(gan):
        records = train(gan, points(device="cuda"), 200)
        found = list(linear_lr_decay(gan, records, 200))
        assert gan.generator_optimizer.param_groups[0]["lr"] == 2.0**-12
        return found

    assert_close(*both_ways(monkeypatch, run))
    assert len(captures) == 1


@on_gpu
@pytest.mark.parametrize("optimizer", ON_GPU)
def test_on_a_gpu_a_run_goes_back_to_its_checkpoint_and_on(captures, tmp_path, optimizer):
    gan, source = make_gan(device="cuda", **ON_GPU[optimizer]), points(device="cuda")
    records = train(gan, source, 130)
    list(islice(records, 48))
    save(gan, tmp_path / "at48.pt")
    later = copy.deepcopy(source)
    first = scalars(islice(records, 30))
    load(gan, tmp_path / "at48.pt")
    again = scalars(islice(train(gan, later, 30), 30))
    torch.testing.assert_close(again, first, rtol=1e-3, atol=1e-4)
    before = weights(gan)
    list(islice(records, 30))  # the older run sees other moments, and captures anew
    assert len(captures) == 3
    assert not torch.equal(weights(gan), before)
    on_cpu = make_gan(**ON_GPU[optimizer])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that its random state begins anew
        load(on_cpu, tmp_path / "at48.pt")
    list(train(on_cpu, points(), 3))


@on_gpu
def test_on_a_gpu_a_board_trains_in_its_thread_and_draws_beside_it(monkeypatch, captures):
    def run(gan):
        board = LiveBoard(gan, data.ring())
        board.start(train(gan, points(device="cuda"), 300), steps=300)
        board.wait()
        history = board.history
        assert len(history) == 300
        return [[history.column(name)[i] for name in history.columns] for i in range(300)]

    assert_close(*both_ways(monkeypatch, run))
    assert len(captures) == 1


@on_gpu
@pytest.mark.parametrize(
    "loss",
    [reads_a_value, lambda real, fake: fake.mean() - real[real > real.mean()].mean()],
    ids=["item", "mask"],
)
def test_on_a_gpu_a_failed_capture_is_said_and_harms_no_later_run(monkeypatch, captures, loss):
    objective = replace(NON_SATURATING, discriminator_loss=loss)
    gan = make_gan(objective, device="cuda")
    with pytest.warns(UserWarning, match="stays eager") as said:
        list(train(gan, points(device="cuda"), 40))
    assert len(said) == 1
    assert captures == []
    torch.randn(3, device="cuda")
    torch.cuda.empty_cache()
    run = lambda gan: list(train(gan, points(device="cuda"), 60))  # noqa: E731
    assert_close(*both_ways(monkeypatch, run))
    assert len(captures) == 1

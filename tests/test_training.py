"""The loop: what each player touches, what is drawn, what is recorded, what stops it."""

import copy
import itertools
from dataclasses import replace

import pytest
import torch
from torch import nn

from gan_helpers import (
    GAN,
    LEAST_SQUARES,
    NON_SATURATING,
    OBJECTIVES,
    WGAN,
    WGAN_GP,
    History,
    NonFiniteLossError,
    averaged,
    discriminator_step,
    generator_step,
    linear_lr_decay,
    load,
    r1_penalty,
    save,
    set_seed,
    train,
)
from gan_helpers.data import batches, ring
from gan_helpers.networks import ConvDiscriminator, ConvGenerator, MLPDiscriminator, MLPGenerator


def ring_gan(objective=NON_SATURATING, seed=0, latent_dim=2, **optimizer):
    set_seed(seed)
    generator = MLPGenerator(latent_dim, (2,), widths=(16, 16))
    discriminator = MLPDiscriminator((2,), widths=(16, 16))
    optimizer = {"lr": 1e-3, "betas": (0.5, 0.9), **optimizer}
    return GAN(
        generator,
        discriminator,
        objective,
        torch.optim.Adam(generator.parameters(), **optimizer),
        torch.optim.Adam(discriminator.parameters(), **optimizer),
        latent_dim=latent_dim,
    )


def weights(net):
    return [w.detach().clone() for w in net.parameters()]


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def run(gan, steps=5, batch_size=8):
    history = History()
    for _ in history.record(train(gan, batches(ring(), batch_size), steps)):
        pass
    return history


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
def test_a_discriminator_step_leaves_the_generator_alone(objective):
    """Defect 10: fakes that are not detached."""
    gan = ring_gan(objective)
    before = weights(gan.generator), weights(gan.discriminator)
    discriminator_step(gan, torch.randn(8, 2))
    assert same(before[0], weights(gan.generator))
    assert all(w.grad is None for w in gan.generator.parameters())
    assert not same(before[1], weights(gan.discriminator))


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
def test_a_generator_step_leaves_the_discriminator_alone(objective):
    gan = ring_gan(objective)
    before = weights(gan.generator), weights(gan.discriminator)
    generator_step(gan, torch.randn(8, 2))
    assert same(before[1], weights(gan.discriminator))
    assert all(w.grad is None for w in gan.discriminator.parameters())
    assert all(w.requires_grad for w in gan.discriminator.parameters())
    assert not same(before[0], weights(gan.generator))


@pytest.mark.parametrize("n_critic", [1, 3, 5])
@pytest.mark.parametrize("objective", [WGAN, WGAN_GP, NON_SATURATING], ids=lambda o: o.name)
def test_every_update_draws_fresh_data_and_fresh_latents(objective, n_critic):
    """Defects 5, 8 and 9: n_critic is obeyed, nothing is drawn twice, one step() an update."""
    gan = ring_gan(replace(objective, n_critic=n_critic))
    latents, drawn, updates = [], [], []

    def recording_law(*args, **kwargs):
        latents.append(torch.randn(*args, **kwargs))
        return latents[-1]

    gan.latent_distribution = recording_law
    step = gan.discriminator_optimizer.step
    gan.discriminator_optimizer.step = lambda: updates.append(step())
    supply = (drawn.append(b) or b for b in batches(ring(), 8))
    assert len(list(train(gan, supply, 4))) == 4
    assert len(drawn) == len(updates) == 4 * n_critic
    assert len(latents) == 4 * (n_critic + 1)
    for tensors in (drawn, latents):
        assert not any(torch.equal(a, b) for a, b in itertools.combinations(tensors, 2))


def test_after_every_critic_step_each_weight_is_clipped_and_the_critic_still_tells_apart():
    """Defect 6."""
    gan = ring_gan(WGAN)
    for _ in train(gan, batches(ring(), 32), 10):
        assert max(w.abs().max().item() for w in gan.discriminator.parameters()) <= WGAN.clip
    assert gan.discriminator(ring().sample(100)).std().item() > 0


def test_without_clipping_the_weights_leave_the_box():
    gan = ring_gan(replace(WGAN, clip=None))
    list(train(gan, batches(ring(), 32), 10))
    assert max(w.abs().max().item() for w in gan.discriminator.parameters()) > WGAN.clip


def test_a_record_says_what_happened():
    gan = ring_gan(WGAN_GP)
    records = list(train(gan, batches(ring(), 8), 3))
    assert [r.step for r in records] == [1, 2, 3]
    assert gan.step == 3
    for record in records:
        assert all(v.shape == () and not v.requires_grad for v in record[1:9])
        assert record.penalty.item() > 0
        # the critic's loss is the difference of the scores, without the penalty
        assert record.discriminator_loss.item() == pytest.approx(
            record.fake_score.item() - record.real_score.item(), abs=1e-5
        )
    assert 0 < records[0].seconds < records[1].seconds < records[2].seconds


def test_recorded_gradient_norm_is_that_of_all_weights():
    gan = ring_gan()
    (record,) = train(gan, batches(ring(), 8), 1)
    flat = torch.cat([w.grad.flatten() for w in gan.generator.parameters()])
    assert record.generator_grad_norm.item() == pytest.approx(flat.norm().item(), rel=1e-5)


def test_train_is_lazy_and_can_be_left_and_resumed():
    gan = ring_gan()
    before = weights(gan.generator)
    run_of_ten = train(gan, batches(ring(), 8), 10)
    assert same(before, weights(gan.generator))
    assert len(list(itertools.islice(run_of_ten, 3))) == 3
    assert gan.step == 3
    run_of_ten.close()
    assert [r.step for r in train(gan, batches(ring(), 8), 2)] == [4, 5]


def test_the_same_seed_gives_the_same_history_bit_for_bit():
    first, second, other = (run(ring_gan(WGAN_GP, seed=s)) for s in (0, 0, 1))
    for name in ("discriminator_loss", "generator_loss", "penalty", "generator_grad_norm"):
        assert (first.column(name) == second.column(name)).all()
        assert (first.column(name) != other.column(name)).any()


def test_sampling_with_an_own_generator_changes_nothing_about_a_run():
    """Previews must not touch the global random state, BatchNorm's averages or the mode."""

    def conv_gan():
        set_seed(0)
        g, d = ConvGenerator(8, channels=4), ConvDiscriminator(channels=4)
        sgd = [torch.optim.SGD(net.parameters(), lr=1e-3) for net in (g, d)]
        return GAN(g, d, NON_SATURATING, *sgd, latent_dim=8)

    data = torch.rand(32, 1, 28, 28) * 2 - 1
    quiet, watched = conv_gan(), None
    set_seed(1)
    expected = [r.generator_loss.item() for r in train(quiet, batches(data, 8), 4)]
    watched = conv_gan()
    set_seed(1)
    seen = []
    for record in train(watched, batches(data, 8), 4):
        seen.append(record.generator_loss.item())
        preview = watched.sample(5, generator=torch.Generator().manual_seed(7))
        assert preview.shape == (5, 1, 28, 28)
        assert not preview.requires_grad
    assert seen == expected
    assert watched.generator.training
    for a, b in zip(quiet.generator.buffers(), watched.generator.buffers(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
def test_a_non_finite_loss_stops_the_run_and_keeps_the_history(objective):
    gan, history = ring_gan(objective), History()

    def poisoned():
        for i, batch in enumerate(batches(ring(), 8)):
            yield batch * float("nan") if i >= 2 * objective.n_critic else batch

    with pytest.raises(NonFiniteLossError, match=r"step 3: the discriminator's.*real batch holds"):
        for _ in history.record(train(gan, poisoned(), 10)):
            pass
    assert list(history.steps) == [1, 2, 3]
    assert torch.isfinite(torch.tensor(history.column("generator_loss")[:2])).all()


def test_an_exploding_generator_is_named():
    gan = ring_gan()
    with torch.no_grad():
        next(gan.generator.parameters()).fill_(float("inf"))
    with pytest.raises(NonFiniteLossError, match=r"step 1: the .* likely cause: the learning rate"):
        list(train(gan, batches(ring(), 8), 2))


def test_a_keyboard_interrupt_leaves_a_usable_gan_and_the_history():
    gan, history = ring_gan(), History()

    def interrupted():
        for record in history.record(train(gan, batches(ring(), 8), 10)):
            if record.step == 4:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(history) == gan.step == 4
    assert len(list(train(gan, batches(ring(), 8), 2))) == 2


@pytest.mark.parametrize(
    "objective",
    [*OBJECTIVES, replace(LEAST_SQUARES, name="ls with R1", penalty=r1_penalty)],
    ids=lambda o: o.name,
)
@pytest.mark.parametrize("kind", ["mlp", "conv"])
def test_everything_is_made_on_the_players_device(objective, kind):
    """On the meta device mixing devices raises, so placement is proven without a GPU."""
    meta = torch.device("meta")
    with meta:
        if kind == "mlp":
            g, d, shape = MLPGenerator(2, (2,)), MLPDiscriminator((2,)), (2,)
        else:
            g = ConvGenerator(2, channels=4)
            d = ConvDiscriminator(channels=4, batch_norm=objective.penalty is None)
            shape = (1, 28, 28)
    # foreach: the choice Adam makes by itself where the device has it
    adam = [torch.optim.Adam(net.parameters(), foreach=True) for net in (g, d)]
    gan = GAN(g, d, objective, *adam, latent_dim=2)
    supply = itertools.repeat(torch.empty(8, *shape, device=meta))
    (record,) = train(gan, supply, 1)
    assert {v.device for v in record[1:9]} == {meta}
    assert gan.sample(4).device == meta


def test_mixed_devices_are_refused():
    g, d = MLPGenerator(2, (2,)), MLPDiscriminator((2,)).to("meta")
    sgd = [torch.optim.SGD(net.parameters(), lr=0.1) for net in (g, d)]
    with pytest.raises(ValueError, match=r"\['cpu', 'meta'\]; move both to one device"):
        GAN(g, d, NON_SATURATING, *sgd, latent_dim=2)


def swap_optimizers(gan):
    gan.generator_optimizer, gan.discriminator_optimizer = (
        gan.discriminator_optimizer,
        gan.generator_optimizer,
    )


def batch_norm_under_a_penalty(gan):
    gan.discriminator = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    gan.discriminator_optimizer = torch.optim.SGD(gan.discriminator.parameters(), lr=0.1)
    gan.objective = WGAN_GP


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (swap_optimizers, "generator_optimizer holds weights that are not the generator's"),
        (batch_norm_under_a_penalty, "layer '1' is a BatchNorm1d"),
        (lambda gan: setattr(gan, "latent_dim", 3), "latent_dim is 3, the generator takes z of"),
        (lambda gan: setattr(gan, "latent_dim", -1), "latent_dim is -1"),
        (lambda gan: setattr(gan, "latent_dim", 2.0), "latent_dim is 2.0"),
        (lambda gan: setattr(gan, "generator", nn.Identity()), "generator has no weights"),
    ],
)
def test_players_that_do_not_fit_are_refused(change, message):
    """Defects 13 and 15, and what a student mixes up."""
    gan = ring_gan()
    change(gan)
    with pytest.raises(ValueError, match=message):
        train(gan, batches(ring(), 8), 1)


@pytest.mark.parametrize(
    ("batch", "error", "message"),
    [
        (torch.randn(8, 3), ValueError, r"real sample is \(3,\).*generated one \(2,\)"),
        (torch.randn(8, 2).double(), ValueError, "float64"),
        (torch.randint(5, (8, 2)), ValueError, "int64"),
        (torch.randn(8), ValueError, r"shape \(8,\); it must be \(N, ...\)"),
        (torch.empty(0, 2), ValueError, r"shape \(0, 2\)"),
        ((torch.randn(8, 2), torch.zeros(8)), TypeError, r"a pair.*x for x, _ in loader"),
        ((torch.randn(8, 2), torch.zeros(7)), ValueError, "one condition for each sample"),
        ([1.0, 2.0], TypeError, "a batch holds a float"),
        ("ring", TypeError, "a batch is a str"),
    ],
)
def test_batches_that_do_not_fit_are_refused_before_anything_changes(batch, error, message):
    gan = ring_gan()
    before = weights(gan.discriminator)
    with pytest.raises(error, match=message):
        list(train(gan, itertools.repeat(batch), 1))
    assert same(before, weights(gan.discriminator))
    assert gan.step == 0


def test_a_falling_rate_ends_at_zero_and_hands_every_record_on():
    gan = ring_gan()
    rates = [
        gan.generator_optimizer.param_groups[0]["lr"]
        for _ in linear_lr_decay(gan, train(gan, batches(ring(), 8), 4), steps=4)
    ]
    assert rates == pytest.approx([0.75e-3, 0.5e-3, 0.25e-3, 0.0])
    assert gan.discriminator_optimizer.param_groups[0]["lr"] == 1e-3


@pytest.mark.parametrize("end", ["exhausted", "closed", "raised"])
def test_after_a_falling_rate_the_next_run_learns_at_the_old_one(end):
    """Rerunning a cell once trained at rate 0 without a word."""
    gan = ring_gan()
    gan.discriminator_optimizer.param_groups[0]["lr"] = 5e-3
    records = linear_lr_decay(gan, train(gan, batches(ring(), 8), 4), steps=4)
    if end == "exhausted":
        list(records)
    elif end == "closed":
        next(records), records.close()
    else:
        next(records)
        with pytest.raises(KeyboardInterrupt):
            records.throw(KeyboardInterrupt)
    assert gan.generator_optimizer.param_groups[0]["lr"] == 1e-3
    assert gan.discriminator_optimizer.param_groups[0]["lr"] == 5e-3
    assert "initial_lr" not in gan.generator_optimizer.param_groups[0]
    before = weights(gan.generator)
    rates = [
        gan.generator_optimizer.param_groups[0]["lr"]
        for _ in linear_lr_decay(gan, train(gan, batches(ring(), 8), 2), steps=2)
    ]
    assert rates == pytest.approx([0.5e-3, 0.0])
    assert not same(before, weights(gan.generator))


def follow(gan, sequence, decay):
    """Let the average follow a hand-made sequence of the generator's first weight."""
    weight, seen = next(gan.generator.parameters()), []
    for record in averaged(gan, range(len(sequence)), decay):
        seen.append(float(next(gan.average.parameters()).flatten()[0]))
        if record + 1 < len(sequence):
            weight.data.fill_(sequence[record + 1])
    return seen


@pytest.mark.parametrize(
    ("decay", "expected"),
    [
        (0.999, [1.0, 1.0 * 2 / 11 + 2.0 * 9 / 11, (20 / 11) * 3 / 12 + 4.0 * 9 / 12]),
        (0.2, [1.0, 20 / 11, (20 / 11) * 0.2 + 4.0 * 0.8]),  # 2 / 11 < 0.2 < 3 / 12
        (0.0, [1.0, 2.0, 4.0]),
    ],
)
def test_the_average_of_a_hand_made_sequence_is_the_closed_form(decay, expected):
    gan = ring_gan()
    next(gan.generator.parameters()).data.fill_(1.0)
    assert follow(gan, [1.0, 2.0, 4.0], decay) == pytest.approx(expected)


def test_an_average_of_many_updates_forgets_as_its_decay_says():
    gan = ring_gan()
    next(gan.generator.parameters()).data.fill_(0.0)
    seen = follow(gan, [0.0] * 200 + [1.0] * 3, 0.9)  # the bound passes 0.9 at n = 81
    assert seen[-4:] == pytest.approx([0.0, 0.1, 0.19, 0.271])


def test_an_average_goes_on_where_it_was_and_leaves_the_training_alone():
    def train_on(gan, steps, again):
        set_seed(0)
        supply = batches(ring(), 8)
        for _ in range(again):
            records = train(gan, supply, steps)
            assert len(list(averaged(gan, records, 0.5) if averaging else records)) == steps

    averaging = True
    once, twice, plain = ring_gan(), ring_gan(), ring_gan()
    train_on(once, 6, 1), train_on(twice, 3, 2)
    assert same(weights(once.average), weights(twice.average))
    averaging = False
    train_on(plain, 6, 1)
    assert same(weights(once.generator), weights(plain.generator))
    assert plain.average is None
    assert not same(weights(once.generator), weights(once.average))


def test_samples_come_from_the_average_and_leave_it_untouched():
    set_seed(0)
    nets = MLPGenerator(2, (2,), (16,), batch_norm=True), MLPDiscriminator((2,), (16,))
    gan = GAN(*nets, NON_SATURATING, *(torch.optim.Adam(n.parameters()) for n in nets), 2)
    z = gan.sample_latent(5)
    list(averaged(gan, train(gan, batches(ring(), 8), 5)))
    state = copy.deepcopy(gan.average.state_dict())
    found = gan.generate(z)
    assert torch.equal(found, gan.average(z))  # in eval mode as it is
    again = torch.randn(5, 2, generator=torch.Generator().manual_seed(1))
    assert torch.equal(gan.sample(5, torch.Generator().manual_seed(1)), gan.average(again))
    assert all(torch.equal(state[name], each) for name, each in gan.average.state_dict().items())
    assert not any(each.requires_grad for each in gan.average.parameters())
    copied = copy.deepcopy(gan)
    list(averaged(copied, train(copied, batches(ring(), 8), 1)))  # a deep copy can go on
    assert torch.equal(gan.generate(z), found)
    gan.average = None
    assert not torch.equal(gan.generate(z), found)


def test_an_average_of_another_kind_is_refused():
    gan = ring_gan()
    gan.average = copy.deepcopy(gan.generator)
    with pytest.raises(TypeError, match=r"(?s)average is .* torch's AveragedModel"):
        train(gan, batches(ring(), 8), 1)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_rate_of_zero_is_refused_with_the_repair(player):
    gan = ring_gan()
    getattr(gan, f"{player}_optimizer").param_groups[0]["lr"] = 0.0
    with pytest.raises(ValueError, match=rf"{player}_optimizer has learning rate 0.*above 0, or"):
        train(gan, batches(ring(), 8), 1)


def test_too_few_batches_are_an_error_that_counts():
    gan = ring_gan()
    with pytest.raises(ValueError, match="batches ran out at step 3"):
        list(train(gan, [torch.randn(8, 2)] * 2, 5))
    assert gan.step == 2


@pytest.mark.parametrize("steps", [-1, 1.5, "10", True, None])
def test_steps_must_be_a_count(steps):
    with pytest.raises(ValueError, match="steps is"):
        train(ring_gan(), batches(ring(), 8), steps)


def test_zero_steps_do_nothing():
    gan = ring_gan()
    assert list(train(gan, batches(ring(), 8), 0)) == []


def test_a_discriminator_of_the_wrong_output_shape_is_refused():
    gan = ring_gan()
    gan.discriminator = nn.Linear(2, 1)  # (N, 1) broadcasts silently against (N,)
    gan.discriminator_optimizer = torch.optim.SGD(gan.discriminator.parameters(), lr=0.1)
    with pytest.raises(ValueError, match=r"returns shape \(8, 1\) for 8 samples"):
        list(train(gan, batches(ring(), 8), 1))


def tanh_gan():
    g, d = ConvGenerator(4, channels=4), ConvDiscriminator(channels=4)
    sgd = [torch.optim.SGD(net.parameters(), lr=0.1) for net in (g, d)]
    return GAN(g, d, NON_SATURATING, *sgd, latent_dim=4)


def test_data_that_tanh_cannot_reach_is_refused():
    """Defect 18."""
    with pytest.raises(ValueError, match=r"spans \[.*\], the generator can only reach \[-1, 1\]"):
        list(train(tanh_gan(), itertools.repeat(torch.rand(8, 1, 28, 28) * 255), 1))


class Squashed(nn.Module):
    """Applies its sigmoid in forward, with nothing declared."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)

    def forward(self, x):
        return torch.sigmoid(self.layer(x)).squeeze(1)


class Gated(nn.Module):
    """Declares a gate last, which is not what it ends in."""

    def __init__(self):
        super().__init__()
        self.layer, self.gate = nn.Linear(2, 4), nn.Sequential(nn.Linear(2, 4), nn.Sigmoid())

    def forward(self, x):
        return (self.layer(x) * self.gate(x)).sum(1)


def log_softmax():
    return nn.Sequential(nn.Linear(2, 1), nn.Unflatten(1, (1, 1)), nn.LogSoftmax(0), nn.Flatten(0))


@pytest.mark.parametrize(
    ("discriminator", "name"),
    [
        (nn.Sequential(nn.Linear(2, 1), nn.Flatten(0), nn.Sigmoid()), "Sigmoid"),
        (nn.Sequential(nn.Linear(2, 1), nn.Sigmoid(), nn.Flatten(0)), "Sigmoid"),
        (Squashed(), "Sigmoid"),
        (log_softmax(), "LogSoftmax"),
    ],
    ids=["declared last", "before a flatten", "in forward", "log softmax"],
)
def test_a_discriminator_whose_scores_are_not_raw_is_refused(discriminator, name):
    """Defect 13."""
    gan = ring_gan()
    gan.discriminator = discriminator
    gan.discriminator_optimizer = torch.optim.SGD(discriminator.parameters(), lr=0.1)
    with pytest.raises(ValueError, match=f"ends in {name}; the losses take raw scores"):
        list(train(gan, batches(ring(), 8), 1))


def test_a_gate_that_is_declared_last_is_welcome():
    gan = ring_gan()
    gan.discriminator = Gated()
    gan.discriminator_optimizer = torch.optim.SGD(gan.discriminator.parameters(), lr=0.1)
    assert len(list(train(gan, batches(ring(), 8), 2))) == 2


@pytest.mark.parametrize("name", ["spectral_norm", "weight_norm"])
@pytest.mark.parametrize("player", ["generator", "discriminator"])
@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_norms_by_hooks_are_refused_and_parametrisations_train(name, player):
    def with_norm(norm):
        gan = ring_gan()
        norm(getattr(gan, player).layers[0])
        optimizer = torch.optim.Adam(getattr(gan, player).parameters())
        return replace(gan, **{f"{player}_optimizer": optimizer})

    with pytest.raises(ValueError, match=rf"{player}'s Linear has torch.nn.utils.{name}.*parametr"):
        with_norm(getattr(nn.utils, name))
    gan = with_norm(getattr(nn.utils.parametrizations, name))
    assert len(list(train(gan, batches(ring(), 8), 2))) == 2
    assert len(list(train(gan, batches(ring(), 8), 2))) == 2  # once failed: no copy could be made
    assert gan.sample(3).shape == (3, 2)


def test_a_loss_that_draws_noise_draws_no_more_for_being_looked_at():
    """A run with a trial of its losses and one without draw the same numbers."""

    def noisy(real_scores, fake_scores):
        return NON_SATURATING.discriminator_loss(real_scores + torch.randn(()), fake_scores)

    def seen(steps):
        gan = ring_gan(replace(NON_SATURATING, discriminator_loss=noisy), seed=5)
        return [
            record.generator_loss.item()
            for _ in range(2 // steps)
            for record in train(gan, batches(ring(), 8), steps)
        ]

    assert seen(1) == seen(2)  # two runs of one step try the losses twice


def test_a_batch_of_one_and_batch_norm_do_not_go_together():
    with pytest.raises(ValueError, match="1 sample, and BatchNorm needs 2"):
        list(train(tanh_gan(), itertools.repeat(torch.zeros(1, 1, 28, 28)), 1))


# Checkpoints


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
def test_a_resumed_run_equals_an_undisturbed_one_bit_for_bit(objective, tmp_path):
    whole = ring_gan(objective)
    run(whole, 6)
    broken_off = ring_gan(objective)
    run(broken_off, 3)
    save(broken_off, tmp_path / "deep" / "gan.pt")
    resumed = ring_gan(objective, seed=99)
    load(resumed, tmp_path / "deep" / "gan.pt")
    run(resumed, 3)
    assert resumed.step == whole.step == 6
    assert same(weights(whole.generator), weights(resumed.generator))
    assert same(weights(whole.discriminator), weights(resumed.discriminator))


def test_a_failed_save_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    gan = ring_gan()
    save(gan, tmp_path / "gan.pt")
    old = (tmp_path / "gan.pt").read_bytes()

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save(gan, tmp_path / "gan.pt")
    assert [p.name for p in tmp_path.iterdir()] == ["gan.pt"]
    assert (tmp_path / "gan.pt").read_bytes() == old


@pytest.mark.parametrize("damage", ["cut", "foreign", "empty", "text", "tampered"])
def test_a_damaged_file_is_refused_and_harms_nothing(damage, tmp_path):
    gan, path = ring_gan(), tmp_path / "gan.pt"
    save(gan, path)
    whole = path.read_bytes()
    if damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "foreign":
        torch.save({"weights": torch.zeros(3)}, path)
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "text":
        path.write_text("not a checkpoint")
    else:
        state = torch.load(path, weights_only=True)
        state["discriminator"].popitem()
        torch.save(state, path)
    run(gan, 2)
    before, random_state = weights(gan.generator), torch.get_rng_state()
    with pytest.raises(ValueError, match=r"gan\.pt (is not a whole checkpoint|does not fit)"):
        load(gan, path)
    assert same(before, weights(gan.generator))
    assert torch.equal(random_state, torch.get_rng_state())
    assert gan.step == 2


def test_a_checkpoint_of_another_objective_is_refused(tmp_path):
    """Defect 23: the loss choice must not be lost."""
    save(ring_gan(WGAN), tmp_path / "gan.pt")
    with pytest.raises(ValueError, match="its objective is 'WGAN', here it is 'WGAN-GP'"):
        load(ring_gan(WGAN_GP), tmp_path / "gan.pt")


def test_a_missing_checkpoint_is_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(ring_gan(), tmp_path / "gan.pt")


def test_a_checkpoint_of_other_widths_is_refused(tmp_path):
    save(ring_gan(), tmp_path / "gan.pt")
    other = ring_gan()
    other.generator = MLPGenerator(2, (2,), widths=(8, 8))
    other.generator_optimizer = torch.optim.Adam(other.generator.parameters())
    before = copy.deepcopy(other.generator.state_dict())
    with pytest.raises(ValueError, match="does not fit these players"):
        load(other, tmp_path / "gan.pt")
    assert all(torch.equal(before[k], v) for k, v in other.generator.state_dict().items())


def test_a_weight_that_no_optimizer_holds_stays_and_the_others_learn():
    gan = ring_gan()
    _, *others = gan.generator.parameters()
    gan.generator_optimizer = torch.optim.Adam(others)
    before = weights(gan.generator)
    run(gan, steps=3)
    now = weights(gan.generator)
    assert torch.equal(now[0], before[0])
    assert not any(torch.equal(a, b) for a, b in zip(now[1:], before[1:], strict=True))


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
@pytest.mark.parametrize("player", ["generator", "discriminator"])
@pytest.mark.parametrize("frozen", [1, 6], ids=["one weight", "all"])
def test_frozen_weights_stay_and_the_others_learn(objective, player, frozen):
    gan = ring_gan(objective)
    for weight in list(getattr(gan, player).parameters())[:frozen]:
        weight.requires_grad_(False)
    before = {name: weights(getattr(gan, name)) for name in ("generator", "discriminator")}
    run(gan, steps=3)
    for name, old in before.items():
        count = frozen if name == player else 0
        now = weights(getattr(gan, name))
        if objective.clip is None:  # clipping moves every weight of a critic
            assert same(now[:count], old[:count])
        moved = [not torch.equal(a, b) for a, b in zip(now[count:], old[count:], strict=True)]
        assert all(moved[:-1])  # a critic's last bias never learns: both batches share it


def test_players_in_double_precision_train_in_double_precision():
    gan = ring_gan()
    gan.generator.double(), gan.discriminator.double()
    records = list(train(gan, batches(torch.randn(32, 2, dtype=torch.float64), 8), 3))
    assert all(value.dtype == torch.float64 for value in records[-1][1:9])
    assert gan.sample(3).dtype == torch.float64


@pytest.mark.parametrize(
    ("optimizer", "same"), [(torch.optim.Adam, True), (torch.optim.SGD, False)]
)
def test_adam_divides_out_how_large_a_loss_is(points_gan, optimizer, same):
    def larger(scores):
        return 16 * NON_SATURATING.generator_loss(scores)

    more = {"eps": 1e-30} if optimizer is torch.optim.Adam else {}
    ends = []
    for objective in (NON_SATURATING, replace(NON_SATURATING, generator_loss=larger)):
        gan = points_gan(objective, optimizer, **more)
        run(gan, 20)
        ends.append(torch.cat([w.detach().flatten() for w in gan.generator.parameters()]))
    assert torch.allclose(*ends, atol=1e-5) is same

"""The same seed gives the same run, bit for bit: twice, across a save, and with everybody looking.

That nobody who looks disturbs a run without a checkpoint is in test_widgets; that a run killed at
any moment resumes is in test_kill.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.optim import SGD, Adam, AdamW, RMSprop

from gan_helpers import (
    GAN,
    LEAST_SQUARES,
    NON_SATURATING,
    WGAN,
    WGAN_GP,
    History,
    data,
    load,
    save,
    set_seed,
    train,
    widgets,
)
from gan_helpers.networks import (
    ConvDiscriminator,
    ConvGenerator,
    MLPDiscriminator,
    MLPGenerator,
)
from gan_helpers.record import Record

NUMBERS = [name for name in Record._fields if name != "seconds"]
RING = data.ring()


def images():
    own = torch.Generator().manual_seed(0)
    return data.ImageData(torch.rand(40, 1, 8, 8, generator=own) * 2 - 1)


def noisy(fake_scores):
    return (fake_scores - 0.9 - 0.2 * torch.rand_like(fake_scores)).square().mean()


def points_gan(objective=NON_SATURATING, optimizer=Adam, **more):
    set_seed(0)
    g, d = MLPGenerator(2, (2,), (8,), batch_norm=True), MLPDiscriminator((2,), (8,))
    both = [optimizer(net.parameters(), lr=1e-3) for net in (g, d)]
    return GAN(g, d, objective, *both, latent_dim=2, **more), RING


def images_gan(objective=NON_SATURATING, **more):
    set_seed(0)
    g = ConvGenerator(4, (1, 8, 8), channels=4)
    d = ConvDiscriminator((1, 8, 8), channels=4, batch_norm=objective.penalty is None)
    both = [Adam(net.parameters(), lr=1e-3, fused=True) for net in (g, d)]
    return GAN(g, d, objective, *both, latent_dim=4, **more), images()


MAKERS = {
    "points, Adam": points_gan,
    "points, AdamW and a penalty": lambda: points_gan(WGAN_GP, AdamW),
    "points, RMSprop and clipping": lambda: points_gan(WGAN, RMSprop),
    "points, SGD and uniform latents": lambda: points_gan(
        LEAST_SQUARES, SGD, latent_distribution=torch.rand
    ),
    "points, a loss that draws noise": lambda: points_gan(
        replace(LEAST_SQUARES, generator_loss=noisy)
    ),
    "points, autocast": lambda: points_gan(autocast=torch.bfloat16),
    "images, fused Adam, BatchNorm on both sides": images_gan,
    "images, gradient penalty": lambda: images_gan(replace(WGAN_GP, n_critic=2)),
}


def run(gan, source, steps, history=None):
    history = history or History()
    for _ in history.record(train(gan, data.batches(source, 8), steps)):
        pass
    return history


def flat(state):
    """Turn nested dictionaries into places and values."""
    if isinstance(state, dict):
        return {f"{k}/{p}": v for k, each in state.items() for p, v in flat(each).items()}
    if isinstance(state, (list, tuple)):
        return flat(dict(enumerate(state)))
    return {"": state}


def assert_same(gan, other, history, other_history):
    assert gan.step == other.step
    for name in NUMBERS:
        np.testing.assert_array_equal(
            history.column(name), other_history.column(name), err_msg=name
        )
    for part in ("generator", "discriminator", "generator_optimizer", "discriminator_optimizer"):
        ours, theirs = (flat(getattr(each, part).state_dict()) for each in (gan, other))
        assert ours.keys() == theirs.keys()
        for place, value in ours.items():
            same = (
                torch.equal(value, theirs[place])
                if isinstance(value, torch.Tensor)
                else (value == theirs[place])
            )
            assert same, f"{part}/{place}"


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_the_same_seed_gives_the_same_run_and_so_does_a_save_and_a_resume(make, tmp_path):
    whole, source = make()
    history = run(whole, source, 6)
    random_state = torch.get_rng_state()

    again, source = make()
    assert_same(whole, again, history, run(again, source, 6))

    broken_off, source = make()
    first = run(broken_off, source, 4)
    save(broken_off, tmp_path / "gan.pt")
    first.save(tmp_path / "run.csv")
    run(broken_off, source, 2)  # what is done after the save is lost, and counts for nothing

    resumed, source = make()
    run(resumed, source, 1)  # it is not as new either
    load(resumed, tmp_path / "gan.pt")
    second = History.load(tmp_path / "run.csv")
    second.rewind(resumed.step)
    assert_same(whole, resumed, history, run(resumed, source, 2, second))
    assert torch.equal(torch.get_rng_state(), random_state)


def test_another_seed_gives_another_run():
    (gan, source), (other, _) = points_gan(), points_gan()
    first = run(gan, source, 3)
    set_seed(1)
    second = run(other, source, 3)
    assert (first.column("generator_loss") != second.column("generator_loss")).all()


def test_a_board_and_a_moving_slider_across_a_save_and_a_resume_change_nothing(tmp_path):
    whole, _ = points_gan()
    history = run(whole, RING, 24)

    def watched(gan, steps, rows):
        """Train with a board and an explorer whose sliders move at every update."""
        board = widgets.LiveBoard(gan, RING, panels=("losses", "surface"))
        explorer = widgets.LatentExplorer(gan.generator, RING, board=board, sliders=2)

        def moved():
            for record in rows.record(train(gan, data.batches(RING, 8), steps)):
                explorer.sliders[record.step % 2].value = 0.05 * (record.step % 7)
                explorer.t.value = record.step / 24
                yield record

        board.start(moved(), steps=steps)
        board.wait(60)
        assert board.state == "finished"
        assert explorer.status.value == ""

    rows = History()
    gan, _ = points_gan()
    watched(gan, 10, rows)
    save(gan, tmp_path / "gan.pt")
    rows.save(tmp_path / "run.csv")

    resumed, _ = points_gan()
    load(resumed, tmp_path / "gan.pt")
    rows = History.load(tmp_path / "run.csv")
    watched(resumed, 14, rows)
    assert_same(whole, resumed, history, rows)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_thread_count_is_part_of_what_fixes_a_run_and_within_it_nothing_varies(threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        runs = []
        for _ in range(3):
            gan, source = images_gan()
            runs.append(run(gan, source, 3).column("discriminator_grad_norm"))
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[0], runs[2])

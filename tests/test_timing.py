"""How long notebooks take: the table is complete, predictions scale, probes disturb nothing."""

import time
from threading import Thread

import numpy as np
import pytest
import torch

from gan_helpers.evaluation import timing
from gan_helpers.exercises import check
from tools.notebooks import NOTEBOOKS


def test_every_notebook_has_a_measured_time():
    assert {path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb")} <= set(timing.NOTEBOOK_SECONDS)
    for seconds in timing.NOTEBOOK_SECONDS.values():
        assert min(seconds) >= 0
        assert 0 < sum(seconds) <= 300  # what a notebook may take there, and some room


def test_the_reference_machine_predicts_its_own_times():
    found = timing.predict_seconds(timing.REFERENCE_PROBES)
    assert found == pytest.approx({n: sum(s) for n, s in timing.NOTEBOOK_SECONDS.items()})


def test_each_share_is_scaled_by_its_own_probe():
    small, images = timing.REFERENCE_PROBES
    taken = timing.NOTEBOOK_SECONDS["02_vanilla_gan"]
    twice = timing.predict_seconds(timing.Probes(2 * small, images))["02_vanilla_gan"]
    assert twice == pytest.approx(taken.small / 2 + taken.images)
    half = timing.predict_seconds(timing.Probes(small, images / 2))["02_vanilla_gan"]
    assert half == pytest.approx(taken.small + 2 * taken.images)
    with pytest.raises(ValueError, match="both must be positive"):
        timing.predict_seconds(timing.Probes(0.0, images))


def test_probing_leaves_random_state_and_threads():
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        found = timing.probe(0.1, device=torch.device("cpu"))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert min(found) > 0
    assert torch.equal(torch.get_rng_state(), state)
    with pytest.raises(ValueError, match="seconds is 0"):
        timing.ring_probe(0)


def test_probing_beside_a_training_thread_does_not_rewind_its_numbers():
    drawn = []
    state = torch.get_rng_state()
    probing = Thread(target=timing.probe, args=(0.4, torch.device("cpu")))
    probing.start()
    while probing.is_alive():
        drawn.append(torch.rand(()).item())
        time.sleep(1e-4)
    torch.set_rng_state(state)
    assert len(drawn) > 20
    assert drawn == [torch.rand(()).item() for _ in drawn]


def test_practice_exercise_knows_the_ring_and_its_usual_mistakes():
    from gan_helpers.data import ring

    centres = ring().means
    assert check("00-1", centres).status == "correct"
    assert check("00-1", None).status == "unanswered"
    angles = torch.linspace(0, 2 * torch.pi, 8, dtype=torch.float64)
    seven = 2 * torch.stack([angles.cos(), angles.sin()], dim=1)
    degrees = torch.arange(8, dtype=torch.float64) * 45
    hints = {
        "7 modes": seven,
        "radius is 2": centres / 2,
        "radians": 2 * torch.stack([degrees.cos(), degrees.sin()], dim=1),
        "exchanged": centres[:, [1, 0]],
        "k-th centre": centres + 1,
    }
    for said, answer in hints.items():
        result = check("00-1", answer)
        assert (result.status, said in result.message) == ("wrong", True), result.message


def test_the_speed_probe_measures_and_neither_moves_nor_reads_the_random_state(monkeypatch):
    def drawn_from(*_):
        raise AssertionError("another thread's draws would be rewound")

    monkeypatch.setattr(torch, "set_rng_state", drawn_from)
    monkeypatch.setattr(torch.random, "set_rng_state", drawn_from)
    state = torch.get_rng_state()
    for seconds in (0.05, np.float32(0.05)):
        assert timing.speed_probe(seconds, device=torch.device("cpu")) > 0
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan"), float("inf"), "5", None, True])
def test_a_bad_time_to_measure_is_named(seconds):
    with pytest.raises(ValueError, match="seconds is"):
        timing.speed_probe(seconds)

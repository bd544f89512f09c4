"""Studies: what a run is, where its result lands, and that nothing is lost or done twice."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial

import joblib
import pytest
import torch

from gan_helpers import LEAST_SQUARES, NON_SATURATING, WGAN, WGAN_GP, data, evaluation
from gan_helpers.networks import MLPDiscriminator, MLPGenerator
from gan_helpers.study import (
    REAL,
    Entry,
    Problem,
    measure_real,
    read,
    run,
    train_one,
    train_together,
)

RING = data.ring()


def networks():
    return MLPGenerator(2, (2,), widths=(8, 8)), MLPDiscriminator((2,), widths=(8, 8))


def measure(samples, real):
    return {
        "modes": evaluation.mode_coverage(samples, RING).captured,
        "W1": evaluation.wasserstein_distance(samples, real),
    }


def draw(n, generator):
    return RING.sample(n, generator=generator)


def near(samples):
    return bool(samples.norm(dim=1).mean() < 100)


TINY = Problem("ring", data.ring, networks, 2, draw, measure, near, size=50)
ADAM = partial(torch.optim.Adam, lr=1e-3, betas=(0.5, 0.9))
ENTRIES = [Entry(TINY, o, ADAM, 4, 16, 2) for o in (NON_SATURATING, WGAN_GP)]


def rows(results):
    """What must not depend on how and where a run was done."""
    return {result.key: dict(result.measures) for result in results}


def keys(entries, seeds):
    fits = {(e.problem.name, e.objective.name, e.settings, s) for e in entries for s in seeds}
    return fits | {("ring", REAL, TINY.settings, s) for s in seeds}


def test_every_entry_runs_with_every_seed_and_so_do_real_samples(tmp_path):
    results = list(run(ENTRIES, range(3), tmp_path / "study.jsonl", jobs=1))
    assert len(results) == 9
    assert set(rows(results)) == keys(ENTRIES, range(3))
    assert all(r.measures.keys() == {"modes", "W1"} and not r.diverged for r in results)
    assert all(r.seconds > 0 and 0 < r.reached <= r.seconds for r in results if r.objective != REAL)
    assert rows(read(tmp_path / "study.jsonl")) == rows(results)


def test_processes_give_the_results_of_one_process():
    assert rows(run(ENTRIES, range(2), jobs=2)) == rows(run(ENTRIES, range(2), jobs=1))


def test_threads_take_turns_and_disturb_nothing():
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    with joblib.parallel_config("threading"):
        found = rows(run(ENTRIES, range(2), jobs=4))
    assert found == rows(run(ENTRIES, range(2), jobs=1))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_a_dask_cluster_gives_the_same_results():
    distributed = pytest.importorskip("distributed")
    quiet = {"processes": False, "dashboard_address": None, "n_workers": 2, "threads_per_worker": 1}
    with (
        distributed.LocalCluster(**quiet) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config("dask"),
    ):
        found = rows(run(ENTRIES, range(2)))
    assert found == rows(run(ENTRIES, range(2), jobs=1))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.objective.name)
def test_a_stack_gives_the_measures_of_single_runs_within_rounding(entry):
    for together, alone in zip(
        train_together(entry, [0, 1]), (train_one(entry, 0), train_one(entry, 1)), strict=True
    ):
        assert together.key == alone.key
        assert together.measures == pytest.approx(alone.measures, rel=1e-3)
        assert together.reached is not None
    assert set(rows(run([entry], range(2), jobs=1, together=True))) == keys([entry], range(2))


def test_what_the_file_holds_is_not_done_again(tmp_path, monkeypatch):
    path = tmp_path / "study.jsonl"
    first = list(run(ENTRIES[:1], range(2), path, jobs=1))
    monkeypatch.setattr(joblib, "Parallel", None)  # doing anything would fail
    assert rows(run(ENTRIES[:1], range(2), path, jobs=1)) == rows(first)
    assert len(path.read_text().splitlines()) == 4


def test_changed_settings_are_run_anew(tmp_path):
    path = tmp_path / "study.jsonl"
    list(run(ENTRIES[:1], [0], path, jobs=1))
    longer = replace(ENTRIES[0], steps=5)
    results = list(run([longer], [0], path, jobs=1))
    assert {r.settings for r in results} == {longer.settings, TINY.settings}
    assert len(read(path)) == 3  # the older run is kept


@pytest.mark.parametrize("cut", [1, 20, 10_000])
def test_a_line_cut_short_is_left_out_and_run_again(tmp_path, cut):
    path = tmp_path / "study.jsonl"
    whole = rows(run(ENTRIES[:1], range(2), path, jobs=1))
    *lines, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines) + last[:-cut])
    assert len(read(path)) == 3
    assert rows(run(ENTRIES[:1], range(2), path, jobs=1)) == whole
    assert rows(read(path)) == whole


KILLED = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
import test_study
for result in test_study.run(test_study.ENTRIES, range(3), {path!r}, jobs=1):
    print("done", flush=True)
"""


def test_a_killed_study_goes_on_where_it_stopped(tmp_path):
    path, tests = tmp_path / "study.jsonl", os.path.dirname(__file__)
    code = KILLED.format(tests=tests, root=os.path.dirname(tests), path=str(path))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as study:
        for _ in range(4):
            assert study.stdout.readline() == b"done\n"
        study.send_signal(signal.SIGKILL)
    kept = rows(read(path))
    assert 4 <= len(kept) < 9
    results = rows(run(ENTRIES, range(3), path, jobs=1))
    assert results == rows(run(ENTRIES, range(3), jobs=1))
    assert kept.items() <= results.items()


@pytest.mark.parametrize("objective", [LEAST_SQUARES, WGAN], ids=lambda o: o.name)
@pytest.mark.parametrize("together", [False, True])
def test_a_run_that_diverges_is_a_result(tmp_path, objective, together):
    wild = Entry(TINY, objective, partial(torch.optim.SGD, lr=1e30), 30, 16)
    if objective is WGAN:  # its clipped critic stays finite, so the generator's samples overflow
        wild = replace(wild, optimizer=partial(torch.optim.SGD, lr=1e38))
    path = tmp_path / "study.jsonl"
    results = list(run([wild], [0, 1], path, jobs=1, together=together))
    lost = [r for r in results if r.objective != REAL]
    assert len(lost) == 2
    assert all(r.diverged and not r.measures for r in lost)
    assert rows(read(path)) == rows(results)


def test_an_error_in_a_measure_is_not_swallowed():
    def broken(samples, real):
        raise RuntimeError("a bug in the measure")

    entry = replace(ENTRIES[0], problem=replace(TINY, measure=broken))
    with pytest.raises(RuntimeError, match="a bug"):
        list(run([entry], [0], jobs=1))


def test_the_time_to_the_set_quality_is_none_where_it_is_never_seen():
    never = replace(ENTRIES[0], problem=replace(TINY, reached=lambda samples: False))
    assert train_one(never, 0).reached is None


def test_settings_tell_runs_apart():
    entry = Entry(TINY, WGAN_GP, ADAM, 4, 16)
    for part in ("Adam", "rate 0.001", "betas (0.5, 0.9)", "n_critic 5", "batch 16", "4 updates"):
        assert part in entry.settings
    from gan_helpers import gradient_penalty

    other = replace(WGAN_GP, penalty=partial(gradient_penalty, weight=0.1))
    assert "weight 0.1" in replace(entry, objective=other).settings
    assert "clip 0.01" in replace(entry, objective=WGAN).settings


def test_the_floor_is_real_samples_against_others():
    row = measure_real(replace(TINY, size=500), 0)
    assert row.objective == REAL
    assert row.measures["modes"] == 8
    assert 0 < row.measures["W1"] < 0.5


def test_a_study_without_seeds_is_refused():
    with pytest.raises(ValueError, match="seeds"):
        run(ENTRIES, [])


def test_two_entries_that_cannot_be_told_apart_are_refused():
    with pytest.raises(ValueError, match="two entries"):
        run([ENTRIES[0], ENTRIES[0]], [0])


@pytest.mark.parametrize("line", ["no json", "{}", json.dumps({"problem": "ring"}), "[1]"])
def test_a_file_of_something_else_is_refused_and_kept(tmp_path, line):
    path = tmp_path / "study.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(ValueError, match="line 1"):
        list(run(ENTRIES, [0], path, jobs=1))
    assert path.read_text() == line + "\n"


@pytest.mark.parametrize("name", ["steps", "batch_size", "look_every"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True])
def test_entries_are_checked(name, value):
    with pytest.raises(ValueError, match=name):
        replace(ENTRIES[0], **{name: value})

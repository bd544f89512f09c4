"""Studies: what a run is, where its result lands, and that nothing is lost or done twice."""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial

import joblib
import numpy as np
import pytest
import torch

from gan_helpers import (
    LEAST_SQUARES,
    NON_SATURATING,
    WGAN,
    WGAN_GP,
    data,
    evaluation,
    gradient_penalty,
    r1_penalty,
)
from gan_helpers.networks import MLPDiscriminator, MLPGenerator
from gan_helpers.random import OwnRandom
from gan_helpers.study import REAL, Entry, Problem, measure_real, read, run, train_one
from gan_helpers.study.fingerprint import describe
from gan_helpers.study.work import _build, random_source
from gan_helpers.training import linear_lr_decay, train

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
def test_a_run_that_diverges_is_a_result(tmp_path, objective):
    wild = Entry(TINY, objective, partial(torch.optim.SGD, lr=1e30), 30, 16)
    if objective is WGAN:  # its clipped critic stays finite, so the generator's samples overflow
        wild = replace(wild, optimizer=partial(torch.optim.SGD, lr=1e38))
    path = tmp_path / "study.jsonl"
    results = list(run([wild], [0, 1], path, jobs=1))
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


def test_an_entry_of_averaged_weights_is_measured_on_the_average():
    """Training is the same, update by update; samples are the average's, at the looks too."""
    looked, measured, weights = [], [], []

    def reached(samples):
        looked.append(samples)
        return False

    def measured_on(samples, real):
        measured.append(samples)
        return {"W1": 0.0}

    problem = replace(TINY, measure=measured_on, reached=reached)
    entry = replace(ENTRIES[0], problem=problem, steps=6, look_every=3)
    last, average = (train_one(replace(entry, measure_average=a), 0) for a in (False, True))
    with OwnRandom(0):
        gan = _build(entry)
        supply = data.batches(RING, entry.batch_size)
        for record in linear_lr_decay(gan, train(gan, supply, entry.steps), entry.steps):
            theta = torch.cat([w.detach().flatten() for w in gan.generator.parameters()])
            keep = min(0.999, record.step / (record.step + 9)) if weights else 0.0
            weights.append(keep * weights[-1] + (1 - keep) * theta if weights else theta)
    now = MLPGenerator(2, (2,), widths=(8, 8))
    z = torch.randn(TINY.size, 2, generator=random_source(0, 0))
    for told, values in ((measured[0], theta), (measured[1], weights[-1])):
        torch.nn.utils.vector_to_parameters(values, now.parameters())
        assert torch.allclose(told, now(z), atol=1e-6)
    assert not torch.allclose(*measured, atol=1e-4)
    assert len(looked) == 4
    assert not torch.allclose(looked[1], looked[3], atol=1e-4)  # after six updates
    assert "averaged weights" in average.settings
    assert "averaged weights" not in last.settings


def test_settings_can_be_read():
    entry = Entry(TINY, WGAN_GP, ADAM, 4, 16)
    for part in ("Adam", "rate 0.001", "betas (0.5, 0.9)", "n_critic 5", "batch 16", "4 updates"):
        assert part in entry.settings
    other = replace(WGAN_GP, penalty=partial(gradient_penalty, weight=0.1))
    assert "weight 0.1" in replace(entry, objective=other).settings
    assert "clip 0.01" in replace(entry, objective=WGAN).settings


def leaky(slope):
    """Networks whose print says what their numbers of weights do not."""
    layers = torch.nn.Linear(2, 8), torch.nn.LeakyReLU(slope), torch.nn.Linear(8, 2)
    return torch.nn.Sequential(*layers), MLPDiscriminator((2,), widths=(8,))


class Shifted(torch.nn.Linear):
    def forward(self, x):
        return super().forward(x) + 1


class Lifted(torch.nn.Linear):
    def forward(self, x):
        return super().forward(x) + 2


Lifted.__name__, Lifted.__qualname__ = Shifted.__name__, Shifted.__qualname__  # a cell run anew


def hinge(bound):
    return lambda real, fake: (bound - real).relu().mean() + (bound + fake).relu().mean()


def half(scores):
    return scores.mean() / 2


def third(scores):
    return scores.mean() / 3


third.__name__, third.__qualname__ = half.__name__, half.__qualname__
IMAGES = torch.rand(30, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
MOVED = IMAGES.clone()
MOVED[7, 0, 3, 3] += 1e-6


def problem(**changed):
    return {"problem": replace(TINY, **changed)}


def rule(**changed):
    return {"objective": replace(WGAN_GP, **changed)}


PAIRS = {
    "sigma": [problem(data=partial(data.ring, sigma=s)) for s in (0.02, 0.5)],
    "sigma around": [problem(data=(lambda s=s: data.ring(sigma=s))) for s in (0.02, 0.5)],
    "weights of modes": [problem(data=partial(data.mixture_1d, (0, 1), 0.1, w))
                         for w in ((0.5, 0.5), (0.4, 0.6))],
    "a pixel": [problem(data=lambda x=x: x) for x in (IMAGES, MOVED)],
    "shape": [problem(data=lambda x=x: x) for x in (IMAGES, IMAGES.view(30, 64))],
    "activation": [problem(networks=partial(leaky, s)) for s in (0.1, 0.2)],
    "code of a layer": [problem(networks=lambda k=k: (k(2, 2), k(2, 2)))
                        for k in (Shifted, Lifted)],
    "width": [problem(networks=lambda w=w: (MLPGenerator(2, (2,), (w,)), leaky(0.1)[1]))
              for w in (8, 9)],
    "latent_dim": [problem(latent_dim=d) for d in (2, 3)],
    "measure": [problem(measure=m) for m in (measure, lambda samples, real: {"W1": 0.0})],
    "set quality": [problem(reached=m) for m in (near, lambda samples: True)],
    "penalty": [rule(penalty=p) for p in (gradient_penalty, r1_penalty)],
    "penalty's weight": [rule(penalty=partial(gradient_penalty, weight=w)) for w in (1, 2)],
    "loss": [rule(generator_loss=o.generator_loss) for o in (WGAN, LEAST_SQUARES)],
    "critic's loss": [rule(discriminator_loss=o.discriminator_loss) for o in (WGAN, LEAST_SQUARES)],
    "variables around a loss": [rule(discriminator_loss=hinge(b)) for b in (1.0, 2.0)],
    "code of a loss": [rule(generator_loss=f) for f in (half, third)],
    "n_critic": [rule(n_critic=n) for n in (1, 2)],
    "clip": [rule(penalty=None, clip=c) for c in (0.1, 0.2)],
    "rate": [{"optimizer": partial(ADAM, lr=r)} for r in (1e-3, 2e-3)],
    "betas": [{"optimizer": partial(ADAM, betas=(0.5, b))} for b in (0.9, 0.99)],
    "epsilon": [{"optimizer": partial(ADAM, eps=e)} for e in (1e-8, 1e-3)],
    "weight decay": [{"optimizer": partial(ADAM, weight_decay=w)} for w in (0, 1e-4)],
    "amsgrad": [{"optimizer": partial(ADAM, amsgrad=a)} for a in (False, True)],
    "optimiser": [{"optimizer": partial(k, lr=1e-3)} for k in (torch.optim.Adam, torch.optim.SGD)],
    "steps": [{"steps": n} for n in (4, 5)],
    "batch": [{"batch_size": n} for n in (16, 17)],
    "looks": [{"look_every": n} for n in (2, 3)],
    "averaged weights": [{"measure_average": a} for a in (False, True)],
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_whatever_decides_a_run_tells_it_from_others(name):
    entry = Entry(TINY, WGAN_GP, ADAM, 4, 16)
    one, other = (replace(entry, **changed).settings for changed in PAIRS[name])
    assert one != other


@pytest.mark.parametrize("name", ["sigma", "measure", "a pixel"])
def test_other_data_and_measures_have_another_floor(name):
    one, other = (changed["problem"] for changed in PAIRS[name])
    assert one.settings != other.settings
    assert replace(one, latent_dim=5).settings == one.settings  # has no part in it


def test_what_an_objective_says_about_itself_decides_nothing():
    said = replace(WGAN_GP, name="mine", source="a notebook")
    assert replace(ENTRIES[1], objective=said).settings == ENTRIES[1].settings


def test_an_objective_of_ones_own_is_studied_in_other_processes_too():
    mine = replace(WGAN, name="mine", discriminator_loss=hinge(1.0), clip=None, n_critic=1)
    entry = replace(ENTRIES[0], objective=mine)
    found = rows(run([entry], range(2), jobs=2))
    assert set(found) == keys([entry], range(2))
    assert found == rows(run([entry], range(2), jobs=1))


SAID = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
import test_study
print(*(entry.settings for entry in test_study.ENTRIES), sep="\\n")
"""


def test_another_process_says_the_same():
    tests = os.path.dirname(__file__)
    code = SAID.format(tests=tests, root=os.path.dirname(tests))
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert found == [entry.settings for entry in ENTRIES]


def test_rounding_in_the_last_place_is_no_difference():
    means = data.ring().means
    assert describe(means) == describe(means + 1e-8)
    assert describe(means) != describe(means + 1e-4)
    assert describe(torch.tensor(1e-9)) != describe(torch.tensor(2e-9))


def test_what_holds_itself_is_described_too():
    class Node:
        def __init__(self):
            self.me, self.place = self, object()

    assert describe(Node()) == describe(Node())  # and without the places in memory


def test_a_run_neither_reads_nor_moves_the_global_random_state():
    torch.manual_seed(1)
    before, first = torch.get_rng_state(), train_one(ENTRIES[1], 0).measures
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert train_one(ENTRIES[1], 0).measures == first


def test_a_run_rewinds_nobody_elses_numbers():
    """Another thread that draws meanwhile, such as a board's, once got its numbers twice."""
    drawn = []

    def draw_elsewhere(samples):
        thread = threading.Thread(target=lambda: drawn.append(torch.rand(1).item()))
        thread.start()
        thread.join()
        return False

    torch.manual_seed(4)
    for _ in range(2):
        train_one(replace(ENTRIES[0], problem=replace(TINY, reached=draw_elsewhere)), 0)
    torch.manual_seed(4)
    assert drawn == [torch.rand(1).item() for _ in range(4)]


def test_numpys_seeds_and_sizes_are_integers_too(tmp_path):
    entry = replace(ENTRIES[0], steps=np.int64(4), problem=replace(TINY, size=np.int32(50)))
    assert entry.settings == ENTRIES[0].settings
    found = list(run([entry], np.arange(1), tmp_path / "study.jsonl", jobs=1))
    assert rows(read(tmp_path / "study.jsonl")) == rows(found)


def test_the_floor_is_real_samples_against_others():
    row = measure_real(replace(TINY, size=500), 0)
    assert row.objective == REAL
    assert row.measures["modes"] == 8
    assert 0 < row.measures["W1"] < 0.5


@pytest.mark.parametrize("name", ["latent_dim", "size"])
@pytest.mark.parametrize("value", [0, 1.5, True])
def test_problems_are_checked(name, value):
    with pytest.raises(ValueError, match=name):
        replace(TINY, **{name: value})


@pytest.mark.parametrize("seed", [-1, 0.5, True, 2**32])
def test_seeds_are_checked(seed):
    with pytest.raises(ValueError, match="seed is"):
        run(ENTRIES, [seed])


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

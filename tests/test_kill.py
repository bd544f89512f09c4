"""A run killed 50 times with SIGKILL ends as the run that nobody disturbed, bit for bit."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_helpers import History
from gan_helpers.record import Record
from tests.killed_run import EVERY, STEPS

KILLS = 50
ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run it all once; every test looks at another side of what is left."""
    folder = tmp_path_factory.mktemp("kill")
    process = subprocess.run(
        [sys.executable, "-m", "tests.killed_run", str(folder), str(KILLS)],
        cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
        timeout=1200, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    return folder, json.loads((folder / "report.json").read_text())


def test_every_life_but_the_last_ends_by_a_kill_and_in_all_kinds_of_moments(run):
    _, report = run
    assert len(report["lives"]) == KILLS
    assert all(life["killed"] for life in report["lives"])
    assert report["last"]["code"] == report["undisturbed"]["code"] == 0
    struck = Counter(life["struck"] for life in report["lives"])
    assert set(struck) >= {"step", "write", "fsync", "replace", "between"}
    assert {life["at once"] for life in report["lives"]} == {True, False}


def test_every_life_starts_from_the_last_whole_checkpoint(run):
    """A checkpoint that cannot be read, or an older one, would show here."""
    _, report = run
    sure = 0
    for life in [*report["lives"], report["last"]]:
        if life["started"] is None:  # killed before it had read anything
            continue
        step, length = life["started"]
        assert step in (sure, sure + EVERY)  # a kill may strike between renaming and telling
        assert length == step  # the history is cut back to it, and complete
        sure = max([step, *life["saved"]])
    assert sure == STEPS
    assert report["lives"][-1]["started"][0] < STEPS  # it was killed all along the way


def checkpoint(folder):
    content = (folder / "gan.pt").read_bytes()[:-32]
    return torch.load(io.BytesIO(content), weights_only=True)


def leaves(value, path=""):
    """List every tensor and number of a nested state with its place."""
    if isinstance(value, dict):
        return [leaf for k, v in value.items() for leaf in leaves(v, f"{path}/{k}")]
    if isinstance(value, (list, tuple)):
        return [leaf for i, v in enumerate(value) for leaf in leaves(v, f"{path}/{i}")]
    return [(path, value)]


def test_weights_optimisers_and_random_state_are_those_of_the_undisturbed_run(run):
    folder, _ = run
    pairs = zip(
        leaves(checkpoint(folder / "whole")), leaves(checkpoint(folder / "killed")), strict=True
    )
    seen = []
    for (path, a), (other, b) in pairs:
        assert path == other
        assert torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b, path
        seen.append(path)
    for part in ("/generator/", "/discriminator/", "exp_avg_sq", "/random", "/step"):
        assert any(part in path for path in seen), part


def test_the_history_is_that_of_the_undisturbed_run(run):
    folder, _ = run
    whole, killed = (History.load(folder / name / "history.csv") for name in ("whole", "killed"))
    assert list(whole.steps) == list(range(1, STEPS + 1))
    for name in set(Record._fields) - {"seconds"}:
        np.testing.assert_array_equal(whole.column(name), killed.column(name), err_msg=name)


def test_only_scraps_of_the_kills_are_left_beside_the_files(run):
    folder, _ = run
    names = [file.name for file in (folder / "killed").iterdir()]
    scraps = [name for name in names if name.endswith(".part")]
    assert sorted(set(names) - set(scraps)) == ["gan.pt", "history.csv"]
    assert len(scraps) <= KILLS
    assert [file.name for file in (folder / "whole").glob("*.part")] == []

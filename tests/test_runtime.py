"""Device, seeds, budget and cache folder."""

import random
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_helpers import budget, cache_dir, pick_device, set_seed, versions


def test_the_argument_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("GAN_HELPERS_DEVICE", "meta")
    assert pick_device() == torch.device("meta")
    assert pick_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "cpu:x"])
def test_a_device_that_is_not_there_is_named(name):
    with pytest.raises(ValueError, match=f"device '{name}' cannot be used.*device='cpu'"):
        pick_device(name)


def draw():
    return random.random(), float(np.random.rand()), torch.rand(1).item()  # noqa: NPY002


def test_a_seed_fixes_all_three_generators():
    set_seed(3)
    first = draw()
    set_seed(3)
    assert draw() == first
    set_seed(4)
    assert all(a != b for a, b in zip(draw(), first, strict=True))


@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, "0", None, True])
def test_a_bad_seed_is_named(seed):
    with pytest.raises(ValueError, match="seed is"):
        set_seed(seed)


def test_budget_is_full_unless_told(monkeypatch):
    monkeypatch.delenv("GAN_HELPERS_BUDGET", raising=False)
    assert budget().is_full
    assert budget()(full=2000, smoke=5) == budget()(2000) == 2000
    monkeypatch.setenv("GAN_HELPERS_BUDGET", "smoke")
    assert budget().is_smoke
    assert budget()(2000, smoke=5) == 5
    assert [budget()(n) for n in (1, 10, 2000, 6000)] == [1, 1, 4, 12]
    with pytest.raises(ValueError, match=r"full is 2\.5"):
        budget()(2.5)
    monkeypatch.setenv("GAN_HELPERS_BUDGET", "quick")
    with pytest.raises(ValueError, match="GAN_HELPERS_BUDGET is 'quick'"):
        budget()


def test_cache_folder_is_named_but_not_made(monkeypatch, tmp_path):
    monkeypatch.setenv("GAN_HELPERS_CACHE", str(tmp_path / "c"))
    assert cache_dir() == tmp_path / "c"
    assert not (tmp_path / "c").exists()
    monkeypatch.delenv("GAN_HELPERS_CACHE")
    assert cache_dir().is_absolute()
    assert cache_dir() != Path.home()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="XDG's variable is Linux's")
def test_the_cache_lies_in_the_users_cache_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("GAN_HELPERS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir() == tmp_path / "gan_helpers"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_dir() == Path.home() / ".cache" / "gan_helpers"  # where it was before platformdirs


def test_versions_name_what_a_result_depends_on():
    assert {"python", "torch", "numpy", "cores", "device"} <= set(versions())

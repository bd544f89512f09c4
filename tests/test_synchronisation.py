"""The loop never waits for a device: no value is read in it but once in 50 steps, for all of them.

There is no GPU here, so it is shown in two halves. On the ``meta`` device, where tensors have no
values, every reading is an error; the loop takes the same path there as on a GPU. On the CPU
everything that reads a value, or moves a tensor, is counted. A test for a GPU follows.
"""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from dataclasses import replace

import pytest
import torch
from torch.optim import SGD, Adam
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from gan_helpers import GAN, NON_SATURATING, OBJECTIVES, WGAN_GP, History, data, train
from gan_helpers.networks import (
    ConvDiscriminator,
    ConvGenerator,
    MLPDiscriminator,
    MLPGenerator,
)
from gan_helpers.record import watch

POINTS = MLPGenerator(2, (2,), (8,)), MLPDiscriminator((2,), (8,))


def make_gan(objective, players=POINTS, device="cpu", optimizer=Adam, **more):
    nets = [copy.deepcopy(player).to(device) for player in players]
    both = [optimizer(net.parameters(), lr=1e-3, **more) for net in nets]
    return GAN(*nets, objective, *both, latent_dim=2)


def images():
    return ConvGenerator(2, channels=2), ConvDiscriminator(channels=2, batch_norm=False)


@pytest.mark.parametrize(
    ("objective", "players", "shape", "optimizer"),
    [(replace(each, n_critic=min(each.n_critic, 2)), POINTS, (2,), SGD) for each in OBJECTIVES]
    + [
        (NON_SATURATING, POINTS, (2,), Adam),
        (replace(WGAN_GP, n_critic=1), images(), (1, 28, 28), SGD),
    ],
    ids=lambda value: getattr(value, "name", getattr(value, "__name__", "")),
)
def test_off_the_cpu_no_step_reads_a_value_and_the_check_comes_every_50(
    objective, players, shape, optimizer, monkeypatch
):
    checked = []
    monkeypatch.setattr(watch, "check_finite", lambda records, _: checked.append(len(records)))
    gan = make_gan(objective, players, "meta", optimizer, foreach=True)
    history = History()
    supply = itertools.repeat(torch.empty(4, *shape, device="meta"))
    for _ in history.record(train(gan, supply, 52)):
        pass
    assert gan.step == len(history) == 52
    assert checked == [50, 2]


def test_what_is_not_on_the_cpu_cannot_be_read_without_being_noticed():
    """What the test above rests on."""
    value = torch.ones((), device="meta")
    for read in (torch.Tensor.item, bool, float, torch.Tensor.cpu, torch.Tensor.tolist):
        with pytest.raises((RuntimeError, NotImplementedError)):
            read(value)


READS = {"item", "tolist", "numpy", "cpu", "__bool__", "__float__", "__int__"}
WAITS = {"aten._local_scalar_dense", "aten.is_nonzero", "aten.nonzero", "aten.equal"}
WAITS |= {"aten.masked_select", "aten._to_copy", "aten._unique2"}


class Readings:
    """Count what a GPU would have to be waited for, in Python (tolist) and below it (item)."""

    def __init__(self):
        self.seen = seen = Counter()

        class Calls(TorchFunctionMode):
            def __torch_function__(self, func, types, args=(), kwargs=None):
                if getattr(func, "__name__", "") in READS:
                    seen[func.__name__] += 1
                return func(*args, **(kwargs or {}))

        class Operators(TorchDispatchMode):
            def __torch_dispatch__(self, func, types, args=(), kwargs=None):
                name = str(func).rsplit(".", 1)[0]
                if name in WAITS:
                    seen[name] += 1
                return func(*args, **(kwargs or {}))

        self.modes = Calls(), Operators()

    def __enter__(self):
        for mode in self.modes:
            mode.__enter__()
        return self.seen

    def __exit__(self, *error):
        for mode in reversed(self.modes):
            mode.__exit__(*error)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
def test_on_the_cpu_a_step_reads_nothing_but_the_one_check(objective):
    """There reading costs nothing, so every step is checked: by one ``tolist`` each."""
    gan, history = make_gan(replace(objective, n_critic=1), fused=True), History()
    records = history.record(train(gan, data.batches(data.ring(), 8), 61))
    next(records)  # the first batch is checked by value
    with Readings() as seen:
        for _ in records:
            pass
    assert seen == {"tolist": 61}


def test_a_history_reads_once_in_512_records():
    gan, history = make_gan(NON_SATURATING, fused=True), History()
    (record,) = train(gan, data.batches(data.ring(), 8), 1)
    with Readings() as seen:
        for _ in range(1024 + 100):
            history.append(record)
        assert seen["cpu"] == seen["numpy"] == 2
        history.column("penalty")
        assert seen["cpu"] == seen["numpy"] == 3
    assert set(seen) == {"cpu", "numpy", "aten._to_copy"}  # the copy is the one to float64


def test_what_reads_a_value_is_counted():
    """What the counting rests on."""
    value = torch.ones(())
    with Readings() as seen:
        value.item()
        assert seen["aten._local_scalar_dense"] == 1
        bool(value)
        value.tolist()
        torch.ones(3)[torch.tensor([True, False, True])]
        float(value)
    assert seen["item"] == seen["tolist"] == 1
    assert seen["aten._local_scalar_dense"] >= 3


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("objective", [NON_SATURATING, WGAN_GP], ids=lambda o: o.name)
def test_on_a_gpu_49_steps_run_without_a_single_synchronisation(objective):
    device = torch.device("cuda")
    gan, history = make_gan(objective, device=device, fused=True), History()
    records = history.record(train(gan, data.batches(data.ring(), 8, device=device), 200))
    for _ in range(51):  # the first batch is checked by value, and 50 steps after step 50
        next(records)
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(48):
            next(records)
    finally:
        torch.cuda.set_sync_debug_mode("default")

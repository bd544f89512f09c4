"""Two processes that share a run do what one does with both batches; run as a script, it is them.

The processes are real: Fabric starts the second, and gloo carries the gradients.
"""

import importlib.util
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from gan_helpers import (
    GAN,
    NON_SATURATING,
    WGAN,
    WGAN_GP,
    NonFiniteLossError,
    r1_penalty,
    regularisers,
    set_seed,
    train,
)
from gan_helpers.distributed import distribute
from gan_helpers.networks import MLPDiscriminator, MLPGenerator

ROOT = Path(__file__).resolve().parent.parent
JOINED, STEPS = 16, 6
OBJECTIVES = {
    "non-saturating": NON_SATURATING,
    "WGAN": replace(WGAN, n_critic=2),
    "WGAN-GP": replace(WGAN_GP, n_critic=2),
    "R1": replace(NON_SATURATING, penalty=r1_penalty),
}


def build(objective, seed=0):
    set_seed(seed)
    g, d = MLPGenerator(2, (2,), widths=(16, 16)), MLPDiscriminator((2,), widths=(16, 16))
    # not Adam: where a critic's gradients cancel, it makes whole steps of what rounding leaves
    sgd = [torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9) for net in (g, d)]
    return GAN(g, d, objective, *sgd, latent_dim=2)


def run(objective, fabric=None):
    """Train on this process's part of the same joined batches; return weights and norms."""
    rank, size = (fabric.global_rank, fabric.world_size) if fabric else (0, 1)
    draws = torch.Generator().manual_seed(7)

    def part(make, *shape):
        return make(JOINED, *shape, generator=draws).chunk(size)[rank]

    def interpolate(real, fake):
        epsilon = part(torch.rand, 1)
        return (epsilon * real + (1 - epsilon) * fake).detach()

    gan = build(objective, seed=rank)  # only process 0's weights may count
    if fabric:
        distribute(gan, fabric)
    gan.latent_distribution = lambda n, dim, generator, device: part(torch.randn, dim)
    supply = (part(torch.randn, 2) + 3 for _ in range(STEPS * objective.n_critic))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regularisers, "interpolate", interpolate)
        records = list(train(gan, supply, STEPS))
    norms = [torch.stack((r.discriminator_grad_norm, r.generator_grad_norm)) for r in records]
    weights = [*gan.generator.parameters(), *gan.discriminator.parameters()]
    return {"weights": [w.detach() for w in weights], "norms": torch.stack(norms)}


def diverge(fabric):
    """Return the step at which this process stops when process 1 alone sees a poisoned batch."""
    gan = build(NON_SATURATING)
    distribute(gan, fabric)
    poison = torch.tensor([0.0, 0.0, float("nan") if fabric.global_rank else 0.0, 0.0])
    try:
        list(train(gan, (torch.randn(8, 2) + p for p in poison), 4))
    except NonFiniteLossError:
        return gan.step
    return None


def worker(folder):
    from lightning_fabric import Fabric

    torch.set_num_threads(1)
    fabric = Fabric(accelerator="cpu", strategy="ddp", devices=2)
    fabric.launch()
    result = {name: run(objective, fabric) for name, objective in OBJECTIVES.items()}
    gan = build(NON_SATURATING)
    distribute(gan, fabric)
    result["latents"] = gan.sample_latent(4)
    result["stopped"] = diverge(fabric)
    torch.save(result, Path(folder) / f"{fabric.global_rank}.pt")


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory):
    if importlib.util.find_spec("lightning_fabric") is None or not hasattr(torch, "distributed"):
        pytest.skip("lightning-fabric is not installed: pip install 'gan-helpers[distributed]'")
    folder = tmp_path_factory.mktemp("two")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment |= {"MASTER_ADDR": "127.0.0.1", "GLOO_SOCKET_IFNAME": ""}
    if sys.platform == "linux":
        environment["GLOO_SOCKET_IFNAME"] = "lo"
    subprocess.run(
        [sys.executable, "-W", "ignore", __file__, str(folder)],
        env=environment, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return [torch.load(folder / f"{rank}.pt") for rank in range(2)]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_two_processes_equal_one_with_the_joined_batch(two_processes, name):
    alone = run(OBJECTIVES[name])
    start = build(OBJECTIVES[name])
    moved = [*start.generator.parameters(), *start.discriminator.parameters()]
    assert max((a - b).abs().max() for a, b in zip(alone["weights"], moved, strict=True)) > 1e-3
    for shared in two_processes:
        torch.testing.assert_close(shared[name], alone, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_weights_of_both_processes_stay_equal_bit_for_bit(two_processes, name):
    first, second = (each[name]["weights"] for each in two_processes)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_each_process_draws_its_own_latents(two_processes):
    first, second = (each["latents"] for each in two_processes)
    assert not torch.equal(first, second)


def test_a_run_that_diverges_in_one_process_stops_in_both_at_once(two_processes):
    assert [each["stopped"] for each in two_processes] == [3, 3]


# What one process does, with the others played by a stand-in


def fabric_of(size, sent=None, device="cpu"):
    """A process 0 whose fellows have the same gradients."""
    sent = [] if sent is None else sent
    return SimpleNamespace(
        global_rank=0,
        world_size=size,
        device=torch.device(device),
        broadcast=lambda value: value,
        all_reduce=lambda flat: sent.append(flat.clone()) or flat,
    )


@pytest.mark.parametrize("name", OBJECTIVES)
def test_one_message_goes_out_for_each_update_with_all_gradients(name):
    sent, gan = [], build(OBJECTIVES[name])
    distribute(gan, fabric_of(2, sent))
    (record,) = train(gan, [torch.randn(8, 2)] * 2, 1)
    assert len(sent) == gan.objective.n_critic + 1
    assert sent[-2].norm().item() == pytest.approx(record.discriminator_grad_norm.item(), rel=1e-5)
    assert sent[-1].norm().item() == pytest.approx(record.generator_grad_norm.item(), rel=1e-5)
    assert len(sent[-1]) == sum(w.numel() for w in gan.generator.parameters())


def test_one_process_is_left_as_it_is():
    sent, gan = [], build(NON_SATURATING)
    before = torch.get_rng_state()
    distribute(gan, fabric_of(1, sent))
    assert torch.equal(before, torch.get_rng_state())
    list(train(gan, [torch.randn(8, 2)], 1))
    assert sent == []


def test_a_weight_without_a_gradient_is_named():
    gan = build(NON_SATURATING)
    gan.generator.spare = nn.Parameter(torch.zeros(1))
    gan.generator_optimizer.add_param_group({"params": [gan.generator.spare]})
    distribute(gan, fabric_of(2))
    with pytest.raises(RuntimeError, match=r"'spare' got no gradient.*remove the layer"):
        list(train(gan, [torch.randn(8, 2)], 1))


def test_players_elsewhere_are_refused():
    with pytest.raises(ValueError, match=r"are on cpu, this process computes on cuda:1.*\.to\("):
        distribute(build(NON_SATURATING), fabric_of(2, device="cuda:1"))


if __name__ == "__main__":
    worker(sys.argv[1])

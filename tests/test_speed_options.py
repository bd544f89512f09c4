"""Options that trade something for speed give the same results: compiled players, channels-last
memory, data that stays on the host.
"""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from torch._dynamo.utils import counters
from torch.overrides import TorchFunctionMode

from gan_helpers import GAN, NON_SATURATING, WGAN_GP, set_seed, train
from gan_helpers.data import ImageData, batches
from gan_helpers.networks import ConvDiscriminator, ConvGenerator, MLPDiscriminator, MLPGenerator

# Data that stays on the host ------------------------------------------------------------------


CUDA = torch.device("cuda")


class ImaginedGPU(TorchFunctionMode):
    """Notes what would go to a GPU: pinned buffers and copies; the copies land on ``meta``."""

    def __init__(self):
        super().__init__()
        self.pinned, self.sent, self.waited = [], [], []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if kwargs.pop("pin_memory", False):
            self.pinned.append(function(*args, **kwargs))
            return self.pinned[-1]
        if function is torch.Tensor.to and torch.device(args[1]).type == "cuda":
            self.sent.append(args[0])
            self.waited.append(not kwargs.get("non_blocking", False))
            return function(args[0], "meta")
        return function(*args, **kwargs)


def test_batches_for_a_gpu_travel_from_pinned_memory_without_waiting():
    rows = torch.randn(10, 3)
    with ImaginedGPU() as gpu:
        got = list(islice(batches(rows, 4, CUDA, resident=False), 3))
    assert [batch.device.type for batch in got] == ["meta"] * 3
    assert len(gpu.pinned) == 3
    assert [id(each) for each in gpu.sent] == [id(each) for each in gpu.pinned]
    assert len({each.data_ptr() for each in gpu.pinned}) == 3  # none is overwritten on its way
    assert gpu.waited == [False] * 3
    for sent in gpu.sent:
        assert all((row == rows).all(1).any() for row in sent)


def test_resident_data_travels_once():
    with ImaginedGPU() as gpu:
        list(islice(batches(torch.randn(10, 3), 4, CUDA), 3))
    assert len(gpu.sent) == 1
    assert gpu.pinned == []


def test_on_the_cpu_both_ways_give_the_same_batches():
    rows = torch.randn(50, 1, 4, 4)
    for source in (rows, ImageData(rows.tanh())):
        both = []
        for resident in (True, False):
            torch.manual_seed(3)
            both.append(list(islice(batches(source, 8, resident=resident), 4)))
        assert all(torch.equal(a, b) for a, b in zip(*both, strict=True))


def test_a_memory_mapped_file_is_read_row_by_row(tmp_path):
    path = tmp_path / "rows.bin"
    np.arange(3000, dtype=np.float32).reshape(1000, 3).tofile(path)
    with open(path, "ab") as file:
        np.full((1000, 3), np.nan, dtype=np.float32).tofile(file)
    whole = torch.from_numpy(np.memmap(path, "float32", mode="c", shape=(2000, 3)))
    supply = batches(whole[:1000], 64, resident=False)
    for batch in islice(supply, 5):
        assert torch.equal(batch[:, 1], batch[:, 0] + 1)
    batch.zero_()
    assert whole[1, 2] == 5  # batches are copies
    # Nothing was read when the supply was made, or the NaN rows would have been found.
    spoilt = batches(whole, 64, resident=False)
    with pytest.raises(ValueError, match="NaN or infinite"):
        next(spoilt)


def test_rows_that_are_already_on_a_device_cannot_stay_behind():
    with pytest.raises(ValueError, match=r"source is on meta and resident is False.*source\.cpu"):
        batches(torch.empty(4, 2, device="meta"), 2, resident=False)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_travelling_batches_arrive_whole_on_a_gpu():
    rows = torch.arange(1000.0)[:, None].repeat(1, 4096)
    for batch in islice(batches(rows, 64, CUDA, resident=False), 200):
        assert batch.is_cuda
        assert (batch == batch[:, :1]).all()


# Memory layout --------------------------------------------------------------------------------


def conv_gan(objective=NON_SATURATING):
    set_seed(0)
    g = ConvGenerator(8, channels=8)
    d = ConvDiscriminator(channels=8, batch_norm=objective.penalty is None)
    sgd = [torch.optim.SGD(net.parameters(), lr=0.05) for net in (g, d)]
    return GAN(g, d, objective, *sgd, latent_dim=8)


def losses(gan, steps=3, images=None):
    images = torch.rand(32, 1, 28, 28) * 2 - 1 if images is None else images
    torch.manual_seed(1)
    records = list(train(gan, batches(images, 8), steps))
    return torch.stack([torch.stack(r[1:8]) for r in records])


@pytest.mark.parametrize("objective", [NON_SATURATING, WGAN_GP], ids=lambda o: o.name)
def test_channels_last_changes_the_layout_and_not_the_run(objective):
    images = torch.rand(32, 1, 28, 28) * 2 - 1
    plain, last = conv_gan(objective), conv_gan(objective)
    for player in (last.generator, last.discriminator):
        player.to(memory_format=torch.channels_last)
    laid_out = [w for w in last.generator.parameters() if w.dim() == 4]
    assert all(w.is_contiguous(memory_format=torch.channels_last) for w in laid_out)
    expected = losses(plain, images=images)
    torch.testing.assert_close(losses(last, images=images), expected, rtol=1e-3, atol=1e-5)
    assert all(w.is_contiguous(memory_format=torch.channels_last) for w in laid_out)


# torch.compile --------------------------------------------------------------------------------


def ring_gan(objective=NON_SATURATING):
    set_seed(0)
    g, d = MLPGenerator(2, (2,), widths=(8,)), MLPDiscriminator((2,), widths=(8,))
    sgd = [torch.optim.SGD(net.parameters(), lr=0.05) for net in (g, d)]
    return GAN(g, d, objective, *sgd, latent_dim=2)


def compile_players(gan):
    """As a user does, but with a backend that needs no C++ compiler."""
    torch.compiler.reset()
    counters.clear()
    for player in (gan.generator, gan.discriminator):
        player.compile(backend="aot_eager", dynamic=False)


@pytest.mark.filterwarnings("ignore:The .grad attribute:UserWarning")  # the tracer's own look
def test_compiled_players_train_alike_and_keep_their_names():
    """``Module.compile`` works in place: checkpoints and previews stay what they were."""
    rows, plain, fast = torch.randn(64, 2), ring_gan(), ring_gan()
    compile_players(fast)
    got = losses(fast, images=rows)
    assert counters["frames"]["ok"] >= 2  # both players were traced
    torch.testing.assert_close(got, losses(plain, images=rows), rtol=1e-4, atol=1e-6)
    assert fast.generator.state_dict().keys() == plain.generator.state_dict().keys()
    assert fast.sample(3).shape == (3, 2)


def in_place(network, backend):
    network.compile(backend=backend)
    return network


@pytest.mark.parametrize("way", [in_place, torch.compile])
def test_a_compiled_discriminator_and_a_penalty_are_refused(way):
    gan = ring_gan(WGAN_GP)
    gan.discriminator = way(gan.discriminator, backend="eager")
    with pytest.raises(ValueError, match=r"compiled.*'WGAN-GP' has a penalty.*generator alone"):
        train(gan, batches(torch.randn(64, 2), 8), 1)


def test_beside_a_penalty_the_generator_may_be_compiled():
    rows, plain, fast = torch.randn(64, 2), ring_gan(WGAN_GP), ring_gan(WGAN_GP)
    torch.compiler.reset()
    fast.generator.compile(backend="aot_eager", dynamic=False)
    got = losses(fast, images=rows)
    torch.testing.assert_close(got, losses(plain, images=rows), rtol=1e-4, atol=1e-6)


# The benchmark --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objective", "forward", "backward"),
    [
        # two passes of the generator and two of the discriminator, three layers each; backward:
        # 5 for the discriminator (none to its input), 3 through it, 5 for the generator
        (NON_SATURATING, 12, 13),
        # five critic updates, each with one more pass for the penalty, differentiated by its input
        # (3), and that differentiated by weights (3) and by what came from above (2)
        (WGAN_GP, 5 * 9 + 6, 5 * 13 + 8),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_floor_counts_each_product_once(monkeypatch, objective, forward, backward):
    monkeypatch.syspath_prepend(Path(__file__).resolve().parent.parent / "benchmarks")
    from loops.floor import floor, recorded
    from loops.workloads import RING

    found = dict.fromkeys(("addmm", "mm", "_fused_adam_"), 0)
    for times, op, _, _ in recorded(RING, objective):
        found[op.overloadpacket.__name__] += times
    assert found == {
        "addmm": forward,
        "mm": backward,
        "_fused_adam_": objective.n_critic + 1,
    }
    assert floor(RING, objective)(1) > 0

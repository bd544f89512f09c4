"""Networks: shapes, raw scores, DCGAN's initialisation, placement, and clear errors."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers.networks import (
    ConvDiscriminator,
    ConvGenerator,
    MLPDiscriminator,
    MLPGenerator,
    initialise_dcgan,
)

IMAGE_SHAPES = [
    (channels, *size)
    for channels in (1, 3)
    for size in [(8, 8), (28, 28), (32, 32), (48, 48), (64, 64), (128, 128), (28, 56)]
]


def generators():
    return [
        MLPGenerator(5, (2,)),
        MLPGenerator(5, (1, 28, 28), (16, 32), batch_norm=True, tanh=True),
        ConvGenerator(5, (1, 28, 28), 4),
        ConvGenerator(5, (3, 32, 32), 4),
    ]


def discriminators():
    return [
        MLPDiscriminator((2,)),
        MLPDiscriminator((1, 28, 28), (16, 8)),
        ConvDiscriminator((1, 28, 28), 4),
        ConvDiscriminator((3, 32, 32), 4, batch_norm=False),
    ]


def parameter_count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def batch_norms(network: nn.Module) -> list[nn.BatchNorm1d | nn.BatchNorm2d]:
    return [m for m in network.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]


@pytest.mark.parametrize("out_shape", [(1,), (2,), (1, 28, 28), (3, 4, 5)])
@pytest.mark.parametrize("tanh", [False, True])
def test_mlp_pair_shapes(out_shape, tanh):
    generator = MLPGenerator(7, out_shape, (16, 8), batch_norm=True, tanh=tanh)
    fake = generator(100 * torch.randn(6, 7))
    assert fake.shape == (6, *out_shape)
    assert MLPDiscriminator(out_shape, (16,))(fake).shape == (6,)
    assert (generator.latent_dim, generator.out_shape) == (7, out_shape)
    assert generator.output_range == ((-1.0, 1.0) if tanh else None)
    if tanh:
        assert float(fake.detach().abs().max()) <= 1.0


@pytest.mark.parametrize("image_shape", IMAGE_SHAPES, ids=str)
def test_convolutional_pair_shapes(image_shape):
    generator = ConvGenerator(6, image_shape, channels=2)
    fake = generator(torch.randn(2, 6))
    assert fake.shape == (2, *image_shape)
    assert float(fake.detach().abs().max()) <= 1.0
    assert ConvDiscriminator(image_shape, channels=2)(fake).shape == (2,)
    assert generator.out_shape == image_shape
    assert generator.output_range == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("side", "maps"),
    [
        (28, [7, 14, 28]),
        (32, [4, 8, 16, 32]),
        (48, [6, 12, 24, 48]),
        (64, [4, 8, 16, 32, 64]),
        (128, [4, 8, 16, 32, 64, 128]),
    ],
)
def test_convolutional_depth_follows_from_the_size(side, maps):
    seen = []
    generator = ConvGenerator(3, (1, side, side), 2).eval()
    for layer in generator.layers:
        if isinstance(layer, (nn.Unflatten, nn.ConvTranspose2d)):
            layer.register_forward_hook(lambda module, args, out: seen.append(out.shape[-1]))
    generator(torch.randn(1, 3))
    assert seen == maps


def test_channels_set_the_width_and_stop_at_eight_times():
    widths = [m.out_channels for m in ConvDiscriminator((1, 128, 128), 4).layers
              if isinstance(m, nn.Conv2d)]  # fmt: skip
    assert widths == [4, 8, 16, 32, 32]


def test_parameter_counts():
    # by hand: each layer is inputs * outputs (* 16 pixels of a kernel) + biases
    assert parameter_count(MLPGenerator(2, (2,), (128, 128))) == (
        2 * 128 + 128 + 128 * 128 + 128 + 128 * 2 + 2
    )
    assert parameter_count(MLPGenerator(2, (2,), (8,), batch_norm=True)) == (
        2 * 8 + 2 * 8 + 8 * 2 + 2
    )
    assert parameter_count(MLPDiscriminator((2,), (128, 128))) == (
        2 * 128 + 128 + 128 * 128 + 128 + 128 + 1
    )
    assert parameter_count(ConvGenerator(100, (1, 28, 28), 32)) == (
        100 * 64 * 49 + 2 * 64 + 64 * 32 * 16 + 2 * 32 + 32 * 1 * 16 + 1
    )
    assert parameter_count(ConvDiscriminator((1, 28, 28), 32)) == (
        1 * 32 * 16 + 32 + 32 * 64 * 16 + 2 * 64 + 64 * 49 + 1
    )
    assert parameter_count(ConvDiscriminator((1, 28, 28), 32, batch_norm=False)) == (
        1 * 32 * 16 + 32 + 32 * 64 * 16 + 64 + 64 * 49 + 1
    )


@pytest.mark.parametrize("network", discriminators(), ids=lambda n: type(n).__name__)
def test_scores_are_raw(network):
    """Defect 13: with a sigmoid at the end, a bias of 50 would move the score by at most 1."""
    x = torch.randn(4, *network.in_shape)
    last = network.layers[-1]
    assert isinstance(last, nn.Linear)
    network.eval()
    with torch.no_grad():
        before = network(x)
        last.bias += 50
        assert network(x) == pytest.approx(before + 50, abs=1e-3)
        last.bias -= 100
        assert network(x) == pytest.approx(before - 50, abs=1e-3)


@pytest.mark.parametrize("network", generators() + discriminators(),
                         ids=lambda n: type(n).__name__)  # fmt: skip
def test_batch_norm_keeps_its_defaults(network):
    """Defect 14: BatchNorm1d(n, 0.8) sets eps where momentum was meant."""
    for layer in batch_norms(network):
        assert (layer.eps, layer.momentum) == (1e-5, 0.1)


def test_dcgan_initialisation():
    """Defect 16: BatchNorm's gamma is drawn around 1, not around 0."""
    torch.manual_seed(0)
    for network in (ConvGenerator(100, (3, 32, 32), 64), ConvDiscriminator((3, 32, 32), 64)):
        for layer in network.modules():
            if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
                weight = layer.weight.detach()
                noise = 5 * 0.02 / weight.numel() ** 0.5
                assert float(weight.mean()) == pytest.approx(0.0, abs=noise)
                assert float(weight.std()) == pytest.approx(0.02, abs=noise)
                assert layer.bias is None or not layer.bias.detach().any()
        gammas = torch.cat([layer.weight.detach() for layer in batch_norms(network)])
        assert len(gammas) > 100
        assert float(gammas.mean()) == pytest.approx(1.0, abs=0.01)
        assert float(gammas.std()) == pytest.approx(0.02, abs=0.005)
        assert not any(layer.bias.detach().any() for layer in batch_norms(network))


def test_dcgan_initialisation_leaves_other_layers_alone():
    norm, other = nn.BatchNorm2d(3, affine=False), nn.LayerNorm(3)
    initialise_dcgan(nn.Sequential(norm, other))
    assert norm.weight is None
    assert torch.equal(other.weight, torch.ones(3))


@pytest.mark.parametrize("network", [MLPDiscriminator((1, 28, 28), (16,)),
                                     ConvDiscriminator((1, 28, 28), 4, batch_norm=False)],
                         ids=["mlp", "conv"])  # fmt: skip
def test_a_critic_without_batch_norm_scores_each_sample_alone(network):
    x = torch.randn(5, 1, 28, 28)
    assert batch_norms(network) == []
    with torch.no_grad():
        alone = torch.cat([network(x[[i]]) for i in range(5)])
        assert network(x) == pytest.approx(alone, abs=1e-5)
    assert batch_norms(ConvDiscriminator((1, 28, 28), 4))  # the default has it


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_runs_on_the_meta_device_and_under_autocast(dtype):
    for generator, discriminator in zip(generators(), discriminators(), strict=True):
        for device in ("cpu", "meta"):
            generator.to(device)
            discriminator.to(device)
            z = torch.randn(3, generator.latent_dim, device=device)
            # Autocast does not know the meta device; there the forward pass proves placement.
            with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
                scores = discriminator(generator(z))
            assert (scores.shape, scores.dtype) == ((3,), torch.float32)
            assert scores.device.type == device
            scores.sum().backward()
            assert all(p.grad is not None for p in generator.parameters())


def test_built_on_the_meta_device():
    with torch.device("meta"):
        network = ConvDiscriminator((3, 64, 64))
    assert {p.device.type for p in network.parameters()} == {"meta"}


def test_compiles_as_one_graph():
    for network, x in [
        (ConvGenerator(5, (1, 28, 28), 2), torch.randn(3, 5)),
        (ConvDiscriminator((1, 28, 28), 2), torch.randn(3, 1, 28, 28)),
        (MLPGenerator(5, (1, 28, 28)), torch.randn(3, 5)),
        (MLPDiscriminator((2,)), torch.randn(3, 2)),
    ]:
        network.eval()
        compiled = torch.compile(network, backend="eager", fullgraph=True)
        assert torch.equal(compiled(x), network(x))


def test_many_networks_in_one_vectorised_call():
    networks = [ConvDiscriminator((1, 28, 28), 2, batch_norm=False) for _ in range(3)]
    x = torch.randn(4, 1, 28, 28)
    weights, buffers = torch.func.stack_module_state(networks)

    def scores(weights, buffers):
        return torch.func.functional_call(networks[0], (weights, buffers), (x,))

    together = torch.vmap(scores)(weights, buffers)  # (3, 4)
    one_by_one = torch.stack([network(x) for network in networks])
    assert together.detach() == pytest.approx(one_by_one.detach(), abs=1e-6)


def test_gradient_of_each_sample_with_vmap():
    network = MLPDiscriminator((2,), (8,))
    x = torch.randn(5, 2)
    slopes = torch.vmap(torch.func.grad(lambda row: network(row[None])[0]))(x)
    x.requires_grad_()
    expected = torch.autograd.grad(network(x).sum(), x)[0]
    assert slopes.detach() == pytest.approx(expected, abs=1e-6)


def test_float64_networks_take_float64():
    network = MLPDiscriminator((2,)).double()
    assert network(torch.randn(3, 2, dtype=torch.float64)).dtype == torch.float64


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: MLPGenerator(0, (2,)), ValueError, "latent_dim is 0"),
        (lambda: MLPGenerator(2.0, (2,)), ValueError, "latent_dim is 2.0.*integer >= 1"),
        (lambda: MLPGenerator(True, (2,)), ValueError, "latent_dim is True.*integer >= 1"),
        (lambda: MLPGenerator(2, ()), ValueError, "out_shape is empty"),
        (lambda: MLPGenerator(2, 2), TypeError, "out_shape is 2"),
        (lambda: MLPGenerator(2, (2,), ()), ValueError, "widths is empty"),
        (lambda: MLPGenerator(2, (2,), (8, -1)), ValueError, r"widths\[1\] is -1"),
        (lambda: MLPDiscriminator((2,), ()), ValueError, "widths is empty"),
        (lambda: MLPDiscriminator((0,)), ValueError, r"in_shape\[0\] is 0"),
        (lambda: MLPDiscriminator("2"), TypeError, "in_shape is '2'"),
        (lambda: ConvGenerator(0), ValueError, "latent_dim is 0"),
        (lambda: ConvGenerator(image_shape=(28, 28)), ValueError, r"\(28, 28\); give \(channels"),
        (lambda: ConvGenerator(image_shape=(1, 30, 30)), ValueError, "30 x 30.* of 4.*32 x 32"),
        (lambda: ConvGenerator(image_shape=(1, 28, 30)), ValueError, "28 x 30.* of 4.*28 x 32"),
        (lambda: ConvGenerator(image_shape=(1, 4, 4)), ValueError, "4 x 4.*at least 8"),
        (lambda: ConvGenerator(image_shape=(0, 28, 28)), ValueError, r"image_shape\[0\] is 0"),
        (lambda: ConvGenerator(channels=0), ValueError, "channels is 0"),
        (lambda: ConvDiscriminator(image_shape=(1, 29, 29)), ValueError, "29 x 29.* of 4.*28 x 28"),
        (lambda: ConvDiscriminator(channels=-3), ValueError, "channels is -3"),
    ],
)
def test_bad_sizes_are_named(build, error, words):
    with pytest.raises(error, match=words):
        build()


def test_sizes_may_be_numpys_integers():
    one, two, eight = np.int64(1), np.int32(2), np.uint8(8)
    generator = MLPGenerator(two, (one, eight), (eight,))
    assert generator(torch.randn(3, 2)).shape == (3, 1, 8)
    assert [type(size) for size in (generator.latent_dim, *generator.out_shape)] == [int] * 3
    images = ConvGenerator(two, (one, eight, eight), two)(torch.randn(3, 2))
    assert ConvDiscriminator((one, eight, eight), two)(images).shape == (3,)


def _sizes_that_work(limit: int) -> set[int]:
    works = set()
    for side in range(1, limit):
        try:
            ConvDiscriminator((1, side, side), 1)
        except ValueError:
            continue
        works.add(side)
    return works


def test_the_size_that_an_error_proposes_works():
    works = _sizes_that_work(70)
    assert {8, 28, 32, 64} <= works
    for side in set(range(1, 70)) - works:
        with pytest.raises(ValueError, match="Resize") as caught:
            ConvDiscriminator((1, side, side), 1)
        proposed = int(str(caught.value).split("for example to ")[1].split(" x ")[0])
        ConvDiscriminator((1, proposed, proposed), 1)


@pytest.mark.parametrize(
    ("network", "x", "error", "words"),
    [
        (MLPGenerator(5, (2,)), torch.randn(3, 4), ValueError, r"\(3, 4\).*\(N, 5\)"),
        (MLPGenerator(5, (2,)), torch.randn(5), ValueError, r"\(5,\).*\(N, 5\)"),
        (MLPGenerator(5, (2,)), torch.tensor(1.0), ValueError, r"shape \(\)"),
        (MLPGenerator(5, (2,)), torch.ones(3, 5, dtype=torch.int64), TypeError, "int64"),
        (MLPGenerator(5, (2,)), torch.randn(3, 5).double(), TypeError, r"float64.*float\(\)"),
        (MLPGenerator(5, (2,)), [[0.0] * 5], TypeError, "z is a list"),
        (MLPGenerator(5, (2,), batch_norm=True), torch.randn(1, 5), ValueError, "1 sample.*eval"),
        (MLPDiscriminator((2,)), torch.randn(3, 3), ValueError, r"\(3, 3\).*\(N, 2\)"),
        (ConvGenerator(5), torch.randn(3, 5, 1, 1), ValueError, r"\(N, 5\)"),
        (ConvGenerator(5), torch.randn(1, 5), ValueError, "BatchNorm in training"),
        (ConvDiscriminator(), torch.randn(3, 28, 28), ValueError, r"\(N, 1, 28, 28\)"),
        (ConvDiscriminator(), torch.randn(3, 3, 28, 28), ValueError, r"\(N, 1, 28, 28\)"),
        (ConvDiscriminator(), torch.randn(3, 1, 32, 32), ValueError, r"\(N, 1, 28, 28\)"),
        (ConvDiscriminator(), torch.zeros(3, 1, 28, 28, dtype=torch.uint8), TypeError, "127.5"),
    ],
)
def test_bad_inputs_are_named(network, x, error, words):
    with pytest.raises(error, match=words):
        network(x)


def test_one_sample_is_fine_in_eval_mode():
    assert ConvGenerator(5).eval()(torch.randn(1, 5)).shape == (1, 1, 28, 28)
    assert MLPDiscriminator((2,))(torch.randn(1, 2)).shape == (1,)

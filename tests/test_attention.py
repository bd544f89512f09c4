"""Self-attention and spectral norm: closed forms, sizes, precision, derivatives, checkpoints."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized
from torch.optim import Adam

from gan_helpers import (
    GAN,
    WGAN_GP,
    data,
    gradient_penalty,
    load,
    r1_penalty,
    save,
    set_seed,
    train,
)
from gan_helpers.networks import (
    ConvDiscriminator,
    ConvGenerator,
    SelfAttention,
    spectrally_normalised,
)
from gan_helpers.study.convolution_networks import downward, outer_layers_normalised, upward


def attentive(gamma: float = 0.7, channels: int = 8, inner: int | None = None) -> SelfAttention:
    set_seed(0)
    layer = SelfAttention(channels, inner)
    nn.init.constant_(layer.gamma, gamma)
    return layer


def written_out(layer: SelfAttention, x: torch.Tensor) -> torch.Tensor:
    """Return y of SAGAN's equations, place by place."""
    f, g, h = (each(x).flatten(2) for each in (layer.key, layer.query, layer.value))  # (N, c, P)
    y = x.flatten(2).clone()
    for n in range(len(x)):
        for j in range(f.shape[2]):
            scores = torch.stack([f[n, :, i] @ g[n, :, j] for i in range(f.shape[2])])
            beta = scores.exp() / scores.exp().sum()
            mixed = sum(beta[i] * h[n, :, i] for i in range(f.shape[2]))
            y[n, :, j] += layer.gamma * (layer.out.weight[:, :, 0, 0] @ mixed)
    return y.unflatten(2, x.shape[2:])


def test_it_is_sagans_equations() -> None:
    layer, x = attentive(inner=5), 2 * torch.randn(2, 8, 3, 4)
    assert torch.allclose(layer(x), written_out(layer, x), atol=1e-5)


def test_at_the_start_it_is_exactly_the_identity_and_gamma_can_learn() -> None:
    layer, x = SelfAttention(8), torch.randn(3, 8, 5, 5)
    assert layer.gamma == 0
    assert torch.equal(layer(x), x)
    layer(x).square().sum().backward()
    assert layer.gamma.grad.abs() > 0
    assert not any(part.weight.grad.any() for part in (layer.query, layer.key, layer.value))


def test_parameters_are_counted() -> None:
    count = sum(w.numel() for w in SelfAttention(64).parameters())
    assert count == 4 * 64 * 8 + 1
    assert SelfAttention(4).query.out_channels == 1
    assert SelfAttention(32, inner=16).out.in_channels == 16


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (4, 4), (7, 7), (14, 14), (16, 16), (5, 8)])
@pytest.mark.parametrize("channels", [1, 3, 16])
def test_any_map_will_do(size: tuple[int, int], channels: int) -> None:
    layer, x = attentive(channels=channels), torch.randn(2, channels, *size)
    assert layer(x).shape == x.shape
    places = size[0] * size[1]
    weights = layer.weights(x)
    assert weights.shape == (2, places, places)
    assert torch.allclose(weights.sum(2), torch.ones(2, places), atol=1e-5)


def test_the_weights_are_those_that_forward_uses_and_are_not_kept() -> None:
    layer, x = attentive(inner=5), 2 * torch.randn(2, 8, 4, 4)
    mixed = (layer.weights(x) @ layer.value(x).flatten(2).mT).mT.unflatten(2, (4, 4))
    assert torch.allclose(layer(x), layer.gamma * layer.out(mixed) + x, atol=1e-5)
    held = [t for t in vars(layer).values() if isinstance(t, torch.Tensor)]
    assert held == []
    assert {*layer.state_dict()} == {
        "gamma", "query.weight", "key.weight", "value.weight", "out.weight",
    }  # fmt: skip


def test_places_of_one_sample_never_look_at_another() -> None:
    layer, x = attentive(), torch.randn(3, 8, 4, 4)
    alone = torch.cat([layer(x[[i]]) for i in range(3)])
    assert torch.allclose(layer(x), alone, atol=1e-6)


@pytest.mark.parametrize("x", [torch.randn(2, 4, 3, 3), torch.randn(8, 3, 3)])
def test_a_map_that_does_not_fit_is_named(x: torch.Tensor) -> None:
    layer = SelfAttention(8)
    for call in (layer, layer.weights):
        with pytest.raises(ValueError, match=r"expects \(N, 8, H, W\)"):
            call(x)
    with pytest.raises(ValueError, match="channels is 0"):
        SelfAttention(0)
    with pytest.raises(ValueError, match="inner is 0"):
        SelfAttention(8, 0)


def test_it_runs_on_the_meta_device_and_under_autocast() -> None:
    layer = attentive()
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(torch.randn(2, 8, 4, 4))
    assert y.dtype == torch.float32
    assert layer.weights(torch.randn(2, 8, 4, 4)).dtype == torch.float32
    layer.to("meta")
    assert layer(torch.randn(2, 8, 4, 4, device="meta")).shape == (2, 8, 4, 4)
    with torch.device("meta"):
        assert SelfAttention(8).gamma.device.type == "meta"


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("penalty", [gradient_penalty, r1_penalty])
def test_a_gradient_penalty_goes_through_attention(penalty, norm) -> None:
    set_seed(0)
    D = downward(8, batch_norm=False, middle=SelfAttention)
    nn.init.constant_(D[2].gamma, 0.5)
    D = spectrally_normalised(D) if norm else D
    penalty(D, *torch.randn(2, 3, 1, 28, 28)).backward()
    for name, weight in D.named_parameters():
        if name != "10.bias":
            assert weight.grad is None or weight.grad.isfinite().all(), name
    assert D[2].gamma.grad.abs() > 0
    weight = D[2].query.parametrizations.weight.original if norm else D[2].query.weight
    assert weight.grad.abs().max() > 0


def test_the_second_derivative_is_right() -> None:
    layer = attentive(channels=2, inner=2).double()
    x = torch.randn(1, 2, 2, 2, dtype=torch.float64, requires_grad=True)
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel(SDPBackend.MATH):
        assert torch.autograd.gradgradcheck(layer, (x,))


def test_a_run_with_attention_goes_on_from_its_checkpoint(tmp_path) -> None:
    def players(seed: int) -> GAN:
        set_seed(seed)
        G = upward(4, middle=SelfAttention)
        D = spectrally_normalised(downward(4, False, middle=SelfAttention))
        adams = [Adam(net.parameters(), 1e-2) for net in (G, D)]
        return GAN(G, D, WGAN_GP, *adams, latent_dim=16)

    images = torch.rand(40, 1, 28, 28) * 2 - 1
    first = players(0)
    list(train(first, data.batches(images, 4), 1))
    save(first, tmp_path / "run.pt")
    list(train(first, data.batches(images, 4), 1))
    second = players(1)
    load(second, tmp_path / "run.pt")
    list(train(second, data.batches(images, 4), 1))
    for one, other in zip(
        first.discriminator.state_dict().values(), second.discriminator.state_dict().values(),
        strict=True,
    ):  # fmt: skip
        assert torch.equal(one, other)
    copy.deepcopy(first.discriminator)


# Spectral norm -------------------------------------------------------------------------------


def normalised_layers(network: nn.Module) -> list[bool]:
    kinds = nn.Linear, nn.Conv2d
    return [is_parametrized(m) for m in network.modules() if isinstance(m, kinds)]


def test_no_layer_is_left_out_however_deep_it_lies() -> None:
    """Defect 31: attention left out of spectral norm, because it has no attribute `weight`."""
    D = spectrally_normalised(downward(8, batch_norm=True, middle=SelfAttention))
    assert normalised_layers(D) == [True] * 7
    assert not any(is_parametrized(m) for m in D.modules() if isinstance(m, nn.BatchNorm2d))
    assert not is_parametrized(D[2])
    left_out = outer_layers_normalised(downward(8, False, middle=SelfAttention))
    assert normalised_layers(left_out).count(False) == 4
    again = spectrally_normalised(D)
    assert len(again[0].parametrizations.weight) == 1
    with pytest.raises(ValueError, match="nothing to normalise"):
        spectrally_normalised(nn.ReLU())


def test_after_it_the_largest_singular_value_is_one() -> None:
    set_seed(0)
    D = spectrally_normalised(downward(8, False, middle=SelfAttention))
    with torch.no_grad():
        for _ in range(100):
            D(torch.randn(2, 1, 28, 28))
    D.eval()
    for layer in D.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            top = torch.linalg.matrix_norm(layer.weight.detach().flatten(1), ord=2)
            assert float(top) == pytest.approx(1, abs=0.02)


def test_power_iteration_by_hand() -> None:
    W, v, found = torch.tensor([[3.0, 0], [4, 5]]), torch.tensor([1.0, 0]), []
    for _ in range(3):
        u = W @ v
        found.append(float(u.norm()))
        v = W.T @ u / (W.T @ u).norm()
    assert found == pytest.approx([5.0, 6.67175, 6.70775], abs=1e-5)
    assert float(torch.linalg.matrix_norm(W, ord=2)) == pytest.approx(45**0.5)


# Sizes ---------------------------------------------------------------------------------------

SIZES = [(8, 8), (12, 20), (28, 28), (32, 32), (48, 48), (64, 64), (96, 64), (128, 128)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_every_network_runs_at_each_size_its_docstring_allows(size, batch_norm) -> None:
    """Defect 31: a default image size at which the published model crashes."""
    for channels in (1, 3):
        G = ConvGenerator(3, (channels, *size), channels=2)
        D = spectrally_normalised(ConvDiscriminator((channels, *size), 2, batch_norm))
        fake = G(torch.randn(2, 3))
        assert fake.shape == (2, channels, *size)
        assert D(fake).shape == (2,)
    assert ConvDiscriminator()(ConvGenerator()(torch.randn(2, 100))).shape == (2,)

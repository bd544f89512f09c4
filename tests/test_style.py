"""The style-based generator: what demodulation keeps, what a style changes, sizes, precision."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from gan_helpers import GAN, RELATIVISTIC, averaged, load, r1_r2_penalty, save, train
from gan_helpers.networks import ConvDiscriminator, StyledConv, StyleGenerator, modulated_conv
from gan_helpers.networks.style import EqualisedLinear

SHAPES = [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 48, 48), (1, 64, 64), (1, 28, 56)]


def small(image_shape: tuple[int, int, int] = (1, 28, 28), **more: int | bool) -> StyleGenerator:
    torch.manual_seed(0)
    return StyleGenerator(4, image_shape, channels=2, w_dim=6, **more)  # type: ignore[arg-type]


def own(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# One layer --------------------------------------------------------------------------------------


def test_demodulated_weights_of_the_styles_three_and_four() -> None:
    weights = [
        modulated_conv(torch.eye(2)[i].reshape(1, 2, 1, 1), torch.ones(1, 2, 1, 1), style)
        for i in range(2)
        for style in [torch.tensor([[3.0, 4.0]])]
    ]
    assert [w.item() for w in weights] == pytest.approx([0.6, 0.8])


def test_scaling_maps_is_scaling_weights() -> None:
    """The paper gives each sample weights of its own and convolves in groups (Eq. 1 and 3)."""
    x, weight, style = torch.randn(5, 3, 6, 6), torch.randn(4, 3, 3, 3), torch.randn(5, 3)
    own_weights = weight[None] * style[:, None, :, None, None]  # (N, O, I, K, K)
    norms = own_weights.flatten(2).norm(dim=2)
    own_weights = own_weights / norms[:, :, None, None, None]
    grouped = conv2d(x.reshape(1, 15, 6, 6), own_weights.flatten(0, 1), padding=1, groups=5)
    found = modulated_conv(x, weight, style)
    assert found == pytest.approx(grouped.reshape(5, 4, 6, 6), abs=1e-5)


def test_demodulation_keeps_the_variance_whatever_the_style() -> None:
    x, weight = torch.randn(64, 16, 12, 12), torch.randn(32, 16, 3, 3)
    style = 1 + 3 * torch.randn(64, 16)
    y = modulated_conv(x, weight, style)[:, :, 1:-1, 1:-1]  # the rim lacks neighbours
    assert y.var().item() == pytest.approx(1, abs=0.03)
    without = modulated_conv(x, weight, style, demodulate=False)[:, :, 1:-1, 1:-1]
    assert without.var().item() > 500  # 16 * 9 weights of variance 1, styles of mean square 10


def test_a_scaled_style_changes_nothing_in_a_demodulated_layer() -> None:
    x, weight, style = torch.randn(3, 4, 5, 5), torch.randn(2, 4, 3, 3), torch.randn(3, 4)
    before = modulated_conv(x, weight, style)
    assert modulated_conv(x, weight, 10 * style) == pytest.approx(before, abs=1e-5)
    plain = modulated_conv(x, weight, style, demodulate=False)
    assert modulated_conv(x, weight, 10 * style, demodulate=False) == pytest.approx(
        10 * plain, rel=1e-4, abs=1e-4
    )


def test_a_style_of_zero_gives_no_nan() -> None:
    style = torch.zeros(1, 4, requires_grad=True)
    y = modulated_conv(torch.randn(1, 4, 5, 5), torch.randn(2, 4, 3, 3), style)
    y.sum().backward()
    assert y.isfinite().all()
    assert style.grad is not None
    assert style.grad.isfinite().all()


def test_noise_has_strength_zero_at_the_start_and_one_strength_a_layer() -> None:
    G = small()
    w = torch.randn(2, 6)
    one, two = (G.synthesis(w, G.draw_noise(2, own(seed))) for seed in (1, 2))
    assert torch.equal(one, two)
    assert [layer.noise_strength.shape for layer in G.layers] == [()] * 3
    with torch.no_grad():
        G.layers[1].noise_strength.fill_(0.5)
    one, two = (G.synthesis(w, G.draw_noise(2, own(seed))) for seed in (1, 2))
    assert not torch.equal(one, two)


def test_styles_begin_around_one() -> None:
    layer = StyledConv(64, 8, 32)
    styles = layer.style(0.1 * torch.randn(200, 32))
    assert styles.mean().item() == pytest.approx(1, abs=0.02)


# The mapping network ------------------------------------------------------------------------------


@torch.no_grad()
def test_the_length_of_z_does_not_matter() -> None:
    """Defect 35: truncating or scaling z is no truncation; z is brought to length sqrt(d)."""
    G, z = small(), torch.randn(7, 4)
    assert G.mapping(0.3 * z) == pytest.approx(G.mapping(z), abs=1e-4)
    seen: list[Tensor] = []
    first = G.mapping[0]
    first.register_forward_hook(lambda module, args, out: seen.append(args[0]))
    G.mapping(z)
    assert seen[0].norm(dim=1) == pytest.approx(torch.full((7,), math.sqrt(4)), abs=1e-4)


@torch.no_grad()
def test_truncation_to_psi_zero_gives_one_picture() -> None:
    G = small()
    w = G.mapping(torch.randn(200, 4))
    mean, noise = w.mean(0), G.draw_noise(1)
    pictures = {psi: G.synthesis(mean + psi * (w[:5] - mean), noise) for psi in (0.0, 0.5, 1.0)}
    spread = {psi: p.std(0).mean().item() for psi, p in pictures.items()}
    assert spread[0.0] < 1e-6
    assert spread[0.0] < spread[0.5] < spread[1.0]
    assert pictures[1.0] == pytest.approx(G.synthesis(w[:5], noise), abs=1e-5)


# The whole generator ------------------------------------------------------------------------------


def test_parameter_count() -> None:
    # by hand: mapping; constant; per layer weights, biases, style, noise; per image map the same
    G = StyleGenerator(16, (1, 28, 28), channels=16, w_dim=32, mapping_layers=3)
    mapping = 16 * 32 + 32 + 2 * (32 * 32 + 32)
    styled = [
        9 * i * o + o + 33 * i + 1 for i, o in ((64, 64), (64, 32), (32, 16))
    ]  # 33 = w and a bias
    to_image = [i + 1 + 33 * i for i in (64, 32, 16)]
    assert sum(p.numel() for p in G.parameters()) == (
        mapping + 64 * 49 + sum(styled) + sum(to_image)
    )


@pytest.mark.parametrize("convolutions", [1, 2])
@pytest.mark.parametrize("image_shape", SHAPES, ids=str)
def test_shapes(image_shape: tuple[int, int, int], convolutions: int) -> None:
    G = small(image_shape, convolutions=convolutions)
    fake = G(100 * torch.randn(2, 4))
    assert fake.shape == (2, *image_shape)
    assert fake.detach().abs().max() <= 1
    assert (G.latent_dim, G.out_shape, G.output_range) == (4, image_shape, (-1.0, 1.0))
    assert len(G.layers) == convolutions * len(G.to_image) == len(G.draw_noise(3))
    assert G.draw_noise(3)[-1].shape == (3, 1, *image_shape[1:])


def test_sizes_that_cannot_be_reached_and_other_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="image_shape"):
        StyleGenerator(4, (1, 30, 30))
    with pytest.raises(ValueError, match="w_dim"):
        StyleGenerator(4, w_dim=0)
    with pytest.raises(ValueError, match="convolutions"):
        StyleGenerator(4, convolutions=0)
    G = small()
    with pytest.raises(ValueError, match="z has shape"):
        G(torch.randn(2, 5))
    with pytest.raises(ValueError, match="w has shape"):
        G.synthesis(torch.randn(2, 2, 6))
    with pytest.raises(TypeError, match="w is a list"):
        G.synthesis([0.0])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="3 styled layers"):
        G.synthesis(torch.randn(2, 6), G.draw_noise(2)[:2])


def test_one_w_for_all_layers_is_that_w_for_each() -> None:
    G, w = small(), torch.randn(3, 6)
    noise = G.draw_noise(3)
    each = w[:, None].expand(-1, 3, -1)
    assert torch.equal(G.synthesis(w, noise), G.synthesis(each, noise))


def test_mixing_changes_nothing_before_the_cut() -> None:
    G = small()
    a, b = torch.randn(2, 1, 6)
    seen: list[Tensor] = []
    G.layers[0].register_forward_hook(lambda module, args, out: seen.append(out))
    G.synthesis(a)
    G.synthesis(torch.stack([a[0], b[0], b[0]])[None])
    G.synthesis(b)
    assert torch.equal(seen[0], seen[1])
    assert not torch.equal(seen[0], seen[2])


def test_meta_device() -> None:
    G = small((3, 32, 32)).to("meta")
    assert G(torch.randn(5, 4, device="meta")).shape == (5, 3, 32, 32)


def test_autocast_gives_float32_images_near_the_exact_ones() -> None:
    G, z = small(), torch.randn(3, 4)
    exact = G(z)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = G(z)
    assert half.dtype == torch.float32
    assert (half - exact).abs().max() < 0.1
    assert G.double()(z.double()).dtype == torch.float64


def test_path_length_has_a_finite_second_derivative() -> None:
    G = small()
    w = G.mapping(torch.randn(3, 4))
    images = G.synthesis(w)
    y = torch.randn_like(images)
    (product,) = torch.autograd.grad((images * y).sum(), w, create_graph=True)
    length = product.norm(dim=1)  # |J^T y|
    length.var().backward()
    gradients = [p.grad for p in G.parameters() if p.grad is not None]
    assert len(gradients) > 10
    assert all(g.isfinite().all() for g in gradients)
    assert any(g.abs().max() > 0 for g in gradients)


def test_length_of_a_doubled_gaussian_in_the_plane() -> None:
    """facts: g = 2 I gives E|J^T y| = 2 sqrt(pi / 2) = 2.50663."""
    y = torch.randn(400_000, 2, generator=own())
    assert (2 * y).norm(dim=1).mean().item() == pytest.approx(2.50663, abs=0.01)
    assert 2 * math.sqrt(math.pi / 2) == pytest.approx(2.50663, abs=1e-5)


def test_it_trains_and_comes_back_from_a_checkpoint(tmp_path: Path) -> None:
    def make() -> GAN:
        G, D = small(), ConvDiscriminator(channels=2, batch_norm=False)
        game = replace(RELATIVISTIC, penalty=partial(r1_r2_penalty, weight=0.1))
        adam_G, adam_D = (torch.optim.Adam(net.parameters(), 1e-3) for net in (G, D))
        return GAN(G, D, game, adam_G, adam_D, latent_dim=4, autocast=torch.bfloat16)

    gan, images = make(), torch.rand(8, 1, 28, 28) * 2 - 1
    before = [p.detach().clone() for p in gan.generator.parameters()]
    losses = [r.generator_loss for r in averaged(gan, train(gan, iter([images] * 3), 3))]
    assert all(loss.isfinite() for loss in losses)
    moved = [not torch.equal(a, b) for a, b in zip(before, gan.generator.parameters(), strict=True)]
    assert all(moved), "every weight learns, the noise strengths too"
    save(gan, tmp_path / "style.pt")
    other = make()
    load(other, tmp_path / "style.pt")
    z, noise = torch.randn(2, 4), gan.generator.draw_noise(2)
    for one, two in ((gan.generator, other.generator), (gan.average, other.average)):
        nets = [getattr(each, "module", each) for each in (one, two)]
        assert torch.equal(*(net.synthesis(net.mapping(z), noise) for net in nets))


def test_layers_are_the_ones_that_a_reader_can_switch_off() -> None:
    """Dissection hooks a layer's output; a channel set to 0 is gone from what follows."""
    G, w = small(), torch.randn(1, 6)
    noise = G.draw_noise(1)

    def off(module: nn.Module, args: tuple[Tensor, ...], out: Tensor) -> Tensor:
        return out * torch.tensor([0.0, 1.0]).reshape(1, 2, 1, 1)

    before = G.synthesis(w, noise)
    hook = G.layers[2].register_forward_hook(off)
    assert not torch.equal(G.synthesis(w, noise), before)
    hook.remove()
    assert torch.equal(G.synthesis(w, noise), before)


def test_an_equalised_layer_begins_as_an_ordinary_one() -> None:
    layer = EqualisedLinear(400, 300)
    assert layer.weight.std().item() == pytest.approx(1, rel=0.02)
    assert layer(torch.randn(2000, 400)).std().item() == pytest.approx(1, rel=0.02)


def test_a_step_of_adam_is_the_same_share_of_every_weight() -> None:
    G, rate = small(), 0.02
    before = {name: value.detach().clone() for name, value in G.named_parameters()}
    adam = torch.optim.Adam(G.parameters(), rate)
    G(torch.randn(8, 4)).square().sum().backward()
    adam.step()
    for name, value in G.named_parameters():
        if name.endswith("weight"):
            moved = (value.detach() - before[name]).abs()
            assert moved.median().item() == pytest.approx(rate, rel=0.01), name
            assert before[name].std().item() == pytest.approx(1, rel=0.35), name

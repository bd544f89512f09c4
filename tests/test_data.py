"""Distributions whose samples agree with their densities, and batches."""

import math
from itertools import islice

import numpy as np
import pytest
import torch

from gan_helpers import data

# Wider than the defaults, so that a coarse lattice resolves them; the code is the same.
TOYS = {
    "ring": data.ring(sigma=0.1),
    "grid": data.grid(3, sigma=0.1),
    "unequal": data.GaussianMixture([[0, 0], [1, 2]], [0.1, 0.4], [1, 3]),
    "swiss_roll": data.swiss_roll(sigma=0.1),
    "swiss_roll, short": data.swiss_roll(turns=0.5, radius=1.0, sigma=0.3),
    "line": data.mixture_1d([-1, 2], [0.3, 0.5], [1, 3]),
}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def lattice(toy, points: int) -> tuple[torch.Tensor, float]:
    """Points (n, d) of a square grid that covers the toy, float64, and the volume of one cell."""
    edge = float(toy.sample(1000, seeded()).abs().max()) + 1.5
    ticks = torch.linspace(-edge, edge, points, dtype=torch.float64)
    cell = (2 * edge / (points - 1)) ** toy.dim
    return torch.cartesian_prod(*[ticks] * toy.dim).reshape(-1, toy.dim), cell


@pytest.mark.parametrize("toy", TOYS.values(), ids=TOYS)
def test_density_integrates_to_one_and_has_the_moments_of_the_samples(toy):
    points, cell = lattice(toy, 201 if toy.dim == 2 else 2001)
    mass = toy.log_density(points).exp() * cell
    assert float(mass.sum()) == pytest.approx(1.0, abs=1e-3)

    n = 40_000
    samples = toy.sample(n, seeded(1)).double()
    mean = mass @ points
    spread = mass @ points**2
    noise = 5 * samples.std(0) / math.sqrt(n)
    assert ((samples.mean(0) - mean).abs() < noise).all()
    noise = 5 * (samples**2).std(0) / math.sqrt(n)
    assert ((samples**2).mean(0) - spread).abs().lt(noise + 1e-3 * spread).all()


@pytest.mark.parametrize("toy", TOYS.values(), ids=TOYS)
def test_samples_follow_the_density(toy):
    """Kolmogorov-Smirnov on the distribution of log p(x), which sees all of the density."""
    points, cell = lattice(toy, 401 if toy.dim == 2 else 4001)
    # Jitter, because a symmetric lattice meets the same level at many points at once.
    jitter = torch.rand(points.shape, generator=seeded(), dtype=torch.float64) - 0.5
    level = toy.log_density(points + jitter * cell ** (1 / toy.dim))
    order = level.argsort()
    below_level = (level[order].exp() * cell).cumsum(0)  # P(log p(x) <= level)

    n = 20_000
    seen = toy.log_density(toy.sample(n, seeded(2)).double()).sort().values
    below = torch.searchsorted(level[order], seen, right=True) - 1
    expected = below_level[below.clamp_min(0)]
    gap = (expected - torch.arange(1, n + 1) / n).abs().max()
    assert float(gap) < 1.95 / math.sqrt(n) + 0.01  # 0.1 % level, and the lattice's own error


def test_line_mixture_passes_a_kolmogorov_smirnov_test():
    from scipy.stats import kstest, norm

    toy = TOYS["line"]
    samples = toy.sample(5000, seeded())[:, 0].numpy()
    result = kstest(samples, lambda x: 0.25 * norm.cdf(x, -1, 0.3) + 0.75 * norm.cdf(x, 2, 0.5))
    assert result.pvalue > 0.001


def test_swiss_roll_density_agrees_with_adaptive_quadrature():
    from scipy.integrate import quad

    toy = data.swiss_roll()
    start, end = 1.5 * math.pi, 4.5 * math.pi

    def by_quadrature(x, y):
        def integrand(t):
            a, b = 2 * t / end * math.cos(t), 2 * t / end * math.sin(t)
            square = (x - a) ** 2 + (y - b) ** 2
            return math.exp(-square / (2 * 0.05**2)) / (2 * math.pi * 0.05**2) / (end - start)

        return quad(integrand, start, end, epsabs=1e-12, epsrel=1e-9, limit=500)[0]

    points = toy.sample(12, seeded()).double()
    expected = [math.log(by_quadrature(float(x), float(y))) for x, y in points]
    assert toy.log_density(points) == pytest.approx(np.array(expected), abs=1e-4)


def test_log_density_of_a_gaussian_is_the_closed_form():
    toy = data.GaussianMixture([[1.0, -2.0, 0.5]], 0.7)
    x = torch.randn(5, 3, dtype=torch.float64, generator=seeded())
    square = ((x - torch.tensor([1.0, -2.0, 0.5])) ** 2).sum(1)
    sigma = float(torch.tensor(0.7))
    expected = -square / (2 * sigma**2) - 1.5 * math.log(2 * math.pi * sigma**2)
    assert toy.log_density(x) == pytest.approx(expected, rel=1e-9)


def test_log_density_far_away_is_finite_and_has_the_score_as_gradient():
    toy = data.ring()
    x = torch.tensor([[100.0, 0.0], [2.1, 0.0]], requires_grad=True)
    log_p = toy.log_density(x)
    assert torch.isfinite(log_p).all()
    score = torch.autograd.grad(log_p.sum(), x)[0]
    assert score[1].tolist() == pytest.approx([-0.1 / 0.02**2, 0.0], rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("modes", [1, 2, 3, 8, 25])
def test_ring_has_k_distinct_modes_at_equal_distances(modes):
    """Defect 19: linspace(0, 2 pi, k) puts the last mode on the first."""
    means = data.ring(modes, radius=2.0).means
    assert means.shape == (modes, 2)
    assert means.norm(dim=1) == pytest.approx(torch.full((modes,), 2.0).numpy(), abs=1e-6)
    gaps = (means - means.roll(1, 0)).norm(dim=1)
    assert gaps == pytest.approx(np.full(modes, 4 * math.sin(math.pi / modes)), abs=1e-5)
    if modes > 1:
        apart = torch.cdist(means, means) + 10 * torch.eye(modes)
        assert float(apart.min()) > 0.1


def test_ring_samples_visit_every_mode_equally():
    toy = data.ring()
    samples = toy.sample(16_000, seeded())
    distance, mode = torch.cdist(samples, toy.means).min(1)
    counts = mode.bincount(minlength=8).double()
    assert float(((counts - 2000) ** 2 / 2000).sum()) < 24.3  # chi^2 with 7 degrees, 0.1 %
    share = float((distance < 3 * toy.sigma).double().mean())
    assert share == pytest.approx(1 - math.exp(-4.5), abs=0.003)  # 98.89 %


def test_grid_modes():
    toy = data.grid()
    assert sorted(set(toy.means.flatten().tolist())) == [-4, -2, 0, 2, 4]
    assert len({tuple(m) for m in toy.means.tolist()}) == 25
    assert (toy.sigma, toy.dim) == (0.05, 2)
    assert data.ring().sigma == 0.02


def test_weights_decide_the_shares_and_zero_means_never():
    toy = data.GaussianMixture([[-10.0], [0.0], [10.0]], 0.1, [3, 1, 0])
    samples = toy.sample(10_000, seeded())[:, 0]
    assert float((samples < -5).double().mean()) == pytest.approx(0.75, abs=0.02)
    assert float(samples.max()) < 5
    assert torch.isfinite(toy.log_density(torch.tensor([[0.0]]))).all()


def test_different_sigmas_have_no_common_sigma():
    with pytest.raises(ValueError, match=r"different sigmas.*use \.sigmas"):
        _ = TOYS["unequal"].sigma
    assert TOYS["unequal"].sigmas.tolist() == pytest.approx([0.1, 0.4])


@pytest.mark.parametrize("toy", TOYS.values(), ids=TOYS)
def test_sampling_is_reproducible_and_leaves_the_global_generator_alone(toy):
    state = torch.get_rng_state()
    first = toy.sample(7, seeded(3))
    assert torch.equal(first, toy.sample(7, seeded(3)))
    assert torch.equal(state, torch.get_rng_state())
    assert (first.shape, first.dtype) == ((7, toy.dim), torch.float32)
    assert toy.sample(0).shape == (0, toy.dim)
    torch.manual_seed(5)
    second = toy.sample(7)
    assert not torch.equal(second, toy.sample(7))
    torch.manual_seed(5)
    assert torch.equal(second, toy.sample(7))


@pytest.mark.parametrize("toy", TOYS.values(), ids=TOYS)
def test_sampling_happens_on_the_device_asked_for(toy):
    assert toy.sample(3, device="meta").device.type == "meta"
    assert toy.sample(3, seeded(), device="meta").device.type == "meta"
    assert toy.sample(3, seeded()).device.type == "cpu"
    assert toy.log_density(torch.empty(3, toy.dim, device="meta")).device.type == "meta"


@pytest.mark.parametrize("toy", TOYS.values(), ids=TOYS)
def test_log_density_keeps_the_data_type(toy):
    x = toy.sample(4, seeded())
    for dtype in (torch.float32, torch.float64):
        assert toy.log_density(x.to(dtype)).dtype == dtype
    assert toy.log_density(x.numpy()) == pytest.approx(toy.log_density(x))


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: data.ring(0), "modes is 0"),
        (lambda: data.ring(8.0), "modes is 8.0"),
        (lambda: data.ring(radius=-1), "radius is -1"),
        (lambda: data.ring(sigma=0), "sigma is 0"),
        (lambda: data.ring(sigma=math.nan), "sigma is nan"),
        (lambda: data.grid(0), "side is 0"),
        (lambda: data.grid(spacing=math.inf), "spacing is inf"),
        (lambda: data.mixture_1d([], 1.0), "means has shape"),
        (lambda: data.mixture_1d([[0.0]], 1.0), "flat list"),
        (lambda: data.mixture_1d([0, math.nan], 1.0), "means.*finite"),
        (lambda: data.mixture_1d([0, 1], [1, 2, 3]), "sigma is .* each of the 2 modes"),
        (lambda: data.mixture_1d([0, 1], 1.0, [1]), "weights is .* 2 numbers"),
        (lambda: data.mixture_1d([0, 1], 1.0, [1, -1]), "none below 0"),
        (lambda: data.mixture_1d([0, 1], 1.0, [0, 0]), "sum above 0"),
        (lambda: data.GaussianMixture([1.0, 2.0], 1.0), r"means has shape \(2,\).*mixture_1d"),
        (lambda: data.swiss_roll(turns=0), "turns is 0"),
        (lambda: data.swiss_roll(sigma=-1), "sigma is -1"),
        (lambda: data.swiss_roll(sigma=1e-9), "sigma is 1e-09.*radius / 1000"),
        (lambda: data.ring().sample(-1), "n is -1"),
        (lambda: data.ring().sample(2.5), "n is 2.5"),
        (lambda: data.ring().log_density(torch.zeros(3)), r"shape \(3,\).*\(n, 2\)"),
        (lambda: data.swiss_roll().log_density(torch.zeros(3, 1)), r"\(3, 1\).*\(n, 2\)"),
    ],
)
def test_bad_numbers_are_named(build, words):
    with pytest.raises(ValueError, match=words):
        build()


def test_numbers_of_numpy_are_numbers():
    assert torch.equal(data.ring(np.int64(8), np.float32(2)).means, data.ring().means)
    assert torch.equal(data.grid(np.int32(3), np.float64(1)).means, data.grid(3, 1.0).means)
    roll = data.swiss_roll(np.float64(1.5), np.float32(2), np.float32(0.25))
    assert type(roll.sigma) is float
    assert roll.sample(np.int64(3)).shape == data.ring().sample(np.int64(3)).shape == (3, 2)
    assert next(data.batches(data.ring(), np.int64(4))).shape == (4, 2)
    assert next(data.batches(torch.zeros(9, 2), np.int64(4))).shape == (4, 2)


# batches


def test_batches_of_a_tensor_are_rows_drawn_with_replacement():
    rows = torch.arange(10.0)[:, None] * torch.ones(10, 3)
    torch.manual_seed(0)
    seen = torch.cat(list(islice(data.batches(rows, 64), 100)))
    assert seen.shape == (6400, 3)
    assert (seen == seen[:, :1]).all()  # whole rows
    counts = seen[:, 0].long().bincount(minlength=10).double()
    assert float(((counts - 640) ** 2 / 640).sum()) < 27.9  # chi^2 with 9 degrees, 0.1 %
    assert next(data.batches(rows, 50)).shape == (50, 3)  # more than there are rows


def test_batches_of_a_distribution_are_fresh_samples():
    torch.manual_seed(0)
    first, second = islice(data.batches(data.ring(), 32), 2)
    assert first.shape == (32, 2)
    assert not torch.equal(first, second)
    torch.manual_seed(0)
    assert torch.equal(first, data.ring().sample(32))


@pytest.mark.parametrize("source", [data.swiss_roll(), torch.randn(100, 2)], ids=["toy", "rows"])
def test_batches_resume_exactly_from_the_random_state(source):
    """There is no hidden position: the global generator alone decides what comes next."""
    running = data.batches(source, 8)
    next(running)
    state = torch.get_rng_state()
    expected = [next(running) for _ in range(3)]
    torch.set_rng_state(state)
    resumed = data.batches(source, 8)
    assert all(torch.equal(batch, next(resumed)) for batch in expected)


def test_batches_take_the_images_of_image_data_and_never_share_memory_with_them():
    images = data.ImageData(torch.rand(3, 1, 4, 4) * 2 - 1)
    before = images.images.clone()
    next(data.batches(images, 8)).zero_()
    assert torch.equal(images.images, before)


def test_batches_on_another_device():
    assert next(data.batches(torch.randn(4, 2), 3, device="meta")).device.type == "meta"
    assert next(data.batches(data.ring(), 3, device="meta")).device.type == "meta"
    assert next(data.batches(torch.empty(4, 2, device="meta"), 3)).device.type == "meta"


@pytest.mark.parametrize("resident", [True, False])
def test_a_pair_is_drawn_with_the_same_indices_as_its_first_tensor_alone(resident):
    digits = data.digits()
    torch.manual_seed(3)
    alone = list(islice(data.batches(digits.images, 64, resident=resident), 3))
    torch.manual_seed(3)
    pair = digits.images, digits.labels
    pairs = list(islice(data.batches(pair, 64, resident=resident), 3))
    torch.manual_seed(3)
    for expected, (images, labels) in zip(alone, pairs, strict=True):
        index = torch.randint(len(digits), (64,))
        assert torch.equal(images, expected)
        assert torch.equal(images, digits.images[index])
        assert torch.equal(labels, digits.labels[index])
        assert labels.dtype == torch.int64
    both = [digits.images, digits.images.flip(3)]  # a list, and images as the condition
    real, mirrored = next(data.batches(both, 5, "cpu", resident=resident))
    assert torch.equal(real, mirrored.flip(3))
    assert next(data.batches(pair, 3, device="meta"))[1].device.type == "meta"


def test_batches_are_cheap():
    """A batch of 64 out of 5 000 images costs well under a millisecond; a step costs several."""
    import time

    running = data.batches(torch.zeros(5000, 1, 28, 28), 64)
    next(running)
    took = []
    for _ in range(200):
        start = time.perf_counter()
        next(running)
        took.append(time.perf_counter() - start)
    assert sorted(took)[20] < 1e-3


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: data.batches(data.ring(), 0), ValueError, "batch_size is 0"),
        (lambda: data.batches(data.ring(), 2.0), ValueError, "batch_size is 2.0"),
        (lambda: data.batches(torch.zeros(0, 2), 4), ValueError, r"shape \(0, 2\)"),
        (lambda: data.batches(torch.tensor(1.0), 4), ValueError, r"shape \(\)"),
        (lambda: data.batches(torch.zeros(3, 2, dtype=torch.uint8), 4), TypeError, "uint8.*127.5"),
        (lambda: data.batches(torch.tensor([[math.nan]]), 4), ValueError, "NaN or infinite"),
        (lambda: data.batches(np.zeros((3, 2)), 4), TypeError, "ndarray.*from_numpy"),
        (lambda: data.batches("mnist", 4), TypeError, "source is a str"),
        (lambda: data.batches(data.ring, 4), TypeError, "source is a function"),
        (
            lambda: data.batches((torch.zeros(3, 2), torch.zeros(4)), 4),
            ValueError,
            r"shape \(3, 2\) and the condition \(4,\).*same length",
        ),
        (lambda: data.batches((torch.zeros(3, 2), torch.tensor(1)), 4), ValueError, "same length"),
        (
            lambda: data.batches((torch.zeros(3, 2), None), 4),
            TypeError,
            r"\(Tensor, NoneType\).*\(real, condition\)",
        ),
        (lambda: data.batches([torch.zeros(3, 2)] * 3, 4), TypeError, "two tensors"),
        (lambda: data.batches((), 4), TypeError, "two tensors"),
        (lambda: data.batches([torch.zeros(3).long()] * 2, 4), TypeError, "int64"),
        (
            lambda: data.batches((torch.zeros(1, 2), torch.tensor([math.nan])), 4),
            ValueError,
            "NaN or infinite",
        ),
        (
            lambda: data.batches((torch.zeros(1, 2), torch.zeros(1, device="meta")), 4),
            ValueError,
            r"on cpu and the condition on meta; .*condition\.to\('cpu'\)",
        ),
    ],
)
def test_batches_refuse_at_the_call_not_at_the_first_batch(call, error, words):
    with pytest.raises(error, match=words):
        call()

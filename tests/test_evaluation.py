"""Measures are held to closed forms, brute force, known floors, and to failing loudly."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gan_helpers.data import GaussianMixture, grid, mixture_1d, ring, swiss_roll
from gan_helpers.evaluation import (
    HIGH_QUALITY_CEILING,
    bootstrap_interval,
    class_histogram,
    frechet_distance,
    high_quality_ceiling,
    memorisation,
    mode_coverage,
    nearest_images,
    noise_floor,
    paired_p_value,
    precision_recall,
    wasserstein_distance,
)

QUICK = settings(max_examples=30, deadline=None, derandomize=True)


def own(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def numbers(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# ------------------------------------------------------------------------------- modes


def test_ceiling_is_the_chi_square_distribution_function():
    from scipy.stats import chi2

    assert pytest.approx(0.988891, abs=1e-6) == HIGH_QUALITY_CEILING
    for dim in (1, 2, 3, 10):
        assert high_quality_ceiling(dim) == pytest.approx(chi2(dim).cdf(9.0), rel=1e-12)
    assert high_quality_ceiling(2) == pytest.approx(HIGH_QUALITY_CEILING, rel=1e-14)


@pytest.mark.parametrize(("mixture", "modes"), [(ring(), 8), (grid(), 25)])
def test_perfect_samples_reach_the_ceiling_and_no_more(mixture, modes):
    n = 100_000
    found = mode_coverage(mixture.sample(n, generator=own()), mixture)
    error = math.sqrt(HIGH_QUALITY_CEILING * (1 - HIGH_QUALITY_CEILING) / n)
    assert (found.captured, found.total, found.samples) == (modes, modes, n)
    assert found.high_quality == pytest.approx(HIGH_QUALITY_CEILING, abs=4 * error)
    assert found.ceiling == pytest.approx(HIGH_QUALITY_CEILING)
    assert not found.too_narrow
    assert sum(found.counts) == n
    assert sum(found.high_quality_counts) == round(found.high_quality * n)
    # (K - 1) / (2 n) is the mean of the reverse KL of a balanced sample
    assert 0 <= found.reverse_kl < 5 * (modes - 1) / (2 * n)


@pytest.mark.parametrize(("mixture", "modes"), [(ring(), 8), (grid(), 25)])
def test_single_mode_has_reverse_kl_of_log_k(mixture, modes):
    samples = mixture.means[3] + mixture.sigma * torch.randn(2500, 2, generator=own())
    found = mode_coverage(samples, mixture)
    assert found.captured == 1
    assert found.counts[3] == 2500
    assert found.reverse_kl == pytest.approx(math.log(modes), rel=1e-6)


def test_ring_of_seven_by_mistake_is_noticed():
    """linspace(0, 2 pi, 8) repeats the first angle, and its other modes lie between the real."""
    angles = torch.linspace(0, 2 * math.pi, 8)
    wrong = 2 * torch.stack([angles.cos(), angles.sin()], 1)
    bug = GaussianMixture(wrong, 0.02)
    assert len({tuple(m) for m in ring().means.round(decimals=4).tolist()}) == 8
    seven = mode_coverage(bug.sample(2500, generator=own()), ring())
    assert seven.captured == 1
    assert seven.high_quality == pytest.approx(2 / 8, abs=0.05)
    # measured against itself it would score 8 of 8: both copies of the double mode get samples
    with pytest.raises(ValueError, match=r"modes 0 and 7 are .* endpoint=False"):
        mode_coverage(bug.sample(2500, generator=own()), bug)
    with pytest.raises(ValueError, match=r"modes 1 and 2 are 0\.5 apart"):
        mode_coverage([0.0], mixture_1d([-3.0, 1.0, 1.5], [1.0, 0.6, 2.0], [1, 1, 1]))


def test_a_missing_mode_is_missing_and_far_samples_capture_nothing():
    mixture = ring()
    keep = mixture.sample(4000, generator=own())
    keep = keep[(keep - mixture.means[5]).norm(dim=1) > 0.5]
    found = mode_coverage(keep, mixture)
    assert found.captured == 7
    assert found.counts[5] == found.high_quality_counts[5] == 0
    assert found.reverse_kl == pytest.approx(math.log(8 / 7), abs=0.01)
    nowhere = mode_coverage(torch.zeros(100, 2), mixture)
    assert (nowhere.captured, nowhere.high_quality) == (0, 0.0)
    assert not nowhere.too_narrow


def test_three_sigma_is_the_border():
    inside = ring().means[0] + torch.tensor([0.0599, 0.0])
    outside = ring().means[0] + torch.tensor([0.0601, 0.0])
    assert mode_coverage(inside[None], ring()).captured == 1
    found = mode_coverage(outside[None], ring())
    assert (found.captured, found.counts[0], found.high_quality) == (0, 1, 0.0)


def test_reverse_kl_uses_the_weights_of_the_mixture():
    mixture = GaussianMixture([[-1.0], [1.0]], 0.1, weights=[0.25, 0.75])
    samples = torch.tensor([-1.0, 1.0, 1.0, 1.0])
    assert mode_coverage(samples, mixture).reverse_kl == pytest.approx(0, abs=1e-6)
    expected = 0.5 * math.log(0.5 / 0.25) + 0.5 * math.log(0.5 / 0.75)
    assert mode_coverage(samples[:2], mixture).reverse_kl == pytest.approx(expected, rel=1e-6)


def test_each_mode_has_its_own_sigma():
    mixture = mixture_1d([-5.0, 5.0], [0.1, 1.0], [0.5, 0.5])
    found = mode_coverage(np.array([-5.5, 5.5, -5.2]), mixture)
    assert found.high_quality_counts == (1, 1)
    assert found.ceiling == pytest.approx(0.9973, abs=1e-4)


def test_too_narrow_from_99_3_per_cent_at_2500_samples():
    def with_hits(hits: int):
        samples = torch.cat([ring().means[0].expand(hits, 2), torch.zeros(2500 - hits, 2)])
        return mode_coverage(samples, ring())

    assert not with_hits(2472).too_narrow  # 98.88 %, the ceiling
    assert not with_hits(2482).too_narrow  # 99.28 %
    assert with_hits(2483).too_narrow  # 99.32 %
    narrow = ring(sigma=0.01).sample(2500, generator=own())
    assert mode_coverage(narrow, ring()).too_narrow


def test_too_narrow_rarely_accuses_a_perfect_generator():
    accused = [
        mode_coverage(ring().sample(2500, generator=own(seed)), ring()).too_narrow
        for seed in range(100)
    ]
    assert sum(accused) <= 8  # 2.5 expected; more than 8 has a chance of 0.1 %


def test_coverage_is_the_same_from_tensor_array_and_double_and_ignores_order():
    samples = ring().sample(500, generator=own())
    expected = mode_coverage(samples, ring())
    assert mode_coverage(samples.numpy(), ring()) == expected
    assert mode_coverage(samples.double().requires_grad_(), ring()) == expected
    assert mode_coverage(samples.flip(0), ring()) == expected
    with pytest.raises(AttributeError):
        expected.captured = 8  # frozen


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (torch.zeros(0, 2), "holds 0 samples"),
        (torch.zeros(5, 3), "dimension 3, the mixture has 2"),
        (torch.zeros(5, 1, 2), "shape"),
        (torch.tensor([[0.0, math.nan]]), "1 NaN or infinite of 2"),
        (torch.tensor([[0.0, math.inf]]), "NaN or infinite"),
        ([[0.0, 1.0], [0.0]], "ragged"),
    ],
)
def test_coverage_refuses(samples, message):
    with pytest.raises(ValueError, match=message):
        mode_coverage(samples, ring())


def test_coverage_needs_modes():
    with pytest.raises(TypeError, match="SwissRoll"):
        mode_coverage(torch.zeros(5, 2), swiss_roll())
    with pytest.raises(TypeError, match="complex"):
        mode_coverage(np.zeros((5, 2), dtype=complex), ring())


def test_class_histogram_counts_absent_classes():
    assert class_histogram(torch.tensor([0, 2, 2]), 4).tolist() == [1, 0, 2, 0]
    assert class_histogram(np.array([], dtype=int), 2).tolist() == [0, 0]
    with pytest.raises(ValueError, match="0 to 3"):
        class_histogram([4], 4)
    with pytest.raises(ValueError, match="integers"):
        class_histogram([0.5, 0.5], 4)


# --------------------------------------------------------------------------------- W1


@QUICK
@given(
    arrays(float, st.integers(1, 30), elements=st.floats(-10, 10)),
    arrays(float, st.integers(1, 30), elements=st.floats(-10, 10)),
)
def test_w1_on_the_line_equals_scipy_for_all_sizes(x, y):
    from scipy.stats import wasserstein_distance as reference

    assert wasserstein_distance(x, y) == pytest.approx(reference(x, y), rel=1e-9, abs=1e-12)
    assert wasserstein_distance(x, y) == pytest.approx(wasserstein_distance(y, x), abs=1e-12)


@QUICK
@given(st.integers(1, 6), st.integers(2, 3), st.integers(0, 10_000))
def test_w1_in_the_plane_equals_the_best_of_all_pairings(n, d, seed):
    x, y = numbers(seed).normal(size=(2, n, d))
    best = min(
        np.linalg.norm(x - y[list(order)], axis=1).mean()
        for order in itertools.permutations(range(n))
    )
    assert wasserstein_distance(x, y) == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_w1_of_a_shifted_sample_is_the_shift(d):
    x = numbers().normal(size=(200, d))
    shift = numbers(1).normal(size=d)
    assert wasserstein_distance(x, x + shift) == pytest.approx(np.linalg.norm(shift), rel=1e-12)
    assert wasserstein_distance(x, numbers(2).permutation(x)) == pytest.approx(0, abs=1e-12)
    moved = wasserstein_distance(3 * x + 1, 3 * x[::-1] + 1 + 3 * shift)
    assert moved == pytest.approx(3 * np.linalg.norm(shift), rel=1e-12)


def test_w1_embeds_the_line_in_the_plane():
    x, y = numbers().normal(size=(2, 50))
    flat = wasserstein_distance(x, y)
    on_a_line = [np.stack([a, np.zeros(50)], 1) for a in (x, y)]
    assert wasserstein_distance(*on_a_line) == pytest.approx(flat, rel=1e-12)
    assert wasserstein_distance(torch.tensor(x)[:, None], y) == pytest.approx(flat, rel=1e-12)


def test_w1_refuses():
    with pytest.raises(ValueError, match="subset of 3"):
        wasserstein_distance(torch.zeros(4, 2), torch.zeros(3, 2))
    with pytest.raises(ValueError, match="limited to 5000"):
        wasserstein_distance(torch.zeros(5001, 2), torch.zeros(5001, 2))
    with pytest.raises(ValueError, match="must agree"):
        wasserstein_distance(torch.zeros(4, 2), torch.zeros(4))
    with pytest.raises(ValueError, match="x holds 1 NaN"):
        wasserstein_distance([0.0, math.nan], [0.0, 1.0])
    with pytest.raises(ValueError, match="flatten"):
        wasserstein_distance(torch.zeros(4, 1, 2, 2), torch.zeros(4, 1, 2, 2))
    with pytest.raises(ValueError, match="0 samples"):
        wasserstein_distance([], [1.0])


# ------------------------------------------------------------------------------ floors


@pytest.mark.parametrize(
    ("n", "floor"), [(128, 0.163), (256, 0.111), (1000, 0.058), (10_000, 0.019)]
)
def test_floor_of_w1_between_normal_samples(n, floor):
    draws = numbers()
    values = noise_floor(wasserstein_distance, lambda k: draws.normal(size=k), n, 150)
    assert values.shape == (150,)
    assert values.mean() == pytest.approx(floor, abs=4 * values.std() / math.sqrt(150) + 0.0005)


@pytest.mark.parametrize(("n", "floor"), [(500, 0.0148), (2500, 0.0028), (10_000, 0.0008)])
def test_floor_of_the_frechet_distance_between_normal_samples(n, floor):
    draws = numbers()
    values = noise_floor(frechet_distance, lambda k: draws.normal(size=(k, 2)), n, 150)
    assert values.mean() == pytest.approx(floor, abs=4 * values.std() / math.sqrt(150) + 0.00005)


def test_floor_of_a_data_set_compares_disjoint_parts_and_leaves_global_randomness_alone():
    rows = torch.arange(10.0)
    state = torch.get_rng_state()

    def disjoint(a, b):
        assert not set(a.tolist()) & set(b.tolist())
        assert len(a) == len(b) == 5
        return float(a.sum())

    values = noise_floor(disjoint, rows, 5, repeats=4)
    assert len(set(values)) > 1
    assert np.array_equal(values, noise_floor(disjoint, rows.numpy(), 5, repeats=4))
    assert torch.equal(state, torch.get_rng_state())
    with pytest.raises(ValueError, match="lower n to at most 5"):
        noise_floor(disjoint, rows, 6)
    with pytest.raises(ValueError, match="repeats"):
        noise_floor(disjoint, rows, 5, repeats=0)


# ------------------------------------------------------------------------------ Fréchet


def with_moments(mean, covariance, n=400, seed=0):
    """Make a sample whose mean and covariance are exactly these."""
    x = numbers(seed).normal(size=(n, len(mean)))
    x -= x.mean(0)
    x = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T))).T  # covariance I
    values, vectors = np.linalg.eigh(np.asarray(covariance, dtype=float))
    return x @ (vectors * np.sqrt(values.clip(0))).T + mean


def test_frechet_of_gaussians_in_closed_form():
    # diagonal: sum of (s_i - t_i)^2, plus the squared distance of the means
    a = with_moments([0, 0, 0], np.diag([1.0, 4.0, 9.0]))
    b = with_moments([1, 2, 2], np.diag([4.0, 4.0, 1.0]), n=300, seed=1)
    assert frechet_distance(a, b) == pytest.approx(9 + 1 + 0 + 4, rel=1e-10)
    # 2-D, not commuting: tr (AB)^(1/2) = sqrt(tr AB + 2 sqrt(det AB))
    big, small = np.array([[2.0, 0.8], [0.8, 1.0]]), np.array([[1.0, -0.5], [-0.5, 3.0]])
    product = big @ small
    cross = math.sqrt(np.trace(product) + 2 * math.sqrt(np.linalg.det(product)))
    expected = np.trace(big + small) - 2 * cross
    found = frechet_distance(with_moments([0, 0], big), with_moments([0, 0], small, seed=1))
    assert found == pytest.approx(expected, rel=1e-10)


def test_frechet_agrees_with_the_matrix_square_root():
    from scipy.linalg import sqrtm

    draws = numbers()
    a = draws.normal(size=(300, 8)) @ draws.normal(size=(8, 8))
    b = draws.normal(size=(200, 8)) @ draws.normal(size=(8, 8)) + 1
    ca, cb = np.cov(a.T), np.cov(b.T)
    gap = np.square(a.mean(0) - b.mean(0)).sum()
    expected = gap + np.trace(ca + cb - 2 * np.real(sqrtm(ca @ cb)))
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-10)
    assert frechet_distance(torch.tensor(b), a) == pytest.approx(expected, rel=1e-10)


def test_frechet_is_exact_for_singular_covariances():
    # both live on the first axis, one feature is constant, and there are more features than samples
    line = np.zeros((10, 20))
    line[:, 0] = numbers().normal(size=10)
    assert frechet_distance(line, 2 * line) == pytest.approx(
        line[:, 0].mean() ** 2 + line[:, 0].std(ddof=1) ** 2, rel=1e-12
    )
    other = np.roll(line, 1, axis=1)  # orthogonal supports: nothing is shared
    expected = 2 * line[:, 0].mean() ** 2 + 2 * line[:, 0].var(ddof=1)
    assert frechet_distance(line, other) == pytest.approx(expected, rel=1e-12)
    assert frechet_distance(np.ones((5, 3)), np.zeros((7, 3))) == pytest.approx(3)


def test_frechet_of_equal_sets_is_zero():
    x = numbers().normal(size=(100, 30)).astype(np.float32)
    x[:, 7] = 0
    assert frechet_distance(x, x.copy()) == 0.0
    for seed in range(20):  # rounding alone would leave some of these at 1e-14
        y = numbers(seed).normal(size=(50, 3 + seed)) + seed
        assert frechet_distance(y, torch.tensor(y)) == 0.0
    assert 0 <= frechet_distance(x, x[::-1]) < 1e-12


@QUICK
@given(st.integers(0, 10_000))
def test_frechet_is_symmetric_and_unchanged_by_rotation(seed):
    draws = numbers(seed)
    a, b = draws.normal(size=(20, 4)), 2 * draws.normal(size=(30, 4)) + 1
    rotation = np.linalg.qr(draws.normal(size=(4, 4)))[0]
    found = frechet_distance(a, b)
    assert frechet_distance(b, a) == pytest.approx(found, rel=1e-10)
    assert frechet_distance(a @ rotation + 5, b @ rotation + 5) == pytest.approx(found, rel=1e-9)
    assert frechet_distance(3 * a, 3 * b) == pytest.approx(9 * found, rel=1e-10)


def test_frechet_refuses():
    with pytest.raises(ValueError, match="at least 2"):
        frechet_distance(torch.zeros(1, 3), torch.zeros(5, 3))
    with pytest.raises(ValueError, match="must agree"):
        frechet_distance(torch.zeros(5, 3), torch.zeros(5, 4))
    with pytest.raises(ValueError, match="features_b holds 15 NaN"):
        frechet_distance(torch.zeros(5, 3), torch.full((5, 3), math.nan))


# ----------------------------------------------------------------- precision and recall


def test_precision_and_recall_of_identical_and_disjoint_sets():
    x = numbers().normal(size=(300, 5))
    assert precision_recall(x, x) == (1.0, 1.0)
    assert precision_recall(x, x + 100) == (0.0, 0.0)
    assert precision_recall(torch.tensor(x).float(), x[:200]).precision == 1.0


def test_half_covered_data_have_full_precision_and_half_recall():
    draws = numbers()
    real = np.concatenate([draws.normal(size=(500, 2)), draws.normal(size=(500, 2)) + 50])
    half = draws.normal(size=(1000, 2))
    found = precision_recall(real, half)
    assert found.precision > 0.93
    assert found.recall == pytest.approx(0.5, abs=0.03)
    swapped = precision_recall(half, real)
    assert (swapped.precision, swapped.recall) == (found.recall, found.precision)


def test_precision_sees_bad_samples_and_a_collapsed_generator_has_no_recall():
    draws = numbers()
    real = draws.normal(size=(600, 2))
    mixed = np.concatenate([draws.normal(size=(300, 2)), draws.normal(size=(300, 2)) + 80])
    found = precision_recall(real, mixed)
    assert found.precision == pytest.approx(0.5, abs=0.04)
    assert found.recall > 0.85
    collapsed = precision_recall(real, np.zeros((600, 2)))
    assert collapsed == (1.0, 0.0)


def test_precision_and_recall_by_hand():
    # real radii to the nearest other: 1, 1, 3; fake 0.5 is within 1 of 0; 20 is within 3 of none
    real, fake = np.array([0.0, 1.0, 4.0]), np.array([0.5, 6.9, 20.0])
    assert precision_recall(real, fake, k=1).precision == pytest.approx(2 / 3)
    # fake radii: 6.4, 6.4, 13.1, so every real point is inside
    assert precision_recall(real, fake, k=1).recall == 1.0


def test_precision_and_recall_do_not_depend_on_the_chunk():
    draws = numbers()
    a, b = draws.normal(size=(101, 3)), draws.normal(size=(90, 3)) + 0.5
    assert precision_recall(a, b, chunk=7) == precision_recall(a, b)


def test_precision_recall_refuses():
    with pytest.raises(ValueError, match="at least 4"):
        precision_recall(np.zeros((3, 2)), np.zeros((9, 2)))
    with pytest.raises(ValueError, match="k is 0"):
        precision_recall(np.zeros((9, 2)), np.zeros((9, 2)), k=0)
    with pytest.raises(ValueError, match="NaN"):
        precision_recall(np.zeros((9, 2)), np.full((9, 2), np.nan))


# ---------------------------------------------------------------------- nearest images


def test_nearest_images_equal_brute_force():
    draws = numbers()
    training = torch.tensor(draws.uniform(-1, 1, size=(70, 2, 4, 4))).float()
    generated = torch.tensor(draws.uniform(-1, 1, size=(9, 2, 4, 4))).float()
    all_pairs = (generated[:, None].double() - training[None].double()).flatten(2).norm(dim=2)
    expected = all_pairs.sort(dim=1)
    found = nearest_images(generated, training.numpy(), k=5)
    assert found.indices.tolist() == expected.indices[:, :5].tolist()
    np.testing.assert_allclose(found.distances, expected.values[:, :5], rtol=1e-12)


def test_a_copy_is_found_at_distance_zero():
    training = torch.rand(60, 1, 28, 28, generator=own()) * 2 - 1
    order = torch.randperm(60, generator=own(1))
    found = nearest_images(training[order], training)
    assert found.indices[:, 0].tolist() == order.tolist()
    assert (found.distances == 0).all()


def test_memorisation_tells_copies_from_new_images():
    faces = torch.rand(600, 1, 6, 6, generator=own()) * 2 - 1
    training, held_out, new = faces[:300], faces[300:450], faces[450:]
    fresh = memorisation(new, training, held_out)
    assert fresh.ratio == pytest.approx(1, abs=0.1)
    assert fresh.suspicious == pytest.approx(0.05, abs=0.06)
    noisy = (training + 0.05 * torch.randn(training.shape, generator=own(1))).clamp(-1, 1)
    copied = memorisation(noisy, training, held_out)
    assert copied.ratio < 0.2
    assert copied.suspicious == 1.0
    with pytest.raises(ValueError, match="are in the training set"):
        memorisation(new, training, training[:50])
    with pytest.raises(ValueError, match="fewer than 2"):
        memorisation(new, training, training[:1])


def test_nearest_images_refuses():
    images = torch.zeros(5, 1, 4, 4)
    with pytest.raises(ValueError, match="at most 5"):
        nearest_images(images, images, k=6)
    with pytest.raises(ValueError, match="must agree"):
        nearest_images(images, torch.zeros(5, 3, 4, 4))
    with pytest.raises(ValueError, match="NaN"):
        nearest_images(images * math.nan, images)
    with pytest.raises(ValueError, match=r"shape \(0, 1, 4, 4\)"):
        nearest_images(images[:0], images)
    some = torch.rand(5, 1, 4, 4, generator=own())
    some[0] = 0
    for wrong in ((some, some * 2 - 1), (some * 2 - 1, some)):
        with pytest.raises(ValueError, match=r"lie in \[0, .*x \* 2 - 1"):
            nearest_images(*wrong)
    with pytest.raises(ValueError, match=r"held_out lie in \[0, .*x \* 2 - 1"):
        memorisation(some * 2 - 1, some * 2 - 1, some)


def test_numbers_of_numpy_are_numbers():
    x = numbers().normal(size=(50, 2))
    assert precision_recall(x, x, np.int64(3), np.int32(7)) == (1.0, 1.0)
    assert high_quality_ceiling(np.int64(2)) == high_quality_ceiling(2)
    assert class_histogram([0, 1], np.uint8(2)).tolist() == [1, 1]
    values = [1.0, 2.0, 4.0]
    plain = bootstrap_interval(values, level=0.5, resamples=200, seed=3)
    level = np.float64(0.5)
    assert bootstrap_interval(values, np.median, level, np.int64(200), np.int64(3)) == plain
    floor = noise_floor(wasserstein_distance, x, np.int64(5), np.int64(2), np.int64(1))
    assert np.array_equal(floor, noise_floor(wasserstein_distance, x, 5, 2, 1))


# ---------------------------------------------------------------------------- intervals


def test_bootstrap_interval_of_the_mean_matches_the_normal_one():
    values = numbers().normal(10, 2, size=400)
    found = bootstrap_interval(values, np.mean)
    error = values.std() / math.sqrt(400)
    assert found.estimate == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.1 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.1 * error)
    assert bootstrap_interval(values, np.mean, level=0.5).low > found.low


def test_bootstrap_interval_agrees_with_scipy_and_is_repeatable():
    from scipy.stats import bootstrap

    values = numbers().exponential(size=25)
    found = bootstrap_interval(values)
    reference = bootstrap(
        (values,), np.median, method="percentile", rng=numbers(1)
    ).confidence_interval
    assert found.estimate == np.median(values)
    assert found.low == pytest.approx(reference.low, abs=0.05)
    assert found.high == pytest.approx(reference.high, abs=0.05)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    assert bootstrap_interval(torch.tensor(values)) == found
    assert bootstrap_interval(values, np.mean, seed=1) != bootstrap_interval(values, np.mean)
    assert np.array_equal(state, np.random.get_state()[1])  # noqa: NPY002
    assert bootstrap_interval([3.0] * 5) == (3.0, 3.0, 3.0)


def test_bootstrap_interval_in_chunks_keeps_all_resamples():
    seen = []

    def counting(x, axis):
        seen.append(len(x) if x.ndim == 2 else 0)
        return np.mean(x, axis=axis)

    bootstrap_interval(np.arange(3000.0), counting, resamples=1000)
    assert sum(seen) == 1000
    assert len(seen) > 2


def test_paired_test():
    a = np.arange(10.0)
    assert paired_p_value(a, a) == 1.0
    assert paired_p_value(a, a + 1 + a / 10) == pytest.approx(2**-9)  # the least that 10 pairs give
    assert paired_p_value(a[:5], a[:5] + 1 + a[:5]) == pytest.approx(2**-4)
    with pytest.raises(ValueError, match="10 values and b has 9"):
        paired_p_value(a, a[:9])


def test_intervals_refuse():
    with pytest.raises(ValueError, match="n >= 2"):
        bootstrap_interval([1.0])
    with pytest.raises(ValueError, match="NaN"):
        bootstrap_interval([1.0, math.nan])
    with pytest.raises(ValueError, match="level"):
        bootstrap_interval([1.0, 2.0], level=95)
    with pytest.raises(ValueError, match="resamples"):
        bootstrap_interval([1.0, 2.0], resamples=10)


# ------------------------------------------------------------------------------ import


def test_slow_libraries_are_imported_only_where_they_are_used():
    code = (
        "import sys; import gan_helpers.evaluation; "
        "slow = {'scipy.stats', 'scipy.optimize', 'scipy.spatial', 'sklearn', 'matplotlib'}; "
        "print(sorted(slow & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

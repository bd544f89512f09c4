"""The small classifier: good, repeatable, cached safely, and alone with its randomness."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
import torch

from gan_helpers import data
from gan_helpers.data import ImageData
from gan_helpers.evaluation import class_histogram, classifier, frechet_distance
from gan_helpers.evaluation.classifier import digit_classifier, train_classifier

STEPS = 150


@pytest.fixture(scope="module")
def digits():
    return data.digits()


@pytest.fixture(scope="module")
def trained(digits):
    return train_classifier(digits, steps=STEPS)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_HELPERS_CACHE", str(tmp_path))
    return tmp_path


def trainings(monkeypatch):
    """Count the trainings from here on."""
    count = []
    fit = classifier.fit

    def counted(*args):
        count.append(1)
        return fit(*args)

    monkeypatch.setattr(classifier, "fit", counted)
    return count


def same(a, b):
    state_a, state_b = a.network.state_dict(), b.network.state_dict()
    heads = zip(a.head.state_dict().values(), b.head.state_dict().values(), strict=True)
    return all(torch.equal(state_a[k], state_b[k]) for k in state_a) and all(
        torch.equal(x, y) for x, y in heads
    )


def test_digits_are_classified(digits, trained):
    assert trained.accuracy > 0.95
    assert trained.image_shape == (1, 8, 8)
    assert trained.names == tuple("0123456789")
    right = trained.predict(digits.images[trained.held_out]) == digits.labels[trained.held_out]
    assert right.double().mean().item() == pytest.approx(trained.accuracy)


def test_held_out_images_are_a_fifth_of_every_class(digits, trained):
    held = class_histogram(digits.labels[trained.held_out], 10)
    total = class_histogram(digits.labels, 10)
    np.testing.assert_allclose(held, total / 5, atol=0.5)
    assert len(trained.held_out.unique()) == len(trained.held_out)


def test_features_have_unit_variance_and_see_noise_blur_and_a_missing_class(digits, trained):
    features = trained.features(digits.images)
    assert features.shape == (len(digits), 64)
    assert features.dtype == torch.float32
    assert not features.requires_grad
    held = features[trained.held_out]
    assert held.double().var(0).sum().item() == pytest.approx(1, rel=1e-4)
    assert (features.std(0) > 0).all()  # no dead feature
    order = torch.randperm(len(features), generator=torch.Generator().manual_seed(0))
    half, other = order[:800], order[800:]
    floor = frechet_distance(features[half], features[other[:800]])
    no_ones = features[other[digits.labels[other] != 1][:800]]
    noise = torch.rand(500, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert floor < 0.03
    assert frechet_distance(features[half], no_ones) > 2 * floor
    assert frechet_distance(features, trained.features(noise)) > 0.5


def test_scaling_the_features_left_the_scores_alone(digits, monkeypatch):
    from gan_helpers.evaluation import classifier_network

    scaled = train_classifier(digits, steps=20)
    monkeypatch.setattr(classifier_network, "_rescale", lambda *args: None)
    plain = train_classifier(digits, steps=20)
    images = digits.images[:50]
    assert torch.allclose(scaled.probabilities(images), plain.probabilities(images), atol=1e-5)
    assert not torch.allclose(scaled.features(images), plain.features(images), atol=1e-2)


def test_training_is_repeatable_and_leaves_all_randomness_and_grad_mode_alone(digits, trained):
    torch.manual_seed(7)
    state = torch.get_rng_state()
    numpy_state = np.random.get_state()[1].copy()  # noqa: NPY002
    with torch.no_grad():
        again = train_classifier(digits, steps=STEPS)
        assert not torch.is_grad_enabled()
    assert torch.equal(state, torch.get_rng_state())
    assert np.array_equal(numpy_state, np.random.get_state()[1])  # noqa: NPY002
    assert same(trained, again)
    assert not same(trained, train_classifier(digits, steps=STEPS, seed=1))


def test_network_is_frozen_and_in_eval_mode(digits, trained):
    modules = [*trained.network.modules(), *trained.head.modules()]
    assert not any(module.training for module in modules)
    before = {k: v.clone() for k, v in trained.network.state_dict().items()}
    single = torch.cat([trained.features(image[None]) for image in digits.images[:20]])
    assert torch.allclose(single, trained.features(digits.images[:20]), atol=1e-5)
    assert torch.allclose(single, trained.features(digits.images[:20], batch_size=7), atol=1e-5)
    after = trained.network.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before)  # BatchNorm averages did not move


def test_probabilities_sum_to_one_and_arrays_do_as_well(digits, trained):
    p = trained.probabilities(digits.images[:30].numpy())
    assert p.shape == (30, 10)
    assert torch.allclose(p.sum(1), torch.ones(30))
    assert torch.equal(p.argmax(1), trained.predict(digits.images[:30].requires_grad_()))


def test_moving_makes_a_copy(trained):
    moved = trained.to("meta")
    assert next(moved.network.parameters()).device.type == "meta"
    assert next(trained.network.parameters()).device.type == "cpu"


def test_colour_images_that_are_not_square_and_names_from_labels():
    draws = torch.Generator().manual_seed(0)
    labels = torch.arange(3).repeat(40)
    images = torch.full((120, 3, 20, 34), -0.5)
    images[torch.arange(120), labels] = 0.5  # class c is channel c
    images += 0.1 * torch.randn(images.shape, generator=draws)
    found = train_classifier(ImageData(images.clamp(-1, 1), labels), steps=30)
    assert found.accuracy == 1.0
    assert found.names == ("0", "1", "2")
    assert found.features(images.clamp(-1, 1)[:5]).shape == (5, 64)


# -------------------------------------------------------------------------------- cache


def test_the_second_call_reads_the_cache(digits, cache, monkeypatch):
    count = trainings(monkeypatch)
    first = train_classifier(digits, steps=20, cache_name="digits")
    second = train_classifier(digits, steps=20, cache_name="digits")
    assert len(count) == 1
    assert same(first, second)
    assert second.accuracy == first.accuracy
    assert torch.equal(second.held_out, first.held_out)
    assert not any(m.training for m in second.network.modules())
    assert not any(w.requires_grad for w in second.network.parameters())
    (file,) = cache.iterdir()  # no scratch file is left
    assert file.name.startswith("classifier-digits-torch2.")
    assert second.features(digits.images[:9]).equal(first.features(digits.images[:9]))


def test_other_data_settings_or_recipe_are_cached_apart(digits, cache, monkeypatch, tmp_path):
    count = trainings(monkeypatch)
    train_classifier(digits, steps=5, cache_name="digits")
    train_classifier(digits, steps=6, cache_name="digits")
    train_classifier(digits, steps=5, seed=1, cache_name="digits")
    changed = digits.images.clone()
    changed[0, 0, 0, 0] += 0.5
    train_classifier(ImageData(changed, digits.labels, digits.names), steps=5, cache_name="digits")
    assert len(count) == len(list(cache.iterdir())) == 4
    recipe = tmp_path / "other_recipe.py"
    recipe.write_text("# changed")
    monkeypatch.setattr(classifier.classifier_network, "__file__", str(recipe))
    train_classifier(digits, steps=5, cache_name="digits")
    assert len(count) == 5


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "foreign", "folder"])
def test_a_damaged_cache_file_is_replaced(digits, cache, monkeypatch, damage):
    good = train_classifier(digits, steps=5, cache_name="digits")
    (file,) = cache.iterdir()
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":  # one bit in the middle of the weights
        middle = len(content) // 2
        file.write_bytes(content[:middle] + bytes([content[middle] ^ 64]) + content[middle + 1 :])
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "foreign":
        torch.save({"something": torch.ones(3)}, file)
    else:
        file.unlink()
        file.mkdir()
    count = trainings(monkeypatch)
    again = train_classifier(digits, steps=5, cache_name="digits")
    assert len(count) == 1
    assert same(good, again)
    if damage != "folder":
        assert file.read_bytes() == content or same(
            train_classifier(digits, steps=5, cache_name="digits"), good
        )
        assert len(count) == 1  # the file is whole again


def test_a_cache_that_cannot_be_written_is_no_error(digits, tmp_path, monkeypatch):
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    monkeypatch.setenv("GAN_HELPERS_CACHE", str(blocker / "cache"))
    assert train_classifier(digits, steps=5, cache_name="digits").accuracy > 0

    def refuse(*args):
        raise PermissionError(13, "read-only")

    monkeypatch.setenv("GAN_HELPERS_CACHE", str(tmp_path / "other"))
    monkeypatch.setattr(os, "replace", refuse)
    assert train_classifier(digits, steps=5, cache_name="digits").accuracy > 0
    assert list((tmp_path / "other").iterdir()) == []  # the scratch file is gone


def test_without_a_cache_name_nothing_is_written(digits, cache):
    train_classifier(digits, steps=5)
    assert list(cache.iterdir()) == []


# ------------------------------------------------------------------------------- errors


def test_refuses_wrong_images(trained):
    with pytest.raises(ValueError, match=r"takes \(N, 1, 8, 8\)"):
        trained.features(torch.zeros(3, 1, 28, 28))
    with pytest.raises(ValueError, match="takes"):
        trained.predict(torch.zeros(0, 1, 8, 8))
    with pytest.raises(ValueError, match=r"lie in \[0, 255\]; they must lie in \[-1, 1\]"):
        trained.features(torch.tensor([0.0, 255.0]).repeat(32).view(1, 1, 8, 8))
    with pytest.raises(ValueError, match="NaN"):
        trained.predict(torch.full((1, 1, 8, 8), float("nan")))
    with pytest.raises(TypeError, match="uint8"):
        trained.predict(torch.zeros(1, 1, 8, 8, dtype=torch.uint8))
    with pytest.raises(ValueError, match="batch_size"):
        trained.features(torch.zeros(1, 1, 8, 8), batch_size=0)


def test_refuses_images_of_another_range_instead_of_naming_them_wrongly(digits, trained):
    """Digits of [0, 1] fall from 98 % right to next to nothing, and look like digits."""
    images, labels = digits.images[trained.held_out], digits.labels[trained.held_out]
    with torch.no_grad():
        found = trained.head(trained.network((images + 1) / 2)).argmax(1)
    assert (found == labels).double().mean() < trained.accuracy - 0.2
    for method in (trained.features, trained.probabilities, trained.predict):
        with pytest.raises(ValueError, match=r"upper half of \[-1, 1\].*x \* 2 - 1"):
            method((images + 1) / 2)
        with pytest.raises(TypeError, match=r"uint8.*127\.5"):
            method(((images + 1) * 127.5).byte())
        with pytest.raises(ValueError, match=r"lie in \[-1\.804, 2\.64\].*undo a normalisation"):
            method(((images + 1) / 2 - 0.406) / 0.225)


def test_numbers_of_numpy_are_numbers(digits, trained):
    numpy = train_classifier(digits, steps=np.int64(STEPS), seed=np.int32(0))
    assert same(numpy, trained)
    images = digits.images[:9]
    assert trained.features(images, np.int64(4)).shape == (9, 64)


def test_refuses_data_without_classes(digits):
    with pytest.raises(ValueError, match="no labels"):
        train_classifier(ImageData(digits.images))
    with pytest.raises(ValueError, match="2 classes or more"):
        train_classifier(ImageData(digits.images[:6], torch.zeros(6, dtype=torch.int64), ("0",)))
    with pytest.raises(ValueError, match=r"hold \[6, 0\]"):
        train_classifier(
            ImageData(digits.images[:6], torch.zeros(6, dtype=torch.int64), ("a", "b"))
        )
    with pytest.raises(ValueError, match="steps"):
        train_classifier(digits, steps=0)


# --------------------------------------------------------------------------------- MNIST


@pytest.mark.slow
def test_mnist_classifier_is_good_quick_and_cached(cache):
    began = time.process_time()
    first = digit_classifier()
    seconds = time.process_time() - began
    assert first.accuracy >= 0.97
    assert first.image_shape == (1, 28, 28)
    assert len(first.held_out) == 1000
    assert seconds < 30  # 7 on one slow core; twice the promise of 15, for a busy machine
    began = time.process_time()
    second = digit_classifier()
    assert time.process_time() - began < seconds / 3
    assert same(first, second)
    real = data.mnist()
    assert (class_histogram(second.predict(real.images[::10]), 10) > 40).all()

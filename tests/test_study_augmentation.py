"""The study of notebook 09: fair parts, an honest choice, results of today's settings."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_helpers import data, evaluation
from gan_helpers.study import augmentation, classifiers, parts
from gan_helpers.study.classifiers import ADDED, ALONE, BOTH, MORE, MOVED

ARMS = (ALONE, MOVED, ADDED, BOTH, MORE)


@pytest.mark.parametrize("size", [100, 500, 4000])
def test_the_parts_have_nothing_in_common(size):
    rows = parts.share_out(size, 3)
    every = torch.cat([*rows, evaluation.digit_classifier().held_out])
    assert len(every.unique()) == len(every)
    counts = torch.bincount(data.mnist().labels[rows.training])
    assert counts.tolist() == [size // 10] * 10
    if size <= 500:
        assert [len(each) for each in rows] == [size, 500, 1500, 3 * size]
    assert torch.equal(rows.training, parts.share_out(size, 3).training)
    assert size == 4000 or not torch.equal(rows.training, parts.share_out(size, 4).training)


def test_moved_images_keep_to_their_bounds():
    torch.manual_seed(0)
    x = torch.full((500, 1, 28, 28), -1.0)
    x[:, :, 14, 14] = 1.0
    assert torch.allclose(classifiers.moved(x, 0, 0), x, atol=1e-4)
    found = classifiers.moved(x, 2, 0) + 1
    place = torch.arange(28.0)
    mass = found.sum((1, 2, 3))
    centre = (found.sum((1, 2)) * place).sum(1) / mass  # along the row
    assert (centre - 14).abs().max() <= 2.01
    assert (centre - 14).abs().max() > 1.8
    line = torch.full((200, 1, 28, 28), -1.0)
    line[:, :, :, 13:15] = 1.0
    turned = classifiers.moved(line, 0, 15)
    assert (turned[:, 0, 2, :8] < -0.9).all()
    assert (turned[:, 0, 14, 12:16].amax(1) > 0.5).all()


def test_a_lesson_has_its_share_of_fakes():
    real, fake = (torch.full((9, 1, 8, 8), v) for v in (0.5, -0.5))
    zeros = torch.zeros(9, dtype=torch.long)
    images, labels = next(classifiers.lessons((real, zeros), (fake, zeros + 1), 0.25))
    assert images.shape == (64, 1, 8, 8)
    assert labels.sum() == 16
    assert (images[labels == 1] + 0.5).abs().max() < 1e-5


def test_settings_are_chosen_on_the_validation_part(monkeypatch):
    """Defect 38: the best of a sweep, chosen on the test part."""
    rng, kept = np.random.default_rng(0), []

    def share(net, images, labels):
        kept.append((len(images), rng.uniform(0.5, 1)))
        return kept[-1][1]

    class Painter:
        def sample(self, n, generator, label):
            return torch.zeros(n, 1, 28, 28)

    monkeypatch.setattr(classifiers, "taught", lambda batches, steps: None)
    monkeypatch.setattr(classifiers, "share_right", share)
    found = classifiers.classifiers(parts.share_out(100, 0), Painter(), 0)
    assert tuple(found) == ARMS
    start = 0
    for arm, tries in zip(ARMS, (1, 3, 3, 3, 1), strict=True):
        validation, test = (kept[start + k * tries : start + (k + 1) * tries] for k in (0, 1))
        assert {n for n, _ in validation} == {500}
        assert {n for n, _ in test} == {1500}
        best = int(np.argmax([value for _, value in validation]))
        assert found[arm]["chosen"] == best
        assert found[arm]["accuracy"] == test[best][1]
        assert found[arm]["best on test"] == max(value for _, value in test)
        start += 2 * tries


@pytest.fixture(scope="module")
def shipped():
    return augmentation.results()


def test_the_shipped_results_are_those_of_the_present_settings(shipped):
    wanted = {
        (f"GAN on {size} digits", arm, augmentation.settings_of(size, arm)[0], seed)
        for seed, size, arm in augmentation.plan()
    }
    helping = augmentation.HELPING
    wanted |= {
        (f"classifier on {size} digits", arm, augmentation.settings_of(size, helping)[1], seed)
        for size in augmentation.HELPED
        for arm in ARMS
        for seed in augmentation.SEEDS
    }
    assert {each.key for each in shipped} == wanted, "run: python -m gan_helpers.study.augmentation"
    assert len(shipped) == len(wanted)
    assert augmentation.SHIPPED.stat().st_size < 150_000


def test_both_baselines_are_there_with_as_many_seeds(shipped):
    """Defect 38: no baseline with ordinary augmentation."""
    for size in augmentation.HELPED:
        where = f"classifier on {size} digits"
        kinds = [each.objective for each in shipped if each.problem == where]
        assert {kinds.count(arm) for arm in ARMS} == {10}


def test_another_setting_finds_none_of_the_shipped_results(shipped, monkeypatch):
    monkeypatch.setattr(augmentation, "UPDATES", 7)
    assert augmentation.results() == []

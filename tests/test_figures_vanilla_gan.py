"""Notebook 02's pictures draw, and the best discriminator's payment is what the theory says."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers import MINIMAX, NON_SATURATING, History, data, theory
from gan_helpers.figures.vanilla_gan import averages, opening, payments, race, turns

MIXTURE = data.mixture_1d([-2.0, 1.5], 0.6, [0.35, 0.65])


def affine(scale, shift):
    layer = nn.Linear(1, 1)
    with torch.no_grad():
        layer.weight.fill_(scale)
        layer.bias.fill_(shift)
    return layer


def test_shares_of_the_bins_are_the_densities():
    middle = (payments.EDGES[1:] + payments.EDGES[:-1]) / 2
    width = np.diff(payments.EDGES)
    p = payments.real_shares(MIXTURE)
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert p.min() > 0
    density = MIXTURE.log_density(torch.tensor(middle[:, None])).exp().numpy()
    assert np.abs(p - width * density)[1:-1].max() < 1e-6
    q = payments.generated_shares(affine(0.5, 1.0))
    assert q.sum() == pytest.approx(1, abs=1e-9)
    normal = theory.gaussian_density((middle - 1) / 0.5) / 0.5
    assert np.abs(q - width * normal)[1:-1].max() < 2e-5


@pytest.mark.parametrize("m", [0.5, 1.0, 2.0, 4.0])
def test_payment_of_the_best_is_that_of_the_theory(m):
    q0, q = (payments.generated_shares(affine(1.0, s * m / 2)) for s in (-1, 1))
    assert theory.js(q0, q) == pytest.approx(theory.gaussian_js(m), abs=2e-4)


def test_numbers_beyond_the_bins_are_counted_in_the_last():
    far = payments.generated_shares(affine(0.1, 50.0))
    assert far[-1] == pytest.approx(1)


def history(steps=30):
    kept = History()
    for k in range(1, steps + 1):
        kept.append(_record(k))
    return kept


def _record(step):
    from gan_helpers import Record

    return Record(step, 1.38, 0.0, 0.1, -0.1, 1.0, 0.7, 0.0, 1.0)


RUN = ([7.0, 6.0, 5.0], [0.1, 0.1, 0.1])
FAKES = [[torch.randn(200, 2) for _ in range(4)] for _ in range(2)]
PICTURES = {
    "quality": lambda: payments.quality_picture(history(), NON_SATURATING, {10: 0.4, 20: 0.2}),
    "payments": lambda: payments.payments_picture(history(), {10: 0.7, 20: 1.1}),
    "frozen": lambda: payments.frozen_picture({10: [1.3] * 30}, {10: 0.7}),
    "frozen, smoke": lambda: payments.frozen_picture({10: [1.3, 1.2]}, {10: 0.7}),
    "race": lambda: race.race_picture(
        {"SGD": {MINIMAX: [RUN], NON_SATURATING: [RUN, RUN]}, "Adam": {MINIMAX: [RUN]}}, 10
    ),
    "averages": lambda: averages.average_picture(
        [(10, (3, 0.2), (5, 0.4)), (20, (2, 0.1), (8, 1))]
    ),
    "turns": lambda: turns.turns_picture(
        {"1 : 10": FAKES, "1 : 1": FAKES, "5 : 1": FAKES}, torch.randn(300, 2)
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_can_be_read_from_the_back_row(name):
    picture = PICTURES[name]()
    assert picture.png()[:4] == b"\x89PNG"
    assert picture.smallest_text >= 14


def test_opening_records_a_run_on_the_ring():
    recording = opening.ring_recording(3)
    assert recording.steps == [0, 1, 2, 3]
    assert len(recording.history) == 3
    assert "Eight modes" in recording.title

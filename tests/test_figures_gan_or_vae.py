"""The pictures of notebook 11: they draw, and what they compute is right."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from gan_helpers.figures.gan_or_vae import blur, bounds, comparison, opening, plane, units
from gan_helpers.plotting import Picture
from gan_helpers.study import REAL, Result
from gan_helpers.study.gan_or_vae import make_decoder


def results() -> list[Result]:
    rng, rows = np.random.default_rng(0), []
    for name in (REAL, *comparison.STYLES):
        for seed in range(3):
            measures = {"Frechet": rng.uniform(0.1, 0.3), "precision": rng.uniform(0.5, 1)}
            if name != REAL:
                measures |= {f"{kind}, search": rng.uniform(0.5, 1) for kind in ("a", "b")}
            rows.append(Result("digits", name, seed, "", measures, 1.0, None, "", ""))
    return rows


def _plane() -> Picture:
    decoder = make_decoder(2).eval()
    codes, labels = torch.randn(40, 2), torch.arange(40) % 10
    return plane.codes_picture((0.3, -1.0), {"VAE": decoder, "GAN": decoder}, codes, labels)


def _bound() -> Picture:
    return bounds.bound_picture(
        lambda m, s: -((m - 1) ** 2) - s, -0.5, (1, 0.5), {"s right": 0.5, "s small": 0.1}, "Found"
    )


UNITS = {name: np.linspace(0, k + 0.1, 16) for k, name in enumerate("abcd")}
PICTURES: dict[str, Callable[[], Picture]] = {
    "bound": _bound,
    "gradients": lambda: bounds.gradients_picture(
        {"one": np.linspace(-3, 3, 20), "two": np.linspace(-1, 1, 20)}, 0.0, "A finding"
    ),
    "sharpness": lambda: blur.sharpness_picture({"real digits": 0.2, "means": 0.1}, "A finding"),
    "sigma": lambda: blur.sigma_picture(
        {0.1: [(1.0, 0.2, 0.19)] * 2, 1.0: [(40.0, 0.1, 0.11), (50.0, 0.09, 0.1)]},
        0.22,
        "A finding",
    ),
    "units": lambda: units.units_picture(UNITS, "A finding"),
    "two units": lambda: units.units_picture(dict(list(UNITS.items())[:2]), "A finding"),
    "warm-up": lambda: units.warm_up_picture(
        {"at once": [np.linspace(3, 0, 80)], "warm-up": [np.linspace(3, 1, 80)] * 2}, "A finding"
    ),
    "seeds": lambda: comparison.seeds_picture(
        results(),
        {"Frechet": "Fréchet", "precision": "precision"},
        "A finding",
        limits=(0, 1),
    ),
    "anomalies": lambda: comparison.anomalies_picture(results(), ["a", "b"], "A finding"),
    "plane": _plane,
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_readable(name: str) -> None:
    picture = PICTURES[name]()
    assert len(picture.alt) > 0
    assert picture.png().startswith(b"\x89PNG")
    assert picture.smallest_text >= 14
    box = picture._suptitle.get_window_extent()
    assert 0 <= box.x0 <= box.x1 <= picture.bbox.width, "the title is cut off"


def test_the_sheet_runs_from_the_top_left_to_the_bottom_right() -> None:
    sheet = opening.latent_sheet(3)
    assert sheet[0].tolist() == [-2, 2]
    assert sheet[2].tolist() == [2, 2]
    assert sheet[8].tolist() == [2, -2]
    assert sheet.shape == (9, 2)


def test_the_opening_records_a_vae() -> None:
    recording = opening.plane_recording(3)
    assert recording.history.columns == ("step", "reconstruction", "kl")
    assert recording.steps == [0, 1, 2, 3]
    assert "Training at 4 moments" in repr(recording.show())


def test_a_measure_that_a_kind_does_not_have_is_left_out() -> None:
    assert len(comparison.values_of(results(), "VAE", "a, search")) == 3
    assert len(comparison.values_of(results(), REAL, "a, search")) == 0

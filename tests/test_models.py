"""The shipped style-based generator: built as its script says, small, and read back whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from gan_helpers import models
from gan_helpers.models.style_digits import main, split


def test_the_split_holds_a_thousand_digits_back() -> None:
    seen, unseen = split()
    assert (len(seen), len(unseen)) == (4000, 1000)
    assert torch.cdist(unseen.images[:50].flatten(1), seen.images.flatten(1)).min() > 0.1


def test_a_few_updates_make_a_checkpoint_and_its_curve(tmp_path: Path) -> None:
    place = tmp_path / "few.pt"
    main(place, steps=2)
    assert place.stat().st_size <= 2_000_000
    assert [moment.step for moment in models.curve(place)] == [1, 2]
    assert all(moment.frechet > 0 for moment in models.curve(place))
    torch.manual_seed(5)
    before = torch.get_rng_state()
    gan = models.style_digits("cpu", place)
    assert torch.equal(before, torch.get_rng_state())
    assert gan.step == 2
    assert gan.average is not None
    assert gan.sample(3).shape == (3, 1, 28, 28)


def test_a_missing_model_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make models"):
        models.style_digits(path=tmp_path / "none.pt")


def test_the_shipped_model_is_small_and_draws_digits() -> None:
    assert models.SHIPPED.stat().st_size <= 2_000_000
    moments = models.curve()
    assert len(moments) >= 20
    assert models.style_digits("cpu").step == moments[-1].step
    assert moments[-1].frechet < 0.04 < moments[0].frechet

"""The pictures of notebook 10: they draw, and what they compute is right."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_helpers.figures.style_and_latent_space import channels, curves, films, sheets
from gan_helpers.plotting import Picture

IMAGES = torch.rand(6, 1, 28, 28) * 2 - 1

PICTURES: dict[str, Callable[[], Picture]] = {
    "sheet": lambda: sheets.sheet_picture(
        {"first row": IMAGES, "second": IMAGES}, [*"abcdef"], "A finding", "letters"
    ),
    "mixing": lambda: sheets.mixing_picture(
        IMAGES[:3], IMAGES, IMAGES[None].expand(3, -1, -1, -1, -1), "A finding"
    ),
    "spread": lambda: curves.spread_picture(
        {"as they are": [3, 9, 27], "demodulated": [1, 1, 1]}, "A finding"
    ),
    "trade-off": lambda: curves.tradeoff_picture(
        [0, 0.5, 1],
        {"to the mean": [(0.9, 0), (0.9, 0.5), (0.8, 0.7)], "to another": [(1, 0)] * 3},
        "A finding",
    ),
    "edits": lambda: curves.edits_picture(
        [-1, 0, 1],
        {"slant": {"z": np.ones((5, 3)), "w": np.zeros((5, 3))}, "width": {"z": np.ones((5, 3))}},
        "A finding",
    ),
    "training": lambda: curves.training_picture(
        {"live": ([50], [0.2]), "shipped": ([50, 500], [0.3, 0.04])}, 0.005, "A finding"
    ),
    "who decides": lambda: curves.who_decides_picture(
        {"class": [0.8, 0.1, 0], "slant": [0.5, 0.5, 0], "width": [0, 0.4, 0.6]}, "A finding"
    ),
    "maps": lambda: channels.maps_picture(IMAGES, [*"abcdef"], "A finding"),
    "switched": lambda: channels.switched_picture(IMAGES, -IMAGES, "A finding"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_readable(name: str) -> None:
    picture = PICTURES[name]()
    assert len(picture.alt) > 0
    assert picture.png().startswith(b"\x89PNG")
    assert picture.smallest_text >= 14
    box = picture._suptitle.get_window_extent()
    assert 0 <= box.x0 <= box.x1 <= picture.bbox.width, "the title is cut off"


def test_rows_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        sheets.sheet_picture({"a": IMAGES, "b": IMAGES[:2]}, [], "A finding")
    with pytest.raises(ValueError, match="2 names"):
        sheets.sheet_picture({"a": IMAGES}, ["x", "y"], "A finding")


def test_a_closed_path_stays_gaussian_and_has_no_seam() -> None:
    corners = torch.randn(2, 4000, 3, generator=torch.Generator().manual_seed(0))
    path = films.closed_path(corners, 12)
    assert path.shape == (12, 4000, 3)
    assert path.var(1) == pytest.approx(torch.ones(12, 3), abs=0.1)
    steps = (path.roll(-1, 0) - path).norm(dim=2)  # the last one closes the circle
    assert steps.mean(1) == pytest.approx(steps.mean().expand(12), rel=0.05)
    whole = films.closed_path(corners, 24)
    assert whole[::2] == pytest.approx(path, abs=1e-5)


def test_a_film_is_shown_and_saved(tmp_path: Path) -> None:
    film = films.Film(torch.rand(5, 3, 1, 8, 8) * 2 - 1, "Three squares <flicker>", seconds=1)
    page = film._repr_mimebundle_()
    assert 'alt="Three squares &lt;flicker&gt;"' in page["text/html"]
    assert "Three squares" in page["text/plain"]
    written = film.save(tmp_path)
    assert [path.suffix for path in written] == [".gif", ".mp4"][: len(written)]
    assert written[0].read_bytes().startswith(b"GIF8")
    again = film.save(tmp_path)
    assert again[0] != written[0], "an older film stays"


def test_without_ffmpeg_there_is_no_mp4(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [np.zeros((8, 8, 3), np.uint8)] * 3
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert films.mp4(frames, 1.0) is None


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="there is no ffmpeg")
def test_an_mp4_of_an_odd_size() -> None:
    movie = films.mp4([np.full((9, 17, 3), 30 * k, np.uint8) for k in range(5)], 1.0)
    assert movie is None or b"ftyp" in movie[:16]  # None: this ffmpeg knows no H.264

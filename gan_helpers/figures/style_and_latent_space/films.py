"""Films that run in a notebook and are saved as GIF, and as MP4 where ffmpeg is there."""

from __future__ import annotations

import base64
import html
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_helpers.plotting import tile
from gan_helpers.runtime import cache_dir, whole_file
from gan_helpers.widgets import gif, save_gif


def closed_path(corners: Tensor, count: int) -> Tensor:
    """Return points on the circle ``cos(t) a + sin(t) b``, t from 0 to 2 pi, the end left out.

    Each point is N(0, I) again where a and b are independent and N(0, I), because
    cos^2 + sin^2 = 1; and a film of the points has no seam.

    Args:
        corners: a and b, (2, n, d).
        count: how many, >= 2.

    Returns:
        Shape (count, n, d).
    """
    t = 2 * torch.pi * torch.arange(count, device=corners.device) / count
    a, b = corners
    return t.cos()[:, None, None] * a + t.sin()[:, None, None] * b


class Film:
    """A film that a cell shows, and that can be saved.

    Args:
        images: for each moment the images beside each other, (moments, n, C, H, W) in [-1, 1].
        alt: what it shows.
        seconds: from the first moment to the last.
        columns: images in a row.
        factor: by how much each pixel is enlarged, >= 1.
    """

    def __init__(
        self, images: Tensor, alt: str, seconds: float = 4.0, columns: int = 8, factor: int = 4
    ) -> None:
        sheets = [tile(each, columns, gap=1) for each in images.cpu()]
        self.frames = [s.repeat(factor, axis=0).repeat(factor, axis=1) for s in sheets]
        self.alt, self.seconds = alt, seconds

    def save(self, folder: Path | str | None = None) -> list[Path]:
        """Write ``film.gif``, and ``film.mp4`` where ffmpeg is there; an older file stays.

        Args:
            folder: made if it is missing; ``films`` in ``cache_dir()`` if ``None``.

        Returns:
            The files that were written.

        Raises:
            OSError: the folder cannot be made or written.
        """
        place = cache_dir() / "films" if folder is None else Path(folder)
        written = [save_gif(self.frames, place / "film.gif", self.seconds)]
        movie = mp4(self.frames, self.seconds)
        if movie is not None:
            with whole_file(written[0].with_suffix(".mp4")) as file:
                file.write(movie)
            written.append(written[0].with_suffix(".mp4"))
        return written

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        data = base64.b64encode(gif(self.frames, self.seconds)).decode("ascii")
        style = "width: 100%; max-width: 1000px; image-rendering: pixelated"
        said = f'alt="{html.escape(self.alt)}" style="{style}"'
        shown = f'<img {said} src="data:image/gif;base64,{data}">'
        return {"text/html": shown, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Film: {self.alt}"


def mp4(frames: Sequence[np.ndarray], seconds: float) -> bytes | None:
    """Return an MP4 (H.264) of pictures, or ``None`` where ffmpeg is not there or cannot do it.

    Args:
        frames: uint8, (H, W, 3) each, all of one size.
        seconds: how long it takes, > 0.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    high, wide = frames[0].shape[:2]
    even = [frame[: high // 2 * 2, : wide // 2 * 2] for frame in frames]  # as the format demands
    size = f"{even[0].shape[1]}x{even[0].shape[0]}"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", f"{len(frames) / seconds:g}"]
    coded = ["-pix_fmt", "yuv420p", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "-"]
    done = subprocess.run(
        [program, "-loglevel", "error", *raw, "-i", "-", *coded],
        input=b"".join(np.ascontiguousarray(frame).tobytes() for frame in even),
        capture_output=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 and done.stdout else None

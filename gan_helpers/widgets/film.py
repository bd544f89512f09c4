"""Films as animated GIFs: pictures in, one file out that plays wherever pictures are shown."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import numpy as np
from torch import Tensor

from gan_helpers.plotting.tiles import to_bytes
from gan_helpers.runtime import whole_file

SIDE = 224  # pixels along an enlarged image, at most
SHORTEST = 0.02  # seconds for a picture; browsers show shorter ones slowly
LONGEST = 600.0  # seconds in all: a GIF has 16 bits for a picture's hundredths
LINKED = 2_000_000  # bytes of the largest film that is put into the page for its link
SAMPLED = 6  # pictures of a film by which its palette is chosen


def enlarged(images: Tensor | np.ndarray) -> list[np.ndarray]:
    """Enlarge images by a whole factor, so that each of their pixels stays a sharp square.

    Args:
        images: shape (N, C, H, W) in [-1, 1], C = 1 or 3.

    Returns:
        N pictures, uint8, (k H, k W, 3) with the largest k for which they are at most 224 pixels
        along; images that are larger than that keep their size.

    Raises:
        ValueError: the shape is another.
    """
    pictures = to_bytes(images)
    factor = max(1, SIDE // max(pictures.shape[1:3]))
    return [each.repeat(factor, axis=0).repeat(factor, axis=1) for each in pictures]


def gif(frames: Sequence[np.ndarray], seconds: float = 3.0) -> bytes:
    """Turn pictures into an animated GIF that is played again and again.

    Grey pictures keep every shade. Others share one palette of 256 colours, so that what stands
    still does not flicker. A picture that equals the one before it is not stored again: the one
    before stays longer.

    Args:
        frames: at least 2 pictures of the same size, uint8, (H, W, 3).
        seconds: how long it takes, at most 600; each picture has its share, at least 0.02 s, to
            0.01 s.

    Raises:
        TypeError: a picture is not an array of bytes.
        ValueError: too few pictures, other shapes, or a time out of range.
    """
    from PIL import Image

    _check(frames, seconds)
    marks = np.rint(np.linspace(0, 100 * seconds, len(frames) + 1)).astype(int)  # hundredths
    first, *others = _coloured([Image.fromarray(np.ascontiguousarray(each)) for each in frames])
    buffer = io.BytesIO()
    first.save(
        buffer, format="gif", save_all=True, append_images=others, loop=0, optimize=False,
        duration=(10 * np.diff(marks)).tolist(),
    )  # fmt: skip
    return buffer.getvalue()


def save_gif(frames: Sequence[np.ndarray], path: str | Path, seconds: float = 3.0) -> Path:
    """Write pictures as an animated GIF; a file that is there already stays as it is.

    Args:
        frames: as in ``gif``.
        path: the file, ``film.gif``; its folder is made. If it exists, ``film-2.gif`` is written,
            or whichever number is free.
        seconds: as in ``gif``.

    Returns:
        The file that was written.

    Raises:
        TypeError: a picture is not an array of bytes.
        ValueError: as in ``gif``, or the file's name does not end in ``.gif``.
        OSError: the folder cannot be made or written, or the disk is full.
    """
    path = Path(path)
    if path.suffix.lower() != ".gif":
        raise ValueError(
            f"path ends in {path.name!r}; the name of a film must end in .gif: film.gif"
        )
    film = gif(frames, seconds)
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    place = path
    while place.exists():
        place = next(numbered)
    with whole_file(place) as file:
        file.write(film)
    return place


def download_link(film: bytes, name: str) -> str:
    """Return a link that hands a film to the reader's own computer, as a piece of HTML.

    Args:
        film: an animated GIF. One of more than 2 MB is not put into the page: no link, ``""``.
        name: the name that the file is to have there.
    """
    if len(film) > LINKED:
        return ""
    data = base64.b64encode(film).decode("ascii")
    name = html.escape(name)
    return (
        f'<a download="{name}" href="data:image/gif;base64,{data}" '
        f'style="text-decoration: underline">Download {name}</a>'
    )


def _coloured(images: list) -> list:
    """Return pictures in grey, or with the colours of one palette."""
    from PIL import Image

    arrays = [np.asarray(image) for image in images]
    if all((array == array[..., :1]).all() for array in arrays):
        return [image.convert("L") for image in images]
    chosen = np.unique(np.linspace(0, len(arrays) - 1, SAMPLED).astype(int))
    sheet = Image.fromarray(np.concatenate([arrays[i] for i in chosen]))
    palette = sheet.quantize(256, method=Image.Quantize.MAXCOVERAGE)
    colours = np.array(palette.getpalette()).reshape(-1, 3)
    colours[(colours > 247).all(axis=1)] = 255  # paper stays white
    palette.putpalette(colours.ravel().tolist())
    return [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]


def _check(frames: Sequence[np.ndarray], seconds: float) -> None:
    for number, each in enumerate(frames):
        if not isinstance(each, np.ndarray) or each.dtype != np.uint8:
            found = each.dtype if isinstance(each, np.ndarray) else type(each).__name__
            raise TypeError(
                f"picture {number} is {found}; a film is made of uint8 arrays (H, W, 3): "
                "enlarged(images) makes them of images in [-1, 1]"
            )
    shapes = sorted({each.shape for each in frames})
    if len(frames) < 2:
        raise ValueError(f"there are {len(frames)} pictures; a film needs at least 2")
    if len(shapes) > 1 or len(shapes[0]) != 3 or shapes[0][2] != 3 or 0 in shapes[0]:
        raise ValueError(
            f"the pictures have shapes {', '.join(map(str, shapes))}; all must have one, (H, W, 3)"
        )
    least = SHORTEST * len(frames)
    if not least <= seconds <= LONGEST:
        raise ValueError(
            f"seconds is {seconds}; {len(frames)} pictures take {least:.3g} to {LONGEST:g} s, "
            f"{SHORTEST} s each at least: change seconds, or take fewer pictures"
        )

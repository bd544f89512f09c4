"""A folder of the reader's own pictures as training data."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from gan_helpers.data.images import ImageData
from gan_helpers.runtime import integer

if TYPE_CHECKING:
    from PIL.Image import Image

_ENDINGS = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".pgm", ".tif", ".tiff", ".webp"}
# What the endings promise. Pillow goes by the contents: a page of PostScript that is called .png
# would be handed to an interpreter.
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_MOST_PIXELS = 64_000_000  # a picture of more is taken for a decompression bomb


def image_folder(path: str | Path, size: int = 32, channels: int = 3) -> ImageData:
    """Load the pictures in a folder, cropped to a centred square and resized.

    Pictures of any size and mode are read: grey, palette, transparent (laid on white), CMYK,
    16-bit; a camera's orientation mark is obeyed. Subfolders are read too, and links to folders;
    when every picture lies in one, the first-level subfolders are the classes. Files that cannot
    be read, links that lead nowhere or back to a folder above, and folders that may not be opened
    are left out, counted in a warning, and named in `skipped`. What begins with a dot is hidden
    and passed over. After a second a bar shows how far it is.

    Args:
        path: the folder. Files are taken by their ending (.png, .jpg, ...), in sorted order.
        size: height and width of the result in pixels, 1 to 4096.
        channels: 1 for grey, 3 for colour.

    Returns: images (N, channels, size, size), contiguous; labels and names when there are classes.
        It takes little more memory than they do: 12 size^2 bytes for each colour picture.

    Raises:
        TypeError: when the path is none.
        FileNotFoundError: when there is no such folder.
        ValueError: when it holds no readable picture, or for a size or channels not allowed.
    """
    if channels not in (1, 3):
        raise ValueError(f"channels is {channels!r}; it must be 1 (grey) or 3 (colour).")
    size = integer("size", size, 1, 4096)
    if not isinstance(path, (str, Path)):
        raise TypeError(f"path is {path!r:.60}; give the name of the folder that holds the images.")
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder; give the folder that holds the images.")
    closed: list[str] = []
    files = list(_files(folder, folder, closed))
    if not files:
        also = f" Left out: {'; '.join(closed[:3])}." if closed else ""
        endings = ", ".join(sorted(_ENDINGS))
        raise ValueError(f"{folder} holds no images; put files in it that end in {endings}.{also}")

    from tqdm import tqdm

    read: list[Path] = []
    skipped: list[str] = []
    images = np.empty((len(files), channels, size, size), np.float32)
    for file in tqdm(files, desc="images", delay=1):
        try:
            images[len(read)] = _read(file, size, channels)
            read.append(file.relative_to(folder))
        except Exception as error:  # Pillow's decoders raise many kinds for a damaged file
            reason = str(error) or type(error).__name__
            skipped.append(f"{file.relative_to(folder)}: {reason.replace(str(file), file.name)}")
    if not read:
        raise ValueError(
            f"none of the {len(files)} images in {folder} could be read; the first is {skipped[0]}"
        )
    if skipped:
        warnings.warn(
            f"{len(skipped)} of {len(files)} images could not be read and were left out; the first "
            f"is {skipped[0]}. All are in .skipped.",
            stacklevel=2,
        )
    if closed:
        warnings.warn(
            f"{len(closed)} links or folders were left out; the first is {closed[0]}. All are in "
            f".skipped.",
            stacklevel=2,
        )
    left_out = (*skipped, *closed)
    pictures = torch.from_numpy(images[: len(read)])  # (N, channels, size, size)
    names = tuple(sorted({file.parts[0] for file in read}))
    if any(len(file.parts) < 2 for file in read):
        return ImageData(pictures, skipped=left_out)
    labels = torch.tensor([names.index(file.parts[0]) for file in read])
    return ImageData(pictures, labels, names, left_out)


def _files(
    folder: Path, top: Path, closed: list[str], above: frozenset[Path] = frozenset()
) -> Iterator[Path]:
    """Find the image files in sorted order, hidden ones apart, and note what cannot be entered."""
    above |= {folder.resolve()}
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        closed.append(f"{folder.relative_to(top)}: {error.strerror or type(error).__name__}")
        return
    for entry in entries:
        if entry.name.startswith("."):  # thumbnails, notebook checkpoints
            continue
        if entry.is_dir():
            if entry.resolve() in above:
                closed.append(f"{entry.relative_to(top)}: a link to a folder that it lies in")
            else:
                yield from _files(entry, top, closed, above)
        elif entry.is_symlink() and not entry.exists():
            closed.append(f"{entry.relative_to(top)}: a link that leads nowhere")
        elif entry.suffix.lower() in _ENDINGS and entry.is_file():
            yield entry


def _read(file: Path, size: int, channels: int) -> NDArray[np.float32]:
    """Read one picture as (channels, size, size) in [-1, 1]."""
    from PIL import Image, ImageOps

    with _opened(file) as picture:
        width, height = picture.size  # known from the header, before any pixel is decoded
        if width * height > _MOST_PIXELS:
            raise ValueError(f"{width} x {height} pixels; at most {_MOST_PIXELS:,} are read")
        picture.draft("RGB", (2 * size, 2 * size))  # a JPEG is decoded small where that suffices
        upright = ImageOps.exif_transpose(picture)
        square = ImageOps.fit(_resizable(upright), (size, size), Image.Resampling.LANCZOS)
        if square.mode == "RGBA":
            white = Image.new("RGBA", square.size, "white")
            square = Image.alpha_composite(white, square)
        plain = square.convert("L" if channels == 1 else "RGB")
        pixels = np.asarray(plain, dtype=np.float32) / 127.5 - 1  # 0..255 -> [-1, 1]
    return pixels.reshape(size, size, channels).transpose(2, 0, 1)


def _opened(file: Path) -> Image:
    """Read a picture's header; no pixel is decoded yet."""
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        # Pillow warns of a size that is refused here anyway.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            return Image.open(file, formats=_FORMATS)
        except UnidentifiedImageError as error:
            kinds = ", ".join(_FORMATS)
            raise ValueError(f"holds no image of a known kind ({kinds})") from error


def _resizable(picture: Image) -> Image:
    """Convert any mode to "L", "RGB" or, where something is transparent, "RGBA"."""
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        picture = _eight_bits(picture)
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _eight_bits(picture: Image) -> Image:
    """Scale a grey picture of more than 8 bits to 0..255 (Pillow's convert would clip it)."""
    from PIL import Image

    values = np.asarray(picture, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("holds NaN or infinite pixels")
    top = float(values.max(initial=0.0))
    if values.min(initial=0.0) < 0:
        raise ValueError(f"holds negative pixels, down to {values.min():g}")
    if picture.mode.startswith("I;16"):
        scale = 65535.0
    else:  # 32 bits: the file does not say how many are used, so the pixels must
        scale = 1.0 if top <= 1 and picture.mode == "F" else 255.0 if top <= 255 else 65535.0
    if top > scale:
        raise ValueError(f"holds pixels up to {top:g}; at most 65535 are read")
    return Image.fromarray(np.round(values / scale * 255).astype(np.uint8))

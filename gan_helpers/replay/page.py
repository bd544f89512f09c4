"""One self-contained page: data, style and script in one piece of HTML, and a picture beside it."""

from __future__ import annotations

import base64
import html
import io
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gan_helpers.plotting.picture import ACROSS, png_bundle

LIMIT = 1_500_000  # bytes of one page
ASSETS = Path(__file__).parent / "assets"
TYPES = ("int16", "float32")  # what the script unpacks


@dataclass(frozen=True)
class Page:
    """A page that shows itself when it is the last expression of a cell.

    Viewers that run scripts show ``html``; the others show ``png``. JupyterLab drops the script of
    a notebook that it does not trust, and then shows the picture that ``html`` holds as well.

    Args:
        html: a fragment with everything in it.
        png: what the page shows at first, for viewers without scripts.
        alt: what the picture shows.
        smallest_text: size of the picture's smallest text, in CSS points.
    """

    html: str
    png: bytes
    alt: str
    smallest_text: float

    def save(self, path: str | Path) -> None:
        """Write the page as an HTML file of its own, which opens from disk without a network."""
        title = html.escape(self.alt.split(". ")[0])
        text = (
            f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
            f'<meta name="color-scheme" content="light dark">\n{self.html}\n</html>\n'
        )
        Path(path).write_text(text, encoding="utf-8")

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = png_bundle(self.png, self.alt, smallest_text=self.smallest_text)
        return {"text/html": self.html, **data}, metadata

    def __repr__(self) -> str:
        return f"Page: {self.alt}"


def make_page(
    scripts: Sequence[str],
    data: dict[str, Any],
    png: bytes,
    alt: str,
    smallest_text: float,
    repair: str,
) -> Page:
    """Put data and scripts into a page.

    Args:
        scripts: names of scripts among the assets, after ``common.js``; the last one defines
            ``start(root, data)``.
        data: what the script works on; whatever JSON can hold, and ``packed`` arrays.
        png: what the page shows before the script has begun, and without it.
        alt: what the picture shows.
        smallest_text: size of the picture's smallest text, in CSS points.
        repair: how the caller can make the page smaller, for the error message.

    Raises:
        ValueError: the page takes more than ``LIMIT`` bytes.
    """
    code = "\n".join(_asset(name) for name in ("common.js", *scripts))
    values = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")  # no tag in a script
    text = (
        f'<div class="gan-page" data-lm-suppress-shortcuts="true">\n<style>{_asset("page.css")}'
        f'</style>\n<img alt="{html.escape(alt)}" width="{ACROSS}" '
        f'src="{_small(png)}">\n<script>(() => {{\n"use strict";\n{code}\n'
        f"begin(document.currentScript, start, {values});\n}})();</script>\n</div>"
    )
    size = len(text.encode())
    if size > LIMIT:
        raise ValueError(f"the page takes {size:,} bytes, {LIMIT:,} are allowed; {repair}")
    return Page(text, png, alt, smallest_text)


def packed(values: np.ndarray, *, frames: bool = False, short: bool = False) -> dict[str, Any]:
    """Pack an array so that the page's script can unpack it.

    The first bytes of all numbers come first, then the second bytes, and so on: like stands beside
    like, and that compresses better.

    Args:
        values: int16 or float32.
        frames: whether the first axis is time; then differences (modulo 2^16) are stored, which
            are small. For int16 only.
        short: leave out the last byte of each number, which ``shortened`` has made 0. For float32
            only.

    Returns:
        Type, bytes left out, differences' stride (0 for none), and the compressed bytes as a data
        URI.

    Raises:
        TypeError: values of another type, or an option for the other type.
    """
    name = values.dtype.name
    if name not in TYPES or (frames and name != "int16") or (short and name != "float32"):
        raise TypeError(
            f"values are {name}, frames is {frames}, short is {short}; give int16 or float32, "
            "frames as int16, short ones as float32"
        )
    stride = int(np.prod(values.shape[1:])) if frames else 0
    if frames:
        values = np.diff(values, axis=0, prepend=np.zeros_like(values[:1]))
    flat = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    planes = flat.reshape(-1).view(np.uint8).reshape(-1, values.itemsize).T[int(short) :]
    text = base64.b64encode(zlib.compress(planes.tobytes(), 9)).decode("ascii")
    return {
        "type": name, "missing": int(short), "stride": stride,
        "bytes": f"data:application/octet-stream;base64,{text}",
    }  # fmt: skip


def shortened(values: np.ndarray) -> np.ndarray:
    """Round numbers to float32 whose last byte is 0: a relative error of 2^-16 at most."""
    bits = values.astype(np.float32).view(np.uint32)
    return ((bits + np.uint32(0x80)) & np.uint32(0xFFFFFF00)).view(np.float32)


def _small(png: bytes) -> str:
    """Return a picture as the data URI of a WebP, a fraction of its size as a PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(buffer, format="webp", quality=80)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8").strip()

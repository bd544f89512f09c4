"""What the latent explorer shows: an image beside its nearest neighbour, or a point."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from torch import Tensor

from gan_helpers.data import check_images
from gan_helpers.plotting.lettering import legend_above
from gan_helpers.plotting.picture import ACROSS, FAKE, INK, REAL, figure, watermark
from gan_helpers.plotting.points import histogram, thinned
from gan_helpers.plotting.tiles import array, fit, tile
from gan_helpers.widgets.views import real_samples

SIDE, ABOVE = 315, 34  # pixels along an image, and above it for its caption
LETTERS = 20  # pixels of a caption's letters
STRIP = 9  # images along a path


class ImageScene:
    """The generated image, the training image nearest to it, and images along the path.

    Args:
        data: training images (N, C, H, W) in [-1, 1], or ``None``.
    """

    crowd = False  # whether other samples are shown as well
    smallest_text = 0.75 * LETTERS  # CSS points

    def __init__(self, data: Tensor | None) -> None:
        self.data = data
        self.distance: float | None = None
        if data is not None:
            self.rows = data.flatten(1).float()
            self.norms = self.rows.square().sum(1)

    def nearest(self, sample: Tensor) -> Tensor:
        """Return the training image nearest to ``sample`` in pixels, (1, C, H, W)."""
        if self.data is None:
            raise ValueError("there are no training images; pass data= to compare with")
        x = sample.flatten(1).to(self.rows)
        # |x - y|^2 = |x|^2 - 2 x.y + |y|^2, and |x|^2 is the same for all y
        index = int((self.norms - 2 * (self.rows @ x[0])).argmin())
        self.distance = float((self.rows[index] - x[0]).norm())
        return self.data[index : index + 1]

    def draw(self, sample: Tensor, path: Tensor, t: float | None, cloud: Tensor) -> np.ndarray:
        """Return the picture; the path's image next to ``t`` is framed."""
        from PIL import Image, ImageDraw, ImageFont

        shown = [("generated", sample)]
        if self.data is not None:
            twin = self.nearest(sample)
            shown.append((f"nearest real, distance {self.distance:.1f}", twin))
        sheet = Image.new("RGB", (ACROSS, ABOVE + SIDE + 8), "white")
        pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=LETTERS)
        apart = (ACROSS - (len(shown) + 1) * SIDE) // (len(shown) + 2)
        lefts = [apart + i * (SIDE + apart) for i in range(len(shown) + 1)]
        for left, (caption, made) in zip(lefts, shown, strict=False):
            pen.text((left, 4), caption, fill=INK, font=font)
            sheet.paste(Image.fromarray(fit(tile(made), SIDE, SIDE)), (left, ABOVE))
        pen.text((lefts[-1], 4), "path from t = 0, row by row, to 1", fill=INK, font=font)
        images = [Image.fromarray(fit(tile(each[None]), SIDE // 3, SIDE // 3)) for each in path]
        across, down = images[0].width + 4, images[0].height + 4
        for i, image in enumerate(images):
            left, top = lefts[-1] + i % 3 * across, ABOVE + i // 3 * down
            sheet.paste(image, (left, top))
            if t is not None and i == round(t * (len(path) - 1)):
                frame = (left - 2, top - 2, left + across - 3, top + down - 3)
                pen.rectangle(frame, None, "#E69F00", 5)
        return np.asarray(sheet)

    def describe(self) -> str:
        """Say what the picture shows."""
        beside = "" if self.data is None else " beside the training image nearest to it"
        return f"A generated image{beside}, and images along a path between two latent points."


class PointScene:
    """A generated point among many others, in the plane or on a line.

    Args:
        cloud: generated samples (N, 1 or 2), the background.
        data: real samples (M, same), or ``None``.
    """

    crowd = True

    def __init__(self, cloud: np.ndarray, data: np.ndarray | None) -> None:
        self.flat = cloud.shape[1] == 1
        picture, self.ax = figure("", self.describe(), size=(6.25, 2.9))
        every = cloud if data is None else np.concatenate([cloud, data])
        self.edges = np.linspace(every.min() - 0.1, every.max() + 0.1, 61)
        if self.flat:
            heights = histogram((cloud if data is None else data).ravel(), self.edges)
            self.ax.set(xlabel="x", ylabel="density", ylim=(0, 2.5 * heights.max()))
            if data is not None:
                self.ax.stairs(heights, self.edges, label="real", color=REAL.colour, linewidth=1.8)
            self.ax.plot([], [], label="generated", color=FAKE.colour)
        else:
            if data is not None:
                self.ax.plot([], [], label="real", **REAL.points(4.5))
            self.ax.plot([], [], label="generated", **FAKE.points(4))
            ends = every.min(axis=0), every.max(axis=0)
            self.ax.plot(*np.stack(ends).T, linestyle="none")  # room for all
            self.ax.set_aspect("equal", adjustable="datalim")
        legend_above(self.ax)
        watermark(picture)
        canvas = FigureCanvasAgg(picture)
        canvas.draw()
        self.paper = np.asarray(canvas.buffer_rgba())[..., :3].copy()
        self.smallest_text = picture.smallest_text
        real = np.empty((0, 2)) if self.flat or data is None else data
        self.real = self._place(thinned(real, (*self.ax.get_xlim(), *self.ax.get_ylim()), 60))

    def draw(self, sample: Tensor, path: Tensor, t: float | None, cloud: Tensor) -> np.ndarray:
        """Return the picture, with the path as a line and the sample as a large diamond."""
        from PIL import Image, ImageDraw

        sheet = Image.fromarray(self.paper)
        pen = ImageDraw.Draw(sheet)
        if self.flat:
            heights = np.repeat(histogram(array(cloud).ravel(), self.edges), 2)
            outline = np.column_stack([np.repeat(self.edges, 2)[1:-1], heights])
            pen.line([tuple(place) for place in self._place(outline)], FAKE.colour, 4)
        else:
            for x, y in self._place(array(cloud)):
                pen.line((x - 4, y - 4, x + 4, y + 4), FAKE.colour, 2)
                pen.line((x - 4, y + 4, x + 4, y - 4), FAKE.colour, 2)
        for x, y in self.real:
            pen.ellipse((x - 6, y - 6, x + 6, y + 6), None, REAL.colour, 2)
        level = self.ax.get_ylim()[1] / 2
        track, spot = (
            self._place(np.column_stack([x, np.full(len(x), level)]) if self.flat else x)
            for x in (array(path), array(sample))
        )
        pen.line([tuple(place) for place in track], fill="#555555", width=3)
        x, y = np.clip(
            spot[0], 18, np.array([sheet.width, sheet.height]) - 18
        )  # never out of sight
        pen.polygon([(x, y - 15), (x + 15, y), (x, y + 15), (x - 15, y)], "#E69F00", "#000000", 3)
        return np.asarray(sheet)

    def _place(self, xy: np.ndarray) -> np.ndarray:
        """Turn points into pixels from the top left, (N, 2)."""
        pixels = self.ax.transData.transform(xy)
        pixels[:, 1] = len(self.paper) - pixels[:, 1]
        return np.clip(pixels, -1000, 5000)

    def describe(self) -> str:
        """Say what the picture shows."""
        return "A generated point among others, and the path between two latent points' outputs."


Scene = ImageScene | PointScene


def make_scene(sample: Tensor, cloud: Tensor, data: Tensor | None) -> Scene:
    """Choose the scene for one sample (1, ...).

    Args:
        sample: one generated sample.
        cloud: many, for the background.
        data: real samples of the same shape, or ``None``.

    Raises:
        ValueError: there is no picture of such samples, or the data has another shape.
    """
    shape = tuple(sample.shape[1:])
    if data is not None and tuple(data.shape[1:]) != shape:
        raise ValueError(
            f"data holds samples of shape {tuple(data.shape[1:])}, the generator makes {shape}; "
            "pass the data that it was trained on"
        )
    if len(shape) == 3 and shape[0] in (1, 3):
        return ImageScene(data)
    if shape in ((1,), (2,)):
        return PointScene(array(cloud), None if data is None else array(data[:600]))
    raise ValueError(f"samples have shape {shape}; only (1,), (2,) and (1 or 3, H, W) can be shown")


def as_data(data: object) -> Tensor | None:
    """Return real samples as a tensor: of a tensor, image data with ``.images``, a distribution.

    Raises:
        TypeError: ``data`` is none of these, or holds images that are not floating point.
        ValueError: images that do not lie in [-1, 1].
    """
    data = getattr(data, "images", data)
    if data is None or not isinstance(data, (Tensor, np.ndarray)):
        return None if data is None else torch.as_tensor(real_samples(data, 600, 0))
    return check_images(data, "data") if data.ndim == 4 else torch.as_tensor(data)

"""What each measure sees of samples made to fool it: the line-up, floors, balls, report cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray
from torch import Tensor

from gan_helpers.plotting import FAKE, REAL, SERIES, Picture, figure, panels
from gan_helpers.plotting.picture import INK
from gan_helpers.plotting.tiles import array, tile

Points = Tensor | NDArray[np.float64]
WORSE, BETTER = 4.0, -2.5  # in standard deviations of real samples
# What a measure says of a sample: colour-blind safe, and each with a word of its own.
SAID = {"worse": "#F2B48C", "as real": "#DCE9F3", "better": "#7FB4D6"}


def verdict(deviations: float) -> str:
    """Say how a measure judges a sample: worse than real samples, as they are, or better.

    Args:
        deviations: by how many standard deviations of real samples it is worse than their mean.

    Returns:
        A key of ``SAID``.
    """
    if deviations > WORSE:
        return "worse"
    return "better" if deviations < BETTER else "as real"


def line_up_picture(samples: Mapping[str, Points], real: Points, title: str) -> Picture:
    """Draw samples in the plane side by side, with the real ones as rings on top.

    Args:
        samples: name -> (N, 2), up to eight.
        real: (M, 2).
        title: the finding.

    Returns:
        Two rows of square panels.
    """
    columns = (len(samples) + 1) // 2
    picture, axes = panels(title, rows=2, columns=columns, size=(6.2, 3.6))
    for ax in axes[len(samples) :]:
        ax.set_visible(False)
    for ax, (name, points) in zip(axes, samples.items(), strict=False):
        _draw_plane(ax, array(points), array(real)[:56], 2.8)
        ax.set_title(name, fontsize=8.6, pad=3)
    return picture


def floors_picture(
    sizes: Sequence[int], floors: Mapping[str, Sequence[float]], title: str
) -> Picture:
    """Draw what real samples are apart from real samples, against their number, on log axes.

    Args:
        sizes: samples in each of the two sets.
        floors: measure -> its mean, one for each size.
        title: the finding.

    Returns:
        One panel, each line labelled at its right end.
    """
    picture, ax = figure(title, size=(6.0, 3.2))
    for style, (name, values) in zip(SERIES, floors.items(), strict=False):
        ax.loglog(sizes, values, marker=style.marker, markersize=5, **style.curve(1.6))
        ax.annotate(
            name, (sizes[-1], values[-1]), xytext=(7, 0), textcoords="offset points",
            va="center", fontsize=8.6, color=style.colour,
        )  # fmt: skip
    ax.set_xlim(sizes[0] * 0.8, sizes[-1] * 5)
    ax.set(xlabel="samples in each of two real sets", ylabel="distance (0 would be perfect)")
    return picture


def balls_picture(
    fake: Points, radii: NDArray[np.float64], real: Points, shown: Sequence[int], title: str
) -> Picture:
    """Draw a sample, and beside it the balls of some of its points and what they swallow.

    Args:
        fake: (N, 2), the centres.
        radii: (N,), the distance of each to its k-th nearest other.
        real: (M, 2).
        shown: rows of ``fake`` whose balls are drawn.
        title: the finding.

    Returns:
        Two square panels.
    """
    picture, (plane, balls) = panels(title, columns=2, size=(6.2, 3.3))
    centres = array(fake)
    circles = [Circle(tuple(centres[i]), radii[i]) for i in shown]
    balls.add_collection(PatchCollection(circles, facecolor=FAKE.colour, alpha=0.09))
    balls.add_collection(PatchCollection(circles, facecolor="none", edgecolor=FAKE.colour, lw=1.2))
    for ax, r, name in ((plane, 2.9, "the sample"), (balls, 5.0, "balls of its strays")):
        _draw_plane(ax, centres, array(real)[:56], r)
        ax.set_title(name, fontsize=9)
    return picture


def report_picture(
    samples: Points,
    real: Points,
    found: Mapping[str, float],
    worse: Mapping[str, float],
    title: str = "",
) -> Picture:
    """Draw a sample, and beside it what every measure says of it.

    Args:
        samples: (N, 2).
        real: (M, 2).
        found: measure -> its value.
        worse: measure -> by how many standard deviations it is worse than real samples.
        title: the finding; if empty, how many measures call the sample worse than real data.

    Returns:
        The plane on the left, a line for each measure on the right.
    """
    verdicts = {name: verdict(worse[name]) for name in found}
    noticed = sum(each == "worse" for each in verdicts.values())
    title = title or f"{noticed} of {len(found)} measures call this worse than real data"
    picture, (plane, card) = panels(title, columns=2, size=(6.2, 3.1), width_ratios=(1, 1.25))
    _draw_plane(plane, array(samples), array(real)[:80], 2.9)
    card.set(xlim=(0, 1), ylim=(len(found), -0.7))
    card.axis("off")
    for x, text in ((0.0, "measure"), (0.52, "value"), (0.7, "says")):
        card.text(x + 0.01, -0.3, text, fontsize=8.6, fontweight="bold", va="center")
    for place, (name, value) in enumerate(found.items()):
        said = verdicts[name]
        card.add_patch(Rectangle((0.69, place + 0.08), 0.31, 0.84, color=SAID[said]))
        card.text(0.01, place + 0.5, name, fontsize=9, va="center")
        card.text(0.52, place + 0.5, shown_number(value), fontsize=9, va="center")
        card.text(0.71, place + 0.5, said, fontsize=9, va="center", color=INK)
    return picture


def verdicts_picture(
    reports: Mapping[str, Mapping[str, float]], worse: Mapping[str, Mapping[str, float]], title: str
) -> Picture:
    """Draw a table of samples and measures, each cell coloured by what the measure says.

    Args:
        reports: sample -> measure -> value.
        worse: sample -> measure -> standard deviations by which it is worse than real samples.
        title: the finding.

    Returns:
        The table, with its colours explained below.
    """
    names = list(next(iter(reports.values())))
    picture, ax = figure(title, size=(6.4, 3.4))
    ax.set(xlim=(-1.95, len(names)), ylim=(len(reports) + 0.9, -1.0))
    ax.axis("off")
    for across, name in enumerate(names):
        ax.text(
            across + 0.5, -0.45, name.replace(" ", "\n"), fontsize=8.8, ha="center", va="center"
        )
    for down, (sample, report) in enumerate(reports.items()):
        ax.text(-1.93, down + 0.5, sample, fontsize=9, va="center")
        for across, name in enumerate(names):
            said = verdict(worse[sample][name])
            ax.add_patch(
                Rectangle((across, down), 1, 1, facecolor=SAID[said], edgecolor="white", lw=1.5)
            )
            ax.text(
                across + 0.5, down + 0.5, shown_number(report[name]), fontsize=9, ha="center",
                va="center", fontweight="normal" if said == "worse" else "bold",
            )  # fmt: skip
    words = {"worse": "worse than real data", "as real": "as real data", "better": "better (!)"}
    for place, (said, word) in enumerate(words.items()):
        x = -1.9 + 3.5 * place
        ax.add_patch(Rectangle((x, len(reports) + 0.3), 0.4, 0.5, color=SAID[said]))
        ax.text(x + 0.5, len(reports) + 0.56, word, fontsize=8.8, va="center")
    return picture


def image_rows_picture(rows: Mapping[str, Tensor], title: str) -> Picture:
    """Draw rows of images, each with its name on the left.

    Args:
        rows: name -> images (n, C, H, W), as many in each.
        title: the finding.

    Returns:
        One sheet.
    """
    images = np.concatenate([array(row) for row in rows.values()])
    columns = len(next(iter(rows.values())))
    picture, ax = figure(title, size=(6.2, 4.9 * len(rows) / columns + 0.45))
    ax.imshow(tile(images, columns, gap=3), interpolation="nearest")
    height = images.shape[2] + 3
    ax.set_yticks([height * (k + 0.5) - 2 for k in range(len(rows))], list(rows), fontsize=9)
    ax.set_xticks([])
    ax.grid(False)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    return picture


def shown_number(value: float) -> str:
    """Write a number in at most five characters."""
    if float(value).is_integer() and abs(value) >= 2:
        return f"{value:.0f}"
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"


def _draw_plane(ax: Axes, fake: NDArray[np.float64], real: NDArray[np.float64], r: float) -> None:
    ax.plot(fake[:, 0], fake[:, 1], **FAKE.points(4.5, alpha=0.8, markeredgewidth=0.9))
    ax.plot(real[:, 0], real[:, 1], **REAL.points(6.5, alpha=0.55, markeredgewidth=0.9))
    ax.set(xlim=(-r, r), ylim=(-r, r), aspect="equal", xticks=[], yticks=[])

"""GAN, VAE and VAE-GAN over seeds: every run a mark, with medians and intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gan_helpers.figures._shared import draw_interval
from gan_helpers.plotting import DISCRIMINATOR, FAKE, GENERATOR, Picture, panels
from gan_helpers.plotting.picture import REFERENCE, Style
from gan_helpers.study import REAL as REAL_DATA
from gan_helpers.study import Result

STYLES: dict[str, Style] = {"GAN": DISCRIMINATOR, "VAE": GENERATOR, "VAE-GAN": FAKE}


def values_of(results: Sequence[Result], name: str, measure: str) -> np.ndarray:
    """Return a measure of all runs of one kind that have it, (seeds,)."""
    rows = [each for each in results if each.objective == name and measure in each.measures]
    return np.array([each.measures[measure] for each in rows])


def seeds_picture(
    results: Sequence[Result],
    measures: Mapping[str, str],
    title: str,
    limits: tuple[float, float] | None = None,
) -> Picture:
    """Draw measures of every run, a row of panels two abreast.

    Args:
        results: of the study, at least 2 seeds.
        measures: name in the results -> what the panel is called.
        title: the finding.
        limits: of all panels, where they show the same quantity.

    Returns:
        Panels that share their rows; the grey band holds real digits against real ones.
    """
    rows = (len(measures) + 1) // 2
    size = (6.2, 1.35 * rows + 0.9)
    picture, axes = panels(title, rows=rows, columns=2, size=size, sharey=True)
    for ax, (measure, label) in zip(axes, measures.items(), strict=False):
        floor = values_of(results, REAL_DATA, measure)
        if len(floor):
            ax.axvspan(floor.min(), floor.max(), color=REFERENCE.colour, alpha=0.25, linewidth=0)
        for place, (name, style) in enumerate(STYLES.items()):
            values = values_of(results, name, measure)
            if not len(values):
                continue
            ax.plot(values, np.full(len(values), place - 0.12), **style.points(6, alpha=0.75))
            draw_interval(ax, values, place + 0.24)
        ax.set_title(label, fontsize=9.5, loc="left")
        ax.set_ylim(len(STYLES) - 0.5, -0.5)
        ax.set_yticks(range(len(STYLES)), [*STYLES])
        ax.grid(axis="y", visible=False)
        ax.margins(x=0.08)
        if limits is not None:
            ax.set_xlim(*limits)
    picture.supxlabel(
        "each mark a seed; black: median and 95 % interval; grey: real digits", fontsize=8.8
    )
    return picture


def anomalies_picture(results: Sequence[Result], kinds: Sequence[str], title: str) -> Picture:
    """Draw how well anomalies are told from digits, a row for each way, a panel for each kind.

    Args:
        results: of the study, with measures such as "animals, search".
        kinds: of anomalies, one or two.
        title: the finding.

    Returns:
        The areas under the curves, from 0 to 1, with a line at guessing.
    """
    ways = {"reconstruction": "encoder", "search": "search", "bound": "bound", "score": "score"}
    picture, axes = panels(title, columns=len(kinds), size=(6.2, 3.5), sharey=True)
    lines = [
        (name, way)
        for name in STYLES
        for way in ways
        if len(values_of(results, name, f"{kinds[0]}, {way}"))
    ]
    for ax, kind in zip(axes, kinds, strict=True):
        for place, (name, way) in enumerate(lines):
            values = values_of(results, name, f"{kind}, {way}")
            ax.plot(
                values,
                np.full(len(values), place),
                **STYLES[name].points(6, alpha=0.75, clip_on=False),
            )
        ax.axvline(0.5, **REFERENCE.curve(1.6))
        ax.set(xlim=(0, 1), ylim=(len(lines) - 0.5, -0.5))
        ax.set_xlabel("area under the curve")
        ax.set_title(kind, fontsize=9.5, loc="left")
        ax.grid(axis="y", visible=False)
    axes[0].set_yticks(range(len(lines)), [f"{name}: {ways[way]}" for name, way in lines])
    return picture

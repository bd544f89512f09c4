"""Curves and bars: the size of activations, truncation, edits that are scored, training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from gan_helpers.plotting import (
    DISCRIMINATOR,
    GENERATOR,
    SERIES,
    Picture,
    figure,
    panels,
)


def _named_at_the_end(ax: Axes, x: ArrayLike, y: ArrayLike, name: str, colour: str) -> None:
    last = float(np.asarray(x)[-1]), float(np.asarray(y)[-1])
    ax.annotate(
        name, last, (6, 0), textcoords="offset points", fontsize=9.5, color=colour, va="center"
    )


def spread_picture(sizes: Mapping[str, Sequence[float]], title: str) -> Picture:
    """Draw the size of the maps after each layer, on a logarithmic axis.

    Args:
        sizes: name -> one root mean square a layer, > 0; the first two are drawn.
        title: the finding.

    Returns:
        One panel.
    """
    picture, ax = figure(title, size=(6.0, 3.0))
    for (name, values), style in zip(sizes.items(), (SERIES[4], GENERATOR), strict=False):
        x = np.arange(1, len(values) + 1)
        ax.plot(x, values, marker=style.marker, ms=6, **style.curve(2))
        _named_at_the_end(ax, x, values, name, style.colour)
    ax.set(yscale="log", xlabel="layer", ylabel="root mean square\nof the maps")
    ax.set_xticks(x)
    ax.set_xlim(0.7, len(x) + 0.45 * len(x))
    return picture


def tradeoff_picture(
    psi: Sequence[float],
    centres: Mapping[str, Sequence[tuple[float, float]]],
    title: str,
) -> Picture:
    """Draw precision and recall against psi, a panel for each centre that w is pulled to.

    Args:
        psi: in ascending order.
        centres: name -> (precision, recall) for each psi, in [0, 1]; one or two.
        title: the finding.

    Returns:
        One panel a centre.
    """
    picture, axes = panels(title, columns=len(centres), size=(6.2, 3.1), sharey=True)
    for ax, (name, both) in zip(axes, centres.items(), strict=True):
        for what, values, style in zip(
            ("precision", "recall"), np.transpose(both), (GENERATOR, DISCRIMINATOR), strict=True
        ):
            mark = {"marker": style.marker, "ms": 6, "clip_on": False}
            ax.plot(psi, values, label=what, **mark, **style.curve(2))
        ax.set(ylim=(0, 1), xlabel=r"$\psi$")
        ax.set_title(name, fontsize=10)
    axes[0].set_ylabel("share")
    handles, names = axes[0].get_legend_handles_labels()
    picture.legend(handles, names, loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    return picture


def edits_picture(
    steps: Sequence[float], measured: Mapping[str, Mapping[str, np.ndarray]], title: str
) -> Picture:
    """Draw what edits do on average, against the step.

    Args:
        steps: along the direction, ascending.
        measured: panel -> name of an edit -> what was measured, (images, steps); one or two
            panels, at most four edits.
        title: the finding.

    Returns:
        One panel a measure.
    """
    picture, axes = panels(title, columns=len(measured), size=(6.2, 3.5))
    for ax, (what, edits) in zip(axes, measured.items(), strict=True):
        for (name, values), style in zip(edits.items(), SERIES, strict=False):
            mean = np.mean(values, axis=0)
            ax.plot(steps, mean, label=name, marker=style.marker, ms=5, **style.curve(2))
        ax.set_title(what, fontsize=10)
        ax.set_xlabel("step")
    axes[0].set_ylabel("mean over the images")
    handles, names = axes[0].get_legend_handles_labels()
    picture.legend(handles, names, loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    return picture


def training_picture(
    runs: Mapping[str, tuple[Sequence[float], Sequence[float]]], floor: float, title: str
) -> Picture:
    """Draw the distance to unseen digits during training, both axes logarithmic.

    Args:
        runs: name -> (seconds, distances), one point or more.
        floor: the same distance between two sets of real digits.
        title: the finding.

    Returns:
        One panel.
    """
    picture, ax = figure(title, size=(6.0, 3.2))
    for (name, (seconds, values)), style in zip(runs.items(), (GENERATOR, SERIES[1]), strict=False):
        ax.plot(seconds, values, label=name, marker=style.marker, ms=6, **style.curve(2))
    ax.axhline(floor, color="#555555", linestyle=(0, (1, 1.5)), linewidth=1.6)
    ax.annotate(
        "two real sets", (0.02, floor), (0, 4), xycoords=("axes fraction", "data"),
        textcoords="offset points", fontsize=9,
    )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="seconds of training, one thread")
    ax.set_ylabel("Fréchet distance in\nclassifier features")
    ax.set_ylim(bottom=0.6 * floor)
    ax.legend(fontsize=9, frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return picture


def who_decides_picture(shares: Mapping[str, Sequence[float]], title: str) -> Picture:
    """Draw, for each measure, how much of it comes with each layer's style.

    Args:
        shares: name of a measure -> one number for each styled layer, >= 0.
        title: the finding.

    Returns:
        One group of bars a layer.
    """
    picture, ax = figure(title, size=(6.0, 3.2))
    layers, width = len(next(iter(shares.values()))), 0.8 / len(shares)
    for k, (name, values) in enumerate(shares.items()):
        x = np.arange(layers) + (k - (len(shares) - 1) / 2) * width
        ax.bar(
            x,
            values,
            0.9 * width,
            label=name,
            color=SERIES[k].colour,
            hatch=["", "//", ".."][k % 3],
        )
    ax.set_xticks(range(layers), [f"layer {i}" for i in range(layers)])
    ax.set(ylim=(0, None), ylabel="change, as a share of\nthat with all layers swapped")
    ax.legend(fontsize=9, frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return picture

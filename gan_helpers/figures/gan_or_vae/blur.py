"""Why a mean is blurred: plausible digits and their mean, sharpness, and what sigma does to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gan_helpers.plotting import (
    DISCRIMINATOR,
    FAKE,
    GENERATOR,
    REAL,
    REFERENCE,
    Picture,
    figure,
    panels,
)


def sharpness_picture(found: Mapping[str, float], title: str, real: str = "real digits") -> Picture:
    """Draw the sharpness of several sets of images as bars, with a line at the real ones.

    Args:
        found: name -> mean vertical difference of neighbouring pixels.
        title: the finding.
        real: the name of the real images.

    Returns:
        One panel.
    """
    picture, ax = figure(title, size=(6.0, 0.42 * len(found) + 1.1))
    for row, (name, value) in enumerate(found.items()):
        style = REAL if name == real else FAKE
        ax.barh(row, value, height=0.6, color=style.colour)
        inside: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": 9.5, "color": "white"}
        ax.text(value, row, f"{value:.3f} ", fontweight="bold", **inside)
    ax.axvline(found[real], **REFERENCE.curve(1.6))
    ax.set_yticks(range(len(found)), [*found])
    ax.set(xlim=(0, 1.05 * max(found.values())), ylim=(len(found) - 0.5, -0.5))
    ax.set_xlabel("sharpness: mean difference of a pixel and the one below it")
    ax.grid(False, axis="y")
    return picture


def sigma_picture(
    runs: Mapping[float, Sequence[tuple[float, float, float]]], real: float, title: str
) -> Picture:
    """Draw what the decoder's sigma does, a mark for each seed.

    Args:
        runs: sigma -> (digits that share a z, sharpness of their weighted mean, sharpness of what
            the decoder draws) of each seed.
        real: sharpness of real digits.
        title: the finding.

    Returns:
        Digits against sigma on the left, both kinds of sharpness against sigma on the right.
    """
    picture, (left, right) = panels(title, columns=2, size=(6.2, 3.2))
    lines = [
        (left, GENERATOR, ""),
        (right, DISCRIMINATOR, "weighted mean"),
        (right, FAKE, "decoder"),
    ]
    for which, (ax, style, label) in enumerate(lines):
        for sigma, seeds in runs.items():
            values = [each[which] for each in seeds]
            ax.plot([sigma] * len(values), values, **style.points(7, alpha=0.8))
        middles = [np.median([each[which] for each in seeds]) for seeds in runs.values()]
        ax.plot([*runs], middles, label=label or None, marker=style.marker, **style.curve(1.6))
        ax.set_xscale("log")
        ax.set_xticks([*runs], [f"{sigma:g}" for sigma in runs])
        ax.minorticks_off()
        ax.set_xlabel(r"$\sigma$ of the decoder")
    left.set(yscale="log", ylabel="digits that share a z")
    right.axhline(real, **REFERENCE.curve(1.6))
    right.annotate(
        "real digits", (max(runs), real), (0, 4), textcoords="offset points", ha="right", fontsize=9
    )
    right.set(ylabel="sharpness", ylim=(0, 1.2 * real))
    right.legend(fontsize=9, frameon=False, loc="lower left")
    return picture

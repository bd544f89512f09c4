"""Which latent numbers a VAE uses: the divergence of each, and how it grows while training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gan_helpers.figures._shared import Array
from gan_helpers.plotting import REFERENCE, SERIES, Picture, figure, panels

ACTIVE = 0.1  # nats: a latent number that carries less is not used


def units_picture(
    divergences: Mapping[str, Sequence[float]], title: str, threshold: float = ACTIVE
) -> Picture:
    """Draw the divergence of each latent number, largest first, a panel for each VAE.

    Args:
        divergences: name -> mean KL of each latent number, in nats, (d,); two or four of them.
        title: the finding.
        threshold: nats from which a latent number counts as active.

    Returns:
        Bars on a common axis, with a line at the threshold.
    """
    rows = (len(divergences) + 1) // 2
    picture, axes = panels(
        title, rows=rows, columns=2, size=(6.2, 1.75 * rows + 0.8), sharex=True, sharey=True
    )
    top = max(max(values) for values in divergences.values())
    for ax, style, (name, values) in zip(axes, SERIES[1:], divergences.items(), strict=False):
        ordered = np.sort(np.asarray(values))[::-1]
        ax.bar(np.arange(1, len(ordered) + 1), ordered, color=style.colour, width=0.7)
        ax.axhline(threshold, **REFERENCE.curve(1.4))
        count = int((ordered > threshold).sum())
        ax.set_title(f"{name}: {count} active", fontsize=9.5, loc="left")
        ax.set(ylim=(0, 1.08 * top))
        ax.grid(False, axis="x")
    for ax in axes[-2:]:
        ax.set_xlabel("latent number, in order")
    for ax in axes[::2]:
        ax.set_ylabel("KL (nats)")
    return picture


def warm_up_picture(curves: Mapping[str, Sequence[Array]], title: str) -> Picture:
    """Draw the recorded divergence of runs, smoothed, a line for each seed.

    Args:
        curves: way of training -> the KL of each seed after every update, in nats.
        title: the finding.

    Returns:
        One panel.
    """
    picture, ax = figure(title, size=(6.0, 3.0))
    for style, (name, runs) in zip((SERIES[1], SERIES[3]), curves.items(), strict=True):
        for number, values in enumerate(runs):
            window = max(1, len(values) // 40)
            mean = np.convolve(values, np.full(window, 1 / window), "valid")
            steps = np.arange(len(mean)) + window
            ax.plot(steps, mean, label=name if number == 0 else None, **style.curve(1.8))
    ax.set(xlabel="updates", ylabel="KL (nats an image)", ylim=(0, None))
    ax.legend(fontsize=9.5, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return picture

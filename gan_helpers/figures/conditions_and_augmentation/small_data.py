"""Pictures of GANs on few images: a discriminator that learns by heart, and what stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers.plotting import FAKE, REAL, REFERENCE, SERIES, Picture, figure, panels
from gan_helpers.study import Result, column

ARMS = {"no augmentation": SERIES[4], "DiffAugment": SERIES[2], "ADA": SERIES[3]}
KINDS = (("training digits", REAL), ("unseen digits", SERIES[5]), ("generated", FAKE))


def drift_picture(runs: Mapping[str, ArrayLike], title: str) -> Picture:
    """Draw a discriminator's mean scores of digits that it trains on, of unseen and of fakes.

    Args:
        runs: name of a run -> rows (updates, score of training digits, of unseen ones, of fakes),
            (n, 4); one or two runs.
        title: the finding.

    Returns:
        A panel for each run, with one scale.
    """
    picture, axes = panels(title, columns=len(runs), size=(6.2, 3.3), sharey=True)
    for ax, (name, rows) in zip(axes, runs.items(), strict=True):
        steps, *scores = np.asarray(rows, dtype=float).T
        ax.axhline(0, color="black", linewidth=0.8)
        for values, (kind, style) in zip(scores, KINDS, strict=True):
            every = max(1, len(steps) // 6)
            ax.plot(steps, values, label=kind, marker=style.marker, ms=5, markevery=every,
                    **style.curve(2))  # fmt: skip
        ax.set_title(name, fontsize=9.5, loc="left")
        ax.set_xlabel("generator updates")
    axes[0].set_ylabel("mean raw score")
    handles = axes[0].get_legend_handles_labels()
    picture.legend(*handles, loc="outside lower center", ncols=3, fontsize=9, frameon=False)
    return picture


def strength_picture(rows: ArrayLike, title: str) -> Picture:
    """Draw the probability that ADA chooses.

    Args:
        rows: updates and p, (n, 2).
        title: the finding.

    Returns:
        One panel.
    """
    picture, ax = figure(title, size=(6.0, 2.7))
    steps, p = np.asarray(rows, dtype=float).T
    ax.plot(steps, p, **ARMS["ADA"].curve(2.2))
    ax.set(xlabel="generator updates", ylabel="p of each change", ylim=(0, 1))
    return picture


def sizes_picture(results: Sequence[Result], sizes: Sequence[int], title: str) -> Picture:
    """Draw how far every run is from unseen digits, and how near to its training digits.

    Args:
        results: of `study.augmentation`.
        sizes: numbers of training digits.
        title: the finding.

    Returns:
        Two panels over the number of training digits; a mark for each seed, a line through the
        medians.
    """
    picture, axes = panels(title, columns=2, size=(6.2, 3.3))
    shown = (
        ("Frechet", "Fréchet distance to unseen digits"),
        ("copies", "relative distance to own digits"),
    )
    for ax, (measure, said) in zip(axes, shown, strict=True):
        for number, (arm, style) in enumerate(ARMS.items()):
            middles = []
            for size in sizes:
                values = [*column(results, f"GAN on {size} digits", arm, measure).values()]
                at = size * 1.2 ** (number - 1)  # side by side
                ax.plot([at] * len(values), values, **style.points(6, alpha=0.6))
                middles.append((at, float(np.median(values))))
            ax.plot(*zip(*middles, strict=True), label=arm, **style.curve(1.8))
        ax.set_title(said, fontsize=9.5, loc="left")
        ax.set(xscale="log", xlabel="training digits")
        ax.set_ylim(0, 1.25 if measure == "copies" else None)
        ax.set_xticks(list(sizes), [f"{size:,}".replace(",", " ") for size in sizes])
        ax.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
    axes[1].axhline(1, **REFERENCE.curve(1.5))
    axes[1].annotate(
        "as unseen digits", (sizes[-1], 1), (6, -12), textcoords="offset points", fontsize=9,
        ha="right",
    )  # fmt: skip
    handles = axes[0].get_legend_handles_labels()
    picture.legend(*handles, loc="outside lower center", ncols=3, fontsize=9, frameon=False)
    return picture

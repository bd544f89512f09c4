"""The generator's last weights beside the average of its weights."""

from __future__ import annotations

from collections.abc import Sequence

from gan_helpers.evaluation import HIGH_QUALITY_CEILING
from gan_helpers.plotting import REFERENCE, SERIES, Picture, figure

Quality = tuple[int, float]  # modes captured, share of high quality


def average_picture(looks: Sequence[tuple[int, Quality, Quality]]) -> Picture:
    """Draw the share of high-quality samples of both over a run, with the modes captured.

    Args:
        looks: the step, the quality of the weights of that moment, that of the average.
    """
    title = "The samples of the averaged weights are better, and do not jump"
    picture, ax = figure(title, size=(6.0, 3.2))
    steps = [step for step, _, _ in looks]
    for k, (style, name, below) in enumerate(
        ((SERIES[1], "weights of the moment", -15), (SERIES[2], "averaged weights", 7))
    ):
        seen = [(moment, average)[k] for _, moment, average in looks]
        shares = [share for _, share in seen]
        ax.plot(steps, shares, label=name, marker=style.marker, ms=6, **style.curve(1.8))
        for step, (modes, share) in zip(steps, seen, strict=True):
            ax.annotate(
                str(modes), (step, share), (0, below), ha="center", color=style.colour,
                textcoords="offset points", fontsize=8.5,
            )  # fmt: skip
    ax.axhline(HIGH_QUALITY_CEILING, **REFERENCE.curve(1.2))
    ax.text(steps[0], 0.92, "a perfect generator", fontsize=9)
    ax.set(xlabel="generator updates", ylabel="share of high quality", ylim=(-0.1, 1))
    ax.legend(fontsize=9, frameon=False, loc="upper left", bbox_to_anchor=(0, 0.9),
              title="numbers: modes captured", title_fontsize=9)  # fmt: skip
    return picture

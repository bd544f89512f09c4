"""What becomes of the fakes when the players' turns are unequal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from gan_helpers.plotting import FAKE, REAL, REFERENCE, SERIES, Picture, panels
from gan_helpers.plotting.tiles import array


def turns_picture(runs: Mapping[str, Sequence[Sequence[Tensor]]], real: Tensor) -> Picture:
    """Draw the way of a crowd of fakes, and how widely fakes spread for each ratio of turns.

    Args:
        runs: ratio of turns -> for each seed the fakes (n, 2) at some looks; the way is that of
            the first ratio's first seed, over the second half of its looks.
        real: real samples, (n, 2); their spread is the line to reach.
    """
    title = "1 : 10 makes one crowd that wanders about, 5 : 1 a whole ring"
    picture, (left, right) = panels(title, columns=2, size=(6.0, 3.3))
    x, looks = array(real), [array(each) for each in next(iter(runs.values()))[0]]
    looks = looks[len(looks) // 2 :]
    centres = np.array([each.mean(0) for each in looks])  # (looks, 2)
    for k, place in enumerate(looks):
        left.plot(place[:150, 0], place[:150, 1], **FAKE.points(4, alpha=0.6))
        if k:
            left.annotate(
                "", centres[k], centres[k - 1], zorder=5,
                arrowprops={"arrowstyle": "->", "color": "#222222", "lw": 1.4},
            )  # fmt: skip
    left.plot(x[:300, 0], x[:300, 1], **REAL.points(6, fillstyle="none", markeredgewidth=1.2))
    left.set(xlim=(-4, 4), ylim=(-4, 4), aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
    left.set_title(f"a run of {next(iter(runs))}, every 20 rounds", fontsize=9.5)
    right.axhline(float(np.linalg.norm(x.std(0))), **REFERENCE.curve(1.2))
    for (name, seeds), style in zip(runs.items(), (SERIES[1], SERIES[4], SERIES[5]), strict=True):
        for k, seen in enumerate(seeds):
            spread = [np.linalg.norm(array(each).std(0)) for each in seen]
            rounds = 20 * np.arange(1, len(spread) + 1)
            label = name if k == 0 else None
            right.plot(rounds, spread, label=label, marker=style.marker, ms=4, **style.curve(1.4))
    right.set(xlabel="rounds", ylabel="spread of the fakes", ylim=(0, 3.6))
    right.set_title("updates of D : of G", fontsize=9.5)
    right.legend(
        fontsize=9, loc="upper right", ncols=len(runs), handlelength=1.4, columnspacing=0.9,
        frameon=False,
    )  # fmt: skip
    return picture

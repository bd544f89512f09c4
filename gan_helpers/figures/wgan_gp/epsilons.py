"""Where a gradient penalty looks: the points that epsilon puts between real and generated."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from gan_helpers.plotting import DISCRIMINATOR, FAKE, REAL, Picture, panels


def epsilon_picture(
    real: Tensor, fake: Tensor, points: Mapping[str, Tensor], title: str
) -> Picture:
    """Draw one batch of pairs and, for each choice of epsilon, the points that are looked at.

    Args:
        real: shape (N, 2).
        fake: shape (N, 2), each coupled with the real sample of the same row.
        points: four choices, name -> points (N, 2).
        title: the finding.

    Returns:
        Four panels with the pairs' lines in grey.
    """
    picture, axes = panels(
        title, rows=2, columns=2, size=(6.0, 6.2), sharex=True, sharey=True
    )  # fmt: skip
    for ax, (name, looked_at) in zip(axes, points.items(), strict=True):
        for x, y in zip(real.cpu(), fake.cpu(), strict=True):
            ax.plot([x[0], y[0]], [x[1], y[1]], color="#d5d5d5", linewidth=0.8, zorder=1)
        ax.plot(*real.cpu().T, label="real", **REAL.points(6))
        ax.plot(*fake.cpu().T, label="generated", **FAKE.points(5, markeredgewidth=1.3))
        ax.plot(*looked_at.cpu().T, label="looked at", **DISCRIMINATOR.points(4.5, zorder=5))
        ax.set(xlim=(-5, 5), ylim=(-5, 5), aspect="equal")
        ax.set_title(name, fontsize=10, loc="left")
        ax.grid(False)
    picture.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9.5,
        frameon=False,
    )  # fmt: skip
    return picture

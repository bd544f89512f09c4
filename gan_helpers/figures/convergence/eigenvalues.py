"""Where the eigenvalues of a game go as its penalty grows, and how fast it then comes to rest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from gan_helpers.plotting import DISCRIMINATOR, REFERENCE, SERIES, Picture, panels
from gan_helpers.plotting.picture import INK


def eigenvalues_picture(
    gammas: ArrayLike, curves: Mapping[str, ArrayLike], title: str, marked: tuple[float, ...] = ()
) -> Picture:
    """Draw the eigenvalues of one game in the plane, and the rate of approach of several.

    Args:
        gammas: strengths of the penalty, increasing, shape (n,).
        curves: name of a penalty -> eigenvalues at each gamma, complex, shape (n, 2); those of the
            first are drawn in the plane, one to three are compared.
        title: the finding.
        marked: gammas whose eigenvalues get a mark and a label, of those given.

    Returns:
        The complex plane beside the rate, which is minus the larger real part.
    """
    picture, (plane, right) = panels(title, columns=2, size=(6.2, 3.3), width_ratios=[1.05, 1])
    gammas = np.asarray(gammas, dtype=np.float64)
    found = np.asarray(next(iter(curves.values())))  # (n, 2)
    plane.axvline(0, **REFERENCE.curve(1.4))
    for column in found.T:
        plane.plot(column.real, column.imag, **DISCRIMINATOR.curve(2.2))
    for gamma in marked:
        pair = found[np.abs(gammas - gamma).argmin()]
        plane.plot(pair.real, pair.imag, **DISCRIMINATOR.points(7))
        real_pair = bool(abs(pair.imag).max() < 1e-6)
        where = pair[pair.real.argmin()] if real_pair else pair[pair.imag.argmax()]
        plane.annotate(
            rf"$\gamma = {gamma:g}$", (where.real, where.imag), (-7, 7), ha="right",
            textcoords="offset points", fontsize=9, color=INK,
        )  # fmt: skip
    reach = 1.25 * np.abs(found.imag).max()
    plane.set(xlabel=r"real part of $\lambda$", ylabel=r"imaginary part of $\lambda$")
    plane.set(xlim=(max(found.real.min(), -1.6), 0.15), ylim=(-reach, reach))
    for (name, values), style in zip(
        curves.items(), (DISCRIMINATOR, SERIES[2], SERIES[4]), strict=False
    ):
        rate = -np.asarray(values).real.max(1)
        right.plot(gammas, rate, label=name, **style.curve(2.2))
    right.set(xlabel=r"$\gamma$", ylabel="rate of approach", xlim=(0, gammas.max()), ylim=(0, None))
    right.legend(fontsize=9, frameon=False, loc="upper right")
    return picture


def stability_picture(
    sizes: ArrayLike, gammas: ArrayLike, moduli: Mapping[str, ArrayLike], title: str
) -> Picture:
    """Draw the largest modulus of one step's eigenvalues over step size and strength of R1.

    Args:
        sizes: step sizes, increasing, shape (n,).
        gammas: strengths of R1, increasing, shape (m,).
        moduli: kind of step -> largest modulus, shape (m, n); two kinds.
        title: the finding.

    Returns:
        A map a kind; where the modulus is below 1 the pair comes to rest, and a line is its edge.
    """
    picture, axes = panels(title, columns=2, size=(6.3, 3.3), sharey=True)
    levels = np.linspace(0.5, 1.5, 11)
    for ax, (name, values) in zip(axes, moduli.items(), strict=True):
        found = np.asarray(values)
        shades = ax.contourf(sizes, gammas, found, levels=levels, cmap="RdBu_r", extend="both")
        edge = ax.contour(sizes, gammas, found, levels=[1 - 1e-9], colors=[INK], linewidths=1.8)
        edge.set_linestyle("-")
        ax.set(xlabel="step size h")
        ax.set_title(name, fontsize=10, loc="left")
        ax.grid(False)
    axes[0].set_ylabel(r"$\gamma$, strength of R1")
    bar = picture.colorbar(shades, ax=axes, shrink=0.9, pad=0.02)
    bar.set_label(r"largest $|\mu|$", fontsize=9.5)
    bar.ax.tick_params(labelsize=9)
    return picture

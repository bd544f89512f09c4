"""Critics on fixed data, clipped and penalised: their surfaces, and what they capture of W1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers import data, evaluation
from gan_helpers.networks import MLPDiscriminator
from gan_helpers.plotting import FAKE, REAL, Picture, panels
from gan_helpers.plotting.picture import INK
from gan_helpers.random import OwnRandom
from gan_helpers.regularisers import squared_gradient_norm
from gan_helpers.runtime import budget, pick_device

REACH = 3.0  # the plane is drawn, and slopes are searched, from -REACH to REACH
SOURCES: dict[str, Callable[[], data.Distribution]] = {
    "ring": data.ring,
    "swiss roll": data.swiss_roll,
    "grid": lambda: data.grid(3),
}
METHODS = ("penalty", "clipping")
Train = Callable[..., object]  # (critic, real, fake, steps, weight=None, clip=None)


@dataclass(frozen=True)
class CriticQuality:
    """How much a critic has understood of two sets of samples.

    Attributes:
        gap: mean score of real minus mean score of generated samples: the critic's own estimate.
        steepest: its largest gradient norm in the window and at the samples.
        share: gap / steepest, divided by the exact W1: what a critic of this shape proves.
    """

    gap: float
    steepest: float
    share: float


def lattice(resolution: int = 121) -> Tensor:
    """Return the points of a square lattice over the window, shape (resolution^2, 2)."""
    axis = torch.linspace(-REACH, REACH, resolution)
    x, y = torch.meshgrid(axis, axis, indexing="xy")
    return torch.stack([x.ravel(), y.ravel()], dim=1)


def measure_critic(critic: Module, real: Tensor, fake: Tensor, distance: float) -> CriticQuality:
    """Measure the share of W1 that a critic captures, whatever the scale of its scores.

    A critic divided by its largest slope is 1-Lipschitz, so by duality its gap is at most W1: the
    share is at most 1 (but for slopes between lattice points), and 1 only for a best critic.

    Args:
        critic: maps (N, 2) to raw scores (N,).
        real: shape (n, 2).
        fake: shape (m, 2).
        distance: exact W1 of the two, > 0.

    Returns:
        A `CriticQuality`.

    Source: arXiv:1701.07875, Eq. 2 and 3.
    """
    points = torch.cat([lattice().to(real), real, fake])
    steepest = float(squared_gradient_norm(critic, points).detach().max().sqrt())
    with torch.no_grad():
        gap = float(critic(real).mean() - critic(fake).mean())
    return CriticQuality(gap, steepest, gap / (steepest * distance) if steepest > 0 else 0.0)


def critics_picture(
    critics: Mapping[str, Module], real: Tensor, fake: Tensor, title: str
) -> Picture:
    """Draw the level curves of critics over the same samples, each on its own scale of scores.

    Args:
        critics: name -> critic of (N, 2); one or two.
        real: shape (n, 2).
        fake: shape (m, 2).
        title: the finding.

    Returns:
        One panel a critic: 15 level curves between its lowest and its highest score.
    """
    size = (6.2, 3.4) if len(critics) > 1 else (4.9, 4.4)
    picture, axes = panels(title, columns=len(critics), size=size, sharey=True)
    axis, points = np.linspace(-REACH, REACH, 121), lattice()
    for ax, (name, critic) in zip(axes, critics.items(), strict=True):
        with torch.no_grad():
            score = critic(points.to(real)).reshape(121, 121).double().cpu().numpy()
        levels = np.linspace(score.min(), score.max() + 1e-12, 17)
        shades = ax.contourf(axis, axis, score, levels=levels, cmap="RdBu", alpha=0.65)
        ax.contour(axis, axis, score, levels=levels, colors=[INK], linewidths=0.6)
        ax.plot(*fake[:150].cpu().numpy().T, label="generated", **FAKE.points(4, alpha=0.7))
        ax.plot(*real[:150].cpu().numpy().T, label="real", **REAL.points(5))
        ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
        ax.set_xlabel("first coordinate")
        ax.set_title(name, fontsize=10)
        ax.grid(False)
        bar = picture.colorbar(shades, ax=ax, shrink=0.7, pad=0.02, format="%.2g")
        bar.set_ticks([levels[0], levels[8], levels[-1]])
        bar.ax.tick_params(labelsize=8.5)
    axes[0].set_ylabel("second coordinate")
    return picture


@lru_cache(maxsize=8)
def fixed_samples(source: str, n: int = 800, noise: float = 1.0) -> tuple[Tensor, Tensor, float]:
    """Draw real samples, generated ones (real plus Gaussian noise), and their exact W1.

    Args:
        source: a key of SOURCES.
        n: samples of each kind, >= 1.
        noise: standard deviation of what is added to the generated samples, > 0.

    Returns:
        (n, 2) real, (n, 2) generated, on the device that is there, and W1.

    Raises:
        KeyError: a name that is not among the keys.

    Source: arXiv:1704.00028, section 3.2: the generator held fixed at the data plus noise.
    """
    own = torch.Generator().manual_seed(0)
    source_ = SOURCES[source]()
    real, fake = (source_.sample(n, generator=own) for _ in range(2))
    fake = fake + noise * torch.randn(n, 2, generator=own)
    distance = evaluation.wasserstein_distance(real, fake)
    return real.to(pick_device()), fake.to(pick_device()), distance


def play_critic(
    train: Train,
    method: str = "penalty",
    weight: float = 10.0,
    clip: float = 0.1,
    source: str = "ring",
) -> Picture:
    """Train a small critic within a second and draw it.

    Args:
        train: called with critic, real, fake, number of updates, and weight or clip by name.
        method: "penalty" or "clipping".
        weight: lambda of the penalty, > 0; used with "penalty".
        clip: bound of the weights, > 0; used with "clipping".
        source: a key of SOURCES.

    Returns:
        The critic's surface; the title says what it captures of W1.

    Raises:
        ValueError: another method.
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; choose one of {', '.join(METHODS)}")
    real, fake, distance = fixed_samples(source)
    bound = {"weight": weight} if method == "penalty" else {"clip": clip}
    with OwnRandom(0):  # whoever plays leaves the notebook's numbers alone
        critic = MLPDiscriminator((2,), widths=(48, 48)).to(real.device)
        train(critic, real, fake, budget()(250, smoke=3), **bound)
    found = measure_critic(critic, real, fake, distance)
    name = f"penalty, lambda = {weight:g}" if method == "penalty" else f"clipping, c = {clip:g}"
    title = (
        f"gap {found.gap:.2g}, exact W1 {distance:.2f}\nsteepest slope {found.steepest:.2g}, "
        f"share of W1 {100 * found.share:.0f} %"
    )
    return critics_picture({name: critic}, real, fake, title)

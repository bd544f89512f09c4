"""Critics trained on fixed data: clipped against penalised, as surfaces, with what they capture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer

from gan_helpers import data, evaluation
from gan_helpers.gan import GAN
from gan_helpers.networks import MLPDiscriminator
from gan_helpers.objectives import WGAN, WGAN_GP, Objective
from gan_helpers.plotting import FAKE, REAL, Picture, panels
from gan_helpers.plotting.picture import INK
from gan_helpers.random import OwnRandom
from gan_helpers.regularisers import gradient_penalty, squared_gradient_norm
from gan_helpers.runtime import budget
from gan_helpers.training import discriminator_step

REACH = 3.0  # the plane is drawn, and slopes are searched, from -REACH to REACH
SOURCES: dict[str, Callable[[], data.Distribution]] = {
    "ring": data.ring,
    "swiss roll": data.swiss_roll,
    "grid": lambda: data.grid(3),
}
METHODS = ("penalty", "clipping")


class _PassedOn(Module):
    """Hands latent points on; its one weight is never used, but players have weights."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = torch.nn.Parameter(torch.zeros(()))

    def forward(self, z: Tensor) -> Tensor:
        return z


def fixed_generator(
    fake: Tensor, critic: Module, objective: Objective, optimizer: Optimizer
) -> GAN:
    """Return a GAN whose generator draws rows of a fixed set of samples, so the critic plays alone.

    Args:
        fake: what is drawn from, shape (m, d).
        critic: maps (N, d) to raw scores (N,).
        objective: what the critic minimises.
        optimizer: holds the critic's weights.
    """

    def rows(n: int, _: int, **where: object) -> Tensor:
        return fake[torch.randint(len(fake), (n,))]  # (n, d)

    generator = _PassedOn().to(fake.device)
    idle = torch.optim.SGD(generator.parameters(), lr=1.0)
    return GAN(generator, critic, objective, idle, optimizer, fake.shape[1], rows)


def fit_critic(
    critic: Module,
    real: Tensor,
    fake: Tensor,
    objective: Objective,
    optimizer: Optimizer,
    steps: int,
    batch: int = 256,
) -> Module:
    """Train a critic between two fixed sets of samples, with no generator.

    Args:
        critic: maps (N, d) to raw scores (N,); changed in place.
        real: shape (n, d).
        fake: shape (m, d).
        objective: its discriminator loss, penalty and clip are used.
        optimizer: holds the critic's weights.
        steps: updates, >= 0.
        batch: samples of each kind in an update, >= 1.

    Returns:
        The critic.

    Source: arXiv:1704.00028, Algorithm 1, lines 2 to 9.
    """
    gan = fixed_generator(fake, critic, objective, optimizer)
    for _ in range(steps):
        discriminator_step(gan, real[torch.randint(len(real), (batch,))])
    return critic


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
    points = torch.cat([lattice(), real, fake])
    steepest = float(squared_gradient_norm(critic, points).detach().max().sqrt())
    with torch.no_grad():
        gap = float(critic(real).mean() - critic(fake).mean())
    return CriticQuality(gap, steepest, gap / (steepest * distance) if steepest > 0 else 0.0)


def critics_picture(
    critics: Mapping[str, Module], real: Tensor, fake: Tensor, title: str, alt: str
) -> Picture:
    """Draw the level curves of critics over the same samples, each on its own scale of scores.

    Args:
        critics: name -> critic of (N, 2); at most 4.
        real: shape (n, 2).
        fake: shape (m, 2).
        title: the finding.
        alt: description for readers who cannot see it.

    Returns:
        One panel a critic: 15 level curves between its lowest and its highest score.
    """
    width = max(4.6, 3.1 * len(critics) + 0.2)
    picture, axes = panels(title, alt, columns=len(critics), size=(width, 3.9), sharey=True)
    axis, points = np.linspace(-REACH, REACH, 121), lattice()
    for ax, (name, critic) in zip(axes, critics.items(), strict=True):
        with torch.no_grad():
            score = critic(points).reshape(121, 121).double().numpy()
        levels = np.linspace(score.min(), score.max() + 1e-12, 17)
        ax.contourf(axis, axis, score, levels=levels, cmap="RdBu", alpha=0.65)
        ax.contour(axis, axis, score, levels=levels, colors=[INK], linewidths=0.5)
        ax.plot(*fake[:300].numpy().T, **FAKE.points(3, alpha=0.6))
        ax.plot(*real[:300].numpy().T, **REAL.points(3.5))
        ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
        ax.set_xlabel("first coordinate")
        ax.set_title(f"{name}\nscores {score.min():.2g} to {score.max():.2g}", fontsize=9)
        ax.grid(False)
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
        (n, 2) real, (n, 2) generated, W1.

    Raises:
        KeyError: a name that is not among the keys.

    Source: arXiv:1704.00028, section 3.2: the generator held fixed at the data plus noise.
    """
    own = torch.Generator().manual_seed(0)
    source_ = SOURCES[source]()
    real, fake = (source_.sample(n, generator=own) for _ in range(2))
    fake = fake + noise * torch.randn(n, 2, generator=own)
    return real, fake, evaluation.wasserstein_distance(real, fake)


def play_critic(
    method: str = "penalty", weight: float = 10.0, clip: float = 0.1, source: str = "ring"
) -> Picture:
    """Train a small critic within a second and draw it.

    Args:
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
    strength = weight if method == "penalty" else clip
    critic = _small_critic(method, strength, source, budget()(full=250, smoke=3))
    found = measure_critic(critic, real, fake, distance)
    name = f"{method}, {'lambda' if method == 'penalty' else 'c'} = {strength:g}"
    title = (
        f"gap {found.gap:.2g}, exact W1 {distance:.2f}\nsteepest slope {found.steepest:.2g}, "
        f"share of W1 {100 * found.share:.0f} %"
    )
    alt = f"A critic with {name} on the {source}: {title}.".replace("\n", "; ")
    return critics_picture({name: critic}, real, fake, title, alt)


@lru_cache(maxsize=64)
def _small_critic(method: str, strength: float, source: str, steps: int) -> Module:
    real, fake, _ = fixed_samples(source)
    objective = replace(WGAN, clip=strength)
    if method == "penalty":
        objective = replace(WGAN_GP, penalty=partial(gradient_penalty, weight=strength))
    with OwnRandom(0):  # whoever plays leaves the notebook's numbers alone
        critic = MLPDiscriminator((2,), widths=(48, 48))
        optimizer = torch.optim.Adam(critic.parameters(), lr=5e-3, betas=(0.5, 0.9))
        return fit_critic(critic, real, fake, objective, optimizer, steps, batch=128)

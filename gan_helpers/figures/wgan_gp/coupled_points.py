"""The best critic between a few points, exactly, and where its gradient norm is forced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_helpers.figures._shared import Array
from gan_helpers.plotting import FAKE, REAL, REFERENCE, Picture, panels
from gan_helpers.plotting.picture import INK

REACH = 3.0  # the plane is drawn from -REACH to REACH


@dataclass(frozen=True)
class PointCritic:
    """A 1-Lipschitz function that solves the Kantorovich dual of two small sets of points.

    Between the points it is the mean of the largest and the smallest 1-Lipschitz function that
    solve the dual with the given scores: min_j (g_j + |x - y_j|) and max_i (f_i - |x - x_i|).

    Args:
        real: points x_i, shape (n, 2).
        fake: points y_j, shape (n, 2).
        partner: the optimal plan moves fake ``partner[i]`` onto real i, shape (n,).
        real_scores: f at the real points, shape (n,).
        fake_scores: f at the generated points, shape (n,).

    Source: arXiv:1704.00028, Proposition 1; the two extensions are McShane's and Whitney's.
    """

    real: Array
    fake: Array
    partner: NDArray[np.int64]
    real_scores: Array
    fake_scores: Array

    @property
    def distance(self) -> float:
        """Return W1, the mean length of the coupled lines."""
        return float(np.hypot(*(self.real - self.fake[self.partner]).T).mean())

    def __call__(self, points: ArrayLike) -> Array:
        """Return the score (n,) at points (n, 2)."""
        x = np.asarray(points, dtype=np.float64)[:, None]  # (n, 1, 2)
        to_fake = np.linalg.norm(x - self.fake, axis=2)  # (n, fakes)
        to_real = np.linalg.norm(x - self.real, axis=2)  # (n, reals)
        largest = (self.fake_scores + to_fake).min(1)
        smallest = (self.real_scores - to_real).max(1)
        return np.asarray((largest + smallest) / 2)

    def gradient_norm(self, points: ArrayLike, h: float = 1e-5) -> Array:
        """Return |grad f| at points (n, 2) by central differences of width 2 h, shape (n,)."""
        x = np.asarray(points, dtype=np.float64)
        across, up = np.array([h, 0.0]), np.array([0.0, h])
        rise = np.stack([self(x + step) - self(x - step) for step in (across, up)])
        return np.asarray(np.hypot(*rise) / (2 * h))


def point_critic(real: ArrayLike, fake: ArrayLike) -> PointCritic:
    """Find the optimal plan and the best critic between two sets of points.

    max_f 1/n sum_i f(x_i) - 1/n sum_j f(y_j)  with  f(x_i) - f(y_j) <= |x_i - y_j|

    Args:
        real: shape (n, 2), n at most a few dozen: the programme has n^2 conditions.
        fake: shape (n, 2).

    Returns:
        The critic, a function of points.

    Raises:
        ValueError: the sets are not both of shape (n, 2).

    Source: arXiv:1701.07875, Eq. 2; the discrete dual as in arXiv:1803.00567, section 2.5.
    """
    from scipy.optimize import linear_sum_assignment, linprog
    from scipy.spatial.distance import cdist

    x, y = np.asarray(real, dtype=np.float64), np.asarray(fake, dtype=np.float64)
    if x.ndim != 2 or x.shape != y.shape or x.shape[1] != 2:
        raise ValueError(f"real is {x.shape} and fake {y.shape}; give both the same shape (n, 2)")
    n, cost = len(x), cdist(x, y)
    partner = linear_sum_assignment(cost)[1]
    conditions = np.hstack([np.repeat(np.eye(n), n, 0), -np.tile(np.eye(n), (n, 1))])  # (n n, 2 n)
    gain = np.concatenate([np.ones(n), -np.ones(n)])
    found = linprog(-gain, A_ub=conditions, b_ub=cost.ravel(), bounds=(None, None))
    return PointCritic(x, y, partner, found.x[:n], found.x[n:])


def coupling_picture(critic: PointCritic, coupled: Array, other: Array, title: str) -> Picture:
    """Draw the best critic with its coupled lines, and its gradient norms on these and others.

    Args:
        critic: from `point_critic`.
        coupled: gradient norms at points on the coupled lines, any shape.
        other: gradient norms at points on lines between other pairs, any shape.
        title: the finding.

    Returns:
        Two panels: level curves of the score, and both histograms of norms.
    """
    alt = (
        f"{title}. Left: level curves of the best critic between {len(critic.real)} real and as "
        "many generated points, with lines from each generated point to its partner, across the "
        f"level curves. Right: all gradient norms on these lines are {np.min(coupled):.2f} to "
        f"{np.max(coupled):.2f}; on lines between other pairs they go down to {np.min(other):.2f}."
    )
    picture, (left, right) = panels(title, alt, columns=2, size=(8.4, 3.9), width_ratios=[1.15, 1])
    axis = np.linspace(-REACH, REACH, 121)
    plane = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    score = critic(plane).reshape(121, 121)
    shades = left.contourf(axis, axis, score, levels=24, cmap="RdBu", alpha=0.6)
    left.contour(axis, axis, score, levels=24, colors=[INK], linewidths=0.3)
    for x, y in zip(critic.real, critic.fake[critic.partner], strict=True):
        left.plot(*np.stack([x, y]).T, color=INK, linewidth=1.6)
    left.plot(*critic.real.T, label="real", **REAL.points(7))
    left.plot(*critic.fake.T, label="generated", **FAKE.points(8, markeredgewidth=2))
    left.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
    left.set(xlabel="first coordinate", ylabel="second coordinate")
    left.legend(fontsize=8.5, loc="lower left", framealpha=0.9)
    picture.colorbar(shades, ax=left, shrink=0.85).set_label("score of the best critic", fontsize=9)
    bins = np.linspace(0, 1.05, 43)
    for name, norms, style in (("other pairs", other, FAKE), ("coupled pairs", coupled, REAL)):
        share = np.full(np.size(norms), 1 / np.size(norms))
        right.hist(
            np.ravel(norms), bins=bins, weights=share, label=name, color=style.colour, alpha=0.7,
            hatch="//" if style is FAKE else None,
        )  # fmt: skip
    right.axvline(1, **REFERENCE.curve(1.2))
    right.set(xlabel="gradient norm of the best critic", ylabel="share of the points", yscale="log")
    right.legend(fontsize=8.5, loc="upper left")
    return picture

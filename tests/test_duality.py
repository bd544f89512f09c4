"""Optimal transport and its dual, against each other and against the closed form on the line."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gan_helpers import theory
from gan_helpers.theory import duality

LINE = np.array([0.0, 0.5, 2.0, 3.0, 7.0])
PLANE = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0], [2.0, -1.0]])


def _pair(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(n)), rng.dirichlet(np.ones(n))


def test_distances() -> None:
    assert duality.distances([1.0, 4.0]).tolist() == [[0, 3], [3, 0]]
    assert duality.distances(PLANE)[0, 1] == 5


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("points", [LINE, PLANE], ids=["line", "plane"])
def test_primal_equals_dual_and_the_critic_reaches_it(
    points: NDArray[np.float64], seed: int
) -> None:
    p, q = _pair(len(points), seed)
    cost = duality.distances(points)
    primal, dual = duality.transport_plan(p, q, cost), duality.dual_potentials(p, q, cost)
    f = duality.best_critic(p, q, cost)
    assert dual.value == pytest.approx(primal.cost)
    assert p @ f - q @ f == pytest.approx(primal.cost)
    assert duality.lipschitz_constant(f, cost) <= 1 + 1e-9
    assert (dual.f[:, None] + dual.g <= cost + 1e-9).all()
    assert f[0] == dual.f[0] == 0
    if points is LINE:
        assert primal.cost == pytest.approx(theory.wasserstein_1(p, q, LINE))


def test_plan_moves_p_onto_q_and_pays_its_cost() -> None:
    p, q = _pair(4, 7)
    cost = np.random.default_rng(0).uniform(size=(4, 4))  # not a distance, not symmetric
    plan = duality.transport_plan(p, q, cost)
    assert plan.plan.sum(1) == pytest.approx(p)
    assert plan.plan.sum(0) == pytest.approx(q)
    assert plan.plan.min() >= 0
    assert plan.cost == pytest.approx((plan.plan * cost).sum())
    assert plan.cost == pytest.approx(duality.dual_potentials(p, q, cost).value)


def test_the_sign_of_the_critic() -> None:
    cost = duality.distances([0.0, 2.0])
    assert duality.best_critic([1, 0], [0, 1], cost).tolist() == [0, -2]  # high on the real side


def test_c_transform_is_lipschitz_and_dominates() -> None:
    cost = duality.distances(PLANE)
    f = np.array([0.3, -1.0, 0.2, 0.5])
    g = (cost - f[:, None]).min(0)  # the largest g that fits f
    h = duality.c_transform(cost, g)
    assert (h >= f - 1e-12).all()
    assert duality.lipschitz_constant(h, cost) <= 1 + 1e-12
    one_sided = np.array([[0.0, 9.0], [1.0, 0.0]])
    assert duality.c_transform(one_sided, [0.0, -5.0]).tolist() == [0.0, 1.0]


def test_lipschitz_constant_is_the_steepest_slope() -> None:
    assert duality.lipschitz_constant([0, 1, 1], duality.distances([0.0, 0.5, 4.0])) == 2


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: duality.distances(np.zeros((2, 2, 2))), "must be"),
        (lambda: duality.transport_plan([0.5, 0.5], [1, 0], np.eye(3)), "one price for every"),
        (lambda: duality.transport_plan([0.5, 0.6], [1, 0], np.eye(2)), "mass"),
        (lambda: duality.dual_potentials([0.5, 0.5], [1, 0], [[0, np.nan], [1, 0]]), "NaN"),
        (lambda: duality.c_transform(np.eye(2), [1, 2, 3]), "shape"),
        (lambda: duality.lipschitz_constant([1.0], [[0.0]]), "n >= 2"),
        (lambda: duality.lipschitz_constant([1, 2], np.zeros((2, 2))), "distance 0"),
    ],
)
def test_errors_say_what_to_do(call: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()  # type: ignore[operator]

"""Straight and spherical paths between latent points."""

import pytest
import torch

from gan_helpers.networks.paths import spherical_path, straight_path

T = torch.linspace(0, 1, 11, dtype=torch.float64)


def two_points(d=100):
    own = torch.Generator().manual_seed(0)
    return torch.randn(2, d, generator=own, dtype=torch.float64)


@pytest.mark.parametrize("path", [straight_path, spherical_path])
def test_a_path_starts_and_ends_where_it_should(path):
    a, b = two_points()
    points = path(a, b, T)
    torch.testing.assert_close(points[0], a)
    torch.testing.assert_close(points[-1], b)


def test_the_arc_keeps_the_norm_and_turns_evenly():
    a, b = two_points(3)
    a, b = a / a.norm(), b / b.norm()
    points = spherical_path(a, b, T)
    torch.testing.assert_close(points.norm(dim=1), torch.ones(11, dtype=torch.float64))
    steps = (points[1:] * points[:-1]).sum(1)  # cosine of each small turn
    torch.testing.assert_close(steps, steps[0].expand(10))


def test_a_quarter_circle_by_hand():
    a, b = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    half = torch.tensor([0.5])
    torch.testing.assert_close(spherical_path(a, b, half), torch.full((1, 2), 0.5**0.5))
    torch.testing.assert_close(straight_path(a, b, half), torch.full((1, 2), 0.5))


def test_the_line_loses_norm_in_the_middle():
    a, b = two_points(10_000)
    middle = straight_path(a, b, T)[5].norm() / a.norm()
    assert middle.item() == pytest.approx(0.5**0.5, abs=0.02)


def test_equal_points_give_that_point():
    a, _ = two_points()
    torch.testing.assert_close(spherical_path(a, a, T), a.expand(11, -1))


def test_between_opposite_points_the_way_is_straight():
    a, _ = two_points()
    torch.testing.assert_close(spherical_path(a, -a, T), straight_path(a, -a, T))


def test_wrong_shapes_are_named():
    a, b = two_points()
    with pytest.raises(ValueError, match=r"\(1, 100\).*pass z\[0\] and z\[1\]"):
        spherical_path(a[None], b[None], T)

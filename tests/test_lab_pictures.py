"""The layers of the laboratory's picture against closed forms, and the picture itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers import (
    LEAST_SQUARES,
    MINIMAX,
    NON_SATURATING,
    OBJECTIVES,
    WGAN,
    WGAN_GP,
)
from gan_helpers.lab import LabSettings, Session
from gan_helpers.lab.front import GanLab
from gan_helpers.lab.front.lab_picture import TALL, WIDE, LabPicture
from gan_helpers.lab.front.layer_data import (
    EDGE,
    latent_lattice,
    manifold,
    output,
    pushes,
    surface,
)
from gan_helpers.lab.front.plane_layers import LAYERS, PUSHED, _padded
from gan_helpers.lab.front.sample_charts import LAB_CHARTS, MeasureColumns, lab_chart

LIMITS = (-2.0, 2.0, -1.0, 3.0)
SMALL = LabSettings(width=8, batch_size=8, hidden_layers=1)
Z = torch.tensor([0.5, -0.5])  # a chosen latent point


class Linear(nn.Module):
    """Scores w . x + b: every gradient is known."""

    def __init__(self, w, b=0.0):
        super().__init__()
        self.w, self.b = nn.Parameter(torch.tensor(w)), b

    def forward(self, x):
        return x @ self.w + self.b


class Affine(nn.Module):
    """Generates A z: the manifold's density is known."""

    def __init__(self, a):
        super().__init__()
        self.a = nn.Parameter(torch.tensor(a))

    def forward(self, z):
        return z @ self.a.T


# The surface


def look(objective, discriminator):
    real, fake = np.array([[0.0, 1.0]]), np.array([[0.0, -3.0]])
    return surface(discriminator, objective, LIMITS, 5, real.astype("f"), fake.astype("f"))


def test_surface_has_its_rows_from_the_bottom_and_its_columns_from_the_left():
    values, *_ = look(WGAN, Linear([10.0, 1.0]))
    assert values[0].tolist() == pytest.approx([-21, -11, -1, 9, 19])  # y = -1
    assert values[:, 2].tolist() == pytest.approx([-1, 0, 1, 2, 3])  # x = 0


def test_surface_is_a_probability_only_where_the_objective_has_one():
    values, *scale = look(NON_SATURATING, Linear([0.0, 1.0]))
    assert scale == [0.5, 0.0, 1.0, "D(x)"]
    assert values[4, 0] == pytest.approx(1 / (1 + math.exp(-3)))
    _, level, *_, label = look(LEAST_SQUARES, Linear([0.0, 1.0]))
    assert (label, level) == ("raw score", 0.5)
    values, level, low, high, _ = look(WGAN_GP, Linear([0.0, 1.0], b=7.0))
    assert level == pytest.approx(7 - 1)  # midway between scores 8 and 4
    assert high - level == pytest.approx(level - low)
    assert low <= values.min() <= values.max() <= high


# The manifold


def test_cells_of_the_latent_lattice_hold_the_same_probability():
    z = latent_lattice("normal", 2, 9)
    shares = torch.special.ndtr(z[0, :, 0]).diff()
    assert torch.allclose(shares, shares[0].expand(8), atol=1e-6)
    assert torch.equal(z[:, 3, 1], z[3, :, 0])
    uniform = latent_lattice("uniform", 2, 5)[0, :, 0]
    assert uniform.tolist() == pytest.approx([EDGE, 0.2525, 0.5, 0.7475, 1 - EDGE])


def test_lattice_of_more_dimensions_is_a_slice_at_the_median():
    z = latent_lattice("uniform", 4, 3)
    assert z.shape == (3, 3, 4)
    assert z[..., 2:].flatten().tolist() == pytest.approx([0.5] * 18)
    assert latent_lattice("normal", 1, 7).shape == (1, 7, 1)


def test_density_of_a_linear_manifold_is_the_normal_density_over_the_determinant():
    a = [[2.0, 0.5], [0.0, -0.25]]  # turned over: areas count without a sign
    z = latent_lattice("normal", 2, 201)
    sheet = manifold(Affine(a), z)
    assert np.allclose(sheet.points[3, 5], np.array(a) @ z[3, 5].numpy(), atol=1e-5)
    middle = (z[:-1, :-1] + z[1:, 1:]) / 2
    normal = torch.exp(-middle.square().sum(-1) / 2) / (2 * math.pi)
    inner = slice(50, 150)
    expected = (normal / (2.0 * 0.25)).numpy()[inner, inner]
    assert np.allclose(sheet.density[inner, inner], expected, rtol=2e-3)


def test_a_line_of_latents_has_no_cells():
    sheet = manifold(Affine([[1.0], [2.0]]), latent_lattice("normal", 1, 7))
    assert sheet.points.shape == (1, 7, 2)
    assert sheet.density.shape == (0, 6)


# The pushes


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


@pytest.mark.parametrize(
    ("objective", "factor"),
    [
        (MINIMAX, sigmoid),  # dies where D is right about a fake
        (NON_SATURATING, lambda s: 1 - sigmoid(s)),
        (LEAST_SQUARES, lambda s: 1 - s),
        (WGAN, np.ones_like),
        (WGAN_GP, np.ones_like),
    ],
)
def test_pushes_are_minus_the_gradient_of_the_chosen_loss_for_each_sample(objective, factor):
    w = np.array([1.5, -0.5], dtype="f")
    z = torch.tensor([[0.0, 1.0], [-4.0, 2.0], [3.0, 0.5]])
    found = pushes(Affine([[1.0, 0.0], [0.0, 2.0]]), Linear(w.tolist(), 0.25), objective, z)
    samples = z.numpy() * [1, 2]
    assert np.allclose(found.origins, samples)
    expected = factor(samples @ w + 0.25)[:, None] * w
    assert np.allclose(found.arrows, expected, atol=1e-6)
    assert np.allclose(found.lengths, np.linalg.norm(expected, axis=1), atol=1e-6)


def test_one_latent_point_becomes_one_point():
    assert output(Affine([[0.0, 1.0], [3.0, 0.0]]), torch.tensor([2.0, 5.0])).tolist() == [5, 6]


# The picture


@pytest.fixture(scope="module")
def session():
    made = Session(SMALL)
    for _ in range(5):
        made.step()
        made.measure()
    return made


def drawn(session, layers, layout=WIDE, charts=("losses", "modes"), **more):
    picture = LabPicture(session, layers, charts, layout)
    return picture.pixels(session, session.snapshot(), Z, **more).copy()


def plane(pixels, layout=WIDE):
    left, bottom, width, height = layout.plane
    top = layout.size[1] - bottom - height
    return pixels[top + 2 : top + height - 2, left + 2 : left + width - 2]


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_shows_in_the_plane_and_only_when_it_is_on(session, layer):
    picture = LabPicture(session, (layer,), ("losses",))
    snapshot, chosen = session.snapshot(), torch.tensor([0.5, -0.5])
    shown = picture.pixels(session, snapshot, chosen).copy()
    assert np.array_equal(picture.pixels(session, snapshot, chosen), shown)  # nothing is left over
    picture.plane_layers.layers = ()
    assert (plane(picture.pixels(session, snapshot, chosen)) != plane(shown)).any()


def test_charts_show_beside_the_plane_and_follow_the_run(session):
    shown = drawn(session, ("real",))
    other = drawn(session, ("real",), charts=("gradients", "W1"))
    assert np.array_equal(plane(shown), plane(other))
    assert (shown != other).any()
    tall = drawn(session, ("real",), TALL, ("scores",))
    assert tall.shape == (TALL.size[1], TALL.size[0], 3)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda each: each.name)
@pytest.mark.parametrize("layout", [WIDE, TALL], ids=["wide", "tall"])
def test_no_word_is_cut_at_the_edge(objective, layout):
    run = Session(LabSettings.recipe(objective, width=8, batch_size=8, hidden_layers=1))
    run.step()
    run.measure()
    for name in LAB_CHARTS:
        picture = LabPicture(run, ("surface",), (name,) * len(layout.charts), layout)
        picture.pixels(run, run.snapshot(), Z)
        for ax in picture.picture.axes:
            for word in filter(lambda each: each.get_text(), ax.texts):
                ends = word.get_window_extent()
                assert 0 <= ends.x0 < ends.x1 <= layout.size[0], (name, word.get_text())


def test_after_a_rewind_to_the_start_the_curves_are_gone():
    run = Session(SMALL)
    picture = LabPicture(run, (), ("losses", "scores"))
    chosen = torch.zeros(2)
    before = picture.pixels(run, run.snapshot(), chosen).copy()
    run.step()
    run.step()
    assert (picture.pixels(run, run.snapshot(), chosen) != before).any()
    limits = [artists.limits for artists in picture.charts]
    run.rewind(0)
    picture.pixels(run, run.snapshot(), chosen)
    assert [artists.limits for artists in picture.charts] == limits
    for artists in picture.charts:
        assert all(len(line.get_xdata()) == 0 for line in (*artists.raw, *artists.mean))


def test_the_arrows_scale_is_the_longest_push_of_the_run(session):
    picture = LabPicture(session, ("pushes",), ("losses",))
    chosen = torch.zeros(2)
    snapshot = session.snapshot()
    picture.pixels(session, snapshot, chosen)
    strongest = picture.plane_layers.strongest
    assert strongest > 0
    for weight in snapshot.discriminator.parameters():
        weight.mul_(0.5)  # a flatter discriminator pushes less
    picture.pixels(session, snapshot, chosen)
    assert picture.plane_layers.strongest == strongest
    width = picture.plane_layers.limits[1] - picture.plane_layers.limits[0]
    shown = np.nanmax(np.hypot(picture.plane_layers.arrows.U, picture.plane_layers.arrows.V))
    assert shown < 0.9 * 0.14 * width


def test_a_part_in_slow_motion_shows_its_batch():
    run = Session(SMALL)
    part = run.next_part()
    while "push" not in part.points:
        part = run.next_part()
    plain, shown = drawn(run, ()), drawn(run, (), part=part)
    assert (plane(plain) != plane(shown)).any()


def test_fewer_arrows_than_places_leave_no_mark():
    rows = _padded(np.ones((3, 2)))
    assert rows.shape == (PUSHED, 2)
    assert np.isnan(rows[3:]).all()
    assert _padded(np.ones((PUSHED + 5, 2))).shape == (PUSHED, 2)


@pytest.mark.parametrize("latent_dim", [1, 3])
@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_every_latent_distribution_and_width_has_its_picture(latent_dim, distribution):
    run = Session(SMALL.changed(latent_dim=latent_dim, latent_distribution=distribution))
    picture = LabPicture(run, tuple(LAYERS), ("losses", "modes"))
    picture.pixels(run, run.snapshot(), torch.zeros(latent_dim))
    assert "manifold" in picture.describe(run.snapshot())


def test_drawing_changes_nothing_about_the_run():
    looked, alone = Session(SMALL), Session(SMALL)
    before = torch.get_rng_state()
    picture = LabPicture(looked, tuple(LAYERS), ("losses", "modes"))
    for _ in range(4):
        looked.step()
        looked.measure()
        picture.pixels(looked, looked.snapshot(), torch.zeros(2))
        alone.step()
    assert torch.equal(torch.get_rng_state(), before)
    for name in ("discriminator_loss", "generator_loss", "generator_grad_norm"):
        assert np.array_equal(looked.history.column(name), alone.history.column(name))


# The charts


def test_measures_become_columns_and_rows_that_are_not_finite_are_left_out(session):
    good = session.measured[-1]
    bad = good._replace(w1=math.nan)
    table = MeasureColumns([good, bad, good._replace(captured=None, total=None)])
    assert len(table) == 2
    assert table.column("captured")[0] == good.captured / good.total
    assert math.isnan(table.column("captured")[1])
    assert len(MeasureColumns([])) == 0


@pytest.mark.parametrize("name", LAB_CHARTS)
def test_every_chart_has_a_label_and_its_references(session, name):
    chart = lab_chart(name, NON_SATURATING, session.measured[-1])
    assert chart.ylabel
    assert len(chart.curves) == 2
    levels = {"losses": [2 * math.log(2), math.log(2)], "modes": [0.988891]}
    assert [level for level, _ in chart.references] == pytest.approx(
        levels.get(name, [0.5] if name == "scores" else [])
    )


def test_data_without_modes_say_so_and_an_unknown_chart_is_an_error(session):
    none = session.measured[-1]._replace(total=None, captured=None)
    assert "no modes" in lab_chart("modes", NON_SATURATING, none).ylabel
    with pytest.raises(ValueError, match="'speed'; choose from losses"):
        lab_chart("speed", NON_SATURATING, None)


# Other layers: the plane is redrawn alone, and the picture is what a new one would be


@pytest.mark.parametrize(
    ("layout", "title", "charts", "budget"),
    [
        (WIDE, "", ("losses", "modes"), "full"),
        (WIDE, "", ("gradients", "W1"), "smoke"),  # which writes across the whole picture
        (TALL, "n_critic: 5", ("W1",), "smoke"),
    ],
)
def test_a_picture_with_other_layers_is_what_a_new_one_is(
    session, monkeypatch, layout, title, charts, budget
):
    monkeypatch.setenv("GAN_HELPERS_BUDGET", budget)
    snapshot = session.snapshot()

    def drawn(picture):
        return picture.pixels(session, snapshot, Z).copy()

    picture = LabPicture(session, (), charts, layout, title)
    drawn(picture)
    for layers in (tuple(LAYERS), ("surface",), ("real", "chosen")):
        picture.show(layers)
        fresh = drawn(LabPicture(session, layers, charts, layout, title))
        assert np.array_equal(drawn(picture), fresh)
        assert np.array_equal(drawn(picture), fresh)  # and so is the next frame


def test_choosing_layers_draws_no_chart_again(session, monkeypatch):
    picture = LabPicture(session, ("real",), ("losses", "modes"))
    picture.pixels(session, session.snapshot(), Z)
    drawn = []
    for axes in (picture.plane, *(artists.ax for artists in picture.charts)):
        monkeypatch.setattr(axes.yaxis, "draw", lambda *_, axes=axes: drawn.append(axes))
    picture.show(("generated",))
    picture.pixels(session, session.snapshot(), Z)
    assert drawn == [picture.plane]
    picture.pixels(session, session.snapshot(), Z)
    assert drawn == [picture.plane]


def test_the_laboratory_keeps_its_picture_until_charts_or_runs_are_others():
    lab = GanLab(SMALL, layers=("real",))
    view = lab.view
    (first,) = view.pictures
    view.options.layers["chosen"].value = True
    assert view.pictures == [first]
    assert set(first.layers) == {"real", "chosen"}
    view.options.charts[0].value = "gradients"
    (second,) = view.pictures
    assert second is not first
    assert second.names[0] == "gradients"
    lab.reset()
    assert view.pictures[0] is not second

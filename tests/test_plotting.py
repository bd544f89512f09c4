"""Pictures show themselves, charts mean what the objective says, and looking changes nothing."""

from __future__ import annotations

import base64
import io
import math
from typing import NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image

from gan_helpers import (
    GAN,
    LEAST_SQUARES,
    MINIMAX,
    NON_SATURATING,
    OBJECTIVES,
    PROBABILITY,
    WGAN,
    WGAN_GP,
    data,
    networks,
    plotting,
    train,
)
from gan_helpers.plotting import points
from gan_helpers.plotting.tiles import fit, own_generator, to_bytes
from gan_helpers.record import History


def small_gan(objective, dim=2):
    torch.manual_seed(0)
    generator = networks.MLPGenerator(2, (dim,), (8,))
    discriminator = networks.MLPDiscriminator((dim,), (8,))
    players = (generator, discriminator)
    steps = [torch.optim.Adam(player.parameters(), 1e-3) for player in players]
    return GAN(*players, objective, *steps, latent_dim=2)


def short_run(objective, steps=4):
    history = History()
    gan = small_gan(objective)
    list(history.record(train(gan, data.batches(data.ring(), 8), steps)))
    return gan, history


def decoded(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_picture_shows_itself_once_with_its_description():
    picture, ax = plotting.figure("A finding", "Two lines that cross.")
    ax.plot([0, 1], [0, 1])
    bundle, metadata = picture._repr_mimebundle_()
    assert set(bundle) == {"image/png", "text/plain"}
    assert bundle["text/plain"] == "Picture: Two lines that cross."
    assert metadata["image/png"]["alt"] == "Two lines that cross."
    assert base64.b64decode(bundle["image/png"]) == picture._repr_png_()


@pytest.mark.parametrize(("size", "across"), [((6, 3), 1000), ((8, 3), 1000), ((5, 5), 900)])
def test_a_picture_is_as_wide_as_a_class_needs_and_knows_its_smallest_text(size, across):
    picture, ax = plotting.figure("A finding", size=size)
    ax.text(0.5, 0.5, "small", fontsize=6)
    ax.text(0.5, 0.7, "")
    _, metadata = picture._repr_mimebundle_()
    assert decoded(picture.png()).shape[1] == across
    points = 6 / 72 * (across / size[0]) * 72 / 96  # inches of design, pixels, CSS points
    assert metadata["image/png"]["smallest_text"] == pytest.approx(points, abs=0.06)


def test_a_picture_without_a_description_is_described_by_what_it_says():
    picture, (left, right) = plotting.panels("Two\nhalves.", columns=2)
    left.plot([0, 1], label="up")
    left.plot([1, 0], label="down")
    left.legend()
    left.set(title="Lines", xlabel="x", ylabel="y")
    right.set(xlabel="step")
    assert repr(picture) == "Picture: Two halves. Lines: y against x: up, down. step."
    picture.alt = "Told."
    assert repr(picture) == "Picture: Told."


def test_ipython_shows_a_picture_as_one_png():
    from IPython.core.formatters import DisplayFormatter

    picture, _ = plotting.figure("", "nothing yet")
    bundle, metadata = DisplayFormatter().format(picture)
    assert set(bundle) == {"image/png", "text/plain"}
    assert metadata["image/png"]["alt"] == "nothing yet"


def test_only_a_smoke_run_is_marked_as_meaningless(monkeypatch):
    drawn = {}
    for name in ("full", "smoke"):
        monkeypatch.setenv("GAN_HELPERS_BUDGET", name)
        picture, _ = plotting.figure("", "empty axes")
        drawn[name] = [text.get_text() for text in picture.texts]
    assert drawn == {"full": [], "smoke": ["smoke run: these figures mean nothing"]}


def test_roles_differ_in_colour_marker_and_line():
    for pair in (
        (plotting.REAL, plotting.FAKE),
        (plotting.DISCRIMINATOR, plotting.GENERATOR),
    ):
        for part in ("colour", "marker", "line"):
            assert getattr(pair[0], part) != getattr(pair[1], part)
    assert len({(style.colour, style.marker) for style in plotting.SERIES}) == len(plotting.SERIES)


@pytest.mark.parametrize(
    ("objective", "levels"),
    [
        (MINIMAX, [2 * math.log(2), -math.log(2)]),
        (NON_SATURATING, [2 * math.log(2), math.log(2)]),
        (LEAST_SQUARES, [1 / 4, 1 / 8]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_reference_lines_are_the_losses_of_a_discriminator_that_cannot_tell(objective, levels):
    chart = plotting.chart("losses", objective)
    assert [value for value, _ in chart.references] == pytest.approx(levels)
    level = torch.full((5,), objective.score.boundary)  # where D cannot tell
    measured = objective.discriminator_loss(level, level), objective.generator_loss(level)
    assert [value.item() for value in measured] == pytest.approx(levels)


def test_wasserstein_losses_show_minus_the_critics_loss_alone():
    for objective in (WGAN, WGAN_GP):
        (curve,) = plotting.chart("losses", objective).curves
        assert curve.column == "discriminator_loss"
        assert curve.transform(np.array([-3.0])) == 3
    assert [c.column for c in plotting.chart("penalty", WGAN_GP).curves] == ["penalty"]
    with pytest.raises(ValueError, match="no penalty"):
        plotting.chart("penalty", WGAN)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: objective.name)
def test_a_score_is_shown_as_a_probability_only_where_it_is_one(objective):
    chart = plotting.chart("scores", objective)
    real = chart.curves[0].transform(np.array([-30.0, 0.0, 30.0]))
    if objective.score.limits is None:
        assert real == pytest.approx([-30, 0, 30])
        assert chart.ylabel == f"mean {objective.score.label}"
        assert objective.score is not PROBABILITY
    else:
        assert real == pytest.approx([0, 0.5, 1], abs=1e-9)
        assert chart.references == ((0.5, "1/2"),)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: objective.name)
def test_every_objective_has_a_picture_of_its_run(objective):
    gan, history = short_run(objective)
    before = torch.get_rng_state()
    names = ["losses", "scores", "gradients"] + ["penalty"] * (objective.penalty is not None)
    for name in names:
        picture = plotting.curves(history, plotting.chart(name, objective), "Four steps")
        assert "4 generator updates" in picture.alt
        assert len(picture.png()) > 5000
    real = data.ring().sample(20, generator=torch.Generator().manual_seed(0))
    plotting.surface(gan.discriminator, objective, real, real + 0.1, "Surface").png()
    assert torch.equal(torch.get_rng_state(), before)
    assert gan.discriminator.training


def test_an_empty_history_and_unknown_chart_are_named():
    with pytest.raises(ValueError, match="history is empty"):
        plotting.losses(History(), MINIMAX, "Nothing")
    with pytest.raises(ValueError, match="history is empty"):
        plotting.curves(History(), plotting.Chart.of("kl"), "Nothing")
    with pytest.raises(ValueError, match="a chart of 0 columns"):
        plotting.Chart.of()
    with pytest.raises(ValueError, match="no chart 'quality'"):
        plotting.chart("quality", MINIMAX)


def test_pictures_can_be_composed_in_given_axes():
    _, history = short_run(MINIMAX)
    picture, axes = plotting.panels("Both", "Losses and scores.", columns=2)
    assert plotting.losses(history, MINIMAX, "left", ax=axes[0]) is picture
    assert plotting.scores(history, MINIMAX, "right", ax=axes[1]) is picture
    assert [ax.get_title() for ax in axes] == ["left", "right"]
    from matplotlib.figure import Figure

    with pytest.raises(TypeError, match=r"plotting\.panels"):
        plotting.losses(history, MINIMAX, "elsewhere", ax=Figure().subplots())


def test_bytes_of_images_span_the_range():
    images = torch.tensor([-1.0, 0.0, 1.0, 7.0]).reshape(4, 1, 1, 1)
    assert to_bytes(images)[:, 0, 0, 0].tolist() == [0, 128, 255, 255]
    with pytest.raises(ValueError, match=r"\(4, 2, 1, 1\)"):
        to_bytes(torch.zeros(4, 2, 1, 1))


def test_stored_pictures_are_small_where_that_cannot_be_seen():
    from gan_helpers.plotting.tiles import encode_small

    picture, ax = plotting.figure("Lines", "lines")
    for style in plotting.SERIES:
        ax.plot(np.sin(np.arange(50) + len(ax.lines)), **style.curve())
    exact = np.asarray(picture._agg.buffer_rgba())[..., :3] if picture.png() else None
    small = decoded(encode_small(exact))
    plain = io.BytesIO()
    Image.fromarray(exact).save(plain, format="png", compress_level=9)
    assert len(encode_small(exact)) < 0.6 * len(plain.getvalue())
    assert np.abs(small.astype(int) - exact).mean() < 2
    assert (small[0, 0] == 255).all()  # paper stays white
    ramp = np.full((200, 256, 3), np.arange(256)[:, None], dtype=np.uint8)
    assert (decoded(encode_small(ramp)) == ramp).all()  # a heat map keeps every shade


def test_tiles_stand_where_they_belong():
    images = torch.linspace(-1, 1, 5).reshape(5, 1, 1, 1).expand(5, 3, 4, 6)
    sheet = plotting.tile(images, columns=3, gap=2)
    assert sheet.shape == (2 * 6 - 2, 3 * 8 - 2, 3)
    assert sheet[0, 0, 0] == 0
    assert sheet[6, 8, 0] == 255  # the fifth image: second row, second column
    assert (sheet[4:6] == 255).all()  # the gap
    assert fit(sheet, 44, 30).shape == (20, 44, 3)  # by the whole factor 2
    assert fit(sheet, 11, 11).shape == (5, 11, 3)


def test_pictures_of_images():
    images = torch.rand(6, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert "6 images" in plotting.grid(images, "Six").alt
    plotting.walk(images, np.linspace(0, 1, 6), "A walk").png()
    with pytest.raises(ValueError, match="t has length 2"):
        plotting.walk(images, [0, 1], "A walk")
    assert "0.50 to 3.00" in plotting.nearest(images, images, np.linspace(0.5, 3, 6), "Near").alt
    with pytest.raises(ValueError, match="distances"):
        plotting.nearest(images, images, [1.0], "Near")


def test_bars_name_what_is_missing():
    assert "2 of 3 classes have samples, none in two" in (
        plotting.classes([5, 0, 7], "Two is missing", names=["one", "two", "three"]).alt
    )
    assert "2 of 2 modes have samples." in plotting.modes([5, 7], "All").alt
    with pytest.raises(ValueError, match="numbers >= 0"):
        plotting.modes([-1, 2], "Negative")
    with pytest.raises(ValueError, match="2 names for 3"):
        plotting.classes([1, 2, 3], "Names", names=["a", "b"])


def test_histograms_have_the_area_of_the_share_within():
    edges = np.linspace(0, 1, 11)
    x = np.array([0.1, 0.5, 0.55, 3.0])
    assert (points.histogram(x, edges) * np.diff(edges)).sum() == pytest.approx(3 / 4)


def test_decision_levels():
    real, fake = np.array([3.0, 5.0]), np.array([0.0, 2.0])
    levels = [points.decision_level(objective, real, fake) for objective in OBJECTIVES]
    assert levels == pytest.approx([0, 0, 0.5, 2.5, 2.5, 0, 2.5])


def test_densities_need_the_objective_and_samples_on_a_line():
    gan = small_gan(MINIMAX, dim=1)
    x = np.linspace(-1, 1, 50)
    given = {"discriminator": gan.discriminator, "objective": MINIMAX}
    picture = plotting.densities(x, x[:, None], "Same", density=np.cos, **given)
    assert picture.axes[1].get_ylabel() == "D(x)"
    with pytest.raises(ValueError, match="objective is None"):
        plotting.densities(x, x, "Same", discriminator=gan.discriminator)
    with pytest.raises(ValueError, match="real has shape"):
        plotting.densities(np.zeros((5, 2)), x, "Plane")
    with pytest.raises(ValueError, match="fake has shape"):
        plotting.scatter(np.zeros((5, 2)), x, "Line")


def test_no_picture_goes_through_pyplot():
    import subprocess
    import sys

    code = "import sys, gan_helpers.widgets; print('matplotlib.pyplot' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_the_curves_of_a_loop_of_ones_own_count_its_steps_and_no_generators():
    class Elbo(NamedTuple):
        step: int
        kl: float

    history = History()
    for step in range(1, 5):
        history.append(Elbo(step, 1.0 / step))
    picture = plotting.curves(history, plotting.Chart.of("kl", ylabel="nats"), "Falls")
    assert picture.axes[0].get_xlabel() == "steps"
    assert "over 4 steps" in picture.alt


def test_every_picture_can_be_read_from_the_last_row():
    gan, history = short_run(WGAN_GP, 6)
    x, line = data.ring().sample(60, generator=own_generator(0)), np.linspace(-1, 1, 50)
    images = torch.rand(10, 1, 8, 8, generator=own_generator(0)) * 2 - 1
    pictures = [
        plotting.scatter(x, x, "Points"),
        plotting.surface(gan.discriminator, WGAN_GP, x, x, "A surface"),
        plotting.densities(line, line, "Densities", density=np.cos),
        plotting.curves(history, plotting.chart("gradients", WGAN_GP), "Gradients"),
        plotting.losses(history, WGAN_GP, "Losses"),
        plotting.grid(images, "Images"),
        plotting.walk(images, line[:10], "A walk"),
        plotting.nearest(images, images, line[:10], "Near"),
        plotting.classes([5, 0, 7], "Counts"),
    ]
    for picture in pictures:
        height, across, _ = decoded(picture.png()).shape
        assert across == 1000
        assert height <= 800
        assert picture.smallest_text >= 14


def test_no_ring_of_a_real_sample_hides_what_is_under_it():
    real = data.ring().sample(2000, generator=own_generator(0))
    picture = plotting.scatter(real, real, "Both", limits=(-3, 3, -3, 3))
    rings, crosses = picture.axes[0].lines
    assert rings.get_markerfacecolor() == "none"
    assert rings.get_zorder() > crosses.get_zorder()
    assert len(crosses.get_xdata()) == 2000
    assert 8 <= len(rings.get_xdata()) <= 60  # one in a square of the plane, here 0.12 wide


def test_a_title_is_broken_into_lines_that_fit_and_never_inside_a_formula():
    title = "A finding that is long: " + "where $D(x) = 1 / 2$ it cannot tell " * 3 + "\nand more"
    picture, _ = plotting.figure(title, size=(5, 3))
    lines = picture.get_suptitle().split("\n")
    assert " ".join(" ".join(lines).split()) == " ".join(title.split())
    assert all(line.count("$") % 2 == 0 for line in lines)
    picture.png()
    assert picture.texts[0].get_window_extent().width < 5 * picture.dpi
    assert len(plotting.figure("Short", size=(5, 3))[0].get_suptitle().split("\n")) == 1


def test_axes_stay_where_they_are_while_the_labels_have_room():
    def sheet(top):
        picture, ax = plotting.figure("A title")
        ax.plot([0, top])
        ax.set_ylabel("height")
        return picture

    first = sheet(1.0)
    first.pixels()
    shorter, longer = sheet(10.0), sheet(20_000.0)
    shorter.pixels(first)
    places = [picture.axes[0].get_position().bounds for picture in (first, shorter)]
    assert places[0] == places[1]
    longer.pixels(shorter)
    assert longer.axes[0].get_position().x0 > places[0][0] + 0.01  # room for 20000
    assert np.array_equal(longer.pixels(), sheet(20_000.0).pixels())


def test_a_legend_stands_outside_the_axes():
    _, history = short_run(MINIMAX, 6)
    picture, axes = plotting.panels("Both", columns=2)
    plotting.losses(history, MINIMAX, "left", ax=axes[0])
    plotting.scores(history, MINIMAX, "right", ax=axes[1])
    picture.png()
    for ax in axes:
        box = ax.get_legend().get_window_extent()
        assert box.y0 >= ax.get_window_extent().y1 - 1
        assert ax.title.get_window_extent().y0 >= box.y1
    assert axes[1].get_ylim() == (0, 1)

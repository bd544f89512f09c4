"""Recordings and the in-page generator, without a browser: what is kept, packed and refused."""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from dataclasses import replace
from typing import NamedTuple

import nbformat
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from gan_helpers import (
    GAN,
    LEAST_SQUARES,
    NON_SATURATING,
    PROBABILITY,
    WGAN,
    History,
    Objective,
    data,
    networks,
    r1_penalty,
    train,
    widgets,
)
from gan_helpers.plotting.charts import Chart, chart
from gan_helpers.plotting.decisions import lattice
from gan_helpers.plotting.tiles import own_generator, to_bytes
from gan_helpers.record import Record
from gan_helpers.replay import LIMIT, Recording, page, page_explorer
from gan_helpers.replay.curves import chart_data, ticks
from gan_helpers.replay.folded import fold, forward, rounded
from gan_helpers.replay.page import packed, shortened
from gan_helpers.replay.tracks import BEYOND, PLACES, SHADES, SIDE, compressed, quantised
from gan_helpers.widgets.copies import Copies
from gan_helpers.widgets.views import real_samples
from tools import policy

RING = data.ring()
NUMBERS = [name for name in Record._fields if name != "seconds"]


def ring_gan(seed=0, objective=NON_SATURATING):
    torch.manual_seed(seed)
    G = networks.MLPGenerator(2, (2,), widths=(16,), batch_norm=True)
    D = networks.MLPDiscriminator((2,), widths=(16,))
    adams = (torch.optim.Adam(each.parameters(), 1e-2) for each in (G, D))
    return GAN(G, D, objective, *adams, latent_dim=2)


def image_gan(shape=(1, 28, 28), width=8):
    torch.manual_seed(0)
    G = networks.MLPGenerator(3, shape, widths=(width,), tanh=True)
    D = networks.MLPDiscriminator(shape, widths=(4,))
    adams = (torch.optim.Adam(each.parameters(), 1e-2) for each in (G, D))
    return GAN(G, D, LEAST_SQUARES, *adams, latent_dim=3)


def run(gan, steps, real=RING):
    return train(gan, data.batches(real, 8), steps)


def recorded(gan, steps, real=RING, known=True, **more):
    recording = Recording(gan, real if gan.latent_dim == 2 else None, **more)
    records = list(recording.record(run(gan, steps, real), steps if known else None))
    assert [record.step for record in records] == list(range(1, steps + 1))
    return recording


def embedded(shown):
    """Return the data that a page was given."""
    found = re.search(r"^begin\(document\.currentScript, start, (.*)\);$", shown.html, re.MULTILINE)
    return json.loads(found[1])


def unpacked(value, shape=(-1,)):
    """Undo ``packed``, as the page's script does."""
    planes = zlib.decompress(base64.b64decode(value["bytes"].partition(",")[2]))
    kind = np.dtype(value["type"])
    width = kind.itemsize - value["missing"]
    bytes_ = np.frombuffer(planes, np.uint8).reshape(width, -1)
    whole = np.concatenate([np.zeros((value["missing"], bytes_.shape[1]), np.uint8), bytes_])
    values = np.ascontiguousarray(whole.T).view(kind).ravel()
    if value["stride"]:
        values = values.reshape(-1, value["stride"]).cumsum(axis=0, dtype=kind)
    return values.reshape(shape)


# Packing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_packed_numbers_come_back_bit_for_bit(kind):
    values = (np.random.default_rng(0).normal(size=(7, 5)) * 9000).astype(kind)
    assert np.array_equal(unpacked(packed(values), (7, 5)), values)


def test_frames_come_back_though_their_differences_overflow():
    values = np.array([[32767, -32768], [-32768, 32767], [5, 6]], np.int16)
    value = packed(values, frames=True)
    assert value["stride"] == 2
    assert np.array_equal(unpacked(value, (3, 2)), values)


def test_frames_that_change_little_take_little():
    slow = (np.arange(100)[:, None] + np.random.default_rng(0).integers(0, 9999, 500)).astype("i2")
    assert len(packed(slow, frames=True)["bytes"]) < len(packed(slow)["bytes"]) / 10


def test_short_numbers_lose_one_byte_and_little_else():
    values = np.random.default_rng(0).normal(size=1000)
    short = shortened(values)
    assert np.abs(short / values - 1).max() <= 2**-16
    value = packed(short, short=True)
    assert np.array_equal(unpacked(value), short)
    assert len(value["bytes"]) < 0.8 * len(packed(values.astype(np.float32))["bytes"])


def test_packing_refuses_what_the_page_cannot_unpack():
    for values, options in (
        (np.zeros(3), {}),
        (np.zeros(3, np.float32), {"frames": True}),
        (np.zeros(3, np.int16), {"short": True}),
    ):
        with pytest.raises(TypeError, match="give int16 or float32"):
            packed(values, **options)


def test_ticks_are_round_lie_inside_and_say_what_a_logarithm_stands_for():
    assert ticks(-0.3, 2.1, 4) == [[0.0, "0"], [1.0, "1"], [2.0, "2"]]
    assert ticks(0.1, 1.6, 4) == [[0.5, "0.5"], [1.0, "1"], [1.5, "1.5"]]
    assert ticks(-2, 0.0, 2, log=True) == [[-2.0, "0.01"], [-1.0, "0.1"], [0.0, "1"]]
    assert "20,000" in [said for _, said in ticks(0, 20_000, 4)]
    assert ticks(-4, 4, 2)[0][1].startswith("−")


# Recording -----------------------------------------------------------------------------------


def test_recording_leaves_the_run_bit_for_bit_as_it_is():
    histories, states = [], []
    for watched in (False, True):
        gan, history = ring_gan(), History()
        records = run(gan, 70)
        if watched:
            recording = Recording(gan, RING, panels=("losses", "scores", "surface"), moments=60)
            records = recording.record(records, 70)
        assert len(list(history.record(records))) == 70
        if watched:
            recording.show()
        histories.append([history.column(name) for name in NUMBERS])
        kept = gan.generator.state_dict()  # BatchNorm's running averages are among them
        states.append([torch.random.get_rng_state(), *kept.values()])
    assert all(np.array_equal(a, b) for a, b in zip(*histories, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(*states, strict=True))
    assert gan.generator.training


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("steps", [60, 100, 133, 260, 1000])
def test_a_run_leaves_60_to_120_moments_its_beginning_and_its_end(steps, known):
    gan = ring_gan()
    (record,) = run(gan, 1)
    gan.step = 0
    recording = Recording(gan, RING, preview=2)
    records = [
        record._replace(step=step) for step in range(1, steps + 1)
    ]  # a list knows its length
    records = records if known else (each for each in records)
    assert len(list(recording.record(records))) == steps
    assert 60 <= len(recording.steps) <= 121
    assert recording.steps[0] == 0
    assert recording.steps[-1] == steps
    gaps = np.diff(recording.steps)
    assert len(set(gaps[:-1])) == 1  # even, but for the end
    assert gaps[-1] <= gaps[0]


def test_moments_hold_what_the_generator_made_then():
    gan = ring_gan()
    recording = Recording(gan, RING, preview=20, moments=60, seed=3)
    z = gan.sample_latent(20, own_generator(3))
    made = {0: gan.generate(z).numpy()}
    for record in recording.record(run(gan, 60), 60):
        made[record.step] = gan.generate(z).numpy()
    shown = embedded(recording.show())
    (view,) = shown["views"]
    left, right, bottom, top = view["limits"]
    places = unpacked(view["fake"], (61, 20, 2)) / view["edge"]  # -1 to 1 within the axes
    x = (places[..., 0] + 1) / 2 * (right - left) + left
    y = (places[..., 1] + 1) / 2 * (top - bottom) + bottom
    wanted = np.stack([made[step] for step in shown["steps"]])
    reach = BEYOND * (right - left) / 2  # farther out, points are kept at the edge, out of sight
    near = np.abs(wanted - [(left + right) / 2, (bottom + top) / 2]) < reach
    error = np.abs(np.stack([x, y], axis=-1) - wanted)[near]
    assert near.mean() > 0.9
    assert error.max() <= reach / PLACES
    assert np.abs(wanted[0] - wanted[-1]).max() > 0.1  # the run moved them


def test_surface_is_the_discriminators_with_the_decision_level_at_0():
    gan = ring_gan()
    recording = recorded(gan, 12, panels=("surface",))
    shown = embedded(recording.show())["views"][0]
    heat = unpacked(shown["heat"], (13, SIDE, SIDE))[-1] / (2 * SHADES) + 0.5
    left, right, bottom, top = shown["limits"]
    corners = [[left, bottom], [right, bottom], [left, top]]
    copies = Copies.of(gan, 1, 0)
    D = 1 / (1 + np.exp(-copies.scores(np.array(corners, np.float32))))
    assert np.allclose([heat[0, 0], heat[0, -1], heat[-1, 0]], D, atol=1e-3)


def test_a_critics_surface_has_its_level_midway():
    gan = ring_gan(objective=WGAN)
    shown = embedded(recorded(gan, 12, panels=("surface", "gradients")).show())
    heat = unpacked(shown["views"][0]["heat"], (13, -1))[-1]
    copies = Copies.of(gan, 400, 0)
    real, fake = (copies.scores(x).mean() for x in (real_samples(RING, 400, 0), copies.samples()))
    points = lattice(shown["views"][0]["limits"], SIDE).astype("f4")
    above = copies.scores(points) - (real + fake) / 2
    wanted = above / np.abs(above).max()  # the farther end takes the whole scale
    assert np.abs(heat / SHADES - wanted).max() < 1e-3
    ends = unpacked(shown["views"][0]["ends"], (13, 3))[-1] - (real + fake) / 2
    assert ends == pytest.approx(np.abs(above).max() * np.array([-1, 0, 1]), abs=1e-4)
    assert shown["charts"][0]["label"] == "gradient norm"


def test_an_objective_of_ones_own_is_recorded_as_it_describes_itself():
    """A hinge objective whose discriminator cannot tell at a score of 1, read as sigma(score)."""
    score = replace(PROBABILITY, levels=((0.7, "undecided"),), boundary=1.0)
    hinge = Objective(
        "mine",
        lambda real, fake: (1 - real).relu().mean() + (1 + fake).relu().mean(),
        lambda fake: -fake.mean(),
        penalty=r1_penalty,
        score=score,
        indifferent=((2.0, "two"), (0.0, "none")),
        unit="points",
    )
    gan = ring_gan(objective=hinge)
    panels = ("losses", "scores", "penalty", "gradients", "surface")
    shown = embedded(recorded(gan, 12, panels=panels).show())
    losses, scores, *_ = shown["charts"]
    assert losses["label"] == "loss (points)"
    assert losses["references"] == [[2.0, "two"], [0.0, "none"]]
    assert scores["references"] == [[0.7, "undecided"]]
    heat = unpacked(shown["views"][0]["heat"], (13, -1))[-1] / SHADES
    raw = Copies.of(gan, 1, 0).scores(lattice(shown["views"][0]["limits"], SIDE).astype("f4"))
    shares, level = 1 / (1 + np.exp(-raw)), 1 / (1 + np.exp(-1.0))
    wanted = (shares - level) / np.where(shares < level, level, 1 - level)
    assert shares.min() < 2 * level - 1  # where one scale for both sides would end too early
    assert np.abs(heat - wanted).max() < 1e-3


@pytest.mark.parametrize("thrown", [GeneratorExit, KeyboardInterrupt])
def test_a_run_that_is_stopped_is_recorded_to_its_end(thrown):
    gan = ring_gan()
    recording = Recording(gan, RING, preview=20, moments=10)  # every tenth step
    records = recording.record(run(gan, 100), 100)
    while next(records).step < 57:
        pass
    if thrown is GeneratorExit:
        records.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            records.throw(KeyboardInterrupt)
    assert recording.steps == [0, 10, 20, 30, 40, 50, 57]
    view = embedded(recording.show())["views"][0]
    places = unpacked(view["fake"], (7, 20, 2))[-1]
    wanted = gan.generate(gan.sample_latent(20, own_generator(0))).numpy()
    assert np.array_equal(places, quantised(wanted, view["limits"]))


def test_a_run_that_failed_ends_with_its_last_whole_moment():
    gan = ring_gan()
    recording = Recording(gan, RING, moments=10)
    records = recording.record(run(gan, 100), 100)
    while next(records).step < 57:
        pass
    with pytest.raises(RuntimeError, match="a bug"):
        records.throw(RuntimeError("a bug"))
    assert recording.steps == [0, 10, 20, 30, 40, 50]


def test_records_of_another_loop_are_recorded_too():
    class Mine(NamedTuple):
        step: int
        reconstruction: torch.Tensor
        kl: float

    gan = ring_gan()
    recording = Recording(gan, RING, panels=("samples",), moments=10)
    records = [Mine(step, torch.tensor(1.0 / step), 0.5) for step in range(1, 11)]
    assert list(recording.record(iter(records), 10)) == records
    assert embedded(recording.show())["steps"] == list(range(11))
    assert recording.history.columns == ("step", "reconstruction", "kl")


def test_a_loop_without_a_gan_is_recorded():
    class Mine(NamedTuple):
        step: int
        kl: float

    decoder, z = torch.nn.Linear(3, 2), torch.randn(7, 3)
    panels = (Chart.of("kl"), "samples")
    recording = Recording(generator=decoder, latent=z, real=RING, panels=panels, moments=10)

    def loop():
        for step in range(1, 11):
            with torch.no_grad():
                decoder.bias += 0.1
            yield Mine(step, 1 / step)

    for _ in recording.record(loop(), 10):
        pass
    shown = embedded(recording.show())
    assert (shown["steps"], shown["unit"]) == (list(range(11)), "steps")
    view = shown["views"][0]
    places = unpacked(view["fake"], (11, 7, 2))
    assert np.array_equal(places[-1], quantised(decoder(z).detach().numpy(), view["limits"]))
    assert not np.array_equal(places[0], places[-1])
    with pytest.raises(ValueError, match="neither a GAN nor a generator"):
        Recording(panels=(Chart.of("kl"),))


def test_curves_are_those_of_the_history():
    recording = recorded(ring_gan(), 20)
    losses, scores = embedded(recording.show())["charts"]
    assert [said for _, said in losses["references"]] == ["2 log 2", "log 2"]
    assert np.array_equal(unpacked(losses["steps"]), np.arange(1, 21))
    for curve, column in zip(
        losses["curves"], ("discriminator_loss", "generator_loss"), strict=True
    ):
        wanted = recording.history.column(column).astype(np.float32)
        assert np.array_equal(unpacked(curve["raw"]), wanted)
        smooth = recording.history.smooth(column).astype(np.float32)
        assert np.array_equal(unpacked(curve["mean"]), smooth)
    assert scores["limits"] == [0.0, 1.0]
    assert {c["style"]["marker"] for c in losses["curves"]} == {"s", "^"}  # not by colour alone


def test_a_long_run_is_thinned_and_a_logarithmic_axis_survives_zeros():
    history = History()
    for record in run(ring_gan(), 20):
        for _ in range(30):
            history.append(record._replace(generator_grad_norm=torch.tensor(0.0)))
    shown = chart_data(chart("gradients", NON_SATURATING), history)
    assert len(unpacked(shown["steps"])) == 300
    assert np.isnan(unpacked(shown["curves"][1]["raw"])).all()
    assert np.isfinite(shown["limits"]).all()


def test_samples_on_a_line_are_kept_as_a_histogram():
    torch.manual_seed(0)
    law = data.mixture_1d([-2.0, 1.5], 0.6, [0.35, 0.65])
    players = networks.MLPGenerator(2, (1,), widths=(8,)), networks.MLPDiscriminator((1,), (8,))
    adams = (torch.optim.Adam(each.parameters(), 1e-2) for each in players)
    gan = GAN(*players, NON_SATURATING, *adams, latent_dim=2)
    view = embedded(recorded(gan, 11, law, panels=("samples",)).show())["views"][0]
    assert view["kind"] == "line"
    heights = unpacked(view["fake"], (12, -1))
    bin_ = (view["limits"][1] - view["limits"][0]) / heights.shape[1]
    assert 0.5 < heights[-1].sum() * bin_ <= 1.0001


def test_images_are_kept_as_sheets_from_the_same_latent_points():
    gan = image_gan()
    pictures = torch.rand(40, 1, 28, 28) * 2 - 1
    recording = recorded(gan, 10, pictures, panels=("samples",), seed=5)
    wanted = gan.generate(gan.sample_latent(64, own_generator(5)))
    view = embedded(recording.show())["views"][0]
    assert view["size"] == [8 * 30 - 2, 8 * 30 - 2]
    assert len(view["sheets"]) == 11
    last = Image.open(io.BytesIO(base64.b64decode(view["sheets"][-1].partition(",")[2])))
    assert last.size == (238, 238)
    tile = np.asarray(last.convert("RGB"))[:28, 30:58].astype(float)
    assert np.corrcoef(tile.ravel(), to_bytes(wanted[1:2])[0].ravel())[0, 1] > 0.9


def test_a_conditional_gan_is_shown_class_by_class():
    torch.manual_seed(0)
    G = networks.LabelledGenerator(networks.MLPGenerator(5, (1, 8, 8), (8,), tanh=True), 2)
    D = networks.LabelledDiscriminator(networks.MLPDiscriminator((64 + 2,), (4,)), 2)
    adams = (torch.optim.Adam(each.parameters(), 1e-2) for each in (G, D))
    gan = GAN(G, D, NON_SATURATING, *adams, latent_dim=3)
    pairs = torch.rand(20, 1, 8, 8) * 2 - 1, torch.arange(20) % 2
    labels = torch.arange(2)
    recording = Recording(gan, panels=("samples",), condition=labels, preview=4)
    list(recording.record(run(gan, 3, pairs), 3))
    sheet = recording._kept[3][0]["sheet"]  # 2 x 2 images and the gap between them
    z = gan.sample_latent(4, own_generator(0, gan.device))
    shown = to_bytes(gan.generate(z, torch.tensor([0, 1, 0, 1])))
    assert np.array_equal(sheet[:8, :8], shown[0])
    assert np.array_equal(sheet[:8, 10:], shown[1])
    with pytest.raises(ValueError, match="condition"):
        Recording(gan, panels=("samples",))


def test_images_are_compressed_until_they_fit():
    noise = np.random.default_rng(0).integers(0, 255, (12, 90, 90, 3)).astype(np.uint8)
    sizes = [sum(map(len, compressed(list(noise), room))) for room in (10**6, 60_000)]
    assert sizes[1] < 75_000 < sizes[0]


def test_a_recording_runs_under_the_live_board():
    gan = ring_gan()
    recording = Recording(gan, RING, moments=20)
    board = widgets.LiveBoard(gan, RING)
    board.start(recording.record(run(gan, 20), 20), steps=20)
    board.wait(60)
    assert len(board.history) == len(recording.history) == 20
    assert recording.steps == list(range(21))


def test_a_second_run_goes_on_in_the_same_recording():
    gan = ring_gan()
    recording = Recording(gan, RING, preview=2, moments=10)
    for _ in range(2):
        assert len(list(recording.record(run(gan, 10), 10))) == 10
    assert recording.steps == list(range(21))


def test_what_cannot_be_recorded_is_refused():
    with pytest.raises(ValueError, match="moments is 9; it must be an integer from 10 to 100"):
        Recording(ring_gan(), RING, moments=9)
    with pytest.raises(ValueError, match="real is None"):
        Recording(ring_gan())
    with pytest.raises(ValueError, match="choose from losses"):
        Recording(ring_gan(), RING, panels=("quality",))
    with pytest.raises(ValueError, match="nothing was recorded; pull the run"):
        Recording(ring_gan(), RING).show()


# Pages ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages():
    title = "Do <b>modes</b> & co. </script> survive?"
    recording = recorded(ring_gan(), 12, panels=("losses", "surface"), title=title)
    explorer = page_explorer(ring_gan().generator, RING, title=title)
    return {"replay": recording.show(), "explorer": explorer}


@pytest.mark.parametrize("name", ["replay", "explorer"])
def test_a_page_fetches_nothing_and_carries_a_picture_for_viewers_without_scripts(pages, name):
    shown, metadata = pages[name]._repr_mimebundle_()
    text = shown["text/html"]
    assert len(text) <= LIMIT
    assert not re.search(r"https?:|@import|\bimport\(|fetch\(|\bid=", text)
    assert text.count("<script") == text.count("</script>") == 1  # whatever the title says
    picture = Image.open(io.BytesIO(base64.b64decode(shown["image/png"])))
    assert min(picture.size) > 200
    assert len(metadata["image/png"]["alt"]) > 40
    assert re.search(r'<img alt="[^"]{40,}" width="\d+" src="data:image/webp;base64,', text)
    assert shown["text/plain"].startswith("Picture: ")


def test_a_notebook_may_carry_pages(pages):
    cells = [nbformat.v4.new_markdown_cell("# 7. Replays")]
    for shown in pages.values():
        bundle, metadata = shown._repr_mimebundle_()
        output = nbformat.v4.new_output("display_data", bundle, metadata=metadata)
        cells.append(nbformat.v4.new_code_cell("page", outputs=[output], execution_count=1))
    notebook = nbformat.v4.new_notebook(cells=cells)
    rules = policy.absolute_paths, policy.remote_resources, policy.alternative_texts
    assert [said for rule in (*rules, policy.no_widget_state) for said in rule(notebook)] == []


def test_a_saved_page_is_a_document_of_its_own(pages, tmp_path):
    pages["replay"].save(tmp_path / "run.html")
    text = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "<title>Do &lt;b&gt;modes&lt;/b&gt; &amp; co</title>" in text
    assert pages["replay"].html in text


def test_a_page_that_is_too_large_is_refused_with_its_size_and_the_repair(monkeypatch):
    recording = recorded(ring_gan(), 12)
    monkeypatch.setattr(page, "LIMIT", 40_000)
    with pytest.raises(
        ValueError, match=r"takes \d\d,\d\d\d bytes, 40,000 .* record fewer moments"
    ):
        recording.show()
    with pytest.raises(ValueError, match="narrower layers"):
        page_explorer(image_gan(width=64).generator)


# The generator in the page -------------------------------------------------------------------


def worn(generator):
    """Give BatchNorm running averages and scales that matter, as after a run."""
    with torch.no_grad():
        for part in generator.modules():
            if isinstance(part, nn.BatchNorm1d):
                for values in (part.weight, part.bias, part.running_mean):
                    values.normal_()
                part.running_var.uniform_(0.2, 3)
    return generator


@pytest.mark.parametrize("tanh", [False, True])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_folded_layers_compute_what_the_generator_does(batch_norm, tanh):
    torch.manual_seed(0)
    generator = worn(networks.MLPGenerator(5, (1, 4, 4), (32, 24), batch_norm, tanh))
    z = torch.randn(200, 5)
    layers = fold(generator)
    assert generator.training  # left alone
    with torch.no_grad():
        wanted = generator.eval()(z).flatten(1).numpy()
    assert np.abs(forward(layers, z.numpy()) - wanted).max() < 1e-5
    error = np.abs(forward(rounded(layers), z.numpy()) - wanted).max()
    assert 0 < error < 1e-4


def test_the_page_gets_the_folded_layers_and_what_the_sliders_need():
    torch.manual_seed(0)
    generator = worn(networks.MLPGenerator(5, (2,), (8,), batch_norm=True))
    shown = embedded(page_explorer(generator, RING, sliders=3, latent_distribution=torch.rand))
    first, last = shown["layers"]
    assert np.array_equal(unpacked(first["weights"], (8, 5)), shortened(fold(generator)[0].weight))
    assert (first["activation"], last["activation"]) == ("relu", "none")
    stock = unpacked(shown["stock"], (-1, 5))
    assert 0 <= stock.min() < stock.max() <= 1  # drawn by the law that was given
    rows = unpacked(shown["directions"], (3, 5))
    assert np.allclose(rows @ rows.T, np.eye(3), atol=1e-5)
    assert shown["names"] == ["direction 1", "direction 2", "direction 3"]
    axes = embedded(page_explorer(generator, RING, sliders=9, directions="axes"))
    assert np.array_equal(unpacked(axes["directions"], (5, 5)), np.eye(5))


def test_a_generator_of_digits_fits_into_a_page_and_computes_what_pytorch_does():
    torch.manual_seed(0)
    widths = (128, 256, 320)  # 378,368 weights
    generator = worn(networks.MLPGenerator(100, (1, 28, 28), widths, batch_norm=True, tanh=True))
    shown = page_explorer(generator)
    assert len(shown.html.encode()) < 1_400_000
    x = z = torch.randn(400, 100)
    for layer, width in zip(embedded(shown)["layers"], (*widths, 784), strict=True):
        weight, bias = unpacked(layer["weights"], (width, -1)), unpacked(layer["bias"])
        x = x.double() @ torch.tensor(weight).double().T + torch.tensor(bias)
        x = x.relu() if layer["activation"] == "relu" else x.tanh()
    with torch.no_grad():
        error = (x - generator.eval()(z).flatten(1)).abs().max()
    assert 0 < error < 1e-4
    with pytest.raises(ValueError, match="narrower layers: some 400,000 weights"):
        page_explorer(networks.MLPGenerator(100, (1, 28, 28), (128, 256, 512), batch_norm=True))


def test_an_explorer_draws_from_a_generator_of_its_own():
    generator = image_gan().generator
    state = torch.random.get_rng_state()
    first, again, other = (page_explorer(generator, seed=seed).html for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert first == again != other


def test_a_generator_that_the_page_cannot_run_is_refused():
    with pytest.raises(TypeError, match=r"is a ConvGenerator; .* use widgets\.LatentExplorer"):
        page_explorer(networks.ConvGenerator(4, (1, 8, 8), channels=2))
    odd = networks.MLPGenerator(2, (2,), (4,))
    odd.layers[1] = nn.ELU()
    with pytest.raises(TypeError, match="holds a ELU"):
        page_explorer(odd)
    bare = networks.MLPGenerator(2, (2,), (4,), batch_norm=True)
    bare.layers[1] = nn.BatchNorm1d(4, affine=False)
    with pytest.raises(TypeError, match="no running averages or no scale"):
        page_explorer(bare)
    wild = networks.MLPGenerator(2, (2,), (4,))
    with torch.no_grad():
        wild.layers[0].weight.mul_(1e6)
    with pytest.raises(ValueError, match="would differ from PyTorch by"):
        page_explorer(wild)
    for options in ({"sliders": 0}, {"directions": "polar"}):
        with pytest.raises(ValueError, match=r"is (0|'polar'); "):
            page_explorer(odd, **options)


def test_a_recording_draws_charts_of_a_loop_s_own_columns():
    class Own(NamedTuple):
        step: int
        quality: float

    gan = ring_gan()
    chart_of_own = Chart.of("quality", ylabel="quality (share)")
    recording = Recording(gan, RING, panels=(chart_of_own, "samples"), moments=10)
    run = (Own(r.step, 0.1 * r.step) for r in train(gan, data.batches(RING, 16), 12))
    assert len(list(recording.record(run, 12))) == 12
    shown = recording.show()
    assert "quality (share)" in repr(embedded(shown)["charts"])
    assert "quality" in shown.alt

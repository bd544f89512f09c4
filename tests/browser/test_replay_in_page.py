"""Replay and in-page generator: exported, opened from disk, off line; and in a real JupyterLab."""

from __future__ import annotations

import base64
import io
import re
import statistics
import sys
from contextlib import contextmanager

import nbformat
import numpy as np
import pytest
import torch
from lab import browse, expect, keep_screenshot, open_notebook, run, serve
from nbconvert import HTMLExporter
from PIL import Image

from gan_helpers import GAN, NON_SATURATING, WGAN_GP, data, networks, train
from gan_helpers.networks.paths import spherical_path, straight_path
from gan_helpers.plotting.tiles import own_generator, to_bytes
from gan_helpers.replay import Recording, page_explorer
from gan_helpers.replay.in_page import STOCK
from gan_helpers.widgets import principal_directions

ACTIONS = 40
LATENT = 100
SIDE = 500  # pixels along the image that the explorer shows
SETUP = """
import torch
from gan_helpers import GAN, NON_SATURATING, data, networks, train
from gan_helpers.replay import Recording, page_explorer
ring = data.ring()
players = networks.MLPGenerator(2, (2,), (32,)), networks.MLPDiscriminator((2,), (32,))
gan = GAN(*players, NON_SATURATING, *(torch.optim.Adam(p.parameters(), 1e-2) for p in players), 2)
recording = Recording(gan, ring, panels=("losses", "scores", "surface"))
steps = [record.step for record in recording.record(train(gan, data.batches(ring, 32), 90), 90)]
"""
CELLS = (SETUP, "recording", "page_explorer(gan.generator, ring, sliders=2, directions='axes')")
# Since when the last key was down until its picture was drawn, and until it was on the screen.
WATCH = """
window.times = [];
let pressed = 0;
addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
document.addEventListener("input", () => {
  const drawn = performance.now() - pressed;
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => window.times.push([drawn, performance.now() - pressed]);
    channel.port2.postMessage(null);
  });
});
"""
# What the page does in each frame, and when frames come.
FILM = """
window.film = { work: [], times: [] };
const frame = requestAnimationFrame;
window.requestAnimationFrame = (act) => typeof act !== "function" ? frame(act) : frame((now) => {
  const before = performance.now();
  act(now);
  film.work.push(performance.now() - before);
  film.times.push(now);
});
null;  // or Playwright would call what was assigned
"""


@contextmanager
def another(page, **context):
    """Yield a new page of the same browser, in a context of its own."""
    page = page.context.browser.new_page(viewport={"width": 1280, "height": 720}, **context)
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    page.context.close()


def gan_of(generator, in_shape, objective=NON_SATURATING):
    discriminator = networks.MLPDiscriminator(in_shape, (32,))
    adams = (torch.optim.Adam(each.parameters(), 1e-2) for each in (generator, discriminator))
    return GAN(generator, discriminator, objective, *adams, generator.latent_dim)


def recorded(gan, supply, real=None, **more):
    recording = Recording(gan, real, **more)
    assert len(list(recording.record(train(gan, supply, 90), 90))) == 90
    return recording.show()


@pytest.fixture(scope="module")
def digits():
    """A generator nearly as large as a page can hold; a short run gives BatchNorm averages."""
    torch.manual_seed(0)
    widths = (128, 256, 320)  # 378,368 weights
    generator = networks.MLPGenerator(LATENT, (1, 28, 28), widths, batch_norm=True, tanh=True)
    gan = gan_of(generator, (1, 28, 28))
    pictures = data.digits().images
    blown_up = torch.nn.functional.interpolate(pictures, (28, 28))
    page = recorded(gan, data.batches(blown_up, 32), title="Images", preview=16)
    return generator, page


@pytest.fixture(scope="module")
def notebook(digits):
    """A notebook whose stored outputs are four pages; it needs no kernel."""
    torch.manual_seed(0)
    ring = data.ring()
    gan = gan_of(networks.MLPGenerator(2, (2,), (32,)), (2,), WGAN_GP)
    panels = ("losses", "penalty", "surface")
    pages = [
        recorded(gan, data.batches(ring, 32), ring, panels=panels, title="Points"),
        digits[1],
        page_explorer(digits[0]),
        page_explorer(gan.generator, ring, sliders=2, directions="axes"),
    ]
    cells = []
    for shown in pages:
        bundle, metadata = shown._repr_mimebundle_()
        output = nbformat.v4.new_output("display_data", bundle, metadata=metadata)
        cells.append(nbformat.v4.new_code_cell("page", outputs=[output], execution_count=1))
    return nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )


@pytest.fixture(scope="module")
def page(notebook, tmp_path_factory):
    """The notebook as ``jupyter nbconvert --to html`` writes it, opened from disk, off line."""
    path = tmp_path_factory.mktemp("exported") / "notebook.html"
    path.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    with browse(offline=True) as page:
        page.goto(path.as_uri())
        expect(page.locator(".gan-page[data-ready]")).to_have_count(4)
        yield page
        keep_screenshot(page, "replay_exported")
        # nbconvert's own page asks for MathJax and require.js, which off line it cannot have
        ours = [said for said in page.complaints if "ERR_INTERNET_DISCONNECTED" not in said]
        assert ours == []


def pixels(here, number=0):
    return here.locator("canvas").nth(number).evaluate("canvas => canvas.toDataURL()")


REPAINTED = """
(canvas, before) => new Promise((done) => {
  const until = performance.now() + 60000;
  const look = () => {
    const other = canvas.toDataURL() !== before;
    if (other || performance.now() > until) done(other); else requestAnimationFrame(look);
  };
  look();
})
"""


def repainted(here, before, number=0):
    """Wait until a canvas shows something else; tell whether it came to that."""
    return here.locator("canvas").nth(number).evaluate(REPAINTED, before)


def test_replay_plays_to_its_end_and_its_neighbour_stands_still(page):
    first, second = (page.locator(".gan-page").nth(i) for i in (0, 1))
    said, still = first.locator("output"), pixels(second)
    expect(said).to_have_text("step 90 of 90")
    before = pixels(first)
    first.get_by_label("speed").select_option("fast")
    first.get_by_role("button", name="Play").click()
    expect(first.get_by_role("button", name="Pause")).to_be_visible()
    expect(said).not_to_have_text("step 90 of 90")
    assert repainted(first, before)
    expect(first.get_by_role("button", name="Play")).to_be_visible()  # by itself, at the end
    expect(said).to_have_text("step 90 of 90")
    assert pixels(first) == before
    assert pixels(second) == still


@pytest.mark.parametrize("number", [0, 1])
def test_pause_stops_and_the_slider_obeys_the_keyboard(page, number):
    here = page.locator(".gan-page").nth(number)
    slider, said = here.get_by_label("moment", exact=True), here.locator("output")
    here.get_by_label("speed").select_option("slow")
    slider.focus()
    page.keyboard.press("Home")
    expect(said).to_have_text("step 0 of 90")
    here.get_by_role("button", name="Play").click()
    expect(said).not_to_have_text("step 0 of 90")
    here.get_by_role("button", name="Pause").click()
    stopped = said.inner_text()
    pictures = pixels(here, 0), pixels(here, 1)  # samples and a chart with its cursor
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(said).not_to_have_text(stopped)
    assert repainted(here, pictures[0], 0)
    assert repainted(here, pictures[1], 1)
    assert slider.get_attribute("aria-valuetext") == said.inner_text()
    page.keyboard.press("ArrowLeft")
    expect(said).to_have_text(stopped)
    assert (pixels(here, 0), pixels(here, 1)) == pictures


def test_every_control_has_a_name_and_every_picture_a_description(page):
    for control in page.locator(".gan-page :is(input, select, button)").all():
        label = "node => (node.labels?.[0] ?? node).innerText.trim()"
        assert control.evaluate(label), control.evaluate("node => node.outerHTML")
    for canvas in page.locator(".gan-page canvas").all():
        assert canvas.get_attribute("aria-label")
        assert canvas.get_attribute("role") == "img"


@pytest.mark.parametrize("number", [2, 3])
def test_the_page_computes_what_pytorch_does(page, number, digits, notebook):
    here = page.locator(".gan-page").nth(number)
    width = LATENT if number == 2 else 2
    z = torch.randn(400, width, generator=torch.Generator().manual_seed(1))
    made = here.evaluate("(node, zs) => zs.map((z) => node.generate(z))", z.tolist())
    if number == 3:
        assert np.shape(made) == (400, 2)
        return
    with torch.no_grad():
        wanted = digits[0].eval()(z).flatten(1).numpy()
    error = np.abs(np.array(made) - wanted).max()
    assert 0 < error <= 1e-4


def shown_digit(here):
    """Return the grey levels at the centres of the 28 x 28 squares that the canvas shows."""
    uri = pixels(here).partition(",")[2]
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri))).convert("L"))
    centres = ((np.arange(28) + 0.5) * SIDE / 28).astype(int)
    assert picture.shape[1] == SIDE
    return picture[np.ix_(centres, centres)].astype(int)


def made_by_pytorch(generator, z):
    with torch.no_grad():
        return to_bytes(generator.eval()(z[None]))[0, :, :, 0].astype(int)


@pytest.mark.parametrize("kind", ["spherical", "straight"])
def test_the_canvas_shows_what_pytorch_makes_where_the_sliders_stand(page, kind, digits, tmp_path):
    generator, shown = digits[0], page_explorer(digits[0])
    shown.save(tmp_path / "digits.html")
    start, end = torch.randn(STOCK, LATENT, generator=own_generator(0))[:2]
    (direction,) = principal_directions(generator.eval(), LATENT, 1)
    path = {"spherical": spherical_path, "straight": straight_path}[kind]
    with another(page, offline=True) as page:
        page.goto((tmp_path / "digits.html").as_uri())
        here = page.locator(".gan-page[data-ready]")
        here.get_by_label("path", exact=True).select_option(kind)
        assert np.abs(shown_digit(here) - made_by_pytorch(generator, start)).max() <= 1

        slider = here.get_by_label("path t")
        slider.focus()
        for key in ("PageUp", "PageUp", "PageUp", "ArrowRight"):
            page.keyboard.press(key)
        t = float(slider.input_value())
        assert 0.2 < t < 0.8
        z = path(start, end, torch.tensor([t]))[0]
        wanted = made_by_pytorch(generator, z)
        assert np.abs(shown_digit(here) - wanted).max() <= 1
        keep_screenshot(page, f"digits_in_page_{kind}")

        slider = here.get_by_label("direction 1")
        slider.focus()
        page.keyboard.press("End")
        z = z + (float(slider.input_value()) - z @ direction) * direction
        moved = made_by_pytorch(generator, z)
        assert np.abs(shown_digit(here) - moved).max() <= 1
        assert np.abs(moved - wanted).max() > 10
        assert page.complaints == []


def test_explorers_controls_change_the_picture(page):
    for here in (page.locator(".gan-page").nth(i) for i in (2, 3)):
        before = pixels(here)
        here.get_by_role("button", name="Shuffle").click()
        assert repainted(here, before)
        after = pixels(here)
        here.get_by_role("button", name="New path").click()
        assert repainted(here, after)
        here.get_by_label("path t").focus()
        before = pixels(here)
        page.keyboard.press("End")
        assert repainted(here, before)
        end = pixels(here)
        page.keyboard.press("Home")
        assert repainted(here, end)
        assert pixels(here) == before
        page.keyboard.press("PageUp")  # away from the ends, which all paths share
        before = pixels(here)
        if here.locator("canvas").get_attribute("height") == "556":  # of 100 dimensions
            here.get_by_label("path", exact=True).select_option("straight")
            assert repainted(here, before)


def test_latent_slider_to_picture(page, capsys):
    here = page.locator(".gan-page").nth(2)
    here.get_by_label("direction 1").focus()
    page.keyboard.press("Home")
    page.evaluate(WATCH)
    for i in range(ACTIONS):
        before = pixels(here)
        page.keyboard.press("PageDown" if i % 2 else "PageUp")
        page.wait_for_function("n => times.length > n", arg=i)
        assert repainted(here, before)
    drawn, shown = (statistics.median(each) for each in zip(*page.evaluate("times"), strict=True))
    with capsys.disabled():
        sys.stdout.write(
            f"\nlatent slider, median of {ACTIONS}: drawn after {drawn:.1f} ms, "
            f"on the screen, which waits for its next frame, after {shown:.1f} ms\n"
        )
    assert drawn <= 20  # 5 on a quiet machine


def test_film_of_a_path_has_time_for_60_pictures_a_second(page, capsys):
    here = page.locator(".gan-page").nth(2)
    before = pixels(here)
    page.evaluate(FILM)
    here.get_by_role("button", name="Play path").click()
    page.wait_for_function("film.times.length > 60")
    here.get_by_role("button", name="Pause path").click()
    assert repainted(here, before)
    work, times = page.evaluate("[film.work, film.times]")
    page.evaluate("delete window.requestAnimationFrame")  # the browser's own again
    picture, frame = statistics.median(work), statistics.median(np.diff(times))
    with capsys.disabled():
        sys.stdout.write(
            f"\nfilm of a path, medians of 60: {picture:.1f} ms for a picture, which the browser "
            f"showed every {frame:.1f} ms\n"
        )
    # Other work on the machine only ever adds to a picture's time.
    assert min(work) <= 1000 / 60


def test_dark_theme_and_reduced_motion(page, digits, tmp_path):
    digits[1].save(tmp_path / "run.html")
    paper = "node => getComputedStyle(node).backgroundColor"
    with another(page, offline=True, color_scheme="dark", reduced_motion="reduce") as page:
        page.goto((tmp_path / "run.html").as_uri())
        here = page.locator(".gan-page[data-ready]")
        expect(here).to_be_visible()
        assert max(map(int, re.findall(r"\d+", here.evaluate(paper))[:3])) < 60
        assert here.get_by_label("speed").evaluate("node => node.selectedOptions[0].text") == "slow"
        keep_screenshot(page, "replay_dark")
        dark = pixels(here, 1)
        page.emulate_media(color_scheme="light")
        expect(here).to_have_css("background-color", "rgb(255, 255, 255)")
        assert repainted(here, dark, 1)
        assert page.complaints == []


def test_a_browser_that_lacks_something_shows_the_picture(page, digits, tmp_path):
    digits[1].save(tmp_path / "run.html")
    with another(page, offline=True) as page:
        page.add_init_script("delete window.DecompressionStream")
        page.goto((tmp_path / "run.html").as_uri())
        expect(page.locator(".gan-page > img")).to_be_visible()
        expect(page.locator(".gan-page")).to_contain_text("shows the picture alone")


def test_replay_and_explorer_live_in_jupyterlab(page, notebook, tmp_path):
    fresh = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS],
        metadata=notebook.metadata,
    )
    (tmp_path / "work").mkdir()
    nbformat.write(fresh, tmp_path / "work" / "fresh.ipynb")
    nbformat.write(notebook, tmp_path / "work" / "stored.ipynb")
    with serve(tmp_path) as address, another(page) as page:
        open_notebook(page, address, "fresh.ipynb")
        run(page, 0)
        replay = run(page, 1).locator(".gan-page[data-ready]")
        said = replay.locator("output")
        replay.get_by_label("moment", exact=True).focus()
        before = pixels(replay)
        page.keyboard.press("Home")  # JupyterLab itself takes this key, and arrows, elsewhere
        expect(said).to_have_text("step 0 of 90")
        page.keyboard.press("ArrowRight")
        expect(said).to_have_text("step 1 of 90")
        assert repainted(replay, before)
        replay.get_by_role("button", name="Play").click()
        expect(said).not_to_have_text("step 1 of 90")
        explorer = run(page, 2).locator(".gan-page[data-ready]")
        explorer.get_by_label("z[0]").focus()
        before = pixels(explorer)
        page.keyboard.press("ArrowRight")
        assert repainted(explorer, before)
        keep_screenshot(page, "replay_lab")

        open_notebook(page, address, "stored.ipynb")  # not trusted: no script of it runs
        pictures = page.locator(".jp-OutputArea-output img")
        expect(pictures).to_have_count(4)
        assert all(
            picture.evaluate("node => node.naturalWidth") > 300 for picture in pictures.all()
        )
        assert page.locator(".gan-page button").count() == 0
        assert page.complaints == []

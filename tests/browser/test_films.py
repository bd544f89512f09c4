"""The explorer's film in a real JupyterLab: it plays, gives way to a slider, and is downloaded."""

from __future__ import annotations

import io
import json
import sys

import nbformat
import numpy as np
import pytest
from lab import browse, changed, expect, keep_screenshot, open_notebook, press, run, serve
from PIL import Image, ImageSequence

pytestmark = pytest.mark.slow
SETUP = """
import torch
from gan_helpers import data, networks, widgets
torch.manual_seed(0)
torch.set_num_threads(1)
digits = data.digits()
G = networks.MLPGenerator(64, (1, 8, 8), (128, 128), tanh=True)
"""
EXPLORER = "explorer = widgets.LatentExplorer(G, digits)\nexplorer"
RING = "widgets.LatentExplorer(networks.MLPGenerator(2, (2,)), data.ring())"
ENDS = """
from gan_helpers.plotting.tiles import to_bytes
print(to_bytes(explorer.space.net(explorer.space.ends))[:, :, :, 0].ravel().tolist())
"""
PICTURES = 30  # to watch for
WATCH = """node => {
  const watched = { times: [] };
  watched.observer = new MutationObserver(() => watched.times.push(performance.now()));
  watched.observer.observe(node, { attributes: true, attributeFilter: ["src"] });
  window.watched = watched;
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A notebook of the cells, open, with its kernel idle."""
    home = tmp_path_factory.mktemp("films")
    cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in (SETUP, EXPLORER, RING, ENDS)]
    notebook = nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    (home / "work").mkdir()
    nbformat.write(notebook, home / "work" / "films.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GAN_HELPERS_CACHE", str(home / "cache"))
        with serve(home) as address, browse() as page:
            page.home = home
            open_notebook(page, address, "films.ipynb")
            yield page


def test_a_path_is_played_gives_way_to_a_slider_and_is_downloaded(page, capsys):
    run(page, 0)
    here = run(page, 1)
    image, place = here.locator("img"), here.locator(".widget-readout").last
    before, shape = image.get_attribute("src"), "node => node.offsetWidth / node.offsetHeight"
    proportions = image.evaluate(shape)
    expect(place).to_have_text("0.00")
    here.get_by_role("button", name="Play path").click()
    changed(image, before)
    expect(place).not_to_have_text("0.00")
    image.evaluate(WATCH)
    page.wait_for_function("n => watched.times.length > n", arg=PICTURES)
    times = page.evaluate("() => { watched.observer.disconnect(); return watched.times; }")
    with capsys.disabled():
        gap = np.median(np.diff(times))
        sys.stdout.write(f"\nfilm in JupyterLab: a picture every {gap:.0f} ms\n")
    keep_screenshot(page, "film_playing")

    press(page, here, "ArrowRight", 1)  # whoever moves a slider takes over
    expect(here.get_by_role("button", name="Play path")).to_be_visible()
    expect(here.get_by_role("button", name="Pause path")).to_have_count(0)
    stands = place.inner_text()

    here.get_by_role("button", name="Save GIF").click()
    link = here.get_by_role("link", name="Download film.gif")
    expect(link).to_be_visible()
    assert place.inner_text() == stands
    assert image.evaluate(shape) == pytest.approx(proportions, rel=0.01)  # not stretched
    with page.expect_download() as waiting:
        link.click()
    assert waiting.value.suggested_filename == "film.gif"
    waiting.value.save_as(page.home / "mine.gif")
    saved = (page.home / "cache" / "films" / "film.gif").read_bytes()
    assert (page.home / "mine.gif").read_bytes() == saved
    film = Image.open(io.BytesIO(saved))
    frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(film)]
    assert len(frames) == 49
    keep_screenshot(page, "film_saved")

    plane = run(page, 2)  # it has its film too
    image = plane.locator("img")
    before = image.get_attribute("src")
    plane.get_by_role("button", name="Play path").click()
    before = changed(image, before)
    changed(image, before)
    plane.get_by_role("button", name="Pause path").click()
    expect(plane.get_by_role("button", name="Play path")).to_be_visible()

    printed = run(page, 3).locator(".jp-OutputArea-output").inner_text()
    ends = np.array(json.loads(printed)).reshape(2, 8, 8)
    assert np.array_equal(frames[0][14::28, 14::28], ends[0])
    assert np.array_equal(frames[-1][14::28, 14::28], ends[1])
    assert page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    assert page.complaints == []

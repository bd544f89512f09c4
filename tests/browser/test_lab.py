"""The laboratory in a real JupyterLab: every control answers while the GAN trains."""

from __future__ import annotations

import re
import sys
import time

import nbformat
import pytest
from lab import browse, changed, expect, keep_screenshot, open_notebook, run, serve

SETUP = "import torch; torch.set_num_threads(1); from gan_helpers.lab.front import GanLab"
LAB = "lab = GanLab()\nlab"
AFTER = """
data = lab.sessions[0].running.data
print(lab.state, type(data).__name__, lab.view.presence.signs > 0)
"""
WIDTHS = "it => [it.scrollWidth, it.clientWidth]"  # of the text, and of its place
PICTURES = 15  # to watch for


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A notebook with a laboratory, open, with its kernel idle."""
    home = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in (SETUP, LAB, AFTER)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    (home / "work").mkdir()
    nbformat.write(notebook, home / "work" / "free_play.ipynb")
    with serve(home) as address, browse() as page:
        open_notebook(page, address, "free_play.ipynb")
        page.keyboard.press("Control+b")  # the file browser away: the laboratory is wide
        yield page
        keep_screenshot(page, "laboratory")


def number(here, pattern, of=".gan-status"):
    found = re.search(pattern, here.locator(of).inner_text())
    assert found, (pattern, here.locator(of).inner_text())
    return int(found[1].replace(",", ""))


def steps(here):
    return number(here, r"step ([\d,]+)")


def measured(page, here):
    """Watch some pictures go by; return pictures a second and updates a second."""
    page.evaluate(
        """() => {
            const image = document.querySelector('.gan-lab img');
            window.pictures = 0;
            window.watcher = new MutationObserver(() => window.pictures++);
            window.watcher.observe(image, {attributes: true, attributeFilter: ['src']});
        }"""
    )
    before, began = steps(here), time.monotonic()
    page.wait_for_function(f"() => window.pictures >= {PICTURES}")
    spent, updates = time.monotonic() - began, steps(here) - before
    return page.evaluate("() => { window.watcher.disconnect(); return window.pictures; }") / (
        spent
    ), updates / spent


def test_the_laboratory_answers_while_it_trains(page, capsys):
    run(page, 0)
    here = run(page, 1)
    image, status = here.locator(".gan-lab img").first, here.locator(".gan-status")

    def press(name):
        here.locator(f".gan-{name.lower().replace(' ', '-')}").click()

    # no title of a tab is cut
    titles = here.locator(".gan-tabs .lm-TabBar-tabLabel")
    expect(titles).to_have_text(["live settings", "settings at reset", "draw data"])
    for title in titles.all():
        assert title.evaluate(WIDTHS)[0] <= title.evaluate(WIDTHS)[1], title.inner_text()

    # play, and two controls in the middle of it
    before = image.get_attribute("src")
    press("Play")
    before = changed(image, before)
    pictures, updates = measured(page, here)
    with capsys.disabled():
        sys.stdout.write(f"\nlaboratory: {updates:.0f} updates/s, {pictures:.1f} pictures/s\n")
    assert updates > 0
    here.locator(".gan-layer-manifold input").click()
    changed(image, image.get_attribute("src"))
    here.locator(".gan-z1 .noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    expect(status).to_contain_text("playing")
    keep_screenshot(page, "laboratory_playing")
    press("Play")  # which says Pause now
    expect(status).to_contain_text("paused")
    done = steps(here)
    assert done > 10

    # single steps: D alone moves D's count, not the step
    critics = number(here, r"([\d,]+) updates of D")
    press("D only")
    expect(status).to_contain_text(f"{critics + 1:,} updates of D")
    assert steps(here) == done
    press("Step")
    expect(status).to_contain_text(f"step {done + 1:,}")

    # layers while it stands, slow motion, and back in time
    before = image.get_attribute("src")
    here.locator(".gan-layer-pushes input").click()
    before = changed(image, before)
    press("Slow motion")
    expect(here.locator(".gan-parts mjx-container").first).to_be_visible()
    for _ in range(3):
        press("Slow motion")
    expect(here.locator(".gan-parts")).to_contain_text("discriminator's loss")
    keep_screenshot(page, "laboratory_slow_motion")
    here.locator(".gan-rewind .noUi-handle").focus()
    page.keyboard.press("Home")
    expect(status).to_contain_text("step 0 ")
    changed(image, before)
    press("Step")
    expect(status).to_contain_text("step 1 ")

    # a live change, then drawing by hand with the mouse
    here.get_by_role("tab", name="draw data").click()
    canvas = here.locator(".gan-canvas canvas")
    canvas.scroll_into_view_if_needed()
    place = canvas.bounding_box()
    page.mouse.move(place["x"] + 60, place["y"] + 60)
    page.mouse.down()
    for i in range(30):
        page.mouse.move(place["x"] + 60 + 4 * i, place["y"] + 60 + 2 * i)
        page.wait_for_function("() => true")
    page.mouse.up()
    expect(here.get_by_text(re.compile(r"^\d+ points$"))).not_to_have_text("0 points")
    keep_screenshot(page, "laboratory_drawing")
    press("Train on it")
    expect(here.locator(".gan-running")).to_contain_text("drawn points")
    press("Play")
    expect(here.locator(".gan-coach")).to_contain_text("coach")
    press("Stop")
    expect(status).to_contain_text("paused")
    last = run(page, 2)
    expect(last.locator(".jp-OutputArea-output")).to_contain_text("paused Tensor True")
    assert page.complaints == []

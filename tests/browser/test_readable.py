"""For everybody: contrast in a dark theme, a name for every control, nothing that moves unasked."""

from __future__ import annotations

import nbformat
import pytest
from lab import (
    REPOSITORY,
    browse,
    expect,
    keep_screenshot,
    open_notebook,
    picture,
    run_all,
    serve,
)

pytestmark = pytest.mark.slow
SETUP = """
from gan_helpers import GAN, NON_SATURATING, data, networks, plotting, replay, train, widgets
ring = data.ring()
players = networks.MLPGenerator(2, (2,), (32,)), networks.MLPDiscriminator((2,), (32,))
gan = GAN(*players, NON_SATURATING, *(torch.optim.Adam(p.parameters(), 1e-2) for p in players), 2)
recording = replay.Recording(gan, ring, panels=("losses", "surface"))
board = widgets.LiveBoard(gan, ring)
board.start(recording.record(train(gan, data.batches(ring, 32), 90), 90), steps=90)
"""
FAILING = """
def wave(height=1.0, fail=False, kind="straight"):
    if fail:
        raise ValueError("this playground was asked to fail")
    sheet, ax = plotting.figure("", "a line")
    ax.plot([0, height])
    return sheet
widgets.playground(wave, height=(0.0, 2.0, 0.1, 1.0), fail=False, kind=["straight", "bent"])
"""
EXPLORE = "widgets.LatentExplorer(gan.generator, ring)"
IN_PAGE = "replay.page_explorer(gan.generator, ring, sliders=2)"
CELLS = (SETUP, "board.wait()", "recording", IN_PAGE, EXPLORE, FAILING)
LIVE = ".gan-lab, .gan-board, .gan-page, .gan-explorer, .gan-playground"
DARK = {"apputils-extension/themes": {"theme": "JupyterLab Dark"}}
# Every piece of text that can be seen, and its contrast to what is behind it by WCAG 2, 1.4.3;
# controls that are switched off are exempt there.
CONTRASTS = """(root) => {
  const parts = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    const full = colour.startsWith("color(") ? 255 : 1;
    return [full * r, full * g, full * b, a];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((each, i) => a * each + (1 - a) * below[i]);
  const behind = (node) => {
    if (!node) return [255, 255, 255];
    const paper = parts(getComputedStyle(node).backgroundColor);
    return paper[3] < 1 ? over(paper, behind(node.parentElement)) : paper;
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((each) => each / 255)
      .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const hasText = (node) => node.matches("mjx-c, select, input:not([type=checkbox], [type=range])")
    || [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
  return [...root.querySelectorAll("*")].filter((node) => hasText(node)
    && !node.closest(":disabled, option, script, style")
    && node.checkVisibility({ visibilityProperty: true })).map((node) => {
      const paper = behind(node).slice(0, 3);
      let [r, g, b, a] = parts(getComputedStyle(node).color);
      for (let up = node; up; up = up.parentElement) a *= getComputedStyle(up).opacity;
      const [light, dark] = [over([r, g, b, a], paper), paper].map(luminance).sort((x, y) => y - x);
      return [(light + 0.05) / (dark + 0.05), `${node.className} ${node.textContent}`.trim()];
    });
}"""
UNNAMED = """(root) => [...root.querySelectorAll("select, input, button, .noUi-handle")]
  .filter((node) => {
    const label = node.matches(".noUi-handle") ? node.closest(".widget-slider").firstChild
      : node.labels?.[node.labels.length - 1] ?? node;
    return !(label.innerText.trim() || node.ariaLabel);
  }).map((node) => node.outerHTML)"""
MOVING = """(root) => [...root.querySelectorAll("*")].filter((node) => {
    const style = getComputedStyle(node);
    return style.animationName !== "none" || /[1-9]/.test(style.transitionDuration);
  }).map((node) => node.outerHTML)"""
FRAMES = """() => new Promise((done) => {
  let left = 60;
  const tick = () => left-- ? requestAnimationFrame(tick) : done();
  tick();
})"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A dark JupyterLab for somebody who wants little motion, with one of each live control."""
    home = tmp_path_factory.mktemp("readable")
    lab = nbformat.read(REPOSITORY / "notebooks" / "lab.ipynb", 4)
    first = [cell.source for cell in lab.cells if cell.cell_type == "code"][:3]
    assert "GanLab()" in first[1]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in (*first, *CELLS)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    (home / "work").mkdir()
    nbformat.write(notebook, home / "work" / "readable.ipynb")
    smoke = {"GAN_HELPERS_BUDGET": "smoke"}
    with (
        serve(home, settings=DARK, variables=smoke) as address,
        browse(reduced_motion="reduce") as page,
    ):
        open_notebook(page, address, "readable.ipynb")
        page.keyboard.press("Control+b")  # the file browser away: the laboratory is wide
        run_all(page)
        expect(page.locator(".gan-page[data-ready]")).to_have_count(2)
        yield page
        assert page.complaints == []


def test_nothing_moves_by_itself(page):
    images, canvases = page.locator(f":is({LIVE}) img").all(), page.locator("canvas").all()
    assert len(images) >= 4
    assert len(canvases) >= 3
    before = [picture(image) for image in images if image.is_visible()]
    drawn = [canvas.evaluate("node => node.toDataURL()") for canvas in canvases]
    page.evaluate(FRAMES)
    assert [picture(image) for image in images if image.is_visible()] == before
    assert [canvas.evaluate("node => node.toDataURL()") for canvas in canvases] == drawn
    for here in page.locator(LIVE).all():
        assert here.evaluate(MOVING) == []
    expect(page.get_by_role("button", name="Play").first).to_be_visible()


def test_text_stands_out_in_a_dark_and_in_a_light_theme(page):
    lab, failing = page.locator(".gan-lab"), page.locator(".gan-playground")
    lab.locator(".gan-slow-motion").click()
    expect(lab.locator(".gan-parts mjx-container").first).to_be_visible()
    failing.get_by_label("fail").click()
    expect(failing.locator(".gan-status")).to_contain_text("⚠ ValueError")
    for theme in ("dark", "light"):
        if theme == "light":
            choose_light(page)
        for kind in LIVE.split(", "):
            for here in page.locator(kind).all():
                assert_readable(here)
            page.locator(kind).first.scroll_into_view_if_needed()
            keep_screenshot(page, f"{theme}_{kind[5:]}")
        for tab in lab.get_by_role("tab").all():
            tab.click()
            assert_readable(lab)
        keep_screenshot(page, f"{theme}_tabs")


def test_every_control_has_a_name(page):
    for here in page.locator(LIVE).all():
        assert here.evaluate(UNNAMED) == []


def assert_readable(here):
    contrasts = here.evaluate(CONTRASTS)
    assert contrasts
    faint = [(round(contrast, 2), text) for contrast, text in contrasts if contrast < 4.5]
    assert faint == []


def choose_light(page):
    page.locator(".lm-MenuBar-itemLabel").get_by_text("Settings", exact=True).click()
    page.locator(".lm-Menu-item").get_by_text("Theme", exact=True).hover()
    page.locator(".lm-Menu-item").get_by_text("JupyterLab Light", exact=True).click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "true")

"""Board, explorer and playground in a real JupyterLab, driven by a headless Chromium."""

from __future__ import annotations

import re

import nbformat
import pytest
from lab import browse, cell, changed, expect, keep_screenshot, open_notebook, press, run, serve

SETUP = """
import numpy as np, torch
from gan_helpers import GAN, NON_SATURATING, data, networks, plotting, set_seed, train, widgets
set_seed(0)
torch.set_num_threads(1)
ring = data.ring()
players = networks.MLPGenerator(2, (2,)), networks.MLPDiscriminator((2,))
gan = GAN(*players, NON_SATURATING, *(torch.optim.Adam(p.parameters(), 1e-5) for p in players), 2)
"""
BOARD = """
board = widgets.LiveBoard(gan, ring, panels=("losses", "scores", "surface"), title="Live?")
board.start(train(gan, data.batches(ring, 64), 10**6), steps=10**6)
"""
EXPLORER = "widgets.LatentExplorer(gan.generator, ring, board=board)"
WAIT = "board.wait(); print('ended after', len(board.history) == gan.step)"
PLAYGROUND = """
def wave(height=1.0, kind="sin"):
    picture, ax = plotting.figure(f"height {height:.1f}", f"{kind} of height {height}")
    ax.plot(height * getattr(np, kind)(np.linspace(0, 6, 50)))
    return picture
widgets.playground(wave, height=(0.0, 2.0, 0.1, 1.0), kind=["sin", "cos"])
"""
CLASSES = """
class ByLabel(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inside = networks.MLPGenerator(5, (2,))
    def forward(self, z, label):
        return self.inside(torch.cat([z, torch.nn.functional.one_hot(label, 3)], 1))
widgets.LatentExplorer(ByLabel(), latent_dim=2, condition=torch.arange(3))
"""
QUESTION = "widgets.predict('Is $1 + 1$ odd?', 'yes', 'no')"
ANSWER = "print('It is', 1 + 1)"
POINTED = """
def pixel(column=9, row=9):
    picture, ax = plotting.figure(f"column {column}, row {row}", "a pixel", size=(4, 4))
    ax.imshow(np.arange(100).reshape(10, 10))
    ax.plot(column, row, "wo")
    return picture
widgets.playground(pixel, pointed=("column", "row"), column=(0, 9, 1, 9), row=(0, 9, 1, 9))
"""
CELLS = (SETUP, BOARD, EXPLORER, WAIT, PLAYGROUND, CLASSES, POINTED, QUESTION, ANSWER)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A notebook of the cells, open, with its kernel idle."""
    home = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    notebook.cells[-1].outputs = [
        nbformat.v4.new_output("display_data", data={"text/plain": "Folded"}),
        nbformat.v4.new_output("stream", text="It is stored"),
    ]
    notebook.cells[-1].metadata = {"tags": ["answer"], "jupyter": {"outputs_hidden": True}}
    (home / "work").mkdir()
    nbformat.write(notebook, home / "work" / "controls.ipynb")
    with serve(home) as address, browse() as page:
        open_notebook(page, address, "controls.ipynb")
        yield page
        keep_screenshot(page, "controls")


def step_of(status):
    return int(re.search(r"step ([\d,]+)", status.inner_text())[1].replace(",", ""))


def test_the_controls_act_while_the_gan_trains(page):
    run(page, 0)
    board = run(page, 1)  # returns while training goes on
    status, picture = board.locator(".gan-status"), board.locator("img")
    changed(picture, picture.get_attribute("src"))

    explorer = run(page, 2)
    image = explorer.locator("img")
    before = image.get_attribute("src")
    press(page, explorer, "ArrowRight", 3)
    changed(image, before)
    before = image.get_attribute("src")
    explorer.get_by_role("button", name="Shuffle").click()
    changed(image, before)

    board.get_by_role("button", name="Pause").click()
    expect(status).to_contain_text("paused")
    step = step_of(status)
    before = image.get_attribute("src")
    press(page, explorer, "ArrowLeft", 2)  # answered by a paused run too
    changed(image, before)
    assert step_of(status) == step
    board.get_by_role("button", name="Resume").click()
    expect(status).not_to_contain_text("paused")

    waiting = run(page, 3, wait=False)  # Stop is pressed while this cell is busy
    board.get_by_role("button", name="Stop").click()
    expect(status).to_contain_text("stopped")
    expect(waiting.locator(".jp-OutputArea-output")).to_contain_text("ended after True")
    assert step_of(status) > step
    expect(board.get_by_role("button", name="Stop")).to_be_disabled()

    playground = run(page, 4)
    drawn = playground.locator("img")
    before = drawn.get_attribute("src")
    press(page, playground, "ArrowRight", 2)
    before = changed(drawn, before)
    playground.locator("select").select_option("cos")
    changed(drawn, before)

    classes = run(page, 5)
    drawn = classes.locator("img")
    before = drawn.get_attribute("src")
    classes.locator("select").first.select_option("2")
    changed(drawn, before)
    expect(classes.locator(".gan-status")).to_be_empty()

    assert page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    assert page.complaints == []


def test_the_pointer_chooses_a_pixel_and_is_drawn_along(page):
    run(page, 0)
    here = run(page, 6)
    drawn = here.locator("img")
    drawn.scroll_into_view_if_needed()
    sliders = here.locator(".noUi-handle")

    def pixel():
        return [int(float(handle.get_attribute("aria-valuenow"))) for handle in sliders.all()]

    def left(handle, value):  # waits until the slider stands elsewhere
        expect(handle).not_to_have_attribute("aria-valuenow", re.compile(rf"{value}(\.0)?"))

    assert pixel() == [9, 9]
    before, place = drawn.get_attribute("src"), drawn.bounding_box()
    middle = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(*middle)
    assert pixel() == [9, 9]  # nothing is pressed yet
    page.mouse.down()
    for handle in sliders.all():
        left(handle, 9)
    changed(drawn, before)
    column, row = pixel()
    assert 2 <= column <= 7
    assert 2 <= row <= 7
    page.mouse.move(middle[0] - place["width"] / 5, middle[1])
    left(sliders.first, column)
    page.mouse.up()
    assert pixel()[0] < column
    assert pixel()[1] == row
    assert page.complaints == []


def test_a_prediction_is_committed_before_the_answer_unfolds(page):
    question, answer = cell(page, 7), cell(page, 8)
    expect(answer.get_by_text("It is stored")).to_be_hidden()  # folded as shipped
    run(page, 0)
    question = run(page, 7)
    question.get_by_role("button", name="Commit").click()
    expect(question.locator(".gan-status")).to_contain_text("Choose an answer first")
    question.get_by_label("no", exact=True).check()
    question.get_by_role("button", name="Commit").click()
    expect(question.locator(".gan-status")).to_contain_text("You say: no")
    run(page, 8)
    expect(answer.get_by_text("It is 2")).to_be_visible()
    assert page.complaints == []

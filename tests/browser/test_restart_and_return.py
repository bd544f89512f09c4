"""What people do to a kernel while a board trains: restart it, close the tab, come back."""

from __future__ import annotations

import re

import nbformat
import pytest
from lab import (
    browse,
    choose,
    expect,
    keep_screenshot,
    kernel_is_idle,
    new_tab,
    open_notebook,
    run,
    run_all,
    serve,
)

pytestmark = pytest.mark.slow
SETUP = """
from pathlib import Path
import torch
from gan_helpers import GAN, NON_SATURATING, data, networks, train, widgets
torch.set_num_threads(1)
ring = data.ring()
players = networks.MLPGenerator(2, (2,), (32,)), networks.MLPDiscriminator((2,), (32,))
gan = GAN(*players, NON_SATURATING, *(torch.optim.Adam(p.parameters(), 1e-5) for p in players), 2)
"""
BOARD = """
board = widgets.LiveBoard(gan, ring)
steps, before = int(Path("steps").read_text()), gan.step
board.start(train(gan, data.batches(ring, 64), steps), steps=steps)
"""
WAIT = "board.wait(); print('all kept:', len(board.history) == gan.step - before)"
FEW, FOR_EVER = "30", str(10**9)


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory):
    """A JupyterLab, a browser's page, and the file that says how long the board trains."""
    home = tmp_path_factory.mktemp("restart")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in (SETUP, BOARD, WAIT)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    (home / "work").mkdir()
    for name in ("restart", "return"):
        nbformat.write(notebook, home / "work" / f"{name}.ipynb")
    with serve(home) as address, browse() as page:
        yield address, page.context, home / "work" / "steps"


def train_on(page):
    """Run the notebook's cells; the board trains, and the last cell waits for its end."""
    run(page, 0)
    board = run(page, 1)
    expect(board.locator(".gan-status")).to_contain_text("updates/s")
    return board, run(page, 2, wait=False)


def test_restart_in_the_middle_of_a_run_then_run_all(jupyterlab):
    address, context, steps = jupyterlab
    page = new_tab(context)
    steps.write_text(FOR_EVER)
    open_notebook(page, address, "restart.ipynb")
    _, waiting = train_on(page)
    expect(waiting.locator(".jp-InputArea-prompt")).to_have_text("[*]:")
    steps.write_text(FEW)
    choose(page, "Kernel", "Restart Kernel…")
    page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    # The old board stays to be looked at, the cell that waited is as if it had never been run.
    expect(waiting.locator(".jp-InputArea-prompt")).to_have_text("[ ]:")
    if not kernel_is_idle(page):  # a new kernel may overlook its first request: ipykernel 1554
        open_notebook(page, address, "restart.ipynb")
    run_all(page)
    expect(page.locator(".gan-status")).to_contain_text("finished")
    expect(waiting).to_contain_text("all kept: True")
    keep_screenshot(page, "restarted")
    page.close()


def test_close_the_tab_while_a_board_trains_and_come_back(jupyterlab):
    address, context, steps = jupyterlab
    page = new_tab(context)
    steps.write_text(FOR_EVER)
    open_notebook(page, address, "return.ipynb")
    train_on(page)
    save(page)
    page.close()

    # The notebook is as it was saved, and training goes on. The kernel is busy with the cell that
    # waits: JupyterLab calls it "Unknown" and says "Loading widget..." where the board will be.
    # The stop button of the tool bar ends the run; the board appears, and nothing has been lost.
    page = come_back(context, address)
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Unknown")
    expect(page.get_by_text("Loading widget...")).to_be_visible()
    keep_screenshot(page, "came_back_to_a_busy_kernel")
    choose(page, "Kernel", "Interrupt Kernel")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")
    expect(page.locator(".gan-board .gan-status")).to_contain_text("stopped")
    expect(run(page, 2)).to_contain_text("all kept: True")

    # Without a cell that waits, the kernel is idle, and the controls are live at once.
    board = run(page, 1)
    expect(board.locator(".gan-status")).to_contain_text("updates/s")
    save(page)
    page.close()
    page = come_back(context, address)
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")
    board = page.locator(".gan-board")
    before = board.locator(".gan-status").inner_text()
    expect(board.locator(".gan-status")).not_to_have_text(before)  # it trains
    board.get_by_role("button", name="Stop").click()
    expect(board.locator(".gan-status")).to_contain_text("stopped")
    expect(run(page, 2)).to_contain_text("all kept: True")
    keep_screenshot(page, "came_back")
    page.close()


def save(page):
    """Save the notebook, and wait until the server has it."""
    with page.expect_response(
        lambda said: said.request.method == "PUT" and "/api/contents/" in said.url
    ) as response:
        choose(page, "File", re.compile("^Save Notebook$"))
    assert response.value.ok


def come_back(context, address):
    """Open the notebook in a new tab, without waiting for the kernel."""
    page = new_tab(context)
    page.goto(f"{address}/lab/tree/return.ipynb?reset")
    page.locator(".jp-CodeCell").first.wait_for()
    return page

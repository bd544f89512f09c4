"""Board, explorer and playground in a real JupyterLab, driven by a headless Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

REPOSITORY = Path(__file__).parents[1]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"),
        reason="no chromium found; install it to try the controls in a browser",
    ),
]

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
CELLS = (SETUP, BOARD, EXPLORER, WAIT, PLAYGROUND)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A JupyterLab of its own, with settings of its own, that serves one notebook."""
    home = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    (home / "work").mkdir()
    nbformat.write(notebook, home / "work" / "controls.ipynb")
    for plugin, value in {
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "notebook-extension/tracker": {"windowingMode": "none"},
    }.items():
        file = home / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(value))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folders = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "JUPYTERLAB_SETTINGS_DIR": "settings",
        "IPYTHONDIR": "ipython",
    }  # fmt: skip
    environment = {**os.environ, **{name: str(home / path) for name, path in folders.items()}}
    environment |= {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    environment.pop("GAN_HELPERS_BUDGET", None)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.password=",
        f"--ServerApp.root_dir={home / 'work'}",
    ]  # fmt: skip
    with open(home / "log", "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/api", server, home / "log")
        yield f"http://127.0.0.1:{port}/lab/tree/controls.ipynb?reset"
    finally:
        server.terminate()
        server.wait(20)


def wait_for(url, server, log, seconds=60):
    """Ask until the server answers, or say why it does not."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.1)  # a server that starts offers nothing else to wait for
    pytest.fail(f"JupyterLab did not answer:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def page(address):
    """The notebook, open, with its kernel idle."""
    assert CHROMIUM is not None, "no chromium found, and this is CI: install it"
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: page.complaints.append(said.text) if said.type == "error" else None,
        )
        page.goto(address)
        page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=60_000)
        yield page
        if folder := os.environ.get("GAN_HELPERS_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / "controls.png")
        browser.close()


def cell(page, number):
    return page.locator(".jp-Notebook .jp-Cell").nth(number)


def run(page, number, wait=True):
    """Run one cell; return it, when it has ended unless told not to wait."""
    here = cell(page, number)
    here.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    prompt = re.compile(r"\[\d+\]:" if wait else r"\[(\d+|\*)\]:")
    expect(here.locator(".jp-InputArea-prompt")).to_have_text(prompt, timeout=40_000)
    wrong = here.locator('[data-mime-type="application/vnd.jupyter.error"]')
    assert wrong.count() == 0, wrong.first.inner_text()
    return here


def press(page, here, key, times):
    """Move the first slider of a cell by the keyboard."""
    here.locator(".noUi-handle").first.focus()
    for _ in range(times):
        page.keyboard.press(key)


def changed(image, before):
    """Wait until a picture is another one."""
    expect(image).not_to_have_attribute("src", before, timeout=20_000)
    return image.get_attribute("src")


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
    expect(status).to_contain_text("stopped", timeout=10_000)
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

    assert page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    assert page.complaints == []

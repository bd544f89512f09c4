"""A JupyterLab of its own and a headless Chromium, for the browser tests."""

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
from contextlib import contextmanager
from pathlib import Path

from playwright import sync_api

expect = sync_api.expect
REPOSITORY = Path(__file__).parents[2]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
)  # fmt: skip
PATIENCE = 90  # seconds for a server, a page or a kernel to come up on a cold, busy machine
expect.set_options(timeout=PATIENCE * 1000)
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}


@contextmanager
def serve(home, options=()):
    """Serve ``home/work`` by a JupyterLab with settings of its own; yield its address."""
    for plugin, value in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value))
    (home / "work").mkdir(exist_ok=True)
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
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.password=",
        f"--ServerApp.root_dir={home / 'work'}", *options,
    ]  # fmt: skip
    with open(home / "log", "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _answer(f"http://127.0.0.1:{port}/api", server, home / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _answer(url, server, log):
    """Ask until the server answers, or say why it does not."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)  # a server that starts offers nothing else to wait for
    raise AssertionError(f"JupyterLab did not answer:\n{log.read_text()[-2000:]}")


@contextmanager
def browse(**context):
    """Start a Chromium; yield a new page whose ``complaints`` collect the console's errors."""
    assert CHROMIUM is not None, "no chromium found, and this is CI: install it"
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(**{"viewport": {"width": 1280, "height": 720}, **context})
        page.set_default_timeout(PATIENCE * 1000)
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: page.complaints.append(said.text) if said.type == "error" else None,
        )
        yield page
        browser.close()


def open_notebook(page, address, name, attempts=3):
    """Open a notebook and wait for its kernel; a page that does not come up is loaded again."""
    for attempt in range(1, attempts + 1):
        page.goto(f"{address}/lab/tree/{name}?reset")
        try:
            page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
            return
        except sync_api.TimeoutError as error:
            if attempt == attempts:
                seen = page.locator("body").inner_text()[-1500:]
                raise AssertionError(
                    f"no idle kernel after {attempts} times {PATIENCE} s; the page shows:\n{seen}\n"
                    f"the console says: {page.complaints}"
                ) from error
            page.complaints.clear()


def cell(page, number):
    """Return a notebook's cell by its number, from 0."""
    return page.locator(".jp-Notebook .jp-Cell").nth(number)


def run(page, number, wait=True):
    """Run one cell; return it, when it has ended unless told not to wait."""
    here = cell(page, number)
    here.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    prompt = re.compile(r"\[\d+\]:" if wait else r"\[(\d+|\*)\]:")
    expect(here.locator(".jp-InputArea-prompt")).to_have_text(prompt)
    wrong = here.locator('[data-mime-type="application/vnd.jupyter.error"]')
    assert wrong.count() == 0, wrong.first.inner_text()
    return here


def press(page, here, key, times):
    """Move the first slider of a cell by the keyboard."""
    here.locator(".noUi-handle").first.focus()
    for _ in range(times):
        page.keyboard.press(key)


def changed(image, before):
    """Wait until a picture is another one; return its source."""
    expect(image).not_to_have_attribute("src", before)
    return image.get_attribute("src")


def keep_screenshot(page, name):
    """Save a picture of the page where the run was asked to keep them."""
    if folder := os.environ.get("GAN_HELPERS_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")

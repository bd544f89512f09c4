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
LONG = 3 * PATIENCE * 1000  # milliseconds for a whole notebook, with caches still to be filled
WRONG = '[data-mime-type$=".stderr"], [data-mime-type$=".error"]'  # JupyterLab shows both alike
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}

FINGERPRINT = """async (image) => {
    const bytes = await (await fetch(image.src)).arrayBuffer();
    return new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)).join();
}"""
# Playwright's own waiting takes a promise for an answer, so this waits by itself.
REPAINTED = f"""async (image, [before, patience]) => {{
    for (const until = performance.now() + patience; performance.now() < until;) {{
        const seen = await ({FINGERPRINT})(image).catch(() => before);  // replaced while read
        if (seen !== before) return seen;
        await new Promise((done) => setTimeout(done, 50));
    }}
}}"""


@contextmanager
def serve(home, options=(), settings=None, variables=None):
    """Serve ``home/work`` by a JupyterLab of its own; yield its address.

    ``settings`` of plugins come on top of SETTINGS, environment ``variables`` on top of the test's.
    """
    for plugin, value in {**SETTINGS, **(settings or {})}.items():
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
    environment |= {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1", **(variables or {})}
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
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 720}, **context})
        yield new_tab(context)
        browser.close()


def new_tab(context):
    """Open a tab in a browser's context; its ``complaints`` collect the console's errors."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.complaints, page.loads = [], 0
    page.on("pageerror", lambda error: page.complaints.append(str(error)))

    def complain(said):
        # A page that was loaded again still hears from the widgets of the one before it.
        orphan = page.loads > 1 and said.text.startswith("Comm not found")
        if said.type == "error" and not orphan:
            page.complaints.append(said.text)

    page.on("console", complain)
    return page


def open_notebook(page, address, name, attempts=3):
    """Open a notebook and wait for its kernel; a page that does not come up is loaded again."""
    for attempt in range(1, attempts + 1):
        page.loads = attempt
        page.goto(f"{address}/lab/tree/{name}?reset")
        if kernel_is_idle(page):
            return
        if attempt < attempts:
            page.complaints.clear()
    seen = page.locator("body").inner_text()[-1500:]
    raise AssertionError(
        f"no idle kernel after {attempts} times {PATIENCE} s; the page shows:\n{seen}\n"
        f"the console says: {page.complaints}"
    )


def kernel_is_idle(page):
    """Wait for a kernel that has nothing to do; tell whether there is one."""
    try:
        page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    except sync_api.TimeoutError:
        return False
    return True


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
    wrong = here.locator(WRONG)
    assert wrong.count() == 0, wrong.first.inner_text()
    return here


def choose(page, menu, entry):
    """Choose an entry of JupyterLab's menu bar."""
    page.locator(".lm-MenuBar-itemLabel").get_by_text(menu, exact=True).click()
    page.locator(".lm-Menu-item").filter(has=page.get_by_text(entry, exact=True)).click()


def run_all(page, before=0):
    """Choose "Run All Cells", wait for the end, and check that each cell ran and none complained.

    The kernel has counted ``before`` cells so far; returns what it counts now.
    """
    choose(page, "View", "Expand All Code")  # a folded cell shows no number
    expect(page.locator(".jp-InputPlaceholder")).to_have_count(0)
    prompts = page.locator(".jp-CodeCell .jp-InputArea-prompt")
    numbers = range(before + 1, before + 1 + prompts.count())
    choose(page, "Run", "Run All Cells")
    over = f"""() => document.querySelector('{WRONG}')
        || [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')].at(-1)
        .innerText.trim() === '[{numbers[-1]}]:'"""
    page.wait_for_function(over, timeout=LONG, polling=200)
    wrong = page.locator(WRONG).all_inner_texts()
    assert wrong == [], wrong
    counted = prompts.all_inner_texts()
    assert counted == [f"[{number}]:" for number in numbers], counted
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")
    said = page.locator(".gan-status").all_inner_texts()
    assert not any("⚠" in line for line in said), said
    expect(page.get_by_text("Error displaying widget")).to_have_count(0)
    assert page.complaints == [], page.complaints
    return numbers[-1]


def shut_down_kernels(page, address):
    """Shut down every kernel of the server, as the side bar's button does."""
    (token,) = (each["value"] for each in page.context.cookies() if each["name"] == "_xsrf")
    for session in page.request.get(f"{address}/api/sessions").json():
        url = f"{address}/api/sessions/{session['id']}"
        assert page.request.delete(url, headers={"X-XSRFToken": token}).ok


def press(page, here, key, times):
    """Move the first slider of a cell by the keyboard."""
    here.locator(".noUi-handle").first.focus()
    for _ in range(times):
        page.keyboard.press(key)


def changed(image, before):
    """Wait until a picture is another one; return its source."""
    expect(image).not_to_have_attribute("src", before)
    return image.get_attribute("src")


def picture(image):
    """Return a fingerprint of the bytes that an image shows."""
    return image.evaluate(FINGERPRINT)


def repainted(image, before):
    """Wait until an image shows other bytes than those of ``before``; return their fingerprint."""
    after = image.evaluate(REPAINTED, [before, PATIENCE * 1000])
    assert after, f"the same picture still, after {PATIENCE} s"
    return after


def keep_screenshot(page, name):
    """Save a picture of the page where the run was asked to keep them."""
    if folder := os.environ.get("GAN_HELPERS_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")

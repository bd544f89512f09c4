"""Clocks in the page: from a key or a click to what is seen."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from lab import expect, run
from PIL import Image

Times = list[float]  # milliseconds

# From a key to the first task after the frame in which the new picture is painted.
OF_AN_IMAGE = """
(image) => {
  window.answers = [];
  let pressed = null;
  addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
  new MutationObserver(async () => {
    if (pressed === null) return;
    const since = pressed;
    pressed = null;
    await image.decode().catch(() => image.decode());  // again where it was replaced meanwhile
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => answers.push([performance.now() - since]);
      after.port2.postMessage(null);
    });
  }).observe(image, { attributes: true, attributeFilter: ["src"] });
}
"""
# The control's own listener draws at once and comes first: it is nearer than the document.
OF_A_CANVAS = """
() => {
  window.answers = [];
  let pressed = null;
  addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
  document.addEventListener("input", () => {
    const since = pressed;
    const drawn = performance.now() - since;
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => answers.push([drawn, performance.now() - since]);
      after.port2.postMessage(null);
    });
  });
}
"""
# When a button was clicked, by the clock that the kernel reads too, and when the page says so.
OF_A_BUTTON = """
([root, button, word]) => {
  window.clicked = [];
  window.answers = [];
  let since = null;
  root.addEventListener("click", (event) => {
    if (!event.target.closest(button)) return;
    since = event.timeStamp;
    clicked.push((Date.now() - performance.now() + since) / 1000);
  }, true);
  new MutationObserver(() => {
    if (since === null || !root.innerText.includes(word)) return;
    answers.push(performance.now() - since);
    since = null;
  }).observe(root, { subtree: true, childList: true, characterData: true });
}
"""
RATE = """
([image, seconds]) => new Promise((done) => {
  let pictures = 0;
  const count = () => { pictures++; };
  image.addEventListener("load", count);
  const began = performance.now();
  setTimeout(() => {
    image.removeEventListener("load", count);
    done([pictures, (performance.now() - began) / 1000]);
  }, 1000 * seconds);
})
"""


def keys(page: Any, handle: Any, actions: int) -> list[Times]:
    """Press a key on a slider again and again; return what the clock says, one list a moment."""
    for i in range(actions):
        # it is focused each time: after a cell has run, JupyterLab takes the focus to itself
        handle.press("ArrowRight" if i % 20 < 10 else "ArrowLeft")
        page.wait_for_function("count => answers.length > count", arg=i)
    return [list(each) for each in zip(*page.evaluate("answers"), strict=True)]


def watch_button(page: Any, root: Any, button: str, word: str) -> None:
    """Start the clock of a button: until the text of ``root`` holds ``word``."""
    page.evaluate(OF_A_BUTTON, [root.element_handle(), button, word])


def halts(
    page: Any, root: Any, button: str, word: str, go_on: Callable[[], object], actions: int
) -> tuple[Times, list[list[float]]]:
    """Halt training by a button and let it go on, again and again.

    Args:
        page: the notebook's.
        root: whose text says how it stands, and which holds the button.
        button: its selector; it must be the one that halts whenever it is clicked here.
        word: what the text says when training stands still.
        go_on: lets it train again; ``root`` must then be another or no longer say ``word``.
        actions: how often.

    Returns:
        Milliseconds from each click until the page says so; and when the clicks were and when
        training went on, two lists in seconds since 1970.
    """
    says, clicked, again = [], [], []
    for _ in range(actions):
        watch_button(page, root, button, word)
        page.wait_for_timeout(100)  # milliseconds of training in between
        root.locator(button).click()
        page.wait_for_function("answers.length > 0")
        said, click = page.evaluate("[answers[0], clicked[0]]")
        says.append(said)
        clicked.append(click)
        again.append(page.evaluate("Date.now() / 1000"))
        go_on()
        expect(root.locator(".gan-status")).not_to_contain_text(word)
    return says, [clicked, again]


def went_on(page: Any, folder: Path, number: int, moments: list[list[float]]) -> Times:
    """Ask the kernel, by a cell, for how long after each click updates went on."""
    (folder / "clicks.json").write_text(json.dumps(moments))
    return printed(run(page, number))


def printed(here: Any) -> Any:
    """Return the JSON that a cell has printed."""
    said = here.locator('[data-mime-type="application/vnd.jupyter.stdout"]').last
    return json.loads(said.inner_text())


def film(page: Any, image: Any, count: int) -> tuple[int, int, int]:
    """Take pictures of where an image is, one after the other.

    Returns:
        How many are blank, how many sizes the image had, and how many pictures differ.
    """
    image.scroll_into_view_if_needed()
    clip = image.bounding_box()
    sizes, different, blank = set(), set(), 0
    for _ in range(count):
        shot = page.screenshot(clip=clip)
        sizes.add(tuple(image.bounding_box().values()))
        different.add(shot)
        blank += is_blank(np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")))
    return blank, len(sizes), len(different)


def is_blank(pixels: np.ndarray) -> bool:
    """Return whether a picture (H, W, 3) has one colour but for less than 1 % of it."""
    rows = pixels.reshape(-1, 3)
    return bool((rows == np.median(rows, axis=0)).all(axis=1).mean() > 0.99)


def summary(times: Sequence[float], digits: int = 0) -> tuple[str, str]:
    """Return median and 90th percentile as text."""
    return f"{np.median(times):.{digits}f}", f"{np.percentile(times, 90):.{digits}f}"

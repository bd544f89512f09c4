"""How soon the controls answer in a real browser, and what watching costs, in one command.

    python benchmarks/controls.py [--actions 30] [--seconds 3] [--write]

It starts JupyterLab and a headless Chromium, so it needs one, and playwright. What is measured:

- Latent slider: from the event of a key on a slider until the browser has decoded the new picture
  and has painted a frame with it (the first task after that frame). ``LatentExplorer`` of an MLP
  100-128-256-512-784, with the kernel idle and while a ``LiveBoard`` trains that GAN; by the server
  as ``make lab`` starts it, and by one as it comes.
- Generator in the page: the same for ``page_explorer``; "drawn" is when the canvas holds the new
  picture. Its MLP is 64-256-256-784: of the other, the weights are more than a page may hold.
- Pause and Stop: from the click until the end of the last update that the kernel did, by the
  machine's clock (0 where none was under way), and until the page says so.
- Laboratory: turns a second by its status line, pictures a second by the ``load`` events of the
  image, over ten seconds, at default settings.
- Flicker: screenshots of the picture's place while it trains: how many are of one colour, and how
  many positions and sizes the image had.
- Cost of a board: time of a run with a board in the page over that of a plain run just before it,
  in the kernel; a run takes about ``--seconds``. A board draws for 3 % of the time, and for 0.25 s
  on credit, so that the first frames come soon (``live_picture.py``): short runs pay a larger
  share. ``--seconds 20`` is what a notebook's run pays; it takes ten minutes.

Medians and 90th percentiles. The figures are worth something only on a machine that does nothing
else. ``--write`` puts the table into ``benchmarks/CONTROLS.md``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training_speed import header, processor, row

from gan_helpers import versions

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests" / "browser")]
try:
    import lab
    from answers import cells, clocks

    from tools.lab import variables
except ImportError:  # no playwright
    lab = None

RESULTS = Path(__file__).with_name("CONTROLS.md")
SECONDS = 10  # that the laboratory is watched
SHOTS = 100


@contextmanager
def notebook(name: str, of: tuple[str, ...], as_it_comes: bool = False) -> Iterator[Any]:
    """Open a notebook in a server and a browser of its own; yield its page, kernel idle."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        cells.write(home / "work", name, of)
        added = {} if as_it_comes else variables()
        with lab.serve(home, variables=added) as address, lab.browse() as page:
            page.folder = home / "work"
            lab.open_notebook(page, address, name)
            page.keyboard.press("Control+b")  # the file browser away: pictures are wide
            yield page


def latent(page: Any, actions: int, server: str) -> Iterator[str]:
    """Time the latent slider, idle and while the GAN trains; its board is left running."""
    for number in (0, 1):
        lab.run(page, number)
    for number, state, asked in ((2, "idle", 50), (4, "while training", 100)):
        if number == 4:
            lab.run(page, 3)  # the board
        here = lab.run(page, number)
        page.evaluate(clocks.OF_AN_IMAGE, here.locator("img").element_handle())
        (times,) = clocks.keys(page, here.locator(".noUi-handle").first, actions)
        limit = f"{asked} ms" if server == "make lab" else "reported"
        yield row(
            f"latent slider to painted picture, {state}, server: {server}",
            limit, *clocks.summary(times), str(len(times)),
        )  # fmt: skip


def board(page: Any, actions: int) -> Iterator[str]:
    """Film the running board, then time its Pause and its Stop."""
    here = lab.cell(page, 3)
    yield flicker(page, here.locator("img"), "board")
    root = here.locator(".gan-board")
    pause = ".gan-pause"
    says, moments = clocks.halts(page, root, pause, "paused", root.locator(pause).click, actions)
    yield halted("Pause of a board", says, clocks.went_on(page, page.folder, 6, moments))
    root.locator(".gan-stop").click()
    lab.expect(root.locator(".gan-status")).to_contain_text("stopped")
    lab.run(page, 7)
    root = lab.cell(page, 7).locator(".gan-board")

    def start_again() -> None:
        shown = root.element_handle()
        lab.run(page, 7)
        page.wait_for_function("old => !old.isConnected", arg=shown)

    says, moments = clocks.halts(page, root, ".gan-stop", "stopped", start_again, actions)
    yield halted("Stop of a board", says, clocks.went_on(page, page.folder, 6, moments))
    lab.run(page, 8)


def in_page(page: Any, actions: int) -> Iterator[str]:
    """Time the slider of a generator that runs in the page."""
    here = lab.run(page, 5).locator(".gan-page[data-ready]")
    page.evaluate(clocks.OF_A_CANVAS)
    drawn, painted = clocks.keys(page, here.get_by_label("direction 1"), actions)
    for what, limit, times in (("drawn", "5 ms", drawn), ("painted", "reported", painted)):
        yield row(
            f"latent slider to {what} canvas, generator in the page",
            limit, *clocks.summary(times, 1), str(len(times)),
        )  # fmt: skip


def laboratory(page: Any, actions: int) -> Iterator[str]:
    """Measure the laboratory's pace, film it, and time its Pause."""
    for number in (0, 1):
        lab.run(page, number)
    root = lab.run(page, 2).locator(".gan-lab")
    image, play = root.locator("img").first, root.locator(".gan-play")
    play.click()
    page.wait_for_timeout(2000)  # milliseconds; the first frames draw the axes
    before = turns(root)
    pictures, seconds = page.evaluate(clocks.RATE, [image.element_handle(), SECONDS])
    rates = (turns(root) - before) / seconds, pictures / seconds
    for what, limit, rate in zip(("turns", "pictures"), (20, 5), rates, strict=True):
        yield row(f"laboratory: {what} a second", f"{limit} or more", f"{rate:.1f}", "", "1")
    yield flicker(page, image, "laboratory")
    says, moments = clocks.halts(page, root, ".gan-play", "paused", play.click, actions)
    yield halted("Pause of the laboratory", says, clocks.went_on(page, page.folder, 3, moments))


def turns(root: Any) -> int:
    """Return how many turns the laboratory says it has done."""
    found = re.search(r"step ([\d,]+)", root.locator(".gan-status").inner_text())
    assert found, root.inner_text()
    return int(found[1].replace(",", ""))


def halted(what: str, says: list[float], went_on: list[float]) -> str:
    """Return the rows of a button that halts training."""
    rows = []
    for until, limit, times in (
        ("the last update has ended", "300 ms", went_on), ("the page says so", "reported", says),
    ):  # fmt: skip
        rows.append(row(f"{what}: until {until}", limit, *clocks.summary(times), str(len(times))))
    return "\n".join(rows)


def flicker(page: Any, image: Any, where: str) -> str:
    """Return the row of a film."""
    blank, sizes, different = clocks.film(page, image, SHOTS)
    return row(
        f"{where}: blank screenshots; sizes and places of the image ({different} pictures differ)",
        "0; 1", f"{blank}; {sizes}", "", str(SHOTS),
    )  # fmt: skip


def cost(page: Any, seconds: float, repeats: int) -> Iterator[str]:
    """Time training with and without a board."""
    (page.folder / "cost.json").write_text(json.dumps({"seconds": seconds, "repeats": repeats}))
    here = lab.run(page, 0, wait=False)
    prompt = here.locator(".jp-InputArea-prompt")
    lab.expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=600_000)
    for name, ratios in clocks.printed(here).items():
        more = [100 * (ratio - 1) for ratio in ratios]
        median, high = clocks.summary(more, 1)
        yield row(
            f"cost of a board, {name}, runs of {seconds:g} s", "5 %", f"{median} %", f"{high} %",
            str(len(more)),
        )  # fmt: skip


def table(actions: int, seconds: float, repeats: int) -> Iterator[str]:
    """Measure everything, and yield the table line by line."""
    yield from header("what", "asked", "median", "90th percentile", "actions")
    with notebook("latent.ipynb", cells.LATENT) as page:
        yield from latent(page, actions, "make lab")
        yield from board(page, actions)
        yield from in_page(page, actions)
    with notebook("latent.ipynb", cells.LATENT, as_it_comes=True) as page:
        yield from latent(page, actions, "as it comes")
    with notebook("lab.ipynb", cells.LABORATORY) as page:
        yield from laboratory(page, actions)
    with notebook("cost.ipynb", (cells.COST,)) as page:
        yield from cost(page, seconds, repeats)


def main() -> None:
    """Print the table as it is measured, and store it where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--actions", type=int, default=30, help="of each kind")
    parser.add_argument("--seconds", type=float, default=3.0, help="of a run with a board")
    parser.add_argument("--repeats", type=int, default=7, help="runs with a board")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    asked = parser.parse_args()
    if lab is None or lab.CHROMIUM is None:
        print("No Chromium or no playwright: the controls were not measured.")
        return
    found = versions()
    packages = ", ".join(f"{name} {found[name]}" for name in ("jupyterlab", "ipykernel", "torch"))
    text = [
        "# Answers of the controls",
        "",
        f"{processor()}, {found['cores']} cores; {found['system']}, Python {found['python']}, "
        f"{packages}, ipywidgets {found['ipywidgets']}. In milliseconds where nothing else is said."
        " Written by `python benchmarks/controls.py --write`, which says what is measured.",
        "",
    ]
    print("\n".join(text))
    for line in table(asked.actions, asked.seconds, asked.repeats):
        print(line, flush=True)
        text.append(line)
    if asked.write:
        RESULTS.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

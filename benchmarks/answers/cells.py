"""The cells of the notebooks in which controls are timed."""

from __future__ import annotations

from pathlib import Path

import nbformat

BENCHMARKS = Path(__file__).resolve().parent.parent

# Twenty steps, so that a small move through the latent space is a different picture.
DIGITS = """
import torch
from gan_helpers import GAN, NON_SATURATING, data, networks, set_seed, train, widgets
from gan_helpers.replay import page_explorer
torch.set_num_threads(1)
set_seed(0)
players = (
    networks.MLPGenerator(100, (1, 28, 28), (128, 256, 512), batch_norm=True, tanh=True),
    networks.MLPDiscriminator((1, 28, 28), (512, 256)),
)
adams = [torch.optim.Adam(p.parameters(), 2e-4, (0.5, 0.999), fused=True) for p in players]
gan = GAN(*players, NON_SATURATING, *adams, latent_dim=100)
supply = data.batches(data.mnist(), 64)
for _ in train(gan, supply, 20):
    pass
"""
CLOCK = """
import bisect, json, time
ended = []  # when each update had ended, seconds since 1970
def clocked(records):
    for record in records:
        ended.append(time.time())
        yield record
def went_on(clicked, again):  # milliseconds from each click to the last update before "again"
    last = [ended[bisect.bisect(ended, moment) - 1] for moment in again]
    return [1000 * max(0.0, b - a) for a, b in zip(clicked, last)]
"""
EXPLORER = "widgets.LatentExplorer(gan.generator)"
BOARD = """
board = widgets.LiveBoard(gan)
board.start(clocked(train(gan, supply, 10**7)))
"""
WATCHING = "widgets.LatentExplorer(gan.generator, board=board)"
AGAIN = """
board.stop()  # which waits for the picture that stays
board.start(clocked(train(gan, supply, 10**7)))
"""
IN_PAGE = """
small = networks.MLPGenerator(64, (1, 28, 28), (256, 256), tanh=True)
page_explorer(small)
"""
WENT_ON = 'print(json.dumps(went_on(*json.load(open("clicks.json")))))'
END = "board.stop()"
LATENT = (DIGITS, CLOCK, EXPLORER, BOARD, WATCHING, IN_PAGE, WENT_ON, AGAIN, END)

LAB = """
import torch
from gan_helpers.lab import Session
from gan_helpers.lab.front import GanLab
torch.set_num_threads(1)
turn = Session.step
def timed(self):
    done = turn(self)
    ended.append(time.time())
    return done
Session.step = timed
"""
LABORATORY = (CLOCK, LAB, "lab = GanLab()\nlab", WENT_ON)

COST = f"""
import json, sys
sys.path.insert(0, {str(BENCHMARKS)!r})
import torch
from answers.cost import board_costs
torch.set_num_threads(1)
print(json.dumps(board_costs(**json.load(open("cost.json")))))
"""


def write(folder: Path, name: str, cells: tuple[str, ...]) -> None:
    """Write a notebook of these cells into a folder."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / name)

"""The whole path to a GPU, without one: a simulated device that refuses to mix with the CPU.

Marked slow: every notebook's code cells under the smoke budget, with that device picked.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from torch.utils import backend_registration

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
pytestmark = pytest.mark.skipif(
    not hasattr(backend_registration, "_setup_privateuseone_for_python_backend"),
    reason="this PyTorch has no devices written in Python",
)


def test_what_a_student_does_runs_there_and_mixes_nothing():
    """The tests are in ``on_second_device.py``."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    for inherited in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[inherited]
    done = subprocess.run(
        [*command, HERE / "on_second_device.py"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-8000:]


# Notebooks -------------------------------------------------------------------------------------


FIRST = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
import simulated_device
simulated_device.install()
"""
# As the loop was before it moved batches.
UNMOVED = """
from gan_helpers.data.supply import Supply
def as_it_comes(self):
    self.real = next(self._batches)
    return self.real
Supply.__next__ = as_it_comes
"""


def errors(sources, monkeypatch):
    """Run cells in order, in a kernel of their own; return each error with its cell."""
    monkeypatch.setenv("GAN_HELPERS_BUDGET", "smoke")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("GAN_HELPERS_DEVICE", "sim")
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    place = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(notebook, timeout=600, allow_errors=True, resources=place).execute()
    return [
        f"{output.ename}: {output.evalue}\n{cell.source}"
        for cell in notebook.cells
        for output in cell.outputs
        if output.output_type == "error"
    ]


def code(name):
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_runs_there(name, monkeypatch):
    assert errors([FIRST, *code(name)], monkeypatch) == []


def careless():
    """03 until its first run has ended, with no batch sent to the device but by the loop."""
    cells = code("03_lsgan")
    end = next(i for i, cell in enumerate(cells) if cell.startswith("board.wait()"))
    cells = [cell.replace("256, device=device)", "256)") for cell in cells[: end + 1]]
    assert "train(gan, data.batches(ring, 256), steps)" in cells[end - 1]
    return cells


@pytest.mark.slow
def test_a_notebook_that_forgets_the_device_trains_because_the_loop_moves_batches(monkeypatch):
    assert errors([FIRST, *careless()], monkeypatch) == []


@pytest.mark.slow
def test_where_the_loop_does_not_move_them_it_fails(monkeypatch):
    found = errors([FIRST, UNMOVED, *careless()], monkeypatch)
    assert any("same device" in each and "board.wait()" in each for each in found)

"""Run the notebooks: store the outputs of a full run, or put the solutions in.

    python -m tools.notebooks render 02   # run 02 from a fresh kernel, store its outputs in place
    python -m tools.notebooks solve 02    # write build/solved/02_*.ipynb, solved, every cell twice
    python -m tools.notebooks count 02    # words, lines, scaffolding, exercises, narrow pictures

Without a number, all notebooks.
"""

from __future__ import annotations

import argparse
import copy
import os
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_output

from tools import exercises, policy

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
SOLUTIONS = NOTEBOOKS / "solutions"
CELL_SECONDS = 600


def read(path: Path) -> NotebookNode:
    """Read a notebook file, in the current format."""
    return nbformat.read(path, as_version=4)


def solution_files(number: str) -> dict[str, str]:
    """Map the exercises of one notebook, "02-1" and so on, to their solutions' text."""
    files = sorted(SOLUTIONS.glob(f"{number}_*.py"))
    return {f.stem.replace("_", "-"): f.read_text(encoding="utf-8") for f in files}


def clean(notebook: NotebookNode) -> NotebookNode:
    """Return a copy as it is stored: no widgets, times or host details.

    An answer to a prediction gets a first line that does not give it away, see ``policy.INSTEAD``.
    """
    kept = copy.deepcopy(notebook)
    series = kept.metadata.get("gan_helpers", {})
    kept.metadata = NotebookNode(
        gan_helpers=series,
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    for cell in kept.cells:
        keep = ("tags", "jupyter")
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k in keep})
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(policy.WIDGET_VIEW, None)
        if "answer" in policy.tags(cell) and cell.outputs:
            first = new_output("display_data", data={"text/plain": policy.INSTEAD})
            cell.outputs.insert(0, first)
    return kept


def render(path: Path) -> list[str]:
    """Run a notebook from a fresh kernel under the full budget and store its outputs in place.

    Args:
        path: the notebook.

    Returns:
        What the stored outputs break; where there is anything, the file is left as it was, and
        the run is kept in build/rejected/ to be looked at.
    """
    os.environ["GAN_HELPERS_BUDGET"] = "full"
    os.environ.pop("GAN_HELPERS_STRICT", None)
    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    found = policy.picture_beside_widget(notebook)
    notebook = clean(notebook)
    notebook.metadata.setdefault("gan_helpers", {})["rendered"] = {
        "budget": "full",
        "source": policy.source_digest(notebook),
        "torch": version("torch").partition("+")[0],
    }
    text = nbformat.writes(notebook) + "\n"
    found += [said for rule in policy.RULES.values() for said in rule(notebook)]
    found += policy.size(notebook, len(text.encode()))
    if found:
        path = ROOT / "build" / "rejected" / path.name
        path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return found


def solved(notebook: NotebookNode, solutions: dict[str, str]) -> NotebookNode:
    """Return a copy with the solutions in place of the stubs, without outputs, each cell twice.

    The second pass runs every cell again in the kernel of the first.

    Args:
        notebook: the notebook.
        solutions: exercise -> text of its solution.

    Returns:
        The copy. A stub without a solution stays, and its check fails under the strict switch.
    """
    first = copy.deepcopy(notebook)
    for cell in policy.code_cells(first):
        cell.outputs, cell.execution_count = [], None
        name = exercises.STUB.match(cell.source.splitlines()[0])
        if "stub" in policy.tags(cell) and name:
            cell.source = solutions.get(name.group(1), cell.source)
    second = copy.deepcopy(first.cells)
    for cell in second:
        cell.id = f"{cell.id[:60]}-2"
    first.cells += second
    return first


def count(path: Path) -> str:
    """Return one line that says how long a notebook is, and what of it is no lesson."""
    notebook = read(path)
    words = sum(len(c.source.split()) for c in notebook.cells if c.cell_type == "markdown")
    lines, other = policy.lines_on_view(notebook)
    asked = sum("stub" in policy.tags(cell) for cell in policy.code_cells(notebook))
    narrow = len(policy.narrow_pictures(notebook))
    return (
        f"{path.stem}: {len(notebook.cells)} cells, {words} words, {lines} code lines on view, "
        f"{other} of them scaffolding ({other / max(lines, 1):.1%}), {asked} exercises, "
        f"{narrow} pictures too small"
    )


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["render", "solve", "count"])
    parser.add_argument("numbers", nargs="*", help="for example 02; all when none is given")
    arguments = parser.parse_args()
    wanted = tuple(arguments.numbers) or ("",)
    paths = [p for p in sorted(NOTEBOOKS.glob("*.ipynb")) if p.name.startswith(wanted)]
    if not paths:
        print(f"There is no notebook that starts with {' or '.join(wanted)}.", file=sys.stderr)
        return 2
    broken = 0
    for path in paths:
        if arguments.action == "count":
            print(count(path))
            continue
        if arguments.action == "solve":
            target = ROOT / "build" / "solved" / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(solved(read(path), solution_files(path.name[:2])), target)
            continue
        start = time.perf_counter()
        found = render(path)
        seconds, size = time.perf_counter() - start, path.stat().st_size / 1e3
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
        print(f"{path.name}: {seconds:.0f} s, {size:.0f} kB, peak so far {peak:.2f} GB")
        for said in found:
            print(f"  not stored: {said}")
        broken += bool(found)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

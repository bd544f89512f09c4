"""The rules that a notebook keeps, each a function of the notebook that returns what breaks it.

An empty list means that the rule is kept. CONTRIBUTING.md says what the rules are for.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

from nbformat import NotebookNode
from PIL import Image

EXERCISE = {"stub", "check", "solution"}
TAGS = {"setup", "mirror", "test", "predict", "answer", "nbval-check-output"} | EXERCISE
SCAFFOLDING = 0.05  # of the lines on view, at most
# JupyterLab shows the first line of a folded output, which would give the answer away.
INSTEAD = "The answer is folded here: commit to yours, then run this cell."
ACROSS, SQUARE, SMALLEST_TEXT = 1000, 900, 14  # pixels, pixels, CSS points
CELL_LINES = 15
SETUP_LINES = 12
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
ABSOLUTE_PATH = re.compile(
    r"(?<![\w./:])/(?:home|root|work|tmp|Users|opt|mnt|var|usr|private)\b"
    r"|\b[A-Z]:\\(?:Users|Windows|Temp|Program)|file:/"
)
REMOTE = re.compile(r"""!\[[^\]]*\]\(\s*https?:|\bsrc\s*=\s*["']?https?:|@import""")
EMBEDDED = re.compile(r"data:[\w/+.;-]+;base64,[A-Za-z0-9+/=]+")
MARKDOWN_IMAGE = re.compile(r"!\[([^\]]*)\]\(")
HTML_IMAGE = re.compile(r"<img\b(?![^>]*\balt\s*=\s*[\"'][^\"'])[^>]*>")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """List the code cells that hold anything."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def tags(cell: NotebookNode) -> set[str]:
    """Return the tags of a cell."""
    return set(cell.metadata.get("tags", []))


def source_digest(notebook: NotebookNode) -> str:
    """Return a digest of the code, which tells whether the stored outputs belong to it."""
    code = "\0".join(cell.source for cell in code_cells(notebook))
    return hashlib.sha256(code.encode()).hexdigest()


def first_line(cell: NotebookNode) -> str:
    """Return the start of a cell, quoted, to name it by."""
    return repr((cell.source.strip().splitlines() or [""])[0][:60])


def _outputs(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, NotebookNode]]:
    for cell in code_cells(notebook):
        for output in cell.outputs:
            yield cell, output


def _texts(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, str]]:
    """Yield each cell with its source, and with every text that it has put out."""
    for cell in notebook.cells:
        yield cell, EMBEDDED.sub("", cell.source)
    for cell, output in _outputs(notebook):
        yield cell, str(output.get("text", ""))
        for mime, value in output.get("data", {}).items():
            if mime.startswith("text/") or mime == "image/svg+xml":
                yield cell, EMBEDDED.sub("", str(value))


# What is written -----------------------------------------------------------------------------


def title(notebook: NotebookNode, name: str) -> list[str]:
    """Demand `# N. Title` at the top, with the number in the file's name, or `# Title`."""
    start = f"# {int(name[:2])}. " if name[:2].isdigit() else "# "
    rest = r"\S" if name[:2].isdigit() else r"[^\W\d]"
    first = notebook.cells[0]
    if first.cell_type == "markdown" and re.match(re.escape(start) + rest, first.source):
        return []
    return [f"the first cell has to be markdown that starts {start!r}"]


def known_tags(notebook: NotebookNode) -> list[str]:
    """Demand that no cell carries a tag that nothing here knows."""
    found = ((cell, tags(cell) - TAGS) for cell in notebook.cells)
    return [f"unknown tags {sorted(extra)} on {first_line(cell)}" for cell, extra in found if extra]


def short_cells(notebook: NotebookNode) -> list[str]:
    """Demand at most 15 lines a code cell."""
    lengths = ((cell, len(cell.source.splitlines())) for cell in code_cells(notebook))
    return [f"{n} lines in {first_line(cell)}" for cell, n in lengths if n > CELL_LINES]


def setup_cell(notebook: NotebookNode) -> list[str]:
    """Demand one set-up cell of at most 12 lines, the only one that imports the package."""
    setups = [cell for cell in code_cells(notebook) if "setup" in tags(cell)]
    found = []
    if len(setups) != 1:
        found.append(f"{len(setups)} cells are tagged 'setup', one is wanted")
    for cell in setups:
        if len(cell.source.splitlines()) > SETUP_LINES:
            found.append(f"the set-up cell has more than {SETUP_LINES} lines")
    for cell in code_cells(notebook):
        imported = re.search(r"^\s*(from|import)\s+gan_helpers\b", cell.source, re.MULTILINE)
        if ("setup" in tags(cell)) != bool(imported):
            found.append(f"the set-up cell alone imports gan_helpers: {first_line(cell)}")
    return found


def prose_around_code(notebook: NotebookNode) -> list[str]:
    """Demand that at most two code cells that are read stand in a row, and prose at the end."""
    found, row = [], 0
    for cell in notebook.cells:
        if not tags(cell) & {"check", "solution", "test"}:  # these belong to the cell before
            row = row + 1 if cell.cell_type == "code" else 0
        if row > 2:
            found.append(f"no sentence before {first_line(cell)}")
    if notebook.cells[-1].cell_type == "code":
        found.append("the notebook ends with code; say what was seen")
    return found


def folded_tests(notebook: NotebookNode) -> list[str]:
    """Demand that test cells are folded and silent: they are no part of the lesson."""
    found = []
    for cell in (cell for cell in code_cells(notebook) if "test" in tags(cell)):
        if not cell.metadata.get("jupyter", {}).get("source_hidden"):
            found.append(f"the test cell is not folded: {first_line(cell)}")
        if cell.outputs:
            found.append(f"the test cell puts something out: {first_line(cell)}")
    return found


def answered_predictions(notebook: NotebookNode) -> list[str]:
    """Demand that each question is answered by a later cell whose stored output is folded."""
    found, asked = [], None
    for cell in code_cells(notebook):
        if "answer" in tags(cell):
            asked = None
            if not cell.metadata.get("jupyter", {}).get("outputs_hidden"):
                found.append(f"the answer is not folded: {first_line(cell)}")
            if "nbval-check-output" in tags(cell):  # the cover in front of it is no output
                found.append(f"a folded answer cannot be compared: {first_line(cell)}")
            if cell.outputs and cell.outputs[0].get("data") != {"text/plain": INSTEAD}:
                found.append(f"the answer can be read although it is folded: {first_line(cell)}")
        if "predict" in tags(cell):
            if asked:
                found.append(f"no answer before the next question: {first_line(asked)}")
            asked = cell
    return found + ([f"no answer to {first_line(asked)}"] if asked else [])


def read_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """List the code cells on view that belong to the lesson: not folded, not an exercise's."""
    return [
        cell
        for cell in code_cells(notebook)
        if not cell.metadata.get("jupyter", {}).get("source_hidden") and not tags(cell) & EXERCISE
    ]


def scaffolding_lines(cell: NotebookNode) -> set[int]:
    """Return the lines of a cell that hold an assertion, a budget, an alt text or a bare title."""
    lines: set[int] = set()
    try:
        nodes = [*ast.walk(ast.parse(cell.source))]
    except SyntaxError:  # a magic
        return lines
    for node in nodes:
        names: list[str] = []
        if isinstance(node, ast.Assign):
            names = [n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        conditional = isinstance(node, ast.If) and "budget.is_" in ast.unparse(node.test)
        labels = bool(names) and {*names} <= {"alt", "title"}
        said = isinstance(node, ast.keyword) and node.arg in ("alt", "smoke")
        if isinstance(node, ast.Assert) or conditional or labels or said:
            lines |= {*range(node.lineno, (node.end_lineno or node.lineno) + 1)}  # type: ignore[attr-defined]
    return lines


def lines_on_view(notebook: NotebookNode) -> tuple[int, int]:
    """Count the code lines on view, and those of them that are scaffolding."""
    cells = read_cells(notebook)
    lines = sum(bool(line.strip()) for cell in cells for line in cell.source.splitlines())
    return lines, sum(len(scaffolding_lines(cell)) for cell in cells)


def scaffolding(notebook: NotebookNode) -> list[str]:
    """Demand that nineteen of twenty code lines on view are the lesson itself."""
    lines, other = lines_on_view(notebook)
    much = other > SCAFFOLDING * lines
    return [f"{other} of {lines} code lines on view are scaffolding"] if much else []


def absolute_paths(notebook: NotebookNode) -> list[str]:
    """Demand that no source and no output holds a path of somebody's machine."""
    hits = ((cell, ABSOLUTE_PATH.search(text)) for cell, text in _texts(notebook))
    return [f"absolute path {hit.group()!r} in {first_line(cell)}" for cell, hit in hits if hit]


def remote_resources(notebook: NotebookNode) -> list[str]:
    """Demand that nothing is fetched from the network to show the notebook."""
    hits = ((cell, REMOTE.search(text)) for cell, text in _texts(notebook))
    return [
        f"fetched from the network: {hit.group()!r} in {first_line(c)}" for c, hit in hits if hit
    ]


def alternative_texts(notebook: NotebookNode) -> list[str]:
    """Demand a text for readers who cannot see, with every picture."""
    found = []
    for cell, output in _outputs(notebook):
        said = output.get("metadata", {}).get("image/png", {}).get("alt", "")
        if "image/png" in output.get("data", {}) and not said.strip():
            found.append(f"a picture without alt text, put out by {first_line(cell)}")
    for cell, text in _texts(notebook):
        empty = cell.cell_type == "markdown" and "" in MARKDOWN_IMAGE.findall(text)
        if empty or HTML_IMAGE.search(text):
            found.append(f"an image without alt text in {first_line(cell)}")
    return found


def narrow_pictures(notebook: NotebookNode) -> list[str]:
    """Demand pictures for the back row: 1 000 pixels across (a square 900), text of 14 points."""
    found = []
    for cell, output in _outputs(notebook):
        if "image/png" not in output.get("data", {}):
            continue
        with Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))) as picture:
            width, height = picture.size
        said = output.get("metadata", {}).get("image/png", {})
        shown, text = min(width, said.get("width", width)), said.get("smallest_text")
        if shown < (SQUARE if width < 1.25 * height else ACROSS):
            found.append(f"a picture {shown} pixels across, put out by {first_line(cell)}")
        if text is not None and text < SMALLEST_TEXT:
            found.append(f"text of {text} points in the picture put out by {first_line(cell)}")
    return found


# What is stored ------------------------------------------------------------------------------


def executed_in_order(notebook: NotebookNode) -> list[str]:
    """Demand execution counts 1 to n: one run, from a fresh kernel, top to bottom."""
    counts = [cell.execution_count for cell in code_cells(notebook)]
    return [] if counts == [*range(1, len(counts) + 1)] else [f"execution counts are {counts}"]


def outputs_belong(notebook: NotebookNode) -> list[str]:
    """Demand that the outputs come from a full run of just this code, made by `make render`."""
    rendered = notebook.metadata.get("gan_helpers", {}).get("rendered", {})
    found = []
    if rendered.get("budget") != "full":
        found.append("the outputs are not those of `make render`")
    if rendered.get("source") != source_digest(notebook):
        found.append("the code was changed after the outputs were made; run `make render`")
    return found


def no_errors(notebook: NotebookNode) -> list[str]:
    """Demand that no cell ended with an error."""
    failed = (cell for cell, output in _outputs(notebook) if output.output_type == "error")
    return [f"error output in {first_line(cell)}" for cell in failed]


def no_stderr(notebook: NotebookNode) -> list[str]:
    """Demand that nothing was written to the error stream, warnings included."""
    wrote = (cell for cell, output in _outputs(notebook) if output.get("name") == "stderr")
    return [f"stderr output in {first_line(cell)}" for cell in wrote]


def no_widget_state(notebook: NotebookNode) -> list[str]:
    """Demand that no widget is stored, neither its state nor its view.

    With stored state, exported pages are blank off line. A view without state hides the picture
    beside it: in a trusted notebook JupyterLab says "model not found" in its place.
    """
    found = ["widget state is stored"] if "widgets" in notebook.metadata else []
    shown = (cell for cell, output in _outputs(notebook) if WIDGET_VIEW in output.get("data", {}))
    return found + [f"the view of a widget is stored in {first_line(cell)}" for cell in shown]


def picture_beside_widget(notebook: NotebookNode) -> list[str]:
    """Demand a picture, or text, wherever a widget is shown; it is what will be stored."""
    found = []
    for cell, output in _outputs(notebook):
        data = output.get("data", {})
        if WIDGET_VIEW in data and not data.keys() & {"image/png", "text/html"}:
            found.append(f"a widget with nothing beside it in {first_line(cell)}")
    return found


def size(notebook: NotebookNode, length: int) -> list[str]:
    """Demand at most 1 MB, or 3 MB where the metadata says that it carries a replay."""
    large = notebook.metadata.get("gan_helpers", {}).get("large", False)
    limit = 3_000_000 if large else 1_000_000
    return [f"{length} bytes, {limit} are allowed"] if length > limit else []


RULES: dict[str, Callable[[Any], list[str]]] = {
    rule.__name__: rule
    for rule in (
        known_tags, short_cells, setup_cell, prose_around_code, folded_tests,
        answered_predictions, scaffolding, absolute_paths, remote_resources, alternative_texts,
        narrow_pictures, executed_in_order, outputs_belong, no_errors, no_stderr, no_widget_state,
    )
}  # fmt: skip

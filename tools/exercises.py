"""Tell whether the exercises of a notebook are complete: stub, check, solution, all three."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Set

from nbformat import NotebookNode

from tools.policy import CELL_LINES, code_cells, first_line, tags

AT_LEAST = 5
STUB = re.compile(r"# Exercise (\d\d-\d+)\Z")
CHECK = re.compile(r'check\("(\d\d-\d+)", .+\)\Z')
SOLUTION = re.compile(r"# %load solutions/(\d\d)_(\d+)\.py\Z")
ROLES = ("stub", "check", "solution")


def _role_and_name(cell: NotebookNode) -> tuple[str, str] | None:
    role = next((role for role in ROLES if role in tags(cell)), None)
    if role is None:
        return None
    lines = cell.source.strip().splitlines()
    if role == "stub":
        match = STUB.match(lines[0])
    else:
        match = {"check": CHECK, "solution": SOLUTION}[role].match(cell.source.strip())
    return role, "-".join(match.groups()) if match else f"unreadable {first_line(cell)}"


def _assigned(source: str) -> set[str]:
    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else []
        names |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return names


def exercises(
    notebook: NotebookNode, name: str, solutions: Mapping[str, str], registered: Set[str]
) -> list[str]:
    """Demand that every exercise is complete, and that nothing of one is left over.

    Args:
        notebook: the notebook.
        name: its file name, without the ending; the first two characters are its number.
        solutions: exercise -> text of its solution, of this notebook alone.
        registered: the names of the checks of this notebook.

    Returns:
        What is wrong.
    """
    number, found = name[:2], []
    parts = [part for cell in code_cells(notebook) if (part := _role_and_name(cell))]
    names = [part_name for role, part_name in parts if role == "stub"]
    if parts != [(role, each) for each in names for role in ROLES]:
        found.append(f"stub, check and solution cells do not come in threes: {parts}")
    if names != [f"{number}-{k}" for k in range(1, len(names) + 1)]:
        found.append(f"exercises are to be numbered {number}-1, {number}-2, ...: {names}")
    for kind, there in (("solution files", set(solutions)), ("checks", set(registered))):
        if there != set(names):
            found.append(f"exercises {sorted(names)}, but {kind} {sorted(there)}")
    if number != "00" and len(names) < AT_LEAST:
        found.append(f"{len(names)} exercises, at least {AT_LEAST} are wanted")
    for cell in code_cells(notebook):
        role, each = _role_and_name(cell) or ("", "")
        if role:
            found += PART_RULES[role](notebook, cell, each, solutions.get(each, ""))
    return found


def _stub_rules(notebook: NotebookNode, cell: NotebookNode, name: str, solved: str) -> list[str]:
    found = []
    before = notebook.cells[notebook.cells.index(cell) - 1]
    heading = rf"### Exercise {name} (★|★★|★★★) \(\d+ min\): \S"
    if before.cell_type != "markdown" or not re.match(heading, before.source):
        found.append(f"no markdown '### Exercise {name} ★ (5 min): ...' before the stub")
    if not solved.startswith(f"# Exercise {name}\n"):
        found.append(f"the solution of {name} does not start with '# Exercise {name}'")
    if len(solved.splitlines()) > CELL_LINES:
        found.append(f"the solution of {name} has more than {CELL_LINES} lines")
    missing = _assigned(cell.source) - _assigned(solved)
    if missing or not _assigned(cell.source):
        found.append(f"the solution of {name} does not assign {sorted(missing)}")
    return found


def _check_rules(notebook: NotebookNode, cell: NotebookNode, name: str, solved: str) -> list[str]:
    shown = [str(o.get("data", {}).get("text/plain", "")) for o in cell.outputs]
    stale = cell.execution_count and not any(f"Exercise {name}: not" in s for s in shown)
    return [f"{name} should stand unsolved, but shows {shown}"] if stale else []


def _solution_rules(
    notebook: NotebookNode, cell: NotebookNode, name: str, solved: str
) -> list[str]:
    folded = cell.metadata.get("jupyter", {}).get("source_hidden")
    return [] if folded else [f"the solution cell of {name} is not folded"]


PART_RULES: dict[str, Callable[[NotebookNode, NotebookNode, str, str], list[str]]] = {
    "stub": _stub_rules,
    "check": _check_rules,
    "solution": _solution_rules,
}

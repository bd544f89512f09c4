"""Tell whether code that a notebook shows is the package's own."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from nbformat import NotebookNode

from tools.policy import code_cells, first_line, tags


class _Bare(ast.NodeTransformer):
    """Remove docstrings and annotations."""

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        if node.value is None:
            return None
        return ast.Assign(targets=[node.target], value=node.value)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Visit the parts first, then drop the node's own docstring and return annotation."""
        super().generic_visit(node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]
            node.body = node.body or [ast.Pass()]  # a class of fields has nothing left
        return node


def bare(node: ast.AST) -> str:
    """Return the syntax tree of a definition as text, without docstrings and annotations."""
    return ast.dump(_Bare().visit(node))


def _definitions(source: str) -> dict[str, ast.AST]:
    body = ast.parse(source).body
    return {n.name: n for n in body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}


def package_definitions(package: Path) -> dict[str, list[str]]:
    """Map each public function and class of a package to its bare syntax trees.

    A name that two modules define has two trees.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(package.rglob("*.py")):
        for name, node in _definitions(path.read_text(encoding="utf-8")).items():
            if not name.startswith("_"):
                found.setdefault(name, []).append(bare(node))
    return found


def mirrors(notebook: NotebookNode, package: Mapping[str, list[str]]) -> list[str]:
    """Demand that a cell tagged `mirror` shows the package's own code.

    Args:
        notebook: the notebook.
        package: what `package_definitions` returns.

    Returns:
        What is wrong: nothing defined, no such name in the package, or other code.
    """
    found = []
    for cell in code_cells(notebook):
        if "mirror" not in tags(cell):
            continue
        shown = _definitions(cell.source)
        if not shown:
            found.append(f"a mirror cell that defines nothing: {first_line(cell)}")
        for name, node in shown.items():
            trees = package.get(name, [])
            if len(trees) != 1:
                found.append(f"{name}: {len(trees)} public definitions in the package")
            elif trees[0] != bare(node):
                found.append(f"{name}: the package's code is different")
    return found

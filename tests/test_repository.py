"""What holds for the repository as a whole: its texts, its imports, and some known slips."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "gan_helpers"
RIM = (
    "gan_helpers.figures", "gan_helpers.lab.front", "gan_helpers.plotting", "gan_helpers.replay",
    "gan_helpers.widgets",
)  # fmt: skip
RUNTIME = {
    "torch", "numpy", "scipy", "scikit-learn", "matplotlib", "pillow", "ipywidgets",
    "jupyterlab", "mlxtend", "tqdm",
}  # fmt: skip


# Texts ---------------------------------------------------------------------------------------

SKIPPED = {".git", ".venv", "build", "dist", "__pycache__", ".ipynb_checkpoints"}
SKIPPED |= {".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
FOREIGN = re.compile(
    # hosts that packages are fetched from, options that name them, folders of one machine
    r"pypi\.org|pythonhosted\.|npmjs\.|download\.pytorch\.|anaconda\.org|deb\.debian\."
    r"|--(?:extra-)?index[-]url|--find[-]links|\bfind_links\b"
    r"|(?<![\w.])[/](?:work|root|opt)[/]\w",
    re.IGNORECASE,
)
BASE64 = re.compile(r"[A-Za-z0-9+/=]{200,}")


def text_files():
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in SKIPPED]
        for name in names:
            path = Path(folder) / name
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def foreign(text):
    return [match.group() for match in FOREIGN.finditer(BASE64.sub("", text))]


def test_no_text_names_a_package_host_or_a_folder_of_one_machine():
    texts = dict(text_files())
    assert ROOT / "pyproject.toml" in texts
    found = {path.name: foreign(text) for path, text in texts.items() if foreign(text)}
    assert found.pop("test_notebooks.py") == ["/" + "root/x"]  # a bad example, on purpose
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "https://py" + "pi.org/simple",
        "pip --index" + "-url x",
        "cd /wo" + "rk/main",
        "/ro" + "ot/x",
    ],
)
def test_foreign_texts_are_seen(text):
    assert foreign(text)
    assert not foreign("https://pytorch.org/get-started/locally, framework/main, a/root/b")


def test_licence_covers_code_and_text():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in text
    assert "Creative Commons Attribution 4.0 International" in text


def test_contributing_is_short_and_gives_a_reason_for_each_further_dependency():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.match(r"[\w-]+", each).group() for each in project["dependencies"]}
    assert names >= RUNTIME
    for name in names - RUNTIME:
        assert f"`{name}`" in text


def test_readme_lists_every_notebook_and_every_listed_notebook_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = sorted(re.findall(r"\(notebooks/(\w+)\.ipynb\)", text))
    assert linked == sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


# Tests ---------------------------------------------------------------------------------------

TESTS = ROOT / "tests"


def test_every_test_that_guards_a_defect_exists():
    rows = re.findall(r"^\| (\d+) \|.*\| (.*) \|$", (TESTS / "README.md").read_text("utf-8"), re.M)
    guarded = [*range(1, 17), *range(18, 39), 40]
    assert [int(number) for number, _ in rows] == guarded
    named = [re.findall(r"`(\w+)`", guards) for _, guards in rows]
    assert all(named)
    sources = "".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    existing = set(re.findall(r"^def (test_\w+)\(", sources, re.MULTILINE))
    assert [name for names in named for name in names if name not in existing] == []


def test_no_module_imports_from_a_test_module():
    modules = list(TESTS.rglob("*.py"))
    assert len(modules) > 40
    importing = re.compile(r"^\s*(?:from|import) (?:tests\.|\.)?(test_\w+)", re.MULTILINE)
    found = {path.stem: set(importing.findall(path.read_text("utf-8"))) for path in modules}
    # A program that a test starts may import the module in which it is written.
    assert {name: others for name, others in found.items() if others - {name}} == {}


# Code ----------------------------------------------------------------------------------------


def python_sources(*, package_only):
    """Yield every Python source: the package's, or also notebooks, solutions and tools."""
    folders = [PACKAGE] if package_only else [PACKAGE, ROOT / "notebooks", ROOT / "benchmarks"]
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            yield path, path.read_text(encoding="utf-8")
    if not package_only:
        for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
            yield path, "\n".join("".join(source) for source in code)


def called_name(node):
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def positional_batch_norms(source):
    """Lines where BatchNorm gets a second positional argument: it is eps, momentum is meant."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and "BatchNorm" in called_name(node) and len(node.args) > 1
    ]


def prints(source):
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [node.lineno for node in calls if called_name(node) == "print"]


def pyplot_and_star_imports(source):
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            module = getattr(node, "module", None) or ""
            names = [f"{module}.{alias.name}" for alias in node.names]
            found += [each for each in names if "pyplot" in each or each.endswith("*")]
    return found


def breaches(rule, *, package_only):
    sources = list(python_sources(package_only=package_only))
    assert len(sources) > 10
    found = {path.relative_to(ROOT).as_posix(): rule(source) for path, source in sources}
    return {path: lines for path, lines in found.items() if lines}


def test_no_batch_norm_gets_its_momentum_as_eps():
    assert breaches(positional_batch_norms, package_only=False) == {}


def test_package_never_prints():
    assert breaches(prints, package_only=True) == {}


def test_package_uses_neither_pyplot_nor_star_imports():
    assert breaches(pyplot_and_star_imports, package_only=True) == {}


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (positional_batch_norms, "nn.BatchNorm1d(64, 0.8)", "nn.BatchNorm1d(64, momentum=0.8)"),
        (positional_batch_norms, "BatchNorm2d(n, .8)", "BatchNorm2d(n)"),
        (prints, "def f():\n    print(1)", "'print(1)'"),
        (pyplot_and_star_imports, "import matplotlib.pyplot as plt", "import matplotlib"),
        (pyplot_and_star_imports, "from matplotlib import pyplot", "from matplotlib import figure"),
        (pyplot_and_star_imports, "from torch import *", "from torch import nn"),
    ],
)
def test_slips_are_seen(rule, bad, good):
    assert rule(bad)
    assert not rule(good)


# Imports -------------------------------------------------------------------------------------


def run(script):
    """Run a script in a fresh interpreter and return what it prints."""
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=300,
    ).stdout  # fmt: skip


IMPORT_ALL = """
import importlib, json, pkgutil, sys
for name in ("matplotlib", "ipywidgets", "IPython"):
    sys.modules[name] = None
import torch
before = (torch.random.get_rng_state().sum().item(), torch.get_num_threads())
import gan_helpers
core, refused = [], []
for found in pkgutil.walk_packages(gan_helpers.__path__, "gan_helpers.", onerror=lambda name: None):
    try:
        importlib.import_module(found.name)
        core.append(found.name)
    except ImportError as error:
        refused.append(f"{found.name}: {error}")
after = (torch.random.get_rng_state().sum().item(), torch.get_num_threads())
print(json.dumps([core, refused, before == after]))
"""


def test_core_imports_without_matplotlib_and_ipywidgets_and_without_side_effects():
    core, refused, untouched = json.loads(run(IMPORT_ALL))  # anything printed would not parse
    wanted = {
        "theory", "objectives", "regularisers", "networks", "data", "gan", "record", "training",
        "evaluation", "runtime", "exercises",
    }  # fmt: skip
    assert {f"gan_helpers.{name}" for name in wanted} <= set(core)
    assert [each for each in refused if not each.startswith(RIM)] == []
    assert refused, "plotting and widgets should have been refused: nothing was blocked"
    assert untouched


IMPORT_SECONDS = """
import time
import torch
start = time.perf_counter()
import gan_helpers
print(time.perf_counter() - start)
"""


def test_package_adds_little_to_the_import_of_torch():
    # Other work on the machine only ever adds time, so the least of a few runs is the measure.
    assert min(float(run(IMPORT_SECONDS)) for _ in range(3)) <= 0.3

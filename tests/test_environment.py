"""environment.yml, constraints.txt and the Makefile agree with pyproject.toml."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {"torch": "pytorch"}
# playwright drives the browser tests; the conda package of that name is another
PIP_ONLY = {"playwright", "animal-shape-mnist"}


def parse(requirement):
    """Split "name>=1.2,!=1.4" into ("name", {">=1.2", "!=1.4"})."""
    name, rule = re.fullmatch(r"\s*([A-Za-z0-9_.-]+)\s*(.*)", requirement).groups()
    return name.lower(), {part.strip() for part in rule.split(",") if part.strip()}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def wanted():
    """Everything that running and testing needs: name -> rules."""
    parsed = project()
    groups = parsed["dependency-groups"]
    plain = [each for each in groups["test"] + groups["dev"] if isinstance(each, str)]
    return dict(parse(each) for each in parsed["project"]["dependencies"] + plain)


def conda():
    """Return the two lists of environment.yml: what conda installs, what pip installs."""
    parts = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert parts["channels"] == ["conda-forge"]
    (pip,) = [part["pip"] for part in parts["dependencies"] if isinstance(part, dict)]
    return [part for part in parts["dependencies"] if isinstance(part, str)], pip


def differences(listed, pip):
    """Say where environment.yml and pyproject.toml differ."""
    here = dict(parse(each) for each in listed)
    here.update(parse(each) for each in pip if not each.startswith("-"))
    there = {CONDA_NAMES.get(name, name): rules for name, rules in wanted().items()}
    there["python"] = {project()["project"]["requires-python"]}
    there["pip"] = set()
    return {
        name: (here.get(name), there.get(name))
        for name in here.keys() | there.keys()
        if here.get(name) != there.get(name)
    }


def test_environment_has_the_names_and_rules_of_pyproject():
    listed, pip = conda()
    assert differences(listed, pip) == {}
    assert "-e ." in pip
    assert {parse(each)[0] for each in pip if not each.startswith("-")} == PIP_ONLY


def test_a_missing_an_extra_and_a_lower_one_are_all_seen():
    listed, pip = conda()
    torch = next(each for each in listed if each.startswith("pytorch"))
    rest = [each for each in listed if each != torch]
    assert set(differences(rest, pip)) == {"pytorch"}
    assert set(differences([*rest, "pytorch >=1.0"], pip)) == {"pytorch"}
    assert set(differences([*listed, "seaborn"], pip)) == {"seaborn"}


def test_every_requirement_has_a_floor():
    assert [name for name, rules in wanted().items() if not any(">=" in r for r in rules)] == []


REFUSED = {
    "7.0.0": "every board stops at once with LookupError: shell_parent",
    "7.0.1": "as 7.0.0",
    "7.4.0": "a button, or a slider not yet moved, acts only when the running cell has ended",
}


def refused(rules):
    return {rule.removeprefix("!=") for rule in rules if rule.startswith("!=")}


def test_kernels_that_break_the_boards_are_refused_and_the_next_ones_are_not():
    rules = wanted()["ipykernel"]
    assert refused(rules) == REFUSED.keys()
    assert rules - {f"!={each}" for each in REFUSED} == {">=6.29"}
    for comment in ("7.0.0 and 7.0.1 kill every board", "7.4.0 handles buttons"):
        assert comment in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def version(text):
    return tuple(int(part) for part in re.findall(r"\d+", text))


def pins():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def refuses_floor(python_rule):
    """Say whether a package's Requires-Python refuses 3.11.0, the first Python that is meant."""
    bounds = re.findall(r">=?\s*([\d.]+)", python_rule or "")
    return any(version(bound) > (3, 11) and version(bound) != (3, 11, 0) for bound in bounds)


def test_pins_admit_the_first_python_that_is_meant():
    seen, refusing = 0, []
    for name, pinned in pins().items():
        found = next(iter(metadata.distributions(name=name)), None)
        if found is not None and found.version.partition("+")[0] == pinned:
            seen += 1
            if refuses_floor(found.metadata.get("Requires-Python")):
                refusing.append(name)
    assert seen > 50
    assert refusing == []
    assert refuses_floor(">=3.11.5")  # seen: a pin that Debian 12's Python 3.11.2 could not install
    assert not any(refuses_floor(rule) for rule in (">=3.11", "<4,>=3.8.1", None))


def test_constraints_pin_what_the_project_names_within_its_ranges():
    pinned_versions = pins()
    for name, rules in wanted().items():
        for rule in rules:
            sign, bound = re.fullmatch(r"(>=|!=)(.+)", rule).groups()
            pinned = version(pinned_versions[name])
            assert pinned >= version(bound) if sign == ">=" else pinned != version(bound), name
    assert pinned_versions["torch"] == "2.13.0"
    assert pinned_versions["ipykernel"] == "7.3.0"


def test_the_makefile_asks_for_the_same_python():
    (floor,) = re.findall(r"sys\.version_info >= \((\d+), (\d+)\)", makefile())
    assert project()["project"]["requires-python"] == f">={'.'.join(floor)}"


def makefile():
    return (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["lab", "test", "full", "render", "lint", "bench", "clean"])
def test_every_command_of_the_documents_is_a_target(name):
    assert re.search(rf"^{name}:", makefile(), re.MULTILINE)


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Python is a shell script")
@pytest.mark.parametrize("target", ["test", "full", "render"])
@pytest.mark.parametrize(("before", "found"), [(None, "1000"), ("7", "7")])
def test_threads_give_way_soon_in_tests_and_notebook_runs(target, before, found, tmp_path):
    """Runs the target in an empty folder with a stand-in for Python that tells its environment."""
    python, ready = tmp_path / "python", tmp_path / ".test-ready"
    python.write_text('#!/bin/sh\necho "spin count: $GOMP_SPINCOUNT"\n')
    python.chmod(0o755)
    ready.touch()
    environment = {name: each for name, each in os.environ.items() if name != "GOMP_SPINCOUNT"}
    said = subprocess.run(
        ["make", "-f", ROOT / "Makefile", "-o", ready, target, f"RUN={python}", f"VENV={tmp_path}"],
        cwd=tmp_path, env=environment | ({"GOMP_SPINCOUNT": before} if before else {}),
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    counts = re.findall("^spin count: (.*)$", said, re.MULTILINE)
    assert counts
    assert set(counts) == {found}

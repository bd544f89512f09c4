"""The notebooks keep the rules; and each rule is seen to catch what it is there for."""

import base64
import io

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from gan_helpers.exercises import CHECKS
from tools import exercises, mirror, notebooks, policy

LESSONS = [
    "00_start_here",
    "01_minimax_value_function",
    "02_vanilla_gan",
    "03_lsgan",
    "04_wgan",
    "05_wgan_gp",
    "06_which_gan",
    "07_convergence",
    "08_convolution_and_attention",
    "09_conditions_and_augmentation",
    "10_style_and_latent_space",
    "11_gan_or_vae",
]
EXPECTED = [*LESSONS, "lab"]  # the laboratory is free play: no number, no exercises


def png(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")


PICTURE = {"image/png": png(Image.new("L", (1000, 500))), "text/plain": "<Picture>"}
ALT = {"image/png": {"alt": "A curve that falls."}}
FOLDED = {"jupyter": {"source_hidden": True}}
UNSEEN = {"jupyter": {"outputs_hidden": True}}
COVER = new_output("display_data", data={"text/plain": policy.INSTEAD})
WIDGET = {policy.WIDGET_VIEW: {"model_id": "0", "version_major": 2, "version_minor": 0}}


# The notebooks themselves --------------------------------------------------------------------


def test_every_notebook_is_there_and_no_other():
    assert sorted(path.stem for path in notebooks.NOTEBOOKS.glob("*.ipynb")) == EXPECTED


def test_every_solution_and_every_check_belongs_to_a_notebook():
    numbers = {name[:2] for name in LESSONS}
    files = [path.name for path in notebooks.SOLUTIONS.iterdir() if path.suffix != ".pyc"]
    assert {name[:2] for name in files if name != "__pycache__"} <= numbers
    assert {name[:2] for name in CHECKS} <= numbers


def load(name):
    return notebooks.read(notebooks.NOTEBOOKS / f"{name}.ipynb")


@pytest.mark.parametrize("rule", policy.RULES)
@pytest.mark.parametrize("name", EXPECTED)
def test_notebook_keeps_the_rule(name, rule):
    assert policy.RULES[rule](load(name)) == []


@pytest.mark.parametrize("name", EXPECTED)
def test_notebook_is_valid_titled_and_small(name):
    notebook = load(name)
    nbformat.validate(notebook)
    assert policy.title(notebook, name) == []
    length = (notebooks.NOTEBOOKS / f"{name}.ipynb").stat().st_size
    assert policy.size(notebook, length) == []


@pytest.mark.parametrize("name", LESSONS)
def test_exercises_are_complete(name):
    solutions = notebooks.solution_files(name[:2])
    registered = {check for check in CHECKS if check.startswith(f"{name[:2]}-")}
    assert exercises.exercises(load(name), name, solutions, registered) == []


@pytest.mark.parametrize("name", EXPECTED)
def test_shown_code_is_the_package_s(name):
    package = mirror.package_definitions(notebooks.ROOT / "gan_helpers")
    assert mirror.mirrors(load(name), package) == []


# The rules -----------------------------------------------------------------------------------


def code(source, *tags, outputs=(), count=1, **metadata):
    return new_code_cell(
        source,
        metadata={"tags": list(tags), **metadata},
        outputs=list(outputs),
        execution_count=count,
    )


def prose(text="Look at this."):
    return new_markdown_cell(text)


def notebook_of(*cells):
    """A notebook that keeps every rule, with the given cells added, counted and sealed."""
    start = [prose("# 7. A title"), code("from gan_helpers import GAN", "setup"), prose()]
    made = new_notebook(cells=[*start, *cells, prose("That was seen.")])
    for count, cell in enumerate(policy.code_cells(made), start=1):
        cell.execution_count = count
    made.metadata["gan_helpers"] = {
        "rendered": {"budget": "full", "source": policy.source_digest(made)}
    }
    return made


def shows(data=None, metadata=None):
    return new_output("display_data", data=data or PICTURE, metadata=metadata or {})


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def test_a_sound_notebook_breaks_no_rule():
    sound = notebook_of(
        code('widgets.predict("Which?", "a", "b")', "predict"),
        code("x = 1\nx", "answer", outputs=[COVER, shows(metadata=ALT)], **UNSEEN),
        code("assert x == 1\nif budget.is_full:\n    assert x", "test", **FOLDED),
        prose(),
        code("x = 1\nx", outputs=[shows(metadata=ALT), stream("a/tmp: 3")]),
        prose(r"A map $G:\mathcal Z \to X$, ![a plot](attachment:a.png), ratio p/var."),
    )
    assert {name: rule(sound) for name, rule in policy.RULES.items()} == {
        name: [] for name in policy.RULES
    }
    assert policy.title(sound, "07_name") == []
    assert policy.size(sound, 1_000_000) == []


BROKEN = {
    "known_tags": [
        notebook_of(code("x", "raises-exception")),
        notebook_of(code("x", "nbval-skip")),
    ],
    "short_cells": [notebook_of(code("x\n" * 16))],
    "setup_cell": [
        notebook_of(code("from gan_helpers import History")),
        notebook_of(code("import gan_helpers.theory as theory")),
        notebook_of(code("import gan_helpers", "setup")),
        notebook_of(code("x", "setup")),
        notebook_of(code("import gan_helpers\n" + "x\n" * 12, "setup")),
    ],
    "prose_around_code": [notebook_of(code("x"), code("y"), code("z"))],
    "folded_tests": [
        notebook_of(code("x"), code("y", "test")),
        notebook_of(code("x"), code("print(x)", "test", outputs=[stream("1")], **FOLDED)),
    ],
    "answered_predictions": [
        notebook_of(code("ask()", "predict"), code("x")),
        notebook_of(code("ask()", "predict"), code("x", "answer")),
        notebook_of(code("ask()", "predict"), code("x", "answer", "nbval-check-output", **UNSEEN)),
        notebook_of(
            code("ask()", "predict"), code("x", "answer", outputs=[stream("It is 2")], **UNSEEN)
        ),
        notebook_of(
            code("ask()", "predict"),
            code("ask()", "predict"),
            code("x", "test", **FOLDED),
            prose(),
            code("x", "answer", **UNSEEN),
        ),
    ],
    "scaffolding": [
        notebook_of(code(text + "\nx" * 13))
        for text in (
            "assert x",
            "if budget.is_full:\n    x",
            'alt = "what is seen"',
            'title, alt = "a", "b"',
            "steps = budget(2000, smoke=3)",
            'draw(x, alt="what is seen")',
        )
    ],
    "narrow_pictures": [
        notebook_of(code("x", outputs=[shows({**PICTURE, "image/png": png(each)}, ALT)]))
        for each in (Image.new("L", (990, 500)), Image.new("L", (890, 890)))
    ]
    + [
        notebook_of(
            code("x", outputs=[shows(metadata={"image/png": {**ALT["image/png"], **said}})])
        )
        for said in ({"width": 600}, {"smallest_text": 13.9})
    ],
    "absolute_paths": [
        notebook_of(code("open('/home/ada/x')")),
        notebook_of(code("x", outputs=[stream("saved to /tmp/x.pt")])),
        notebook_of(code("x", outputs=[shows({"text/plain": "PosixPath('/root/x')"})])),
        notebook_of(code("x", outputs=[stream(r"C:\Users\ada")])),
        notebook_of(prose("see [this](file:///x)")),
    ],
    "remote_resources": [
        notebook_of(prose("![logo](https://example.org/x.png)")),
        notebook_of(code("x", outputs=[shows({"text/html": "<script src='https://e.org/x.js'>"})])),
    ],
    "alternative_texts": [
        notebook_of(code("x", outputs=[shows()])),
        notebook_of(code("x", outputs=[shows(metadata={"image/png": {"alt": " "}})])),
        notebook_of(prose("![](attachment:a.png)")),
        notebook_of(code("x", outputs=[shows({"text/html": "<img src='data:x'>"})])),
        notebook_of(code("x", outputs=[shows({"text/html": "<img alt='' src='data:x'>"})])),
    ],
    "no_errors": [
        notebook_of(code("x", outputs=[new_output("error", ename="E", evalue="", traceback=[])]))
    ],
    "no_stderr": [notebook_of(code("x", outputs=[stream("UserWarning: ...", "stderr")]))],
    "executed_in_order": [],
    "outputs_belong": [],
    "no_widget_state": [notebook_of(code("x", outputs=[shows({**PICTURE, **WIDGET}, ALT)]))],
}


def broken(rule, change):
    made = notebook_of(code("x"))
    change(made)
    BROKEN[rule].append(made)


broken("executed_in_order", lambda nb: nb.cells[1].update(execution_count=None))
broken("executed_in_order", lambda nb: nb.cells[3].update(execution_count=7))
broken("outputs_belong", lambda nb: nb.cells[3].update(source="y"))
broken("outputs_belong", lambda nb: nb.metadata.pop("gan_helpers"))
broken("outputs_belong", lambda nb: nb.metadata.gan_helpers.rendered.update(budget="smoke"))
broken("no_widget_state", lambda nb: nb.metadata.update(widgets={}))
broken("prose_around_code", lambda nb: nb.cells.pop())


def test_every_rule_has_a_notebook_that_breaks_it():
    assert sorted(BROKEN) == sorted(policy.RULES)
    assert all(BROKEN.values())


@pytest.mark.parametrize(
    ("rule", "notebook"), [(rule, made) for rule, many in BROKEN.items() for made in many]
)
def test_rule_catches_its_defect_and_no_other_rule_does(rule, notebook):
    caught = {name for name, each in policy.RULES.items() if each(notebook)}
    assert caught == {rule}


def test_a_widget_without_a_picture_is_caught():
    with_picture = notebook_of(code("x", outputs=[shows({**PICTURE, **WIDGET}, ALT)]))
    assert policy.picture_beside_widget(with_picture) == []
    with_text = notebook_of(code("x", outputs=[shows({"text/html": "<p>Which?</p>", **WIDGET})]))
    assert policy.picture_beside_widget(with_text) == []
    assert policy.picture_beside_widget(notebook_of(code("x", outputs=[shows(WIDGET)])))


def test_title_and_size_catch_their_defects():
    assert policy.title(notebook_of(), "08_name")
    assert policy.title(notebook_of(), "lab")  # a lesson's number where there is none
    assert policy.title(nbformat.v4.new_notebook(cells=[prose("# Play")]), "lab") == []
    large = notebook_of()
    assert policy.size(large, 1_000_001)
    large.metadata.gan_helpers["large"] = True
    assert policy.size(large, 3_000_000) == []
    assert policy.size(large, 3_000_001)


# Exercises -----------------------------------------------------------------------------------

SOLVED = {f"07-{k}": f"# Exercise 07-{k}\nanswer = {k}\n" for k in range(1, 6)}


def exercise_cells(k):
    said = {"text/plain": f"Exercise 07-{k}: not answered yet."}
    result = new_output("execute_result", data=said, execution_count=1)
    return [
        prose(f"### Exercise 07-{k} ★★ (5 min): by hand"),
        code(f"# Exercise 07-{k}\nanswer = None", "stub"),
        code(f'check("07-{k}", answer)', "check", outputs=[result]),
        code(f"# %load solutions/07_{k}.py", "solution", **FOLDED),
    ]


def with_exercises(change=None):
    cells = [cell for k in range(1, 6) for cell in exercise_cells(k)]
    if change is not None:
        change(cells)
    return notebook_of(*cells)


def exercise_problems(notebook, solutions=SOLVED, registered=frozenset(SOLVED)):
    return exercises.exercises(notebook, "07_name", solutions, registered)


def test_sound_exercises_break_no_rule():
    sound = with_exercises()
    assert exercise_problems(sound) == []
    assert all(rule(sound) == [] for rule in policy.RULES.values())
    assert exercises.exercises(notebook_of(), "00_start_here", {}, set()) == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda cells: cells.pop(5), id="no stub"),
        pytest.param(lambda cells: cells.pop(6), id="no check"),
        pytest.param(lambda cells: cells.pop(7), id="no solution"),
        pytest.param(lambda cells: cells.pop(4), id="no question"),
        pytest.param(
            lambda cells: cells[4].update(source="### Exercise 07-2: by hand"), id="no stars"
        ),
        pytest.param(lambda cells: cells[5].metadata.update(tags=[]), id="stub not tagged"),
        pytest.param(lambda cells: cells[5].update(source="answer = None"), id="stub not named"),
        pytest.param(lambda cells: cells[5].update(source="# Exercise 07-2"), id="stub is empty"),
        pytest.param(
            lambda cells: cells[5].update(source="# Exercise 07-2\nother = None"), id="other name"
        ),
        pytest.param(
            lambda cells: cells[6].update(source='check("07-3", answer)'), id="other check"
        ),
        pytest.param(
            lambda cells: cells[7].update(source="# %load solutions/07_3.py"), id="other file"
        ),
        pytest.param(lambda cells: cells[7].metadata.pop("jupyter"), id="not folded"),
        pytest.param(
            lambda cells: (
                cells[6]
                .outputs[0]
                .data.update({"text/plain": "Exercise 07-2: correct, largest error 0."})
            ),
            id="already solved",
        ),
    ],
)
def test_incomplete_exercise_is_caught(change):
    assert exercise_problems(with_exercises(change))


def test_too_few_exercises_are_caught():
    few = {name: SOLVED[name] for name in ("07-1", "07-2", "07-3", "07-4")}
    cells = [cell for k in range(1, 5) for cell in exercise_cells(k)]
    assert exercise_problems(notebook_of(*cells), few, set(few))


def test_left_over_or_missing_solutions_and_checks_are_caught():
    sound = with_exercises()
    fewer = {name: text for name, text in SOLVED.items() if name != "07-5"}
    assert exercise_problems(sound, solutions=fewer)
    assert exercise_problems(sound, solutions={**SOLVED, "07-6": "# Exercise 07-6\n"})
    assert exercise_problems(sound, registered=set(fewer))
    assert exercise_problems(sound, registered={*SOLVED, "07-6"})
    for text in ("answer = 1\n", "# Exercise 07-1\nother = 1\n", SOLVED["07-1"] + "\n" * 14):
        assert exercise_problems(sound, solutions={**SOLVED, "07-1": text})


def test_solved_copy_holds_the_solutions_and_every_cell_twice():
    shipped = with_exercises()
    copied = notebooks.solved(shipped, SOLVED)
    nbformat.validate(copied)
    assert len(copied.cells) == 2 * len(shipped.cells)
    sources = [cell.source for cell in copied.cells]
    assert all(sources.count(text) == 2 for text in SOLVED.values())
    assert "answer = None" not in "".join(sources)
    assert not any(cell.outputs or cell.execution_count for cell in policy.code_cells(copied))
    assert "answer = None" in shipped.cells[4].source  # the original is untouched


def test_cleaning_removes_what_a_run_leaves_behind():
    made = with_exercises()
    made.metadata.update(widgets={"state": {}}, language_info={"name": "python", "version": "3"})
    made.cells[4].metadata.update(execution={"iopub.status.busy": "2030"}, scrolled=True)
    made.cells[4].outputs = [shows({**PICTURE, **WIDGET}, ALT)]
    kept = notebooks.clean(made)
    assert policy.no_widget_state(kept) == []
    assert kept.metadata.language_info == {"name": "python"}
    assert kept.cells[4].metadata == {"tags": ["stub"]}
    assert kept.cells[4].outputs[0].data == PICTURE
    assert kept.cells[6].metadata.jupyter == {"source_hidden": True}


def test_a_folded_answer_is_stored_behind_a_line_that_does_not_tell_it():
    made = notebook_of(code("x", "answer", outputs=[stream("It is 2")], **UNSEEN), code("x"))
    answer, other = notebooks.clean(made).cells[3:5]
    assert [output.get("data") for output in answer.outputs] == [COVER.data, None]
    assert other.outputs == []


# Mirrored code -------------------------------------------------------------------------------

PACKAGE_CODE = '''
@no_grad
def step(gan, n: int = 1, *, rate: float = 0.1) -> Tensor:
    """Take a step."""
    loss: Tensor = gan.loss(n)  # why
    return loss * rate
'''
SHOWN = """
@no_grad
def step(gan, n=1, *, rate=0.1):
    loss = gan.loss(n)
    return loss * rate
"""


@pytest.fixture
def package(tmp_path):
    (tmp_path / "one.py").write_text(PACKAGE_CODE, encoding="utf-8")
    return mirror.package_definitions(tmp_path)


def test_mirror_disregards_docstrings_comments_and_annotations(package):
    assert mirror.mirrors(notebook_of(code(SHOWN, "mirror")), package) == []


@pytest.mark.parametrize(
    "shown",
    [
        SHOWN.replace("loss * rate", "rate * loss"),
        SHOWN.replace("@no_grad\n", ""),
        SHOWN.replace("rate=0.1", "rate=0.2"),
        SHOWN.replace("loss = gan.loss(n)", "loss = gan.loss(n).detach()"),
        SHOWN.replace("def step", "def stride"),
        "x = 1",
    ],
)
def test_mirror_catches_other_code(package, shown):
    assert shown != SHOWN
    assert mirror.mirrors(notebook_of(code(shown, "mirror")), package)
    assert mirror.mirrors(notebook_of(code(shown)), package) == []  # untagged code is free


def test_mirror_takes_a_class_that_has_nothing_but_fields(tmp_path):
    text = 'class Kept(NamedTuple):\n    """One."""\n\n    step: int\n'
    (tmp_path / "records.py").write_text(text, encoding="utf-8")
    kept = mirror.package_definitions(tmp_path)
    shown = code("class Kept(NamedTuple):\n    step: int", "mirror")
    assert mirror.mirrors(notebook_of(shown), kept) == []


def test_mirror_catches_a_name_defined_twice(tmp_path):
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(PACKAGE_CODE, encoding="utf-8")
    twice = mirror.package_definitions(tmp_path)
    assert mirror.mirrors(notebook_of(code(SHOWN, "mirror")), twice)


def test_mirror_reads_the_real_package():
    package = mirror.package_definitions(notebooks.ROOT / "gan_helpers")
    assert len(package["check"]) == 1

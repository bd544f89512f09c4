"""Each notebook in a real JupyterLab: run from top to bottom, twice; each control moved."""

from __future__ import annotations

import shutil

import nbformat
import pytest
from lab import (
    REPOSITORY,
    browse,
    expect,
    keep_screenshot,
    new_tab,
    open_notebook,
    picture,
    repainted,
    run_all,
    serve,
    shut_down_kernels,
)

pytestmark = pytest.mark.slow
NOTEBOOKS = sorted(path.stem for path in (REPOSITORY / "notebooks").glob("*.ipynb"))
# Playgrounds and explorers in each notebook, and the controls that these have together.
LIVE = {
    "00_start_here": (1, 4),
    "01_minimax_value_function": (4, 20),
    "02_vanilla_gan": (1, 8),
    "03_lsgan": (1, 3),
    "04_wgan": (1, 4),
    "05_wgan_gp": (1, 4),
    "06_which_gan": (2, 6),
    "07_convergence": (1, 5),
    "08_convolution_and_attention": (2, 8),
    "09_conditions_and_augmentation": (2, 9),
    "10_style_and_latent_space": (4, 19),
    "11_gan_or_vae": (1, 2),
    "lab": (0, 0),  # the laboratory has tests of its own
}
# A control that rightly changes nothing as its playground stands, and what to choose first.
FIRST = {"clip": ("method", "clipping"), "weight": ("method", "penalty")}

FAR = {"strays"}  # one point of a thousand may lie under others: these sliders go to their ends


def test_all_notebooks_are_here():
    assert len(NOTEBOOKS) >= 7
    assert set(LIVE) == set(NOTEBOOKS), "a new notebook goes into LIVE"


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory):
    """A JupyterLab with copies of the notebooks that have no outputs yet, and a browser's page."""
    home = tmp_path_factory.mktemp("notebooks")
    shutil.copytree(REPOSITORY / "notebooks" / "solutions", home / "work" / "solutions")
    for name in NOTEBOOKS:
        notebook = nbformat.read(REPOSITORY / "notebooks" / f"{name}.ipynb", 4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, home / "work" / f"{name}.ipynb")
    smoke = {"GAN_HELPERS_BUDGET": "smoke"}
    with serve(home, variables=smoke) as address, browse() as page:
        yield address, page.context


@pytest.fixture(scope="module", params=NOTEBOOKS)
def notebook(request, jupyterlab):
    """A notebook's name, its page in a tab of its own after one run, and the cells it counted."""
    address, context = jupyterlab
    page = new_tab(context)
    open_notebook(page, address, f"{request.param}.ipynb")
    yield request.param, page, run_all(page)
    page.close()
    shut_down_kernels(context.pages[0], address)


def test_it_runs_a_second_time_in_the_same_kernel(notebook):
    name, page, count = notebook
    assert count == page.locator(".jp-CodeCell").count() > 5
    assert run_all(page, count) == 2 * count
    keep_screenshot(page, f"notebook_{name}")


def test_every_control_changes_its_picture(notebook):
    name, page, _ = notebook
    live = page.locator(".gan-playground, .gan-explorer")
    moved = []
    for number, here in enumerate(live.all()):
        moved += move_each(page, here)
        here.scroll_into_view_if_needed()
        keep_screenshot(page, f"notebook_{name}_live_{number}")
    assert (live.count(), len(moved)) == LIVE[name], moved
    assert page.complaints == []


def move_each(page, here):
    """Move each slider, choose each option, click each box; return the labels of what acted."""
    here.scroll_into_view_if_needed()
    image, moved = here.locator("img"), []
    # After a few updates a generator hardly heeds a small step: its sliders go to their ends.
    explores = "gan-explorer" in here.get_attribute("class")
    keys = ("End", "Home") if explores else ("ArrowRight", "ArrowLeft")
    for control in here.locator(".widget-slider, .widget-dropdown, .widget-checkbox").all():
        label = control.locator("label").last.inner_text().strip()
        if label in FIRST:
            choose_option(here.get_by_label(FIRST[label][0], exact=True), FIRST[label][1], image)
        if control.locator("select").count():
            menu = control.locator("select")
            first, *others = menu.locator("option").all_text_contents()
            for option in (*others, first):
                choose_option(menu, option, image)
        elif control.locator("input[type=checkbox]").count():
            before = picture(image)
            control.locator("input").click()
            repainted(image, before)
        else:
            handle = control.locator(".noUi-handle")
            now, end = (handle.get_attribute(f"aria-value{which}") for which in ("now", "max"))
            before = picture(image)
            handle.focus()
            page.keyboard.press((("End", "Home") if label in FAR else keys)[now == end])
            repainted(image, before)
        moved.append(label)
    expect(here.locator(".gan-status")).not_to_contain_text("⚠")
    return moved


def choose_option(menu, option, image):
    """Choose an option, and wait for another picture if it was not chosen already."""
    if menu.locator("option:checked").text_content() != option:
        before = picture(image)
        menu.select_option(label=option)
        repainted(image, before)

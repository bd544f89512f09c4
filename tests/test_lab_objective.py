"""One more objective, given as one value, runs in the laboratory with all that it shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import relu

from gan_helpers import NON_SATURATING, WGAN
from gan_helpers.lab import LabSettings, Measures, Session, coach, read
from gan_helpers.lab.coach import WINDOW, WON
from gan_helpers.lab.front import GanLab
from gan_helpers.lab.front.sample_charts import lab_chart
from gan_helpers.objectives import Equations, Objective, Score

MARGIN = Score(
    "margin", "h", "margin score", lambda scores: scores,
    levels=((1.0, "+1"), (-1.0, "−1"), (0.0, "0")), boundary=0.0,
)  # fmt: skip
HINGE = Objective(
    name="my hinge",
    discriminator_loss=lambda real, fake: relu(1 - real).mean() + relu(1 + fake).mean(),
    generator_loss=lambda fake: -fake.mean(),
    score=MARGIN,
    indifferent=((2.0, "2"), (0.0, "0")),
    equations=Equations(
        r"L_D = \frac{1}{n}\sum_i (1 - h(x_i))_+ + \frac{1}{n}\sum_i (1 + h(G(z_i)))_+",
        r"L_G = -\frac{1}{n}\sum_i h(G(z_i))",
    ),
    source="arXiv:1705.02894",
)
SMALL = {"width": 8, "batch_size": 8, "hidden_layers": 1}


@pytest.fixture
def lab():
    made = GanLab(LabSettings.recipe(HINGE, **SMALL), charts=("losses", "scores"))
    yield made
    made.stop()


def test_its_recipe_is_whole_and_its_name_is_on_view(lab):
    settings = lab.sessions[0].running
    assert (settings.optimiser, settings.n_critic, settings.generator_rate) == ("Adam", 1, 1e-3)
    assert not settings.used("clip")
    assert not settings.used("penalty_weight")
    menu = lab.view.settings.fields["objective"]
    assert [name for name, _ in menu.options][-1] == "my hinge"
    assert menu.value == HINGE
    assert "ring · my hinge · Adam" in lab.view.bar.running.value
    assert "GAN (my hinge) in the plane" in lab._repr_mimebundle_()[1]["image/png"]["alt"]


def test_slow_motion_shows_its_equations_and_the_factor_of_its_push(lab):
    equations, numbers = [], {}
    while True:
        part = lab.slow_motion()
        equations.append(lab.view.part_view.equation.value)
        numbers |= part.numbers
        if part.name == "push":
            seen = lab.sessions[0].snapshot()
            fake = part.points["fake"].clone().requires_grad_()
            (slope,) = torch.autograd.grad(seen.discriminator(fake).sum(), fake)
            torch.testing.assert_close(part.points["push"], slope, rtol=1e-4, atol=1e-6)
        if part.last:
            break
    for equation in HINGE.equations[:2]:
        assert f"$\\displaystyle {equation}$" in equations
    assert any(r"\partial h(\tilde x_i)" in each for each in equations)
    assert numbers[r"-n\,\overline{\partial L_G / \partial h}"] == pytest.approx(1.0)
    assert r"\bar h(x)" in numbers
    alone = Session(LabSettings.recipe(HINGE, **SMALL))
    alone.step()
    for name in ("discriminator_loss", "generator_loss", "generator_grad_norm"):
        assert lab.sessions[0].history.column(name) == alone.history.column(name)


def test_charts_have_its_reference_lines_and_the_surface_its_label(lab):
    references = {each.chart.name: each.chart.references for each in lab.view.pictures[0].charts}
    assert references == {"losses": ((2.0, "2"), (0.0, "0")), "scores": MARGIN.levels}
    assert lab_chart("scores", HINGE, None).ylabel == "mean margin score"
    assert lab.view.pictures[0].plane.get_title(loc="left").startswith("margin score; line: 0")
    lab.play(5)
    lab.wait(30)
    assert lab.sessions[0].step_count == 5


def test_the_coach_knows_its_level_of_chance(lab):
    for _ in range(WINDOW):
        lab.sessions[0].step()
    lab.sessions[0].measure()
    evidence = coach(lab.sessions[0]).evidence
    assert evidence["loss / chance"] == pytest.approx(evidence["discriminator loss"] / 2)
    assert "share of W1 proved" not in evidence
    history = lab.sessions[0].history
    far = [Measures(9999, 9999, 2, 2, 0.9, 0.99, (1.0, 1.0), 9.0, 0.2, None)]
    half = float(sorted(history.column("discriminator_loss")[-WINDOW:])[WINDOW // 2])
    weak = replace(HINGE, indifferent=((half / WON * 2, ""), (0.0, "")))
    assert read(history, far, weak).kind == "discriminator wins"
    assert read(history, far, replace(HINGE, indifferent=None)).kind == "learning"


def test_it_is_compared_with_another_and_takes_a_clip():
    settings = LabSettings.recipe(HINGE, **SMALL)
    pair = GanLab(settings, compare={"objective": NON_SATURATING})
    pair.play(3)
    pair.wait(30)
    titles = [picture.title for picture in pair.view.pictures]
    assert titles == ["objective: my hinge", "objective: non-saturating"]
    clipped = Session(LabSettings.recipe(replace(HINGE, clip=0.3), clip=0.05, **SMALL))
    assert "clip" in [part.name for part in clipped.slow_motion()]
    weights = clipped.gan.discriminator.parameters()
    assert max(float(weight.detach().abs().max()) for weight in weights) == pytest.approx(0.05)


def test_an_objective_that_states_no_equations_is_written_by_its_arguments():
    silent = replace(HINGE, equations=Equations("", ""), score=WGAN.score)
    shown = [part.equation for part in Session(LabSettings.recipe(silent, **SMALL)).slow_motion()]
    assert r"L_G = L_G\bigl(f(G(z_1)), \dots, f(G(z_n))\bigr)" in shown
    assert all(shown)


def test_a_relativistic_objective_shows_its_pushes():
    pairs = replace(
        HINGE,
        relativistic=True,
        discriminator_loss=lambda real, fake: relu(1 - (real - fake)).mean(),
        generator_loss=lambda fake, real: relu(1 - (fake - real)).mean(),
    )
    lab = GanLab(LabSettings.recipe(pairs, **SMALL), layers=("pushes",))
    lab.step()
    parts = list(lab.sessions[0].slow_motion())
    assert lab._problem is None
    assert parts[-1].last
    assert any(part.points["push"].abs().sum() > 0 for part in parts if part.name == "push")

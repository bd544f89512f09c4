"""One more objective, one value in this file, trains, is stored, studied and replayed.

Boards and pictures of it are in test_board, the laboratory's in test_lab_objective.
"""

from functools import partial
from pathlib import Path

import pytest
import torch
from torch.nn.functional import relu

import gan_helpers
from gan_helpers import (
    NON_SATURATING,
    Equations,
    Objective,
    Score,
    data,
    evaluation,
    load,
    replay,
    save,
    study,
    train,
)
from gan_helpers.networks import MLPDiscriminator, MLPGenerator

MARGIN = Score(
    "margin", "h", "margin score", torch.clone,
    levels=((1.0, "margin real"), (-1.0, "margin fake"), (0.0, "0")), boundary=0.0,
)  # fmt: skip
HINGE = Objective(
    name="my hinge",
    discriminator_loss=lambda real, fake: relu(1 - real).mean() + relu(1 + fake).mean(),
    generator_loss=lambda fake: -fake.mean(),
    score=MARGIN,
    indifferent=((2.0, "2"), (0.0, "0")),
    equations=Equations("L_D = \\dots", "L_G = -\\frac{1}{n}\\sum_i h(G(z_i))"),
    source="arXiv:1802.05957",
)


def test_its_losses_are_those_of_the_paper():
    real, fake = torch.tensor([1.5, 0.5, -0.5]), torch.tensor([-1.5, 0.5, 0.0])
    assert HINGE.discriminator_loss(real, fake).item() == pytest.approx(1.5)
    assert HINGE.generator_loss(fake).item() == pytest.approx(1 / 3)


def test_it_learns_the_ring_and_goes_on_from_a_checkpoint(points_gan, tmp_path):
    gan, ring = points_gan(HINGE, width=64, lr=5e-3, betas=(0.5, 0.9)), data.ring()
    before = evaluation.wasserstein_distance(gan.sample(500), ring.sample(500))
    records = list(train(gan, data.batches(ring, 128), 600))
    after = evaluation.wasserstein_distance(gan.sample(500), ring.sample(500))
    assert after < 0.6 * before
    assert 0 < records[-1].discriminator_loss.item() < 2.5
    save(gan, tmp_path / "gan.pt")
    again = points_gan(HINGE, width=64, seed=1)
    load(again, tmp_path / "gan.pt")
    assert again.step == 600
    with pytest.raises(ValueError, match="its objective is 'my hinge'"):
        load(points_gan(NON_SATURATING, width=64), tmp_path / "gan.pt")


def networks():
    return MLPGenerator(2, (2,), widths=(8,)), MLPDiscriminator((2,), widths=(8,))


def test_it_is_studied_over_seeds():
    problem = study.Problem(
        "ring", data.ring, networks, 2, lambda n, own: data.ring().sample(n, generator=own),
        lambda x, real: {"W1": evaluation.wasserstein_distance(x, real)}, lambda x: True, 50,
    )  # fmt: skip
    adam = partial(torch.optim.Adam, lr=1e-3)
    entries = [study.Entry(problem, each, adam, 4, 16, 2) for each in (HINGE, NON_SATURATING)]
    found = list(study.run(entries, range(2), jobs=1))
    table = study.table(found, "ring", ("W1",))
    assert [row[0] for row in table.rows] == [study.REAL, "my hinge", "non-saturating"]


def test_its_recording_has_its_curves_and_its_levels(points_gan):
    gan = points_gan(HINGE)
    recording = replay.Recording(gan, data.ring(), panels=("losses", "scores", "surface"))
    for _ in recording.record(train(gan, data.batches(data.ring(), 8), 12), 12):
        pass
    page = recording.show().html
    for label in ("margin real", "margin fake", "margin score"):
        assert label in page


def test_nothing_in_the_package_knows_its_name():
    """Nor that of any other objective: no comparison, no key."""
    names = [each.name for each in gan_helpers.OBJECTIVES] + ["my hinge"]
    root = Path(gan_helpers.__file__).parent
    for path in root.rglob("*.py"):
        if path.parent.name in ("objectives", "exercises"):  # an exercise asks what each one does
            continue
        text = path.read_text("utf-8")
        for name in names:
            for form in (f'== "{name}"', f'"{name}":', f'in ("{name}"', f'["{name}"]'):
                assert form not in text, f"{path.relative_to(root)} asks for {name!r}: {form}"

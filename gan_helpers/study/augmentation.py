"""Few images: what augmentation does for a GAN, and what a GAN's images do for a classifier.

Two questions of notebook 09 over many seeds. The results ship with the package;
``python -m gan_helpers.study.augmentation`` makes what is missing of them, on one core.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_helpers import data, evaluation
from gan_helpers.gan import GAN
from gan_helpers.networks import (
    Augmented,
    ConvDiscriminator,
    ConvGenerator,
    LabelledGenerator,
    ProjectionDiscriminator,
    adapted,
)
from gan_helpers.objectives import NON_SATURATING
from gan_helpers.study.classifiers import (
    LESSONS,
    MOVES,
    SHARES,
    classifiers,
    small_classifier,
)
from gan_helpers.study.entry import Result
from gan_helpers.study.fingerprint import fingerprint, networks_text
from gan_helpers.study.ledger import append, read
from gan_helpers.study.parts import TEST, VALIDATION, share_out
from gan_helpers.study.work import alone, provenance, random_source
from gan_helpers.training import averaged, train

SHIPPED = Path(__file__).with_name("augmentation.jsonl")
SEEDS = range(300, 310)  # settings were chosen on others
UPDATES, BATCH, LATENT, CHANNELS = 800, 32, 16, 16  # of a GAN
ARMS = {"no augmentation": 0.0, "DiffAugment": 1.0, "ADA": 0.0}  # p at the start; ADA moves it
GANS = {100: (10, 3), 500: (2, 2), 4000: (2, 2)}  # digits -> seeds of DiffAugment, of the others
HELPING = "DiffAugment"  # whose GANs are to help classifiers ...
HELPED = (100,)  # ... on so many digits


def players(p: float) -> tuple[LabelledGenerator, Augmented]:
    """Make convolutional players that are told the class; D has spectral norm, and is augmented.

    Args:
        p: probability of each change, from 0 to 1.
    """
    generator = LabelledGenerator(ConvGenerator(LATENT + 10, channels=CHANNELS))
    whole = ConvDiscriminator(channels=CHANNELS, batch_norm=False).layers
    layers = nn.Sequential(*list(whole)[:-1])
    discriminator = ProjectionDiscriminator(layers, 2 * CHANNELS * 49)
    for layer in (*layers, discriminator.psi):
        if hasattr(layer, "weight"):
            spectral_norm(layer)
    return generator, Augmented(discriminator, p)


def labelled_gan(p: float) -> GAN:
    """Make the GAN of this study; Adam 4e-3, betas (0, 0.999), bfloat16.

    Args:
        p: probability of each change, from 0 to 1.
    """
    generator, discriminator = players(p)
    adam_g, adam_d = (
        torch.optim.Adam(player.parameters(), lr=4e-3, betas=(0.0, 0.999), fused=True)
        for player in (generator, discriminator)
    )
    return GAN(
        generator, discriminator, NON_SATURATING, adam_g, adam_d, latent_dim=LATENT,
        autocast=torch.bfloat16,
    )  # fmt: skip


def trained_gan(rows: Tensor, arm: str) -> GAN:
    """Train the GAN of this study on some digits.

    Args:
        rows: of `data.mnist()`.
        arm: one of ``ARMS``.
    """
    digits = data.mnist()
    assert digits.labels is not None
    pairs = digits.images[rows], digits.labels[rows]
    gan = labelled_gan(ARMS[arm])
    records = averaged(gan, train(gan, data.batches(pairs, BATCH), UPDATES))
    if arm == "ADA":
        records = adapted(gan, records, data.batches(pairs, BATCH))
    for _ in records:
        pass
    return gan


def judged(gan: GAN, rows: Tensor, seed: int) -> dict[str, float]:
    """Measure a GAN that was trained on some digits against those that nobody has seen.

    Returns:
        ``Frechet`` distance of 1 000 samples to 1 000 unseen digits; ``class accuracy``, the share
        that shows the class asked for; ``drift``, (E D(training) - E D(unseen)) over
        (E D(training) - E D(generated)): 0 for a discriminator that treats both alike, 1 for one
        that takes unseen digits for generated; ``copies``, how near samples come to training
        digits, as a multiple of how near unseen digits come: below 1 for copies; and ``p``.
    """
    digits, classifier = data.mnist(), evaluation.digit_classifier()
    assert digits.labels is not None
    label = torch.arange(10).repeat_interleave(100)
    samples = gan.sample(1000, random_source(seed, 0), label)
    unseen = classifier.held_out
    gan.discriminator.eval()
    with torch.no_grad():
        known, others = (
            float(gan.discriminator(digits.images[each], digits.labels[each]).mean())
            for each in (rows, unseen)
        )
        fake = float(gan.discriminator(samples, label).mean())
    gan.discriminator.train()
    real = classifier.features(digits.images[unseen])
    right = classifier.predict(samples) == label
    near = evaluation.memorisation(samples, digits.images[rows], digits.images[unseen])
    return {
        "Frechet": evaluation.frechet_distance(real, classifier.features(samples)),
        "class accuracy": right.double().mean().item(),
        "drift": (known - others) / (known - fake),
        "copies": near.ratio,
        "p": float(gan.discriminator.p),  # type: ignore[arg-type]
    }


def settings_of(size: int, arm: str) -> tuple[str, str]:
    """Say how a GAN is trained, and classifiers with it; a digest of all that decides it ends each.

    Args:
        size: digits.
        arm: one of ``ARMS``.
    """
    with torch.device("meta"):
        made = networks_text(players(ARMS[arm]))
        net = networks_text([small_classifier()])
    gans = fingerprint(made, size, arm, UPDATES, BATCH, "Adam 4e-3 0 0.999, bfloat16, averaged")
    said = f"{UPDATES} updates of {BATCH} #{gans}"
    lessons = fingerprint(gans, net, LESSONS, MOVES, SHARES, VALIDATION, TEST)
    return said, f"GAN: {said}; classifiers: {LESSONS} batches of 64 #{lessons}"


def plan() -> Iterator[tuple[int, int, str]]:
    """Yield seed, digits and arm of each GAN of the study, seed by seed."""
    for number, seed in enumerate(SEEDS):
        for size, (many, few) in GANS.items():
            for arm in ARMS:
                if number < (many if arm == HELPING else few):
                    yield seed, size, arm


def one(seed: int, size: int, arm: str) -> list[Result]:
    """Train a GAN, judge it, and let it help classifiers where it is to; one thread."""
    of_gan, of_classifiers = settings_of(size, arm)

    def result(kind: str, name: str, settings: str, found: Mapping[str, float]) -> Result:
        took = round(time.process_time() - began, 2)
        measures = {key: round(value, 6) for key, value in found.items()}
        where = f"{kind} on {size} digits"
        return Result(where, name, seed, settings, measures, took, None, "", provenance())

    with alone(), torch.random.fork_rng(devices=[]):  # quicker than OwnRandom, and as private
        torch.manual_seed(seed)
        rows, began = share_out(size, seed), time.process_time()
        gan = trained_gan(rows.training, arm)
        found = [result("GAN", arm, of_gan, judged(gan, rows.training, seed))]
        if arm == HELPING and size in HELPED:
            began = time.process_time()
            for name, measured in classifiers(rows, gan, seed).items():
                found.append(result("classifier", name, of_classifiers, measured))
    return found


def results(path: Path | str = SHIPPED) -> list[Result]:
    """Return the results that ship with the package, those of today's settings."""
    today = {said for size in GANS for arm in ARMS for said in settings_of(size, arm)}
    return [result for result in read(path) if result.settings in today]


def main(path: Path | str = SHIPPED) -> None:
    """Run what is missing, with a bar: about twelve minutes on one core."""
    from tqdm import tqdm

    done = {(each.seed, each.settings) for each in read(path)}
    for seed, size, arm in tqdm([*plan()], desc="GANs"):
        wanted = settings_of(size, arm)[: 1 + (arm == HELPING and size in HELPED)]
        if not {(seed, said) for said in wanted} <= done:
            for result in one(seed, size, arm):
                append(path, result)


if __name__ == "__main__":
    main(*sys.argv[1:])

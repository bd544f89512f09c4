"""The style-based generator of digits: how it is built and trained, its file, and its curve."""

from __future__ import annotations

import json
import time
import warnings
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch.optim import Adam

from gan_helpers import data, evaluation
from gan_helpers.checkpoints import load, save
from gan_helpers.gan import GAN
from gan_helpers.networks import ConvDiscriminator, StyleGenerator
from gan_helpers.objectives import RELATIVISTIC
from gan_helpers.random import OwnRandom
from gan_helpers.regularisers import r1_r2_penalty
from gan_helpers.runtime import budget, integer, pick_device, set_seed, whole_file
from gan_helpers.training import averaged, linear_lr_decay, train

SHIPPED = Path(__file__).with_name("style_digits.pt")
SEED, STEPS, BATCH = 0, 12_000, 32
RATE_G, RATE_D, GAMMA = 2e-2, 4e-3, 0.1
TRAINED_ON = 4000  # of the 5 000 digits in the order of `split`; the others are never seen


@dataclass(frozen=True)
class Moment:
    """Where a run stood: updates, seconds of training, and its distance from unseen digits.

    The distance is Frechet's in the features of the digit classifier, of 1 000 samples of the
    averaged generator against the 1 000 digits that were not trained on.
    """

    step: int
    seconds: float
    frechet: float


def style_gan(channels: int = 16, device: torch.device | str | None = None) -> GAN:
    """Build the GAN, untrained: a `StyleGenerator` against a `ConvDiscriminator` without BatchNorm.

    The objective is relativistic with R1 and R2. The generator's layers are equalised, so that its
    rate is a share of each weight, and five times the discriminator's.

    Args:
        channels: of the last maps of the generator, at least 1; the shipped one has 16.
        device: where to; ``None`` means ``pick_device()``.

    Source: arXiv:2501.05441, Eq. 2 and 3 (objective).
    """
    place = pick_device(device)
    G = StyleGenerator(32, channels=integer("channels", channels, 1), w_dim=32).to(place)
    D = ConvDiscriminator(channels=32, batch_norm=False).to(place)
    adam_G = Adam(G.parameters(), RATE_G, betas=(0.0, 0.99))
    adam_D = Adam(D.parameters(), RATE_D, betas=(0.0, 0.99))
    game = replace(RELATIVISTIC, penalty=partial(r1_r2_penalty, weight=GAMMA))
    return GAN(G, D, game, adam_G, adam_D, latent_dim=32, autocast=torch.bfloat16)


def split() -> tuple[data.ImageData, data.ImageData]:
    """Return the 4 000 digits that are trained on and the 1 000 that are not, in a fixed order."""
    digits = data.mnist()
    assert digits.labels is not None
    order = torch.randperm(5000, generator=torch.Generator().manual_seed(0))
    parts = order[:TRAINED_ON], order[TRAINED_ON:]
    seen, unseen = (
        replace(digits, images=digits.images[rows], labels=digits.labels[rows]) for rows in parts
    )
    return seen, unseen


def style_digits(device: torch.device | str | None = None, path: Path | str = SHIPPED) -> GAN:
    """Load the trained GAN that ships with the package; its ``average`` draws the digits.

    The global random state stays as it is.

    Args:
        device: where to; ``None`` means ``pick_device()``.
        path: another checkpoint of a GAN from `style_gan`.

    Raises:
        FileNotFoundError: there is none; ``make models`` makes it.
        ValueError: the file is damaged, or belongs to another network.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"{path} is missing; make it with: make models")
    found = pick_device(device)
    others = [found] if found.type == "cuda" else []
    with torch.random.fork_rng(others), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*was saved on")  # no run goes on here
        gan = style_gan(device=found)
        load(gan, path)
    return gan


def curve(path: Path | str = SHIPPED) -> list[Moment]:
    """Return the training curve that is stored beside a checkpoint."""
    lines = Path(path).with_suffix(".jsonl").read_text("utf-8").splitlines()
    return [Moment(**json.loads(line)) for line in lines]


def main(path: Path | str = SHIPPED, steps: int | None = None, seed: int = SEED) -> None:
    """Train with a bar that tells the distance, and write the checkpoint and its curve.

    Args:
        path: of the checkpoint; the curve is written beside it.
        steps: generator updates, over which the rates fall to 0; ``STEPS``, or a few under the
            smoke budget, if ``None``.
        seed: of weights, batches and latents; the shipped one has ``SEED``.
    """
    from tqdm import tqdm

    place = Path(path)
    count = budget()(STEPS, smoke=20) if steps is None else integer("steps", steps, 1)
    set_seed(seed)
    gan, (seen, unseen) = style_gan(), split()
    classifier = evaluation.digit_classifier()
    real = classifier.features(unseen.images)
    moments, spent, began = [], 0.0, time.perf_counter()
    records = train(gan, data.batches(seen, BATCH, device=gan.device), count)
    records = averaged(gan, linear_lr_decay(gan, records, count))
    for record in (bar := tqdm(records, total=count, desc=place.stem, mininterval=10)):
        if record.step % max(count // 20, 1) == 0:
            spent += time.perf_counter() - began
            own = torch.Generator(gan.device).manual_seed(1)
            with OwnRandom(0):  # looking does not change the run
                fakes = classifier.features(gan.sample(1000, own).cpu())
            distance = evaluation.frechet_distance(real, fakes)
            moments.append(Moment(record.step, round(spent, 1), round(distance, 4)))
            bar.set_postfix(Frechet=moments[-1].frechet)
            began = time.perf_counter()
    save(gan, place)
    text = "".join(json.dumps(asdict(moment)) + "\n" for moment in moments)
    with whole_file(place.with_suffix(".jsonl")) as file:
        file.write(text.encode())

"""Classifiers on few digits: taught with them alone, with moved ones, with a GAN's images added."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import affine_grid, cross_entropy, grid_sample

from gan_helpers import data
from gan_helpers.gan import GAN
from gan_helpers.study.parts import Parts

LESSONS = 200  # batches that a classifier learns from
MOVES = ((1, 5), (2, 10), (4, 20))  # pixels, degrees
SHARES = (0.25, 0.5, 0.75)  # of a batch that the GAN makes
ALONE, MOVED, ADDED, BOTH, MORE = (
    "digits alone", "moved", "GAN's added", "both", "four times the digits",
)  # fmt: skip


def small_classifier() -> nn.Module:
    """Make an untrained classifier of digits: two convolutions of stride 2 and a linear layer."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 32, 5, stride=2, padding=2), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
    )  # fmt: skip


def moved(x: Tensor, pixels: float, degrees: float) -> Tensor:
    """Shift and rotate each image by amounts of its own, up to these, each way; -1 comes in.

    Args:
        x: images (N, C, H, W).
        pixels: of the shift along each axis.
        degrees: of the rotation.
    """
    angle = np.radians(degrees) * (2 * torch.rand(len(x), device=x.device) - 1)
    shift = 2 * pixels / x.shape[-1] * (2 * torch.rand(2, len(x), device=x.device) - 1)
    cos, sin = angle.cos(), angle.sin()
    matrix = torch.stack([cos, -sin, shift[0], sin, cos, shift[1]], 1).reshape(-1, 2, 3)
    # a torch.Size will do; (N, H, W, 2)
    places = affine_grid(matrix, x.shape, align_corners=False)  # type: ignore[arg-type]
    return grid_sample(x + 1, places, align_corners=False) - 1


def lessons(
    real: tuple[Tensor, Tensor],
    fake: tuple[Tensor, Tensor] | None = None,
    share: float = 0.0,
    move: tuple[float, float] = (0, 0),
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield endless batches of 64 images (64, C, H, W) with labels (64,) to teach a classifier.

    Args:
        real: images and labels.
        fake: a GAN's images and the labels they were asked for.
        share: of a batch that is fake, from 0 to below 1.
        move: pixels and degrees, as in `moved`; both kinds are moved.
    """
    count = round(share * 64)
    sources = [data.batches(real, 64 - count)]
    if count and fake is not None:
        sources.append(data.batches(fake, count))
    while True:
        images, labels = (torch.cat(each) for each in zip(*map(next, sources), strict=True))
        yield moved(images, *move), labels


def taught(batches: Iterator[tuple[Tensor, Tensor]], steps: int) -> nn.Module:
    """Train a new `small_classifier`; Adam, the rate falling from 3e-3 to 0.

    Args:
        batches: images and labels.
        steps: batches to learn from.

    Returns:
        The classifier, in eval mode.
    """
    images, labels = next(batches)
    net = small_classifier().to(images.device)
    adam = torch.optim.Adam(net.parameters(), lr=3e-3)
    falling = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, total_iters=steps)
    for _ in range(steps):
        adam.zero_grad()
        cross_entropy(net(images), labels).backward()
        adam.step()
        falling.step()
        images, labels = next(batches)
    return net.eval()


def share_right(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Return the share of images that a classifier names rightly."""
    with torch.no_grad():
        return (net(images).argmax(1) == labels).float().mean().item()


def classifiers(rows: Parts, gan: GAN, seed: int) -> dict[str, dict[str, float]]:
    """Teach classifiers with and without what is to help, and choose among settings fairly.

    Within an arm the setting is chosen on the validation part, and told on the test part. Where
    both are used, the move is the one that was chosen without the GAN.

    Args:
        rows: of `data.mnist()`; the GAN was trained on their training part.
        gan: called as G(z, label).
        seed: of the GAN's images, >= 0.

    Returns:
        Arm -> ``accuracy`` on the test part; ``validation``; ``best on test``, what one would tell
        who chooses on the test part; ``chosen``, the number of the setting.
    """
    digits = data.mnist()
    assert digits.labels is not None
    real, validation, test, spare = ((digits.images[r], digits.labels[r]) for r in rows)
    label = torch.arange(10).repeat(200)
    fake = gan.sample(2000, torch.Generator().manual_seed(seed), label), label

    def tried(*settings: Iterator[tuple[Tensor, Tensor]]) -> dict[str, float]:
        nets = [taught(each, LESSONS) for each in settings]
        on_validation = [share_right(net, *validation) for net in nets]
        on_test = [share_right(net, *test) for net in nets]
        best = int(np.argmax(on_validation))
        return {
            "accuracy": on_test[best], "validation": on_validation[best],
            "best on test": max(on_test), "chosen": best,
        }  # fmt: skip

    found = {ALONE: tried(lessons(real))}
    found[MOVED] = tried(*(lessons(real, move=move) for move in MOVES))
    found[ADDED] = tried(*(lessons(real, fake, share) for share in SHARES))
    move = MOVES[int(found[MOVED]["chosen"])]
    found[BOTH] = tried(*(lessons(real, fake, share, move) for share in SHARES))
    more = tuple(torch.cat(each) for each in zip(real, spare, strict=True))
    found[MORE] = tried(lessons(more, move=move))  # type: ignore[arg-type]
    return found

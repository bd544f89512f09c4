"""A small classifier: it says which class an image shows, and its features measure image quality.

There are no downloaded weights here. The network is trained on the data at hand in a few seconds,
once, and kept in the cache folder.
"""

from __future__ import annotations

import copy
import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from gan_helpers import data
from gan_helpers.evaluation import classifier_network
from gan_helpers.evaluation.classifier_network import build, fit, freeze
from gan_helpers.runtime import cache_dir, integer, whole_file

STEPS = 800  # about 13 passes over 4 000 images


@dataclass(frozen=True, eq=False)
class Classifier:
    """A trained classifier; make one with `digit_classifier` or `train_classifier`.

    Attributes:
        network: images (N, C, H, W) to features (N, 64), then `head` to scores; in eval mode.
        head: features (N, 64) to scores (N, K).
        image_shape: (C, H, W) of the images it takes.
        names: the K class names.
        accuracy: share of the held-out images that it classifies correctly, in [0, 1].
        held_out: (R,), rows of the data set that it was not trained on.
    """

    network: nn.Module
    head: nn.Module
    image_shape: tuple[int, int, int]
    names: tuple[str, ...]
    accuracy: float
    held_out: Tensor

    def features(self, images: Tensor | ArrayLike, batch_size: int = 500) -> Tensor:
        """Return the features (N, 64) of images (N, C, H, W) in [-1, 1], float32 on the CPU.

        They are the last hidden layer's activations, in a scale where the variances of the real,
        held-out images sum to 1. Give them to `frechet_distance` and `precision_recall`: a Fréchet
        distance of 1 is then as much as the real images vary.

        Args:
            images: N >= 1, tensor on any device or array, in [-1, 1].
            batch_size: images sent through the network at a time, at least 1.

        Raises:
            TypeError: the images are not floating point.
            ValueError: another shape, NaN, values outside [-1, 1], or images of [0, 1].
        """
        batch_size = integer("batch_size", batch_size, 1)
        checked = _images(images, self.image_shape)
        device = next(self.network.parameters()).device
        with torch.no_grad():
            parts = [self.network(part.to(device)).cpu() for part in checked.split(batch_size)]
        return torch.cat(parts)  # (N, 64)

    def probabilities(self, images: Tensor | ArrayLike, batch_size: int = 500) -> Tensor:
        """Return the class probabilities (N, K) of images (N, C, H, W); each row sums to 1.

        A classifier that knows only digits gives every image some digit, even noise, often with a
        high probability: it names classes, it does not judge quality.
        """
        features = self.features(images, batch_size)
        with torch.no_grad():
            scores = self.head(features.to(next(self.head.parameters()).device))  # (N, K)
        return scores.softmax(1).cpu()

    def predict(self, images: Tensor | ArrayLike, batch_size: int = 500) -> Tensor:
        """Return the most probable class (N,), int64 on the CPU, of images (N, C, H, W)."""
        return self.probabilities(images, batch_size).argmax(1)

    def to(self, device: torch.device | str) -> Classifier:
        """Return a copy with its weights on another device; its results still come to the CPU."""
        network, head = copy.deepcopy(self.network), copy.deepcopy(self.head)
        return replace(self, network=network.to(device), head=head.to(device))


def digit_classifier(steps: int = STEPS) -> Classifier:
    """Return a classifier of the 5 000 digits of `data.mnist()`: trained once, then from the cache.

    The first call takes about ten seconds on one slow core, later ones a fraction of a second.

    Args:
        steps: training steps; fewer are quicker and worse, and are cached apart.
    """
    return train_classifier(data.mnist(), steps=steps, cache_name="mnist-5000")


def train_classifier(
    source: data.ImageData, steps: int = STEPS, seed: int = 0, cache_name: str | None = None
) -> Classifier:
    """Train a small convolutional network on labelled images, always with the same result.

    Convolutions of stride 2 halve the image until its shorter side is 7 or less; a linear layer
    makes 64 features, another the scores. Of each class a fifth is held out for `accuracy`. The
    random numbers come from a generator of its own: the global one is neither read nor changed.

    Args:
        source: images (N, C, H, W) in [-1, 1] and labels 0 to K - 1, at least 5 of each class.
        steps: batches of 64, at least 1; Adam, the rate rising to 4e-3 and falling to 0.
        seed: of split, initial weights, order and shifts.
        cache_name: keep the result in the cache folder in a file of this name (versions and a
            fingerprint of data and settings are added), and take it from there the next time. A
            damaged file is replaced; a folder that cannot be written is not an error.

    Returns:
        The `Classifier`, on the CPU.

    Raises:
        TypeError: the source is no `ImageData`.
        ValueError: steps below 1, a cache name with a folder in it, no labels, fewer than 2
            classes, too few images of a class.
    """
    steps, seed = integer("steps", steps, 1), integer("seed", seed, 0)
    if not isinstance(source, data.ImageData):
        raise TypeError(
            f"source is a {type(source).__name__}; give ImageData(images, labels, names), such as "
            "data.digits()"
        )
    if cache_name is not None and Path(cache_name).name != cache_name:
        raise ValueError(
            f"cache_name is {cache_name!r}; it must be a plain name without folders: 'my-digits'"
        )
    labels, names = _labels(source)
    images = source.images.cpu()
    path = None
    if cache_name is not None:
        path = _cache_path(cache_name, images, labels, f"{steps} {seed}")
        found = _read(path, source.shape, names)
        if found is not None:
            return found
    body, head, held_out = fit(images, labels, len(names), steps, seed)
    trained = Classifier(body, head, source.shape, names, 0.0, held_out)
    right = trained.predict(images[held_out]) == labels[held_out]
    trained = replace(trained, accuracy=right.double().mean().item())
    if path is not None:
        with suppress(OSError):  # a read-only folder or a full disk: train again next time
            _write(path, trained)
    return trained


def _images(images: Tensor | ArrayLike, shape: tuple[int, int, int]) -> Tensor:
    found = np.shape(images)
    if tuple(found[1:]) != shape or found[0] == 0:
        raise ValueError(
            f"images have shape {tuple(found)}; this classifier takes "
            f"(N, {', '.join(map(str, shape))}) with N >= 1: reshape them, or train a classifier "
            "on images of this size"
        )
    return data.check_images(images)


def _labels(source: data.ImageData) -> tuple[Tensor, tuple[str, ...]]:
    if source.labels is None:
        raise ValueError("the images have no labels; give some: ImageData(images, labels, names)")
    labels = source.labels.cpu()
    names = source.names or tuple(str(c) for c in range(int(labels.max()) + 1))
    counts = torch.bincount(labels, minlength=len(names))
    if len(names) < 2 or counts.min() < 5:
        raise ValueError(
            f"the classes hold {counts.tolist()} images; there must be 2 classes or more with at "
            "least 5 images each: add images or leave small classes out"
        )
    return labels, names


def _cache_path(name: str, images: Tensor, labels: Tensor, settings: str) -> Path:
    # The recipe is part of the fingerprint: files made by another version of it are not found.
    digest = hashlib.sha256(Path(classifier_network.__file__).read_bytes())
    digest.update(settings.encode())
    for tensor in (images, labels):
        digest.update(str(tuple(tensor.shape)).encode())
        digest.update(tensor.contiguous().numpy().tobytes())
    torch_version = torch.__version__.replace("+", "-")
    file = f"classifier-{name}-torch{torch_version}-{digest.hexdigest()[:16]}.pt"
    return cache_dir() / file


def _read(path: Path, shape: tuple[int, int, int], names: tuple[str, ...]) -> Classifier | None:
    """Return the classifier of a cache file, or None when it is missing or not whole."""
    try:
        content = path.read_bytes()
        if hashlib.sha256(content[32:]).digest() != content[:32]:  # torch.load misses flipped bits
            return None
        stream = io.BytesIO(content[32:])
        state: dict[str, Any] = torch.load(stream, map_location="cpu", weights_only=True)
        body, head = build(shape, len(names))
        body.load_state_dict(state["body"])
        head.load_state_dict(state["head"])
        freeze(body, head)
        return Classifier(body, head, shape, names, float(state["accuracy"]), state["held_out"])
    except Exception:  # a damaged file fails in a dozen ways, and the answer is one: train again
        return None


def _write(path: Path, trained: Classifier) -> None:
    """Write the checksum of the weights, and the weights."""
    buffer = io.BytesIO()
    state = {
        "body": trained.network.state_dict(),
        "head": trained.head.state_dict(),
        "accuracy": trained.accuracy,
        "held_out": trained.held_out,
    }
    torch.save(state, buffer)
    with whole_file(path) as file:
        file.write(hashlib.sha256(buffer.getvalue()).digest() + buffer.getvalue())

"""The layers of the small classifier and how they are trained; see `classifier`."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

FEATURES = 64
_SLOPE = 0.1  # of the last LeakyReLU: with a plain ReLU a fifth of the features died
_SMOOTHING = 0.1  # keeps features from growing without bound, so that a missing class shows more
_BATCH, _PEAK_RATE, _HELD_OUT = 64, 4e-3, 0.2


def build(image_shape: tuple[int, int, int], classes: int) -> tuple[nn.Module, nn.Module]:
    """Build the layers without values: made on `meta`, they draw nothing from a generator.

    Returns: images (N, C, H, W) to features (N, 64), and features to scores (N, classes).
    """
    width_in, height, width = image_shape
    layers: list[nn.Module] = []
    channels = 16
    while not layers or min(height, width) > 7:
        layers += [
            nn.Conv2d(width_in, channels, 5, stride=2, padding=2, bias=False, device="meta"),
            nn.BatchNorm2d(channels, device="meta"),
            nn.ReLU(),
        ]
        width_in, channels = channels, min(2 * channels, 64)
        height, width = (height + 1) // 2, (width + 1) // 2
    hidden = nn.Linear(width_in * height * width, FEATURES, device="meta")
    body = nn.Sequential(*layers, nn.Flatten(), hidden, nn.LeakyReLU(_SLOPE))
    head = nn.Linear(FEATURES, classes, device="meta")
    return body.to_empty(device="cpu"), head.to_empty(device="cpu")


def freeze(body: nn.Module, head: nn.Module) -> None:
    """Put both into eval mode and switch their gradients off."""
    nn.Sequential(body, head).requires_grad_(False).eval()


def fit(
    images: Tensor, labels: Tensor, classes: int, steps: int, seed: int
) -> tuple[nn.Module, nn.Module, Tensor]:
    """Train on four fifths of every class; all randomness comes from a generator of its own.

    Args:
        images: (N, C, H, W) float32 in [-1, 1], on the CPU.
        labels: (N,) int64 in 0 ... classes - 1.
        classes: K.
        steps: batches of 64, at least 1.
        seed: of split, initial weights, order and shifts.

    Returns: body and head, frozen, and the rows that were held out.
    """
    draws = torch.Generator().manual_seed(seed)
    training, held_out = _split(labels, classes, draws)
    body, head = build((images.shape[1], images.shape[2], images.shape[3]), classes)
    net = nn.Sequential(body, head)
    _initialise(net, draws)
    optimizer = torch.optim.Adam(net.parameters(), lr=_PEAK_RATE)
    batch = min(_BATCH, len(training))
    passes = -(-steps * batch // len(training))  # rounded up
    order = torch.cat([torch.randperm(len(training), generator=draws) for _ in range(passes)])
    warm_up = max(steps // 4, 1)
    with torch.enable_grad():
        for step, rows in enumerate(training[order[: steps * batch]].split(batch)):
            share = min((step + 1) / warm_up, (steps - step) / max(steps - warm_up, 1))
            optimizer.param_groups[0]["lr"] = _PEAK_RATE * share
            scores = net(_shifted(images[rows], draws))  # (batch, K)
            optimizer.zero_grad()
            loss = functional.cross_entropy(scores, labels[rows], label_smoothing=_SMOOTHING)
            loss.backward()
            optimizer.step()
    freeze(body, head)
    _rescale(body, head, images[held_out])
    return body, head, held_out


def _initialise(module: nn.Module, draws: torch.Generator) -> None:
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()
        elif isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=draws)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def _rescale(body: nn.Module, head: nn.Module, images: Tensor) -> None:
    """Divide the features by one number, so that their variances over `images` sum to 1.

    LeakyReLU(x / s) = LeakyReLU(x) / s for s > 0, so scaling the last layer is enough, and the
    head takes it back: the scores stay as they were.
    """
    with torch.no_grad():
        features = torch.cat([body(part) for part in images.split(500)])  # (R, 64)
        scale = max(features.double().var(0).sum().sqrt().item(), 1e-12)
        hidden = [layer for layer in body.modules() if isinstance(layer, nn.Linear)][-1]
        hidden.weight.div_(scale)
        hidden.bias.div_(scale)
        for layer in head.modules():
            if isinstance(layer, nn.Linear):
                layer.weight.mul_(scale)


def _split(labels: Tensor, classes: int, draws: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return the rows to train on and the rows held out, with the same share of every class."""
    kept, held = [], []
    for c in range(classes):
        rows = (labels == c).nonzero().flatten()
        rows = rows[torch.randperm(len(rows), generator=draws)]
        cut = round(len(rows) * _HELD_OUT)
        held.append(rows[:cut])
        kept.append(rows[cut:])
    return torch.cat(kept), torch.cat(held).sort().values


def _shifted(batch: Tensor, draws: torch.Generator) -> Tensor:
    """Move a batch by up to a 14th of its size in both directions, repeating the border."""
    height, width = batch.shape[2:]
    y, x = height // 14, width // 14
    top = int(torch.randint(2 * y + 1, (), generator=draws))
    left = int(torch.randint(2 * x + 1, (), generator=draws))
    padded = functional.pad(batch, (x, x, y, y), mode="replicate")
    return padded[:, :, top : top + height, left : left + width]

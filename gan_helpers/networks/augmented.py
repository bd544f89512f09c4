"""A discriminator that augments whatever it scores, by operations that let gradients through.

Each takes images (N, C, H, W) and draws for each image anew from PyTorch's global generator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from gan_helpers.data.supply import Batch, unpack

if TYPE_CHECKING:
    from gan_helpers.gan import GAN
    from gan_helpers.record import Record


def brighten(x: Tensor, reach: float = 0.5) -> Tensor:
    """Add a number from U[-reach, reach] to all pixels of an image.

    Args:
        x: images (N, C, H, W).
        reach: in the unit of a pixel.

    Source: arXiv:2006.10738, section 4 and its code.
    """
    return x + reach * (2 * torch.rand(len(x), 1, 1, 1, device=x.device) - 1)


def translate(x: Tensor, share: float = 0.125) -> Tensor:
    """Move an image by whole pixels, up to a share of its sides each way; -1 comes in (black).

    Args:
        x: images (N, C, H, W).
        share: of height and width, at most 1.

    Source: arXiv:2006.10738, section 4 and its code, which lets 0 come in.
    """
    (height, width), most = x.shape[2:], round(share * max(x.shape[2:]))
    down, right = torch.randint(0, 2 * most + 1, (2, len(x), 1, 1), device=x.device)
    rows = down + torch.arange(height, device=x.device)[:, None]  # (N, H, 1)
    columns = right + torch.arange(width, device=x.device)  # (N, 1, W)
    images = torch.arange(len(x), device=x.device)[:, None, None]
    return pad(x, [most] * 4, value=-1.0)[images, :, rows, columns].movedim(-1, 1)


def cut_out(x: Tensor, share: float = 0.5) -> Tensor:
    """Put a grey rectangle (0) of a share of the sides at a random place, in part outside perhaps.

    Args:
        x: images (N, C, H, W).
        share: of height and width, at most 1.

    Source: arXiv:2006.10738, section 4 and its code.
    """
    apart = (
        torch.arange(side, device=x.device) - torch.randint(side, (len(x), 1), device=x.device)
        for side in x.shape[2:]
    )  # (N, H) and (N, W): distance from the middle, which may lie anywhere
    rows, columns = ((d + 0.5).abs() < share * d.shape[1] / 2 for d in apart)
    return x * ~(rows[:, None, :, None] & columns[:, None, None, :])


def augment(x: Tensor, p: Tensor | float = 1.0) -> Tensor:
    """Change brightness, place, and a part of each image, each with probability p.

    Args:
        x: images (N, C, H, W).
        p: from 0 to 1; 1 is DiffAugment, and ADA adjusts it.

    Source: arXiv:2006.10738 (the operations), arXiv:2006.06676 (p).
    """
    for change in (brighten, translate, cut_out):
        chosen = torch.rand(len(x), 1, 1, 1, device=x.device) < p
        x = torch.where(chosen, change(x), x)
    return x


class Augmented(nn.Module):
    """Score augmented samples, T(x) in place of x, wherever the discriminator is used in training.

    Both updates call the discriminator, so real samples and fakes are augmented in both, and the
    generator's gradient comes back through T. In eval mode nothing is augmented.

    Args:
        discriminator: called with samples (N, C, H, W), and a condition if there is one.
        p: probability of each change, from 0 to 1; a buffer, which `adapted` moves.

    Source: arXiv:2006.10738, Eq. 3 to 5.
    """

    p: Tensor

    def __init__(self, discriminator: nn.Module, p: float = 1.0) -> None:
        super().__init__()
        self.discriminator = discriminator
        self.register_buffer("p", torch.tensor(float(p)))

    def forward(self, x: Tensor, *condition: Tensor) -> Tensor:
        """Return raw scores (N,) for samples x (N, C, H, W)."""
        if self.training:
            x = augment(x, self.p)
        return self.discriminator(x, *condition)


def adapted(
    gan: GAN,
    records: Iterable[Record],
    batches: Iterator[Batch],
    target: float = 0.6,
    stride: float = 0.01,
) -> Iterator[Record]:
    """Hand records on while the probability p of augmenting follows the discriminator (ADA).

    Every fourth update r = E[sign D(T(x))] is measured on real training samples: 0 where the
    discriminator cannot tell them from fakes, 1 where it knows them all. Above the target p rises
    by the stride, below it falls.

    Args:
        gan: its discriminator is an `Augmented`.
        records: what ``train`` yields.
        batches: real batches, or pairs with their condition, on the players' device.
        target: of r, from -1 to 1.
        stride: of p; the paper's lets p go from 0 to 1 in 500 000 images.

    Returns:
        An iterator of the same records.

    Source: arXiv:2006.06676, Eq. 1 and section 3.
    """
    discriminator: Any = gan.discriminator
    for record in records:
        if record.step % 4 == 0:
            with torch.no_grad():
                r = discriminator(*unpack(next(batches))).sign().mean()
            discriminator.p.add_(stride * (r - target).sign()).clamp_(0, 1)
        yield record

"""What must hold before training starts and while it goes on, each with an error that repairs."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from gan_helpers.regularisers import check_per_sample

if TYPE_CHECKING:
    from gan_helpers.training import GAN, Record


class NonFiniteLossError(FloatingPointError):
    """A loss or gradient became NaN or infinite; the message names step, player and causes."""


def check_players(gan: GAN) -> None:
    """Raise if the parts of a GAN do not fit together.

    Raises:
        ValueError: names the value, the rule and the repair.
    """
    if isinstance(gan.latent_dim, bool) or not isinstance(gan.latent_dim, int):
        raise ValueError(f"latent_dim is {gan.latent_dim!r}; it must be an integer >= 1")
    wanted = getattr(gan.generator, "latent_dim", gan.latent_dim)
    if gan.latent_dim < 1 or wanted != gan.latent_dim:
        raise ValueError(
            f"latent_dim is {gan.latent_dim}, the generator takes z of width {wanted}; "
            "give both the same number, at least 1"
        )
    for player in ("generator", "discriminator"):
        held = {id(w) for w in getattr(gan, player).parameters()}
        if not held:
            raise ValueError(f"the {player} has no weights; there is nothing to train")
        groups = getattr(gan, f"{player}_optimizer").param_groups
        if {id(w) for group in groups for w in group["params"]} - held:
            raise ValueError(
                f"{player}_optimizer holds weights that are not the {player}'s; "
                f"build it from {player}.parameters()"
            )
    places = {w.device for net in (gan.generator, gan.discriminator) for w in net.parameters()}
    if len(places) > 1:
        raise ValueError(
            f"the players' weights are on {sorted(map(str, places))}; move both to one device "
            "with .to(device) before building the optimisers"
        )
    last = list(gan.discriminator.modules())[-1]
    if isinstance(last, (nn.Sigmoid, nn.Softmax, nn.LogSigmoid, nn.LogSoftmax)):
        raise ValueError(
            f"the discriminator ends in {type(last).__name__}; the losses take raw scores and "
            "apply it themselves: remove the layer"
        )
    if gan.objective.penalty is not None:
        check_per_sample(gan.discriminator)


def check_batch(gan: GAN, real: Tensor) -> None:
    """Raise if a real batch does not fit the generator's samples or the discriminator.

    The players are tried on copies, so that nothing about them changes.

    Raises:
        TypeError: the batch is no tensor.
        ValueError: names the value, the rule and the repair.
    """
    if not isinstance(real, Tensor):
        raise TypeError(
            f"a batch is a {type(real).__name__}; it must be a tensor of real samples alone "
            "(from a loader of pairs take the images: (x for x, _ in loader))"
        )
    if real.dim() < 2 or len(real) == 0:
        raise ValueError(
            f"a batch has shape {tuple(real.shape)}; it must be (N, ...) with N >= 1, "
            "for example (64, 2) or (64, 1, 28, 28)"
        )
    if real.device != gan.device:
        raise ValueError(
            f"a batch is on {real.device}, the players on {gan.device}; "
            "pass device= to data.batches"
        )
    norms = [m for net in (gan.generator, gan.discriminator) for m in net.modules()]
    if len(real) == 1 and any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in norms):
        raise ValueError("a batch has 1 sample, and BatchNorm needs 2 or more: raise batch_size")
    with torch.no_grad():
        z = torch.zeros(2, gan.latent_dim, device=gan.device)
        fake = copy.deepcopy(gan.generator).eval()(z)  # (2, ...)
        scores = copy.deepcopy(gan.discriminator).eval()(fake)
    if fake.shape[1:] != real.shape[1:] or fake.dtype != real.dtype:
        raise ValueError(
            f"a real sample is {tuple(real.shape[1:])} {real.dtype}, a generated one "
            f"{tuple(fake.shape[1:])} {fake.dtype}; they must agree: change the generator's "
            "out_shape or convert the data"
        )
    if scores.shape != (2,):
        raise ValueError(
            f"the discriminator returns shape {tuple(scores.shape)} for 2 samples; it must be "
            "(2,), one raw score a sample: end it with .squeeze(1) or nn.Flatten(0)"
        )
    _check_reach(gan, real)


def _check_reach(gan: GAN, real: Tensor) -> None:
    reach = getattr(gan.generator, "output_range", None)
    if reach is None or real.device.type == "meta":
        return
    low, high = real.min().item(), real.max().item()
    if low < reach[0] - 1e-4 or high > reach[1] + 1e-4:
        raise ValueError(
            f"the real batch spans [{low:.3g}, {high:.3g}], the generator can only reach "
            f"[{reach[0]:.3g}, {reach[1]:.3g}]; scale the data into that range"
        )


def check_finite(records: Sequence[Record], real: Tensor) -> None:
    """Raise if a loss, penalty or gradient norm of these records is NaN or infinite.

    Args:
        records: in order, at least one.
        real: the latest real batch; if it is at fault, the error says so.

    Raises:
        NonFiniteLossError: names the first such step, the player, and what usually causes it.
    """
    if records[0].generator_loss.device.type == "meta":
        return
    # (records, 7): one transfer for all of them
    values = torch.stack([torch.stack(record[1:8]) for record in records]).isfinite().tolist()
    for record, finite in zip(records, values, strict=True):
        if all(finite):
            continue
        loss_d, loss_g, penalty, _, _, norm_d, _ = finite
        player = "generator" if all((loss_d, penalty, norm_d)) else "discriminator"
        what = "penalty" if not penalty else "gradient" if loss_d and loss_g else "loss"
        cause = (
            "the real batch holds NaN or infinite values: clean the data"
            if not real.isfinite().all()
            else "the learning rate is too high, the data is not scaled, or scores grew without "
            "bound: lower the rate, scale the data into [-1, 1], start from the last checkpoint"
        )
        raise NonFiniteLossError(
            f"step {record.step}: the {player}'s {what} is not finite "
            f"(losses {record.discriminator_loss.item():.3g} and "
            f"{record.generator_loss.item():.3g}); likely cause: {cause}"
        )

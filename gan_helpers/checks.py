"""What must hold before training starts, each with an error that repairs."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gan_helpers.objectives import Objective
from gan_helpers.regularisers import check_per_sample

if TYPE_CHECKING:
    from gan_helpers.training import GAN


def check_players(gan: GAN) -> None:
    """Raise if the parts of a GAN do not fit together.

    Raises:
        TypeError: a part is of another kind.
        ValueError: names the value, the rule and the repair.
    """
    _check_kinds(gan)
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
    frozen = [name for name, w in gan.generator.named_parameters() if not w.requires_grad]
    if frozen:
        raise ValueError(
            f"the generator's {frozen[0]!r} has requires_grad=False, and its step asks for every "
            "gradient: set it to True, and leave a weight that is to stay as it is out of "
            "generator_optimizer"
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
        if any(map(_is_compiled, gan.discriminator.modules())):
            raise ValueError(
                f"the discriminator is compiled, and {gan.objective.name!r} has a penalty, which "
                "differentiates twice; compiled graphs do not: compile the generator alone"
            )


def _is_compiled(module: nn.Module) -> bool:
    # module.compile() leaves the first mark, torch.compile(module) the second
    return getattr(module, "_compiled_call_impl", None) is not None or hasattr(module, "_orig_mod")


def _check_kinds(gan: GAN) -> None:
    kinds = {
        "generator": nn.Module,
        "discriminator": nn.Module,
        "objective": Objective,
        "generator_optimizer": Optimizer,
        "discriminator_optimizer": Optimizer,
    }
    for name, kind in kinds.items():
        found = getattr(gan, name)
        if not isinstance(found, kind):
            wanted = f"{kind.__module__.split('.')[0]}'s {kind.__name__}"
            raise TypeError(
                f"{name} is {found!r:.60}; it must be a {wanted}, made, not the class itself"
            )
    if not callable(gan.latent_law):
        raise TypeError(f"latent_law is {gan.latent_law!r}; give a function such as torch.randn")
    if gan.autocast not in (None, torch.bfloat16):
        raise ValueError(
            f"autocast is {gan.autocast!r}; it must be torch.bfloat16 or None (float16 needs its "
            "gradients scaled, which the loop does not do)"
        )
    check_integer("step", gan.step, 0)


def check_integer(name: str, value: object, least: int) -> None:
    """Raise if a value is not an integer of at least ``least``.

    Raises:
        ValueError: names the value, the rule and the repair.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(
            f"{name} is {value!r}; it must be an integer >= {least}: give int(...) of a number"
        )


def check_latent(gan: GAN, n: int, z: Tensor) -> None:
    """Raise if latent points do not have the shape (n, latent_dim).

    Raises:
        ValueError: names the value, the rule and the repair.
    """
    if z.shape != (n, gan.latent_dim):
        raise ValueError(
            f"latent_law returns shape {tuple(z.shape)} when asked for ({n}, {gan.latent_dim}); "
            "it must return (n, latent_dim), as torch.randn(n, latent_dim) does"
        )


def check_place(gan: GAN, z: Tensor) -> None:
    """Raise if latent points are no tensor on the players' device.

    Raises:
        TypeError: they are no tensor.
        ValueError: names the value, the rule and the repair.
    """
    if not isinstance(z, Tensor):
        raise TypeError(f"z is a {type(z).__name__}; it must be a tensor (n, {gan.latent_dim})")
    if z.device != gan.device:
        raise ValueError(
            f"z is on {z.device}, the players on {gan.device}; use z.to({str(gan.device)!r})"
        )


def check_supply(batches: object) -> None:
    """Raise if the batches of a run are no iterable of batches.

    Raises:
        TypeError: names the value, the rule and the repair.
    """
    # A tensor would be iterated row by row.
    if isinstance(batches, Tensor) or not isinstance(batches, Iterable):
        raise TypeError(
            f"batches is a {type(batches).__name__}; it must be an iterable of batches (N, ...): "
            "data.batches(source, batch_size) makes one"
        )


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
        like = next(gan.generator.parameters())
        z = torch.zeros(len(real), gan.latent_dim, device=gan.device, dtype=like.dtype)
        fake = copy.deepcopy(gan.generator).eval()(z)  # (N, ...)
        scores = copy.deepcopy(gan.discriminator).eval()(fake)
    if fake.shape[1:] != real.shape[1:] or fake.dtype != real.dtype:
        raise ValueError(
            f"a real sample is {tuple(real.shape[1:])} {real.dtype}, a generated one "
            f"{tuple(fake.shape[1:])} {fake.dtype}; they must agree: change the generator's "
            "out_shape or convert the data"
        )
    if scores.shape != (len(real),):
        raise ValueError(
            f"the discriminator returns shape {tuple(scores.shape)} for {len(real)} samples; it "
            f"must be ({len(real)},), one raw score a sample: end it with .squeeze(1) or "
            "nn.Flatten(0)"
        )
    _check_reach(gan, real)
    _check_losses(gan.objective, scores)


def _check_losses(objective: Objective, scores: Tensor) -> None:
    """Try both losses: they are what a student writes, and torch's errors name neither."""
    devices = [scores.device] if scores.device.type == "cuda" else []
    # A loss may draw, for noisy labels say; a resumed run must not draw once more for this trial.
    with torch.enable_grad(), torch.random.fork_rng(devices):
        scores = scores.detach().requires_grad_()
        tried = {
            "discriminator_loss": objective.discriminator_loss(scores, scores),
            "generator_loss": objective.generator_loss(scores),
        }
    for name, loss in tried.items():
        if not isinstance(loss, Tensor) or loss.shape != ():
            found = f"shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else f"{loss!r:.60}"
            raise ValueError(
                f"the {name} of {objective.name!r} returns {found}; it must return a tensor of "
                "shape (), the mean over the batch: end it with .mean()"
            )
        if not loss.requires_grad:
            raise ValueError(
                f"the {name} of {objective.name!r} does not depend on the scores it is given, so "
                "nothing can be learnt: take .item(), .detach() and no_grad() out of it"
            )


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

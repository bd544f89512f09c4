"""The two players, what must fit together before they train, and how a loop is made ready."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from gan_helpers.data.supply import Batch, Supply, unpack
from gan_helpers.objectives import Objective
from gan_helpers.record import Record, timed, watched
from gan_helpers.regularisers import check_per_sample
from gan_helpers.runtime import integer

__all__ = ["GAN", "Batch", "check_device", "check_players", "prepared", "unpack"]

Loop = Callable[..., Iterator[Record]]


@dataclass
class GAN:
    """A generator and a discriminator, what they minimise, and how far they have come.

    Args:
        generator: maps z of shape (N, latent_dim) to samples (N, ...); where batches carry a
            condition it is called as ``G(z, condition)``, or ``G(condition)`` if latent_dim is 0.
        discriminator: maps samples (N, ...), and their condition if there is one, to raw scores
            (N,): no sigmoid at the end.
        objective: the losses of both players.
        generator_optimizer: holds the generator's weights and no others.
        discriminator_optimizer: holds the discriminator's weights and no others.
        latent_dim: width of z, >= 1; 0 where the generator takes a condition and no z.
        latent_distribution: draws z, called as
            ``latent_distribution(n, latent_dim, generator=..., device=...)``; ``torch.randn`` for
            N(0, 1), ``torch.rand`` for U[0, 1].
        autocast: ``torch.bfloat16`` lets matrix products and convolutions run in half precision
            (the weights, the losses and any penalty stay float32); ``None`` for float32 throughout.
        step: generator updates so far.
        average: the generator with averaged weights, which ``averaged`` makes; where there is one,
            ``sample`` and ``generate`` use it.

    Raises:
        TypeError: a part is of another kind, such as an optimiser's class for an optimiser.
        ValueError: an optimiser holds the wrong weights, the players are on different devices,
            or a penalty meets a discriminator with BatchNorm or Dropout.
    """

    generator: Module
    discriminator: Module
    objective: Objective
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer
    latent_dim: int
    latent_distribution: Callable[..., Tensor] = torch.randn
    autocast: torch.dtype | None = None
    step: int = 0
    average: AveragedModel | None = None

    def __post_init__(self) -> None:
        check_players(self)

    @property
    def device(self) -> torch.device:
        """Where the generator's weights live."""
        return next(self.generator.parameters()).device

    def sample_latent(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw ``n`` latent points z, n >= 1, shape (n, latent_dim), on the players' device."""
        n = integer("n", n, 1)
        like = next(self.generator.parameters())  # float64 players get float64
        z = self.latent_distribution(n, self.latent_dim, generator=generator, device=like.device)
        if z.shape != (n, self.latent_dim):
            raise ValueError(
                f"latent_distribution returns shape {tuple(z.shape)} when asked for ({n}, "
                f"{self.latent_dim}); it must return (n, latent_dim), as torch.randn does"
            )
        return z.to(like.dtype)

    def fake(self, n: int, *condition: Tensor) -> Tensor:
        """Let the generator, as it stands, make ``n`` samples (n, ...) from fresh latent points."""
        if self.latent_dim == 0:
            return self.generator(*condition)
        return self.generator(self.sample_latent(n), *condition)

    def generate(self, z: Tensor, *condition: Tensor) -> Tensor:
        """Turn latent points (n, latent_dim) into samples (n, ...), leaving the players untouched.

        A frozen copy in ``eval`` mode does it, so BatchNorm uses its running averages: a copy of
        ``average`` where there is one, else of the generator. Where latent_dim is 0, z is an empty
        (n, 0) and the condition alone is used.
        """
        check_device(self, "z", z)
        for each in condition:
            check_device(self, "the condition", each)
        source = self.generator if self.average is None else self.average.module
        frozen = copy.deepcopy(source).eval()
        with torch.no_grad():
            return frozen(*condition) if self.latent_dim == 0 else frozen(z, *condition)

    def sample(
        self, n: int, generator: torch.Generator | None = None, *condition: Tensor
    ) -> Tensor:
        """Draw ``n`` latent points and ``generate`` from them: samples (n, ...).

        Pass a ``torch.Generator`` to leave the global random state alone.
        """
        return self.generate(self.sample_latent(n, generator), *condition)


def prepared(loop: Loop) -> Loop:
    """Make a training loop ready: what a reader need not see stands around it, not in it.

    Before the first update players and batches are checked once; batches come to the players'
    device; autocast, timing and the watch for NaN wrap the iterator. On a GPU the whole step of
    ``training.train`` is captured and replayed as one graph, which does the same arithmetic
    (``graphs``); a loop written elsewhere runs as it is written.
    """

    @functools.wraps(loop)
    def ready(gan: GAN, batches: Iterable[Batch], steps: int) -> Iterator[Record]:
        steps = integer("steps", steps, 0)
        supply = Supply(gan, batches)
        check_players(gan)
        _check_rates(gan)
        if gan.device.type == "cuda" and loop.__module__ == "gan_helpers.training":
            from gan_helpers import graphs  # built from the same two steps as the loop

            records = graphs.captured_train(gan, supply, steps)
        else:
            records = loop(gan, supply, steps)
        if gan.autocast is not None:
            records = _in_precision(gan, records)
        every = 1 if gan.device.type == "cpu" else 50
        return watched(timed(records), every, lambda: supply.real)

    return ready


def _in_precision(gan: GAN, records: Iterator[Record]) -> Iterator[Record]:
    """Run each step of a loop under autocast, without its cache of weights that have changed."""

    while True:
        with torch.autocast(gan.device.type, dtype=gan.autocast, cache_enabled=False):
            record = next(records, None)
        if record is None:
            return
        yield record


def average_of(generator: Module) -> AveragedModel:
    """Return a copy of a generator, in eval mode, that can follow its weights and buffers."""
    return AveragedModel(generator, use_buffers=True).requires_grad_(False).eval()


def check_device(gan: GAN, name: str, given: Tensor) -> None:
    """Raise if what is given to the generator is no tensor on the players' device.

    Raises:
        TypeError: it is no tensor.
        ValueError: names the value, the rule and the repair.
    """
    if not isinstance(given, Tensor):
        raise TypeError(f"{name} is a {type(given).__name__}; it must be a tensor (n, ...)")
    if given.device != gan.device:
        raise ValueError(
            f"{name} is on {given.device}, the players on {gan.device}; "
            f"move it there with .to({str(gan.device)!r})"
        )


def check_players(gan: GAN) -> None:
    """Raise if the parts of a GAN do not fit together.

    Raises:
        TypeError: a part is of another kind.
        ValueError: names the value, the rule and the repair.
    """
    _check_kinds(gan)
    gan.latent_dim = integer("latent_dim", gan.latent_dim, 0)
    gan.step = integer("step", gan.step, 0)
    wanted = getattr(gan.generator, "latent_dim", gan.latent_dim)
    if wanted != gan.latent_dim:
        raise ValueError(
            f"latent_dim is {gan.latent_dim}, the generator takes z of width {wanted}; "
            "give both the same number"
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
        _check_hooks(player, getattr(gan, player))
    nets = [net for net in (gan.generator, gan.discriminator, gan.average) if net is not None]
    places = {w.device for net in nets for w in net.parameters()}
    if len(places) > 1:
        raise ValueError(
            f"the players' weights are on {sorted(map(str, places))}; move both to one device "
            "with .to(device) before building the optimisers"
        )
    if gan.objective.penalty is not None:
        check_per_sample(gan.discriminator)
        if any(map(_is_compiled, gan.discriminator.modules())):
            raise ValueError(
                f"the discriminator is compiled, and {gan.objective.name!r} has a penalty, which "
                "differentiates twice; compiled graphs do not: compile the generator alone"
            )


def _check_kinds(gan: GAN) -> None:
    kinds = {
        "generator": Module,
        "discriminator": Module,
        "objective": Objective,
        "generator_optimizer": Optimizer,
        "discriminator_optimizer": Optimizer,
        "average": AveragedModel,
    }
    for name, kind in kinds.items():
        found = getattr(gan, name)
        if not isinstance(found, kind) and not (name == "average" and found is None):
            wanted = f"{kind.__module__.split('.')[0]}'s {kind.__name__}"
            raise TypeError(
                f"{name} is {found!r:.60}; it must be a {wanted}, made, not the class itself"
            )
    if not callable(gan.latent_distribution):
        raise TypeError(
            f"latent_distribution is {gan.latent_distribution!r}; give a function such as "
            "torch.randn"
        )
    if gan.autocast not in (None, torch.bfloat16):
        raise ValueError(
            f"autocast is {gan.autocast!r}; it must be torch.bfloat16 or None (float16 needs its "
            "gradients scaled, which the loop does not do)"
        )


def _check_hooks(player: str, network: Module) -> None:
    """Refuse the old norms, whose weights no copy of a network can follow."""
    for module in network.modules():
        for hook in module._forward_pre_hooks.values():
            if isinstance(hook, (SpectralNorm, WeightNorm)):
                name = "spectral_norm" if isinstance(hook, SpectralNorm) else "weight_norm"
                raise ValueError(
                    f"the {player}'s {type(module).__name__} has torch.nn.utils.{name}, which "
                    "cannot be copied once it has run; use "
                    f"torch.nn.utils.parametrizations.{name} in its place"
                )


def _check_rates(gan: GAN) -> None:
    """Refuse a rate of 0: nothing would be learnt, and nobody would be told."""
    for player in ("generator", "discriminator"):
        groups: Sequence[dict[str, object]] = getattr(gan, f"{player}_optimizer").param_groups
        if any(group["lr"] == 0 for group in groups):
            raise ValueError(
                f"{player}_optimizer has learning rate 0, so the {player} would never change; set "
                "a rate above 0, or freeze its weights with requires_grad_(False)"
            )


def _is_compiled(module: Module) -> bool:
    # module.compile() leaves the first mark, torch.compile(module) the second
    return getattr(module, "_compiled_call_impl", None) is not None or hasattr(module, "_orig_mod")

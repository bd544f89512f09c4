"""Many small GANs trained as one: a seed is a slice of every weight, a step is one for all.

A stack is an ordinary generator or discriminator, so that ``train`` and every objective work on it
as they are. Row ``i`` of a batch belongs to network ``i mod S``: batches put one after the other,
real and fake for instance, keep that order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import Module, Parameter, ParameterList
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.optim import Optimizer
from torch.overrides import TorchFunctionMode

from gan_helpers.gan import GAN
from gan_helpers.objectives import Objective

DRAWS = (torch.rand, torch.randn, torch.randint)


class Stack(Module):
    """S networks of one make as a single module: (n S, ...) in, (n S, ...) out.

    Args:
        networks: at least one, all of the same make, without BatchNorm and Dropout.

    Raises:
        ValueError: no network, networks that differ, or a layer that cannot be stacked.
    """

    def __init__(self, networks: Sequence[Module]) -> None:
        super().__init__()
        if not networks:
            raise ValueError("networks is empty; give at least one network to stack")
        for layer in networks[0].modules():
            if isinstance(layer, (_BatchNorm, _DropoutNd)):
                raise ValueError(
                    f"the networks have {type(layer).__name__}, whose own state or randomness "
                    "cannot be stacked; train such networks one by one"
                )
        shapes = {tuple((n, w.shape) for n, w in net.named_parameters()) for net in networks}
        if len(shapes) > 1:
            raise ValueError("the networks differ in their weights' shapes; stack equal ones only")
        weights, _ = stack_module_state(list(networks))  # name -> (S, ...)
        self.count = len(networks)
        self.names = list(weights)
        self.weights = ParameterList(weights.values())
        self._plain = (networks[0],)  # in a tuple: its own weights are not the stack's
        for attribute in ("latent_dim", "out_shape", "in_shape", "output_range"):
            if hasattr(networks[0], attribute):
                setattr(self, attribute, getattr(networks[0], attribute))

    def forward(self, x: Tensor) -> Tensor:
        """Apply network i mod S to row i."""
        if len(x) % self.count:
            raise ValueError(
                f"x has {len(x)} rows, which {self.count} networks cannot share evenly; "
                f"give a multiple of {self.count}"
            )
        rows = x.unflatten(0, (-1, self.count))  # (n, S, ...)
        weights = dict(zip(self.names, self.weights, strict=True))
        return vmap(self._one, in_dims=(0, 1), out_dims=1)(weights, rows).flatten(0, 1)

    def _one(self, weights: dict[str, Tensor], x: Tensor) -> Tensor:
        return functional_call(self._plain[0], weights, x)

    def unstack(self, into: Sequence[Module]) -> None:
        """Copy each slice of the weights into the network it belongs to."""
        with torch.no_grad():
            for i, network in enumerate(into):
                own = dict(network.named_parameters())
                for name, weight in zip(self.names, self.weights, strict=True):
                    own[name].copy_(weight[i])


class Streams(TorchFunctionMode):
    """Within this context, network i mod S draws its rows from a random stream of its own.

    A draw without a generator of ``n S`` rows takes ``n`` rows from each stream, so that each
    network sees the very numbers that it would see alone.

    Args:
        states: of PyTorch's generator, one a network, as ``torch.get_rng_state`` returns them.
    """

    def __init__(self, states: Sequence[Tensor]) -> None:
        super().__init__()
        self.generators = [torch.Generator().set_state(state) for state in states]

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Draw from the streams where a draw names no generator; pass on everything else."""
        kwargs = dict(kwargs or {})
        if func not in DRAWS or kwargs.get("generator") is not None:
            return func(*args, **kwargs)
        kwargs.pop("generator", None)
        args, kwargs = self._share(args, kwargs)
        pieces = [func(*args, generator=each, **kwargs) for each in self.generators]  # (n, ...)
        return torch.stack(pieces, 1).flatten(0, 1)  # (n, S, ...) -> (n S, ...)

    def _share(self, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Divide the number of rows by S, wherever in the call the size stands."""
        if "size" in kwargs:
            return args, {**kwargs, "size": self._rows(kwargs["size"])}
        if isinstance(args[-1], Sequence):  # rand((n, d)), randint(low, high, (n,))
            return (*args[:-1], self._rows(args[-1])), kwargs
        return self._rows(args), kwargs  # rand(n, d)

    def _rows(self, size: Sequence[int]) -> tuple[int, ...]:
        count = len(self.generators)
        if not size or size[0] % count:
            raise ValueError(
                f"a draw has size {tuple(size)}; its first number must be a multiple of {count}, "
                "the number of networks: give batches of that kind"
            )
        return (size[0] // count, *size[1:])


def stack(gans: Sequence[GAN], optimizer: Callable[[Iterable[Parameter]], Optimizer]) -> GAN:
    """Join GANs of one make and one objective into one GAN that trains them all at once.

    Its losses are the sums of theirs, so that every slice has the gradient it would have alone; an
    optimiser that works number by number (Adam, RMSprop, SGD) then does to it what it would do.

    Args:
        gans: at least one; not changed. Optimisers that have already stepped lose their state.
        optimizer: makes a player's optimiser from its weights.

    Returns:
        A GAN for batches of ``n S`` rows; ``unstack`` its players to have the single ones back.

    Raises:
        ValueError: the objectives differ, or the networks cannot be stacked.
    """
    objective, count = gans[0].objective, len(gans)
    if any(gan.objective != objective for gan in gans):
        raise ValueError("the GANs differ in their objectives; stack those of one objective only")
    generator = Stack([gan.generator for gan in gans])
    discriminator = Stack([gan.discriminator for gan in gans])
    return GAN(
        generator,
        discriminator,
        summed(objective, count),
        optimizer(generator.parameters()),
        optimizer(discriminator.parameters()),
        latent_dim=gans[0].latent_dim,
        latent_distribution=gans[0].latent_distribution,
    )


def summed(objective: Objective, count: int) -> Objective:
    """Return the objective with its losses, means over all rows, made sums over ``count`` GANs."""
    penalty = objective.penalty

    def together(*args: Any) -> Tensor:
        return count * penalty(*args)  # type: ignore[misc]

    return replace(
        objective,
        discriminator_loss=lambda real, fake: count * objective.discriminator_loss(real, fake),
        generator_loss=lambda fake: count * objective.generator_loss(fake),
        penalty=None if penalty is None else together,
    )

"""Copies of networks to look at: a run whose networks are copied is not disturbed."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module

from gan_helpers.gan import GAN
from gan_helpers.plotting.tiles import array, own_generator
from gan_helpers.random import OwnRandom


class Copies:
    """Copies of networks in eval mode, and fixed inputs: looking disturbs nothing.

    Args:
        generator: what makes the samples: called with z, with z and a condition, or with a
            condition alone.
        latent: fixed latent points (n, latent_dim), or ``None``.
        condition: what each sample is made for, (n, ...): labels, or images to translate; or
            ``None``.
        discriminator: called with samples, and the condition if there is one; or ``None``.
        seed: of whatever the networks draw themselves, the same at every look.

    Raises:
        ValueError: there is neither a latent point nor a condition, or not as many of both.
    """

    def __init__(
        self,
        generator: Module,
        latent: Tensor | None,
        condition: Tensor | None = None,
        discriminator: Module | None = None,
        seed: int = 0,
    ) -> None:
        self.inputs = [each for each in (latent, condition) if each is not None]
        lengths = [len(each) for each in self.inputs]
        if len({*lengths}) != 1:
            raise ValueError(
                f"latent and condition have lengths {lengths}; give latent points, conditions, or "
                "as many of both"
            )
        self.sources = [each for each in (generator, discriminator) if each is not None]
        copied = [copy.deepcopy(each).eval() for each in self.sources]
        self.generator, self.discriminator = copied[0], copied[-1]
        self.latent, self.condition, self.seed = latent, condition, seed

    @classmethod
    def of(cls, gan: GAN, n: int, seed: int, condition: Tensor | None = None) -> Copies:
        """Copy both players of a GAN, with ``n`` >= 1 latent points from a generator of their own.

        Conditions are repeated in turn until there are ``n``.
        """
        latent = gan.sample_latent(n, own_generator(seed, gan.device)) if gan.latent_dim else None
        told = None if condition is None else in_turn(condition.to(gan.device), n)
        return cls(gan.generator, latent, told, gan.discriminator, seed)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return tuple(self.samples().shape[1:])

    def refresh(self) -> None:
        """Take over the networks' present weights; call between two updates."""
        for source, own in zip(self.sources, (self.generator, self.discriminator), strict=False):
            copy_weights(source, own)

    def samples(self) -> np.ndarray:
        """Return what the copied generator makes of the fixed inputs, (n, ...)."""
        return array(ask(self.generator, *self.inputs, seed=self.seed))

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Return the copied discriminator's raw scores of samples (N, ...), float64, (N,).

        Where it is told a condition, it is told the first one for all of them.
        """
        points = torch.as_tensor(x).to(next(self.discriminator.parameters()))
        told = [] if self.condition is None else [in_turn(self.condition[:1], len(x))]
        return array(ask(self.discriminator, points, *told, seed=self.seed)).astype(float)


def ask(network: Module, *inputs: Tensor, seed: int = 0) -> Tensor:
    """Return a network's output without a graph; what it draws is its own, from ``seed``.

    Raises:
        ValueError: the network takes other inputs than these.
    """
    try:
        with torch.no_grad(), OwnRandom(seed):
            return network(*inputs)
    except TypeError as error:
        raise ValueError(
            f"{type(network).__name__} does not take what it is given ({error}); where it is told "
            "a condition, pass condition="
        ) from error


def in_turn(values: Tensor, n: int) -> Tensor:
    """Return ``n`` rows: those of ``values`` again and again, (n, ...)."""
    return values[torch.arange(n, device=values.device) % len(values)]


def copy_weights(source: Module, target: Module) -> None:
    """Copy weights and buffers from one module to another of the same make."""
    with torch.no_grad():
        for weight, own in zip(source.parameters(), target.parameters(), strict=True):
            own.copy_(weight)
        for buffer, kept in zip(source.buffers(), target.buffers(), strict=True):
            kept.copy_(buffer)

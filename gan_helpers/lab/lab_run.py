"""One training run of the laboratory: networks, data, random state, counters, and its updates."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Adam, Optimizer, RMSprop

from gan_helpers.data import GaussianMixture, batches
from gan_helpers.gan import GAN
from gan_helpers.lab.settings import LabSettings
from gan_helpers.lab.sources import make_source
from gan_helpers.lab.states import State
from gan_helpers.networks import MLPDiscriminator, MLPGenerator
from gan_helpers.objectives import Objective
from gan_helpers.random import OwnRandom
from gan_helpers.record import History, Record, check_finite
from gan_helpers.training import (
    DiscriminatorStep,
    GeneratorStep,
    discriminator_step,
    generator_step,
)

_PARTS = ("generator", "discriminator", "generator_optimizer", "discriminator_optimizer")
_DRAWING = ("discriminator_loss", "generator_loss", "penalty", "reconstruction")  # perhaps


class Run:
    """A GAN in training, on the CPU, with all that decides how it goes on.

    Whole turns are those of ``gan_helpers.train``, bit for bit: the networks are made and every
    batch and latent drawn as after ``set_seed(settings.seed)``, but from an own random state.

    Args:
        settings: what to run.
    """

    def __init__(self, settings: LabSettings) -> None:
        self.settings = settings
        self.random = OwnRandom(settings.seed)
        self.source = make_source(settings.data)
        self.gan = self._build()
        self._supply = batches(self.source, settings.batch_size)
        self.history = History()
        self.tick = 0  # actions so far
        self.discriminator_updates = 0
        self._seconds = 0.0

    @property
    def weights(self) -> int:
        """How many numbers both players learn."""
        players = self.gan.generator, self.gan.discriminator
        return sum(weight.numel() for each in players for weight in each.parameters())

    @property
    def mixture(self) -> GaussianMixture | None:
        """The distribution of the data where it is a mixture, whose modes can be counted."""
        return self.source if isinstance(self.source, GaussianMixture) else None

    def turn(self) -> Record:
        """Do ``n_critic`` discriminator updates, then ``generator_updates`` generator updates."""
        began = time.perf_counter()
        for _ in range(self.settings.n_critic):
            real = self.draw_real()
            of_discriminator = discriminator_step(self.gan, real)
        for _ in range(self.settings.generator_updates):
            of_generator = generator_step(self.gan, real)
        return self.complete_turn(of_discriminator, of_generator, time.perf_counter() - began)

    def complete_turn(
        self, of_discriminator: DiscriminatorStep, of_generator: GeneratorStep, seconds: float
    ) -> Record:
        """Count and record a turn whose updates have been done."""
        self.discriminator_updates += self.settings.n_critic
        self.gan.step += self.settings.generator_updates
        return self._record(of_discriminator, of_generator, seconds)

    def discriminator_alone(self) -> DiscriminatorStep:
        """Update the discriminator once; the step stays, so the history has no record of it."""
        began = time.perf_counter()
        real = self.draw_real()
        done = discriminator_step(self.gan, real)
        self._seconds += time.perf_counter() - began
        self.discriminator_updates += 1
        self.tick += 1
        quiet = torch.zeros(())
        check_finite([Record(self.gan.step, *done, quiet, quiet, quiet)], real)
        return done

    def generator_alone(self) -> Record:
        """Update the generator once; the discriminator is looked at, not updated."""
        began = time.perf_counter()
        of_generator = generator_step(self.gan, self.draw_real())
        self.gan.step += 1
        spent = time.perf_counter() - began
        looked_at = copy.deepcopy(self.gan)
        with self.random.elsewhere(self.tick):
            of_discriminator = discriminator_step(looked_at, self.draw_real())
        return self._record(of_discriminator, of_generator, spent)

    def draw_real(self) -> Tensor:
        """Draw the next real batch, shape (batch_size, 2)."""
        with self.random:
            return next(self._supply)

    def change(self, settings: LabSettings) -> None:
        """Go on with settings that differ in live fields alone."""
        self.settings = settings
        self.gan.objective = self._objective()
        self._supply = batches(self.source, settings.batch_size)
        rates = settings.generator_rate, settings.discriminator_rate
        optimizers = self.gan.generator_optimizer, self.gan.discriminator_optimizer
        for optimizer, rate in zip(optimizers, rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate

    def state(self) -> State:
        """Return a copy of everything that decides how the run goes on."""
        parts = {name: copy.deepcopy(getattr(self.gan, name).state_dict()) for name in _PARTS}
        seen = {"seconds": self._seconds, "random": self.random.generator.get_state()}
        return State(
            self.tick,
            self.gan.step,
            self.discriminator_updates,
            len(self.history),
            self.settings,
            {**parts, **seen},
        )

    def restore(self, state: State, history: History) -> None:
        """Go to a state; ``history`` is that of the run, of which the first part is taken."""
        contents = state.contents
        for name in _PARTS:
            # an optimiser takes over the tensors that it is given, and the state must stay
            getattr(self.gan, name).load_state_dict(copy.deepcopy(contents[name]))
        self.change(state.settings)
        self.random.generator.set_state(contents["random"])
        self._seconds = contents["seconds"]
        self.gan.step, self.tick = state.step, state.tick
        self.discriminator_updates = state.discriminator_updates
        self.history = history.first(state.records)

    def _build(self) -> GAN:
        """Make the players as after ``set_seed``: first the generator, then the discriminator."""
        settings, widths = self.settings, [self.settings.width] * self.settings.hidden_layers
        with self.random:
            generator = MLPGenerator(settings.latent_dim, (2,), widths)
            discriminator = MLPDiscriminator((2,), widths)
        make: dict[str, Callable[..., Optimizer]] = {
            "Adam": partial(Adam, betas=(settings.beta_1, settings.beta_2), fused=True),
            "RMSprop": RMSprop,
            "SGD": SGD,
        }
        draw = torch.randn if settings.latent_distribution == "normal" else torch.rand
        return GAN(
            generator,
            discriminator,
            self._objective(),
            make[settings.optimiser](generator.parameters(), lr=settings.generator_rate),
            make[settings.optimiser](discriminator.parameters(), lr=settings.discriminator_rate),
            latent_dim=settings.latent_dim,
            latent_distribution=self.random.within(draw),
        )

    def _objective(self) -> Objective:
        """Return the objective with its draws (a penalty's epsilon, say) from this run's state."""
        objective = self.settings.build_objective()
        functions = {name: getattr(objective, name) for name in _DRAWING}
        within: dict[str, Any] = {
            name: self.random.within(f) for name, f in functions.items() if f is not None
        }
        return replace(objective, **within)

    def _record(
        self, of_discriminator: DiscriminatorStep, of_generator: GeneratorStep, seconds: float
    ) -> Record:
        self._seconds += seconds
        self.tick += 1
        record = Record(self.gan.step, *of_discriminator, *of_generator, self._seconds)
        self.history.append(record)
        check_finite([record])
        return record

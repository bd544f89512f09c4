"""One training run of the laboratory: networks, data, random state, counters, and its updates."""

from __future__ import annotations

import copy
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils import get_total_norm
from torch.optim import SGD, Adam, Optimizer, RMSprop

from gan_helpers.data import batches
from gan_helpers.lab.settings import LabSettings
from gan_helpers.lab.sources import make_source
from gan_helpers.lab.states import State
from gan_helpers.networks import MLPDiscriminator, MLPGenerator
from gan_helpers.objectives import Objective
from gan_helpers.random import OwnRandom
from gan_helpers.record import History, check_finite
from gan_helpers.training import (
    GAN,
    Record,
    detached,
    discriminator_step,
    generator_step,
    score_both,
)

_PARTS = ("generator", "discriminator", "generator_optimizer", "discriminator_optimizer")


class Values(NamedTuple):
    """What a turn measured: the tuples that `discriminator_step` and `generator_step` return."""

    discriminator: tuple[Tensor, ...]  # loss, penalty, mean real score, mean fake score, norm
    generator: tuple[Tensor, ...]  # loss, norm


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
        self.latest: Record | None = None  # the newest values of both players
        self.trail: deque[Tensor] = deque(maxlen=500)  # losses of lone discriminator updates
        self._seconds = 0.0

    @property
    def weights(self) -> int:
        """How many numbers both players learn."""
        players = self.gan.generator, self.gan.discriminator
        return sum(weight.numel() for each in players for weight in each.parameters())

    def turn(self) -> Record:
        """Do ``n_critic`` discriminator updates, then ``generator_updates`` generator updates."""
        began = time.perf_counter()
        for _ in range(self.settings.n_critic):
            of_discriminator = discriminator_step(self.gan, self.draw_real())
        for _ in range(self.settings.generator_updates):
            of_generator = generator_step(self.gan, self.settings.batch_size)
        spent = time.perf_counter() - began
        return self.complete_turn(Values(of_discriminator, of_generator), spent)

    def complete_turn(self, values: Values, seconds: float) -> Record:
        """Count and record a turn that has been done."""
        self.discriminator_updates += self.settings.n_critic
        self.gan.step += self.settings.generator_updates
        return self._record(values, seconds)

    def discriminator_alone(self) -> None:
        """Update the discriminator once; the step stays, so the history has no record of it."""
        began = time.perf_counter()
        real = self.draw_real()
        of_discriminator = discriminator_step(self.gan, real)
        self._seconds += time.perf_counter() - began
        self.discriminator_updates += 1
        self.tick += 1
        self.trail.append(of_discriminator[0])
        unknown = torch.tensor(float("nan"))
        before = (unknown, unknown) if self.latest is None else (self.latest[2], self.latest[7])
        self.latest = self._joined(Values(of_discriminator, before))
        quiet = torch.zeros(())
        check_finite([self._joined(Values(of_discriminator, (quiet, quiet)))], real)

    def generator_alone(self) -> Record:
        """Update the generator once; the discriminator is looked at, not updated."""
        began = time.perf_counter()
        of_generator = generator_step(self.gan, self.settings.batch_size)
        self.gan.step += 1
        spent = time.perf_counter() - began
        return self._record(Values(self._look_at_discriminator(), of_generator), spent)

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
        seen = {"latest": self.latest, "trail": tuple(self.trail), "seconds": self._seconds}
        return State(
            self.tick,
            self.gan.step,
            self.discriminator_updates,
            len(self.history),
            self.settings,
            {**parts, **seen, "random": self.random.generator.get_state()},
        )

    def restore(self, state: State, history: History) -> None:
        """Go to a state; ``history`` is that of the run, of which the first part is taken."""
        contents = state.contents
        for name in _PARTS:
            # an optimiser takes over the tensors that it is given, and the state must stay
            getattr(self.gan, name).load_state_dict(copy.deepcopy(contents[name]))
        self.change(state.settings)
        self.random.generator.set_state(contents["random"])
        self.latest, self.trail = contents["latest"], deque(contents["trail"], maxlen=500)
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
        law = torch.randn if settings.latent_distribution == "normal" else torch.rand
        return GAN(
            generator,
            discriminator,
            self._objective(),
            make[settings.optimiser](generator.parameters(), lr=settings.generator_rate),
            make[settings.optimiser](discriminator.parameters(), lr=settings.discriminator_rate),
            latent_dim=settings.latent_dim,
            latent_distribution=self.random.within(law),
        )

    def _objective(self) -> Objective:
        objective = self.settings.build_objective()
        if objective.penalty is None:
            return objective
        # the penalty draws epsilon from the global random state
        return replace(objective, penalty=self.random.within(objective.penalty))

    def _look_at_discriminator(self) -> tuple[Tensor, ...]:
        """Return what `discriminator_step` would, without the update and without its draws."""
        gan = self.gan
        with self.random.elsewhere(self.tick):
            real = self.draw_real()
            with torch.no_grad():
                fake = gan.generator(gan.sample_latent(len(real)))
            real_scores, fake_scores = score_both(gan.discriminator, real, fake)
            loss = gan.objective.discriminator_loss(real_scores, fake_scores)
            penalty = torch.zeros_like(loss)
            if gan.objective.penalty is not None:
                penalty = gan.objective.penalty(gan.discriminator, real, fake)
        gradients = torch.autograd.grad(loss + penalty, list(gan.discriminator.parameters()))
        norm = get_total_norm(gradients)
        return detached(loss, penalty, real_scores.mean(), fake_scores.mean(), norm)

    def _record(self, values: Values, seconds: float) -> Record:
        self._seconds += seconds
        self.tick += 1
        self.trail.clear()
        self.latest = record = self._joined(values)
        self.history.append(record)
        check_finite([record], torch.zeros(()))
        return record

    def _joined(self, values: Values) -> Record:
        loss_d, penalty, real_score, fake_score, norm_d = values.discriminator
        loss_g, norm_g = values.generator
        return Record(
            self.gan.step, loss_d, loss_g, penalty, real_score, fake_score, norm_d, norm_g,
            self._seconds,
        )  # fmt: skip

"""One turn of training in its parts: what is drawn, scored, lost, differentiated and moved.

Nothing here trains. Each update is the real one (``discriminator_step`` or ``generator_step``),
done in one go and watched; its parts are then shown one after the other from what was seen.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.utils import get_total_norm

from gan_helpers.lab import equations
from gan_helpers.lab.lab_run import Run
from gan_helpers.lab.states import frozen
from gan_helpers.lab.watched import Seen, watching
from gan_helpers.record import Record
from gan_helpers.training import (
    DiscriminatorStep,
    GeneratorStep,
    discriminator_step,
    generator_step,
)

Players = tuple[Module, Module]  # generator, discriminator
Said = tuple[str, str, str, dict[str, float], dict[str, Tensor]]  # of a part: name to points


@dataclass(frozen=True)
class Part:
    """One part of a turn, as it was done.

    Attributes:
        name: draw, generate, score, loss, penalty, push, gradient, step or clip.
        player: whose update it belongs to, "discriminator" or "generator".
        title: one short sentence.
        equation: LaTeX without dollar signs, for the objective and optimiser that run.
        numbers: what came out, by symbol.
        points: (n, 2) or (n, latent_dim): "real", "z", "fake", and "push", minus the gradient of
            the generator's loss at each fake, times n.
        round: which update of this player in the turn, from 1.
        rounds: how many there are.
        index: which part of the turn, from 0.
        count: how many there are.
        last: the turn is complete and recorded.
    """

    name: str
    player: str
    title: str
    equation: str
    numbers: dict[str, float] = field(default_factory=dict)
    points: dict[str, Tensor] = field(default_factory=dict)
    round: int = 1
    rounds: int = 1
    index: int = 0
    count: int = 1

    @property
    def last(self) -> bool:
        """Whether the turn is complete."""
        return self.index == self.count - 1


class SlowTurn:
    """A turn of a run, an update at a time, each shown in parts.

    ``players`` are frozen copies as they stand at the part on view: those from before an update
    until its part "step".

    Args:
        run: what is trained.
    """

    def __init__(self, run: Run) -> None:
        self._run, self._before, self._seconds = run, run.state(), 0.0
        critics, generators = run.settings.n_critic, run.settings.generator_updates
        self._due = deque((k + 1, critics, "discriminator") for k in range(critics))
        self._due.extend((k + 1, generators, "generator") for k in range(generators))
        objective = run.gan.objective
        each = 6 + (objective.penalty is not None) + (objective.clip is not None)
        self._count, self._shown = each * critics + 7 * generators, 0
        self._parts: deque[tuple[Part, Players]] = deque()
        self.players = frozen(run.gan)

    def next(self) -> Part:
        """Return the next part; does the whole update when its first part is asked for."""
        if not self._parts:
            self._update()
        part, self.players = self._parts.popleft()
        self._shown += 1
        return replace(part, index=self._shown - 1, count=self._count)

    def complete(self) -> Record:
        """Count and record the turn, after its last part."""
        return self._run.complete_turn(self._of_discriminator, self._of_generator, self._seconds)

    def undo(self) -> None:
        """Take the run back to where the turn began."""
        self._run.restore(self._before, self._run.history)

    def _update(self) -> None:
        run, began = self._run, time.perf_counter()
        number, rounds, player = self._due.popleft()
        if player == "discriminator":
            self._real = run.draw_real()
            with watching(run.gan, player) as seen:
                self._of_discriminator = discriminator_step(run.gan, self._real)
            said = _discriminator_parts(run, self._real, seen, self._of_discriminator)
        else:
            with watching(run.gan, player) as seen:
                self._of_generator = generator_step(run.gan, self._real)
            said = _generator_parts(run, seen, self._of_generator)
        self._seconds += time.perf_counter() - began
        stages = {"step": _with_weights(frozen(run.gan), player, seen.stepped)}
        stages["clip"] = frozen(run.gan)
        for name, title, equation, numbers, points in said:
            part = Part(name, player, title, equation, numbers, points, number, rounds)
            self._parts.append((part, stages.get(name, self.players)))


def _with_weights(players: Players, player: str, weights: list[Tensor]) -> Players:
    """Give one of two copies other weights."""
    of = players[player == "discriminator"]
    for weight, value in zip(of.parameters(), weights, strict=True):
        weight.copy_(value)
    return players


def _discriminator_parts(
    run: Run, real: Tensor, seen: Seen, done: DiscriminatorStep
) -> Iterator[Said]:
    objective, settings = run.gan.objective, run.settings
    losses, s = equations.of(objective), objective.score.symbol
    points = {"real": real, "z": seen.z}
    drawn = rf"{equations.REAL},\quad {equations.latents(settings)}"
    yield "draw", "Draw real samples and latents", drawn, {"n": float(len(real))}, points

    points = {**points, "fake": seen.fake}
    title = "Generate as many fakes; the generator stands still"
    yield "generate", title, equations.GENERATE, {}, points

    means = {rf"\bar {s}(x)": done.real_score.item(), rf"\bar {s}(G(z))": done.fake_score.item()}
    yield "score", "Score both batches", rf"{s}(x_i),\quad {s}(G(z_i))", means, points

    loss = {"L_D": seen.loss}
    yield "loss", "The discriminator's loss", losses.discriminator, loss, points

    if objective.penalty is not None:
        numbers = {r"\lambda": settings.penalty_weight} if settings.used("penalty_weight") else {}
        numbers["P"] = done.penalty.item()
        yield "penalty", "The penalty, which is added to it", losses.penalty, numbers, points

    yield from _moving(run, "discriminator", seen, done.grad_norm, points)

    if objective.clip is not None:
        flat = torch.cat([w.detach().flatten() for w in run.gan.discriminator.parameters()])
        bound = (flat.abs() >= objective.clip * (1 - 1e-6)).float().mean().item()
        numbers = {"c": objective.clip, r"\text{share at } \pm c": bound}
        yield "clip", "Clip its weights", equations.CLIP, numbers, points


def _generator_parts(run: Run, seen: Seen, done: GeneratorStep) -> Iterator[Said]:
    objective, settings = run.gan.objective, run.settings
    s = objective.score.symbol
    points = {"z": seen.z}
    drawn = equations.latents(settings)
    yield "draw", "Draw fresh latents", drawn, {"n": float(len(seen.z))}, points

    points = {**points, "fake": seen.fake.detach()}
    yield "generate", "Generate fakes", equations.GENERATE, {}, points

    numbers = {rf"\bar {s}(G(z))": seen.scores[0].mean().item()}
    yield (
        "score", "Score them; the discriminator stands still", rf"{s}(G(z_i))", numbers, points,
    )  # fmt: skip

    numbers = {"L_G": seen.loss}
    if objective.reconstruction is not None:
        numbers["R"] = done.reconstruction.item()
    yield "loss", "The generator's loss", equations.of(objective).generator, numbers, points

    assert seen.push is not None
    numbers = {
        rf"-n\,\overline{{\partial L_G / \partial {s}}}": seen.factor,
        r"\text{mean length}": seen.push.norm(dim=1).mean().item(),
    }
    points = {**points, "push": seen.push}
    title = "Where the discriminator's slope pushes each fake"
    yield "push", title, equations.push(objective), numbers, points

    yield from _moving(run, "generator", seen, done.grad_norm, points)


def _moving(
    run: Run, player: str, seen: Seen, norm: Tensor, points: dict[str, Tensor]
) -> Iterator[Said]:
    numbers = {r"\lVert g \rVert": norm.item()}
    title = f"Its gradient in the {player}'s weights"
    yield "gradient", title, equations.gradient(run.gan.objective, player), numbers, points

    changes = [new - old for new, old in zip(seen.stepped, seen.before, strict=True)]
    name = rf"\lVert \Delta\theta_{player[0].upper()} \rVert"
    numbers = {name: get_total_norm(changes).item()}
    yield "step", f"The {player} steps", equations.update(run.settings, player), numbers, points

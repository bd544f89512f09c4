"""One turn of training in its parts: what is drawn, scored, lost, differentiated and moved."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.utils import get_total_norm

from gan_helpers.lab import equations
from gan_helpers.lab.run import Run, Values
from gan_helpers.regularisers import clip_weights
from gan_helpers.training import detached, grad_norm, score_both

if TYPE_CHECKING:
    from gan_helpers.lab.session import Session


@dataclass(frozen=True)
class Part:
    """One part of a turn, after it has been done.

    Attributes:
        name: draw, generate, score, loss, penalty, push, gradient, step or clip.
        player: whose update it belongs to, "discriminator" or "generator".
        title: one short sentence.
        equation: LaTeX without dollar signs, for the objective and optimiser that run.
        numbers: what came out, by symbol.
        points: copies, (n, 2) or (n, latent_dim): "real", "z", "fake", and "push", minus the
            gradient of the generator's loss at each fake, times n.
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


def slow_motion(session: Session) -> Iterator[Part]:
    """Do one turn of the session in parts, and yield each part when it is done.

    The turn ends where ``session.step()`` would have led, bit for bit; an iterator that is closed
    early finishes it. A turn that is under way in parts is taken up where it stands.

    Args:
        session: the laboratory.
    """
    try:
        while not (part := session.walk()).last:
            yield part
        yield part
    finally:
        session.finish_walk()


def parts_of_turn(run: Run) -> Generator[Part, None, Values]:
    """Do one turn of the run in parts; returns what `Run.complete_turn` takes.

    The same operations in the same order as `discriminator_step` and `generator_step`; what is
    only shown draws no random number and leaves no gradient behind.
    """
    critics, generators = run.settings.n_critic, run.settings.generator_updates
    objective = run.gan.objective
    each = 6 + (objective.penalty is not None) + (objective.clip is not None)
    count, index = each * critics + 7 * generators, 0
    for k in range(critics):
        parts = _discriminator_parts(run)
        for _ in range(each):
            yield replace(next(parts), round=k + 1, rounds=critics, index=index, count=count)
            index += 1
        of_discriminator = returned(parts)
    for k in range(generators):
        parts = _generator_parts(run)
        for _ in range(7):
            yield replace(next(parts), round=k + 1, rounds=generators, index=index, count=count)
            index += 1
        of_generator = returned(parts)
    return Values(of_discriminator, of_generator)


Outcome = TypeVar("Outcome")
_Parts = Generator[Part, None, tuple[Tensor, ...]]


def _discriminator_parts(run: Run) -> _Parts:
    gan, settings, player = run.gan, run.settings, "discriminator"
    losses, critic = equations.LOSSES[settings.objective], gan.discriminator
    real = run.draw_real()
    z = gan.sample_latent(len(real))
    shown = {"real": real.clone(), "z": z.clone()}
    law = r"x_i \sim p_{\text{data}},\quad " + equations.latents(settings)
    yield Part("draw", player, "Draw real samples and latents", law, {"n": len(real)}, shown)

    with torch.no_grad():
        fake = gan.generator(z)  # (n, 2)
    shown = {**shown, "fake": fake.clone()}
    title = "Generate as many fakes; the generator stands still"
    yield Part("generate", player, title, equations.GENERATE, {}, shown)

    real_scores, fake_scores = score_both(critic, real, fake)  # (n,) each
    means = real_scores.mean().item(), fake_scores.mean().item()
    symbol = equations.score_symbol(settings.objective)
    numbers = dict(zip((rf"\bar {symbol}(x)", rf"\bar {symbol}(G(z))"), means, strict=True))
    equation = rf"{symbol}(x_i),\quad {symbol}(G(z_i))"
    yield Part("score", player, "Score both batches", equation, numbers, shown)

    loss = gan.objective.discriminator_loss(real_scores, fake_scores)
    numbers = {"L_D": loss.item()}
    yield Part("loss", player, "The discriminator's loss", losses.discriminator, numbers, shown)

    penalty = torch.zeros_like(loss)
    if gan.objective.penalty is not None:
        penalty = gan.objective.penalty(critic, real, fake)
        numbers = {r"\lambda": settings.penalty_weight, "P": penalty.item()}
        title = "Penalise slopes other than 1 between real and fake"
        yield Part("penalty", player, title, equations.PENALTY, numbers, shown)

    gan.discriminator_optimizer.zero_grad()
    (loss + penalty).backward()
    norm = grad_norm(critic)
    numbers, equation = {r"\lVert g \rVert": norm.item()}, equations.gradient(settings, player)
    yield Part("gradient", player, "Its gradient in the weights", equation, numbers, shown)

    before = _weights(critic)
    gan.discriminator_optimizer.step()
    numbers = {r"\lVert \Delta\theta_D \rVert": _moved(before, critic)}
    equation = equations.update(settings, player)
    yield Part("step", player, "The discriminator steps", equation, numbers, shown)

    if gan.objective.clip is not None:
        clip_weights(critic, gan.objective.clip)
        flat = torch.cat([each.flatten() for each in _weights(critic)])
        bound = (flat.abs() >= gan.objective.clip * (1 - 1e-6)).float().mean().item()
        numbers = {"c": gan.objective.clip, r"\text{share at } \pm c": bound}
        yield Part("clip", player, "Clip its weights", equations.CLIP, numbers, shown)
    return detached(loss, penalty, real_scores.mean(), fake_scores.mean(), norm)


def _generator_parts(run: Run) -> _Parts:
    gan, settings, player = run.gan, run.settings, "generator"
    losses = equations.LOSSES[settings.objective]
    z = gan.sample_latent(settings.batch_size)
    shown = {"z": z.clone()}
    law, numbers = equations.latents(settings), {"n": float(len(z))}
    yield Part("draw", player, "Draw fresh latents", law, numbers, shown)

    fake = gan.generator(z)  # (n, 2), with its graph this time
    shown = {**shown, "fake": fake.detach().clone()}
    yield Part("generate", player, "Generate fakes", equations.GENERATE, {}, shown)

    scores = gan.discriminator(fake)  # (n,)
    symbol = equations.score_symbol(settings.objective)
    numbers = {rf"\bar {symbol}(G(z))": scores.mean().item()}
    title = "Score them; the discriminator stands still"
    yield Part("score", player, title, rf"{symbol}(G(z_i))", numbers, shown)

    loss = gan.objective.generator_loss(scores)
    yield Part(
        "loss", player, "The generator's loss", losses.generator, {"L_G": loss.item()}, shown
    )

    (at_samples,) = torch.autograd.grad(loss, fake, retain_graph=True)  # (n, 2)
    push = -len(fake) * at_samples  # the loss is a mean: times n it is each sample's own
    numbers = {r"\text{mean length}": push.norm(dim=1).mean().item()}
    shown = {**shown, "push": push}
    title = "Where the discriminator's slope pushes each fake"
    yield Part("push", player, title, equations.push(settings), numbers, shown)

    gan.generator_optimizer.zero_grad()
    loss.backward(inputs=list(gan.generator.parameters()))
    norm = grad_norm(gan.generator)
    numbers, equation = {r"\lVert g \rVert": norm.item()}, equations.gradient(settings, player)
    title = "Its gradient in the generator's weights"
    yield Part("gradient", player, title, equation, numbers, shown)

    before = _weights(gan.generator)
    gan.generator_optimizer.step()
    numbers = {r"\lVert \Delta\theta_G \rVert": _moved(before, gan.generator)}
    equation = equations.update(settings, player)
    yield Part("step", player, "The generator steps", equation, numbers, shown)
    return detached(loss, norm)


def _weights(player: Module) -> list[Tensor]:
    return [weight.detach().clone() for weight in player.parameters()]


def _moved(before: list[Tensor], player: Module) -> float:
    after = _weights(player)
    changes = [new - old for new, old in zip(after, before, strict=True)]
    return get_total_norm(changes).item()


def returned(parts: Generator[Part, None, Outcome]) -> Outcome:
    """Return what an update in parts has led to, once its last part has been yielded."""
    try:
        next(parts)
    except StopIteration as end:
        return end.value
    raise RuntimeError("an update went on after its last part")

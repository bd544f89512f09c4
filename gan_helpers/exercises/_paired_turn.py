"""What two exercises of notebook 07 are checked with: the paired losses, and one turn with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ._checks import Hint, NotAnswered
from ._watched import CountedSGD, OnePoint

# 07-4 ------------------------------------------------------------------------------ bugs


class _Bowl(nn.Module):
    """D(x) = w . x + |x|^2 / 2, whose gradient at x is w + x."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([1.0, -2.0]))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + x.square().sum(1) / 2


def _samples() -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(7)
    real, fake = torch.randn(16, 2, generator=draw), torch.randn(16, 2, generator=draw) + 1
    return real, fake


def reference_losses(
    D: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, gamma: float
) -> tuple[Tensor, Tensor]:
    """Compute both relativistic losses, the discriminator's with R1 and R2.

    Returns loss_D and loss_G. Source: arXiv:2501.05441, equations 2 and 3.
    """
    gap = D(real) - D(fake)  # (N,)
    points = torch.cat([real, fake]).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(D(points).sum(), points, create_graph=True)
    steepness = gradient.square().sum(1).mean()  # over 2 N: half of the sum of both means
    return softplus(-gap).mean() + gamma * steepness, softplus(gap).mean()


def bugs_check(answer: Any) -> float:
    """Check the losses and both penalties of 07-4."""
    if not callable(answer):
        raise Hint("A function of (D, real, fake, gamma) is wanted.")
    bowl, (real, fake) = _Bowl(), _samples()
    plain_D, plain_G = (float(each.detach()) for each in answer(bowl, real, fake, 0.0))
    scores = bowl(real).detach(), bowl(fake).detach()
    right_D, right_G = (float(each.detach()) for each in reference_losses(bowl, real, fake, 0.0))
    if abs(plain_G - float(softplus(-scores[1]).mean())) < 1e-4:
        raise Hint("Move the real samples: the generator's loss stays the same. A line undoes it.")
    if abs(plain_G - right_G) > 1e-4:
        raise Hint("The generator's loss is softplus(-(D(fake) - D(real))), pair by pair.")
    if abs(plain_D - float(softplus(scores[1].mean() - scores[0]).mean())) < 1e-4:
        raise Hint("The discriminator compares each real score with *one* fake, not their mean.")
    if abs(plain_D - right_D) > 1e-4:
        raise Hint("The discriminator's loss is softplus(-(D(real) - D(fake))), pair by pair.")
    return _judge_penalty(answer, bowl, real, fake, plain_D)


def _judge_penalty(
    answer: Callable[..., Any], bowl: _Bowl, real: Tensor, fake: Tensor, plain: float
) -> float:
    loss = answer(bowl, real, fake, 1.0)[0]
    found = float(loss.detach()) - plain
    at_real, at_fake = (float((bowl.weight.detach() + x).square().sum(1).mean()) for x in
                        (real, fake))  # fmt: skip
    right = (at_real + at_fake) / 2
    known = {
        right / 2: "The mean over 2 N samples is half of the sum of both means: R1 and R2 count.",
        right / 1024: "Differentiate the sum of the scores: the mean divides each gradient by 2 N.",
        right / 2048: "Differentiate the sum of the scores: the mean divides each gradient by 2 N.",
        at_real / 2: "R2 is missing: the slope at the generated samples pays too.",
    }
    for wrong, said in known.items():
        if abs(found - wrong) < 1e-4 * wrong:
            raise Hint(said)
    error = abs(found - right)
    if error > 1e-3:
        raise Hint(f"The penalty must be {right:.4g} at gamma = 1 here; yours is {found:.4g}.")
    (gradient,) = torch.autograd.grad(loss, bowl.weight, allow_unused=True)
    bent = torch.autograd.grad(reference_losses(bowl, real, fake, 1.0)[0], bowl.weight)[0]
    if gradient is None or float((gradient - bent).abs().max()) > 1e-3:
        raise Hint("The penalty does not reach the weights: create_graph, and no detach after it.")
    return error


# 07-5 ------------------------------------------------------------------------------ one turn


class _Watched(_Bowl):
    """The bowl, which counts the calls with samples that come from the generator's graph."""

    def __init__(self) -> None:
        super().__init__()
        self.with_graph = 0

    def forward(self, x: Tensor) -> Tensor:
        self.with_graph += x.grad_fn is not None and x.requires_grad
        return super().forward(x)


GAMMA = 0.3


def turn_check(answer: Any) -> float:
    """Check one turn of the relativistic game, 07-5."""
    if not callable(answer):
        raise Hint("A function is wanted.")
    point, bowl, drawn = OnePoint(), _Watched(), []

    def supply() -> Iterator[Tensor]:
        while True:
            drawn.append(1)
            yield _samples()[0]

    of_point, of_bowl = CountedSGD(point), CountedSGD(bowl)
    answer(point, bowl, of_point, of_bowl, supply(), GAMMA)
    if not drawn and not of_bowl.steps and not of_point.steps:
        raise NotAnswered
    for name, steps in (("discriminator", of_bowl.steps), ("generator", of_point.steps)):
        if steps != 1:
            raise Hint(f"The {name}'s optimiser stepped {steps} times in one turn.")
    if not drawn:
        raise Hint("No real batch was drawn; the discriminator wants one: next(batches).")
    if len({float(z.sum()) for z in point.seen}) < 2:
        raise Hint("Each of the two updates wants fresh z.")
    if bowl.with_graph > 1:
        raise Hint("The discriminator's fakes still have the generator's graph: detach them.")
    weight, place, plain = _after_one_turn()
    if float((bowl.weight.detach() - weight).abs().max()) > 1e-4:
        raise Hint("The discriminator minimises softplus(-(D(x) - D(G(z)))) plus both penalties.")
    if float((point.place.detach() - plain).abs().max()) < 1e-4:
        raise Hint("The generator's loss is the plain one: it must look at the real scores too.")
    error = float((point.place.detach() - place).abs().max())
    if error > 1e-4:
        raise Hint("The generator minimises softplus(-(D(G(z)) - D(x))), against the new D.")
    return error


def _after_one_turn() -> tuple[Tensor, Tensor, Tensor]:
    """Return the weight and the place after one turn, and the place after a plain one."""
    point, bowl, real = OnePoint(), _Bowl(), _samples()[0]
    z = torch.zeros(len(real), 2)
    loss = reference_losses(bowl, real, point(z).detach(), GAMMA)[0]
    (slope,) = torch.autograd.grad(loss, bowl.weight)
    with torch.no_grad():
        bowl.weight.sub_(0.1 * slope)
    places = []
    for loss in (
        reference_losses(bowl, real, point(z), GAMMA)[1],
        softplus(-bowl(point(z))).mean(),
    ):
        (push,) = torch.autograd.grad(loss, point.place)
        places.append((point.place - 0.1 * push).detach())
    return bowl.weight.detach(), places[0], places[1]

"""The equations that slow motion shows, as LaTeX without dollar signs.

What an objective minimises it says itself (``Objective.equations``); here is what holds for all.
"""

from __future__ import annotations

from gan_helpers.lab.settings import LabSettings
from gan_helpers.objectives import Equations, Objective

REAL = r"x_i \sim p_{\text{data}}"
CLIP = r"w \leftarrow \min(\max(w, -c), c)"
GENERATE = r"\tilde x_i = G(z_i)"


def of(objective: Objective) -> Equations:
    """Return what an objective minimises; one that does not say is written by its arguments."""
    s, given = objective.score.symbol, objective.equations
    both = rf"\bigl({s}(x_1), \dots, {s}(G(z_n))\bigr)"
    fakes = both if objective.relativistic else rf"\bigl({s}(G(z_1)), \dots, {s}(G(z_n))\bigr)"
    return Equations(
        given.discriminator or rf"L_D = L_D{both}",
        given.generator or rf"L_G = L_G{fakes}",
        given.penalty or rf"P = P({s}, x, G(z))",
    )


def latents(settings: LabSettings) -> str:
    """Return the distribution of z."""
    if settings.latent_distribution == "normal":
        return rf"z_i \sim \mathcal{{N}}(0, I_{{{settings.latent_dim}}})"
    return rf"z_i \sim \mathcal{{U}}[0, 1]^{{{settings.latent_dim}}}"


def factor(objective: Objective) -> str:
    """Return what the generator's loss makes of one fake's score."""
    return rf"-n\,\frac{{\partial L_G}}{{\partial {objective.score.symbol}(\tilde x_i)}}"


def push(objective: Objective) -> str:
    """Return the direction in which the generator's loss moves one sample: the chain rule."""
    slope = rf"\nabla_{{\tilde x}}\, {objective.score.symbol}(\tilde x_i)"
    return rf"-n\,\nabla_{{\tilde x_i}} L_G = {factor(objective)}\;{slope}"


def gradient(objective: Objective, player: str) -> str:
    """Return the gradient that this player follows, with its name g."""
    more, letter = (
        (objective.penalty, "P") if player == "discriminator" else (objective.reconstruction, "R")
    )
    name = player[0].upper()
    loss = f"L_{name}" if more is None else f"(L_{name} + {letter})"
    return rf"g = \nabla_{{\theta_{name}}} {loss}"


def update(settings: LabSettings, player: str) -> str:
    """Return the optimiser's rule with its numbers put in."""
    rate = f"{getattr(settings, f'{player}_rate'):g}"
    weights = rf"\theta_{player[0].upper()}"
    if settings.optimiser == "SGD":
        return rf"{weights} \leftarrow {weights} - {rate}\, g"
    if settings.optimiser == "RMSprop":
        return (
            rf"v \leftarrow 0.99\, v + 0.01\, g^2,\quad {weights} \leftarrow {weights} - "
            rf"{rate}\, g / (\sqrt{{v}} + 10^{{-8}})"
        )
    one, two = settings.beta_1, settings.beta_2
    return (
        rf"m \leftarrow {one:g}\, m + {1 - one:g}\, g,\quad v \leftarrow {two:g}\, v + "
        rf"{1 - two:g}\, g^2,\quad {weights} \leftarrow {weights} - {rate}\, "
        r"\hat m / (\sqrt{\hat v} + 10^{-8})"
    )

"""The equations that the laboratory's slow motion shows, as LaTeX without dollar signs."""

from __future__ import annotations

from typing import NamedTuple

from gan_helpers.lab.settings import LabSettings


class Losses(NamedTuple):
    """What the two players of one objective minimise, and the derivative in one fake's score."""

    discriminator: str
    generator: str
    push: str  # -n dL_G/ds at a fake of score s: the factor on the discriminator's slope there


_CROSS_ENTROPY = (
    r"L_D = -\frac{1}{n}\sum_i \log D(x_i) - \frac{1}{n}\sum_i \log\bigl(1 - D(G(z_i))\bigr)"
    r",\quad D = \sigma(s)"
)
_WASSERSTEIN = Losses(
    r"L_D = \frac{1}{n}\sum_i f(G(z_i)) - \frac{1}{n}\sum_i f(x_i)",
    r"L_G = -\frac{1}{n}\sum_i f(G(z_i))",
    r"1",
)
LOSSES: dict[str, Losses] = {
    "minimax": Losses(
        _CROSS_ENTROPY,
        r"L_G = \frac{1}{n}\sum_i \log\bigl(1 - D(G(z_i))\bigr)",
        r"\sigma(s)",
    ),
    "non-saturating": Losses(
        _CROSS_ENTROPY,
        r"L_G = -\frac{1}{n}\sum_i \log D(G(z_i))",
        r"(1 - \sigma(s))",
    ),
    "least squares": Losses(
        r"L_D = \frac{1}{2n}\sum_i (s(x_i) - 1)^2 + \frac{1}{2n}\sum_i s(G(z_i))^2",
        r"L_G = \frac{1}{2n}\sum_i (s(G(z_i)) - 1)^2",
        r"(1 - s)",
    ),
    "WGAN": _WASSERSTEIN,
    "WGAN-GP": _WASSERSTEIN,
}
PENALTY = (
    r"P = \lambda\,\frac{1}{n}\sum_i \bigl(\lVert\nabla f(\hat x_i)\rVert - 1\bigr)^2,\quad "
    r"\hat x_i = \epsilon_i x_i + (1 - \epsilon_i)\,G(z_i)"
)
CLIP = r"w \leftarrow \min(\max(w, -c), c)"
GENERATE = r"\tilde x_i = G(z_i)"


def score_symbol(objective: str) -> str:
    """Return the letter of a raw score: f for a critic, s for a discriminator."""
    return "f" if objective in ("WGAN", "WGAN-GP") else "s"


def latents(settings: LabSettings) -> str:
    """Return the law of z."""
    if settings.latent_distribution == "normal":
        return rf"z_i \sim \mathcal{{N}}(0, I_{{{settings.latent_dim}}})"
    return rf"z_i \sim \mathcal{{U}}[0, 1]^{{{settings.latent_dim}}}"


def push(settings: LabSettings) -> str:
    """Return the direction in which the generator's loss moves one sample."""
    factor, symbol = LOSSES[settings.objective].push, score_symbol(settings.objective)
    slope = rf"\nabla_{{\tilde x}}\, {symbol}(\tilde x_i)"
    product = slope if factor == "1" else rf"{factor}\,{slope}"
    return rf"-n\,\nabla_{{\tilde x_i}} L_G = {product}"


def gradient(settings: LabSettings, player: str) -> str:
    """Return the gradient that this player follows, with its name g."""
    if player == "generator":
        return r"g = \nabla_{\theta_G} L_G"
    penalised = settings.objective == "WGAN-GP"
    return r"g = \nabla_{\theta_D} (L_D + P)" if penalised else r"g = \nabla_{\theta_D} L_D"


def update(settings: LabSettings, player: str) -> str:
    """Return the optimiser's rule with its numbers put in."""
    rate = f"{getattr(settings, f'{player}_rate'):g}"
    weights = r"\theta_G" if player == "generator" else r"\theta_D"
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

"""The objectives of the series, each a value that says everything about itself.

``losses`` has the loss functions, ``objective`` what an objective is made of. A new one is a value:
losses, penalty, how its scores are read, the losses where nobody can tell real from fake, its
equations and its published recipe.
"""

from __future__ import annotations

from math import log

from gan_helpers.objectives.losses import (
    hinge_discriminator_loss,
    hinge_generator_loss,
    least_squares_discriminator_loss,
    least_squares_generator_loss,
    minimax_discriminator_loss,
    minimax_generator_loss,
    non_saturating_generator_loss,
    relativistic_discriminator_loss,
    relativistic_generator_loss,
    wasserstein_discriminator_loss,
    wasserstein_generator_loss,
)
from gan_helpers.objectives.objective import (
    CRITIC,
    MARGIN,
    PROBABILITY,
    RELATIVE,
    TARGETS,
    Equations,
    Objective,
    Recipe,
    Score,
)
from gan_helpers.regularisers import gradient_penalty, r1_r2_penalty

__all__ = [
    "CRITIC",
    "HINGE",
    "LEAST_SQUARES",
    "MARGIN",
    "MINIMAX",
    "NON_SATURATING",
    "OBJECTIVES",
    "PROBABILITY",
    "RELATIVE",
    "RELATIVISTIC",
    "TARGETS",
    "WGAN",
    "WGAN_GP",
    "Equations",
    "Objective",
    "Recipe",
    "Score",
    "hinge_discriminator_loss",
    "hinge_generator_loss",
    "least_squares_discriminator_loss",
    "least_squares_generator_loss",
    "minimax_discriminator_loss",
    "minimax_generator_loss",
    "non_saturating_generator_loss",
    "relativistic_discriminator_loss",
    "relativistic_generator_loss",
    "wasserstein_discriminator_loss",
    "wasserstein_generator_loss",
]


_CROSS_ENTROPY = (
    r"L_D = -\frac{1}{n}\sum_i \log D(x_i) - \frac{1}{n}\sum_i \log\bigl(1 - D(G(z_i))\bigr)"
    r",\quad D = \sigma(s)"
)
_DCGAN = Recipe("Adam", 2e-4, (0.5, 0.999), 128, "arXiv:1511.06434, Section 4")
_WASSERSTEIN = Equations(
    r"L_D = \frac{1}{n}\sum_i f(G(z_i)) - \frac{1}{n}\sum_i f(x_i)",
    r"L_G = -\frac{1}{n}\sum_i f(G(z_i))",
)

MINIMAX = Objective(
    name="minimax",
    discriminator_loss=minimax_discriminator_loss,
    generator_loss=minimax_generator_loss,
    score=PROBABILITY,
    indifferent=((2 * log(2), "2 log 2"), (-log(2), "−log 2")),
    unit="nats",
    equations=Equations(_CROSS_ENTROPY, r"L_G = \frac{1}{n}\sum_i \log\bigl(1 - D(G(z_i))\bigr)"),
    recipe=_DCGAN,
    source="arXiv:1406.2661, Eq. 1",
)
NON_SATURATING = Objective(
    name="non-saturating",
    discriminator_loss=minimax_discriminator_loss,
    generator_loss=non_saturating_generator_loss,
    score=PROBABILITY,
    indifferent=((2 * log(2), "2 log 2"), (log(2), "log 2")),
    unit="nats",
    equations=Equations(_CROSS_ENTROPY, r"L_G = -\frac{1}{n}\sum_i \log D(G(z_i))"),
    recipe=_DCGAN,
    source="arXiv:1406.2661, Section 3",
)
LEAST_SQUARES = Objective(
    name="least squares",
    discriminator_loss=least_squares_discriminator_loss,
    generator_loss=least_squares_generator_loss,
    score=TARGETS,
    indifferent=((0.25, "1/4"), (0.125, "1/8")),
    equations=Equations(
        r"L_D = \frac{1}{2n}\sum_i (s(x_i) - 1)^2 + \frac{1}{2n}\sum_i s(G(z_i))^2",
        r"L_G = \frac{1}{2n}\sum_i (s(G(z_i)) - 1)^2",
    ),
    recipe=Recipe("Adam", 2e-4, (0.5, 0.999), 64, "arXiv:1611.04076, Section 4 (characters)"),
    source="arXiv:1611.04076, Eq. 9",
)
WGAN = Objective(
    name="WGAN",
    discriminator_loss=wasserstein_discriminator_loss,
    generator_loss=wasserstein_generator_loss,
    clip=0.01,
    n_critic=5,
    equations=_WASSERSTEIN,
    recipe=Recipe("RMSprop", 5e-5, None, 64, "arXiv:1701.07875, Algorithm 1"),
    source="arXiv:1701.07875, Algorithm 1",
)
WGAN_GP = Objective(
    name="WGAN-GP",
    discriminator_loss=wasserstein_discriminator_loss,
    generator_loss=wasserstein_generator_loss,
    penalty=gradient_penalty,
    n_critic=5,
    equations=_WASSERSTEIN._replace(
        penalty=r"P = \lambda\,\frac{1}{n}\sum_i \bigl(\lVert\nabla f(\hat x_i)\rVert - 1\bigr)^2"
        r",\quad \hat x_i = \epsilon_i x_i + (1 - \epsilon_i)\,G(z_i)"
    ),
    recipe=Recipe("Adam", 1e-4, (0.0, 0.9), 64, "arXiv:1704.00028, Algorithm 1"),
    source="arXiv:1704.00028, Algorithm 1",
)
HINGE = Objective(
    name="hinge",
    discriminator_loss=hinge_discriminator_loss,
    generator_loss=hinge_generator_loss,
    score=MARGIN,
    indifferent=((2.0, "2"), (0.0, "0")),
    equations=Equations(
        r"L_D = \frac{1}{n}\sum_i \max(0, 1 - h(x_i)) + \frac{1}{n}\sum_i \max(0, 1 + h(G(z_i)))",
        r"L_G = -\frac{1}{n}\sum_i h(G(z_i))",
    ),
    recipe=Recipe("Adam", 2e-4, (0.5, 0.999), 64, "arXiv:1802.05957, Table 1, setting C"),
    source="arXiv:1802.05957, Eq. 16 and 17",
)
RELATIVISTIC = Objective(
    name="relativistic",
    discriminator_loss=relativistic_discriminator_loss,
    generator_loss=relativistic_generator_loss,
    penalty=r1_r2_penalty,
    relativistic=True,
    score=RELATIVE,
    indifferent=((log(2), "log 2"), (log(2), "log 2")),
    unit="nats",
    equations=Equations(
        r"L_D = -\frac{1}{n}\sum_i \log\sigma\bigl(s(x_i) - s(G(z_i))\bigr)",
        r"L_G = -\frac{1}{n}\sum_i \log\sigma\bigl(s(G(z_i)) - s(x_i)\bigr)",
        r"P = \frac{\gamma}{2n}\sum_i \lVert\nabla s(x_i)\rVert^2"
        r" + \frac{\gamma}{2n}\sum_i \lVert\nabla s(G(z_i))\rVert^2",
    ),
    recipe=Recipe("Adam", 2e-4, (0.0, 0.99), 512, "arXiv:2501.05441, Stacked-MNIST"),
    source="arXiv:2501.05441, Eq. 2 and 3",
)
OBJECTIVES = (MINIMAX, NON_SATURATING, LEAST_SQUARES, WGAN, WGAN_GP, HINGE, RELATIVISTIC)

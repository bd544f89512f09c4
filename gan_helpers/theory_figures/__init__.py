"""Pictures of the theory: plain functions of their parameters that return a `Picture`."""

from gan_helpers.theory_figures.dirac import dirac_paths_picture, dirac_picture, fate
from gan_helpers.theory_figures.generator import (
    descent_picture,
    generator_loss_picture,
    gradient_picture,
)
from gan_helpers.theory_figures.least_squares import (
    codings_picture,
    dying_gradients_picture,
    seeds_picture,
    sigmoid_picture,
)
from gan_helpers.theory_figures.moving import (
    HANDLES,
    hand_made_picture,
    hand_made_score,
    value_picture,
)
from gan_helpers.theory_figures.pushes import (
    call_back_picture,
    fakes_picture,
    push,
    who_gets_a_gradient_picture,
)
from gan_helpers.theory_figures.scoreboard import scoreboard_picture
from gan_helpers.theory_figures.value import (
    coin_picture,
    discriminators_picture,
    divergence_picture,
)

__all__ = [
    "HANDLES",
    "call_back_picture",
    "codings_picture",
    "coin_picture",
    "descent_picture",
    "dirac_paths_picture",
    "dirac_picture",
    "discriminators_picture",
    "divergence_picture",
    "dying_gradients_picture",
    "fakes_picture",
    "fate",
    "generator_loss_picture",
    "gradient_picture",
    "hand_made_picture",
    "hand_made_score",
    "push",
    "scoreboard_picture",
    "seeds_picture",
    "sigmoid_picture",
    "value_picture",
    "who_gets_a_gradient_picture",
]

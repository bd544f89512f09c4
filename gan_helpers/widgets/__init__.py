"""Live controls: a board that trains in the background, a latent explorer, playgrounds."""

from gan_helpers.widgets.directions import principal_directions
from gan_helpers.widgets.explorer import LatentExplorer
from gan_helpers.widgets.film import enlarged, gif, save_gif
from gan_helpers.widgets.live_board import LiveBoard
from gan_helpers.widgets.playground import Playground, playground
from gan_helpers.widgets.playgrounds import (
    dirac_playground,
    discriminator_playground,
    play_dirac,
    value_playground,
)
from gan_helpers.widgets.prediction import predict

__all__ = [
    "LatentExplorer",
    "LiveBoard",
    "Playground",
    "dirac_playground",
    "discriminator_playground",
    "enlarged",
    "gif",
    "play_dirac",
    "playground",
    "predict",
    "principal_directions",
    "save_gif",
    "value_playground",
]

"""The playgrounds of notebook 01: controls around plain functions that return a picture.

The pictures are in `figures.minimax_value_function`; nothing here computes.
"""

from __future__ import annotations

from typing import Any

from ipywidgets import Dropdown, FloatSlider, IntSlider, Widget

from gan_helpers import theory
from gan_helpers.figures.minimax_value_function.discriminators import (
    HANDLES,
    hand_made_picture,
    value_picture,
)
from gan_helpers.figures.minimax_value_function.phase_portraits import dirac_picture
from gan_helpers.plotting import Picture
from gan_helpers.widgets.playground import playground

STEPS = {"alternating": theory.alternating_step, "simultaneous": theory.simultaneous_step}
GAMES = {game.name: game for game in theory.DIRAC_GAMES}
_LAYOUT = {"style": {"description_width": "10em"}, "layout": {"width": "23em", "max_width": "100%"}}


def _slider(label: str, start: float, low: float, high: float, step: float = 0.1) -> FloatSlider:
    return FloatSlider(start, min=low, max=high, step=step, description=label, **_LAYOUT)


def value_playground() -> Any:
    """Build controls for two Gaussians; the picture shows D*, V(D*) and JS in nats.

    Returns:
        A widget with a static picture beside it.
    """
    return playground(
        value_picture,
        real_mean=_slider("real mean", 0.0, -5.0, 5.0),
        real_sigma=_slider("real width", 1.0, 0.2, 1.5),
        fake_mean=_slider("generated mean", 2.0, -5.0, 5.0),
        fake_sigma=_slider("generated width", 1.0, 0.2, 1.5),
    )


def discriminator_playground() -> Any:
    """Build controls for a hand-made discriminator; the picture shows its gap to V(D*).

    Returns:
        A widget with a static picture beside it.
    """
    heights: dict[str, Widget] = {
        f"d{k}": _slider(f"D at x = {x:g}", 0.5, 0.01, 0.99, 0.01)
        for k, x in enumerate(HANDLES, start=1)
    }
    return playground(hand_made_picture, **heights, m=_slider("generated mean m", 2.0, -3.0, 5.0))


def play_dirac(
    loss: str = "minimax",
    order: str = "alternating",
    h: float = 0.2,
    gamma: float = 0.0,
    theta: float = 1.0,
    psi: float = 0.0,
    steps: int = 150,
) -> Picture:
    """Draw a Dirac-GAN chosen by name.

    Args:
        loss: a key of GAMES.
        order: a key of STEPS.
        h, gamma, theta, psi, steps: as in `dirac_picture`.

    Returns:
        Phase portrait with path, eigenvalues of one step, distance from the equilibrium.

    Raises:
        KeyError: a name that is not among the keys.
    """
    return dirac_picture(GAMES[loss], STEPS[order], h, gamma, theta, psi, steps)


def dirac_playground() -> Any:
    """Build controls for the Dirac-GAN: loss, kind and size of steps, R1, start.

    Returns:
        A widget with a static picture beside it.
    """
    return playground(
        play_dirac,
        loss=Dropdown(options=list(GAMES), description="loss", **_LAYOUT),
        order=Dropdown(options=list(STEPS), description="steps", **_LAYOUT),
        h=_slider("step size h", 0.2, 0.05, 5.0, 0.05),
        gamma=_slider("R1 strength gamma", 0.0, 0.0, 3.0),
        theta=_slider("start theta", 1.0, -2.0, 2.0),
        psi=_slider("start psi", 0.0, -2.0, 2.0),
        steps=IntSlider(150, min=1, max=600, description="number of steps", **_LAYOUT),
    )

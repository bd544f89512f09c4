"""The practice exercise of notebook 00."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._checks import Check, close_to


def _circle(angles: NDArray[Any], radius: float = 2.0) -> NDArray[Any]:
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)  # (n, 2)


CHECKS: dict[str, Check] = {
    "00-1": close_to(
        lambda: _circle(np.arange(8) * np.pi / 4),
        tolerance=1e-3,
        mistakes=[
            (
                lambda: _circle(np.linspace(0, 2 * np.pi, 8)),
                "The angles 0 and 2 pi are the same place, so this ring has 7 modes. Leave the end "
                "out: endpoint=False.",
            ),
            (
                lambda: _circle(np.arange(8) * np.pi / 4, radius=1.0),
                "The directions are right. The radius is 2.",
            ),
            (
                lambda: _circle(np.arange(8) * 45.0),
                "np.cos takes radians: 45 degrees are np.pi / 4.",
            ),
            (
                lambda: _circle(np.arange(8) * np.pi / 4)[:, ::-1],
                "x and y are exchanged: x goes with the cosine, y with the sine.",
            ),
        ],
        hint="The k-th centre is (2 cos a, 2 sin a) with a = 2 pi k / 8, k = 0, ..., 7.",
    )
}

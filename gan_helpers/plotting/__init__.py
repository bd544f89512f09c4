"""Figures from data: functions that return a ``Picture``, drawn with matplotlib's object interface.

Every function takes the title as an argument, so that a notebook states its finding there, and
``ax=`` to draw into given axes instead of a picture of its own.
"""

from gan_helpers.plotting.charts import CHARTS, Chart, Curve, chart
from gan_helpers.plotting.grids import classes, grid, modes, nearest, walk
from gan_helpers.plotting.lettering import legend_above
from gan_helpers.plotting.picture import (
    DISCRIMINATOR,
    FAKE,
    GENERATOR,
    REAL,
    REFERENCE,
    SERIES,
    Picture,
    Style,
    canvas,
    figure,
    objective_style,
    panels,
    plain,
    png_bundle,
    watermark,
)
from gan_helpers.plotting.points import densities, scatter, surface
from gan_helpers.plotting.runs import curves, losses, scores
from gan_helpers.plotting.tiles import tile

__all__ = [
    "CHARTS",
    "DISCRIMINATOR",
    "FAKE",
    "GENERATOR",
    "REAL",
    "REFERENCE",
    "SERIES",
    "Chart",
    "Curve",
    "Picture",
    "Style",
    "canvas",
    "chart",
    "classes",
    "curves",
    "densities",
    "figure",
    "grid",
    "legend_above",
    "losses",
    "modes",
    "nearest",
    "objective_style",
    "panels",
    "plain",
    "png_bundle",
    "scatter",
    "scores",
    "surface",
    "tile",
    "walk",
    "watermark",
]

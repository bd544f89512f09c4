"""The scoreboard's pictures: every seed, what survives the test, and who is there how soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from gan_helpers.figures._shared import draw_interval
from gan_helpers.objectives import OBJECTIVES
from gan_helpers.plotting import REFERENCE, Picture, Style, figure, panels
from gan_helpers.plotting.picture import objective_style
from gan_helpers.study import REAL, Result, column, scoreboard

SHARES = ("high quality", "precision", "recall")  # their axes go from 0 to 1
NAMES = tuple(dict.fromkeys(entry.objective.name for entry in scoreboard.ENTRIES))
LATER_NAMES = tuple(dict.fromkeys(entry.objective.name for entry in scoreboard.LATER))
ROOM = 3.6  # inches: the highest picture that a screen shows whole


def style_of(name: str) -> Style:
    """Return the style of the objective of that name; of averaged weights, with rings."""
    first, _, remedy = name.partition(", ")
    style = next(objective_style(each) for each in OBJECTIVES if each.name == first)
    return replace(style, marker="o") if remedy == "averaged" else style


def _values(results: Sequence[Result], problem: str, objective: str, measure: str) -> np.ndarray:
    return np.array(list(column(results, problem, objective, measure).values()))


def _named(problem: str, measure: str) -> str:
    return f"{problem}: {measure.replace('Frechet', 'Fréchet')}"


def seeds_picture(
    results: Sequence[Result],
    shown: Sequence[tuple[str, str]],
    title: str,
    more: Mapping[str, Sequence[float]] | None = None,
) -> Picture:
    """Draw a measure of every run, with medians and intervals, a panel a question.

    Args:
        results: of a study that measured real samples too, at least 2 seeds.
        shown: problem and measure of each panel, one or two.
        title: the finding.
        more: objective -> values of further runs, drawn as large open marks.

    Returns:
        A row of panels that share their objectives; the grey band holds real against real samples.
    """
    held = {result.objective for result in results}
    names = [name for name in NAMES + LATER_NAMES if name in held]
    size = (6.2, min(ROOM, 1.0 + 0.4 * len(names)))
    picture, axes = panels(title, columns=len(shown), size=size, sharey=True)
    for ax, (problem, measure) in zip(axes, shown, strict=True):
        floor = _values(results, problem, REAL, measure)
        ax.axvspan(floor.min(), floor.max(), color=REFERENCE.colour, alpha=0.25, linewidth=0)
        for place, name in enumerate(names):
            values = _values(results, problem, name, measure)
            spread = np.linspace(-0.16, 0.16, len(values))
            style = style_of(name)
            ax.plot(values, place - 0.1 + spread, **style.points(5, alpha=0.7))
            draw_interval(ax, values, place + 0.3)
            if more and name in more:
                ring = {"markerfacecolor": "none", "markeredgewidth": 1.8}
                at = [place - 0.1] * len(more[name])
                ax.plot(more[name], at, **style.points(13, **ring))
        ax.set_title(_named(problem, measure), fontsize=9.5, loc="left")
        ax.grid(axis="y", visible=False)
        if measure in SHARES:
            ax.set_xlim(0, 1)
    axes[0].set_yticks(range(len(names)), [name.replace(", ", ",\n") for name in names])
    axes[0].invert_yaxis()
    picture.supxlabel(
        "each mark a seed; black: median and 95 % interval; grey: real data", fontsize=8.8
    )
    return picture


def race_picture(results: Sequence[Result], problem: str, title: str = "") -> Picture:
    """Draw the share of the runs that have reached the set quality, against training seconds.

    A line ends where the objective's shortest run ends: beyond it nobody looked.

    Args:
        results: of a study.
        problem: name of the data.
        title: the finding; if empty, the data's name.

    Returns:
        One panel, a staircase an objective.
    """
    picture, ax = figure(title or f"{problem}: who is there how soon", size=(6.0, 3.1))
    for name in NAMES:
        style = style_of(name)
        ends = _values(results, problem, name, "seconds").min()
        reached = np.sort(_values(results, problem, name, "reached"))
        seen = reached[reached <= ends]
        x = np.concatenate([[0.0], seen, [ends]])
        y = np.concatenate([np.arange(len(seen) + 1), [len(seen)]]) / len(reached)
        ax.step(x, y, where="post", label=name, **style.curve(1.8))
        ax.plot([ends], [y[-1]], **style.points(8, clip_on=False, zorder=3))
    ax.set(xlabel="training seconds on one core (marker: the shortest run ends)", xlim=(0, None))
    ax.set(ylabel="share of ten runs", ylim=(0, 1))
    picture.legend(loc="outside right upper", fontsize=8.8, frameon=False)
    return picture


def wins_picture(
    wins: Mapping[tuple[str, str], Mapping[str, tuple[int, int]]], title: str
) -> Picture:
    """Draw how many others each objective beats, and how many beat it, a row a question.

    Args:
        wins: problem and measure -> objective -> others that it beats, others that beat it.
        title: the finding.

    Returns:
        A table coloured by wins minus losses.
    """
    picture, ax = figure(title, size=(6.4, 0.205 * len(wins) + 0.75))
    grid = np.array([[row[name][0] - row[name][1] for name in NAMES] for row in wins.values()])
    ax.imshow(grid, cmap="PuOr_r", vmin=-5.5, vmax=5.5, aspect="auto")
    for down, row in enumerate(wins.values()):
        for across, name in enumerate(NAMES):
            won, lost = row[name]
            said = " ".join([f"+{won}"] * (won > 0) + [f"−{lost}"] * (lost > 0)) or "·"
            colour = "white" if abs(won - lost) > 3 else "black"
            ax.text(across, down, said, fontsize=9, ha="center", va="center", color=colour)
    ax.set_xticks(range(len(NAMES)), NAMES, fontsize=9)
    ax.set_yticks(range(len(wins)), [_named(p, m) for p, m in wins], fontsize=8.8)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(False)
    for problem in dict.fromkeys(p for p, _ in wins):
        first = next(i for i, (p, _) in enumerate(wins) if p == problem)
        ax.axhline(first - 0.5, color="white", linewidth=4)
    return picture

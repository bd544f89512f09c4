"""The settings as controls: those that act at once, and those that wait for a reset."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from typing import Any

from ipywidgets import HTML, BoundedFloatText, BoundedIntText, HBox, Layout, ValueWidget, VBox
from torch import Tensor

from gan_helpers.lab.front.fields import FIELD, STYLE, Guard, menu, powers, whole
from gan_helpers.lab.settings import (
    AT_RESET,
    LATENT_DISTRIBUTIONS,
    LIVE,
    OPTIMISERS,
    LabSettings,
)
from gan_helpers.lab.sources import DATA
from gan_helpers.objectives import OBJECTIVES, Objective

DRAWN = "drawn by hand"
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
WIDTHS = (4, 8, 16, 32, 64, 128, 256)
LABELS = {
    "generator_rate": "G learning rate", "discriminator_rate": "D learning rate",
    "n_critic": "D updates a turn", "generator_updates": "G updates a turn",
    "penalty_weight": "penalty weight λ", "clip": "clip c", "batch_size": "batch size",
    "data": "data", "objective": "objective", "optimiser": "optimiser", "beta_1": "Adam β₁",
    "beta_2": "Adam β₂", "latent_dim": "latent dimension",
    "latent_distribution": "distribution of z", "hidden_layers": "hidden layers",
    "width": "units a layer", "seed": "seed",
}  # fmt: skip


class SettingsPanel:
    """One control for each setting.

    Args:
        running: the settings that run.
        change: called with a live field's name and new value.
        guard: reports what goes wrong.
        drawn: returns the points drawn by hand, (N, 2).
        held: name of the setting in which two runs are compared, which is locked, or "".
    """

    def __init__(
        self,
        running: LabSettings,
        change: Callable[[str, Any], None],
        guard: Guard,
        drawn: Callable[[], Tensor],
        held: str = "",
    ) -> None:
        self._guard, self._drawn, self._running, self._held = guard, drawn, running, held
        self.fields = _make_fields(running)
        self.waiting = HTML().add_class("gan-waiting")
        for name in LIVE:
            guard.on_value(self.fields[name], partial(change, name))
        for name in AT_RESET:
            guard.on_value(self.fields[name], partial(self._set, name))
        self.live = _columns([self.fields[name] for name in LIVE])
        self.at_reset = VBox([_columns([self.fields[name] for name in AT_RESET]), self.waiting])
        self.follow(running)

    def choose_drawn(self) -> None:
        """Choose the points drawn by hand as the data, from the next reset on."""
        with self._guard.quiet():
            self.fields["data"].value = DRAWN

    def wanted(self) -> LabSettings:
        """Return the settings that a reset would run.

        Another objective brings its recipe's rates, clip and penalty; with the same objective
        what was changed live stays.

        Raises:
            ValueError: the points drawn by hand are too few.
        """
        chosen = {name: self.fields[name].value for name in AT_RESET}
        if chosen["data"] == DRAWN:
            chosen["data"] = self._drawn()
        if chosen["objective"] != self._running.objective:
            return LabSettings.recipe(chosen.pop("objective"), **chosen)
        return self._running.changed(**chosen)

    def follow(self, running: LabSettings) -> None:
        """Show what runs, drop what waited, and grey out what has no effect on it."""
        self._running = running
        with self._guard.quiet():
            for name, field in self.fields.items():
                _show(field, _plain(getattr(running, name)))
        self._say()

    def follow_live(self, running: LabSettings) -> None:
        """Show the live settings that run, and leave alone what waits for a reset."""
        self._running = running
        with self._guard.quiet():
            for name in LIVE:
                _show(self.fields[name], getattr(running, name))

    def differences(self) -> list[str]:
        """Return the names of the fields that wait for a reset."""
        return [
            name
            for name in AT_RESET
            if self.fields[name].value != _plain(getattr(self._running, name))
        ]

    def _set(self, name: str, _: object) -> None:
        """Take over a choice; an objective brings the optimiser that goes with it."""
        if name == "objective":
            recipe = LabSettings.recipe(self.fields["objective"].value)
            with self._guard.quiet():
                for other in ("optimiser", "beta_1", "beta_2"):
                    _show(self.fields[other], getattr(recipe, other))
        self._say()

    def _say(self) -> None:
        """Say what waits for a reset, and grey out fields that have no effect."""
        for name in LIVE:
            self.fields[name].disabled = not self._running.used(name)
        adam = self.fields["optimiser"].value == "Adam"
        self.fields["beta_1"].disabled = self.fields["beta_2"].disabled = not adam
        if self._held:
            self.fields[self._held].disabled = True
        waits = [f"{LABELS[name]} → <b>{self._value(name)}</b>" for name in self.differences()]
        self.waiting.value = (
            f"At the next reset: {', '.join(waits)}" if waits else "Nothing waits for a reset."
        )

    def _value(self, name: str) -> str:
        return html.escape(_label(self.fields[name].value))


def _plain(value: Any) -> Any:
    """Return a setting as its control holds it: drawn points have one name."""
    return DRAWN if isinstance(value, Tensor) else value


def _show(field: ValueWidget, value: Any) -> None:
    """Set a control to a value, even one that its menu does not offer."""
    options = getattr(field, "options", None)
    if options is not None and value not in [each for _, each in options]:
        field.options = (*options, (_label(value), value))
    field.value = value


def _label(value: Any) -> str:
    """Return what a menu calls a value."""
    return value.name if isinstance(value, Objective) else str(value)


def _make_fields(running: LabSettings) -> dict[str, ValueWidget]:
    """Return a control for each setting, in the order of their importance."""

    def text(name: str, low: float, high: float, step: float) -> BoundedFloatText:
        return BoundedFloatText(
            getattr(running, name), min=low, max=high, step=step, description=LABELS[name],
            style=STYLE, layout=FIELD,
        )  # fmt: skip

    def choice(name: str, options: tuple[Any, ...]) -> ValueWidget:
        here = _plain(getattr(running, name))
        offered = options if here in options else (*options, here)
        return menu(LABELS[name], [(_label(each), each) for each in offered], here)

    def count(name: str, low: int, high: int) -> ValueWidget:
        return whole(LABELS[name], getattr(running, name), low, high)

    def power(name: str, low: int, high: int) -> ValueWidget:
        return powers(LABELS[name], getattr(running, name), low, high)

    made = {
        "discriminator_rate": power("discriminator_rate", -6, 0),
        "generator_rate": power("generator_rate", -6, 0),
        "n_critic": count("n_critic", 1, 20),
        "generator_updates": count("generator_updates", 1, 20),
        "batch_size": choice("batch_size", BATCHES),
        "penalty_weight": text("penalty_weight", 0.0, 1000.0, 0.1),
        "clip": power("clip", -4, 1),
        "data": choice("data", (*DATA, DRAWN)),
        "objective": choice("objective", OBJECTIVES),
        "optimiser": choice("optimiser", OPTIMISERS),
        "beta_1": text("beta_1", 0.0, 0.999, 0.05),
        "beta_2": text("beta_2", 0.0, 0.9999, 0.01),
        "latent_dim": count("latent_dim", 1, 64),
        "latent_distribution": choice("latent_distribution", LATENT_DISTRIBUTIONS),
        "hidden_layers": count("hidden_layers", 1, 4),
        "width": choice("width", WIDTHS),
        "seed": BoundedIntText(
            running.seed, min=0, max=2**32 - 1, description=LABELS["seed"], style=STYLE,
            layout=FIELD,
        ),
    }  # fmt: skip
    return {name: field.add_class(f"gan-{name.replace('_', '-')}") for name, field in made.items()}


def _columns(fields: list[ValueWidget]) -> HBox:
    return HBox(fields, layout=Layout(flex_flow="row wrap"))

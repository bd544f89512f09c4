"""Two laboratories from the same seed and data with one setting different, driven together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gan_helpers.lab.lab_run import Run
from gan_helpers.lab.session import STATES, Session
from gan_helpers.lab.settings import LabSettings
from gan_helpers.lab.states import room
from gan_helpers.record import NonFiniteLossError, Record


class Compare:
    """A left and a right session that differ in one setting and do everything together.

    Both record their states at the same moments, so one slider moves both. If one diverges, the
    other has done the same action when the error is raised.

    Args:
        settings: of the left session; the default is that of `Session`.
        difference: the one setting of the right session that differs, ``n_critic=5``.

    Raises:
        ValueError: no setting differs, more than one does, or it is the data or the seed.
    """

    def __init__(self, settings: LabSettings | None = None, **difference: Any) -> None:
        left = settings or LabSettings()
        self._begin(left, left.changed(**difference))

    @classmethod
    def between(cls, left: LabSettings, right: LabSettings) -> Compare:
        """Compare two settings, which must differ in exactly one field."""
        pair = cls.__new__(cls)
        pair._begin(left, right)
        return pair

    def _begin(self, left: LabSettings, right: LabSettings) -> None:
        self.difference = _only_difference(left, right)
        # larger networks have room for fewer states, and both sides must keep the same moments
        limit = min(STATES, *(room(Run(each).weights) for each in (left, right)))
        self.left, self.right = (Session(each, state_limit=limit) for each in (left, right))

    @property
    def sessions(self) -> tuple[Session, Session]:
        """The left and the right session."""
        return self.left, self.right

    @property
    def label(self) -> str:
        """What differs, for a title: ``n_critic: 1 | 5``."""
        values = (each.running.shown(self.difference) for each in self.sessions)
        return f"{self.difference}: " + " | ".join(values)

    def step(self) -> tuple[Record, Record]:
        """Do one whole turn on both sides.

        Raises:
            NonFiniteLossError: a side has diverged, and which.
        """
        left, right = self._both(Session.step)
        return left, right

    def step_discriminator(self) -> None:
        """Update both discriminators once.

        Raises:
            NonFiniteLossError: as in `step`.
        """
        self._both(Session.step_discriminator)

    def step_generator(self) -> tuple[Record, Record]:
        """Update both generators once.

        Raises:
            NonFiniteLossError: as in `step`.
        """
        left, right = self._both(Session.step_generator)
        return left, right

    def change(self, **live: Any) -> None:
        """Change live settings on both sides; the one that differs stays as it is.

        Raises:
            ValueError: a value out of range, a setting that waits for a reset, or the one that
                differs.
        """
        if self.difference in live:
            raise ValueError(
                f"{self.difference} is what the two sides differ in ({self.label}); "
                "change another setting, or begin a new comparison"
            )
        for session in self.sessions:
            session.change(**live)

    def reset(self, settings: LabSettings | None = None, seed: int | None = None) -> None:
        """Begin again on both sides; the difference stays.

        Args:
            settings: of the left side, default as now; the right side keeps its one value.
            seed: of both.

        Raises:
            ValueError: the seed is out of range, or these settings leave no difference.
        """
        left = settings or self.left.running
        if seed is not None:
            left = left.changed(seed=seed)
        right = left.changed(**{self.difference: getattr(self.right.running, self.difference)})
        _only_difference(left, right)
        self.left.reset(left)
        self.right.reset(right)

    def rewind(self, index: int) -> None:
        """Take both sides to the state of this index; see `Session.rewind`."""
        for session in self.sessions:
            session.rewind(index)

    def _both(self, action: Callable[[Session], Any]) -> list[Any]:
        results, errors = [], {}
        for side, session in zip(("left", "right"), self.sessions, strict=True):
            try:
                results.append(action(session))
            except NonFiniteLossError as error:
                errors[side] = error
        if errors:
            told = "; ".join(f"{side} side: {error}" for side, error in errors.items())
            raise NonFiniteLossError(told) from next(iter(errors.values()))
        return results


def _only_difference(left: LabSettings, right: LabSettings) -> str:
    names = left.differences(right)
    if len(names) != 1 or names[0] in ("data", "seed"):
        found = ", ".join(names) or "nothing"
        raise ValueError(
            f"the two sides differ in {found}; they must differ in exactly one setting, and "
            "share data and seed, so that what one sees has one cause: "
            "Compare(settings, n_critic=5)"
        )
    return names[0]

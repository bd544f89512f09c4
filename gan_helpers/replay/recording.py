"""The recording of a run: made while records are pulled, replayed in a page without a kernel."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from torch import Tensor
from torch.nn import Module

from gan_helpers.gan import GAN
from gan_helpers.plotting.charts import Chart, chart
from gan_helpers.plotting.tiles import encode_small
from gan_helpers.record import History
from gan_helpers.record.history import R
from gan_helpers.replay.curves import chart_data, ticks
from gan_helpers.replay.page import Page, make_page
from gan_helpers.replay.tracks import Look, make_track
from gan_helpers.runtime import integer
from gan_helpers.widgets.board_picture import BoardPicture
from gan_helpers.widgets.copies import Copies
from gan_helpers.widgets.live_picture import watched
from gan_helpers.widgets.progress import length
from gan_helpers.widgets.views import VIEWS, make_view, real_samples

MOST = 120  # moments kept; one more, and every second one goes
POINTS, REALS = 400, 400
IMAGES, LARGE_IMAGES = 64, 16  # on a sheet: 8 x 8, and 4 x 4 of images beyond 32 x 32
REST = 120_000  # bytes that curves, script and static picture take


class Recording:
    """Keep what a run looks like at 60 to 120 moments, and replay it in one self-contained page.

    It looks from copies of the players, at latent points of its own: the run is the same, bit for
    bit, with and without it. ::

        recording = Recording(gan, ring, panels=("losses", "surface"))
        for record in recording.record(train(gan, batches, steps), steps):
            ...
        recording.show()

    or, under a live board, ``board.start(recording.record(train(...), steps), steps=steps)``. A
    loop without a GAN is recorded as ``LiveBoard`` watches it: ``Recording(generator=decoder,
    latent=z, panels=(Chart.of("kl"), "samples"))``.

    Args:
        gan: the players that the run trains; ``None`` for a loop without them.
        real: a distribution or a tensor of real samples, shown beside generated points.
        panels: which panels of ``"losses"``, ``"scores"``, ``"penalty"``, ``"gradients"``,
            ``"samples"`` and ``"surface"`` (points in the plane), and charts of any columns of the
            records, ``Chart.of(...)``.
        generator: without a GAN, the module that makes the samples, such as a VAE's decoder.
        latent: the fixed latent points that it is shown at, (n, latent_dim).
        condition: what samples are made for, (k, ...): labels, taken in turn where there is a GAN.
        preview: samples of a GAN to show, >= 1; if ``None``, 400 points, 64 images or 16 large
            ones.
        moments: about how many to keep, 10 to 100; a run of fewer steps is kept whole.
        title: a line above the panels: the question that the run answers.
        seed: of the preview's latent points; nothing else uses it.

    Raises:
        ValueError: ``moments`` out of range, an unknown panel, one that cannot show these samples,
            neither a GAN nor a generator with its latent points, or no condition where the players
            are told one.
    """

    def __init__(
        self,
        gan: GAN | None = None,
        real: Any = None,
        *,
        panels: Sequence[str | Chart] = ("losses", "scores", "samples"),
        generator: Module | None = None,
        latent: Tensor | None = None,
        condition: Tensor | None = None,
        preview: int | None = None,
        moments: int = 90,
        title: str = "",
        seed: int = 0,
    ) -> None:
        moments = integer("moments", moments, 10, 100)
        watched(  # refuses what cannot be shown
            gan, None, real=real, panels=panels, preview=preview, title=title, seed=seed,
            generator=generator, latent=latent, condition=condition,
        )  # fmt: skip
        self.gan, self._objective = gan, None if gan is None else gan.objective
        self.title, self.panels = title, tuple(panels)
        self.history = History()
        if gan is not None:
            shape = Copies.of(gan, 1, seed, condition).shape
            self._copies = Copies.of(gan, preview or _preview(shape), seed, condition)
        elif generator is not None:
            self._copies = Copies(generator, latent, condition, seed=seed)
            shape = self._copies.shape
        else:
            raise ValueError(
                "there is neither a GAN nor a generator; give the module that makes the samples, "
                "generator=decoder, and the latent points that it is shown at, latent=z"
            )
        self._real = real_samples(real, REALS, seed) if len(shape) == 1 else None
        self._shape, self._wanted = shape, moments
        self._views = [name for name in panels if isinstance(name, str) and name in VIEWS]
        self._tracks = [make_track(n, shape, self._real, self._objective) for n in self._views]
        self._first, self._stride = self._begun(), 1
        self._kept: dict[int, list[Look]] = {}  # step -> what each track keeps
        self._lock = threading.Lock()  # a run's thread records, a cell shows

    @property
    def steps(self) -> list[int]:
        """Generator updates after which a moment was kept; the first is where the run began."""
        return list(self._kept)

    def record(self, records: Iterable[R], steps: int | None = None) -> Iterator[R]:
        """Hand the records of a run on, and keep moments of it; the end too where it is stopped.

        Args:
            records: of ``train``, or ``NamedTuple``s of scalars from a loop of your own.
            steps: how many will come; asked of ``records`` (lists and ``tqdm`` know) if ``None``.
                Where nobody knows, moments are thinned out as the run grows longer.

        Returns:
            An iterator of the same records.
        """
        steps = length(records) if steps is None else steps
        if not self._kept:
            self._first = self._begun()
            self._stride = max(1, round(steps / self._wanted)) if steps else 1
            self._keep(self._first)
        step = self._first
        try:
            for record in records:
                self.history.append(record)
                step = int(record[0])
                if (step - self._first) % self._stride == 0:
                    self._keep(step)
                yield record
        except (GeneratorExit, KeyboardInterrupt):
            self._end(step)
            raise
        self._end(step)

    def show(self, size: int = 1_000_000) -> Page:
        """Return the replay; make it the last expression of a cell.

        Args:
            size: bytes that the page should take at most; images are compressed until they fit.

        Returns:
            The page, with a picture of the last moment for viewers that run no script.

        Raises:
            ValueError: nothing was recorded, or the page takes more than 1.5 MB after all.
        """
        with self._lock:
            if not len(self.history):
                raise ValueError(
                    "nothing was recorded; pull the run through record(...) before showing it"
                )
            charts = [
                each if isinstance(each, Chart) else chart(each, self._objective)  # type: ignore[arg-type]
                for each in self.panels
                if each not in VIEWS
            ]
            views = [
                make_view(name, self._shape, self._real, self._objective) for name in self._views
            ]
            across = "steps" if self.gan is None else "generator updates"
            frame = BoardPicture(charts, views, self._alt, self.title, self.steps[-1], across)
            png = encode_small(frame.pixels(self.history, self._copies))
            room = size - REST
            kept = list(self._kept.values())
            data = {
                "title": self.title,
                "alt": self._alt,
                "steps": self.steps,
                "ends": [self.steps[0], self.steps[-1]],
                "unit": across,
                "across": ticks(self.steps[0], self.steps[-1], 4),
                "charts": [chart_data(each, self.history) for each in charts],
                "views": [
                    track.page([looks[i] for looks in kept], room)
                    for i, track in enumerate(self._tracks)
                ],
            }
        repair, text = "record fewer moments, or a smaller preview", frame.picture.smallest_text
        return make_page(["draw.js", "replay.js"], data, png, self._alt, text, repair)

    def _begun(self) -> int:
        return 0 if self.gan is None else self.gan.step

    def _end(self, step: int) -> None:
        """Keep the last moment, whatever the stride; not of a run that failed: it may be NaN."""
        if step not in self._kept:
            self._keep(step)

    def _keep(self, step: int) -> None:
        with self._lock:
            self._copies.refresh()
            self._kept[step] = [track.look(self._copies) for track in self._tracks]
            if len(self._kept) > MOST:
                self._stride *= 2
                for old in list(self._kept):
                    if (old - self._first) % self._stride and old != step:
                        del self._kept[old]

    @property
    def _alt(self) -> str:
        names = [each.name if isinstance(each, Chart) else each for each in self.panels]
        of = "" if self._objective is None else f" of a GAN ({self._objective.name})"
        return (
            f"{self.title} Training{of} at {len(self._kept)} moments. Panels: {', '.join(names)}."
        ).strip()

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.show()._repr_mimebundle_()

    def __repr__(self) -> str:
        return f"Recording: {len(self._kept)} moments of {len(self.history)} steps"


def _preview(shape: tuple[int, ...]) -> int:
    if len(shape) != 3:
        return POINTS
    return IMAGES if max(shape[1:]) <= 32 else LARGE_IMAGES

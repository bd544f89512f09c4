"""A long run costs no more a step than a short one, in memory and in time."""

from __future__ import annotations

import gc
import time

import numpy as np
import torch

from gan_helpers import NON_SATURATING, History, Record, data, plotting, train

LONG = 200_000


def long_history(steps=LONG):
    """A history as a run of that length leaves it, without running it."""
    history = History()
    history._rows = np.random.default_rng(0).standard_normal((steps, len(Record._fields)))
    history._rows[:, 0] = np.arange(1, steps + 1)
    history._filled, history.columns = steps, Record._fields
    return history


def live_objects():
    gc.collect()
    return len(gc.get_objects())


def test_3000_steps_leave_numbers_and_nothing_else(points_gan):
    """A record, a tensor or a graph kept for each step would be thousands of objects."""
    gan, history = points_gan(), History()
    records = history.record(train(gan, data.batches(data.ring(), 8), 3_300))
    for _ in range(300):  # the optimisers' state and torch's caches are there now
        next(records)
    history.steps  # noqa: B018 (packs what waits)
    before = live_objects()
    for _ in records:
        pass
    history.steps  # noqa: B018
    assert len(history) == 3_300
    assert live_objects() < before + 1_000
    assert history._rows.nbytes <= 2 * 3_300 * len(Record._fields) * 8


def test_recording_copies_each_number_a_few_times_at_most_however_long_the_run(monkeypatch):
    """Growing the array by a fixed amount would copy all that is there, again and again."""
    copied = 0
    allocate = np.empty

    def counted(shape, *args, **kwargs):
        nonlocal copied
        copied += shape[0] if isinstance(shape, tuple) else shape
        return allocate(shape, *args, **kwargs)

    history = History()
    record = Record(1, *[torch.tensor(1.0)] * 8, seconds=0.1)
    monkeypatch.setattr(np, "empty", counted)
    for _ in range(30_000):
        history.append(record)
    assert len(history) == 30_000
    assert 30_000 <= copied <= 4 * 30_000


def test_a_record_waits_in_a_bounded_queue():
    history = History()
    record = Record(1, *[torch.tensor(1.0)] * 8, seconds=0.1)
    longest = 0
    for _ in range(2_000):
        history.append(record)
        longest = max(longest, len(history._pending))
    assert longest < 512


def best_of(repeats, call):
    """The least of a few times: other work on the machine only ever adds some."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


def test_reading_a_curve_of_200_000_steps_takes_a_moment():
    history = long_history()
    assert best_of(5, lambda: history.smooth("generator_loss")) < 0.2


def test_what_is_drawn_of_a_long_run_is_no_more_than_a_picture_has_columns():
    history = long_history()
    picture = plotting.losses(history, NON_SATURATING, "a long run")
    lines = [line for ax in picture.axes for line in ax.lines]
    drawn = [len(line.get_xdata()) for line in lines]
    assert max(drawn) > 1_000
    assert max(drawn) <= plotting.runs.POINTS

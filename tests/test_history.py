"""The record of a run: what is stored is what was recorded."""

import numpy as np
import pytest
import torch

from gan_helpers import History, Record


def record(step):
    return Record(step, *(torch.tensor(float(step * k)) for k in range(1, 9)), seconds=step / 10)


def history_of(n):
    history = History()
    for step in range(1, n + 1):
        history.append(record(step))
    return history


@pytest.mark.parametrize("n", [0, 1, 511, 512, 513, 1500])
def test_columns_are_complete_in_order_and_exact(n):
    history = history_of(n)
    assert len(history) == n
    assert list(history.steps) == list(range(1, n + 1))
    np.testing.assert_array_equal(history.column("penalty"), 2.0 * np.arange(1, n + 1))
    np.testing.assert_allclose(history.column("seconds"), np.arange(1, n + 1) / 10)


def test_record_hands_every_record_on():
    history = History()
    steps = [r.step for r in history.record(record(i) for i in range(3))]
    assert steps == list(history.steps) == [0, 1, 2]


def test_reading_in_the_middle_changes_nothing():
    history = history_of(3)
    history.column("generator_loss")
    history.append(record(4))
    assert list(history.steps) == [1, 2, 3, 4]


def test_smooth_is_a_trailing_mean():
    values = history_of(10).column("generator_loss")
    expected = [values[max(0, i - 2) : i + 1].mean() for i in range(10)]
    np.testing.assert_allclose(history_of(10).smooth("generator_loss", 3), expected)


@pytest.mark.parametrize("count", [0, 1, 512, 600])
def test_the_first_records_are_a_history_of_their_own(count):
    whole = history_of(600)
    part = whole.first(count)
    for name in Record._fields:
        np.testing.assert_array_equal(part.column(name), whole.column(name)[:count])
    part.append(record(700))
    assert list(part.steps) == [*range(1, count + 1), 700]
    assert list(whole.steps) == list(range(1, 601))


@pytest.mark.parametrize("n", [0, 1, 600])
def test_to_disk_and_back_is_exact(n, tmp_path):
    history_of(n).save(tmp_path / "run.csv")
    back = History.load(tmp_path / "run.csv")
    for name in Record._fields:
        np.testing.assert_array_equal(back.column(name), history_of(n).column(name))
    back.append(record(n + 1))
    assert list(back.steps) == list(range(1, n + 2))


def test_a_foreign_file_is_refused(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="starts with 'a,b'"):
        History.load(tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda h: h.column("loss"), "no column 'loss'; choose one of step, discriminator_loss"),
        (lambda h: h.smooth("penalty", 0), "window is 0"),
        (lambda h: h.first(3), "count is 3; it must be an integer from 0 to 2"),
        (lambda h: h.first(-1), "count is -1"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(history_of(2))

"""Files that appear whole or not at all: whatever fails while one is written, the old one stays."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
import time

import numpy as np
import pytest
import torch

from gan_helpers import History, Record, data, runtime, save
from gan_helpers.data import _cache
from gan_helpers.evaluation import classifier
from gan_helpers.runtime import whole_file

OLD = b"the old file"


def write_twice(path):
    with whole_file(path) as file:
        file.write(b"new, first half")
        file.write(b"new, second half")


def save_history(path):
    history = History()
    history.append(Record(1, *[torch.tensor(1.0)] * (len(Record._fields) - 2), seconds=0.1))
    history.save(path)


def save_pixels(path):
    _cache._write(path, (np.zeros((1, 2, 2), np.uint8), np.zeros(1, np.uint8)))


def save_classifier(path):
    images = torch.linspace(-1, 1, 640).reshape(10, 1, 8, 8)
    source = data.ImageData(images, torch.arange(10) % 2, ("a", "b"))
    classifier._write(path, classifier.train_classifier(source, steps=1))


WRITERS = [write_twice, save_history, save_pixels, save_classifier, "save_checkpoint"]


@pytest.fixture(params=WRITERS, ids=lambda each: getattr(each, "__name__", each))
def write(request, points_gan):
    """Return a function that writes a file in one of the package's ways."""
    if request.param == "save_checkpoint":
        return lambda path: save(points_gan(), path)
    return request.param


class Full(io.FileIO):
    """A file on a disk that has room for a few bytes only."""

    room = 10

    def write(self, content):
        if len(content) > self.room:
            super().write(bytes(content)[: self.room])
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(content)


def refuse(number):
    def refused(*_):
        raise OSError(number, os.strerror(number))

    return refused


def full_while_writing(monkeypatch):
    monkeypatch.setattr(runtime, "open", lambda path, mode: Full(path, mode), raising=False)


def full_while_flushing(monkeypatch):
    """The few bytes fit into Python's buffer, and the disk refuses them when it is emptied."""

    def buffered(path, mode):
        return io.BufferedWriter(Full(path, mode), 10**7)

    monkeypatch.setattr(runtime, "open", buffered, raising=False)


def full_while_syncing(monkeypatch):
    monkeypatch.setattr(os, "fsync", refuse(errno.ENOSPC))


def quota_while_renaming(monkeypatch):
    monkeypatch.setattr(os, "replace", refuse(errno.EDQUOT))


def read_only_folder(monkeypatch):
    """As a user other than root finds it: nothing can be created."""
    monkeypatch.setattr(runtime, "open", refuse(errno.EROFS), raising=False)


def locked_by_another_program(monkeypatch):
    """As on Windows, where a file that is open cannot be replaced."""
    monkeypatch.setattr(os, "replace", refuse(errno.EACCES))


TROUBLES = [
    full_while_writing, full_while_flushing, full_while_syncing, quota_while_renaming,
    read_only_folder, locked_by_another_program,
]  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda f: f.__name__)
def test_the_old_file_survives_and_no_scrap_is_left(write, trouble, tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(OLD)
    trouble(monkeypatch)
    with pytest.raises(OSError, match=r"Errno"):
        write(path)
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_a_whole_file_takes_the_old_ones_place(write, tmp_path):
    path = tmp_path / "deep" / "file"
    write(path)
    first = path.read_bytes()
    assert len(first) > len(OLD)
    path.write_bytes(OLD)
    write(path)
    assert len(path.read_bytes()) == len(first)
    assert list(path.parent.iterdir()) == [path]


def test_a_file_in_place_of_the_folder_is_an_error_and_stays(write, tmp_path):
    (tmp_path / "folder").write_bytes(OLD)
    with pytest.raises(OSError, match="folder"):
        write(tmp_path / "folder" / "file")
    assert (tmp_path / "folder").read_bytes() == OLD


def test_until_the_last_moment_a_reader_finds_the_old_file(tmp_path, monkeypatch):
    path, seen = tmp_path / "file", []
    path.write_bytes(OLD)
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (seen.append("sync"), sync(fd)))
    monkeypatch.setattr(os, "replace", lambda a, b: (seen.append(path.read_bytes()), replace(a, b)))
    with whole_file(path) as file:
        file.write(b"new")
        assert path.read_bytes() == OLD
    assert seen == ["sync", OLD]  # on the disk first: a rename may get there before the bytes do
    assert path.read_bytes() == b"new"


def test_an_interrupt_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(OLD)

    def interrupted():
        with whole_file(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_at_a_time_do_not_mix(tmp_path):
    path = tmp_path / "file"
    with whole_file(path) as first:
        first.write(b"first")
        with whole_file(path) as second:
            second.write(b"second")
        assert path.read_bytes() == b"second"
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_goes_after_an_hour_and_nothing_else_does(tmp_path):
    stay = ["file", "file.1a2b3c4d.part", "another.1a2b3c4d.part", "filed.part", "file.part.txt"]
    for name in [*stay, "file.deadbeef.part"]:
        (tmp_path / name).write_bytes(OLD)
    hours_ago = time.time() - 2 * 3600
    for name in set(stay[2:]) | {"file.deadbeef.part"}:
        os.utime(tmp_path / name, (hours_ago, hours_ago))
    write_twice(tmp_path / "file")
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(stay)


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits are POSIX's")
def test_others_may_read_the_file_as_the_umask_says(tmp_path):
    old = os.umask(0o022)
    try:
        write_twice(tmp_path / "file")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644


def test_a_run_goes_on_after_a_save_that_failed(points_gan, tmp_path, monkeypatch):
    """A full disk costs a checkpoint, and neither the players nor the random state."""
    gan = points_gan()
    state = torch.get_rng_state()
    weights = [w.clone() for w in gan.generator.parameters()]
    full_while_writing(monkeypatch)
    with pytest.raises(OSError, match="No space left"):
        save(gan, tmp_path / "gan.pt")
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(weights, gan.generator.parameters(), strict=True))

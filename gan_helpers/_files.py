"""Files that appear whole or not at all, whatever ends the program that writes them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

_ABANDONED = 3600  # seconds: no writer pauses for an hour, so its scratch file is a killed run's


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a scratch file beside ``path`` that takes its place when the block has ended well.

    Its bytes are on the disk before it is renamed, so a reader finds the old file or the new one,
    even after a crash or a power failure. When the block fails, the scratch file is removed and
    the old file stays. What a killed writer left behind is removed an hour later.

    Args:
        path: the file; its folder is made if it is missing.

    Raises:
        OSError: the folder cannot be made or written, or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(path)
    # Not tempfile's: its files are readable for their owner alone, and renaming keeps that.
    scratch = path.with_name(f"{path.name}.{token_hex(4)}.part")
    try:
        with open(scratch, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(scratch)
        raise


def _remove_abandoned(path: Path) -> None:
    for scrap in path.parent.glob("*.part"):
        if scrap.name.startswith(f"{path.name}."):
            with suppress(OSError):  # somebody else may have removed it just now
                if time.time() - scrap.stat().st_mtime > _ABANDONED:
                    scrap.unlink()

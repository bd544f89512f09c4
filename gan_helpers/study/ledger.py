"""The file of a study: one result a line, added as each run ends."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from gan_helpers.study.entry import Result


def read(path: Path | str) -> list[Result]:
    """Read the results of a study.

    Args:
        path: a file that ``run`` has written. One that is missing holds no results, and a last line
            that was cut short, by a kill or a full disk, is left out.

    Returns:
        The results in the file's order.

    Raises:
        ValueError: a line that is no result: the file is something else, or was edited.
    """
    path = Path(path)
    if not path.exists():
        return []
    lines = path.read_text("utf-8").split("\n")[:-1]  # what follows the last newline was cut short
    results = []
    for number, line in enumerate(lines, 1):
        try:
            results.append(Result(**json.loads(line)))
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{path}, line {number}, is no result ({error}); give the file of a study, or "
                "remove that line and the run will be done again"
            ) from error
    return results


def append(path: Path | str, result: Result) -> None:
    """Add a result as one line and see it on the disk; a cut line before it is removed.

    Args:
        path: created, with its folder, if missing.
        result: of a run.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(result), ensure_ascii=False, allow_nan=False)
    with path.open("a+b") as file:
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
        file.write(f"{line}\n".encode())
        file.flush()
        os.fsync(file.fileno())

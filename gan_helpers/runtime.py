"""Where a run happens and how long it may take: device, seeds, budget, cache folder, whole files.

The two checks that every module needs, of an integer and of a number, are here too.

The environment is read here and nowhere else in the package, and only when a function is called:

================================  ===================================================
``GAN_HELPERS_DEVICE``            device to use instead of the best one found
``GAN_HELPERS_BUDGET``            ``full`` (default) or ``smoke``
``GAN_HELPERS_CACHE``             folder for parsed data sets and trained classifiers
================================  ===================================================
"""

from __future__ import annotations

import operator
import os
import platform
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, TypeVar

import numpy as np
import torch
from platformdirs import user_cache_path

T = TypeVar("T")
_ABANDONED = 3600  # seconds: no writer pauses for an hour, so its scratch file is a killed run's


def integer(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return an integer, NumPy's included, as Python's.

    Args:
        name: what the error calls it.
        value: what was given.
        least: the smallest that is allowed.
        most: the largest, or ``None`` for no bound.

    Raises:
        ValueError: it is no integer (``True`` is none), or out of range.
    """
    try:
        found = None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        found = None
    if found is None or found < least or (most is not None and found > most):
        span = f">= {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} is {value!r:.60}; it must be an integer {span}, such as {least}")
    return found


def number(name: str, value: object, least: float, most: float = float("inf")) -> float:
    """Return a finite number, NumPy's included, as Python's.

    Args:
        name: what the error calls it.
        value: what was given.
        least: the smallest that is allowed.
        most: the largest.

    Raises:
        ValueError: it is no number, not finite, or out of range.
    """
    given = isinstance(value, Real) and not isinstance(value, bool)
    if not given or not least <= (found := float(value)) <= most or found == float("inf"):  # type: ignore[arg-type]
        span = f">= {least:g}" if most == float("inf") else f"from {least:g} to {most:g}"
        raise ValueError(f"{name} is {value!r:.60}; it must be a finite number {span}")
    return found


def pick_device(name: str | torch.device | None = None) -> torch.device:
    """Choose the device: the argument, else ``GAN_HELPERS_DEVICE``, else CUDA, MPS or the CPU.

    Args:
        name: a device such as ``"cpu"``, ``"cuda:1"`` or ``"mps"``; ``None`` chooses.

    Returns:
        The device, known to work: one number was made on it.

    Raises:
        ValueError: the device asked for does not exist on this machine.
    """
    asked = name if name is not None else os.environ.get("GAN_HELPERS_DEVICE") or None
    if asked is None:
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(asked)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError, TypeError) as error:
        raise ValueError(
            f"device {str(asked)!r} cannot be used here ({str(error).splitlines()[0]}); "
            "pass device='cpu' or unset GAN_HELPERS_DEVICE"
        ) from error
    return device


def set_seed(seed: int) -> None:
    """Seed Python's, NumPy's and PyTorch's global generators, on every device.

    Args:
        seed: an integer in [0, 2**32).

    Raises:
        ValueError: the seed is not such an integer.
    """
    seed = integer("seed", seed, 0, 2**32 - 1)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (the point is to seed the global generator)
    torch.manual_seed(seed)


@dataclass(frozen=True)
class Budget:
    """How much work a notebook may do: ``full`` shows what its text claims, ``smoke`` only runs.

    Call it to get the value in force: ``steps = budget(4000)``, or ``budget(4000, smoke=20)``.
    """

    name: str

    def __post_init__(self) -> None:
        if self.name not in ("full", "smoke"):
            raise ValueError(
                f"GAN_HELPERS_BUDGET is {self.name!r}; it must be 'full' or 'smoke': "
                "unset it for a full run"
            )

    @property
    def is_full(self) -> bool:
        """True where results must hold."""
        return self.name == "full"

    @property
    def is_smoke(self) -> bool:
        """True where every code path runs once and numbers mean nothing."""
        return self.name == "smoke"

    def __call__(self, full: T, smoke: T | None = None) -> T:
        """Return ``full`` or ``smoke``, whichever budget is in force.

        Where ``smoke`` is left out, ``full`` is a count >= 1 and the smoke run does a
        five-hundredth of it, at least 1.

        Raises:
            ValueError: ``smoke`` is left out and ``full`` is no integer >= 1.
        """
        if smoke is None:
            smoke = max(1, integer("full", full, 1) // 500)  # type: ignore[assignment]
        return full if self.is_full else smoke  # type: ignore[return-value]


def budget() -> Budget:
    """Read the budget from ``GAN_HELPERS_BUDGET`` (default ``full``).

    Raises:
        ValueError: the variable holds anything but ``full`` or ``smoke``.
    """
    return Budget(os.environ.get("GAN_HELPERS_BUDGET") or "full")


def cache_dir() -> Path:
    """Return the folder for parsed data and trained classifiers; whoever writes creates it.

    ``GAN_HELPERS_CACHE`` if set, else the user's cache folder of this platform.
    """
    named = os.environ.get("GAN_HELPERS_CACHE")
    return Path(named).expanduser() if named else user_cache_path("gan_helpers", appauthor=False)


def versions() -> dict[str, str]:
    """Return what a result depends on: Python, libraries, processor, threads and device."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for package in ("torch", "numpy", "matplotlib", "ipywidgets", "jupyterlab", "ipykernel"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    found["system"] = f"{platform.system()} {platform.machine()}"
    found["cores"] = str(os.cpu_count())
    found["torch threads"] = str(torch.get_num_threads())
    found["device"] = str(pick_device())
    return found


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

"""A run to disk and back: whole or not at all, and bit for bit."""

from __future__ import annotations

import copy
import io
import os
import tempfile
from pathlib import Path
from typing import Any

import torch

from gan_helpers.training import GAN


def save(gan: GAN, path: str | Path) -> None:
    """Write a checkpoint: both players, both optimisers, the random state, objective and step.

    The file appears whole or not at all: it is written beside its final place and renamed.

    Args:
        gan: what to save.
        path: the file; its folder is made if it is missing.

    Raises:
        OSError: the folder cannot be written or the disk is full; an older file is left as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save(_state(gan), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def load(gan: GAN, path: str | Path) -> None:
    """Bring ``gan`` and the global random state to where ``save`` left them.

    Continuing from there gives, bit for bit, the run that was not interrupted (same device, same
    thread count, batches from ``data.batches``).

    Args:
        gan: players built as they were when the checkpoint was written.
        path: a file written by ``save``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, is no checkpoint, or belongs to other players; ``gan`` is
            left as it was.
    """
    contents = io.BytesIO(Path(path).read_bytes())
    try:
        state = torch.load(contents, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can fail anywhere in the reader
        raise ValueError(
            f"{path} is not a whole checkpoint ({type(error).__name__} while reading it); "
            "it may be cut off or another kind of file: load an older one"
        ) from error
    before = copy.deepcopy(_state(gan))
    try:
        _restore(gan, state)
    except Exception as error:
        _restore(gan, before)
        raise ValueError(
            f"{path} does not fit these players: {error}; build the networks, optimisers and "
            "objective as they were when it was saved"
        ) from error


_FORMAT = "gan_helpers checkpoint 1"


def _state(gan: GAN) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "objective": gan.objective.name,
        "latent_dim": gan.latent_dim,
        "step": gan.step,
        "generator": gan.generator.state_dict(),
        "discriminator": gan.discriminator.state_dict(),
        "generator_optimizer": gan.generator_optimizer.state_dict(),
        "discriminator_optimizer": gan.discriminator_optimizer.state_dict(),
        "random": torch.get_rng_state(),
        "device_random": None
        if gan.device.type in ("cpu", "meta")
        else torch.get_device_module(gan.device).get_rng_state(),
    }


def _restore(gan: GAN, state: Any) -> None:
    if not isinstance(state, dict) or state.get("format") != _FORMAT:
        raise ValueError("it was not written by gan_helpers.save")
    for name, here in (("objective", gan.objective.name), ("latent_dim", gan.latent_dim)):
        if state[name] != here:
            raise ValueError(f"its {name} is {state[name]!r}, here it is {here!r}")
    for part in ("generator", "discriminator", "generator_optimizer", "discriminator_optimizer"):
        getattr(gan, part).load_state_dict(state[part])
    gan.step = int(state["step"])
    torch.set_rng_state(state["random"])
    if state["device_random"] is not None:
        torch.get_device_module(gan.device).set_rng_state(state["device_random"])

"""A run to disk and back: whole or not at all, and bit for bit."""

from __future__ import annotations

import copy
import hashlib
import io
from pathlib import Path
from typing import Any

import torch
from torch.nn import Module
from torch.optim import Optimizer

from gan_helpers.gan import GAN
from gan_helpers.runtime import whole_file


def save(gan: GAN, path: str | Path) -> None:
    """Write a checkpoint: both players, both optimisers, the random state, objective and step.

    The file appears whole or not at all: it is written beside its final place and renamed.

    Args:
        gan: what to save.
        path: the file; its folder is made if it is missing.

    Raises:
        ValueError: a player holds NaN or infinite weights, from which no run can go on.
        OSError: the folder cannot be written or the disk is full.
        In every case an older file is left as it was.
    """
    for player in ("generator", "discriminator"):
        if not _is_finite(getattr(gan, player)):
            raise ValueError(
                f"the {player} holds NaN or infinite weights at step {gan.step}; an older file is "
                "kept: load that one and lower the learning rate"
            )
    contents = io.BytesIO()
    torch.save(_state(gan), contents)
    with whole_file(Path(path)) as file:
        file.write(contents.getvalue() + _digest(contents.getvalue()))


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
    contents = Path(path).read_bytes()
    if _digest(contents[:-32]) != contents[-32:]:  # torch.load does not see a flipped bit
        raise ValueError(
            f"{path} is not a whole checkpoint (its checksum is wrong); it was cut off, changed, "
            "or written by something else than gan_helpers.save: load an older one"
        )
    try:
        state = torch.load(io.BytesIO(contents[:-32]), map_location="cpu", weights_only=True)
    except Exception as error:  # the reader and the unpickler raise many kinds
        raise ValueError(
            f"{path} cannot be read as a checkpoint ({type(error).__name__}); load one written by "
            "gan_helpers.save"
        ) from error
    before = copy.deepcopy(_state(gan))
    try:
        _check(gan, state)
        _restore(gan, state)
    except Exception as error:
        _restore(gan, before)
        raise ValueError(
            f"{path} does not fit these players: {error}; build the networks, optimisers and "
            "objective as they were when it was saved"
        ) from error


_FORMAT = "gan_helpers checkpoint 2"


def _digest(contents: bytes) -> bytes:
    return hashlib.sha256(contents).digest()


def _state(gan: GAN) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "objective": gan.objective.name,
        "latent_dim": gan.latent_dim,
        "step": gan.step,
        "generator": gan.generator.state_dict(),
        "discriminator": gan.discriminator.state_dict(),
        "generator_optimizer": _optimizer_state(gan.generator_optimizer),
        "discriminator_optimizer": _optimizer_state(gan.discriminator_optimizer),
        "random": torch.get_rng_state(),
        "device_random": None
        if gan.device.type in ("cpu", "meta")
        else torch.get_device_module(gan.device).get_rng_state(),
    }


def _optimizer_state(optimizer: Optimizer) -> dict[str, Any]:
    # Optimisers take each other's states without a word, and fail or go astray at the next step.
    return {"kind": type(optimizer).__name__, **optimizer.state_dict()}


def _check(gan: GAN, state: Any) -> None:
    """Raise if something is wrong that the players and optimisers would not notice."""
    if not isinstance(state, dict) or state.get("format") != _FORMAT:
        raise ValueError("it was not written by this version's gan_helpers.save")
    for name, here in (("objective", gan.objective.name), ("latent_dim", gan.latent_dim)):
        if state[name] != here:
            raise ValueError(f"its {name} is {state[name]!r}, here it is {here!r}")
    if not isinstance(state["step"], int) or state["step"] < 0:
        raise ValueError(f"its step is {state['step']!r}, no integer >= 0")
    for player in ("generator", "discriminator"):
        _check_optimizer(f"{player}_optimizer", getattr(gan, f"{player}_optimizer"), state)


def _check_optimizer(name: str, optimizer: Optimizer, state: dict[str, Any]) -> None:
    saved, kind = state[name], type(optimizer).__name__
    if saved["kind"] != kind:
        raise ValueError(f"its {name} is {saved['kind']}, here it is {kind}")
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for number, moments in saved["state"].items():
        for key, moment in moments.items():
            shape = weights[number].shape
            if isinstance(moment, torch.Tensor) and moment.dim() and moment.shape != shape:
                raise ValueError(
                    f"its {name} holds {key} of shape {tuple(moment.shape)} for weights of shape "
                    f"{tuple(shape)}"
                )


def _restore(gan: GAN, state: dict[str, Any]) -> None:
    gan.generator.load_state_dict(state["generator"])
    gan.discriminator.load_state_dict(state["discriminator"])
    for name in ("generator_optimizer", "discriminator_optimizer"):
        of_torch = {key: state[name][key] for key in ("state", "param_groups")}
        getattr(gan, name).load_state_dict(of_torch)
    gan.step = state["step"]
    torch.set_rng_state(state["random"])
    if state["device_random"] is not None:
        torch.get_device_module(gan.device).set_rng_state(state["device_random"])


def _is_finite(player: Module) -> bool:
    weights = [weight for weight in player.parameters() if weight.device.type != "meta"]
    return all(bool(weight.isfinite().all()) for weight in weights)

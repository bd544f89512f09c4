"""A run to disk and back: whole or not at all, and bit for bit."""

from __future__ import annotations

import copy
import hashlib
import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer

from gan_helpers.gan import GAN, average_of
from gan_helpers.runtime import whole_file


def save(gan: GAN, path: str | Path) -> None:
    """Write a checkpoint: both players, both optimisers, average, random state, objective and step.

    The file appears whole or not at all: it is written beside its final place and renamed. The
    optimisers' settings are written as Python's numbers, whoever's they are.

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
    thread count, batches from ``data.batches``). On another kind of device everything but that
    device's random state is taken over, and a warning says so. What belongs to the device in the
    optimisers (``capturable``, ``fused``, ``foreach``, a rate held in a tensor) stays as it is.

    Args:
        gan: players built as they were when the checkpoint was written, on any device.
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
    if state["device"] != gan.device.type:
        warnings.warn(
            f"{path} was saved on {state['device']} and the players are on {gan.device.type}: "
            "weights, optimisers and the CPU's random state are restored, a GPU's random state is "
            "not, so the run goes on with other random numbers",
            stacklevel=2,
        )


_FORMAT = "gan_helpers checkpoint 3"
_OF_THE_DEVICE = ("capturable", "fused", "foreach")  # how an optimiser computes, not what


def _digest(contents: bytes) -> bytes:
    return hashlib.sha256(contents).digest()


def _state(gan: GAN) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "objective": gan.objective.name,
        "latent_dim": gan.latent_dim,
        "step": _plain(gan.step),
        "generator": gan.generator.state_dict(),
        "discriminator": gan.discriminator.state_dict(),
        "average": None if gan.average is None else gan.average.state_dict(),
        "generator_optimizer": _optimizer_state(gan.generator_optimizer),
        "discriminator_optimizer": _optimizer_state(gan.discriminator_optimizer),
        "random": torch.get_rng_state(),
        "device": gan.device.type,
        "device_random": _device_random(gan.device),
    }


def _device_random(device: torch.device) -> Tensor | None:
    if device.type in ("cpu", "meta"):
        return None
    return torch.get_device_module(device).get_rng_state(*_which(device))


def _which(device: torch.device) -> tuple[torch.device, ...]:
    return () if device.type == "mps" else (device,)  # there is one, and it takes no argument


def _optimizer_state(optimizer: Optimizer) -> dict[str, Any]:
    # Optimisers take each other's states without a word, and fail or go astray at the next step.
    state = optimizer.state_dict()
    return {
        "kind": type(optimizer).__name__,
        "state": _plain(state["state"]),
        "param_groups": _plain(state["param_groups"], tensors=True),
    }


def _plain(value: Any, tensors: bool = False) -> Any:
    """Turn NumPy's numbers, which a safe reader refuses, and if asked tensors into Python's."""
    if isinstance(value, dict):
        return {key: _plain(each, tensors) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_plain(each, tensors) for each in value)
    if isinstance(value, np.generic) or (tensors and isinstance(value, Tensor)):
        return value.item()
    return value


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
    there, here = len(saved["param_groups"]), len(optimizer.param_groups)
    if there != here:
        raise ValueError(f"its {name} has parameter groups: {there}, here it has {here}")
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for number, moments in saved["state"].items():
        for key, moment in moments.items():
            shape = weights[number].shape
            if isinstance(moment, Tensor) and moment.dim() and moment.shape != shape:
                raise ValueError(
                    f"its {name} holds {key} of shape {tuple(moment.shape)} for weights of shape "
                    f"{tuple(shape)}"
                )


def _restore(gan: GAN, state: dict[str, Any]) -> None:
    gan.generator.load_state_dict(state["generator"])
    gan.discriminator.load_state_dict(state["discriminator"])
    if state.get("average") is None:  # older files have none
        gan.average = None
    else:
        gan.average = gan.average or average_of(gan.generator)
        gan.average.load_state_dict(state["average"])
    for name in ("generator_optimizer", "discriminator_optimizer"):
        _restore_optimizer(getattr(gan, name), state[name])
    gan.step = state["step"]
    torch.set_rng_state(state["random"])
    if state["device_random"] is not None and state["device"] == gan.device.type:
        module = torch.get_device_module(gan.device)
        module.set_rng_state(state["device_random"], *_which(gan.device))


def _restore_optimizer(optimizer: Optimizer, state: dict[str, Any]) -> None:
    """Load it, but keep how this one computes: its flags, and the tensors that hold its rates."""
    own = [dict(group) for group in optimizer.param_groups]
    groups = [
        {**saved, **{key: here[key] for key in _OF_THE_DEVICE if key in here}}
        for saved, here in zip(state["param_groups"], own, strict=True)
    ]
    optimizer.load_state_dict({"state": state["state"], "param_groups": groups})
    for group, here in zip(optimizer.param_groups, own, strict=True):
        for key, value in here.items():
            if isinstance(value, Tensor) and key in group:
                value.detach().fill_(group[key])  # the same tensor: a captured step reads it
                group[key] = value


def _is_finite(player: Module) -> bool:
    weights = [weight for weight in player.parameters() if weight.device.type != "meta"]
    return all(bool(weight.isfinite().all()) for weight in weights)

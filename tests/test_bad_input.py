"""Bad input to every public function of the core: an error that names value, rule and repair.

One table. A case says what it covers, what is wrong, the call, the error, and the words that its
message must hold: the value that was found, the rule that it breaks, and what to do instead.
"""

from __future__ import annotations

import copy
import hashlib
import io
import itertools
import re
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.optim import SGD, Adam, RMSprop

import gan_helpers
from gan_helpers import (
    GAN,
    LEAST_SQUARES,
    NON_SATURATING,
    WGAN,
    WGAN_GP,
    History,
    Objective,
    Record,
    data,
    evaluation,
    networks,
)
from gan_helpers.checkpoints import _state
from gan_helpers.networks import (
    ConvDiscriminator,
    ConvGenerator,
    MLPDiscriminator,
    MLPGenerator,
)

NAN, INF = float("nan"), float("inf")
UNIT = torch.rand(40, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
POINTS_D = MLPDiscriminator((2,), (8,))
LABELS = torch.arange(40) % 2


def weights_of(part: Any) -> list[nn.Parameter]:
    weights = list(part.parameters()) if isinstance(part, nn.Module) else []
    return weights or list(nn.Linear(1, 1).parameters())  # an optimiser of nothing is torch's error


def make_gan(**more: Any) -> GAN:
    parts = {
        "generator": MLPGenerator(2, (2,), (8,)),
        "discriminator": MLPDiscriminator((2,), (8,)),
    }
    parts |= {name: more.pop(name) for name in list(more) if name in parts}
    steps = {f"{name}_optimizer": Adam(weights_of(part)) for name, part in parts.items()}
    return GAN(**{"objective": NON_SATURATING, "latent_dim": 2, **parts, **steps, **more})


def train(batch: Any, steps: Any = 1, **parts: Any) -> list[Record]:
    return list(gan_helpers.train(make_gan(**parts), itertools.repeat(batch), steps))


def train_on(*batches: torch.Tensor, steps: int = 2, **parts: Any) -> list[Record]:
    return list(gan_helpers.train(make_gan(**parts), batches, steps))


def train_with(**losses: Callable) -> list[Record]:
    return train(points(), objective=replace(LEAST_SQUARES, **losses))


def points(n: int = 8, width: int = 2) -> torch.Tensor:
    return torch.randn(n, width, generator=torch.Generator().manual_seed(0))


class Other(NamedTuple):
    step: int
    kl: float


class Stepless(NamedTuple):
    kl: float


def history(n: int = 3) -> History:
    made = History()
    for step in range(1, n + 1):
        made.append(record(step))
    return made


def record(step: int = 1, **values: Any) -> Record:
    scalars = {name: torch.tensor(1.0) for name in Record._fields[1:-1]}
    return Record(step, **{**scalars, **values}, seconds=0.1)


def conv_gan(objective: Objective = NON_SATURATING, batch_norm: bool = True) -> dict:
    return {
        "generator": ConvGenerator(2, channels=4),
        "discriminator": ConvDiscriminator(channels=4, batch_norm=batch_norm),
        "objective": objective,
    }


def ending_in(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1), *layers)


def saved(folder: Path, **parts: Any) -> Path:
    gan_helpers.save(make_gan(**parts), folder / "gan.pt")
    return folder / "gan.pt"


def load(file: Path, content: bytes | None = None, **parts: Any) -> None:
    if content is not None:
        file.write_bytes(content)
    gan_helpers.load(make_gan(**parts), file)


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def with_nan() -> GAN:
    gan = make_gan()
    with torch.no_grad():
        next(gan.discriminator.parameters())[0] = NAN
    return gan


def written(file: Path, content: str | bytes) -> Path:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def pictures(folder: Path, **files: bytes) -> Path:
    folder.joinpath("pictures").mkdir()
    for name, content in files.items():
        written(folder / "pictures" / f"{name}.png", content)
    return folder / "pictures"


def png(width: int, height: int) -> bytes:
    """Claim a size in a file of a hundred bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + packed


@cache
def classifier() -> evaluation.Classifier:
    return evaluation.train_classifier(data.ImageData(UNIT, LABELS, ("a", "b")), steps=1)


class Case(NamedTuple):
    covers: str  # the public name
    what: str
    call: Callable[[Path], object]  # given an empty folder
    error: type[Exception]
    words: tuple[str, ...]  # regular expressions that the message must hold


def case(covers: str, what: str, call: Callable, error: type[Exception], *words: str) -> Case:
    return Case(covers, what, call, error, words)


V, T = ValueError, TypeError
SHAPE = r"shape \(8, 3\)"

CASES = [
    # objectives
    case("Objective", "n_critic 0",
         lambda _: replace(WGAN, n_critic=0), V, "n_critic is 0", "integer >= 1"),
    case("Objective", "n_critic a float",
         lambda _: replace(WGAN, n_critic=2.0), V, r"n_critic is 2\.0", "integer >= 1"),
    case("Objective", "clip with penalty",
         lambda _: replace(WGAN_GP, clip=0.01),
         V, r"clip is 0\.01", "penalty", "one of them to None"),
    case("Objective", "clip 0",
         lambda _: replace(WGAN, clip=0.0), V, "clip is 0; ", "positive", "None for no clipping"),
    case("Objective", "clip NaN",
         lambda _: replace(WGAN, clip=NAN), V, "clip is nan", "finite number >= 0"),
    case("Objective", "clip a word",
         lambda _: replace(WGAN, clip="0.01"), V, r"clip is '0\.01'", "finite number >= 0"),
    case("Objective", "no name",
         lambda _: replace(WGAN, name=""), V, "name is ''", "give the objective a name"),
    case("Objective", "loss by name",
         lambda _: replace(WGAN, generator_loss="minimax"),
         V, "generator_loss is 'minimax'", "must be a function", "raw scores"),
    case("Objective", "penalty a number",
         lambda _: replace(WGAN_GP, penalty=10.0),
         V, r"penalty is 10\.0", "must be a function", "None"),
    case("Objective", "score a function",
         lambda _: replace(WGAN, score=torch.sigmoid), V, "score is <", "PROBABILITY, TARGETS"),
    case("Objective", "reconstruction a number",
         lambda _: replace(WGAN, reconstruction=0.5),
         V, r"reconstruction is 0\.5", "must be a function", "None"),
    # regularisers
    case("interpolate", "unequal batches",
         lambda _: gan_helpers.interpolate(points(8), points(4)),
         V, r"\(8, 2\) and fake \(4, 2\)", "two ends", "draw as many fakes"),
    case("gradient_penalty", "negative weight",
         lambda _: gan_helpers.gradient_penalty(POINTS_D, points(), points(), weight=-1),
         V, "weight is -1", "number >= 0"),
    case("gradient_penalty", "a weight without its name",
         lambda _: gan_helpers.gradient_penalty(MLPDiscriminator((2,)), points(), points(), 10.0),
         T, r"10\.0 is given as a condition", r"tensor \(N, \.\.\.\)", r"weight=10\.0"),
    case("gradient_penalty", "NaN weight",
         lambda _: gan_helpers.gradient_penalty(POINTS_D, points(), points(), weight=NAN),
         V, "weight is nan", ">= 0"),
    case("gradient_penalty", "BatchNorm",
         lambda _: gan_helpers.gradient_penalty(ConvDiscriminator(channels=4), UNIT, UNIT),
         V, "BatchNorm2d", "own sample alone", "batch_norm=False"),
    case("gradient_penalty", "Dropout",
         lambda _: gan_helpers.gradient_penalty(ending_in(nn.Dropout()), points(), points()),
         V, "Dropout", "own sample alone", "without it"),
    case("r2_penalty", "negative weight",
         lambda _: gan_helpers.r2_penalty(POINTS_D, points(), points(), weight=-1),
         V, "weight is -1"),
    case("r1_r2_penalty", "fewer fakes than real samples",
         lambda _: gan_helpers.r1_r2_penalty(POINTS_D, points(), points(3)),
         V, r"fake \(3, 2\)", "as many fakes"),
    case("r1_penalty", "negative weight",
         lambda _: gan_helpers.r1_penalty(MLPDiscriminator((2,)), points(), weight=-1),
         V, "weight is -1", "number >= 0"),
    case("clip_weights", "bound 0",
         lambda _: gan_helpers.clip_weights(MLPDiscriminator((2,)), 0),
         V, "c is 0", "positive", r"0\.01"),
    case("squared_gradient_norm", "another width",
         lambda _: gan_helpers.squared_gradient_norm(MLPDiscriminator((2,)), points(8, 3)),
         V, SHAPE, r"expects \(N, 2\)", "Reshape x"),
    # the players
    case("GAN", "latent mismatch",
         lambda _: make_gan(latent_dim=3), V, "latent_dim is 3", "z of width 2", "same number"),
    case("GAN", "latent_dim a float",
         lambda _: make_gan(latent_dim=2.0), V, r"latent_dim is 2\.0", "integer >= 0"),
    case("GAN", "no network",
         lambda _: make_gan(generator=None),
         T, "generator is None", "must be a torch's Module", "made"),
    case("GAN", "a class for a network",
         lambda _: make_gan(discriminator=MLPDiscriminator),
         T, "discriminator is <class", "Module", "not the class itself"),
    case("GAN", "objective by name",
         lambda _: make_gan(objective="wgan"), T, "objective is 'wgan'", "Objective", "made"),
    case("GAN", "a class for an optimiser",
         lambda _: make_gan(generator_optimizer=Adam),
         T, "generator_optimizer is <class", "Optimizer", "not the class itself"),
    case("GAN", "a foreign optimiser",
         lambda _: make_gan(generator_optimizer=SGD(nn.Linear(1, 1).parameters())),
         V, "generator_optimizer holds weights", "not the generator's", "generator.parameters"),
    case("GAN", "two devices",
         lambda _: make_gan(discriminator=MLPDiscriminator((2,)).to("meta")),
         V, r"\['cpu', 'meta'\]", "one device", r"\.to\(device\)"),
    case("train", "sigmoid at the end",
         lambda _: train(points(), discriminator=ending_in(nn.Flatten(0), nn.Sigmoid())),
         V, "ends in Sigmoid", "raw scores", "remove it"),
    case("GAN", "BatchNorm under a penalty",
         lambda _: make_gan(**conv_gan(WGAN_GP)),
         V, "BatchNorm2d", "own sample alone", "batch_norm=False"),
    case("GAN", "nothing to train",
         lambda _: make_gan(generator=nn.Identity()),
         V, "generator has no weights", "nothing to train"),
    case("GAN", "float16",
         lambda _: make_gan(autocast=torch.float16),
         V, r"autocast is torch\.float16", "bfloat16 or None"),
    case("GAN", "a tensor for a law",
         lambda _: make_gan(latent_distribution=torch.ones(2)),
         T, "latent_distribution is tensor", "function", "torch.randn"),
    case("GAN", "negative step",
         lambda _: make_gan(step=-1), V, "step is -1", "integer >= 0"),
    case("GAN", "a law of another shape",
         lambda _: make_gan(latent_distribution=lambda n, d, **_: torch.ones(n, 5)).sample(4),
         V, r"\(4, 5\)", r"asked for \(4, 2\)", "torch.randn"),
    case("GAN", "no samples",
         lambda _: make_gan().sample(0), V, "n is 0", "integer >= 1"),
    case("GAN", "latents of another width",
         lambda _: make_gan().generate(points(8, 3)), V, SHAPE, r"expects \(N, 2\)", "Reshape z"),
    case("discriminator_step", "an empty batch",
         lambda _: gan_helpers.discriminator_step(make_gan(), points(0)),
         V, "n is 0", "integer >= 1"),
    case("generator_step", "an empty batch",
         lambda _: gan_helpers.generator_step(make_gan(), points(0)), V, "n is 0", "integer >= 1"),
    case("generator_step", "one sample and BatchNorm",
         lambda _: gan_helpers.generator_step(make_gan(**conv_gan()), UNIT[:1]),
         V, "holds 1 sample", "at least 2", "larger batch"),
    case("score_both", "another width",
         lambda _: gan_helpers.score_both(MLPDiscriminator((2,)), points(8, 3), points(8, 3)),
         V, r"shape \(16, 3\)", r"expects \(N, 2\)", "Reshape x"),
    case("GAN", "latents on another device",
         lambda _: make_gan().generate(points().to("meta")),
         V, "z is on meta", "players on cpu", r"\.to\('cpu'\)"),
    case("GAN", "latents in an array",
         lambda _: make_gan().generate(np.zeros((8, 2))),
         T, "z is a ndarray", r"tensor \(n, \.\.\.\)"),
    # the loop
    case("train", "negative steps",
         lambda _: train(points(), -1), V, "steps is -1", "integer >= 0"),
    case("train", "steps a float",
         lambda _: train(points(), 1.5), V, r"steps is 1\.5", "integer >= 0", "int"),
    case("train", "a tensor for batches",
         lambda _: gan_helpers.train(make_gan(), points(), 1),
         T, "batches is a Tensor", "iterable", r"data\.batches"),
    case("train", "a distribution for batches",
         lambda _: gan_helpers.train(make_gan(), data.ring(), 1),
         T, "batches is a GaussianMixture", "iterable", r"data\.batches"),
    case("train", "pairs",
         lambda _: train((points(), LABELS[:8])),
         T, "a batch is a pair", "does not take its condition", "x for x, _ in loader"),
    case("train", "an array",
         lambda _: train(np.zeros((8, 2), np.float32)),
         T, "batch is a ndarray", "must be a tensor"),
    case("train", "one sample",
         lambda _: train(points()[0]), V, r"shape \(2,\)", r"\(N, \.\.\.\)", "for example"),
    case("train", "an empty batch",
         lambda _: train(points(0)), V, r"shape \(0, 2\)", "N >= 1"),
    case("train", "another width",
         lambda _: train(points(8, 3)),
         V, r"real sample is \(3,\)", r"generated one \(2,\)", "out_shape"),
    case("train", "float64",
         lambda _: train(points().double()),
         V, r"torch\.float64", "must agree", "convert the data"),
    case("train", "integers",
         lambda _: train(torch.ones(8, 2, dtype=torch.int64)),
         V, r"torch\.int64", "must agree", "convert the data"),
    case("train", "a condition for fewer samples",
         lambda _: train((points(), LABELS[:3])), V, "8 real samples", "one condition for each"),
    case("train", "no latent and no condition",
         lambda _: train(points(), latent_dim=0, generator=nn.Linear(2, 2)),
         V, "latent_dim is 0", r"pairs \(real, condition\)"),
    case("train", "a rate of 0",
         lambda _: train(points(), discriminator_optimizer=SGD(POINTS_D.parameters(), lr=0.0),
                         discriminator=POINTS_D),
         V, "learning rate 0", "above 0", "requires_grad_"),
    case("train", "one sample and BatchNorm",
         lambda _: train(torch.zeros(1, 1, 28, 28), **conv_gan()),
         V, "1 sample", "2 or more", "batch_size"),
    case("train", "bytes as images",
         lambda _: train(torch.rand(4, 1, 28, 28) * 255, **conv_gan()),
         V, "spans", r"reach \[-1, 1\]", "scale the data"),
    case("train", "NaN in the data",
         lambda _: train(points() * NAN, 2),
         FloatingPointError, "step 1: the discriminator", "real batch holds NaN", "clean the data"),
    case("train", "infinity in the data",
         lambda _: train(points() / 0, 2),
         FloatingPointError, "step 1: the discriminator", "real batch holds", "clean the data"),
    case("train", "scores (N, 1)",
         lambda _: train(points(), discriminator=ending_in()),
         V, r"\(\d, 1\)", "one raw score a sample", "squeeze"),
    case("train", "too few batches",
         lambda _: train_on(points(), steps=3),
         V, "step 2", r"steps \* n_critic", r"data\.batches"),
    case("train", "images of mixed size",
         lambda _: train_on(torch.zeros(4, 1, 28, 28), torch.zeros(4, 1, 32, 32), **conv_gan()),
         V, r"shape \(4, 1, 32, 32\)", r"expects \(N, 1, 28, 28\)", "Reshape x"),
    case("train", "a loss that is not averaged",
         lambda _: train_with(generator_loss=lambda fake: (fake - 1) ** 2),
         V, r"generator_loss of .* returns shape \(\d,\)", "mean over the batch", r"\.mean\(\)"),
    case("train", "a loss that is a number",
         lambda _: train_with(discriminator_loss=lambda real, fake: fake.mean().item()),
         V, "discriminator_loss of .* returns", r"tensor of shape \(\)", r"\.mean\(\)"),
    case("train", "a loss without a graph",
         lambda _: train_with(generator_loss=lambda fake: fake.detach().mean()),
         V, "generator_loss of .* does not depend", "nothing can be learnt", r"\.detach\(\)"),
    case("linear_lr_decay", "no steps",
         lambda _: gan_helpers.linear_lr_decay(make_gan(), [], 0), V, "steps is 0", "integer >= 1"),
    case("averaged", "a decay above 1",
         lambda _: gan_helpers.averaged(make_gan(), [], 1.5), V, "decay is 1.5", "from 0 to 1"),
    # checkpoints and histories
    case("save", "NaN weights",
         lambda at: gan_helpers.save(with_nan(), at / "gan.pt"),
         V, "discriminator holds NaN", "step 0", "lower the learning rate"),
    case("save", "a folder in the way",
         lambda at: gan_helpers.save(make_gan(), at), OSError, "directory|denied"),
    case("load", "no such file",
         lambda at: load(at / "gan.pt"), FileNotFoundError, r"gan\.pt"),
    case("load", "cut off",
         lambda at: load(saved(at), saved(at).read_bytes()[:-900]),
         V, "not a whole checkpoint", "checksum", "load an older one"),
    case("load", "one bit flipped",
         lambda at: load(saved(at), flipped(saved(at).read_bytes())),
         V, "not a whole checkpoint", "checksum", "load an older one"),
    case("load", "empty",
         lambda at: load(at / "gan.pt", b""), V, "not a whole checkpoint", "load an older one"),
    case("load", "a text",
         lambda at: load(at / "gan.pt", b"once upon a time" * 9),
         V, "not a whole checkpoint", r"gan_helpers\.save"),
    case("load", "another objective",
         lambda at: load(saved(at), objective=WGAN),
         V, "objective is 'non-saturating'", "here it is 'WGAN'", "as they were"),
    case("load", "another latent_dim",
         lambda at: load(saved(at), generator=MLPGenerator(3, (2,), (8,)), latent_dim=3),
         V, "latent_dim is 2", "here it is 3", "as they were"),
    case("load", "other widths",
         lambda at: load(saved(at), generator=MLPGenerator(2, (2,), (9,))),
         V, "does not fit", "size mismatch", "as they were"),
    case("load", "another optimiser",
         lambda at: other_optimiser(at),
         V, "discriminator_optimizer is Adam", "here it is RMSprop", "as they were"),
    case("History", "an unknown column",
         lambda _: history().column("loss"),
         V, "no column 'loss'", "choose one of step, discriminator_loss"),
    case("History", "window 0",
         lambda _: history().smooth("penalty", 0), V, "window is 0", "integer >= 1"),
    case("History", "a negative step",
         lambda _: history().rewind(-1), V, "step is -1", "integer >= 0"),
    case("History", "a number for a record",
         lambda _: history().append(0.3), T, "record is a float", "what train yields"),
    case("History", "a word for a loss",
         lambda _: history().append(record(generator_loss="0.3")),
         T, r"generator_loss of step 1 is '0\.3'", r"shape \(\)", "mean"),
    case("History", "the record of another loop",
         lambda _: history().append(Other(1, 0.5)), V, "the fields step, kl", "new History"),
    case("History", "a record without its step",
         lambda _: History().append(Stepless(0.5)), T, r"fields \('kl',\)", "first field is step"),
    case("History", "losses of a batch",
         lambda _: history().append(record(penalty=torch.ones(4))),
         T, r"penalty of step 1 is \(4,\)", r"shape \(\)", "mean"),
    case("History", "a foreign file",
         lambda at: History.load(written(at / "x.csv", "a,b\n1,2\n")),
         V, "starts with 'a,b'", "a history starts with", "History.save"),
    case("History", "a picture for a file",
         lambda at: History.load(written(at / "x.csv", png(4, 4))),
         V, "starts with", "a history starts with", "History.save"),
    case("History", "cut off",
         lambda at: cut_history(at, 4),
         V, "no whole history", "its last line has no end", "History.save"),
    case("History", "cut off within a line",
         lambda at: cut_history(at, 30), V, "no whole history", "10 numbers", "History.save"),
    # paths
    case("straight_path", "lists",
         lambda _: gan_helpers.straight_path([0.0], [1.0], [0.5]),
         T, "start is list", "floating-point tensor", r"torch\.tensor"),
    case("straight_path", "rows for points",
         lambda _: gan_helpers.straight_path(points(1), points(1), torch.rand(3)),
         V, r"\(1, 2\)", r"must be \(d,\)", r"z\[0\]"),
    case("spherical_path", "a point at 0",
         lambda _: gan_helpers.spherical_path(torch.zeros(2), torch.ones(2), torch.rand(3)),
         V, "is 0", "no circle", "straight_path"),
    case("spherical_path", "integers",
         lambda _: gan_helpers.spherical_path(torch.ones(2).long(), torch.ones(2), torch.rand(3)),
         T, r"start is torch\.int64", "floating-point"),
    # the machine
    case("pick_device", "an unknown device",
         lambda _: gan_helpers.pick_device("gpu"),
         V, "device 'gpu' cannot be used", "device='cpu'"),
    case("pick_device", "no name at all",
         lambda _: gan_helpers.pick_device([]), V, r"device '\[\]' cannot be used", "device='cpu'"),
    case("set_seed", "negative",
         lambda _: gan_helpers.set_seed(-1), V, "seed is -1", "integer from 0", "such as 0"),
    case("set_seed", "a float",
         lambda _: gan_helpers.set_seed(0.0), V, r"seed is 0\.0", "integer from 0", "such as 0"),
    # networks
    case("SelfAttention", "no channels",
         lambda _: networks.SelfAttention(0), V, "channels is 0", "integer >= 1"),
    case("SelfAttention", "a map of other channels",
         lambda _: networks.SelfAttention(4)(torch.zeros(2, 3, 5, 5)),
         V, r"x has shape \(2, 3, 5, 5\)", r"expects \(N, 4, H, W\)", "build it"),
    case("StyleGenerator", "a size that doubling does not reach",
         lambda _: networks.StyleGenerator(image_shape=(1, 29, 29)),
         V, "29 x 29", "multiples of 4", "Resize"),
    case("StyleGenerator", "styles for another number of layers",
         lambda _: networks.StyleGenerator(4, channels=2).synthesis(torch.zeros(2, 2, 32)),
         V, r"w has shape \(2, 2, 32\)", r"expects \(N, 3, 32\)"),
    case("StyleGenerator", "noise for two layers of three",
         lambda _: networks.StyleGenerator(4, channels=2).synthesis(
             torch.zeros(2, 32), [torch.zeros(1, 1, 7, 7)] * 2),
         V, "noise holds 2 maps", "each of the 3 styled layers", "draw_noise"),
    case("spectrally_normalised", "no weights",
         lambda _: networks.spectrally_normalised(nn.ReLU()),
         V, "ReLU has no linear", "give the network"),
    case("Stacked", "three channels",
         lambda _: data.Stacked(torch.zeros(2, 3, 4, 4)),
         V, r"shape \(2, 3, 4, 4\)", "one channel"),
    case("MLPGenerator", "latent_dim 0",
         lambda _: MLPGenerator(0, (2,)), V, "latent_dim is 0", "integer >= 1"),
    case("MLPGenerator", "a number for a shape",
         lambda _: MLPGenerator(2, 2), T, "out_shape is 2", "sequence of integers", r"\(2,\)"),
    case("MLPGenerator", "one sample and BatchNorm",
         lambda _: MLPGenerator(2, (2,), batch_norm=True)(points(1)),
         V, "holds 1 sample", "at least 2", r"\.eval\(\)"),
    case("MLPGenerator", "tanh and latents of another width",
         lambda _: MLPGenerator(2, (2,), tanh=True)(points(8, 3)),
         V, SHAPE, r"expects \(N, 2\)", "Reshape z"),
    case("MLPDiscriminator", "no hidden layers",
         lambda _: MLPDiscriminator((2,), ()), V, "widths is empty", "at least one", "for example"),
    case("MLPDiscriminator", "integers",
         lambda _: MLPDiscriminator((2,))(torch.ones(8, 2).long()),
         T, r"torch\.int64", "expects the data type", r"x\.float\(\)"),
    case("MLPDiscriminator", "float64",
         lambda _: MLPDiscriminator((2,))(points().double()),
         T, r"torch\.float64", "expects the data type", r"x\.float\(\)"),
    case("MLPDiscriminator", "an array",
         lambda _: MLPDiscriminator((2,))(np.zeros((8, 2))),
         T, "x is a ndarray", "expects a tensor"),
    case("ConvGenerator", "a size between",
         lambda _: ConvGenerator(image_shape=(1, 30, 30)),
         V, "30 x 30", "multiples of", "for example to 32 x 32"),
    case("ConvGenerator", "no channels",
         lambda _: ConvGenerator(image_shape=(28, 28)),
         V, r"image_shape is \(28, 28\)", "channels, height, width"),
    case("ConvDiscriminator", "channels last",
         lambda _: ConvDiscriminator()(torch.zeros(4, 28, 28, 1)),
         V, r"\(4, 28, 28, 1\)", r"expects \(N, 1, 28, 28\)", "Reshape x"),
    case("ConvDiscriminator", "channels a float",
         lambda _: ConvDiscriminator(channels=6.4), V, r"channels is 6\.4", "integer >= 1"),
    case("initialise_dcgan", "no module",
         lambda _: networks.initialise_dcgan([nn.Linear(1, 1)]),
         T, "module is a list", "torch module"),
    # data
    case("ring", "no modes",
         lambda _: data.ring(modes=0), V, "modes is 0", "integer >= 1"),
    case("ring", "radius NaN",
         lambda _: data.ring(radius=NAN), V, "radius is nan", "finite number >= 1e-19"),
    case("ring", "radius a word",
         lambda _: data.ring(radius="2"), V, "radius is '2'", "finite number >= 1e-19"),
    case("ring", "a sigma that vanishes",
         lambda _: data.ring(sigma=1e-60), V, "sigma is 1e-60", "above 0", "at least 1e-19"),
    case("grid", "side a float",
         lambda _: data.grid(side=2.5), V, r"side is 2\.5", "integer >= 1"),
    case("grid", "negative spacing",
         lambda _: data.grid(spacing=-1.0), V, r"spacing is -1\.0", "number >= 1e-19"),
    case("mixture_1d", "points of the plane",
         lambda _: data.mixture_1d([[0.0, 1.0]], 1.0),
         V, r"means is \[\[0\.0, 1\.0\]\]", "flat list"),
    case("mixture_1d", "weights that sum to 0",
         lambda _: data.mixture_1d([0.0, 1.0], 1.0, [0.0, 0.0]),
         V, r"weights is \[0\.0, 0\.0\]", "above 0"),
    case("GaussianMixture", "ragged means",
         lambda _: data.GaussianMixture([[0.0], [1.0, 2.0]], 1.0),
         T, r"means is \[\[0\.0\], ", "real numbers", "equal length"),
    case("GaussianMixture", "too large for float32",
         lambda _: data.GaussianMixture([[1e39]], 1.0),
         V, r"means is \[\[1e\+39\]\]", "finite", "below 3e38"),
    case("GaussianMixture", "negative n",
         lambda _: data.ring().sample(-1), V, "n is -1", "integer >= 0"),
    case("GaussianMixture", "a seed for a generator",
         lambda _: data.ring().sample(4, generator=0),
         T, "generator is 0", r"torch\.Generator\(\)"),
    case("GaussianMixture", "an unknown device",
         lambda _: data.ring().sample(4, device="gpu"),
         V, "device 'gpu' cannot be used", "device='cpu'"),
    case("GaussianMixture", "density of a row",
         lambda _: data.ring().log_density(torch.zeros(2)),
         V, r"shape \(2,\)", r"expects \(n, 2\)", r"x\[:, None\]"),
    case("GaussianMixture", "density of a word",
         lambda _: data.ring().log_density("origin"), T, "x is 'origin'", r"tensor \(n, 2\)"),
    case("SwissRoll", "sigma too small",
         lambda _: data.SwissRoll(sigma=1e-9), V, "sigma is 1e-09", "at least radius / 1000"),
    case("swiss_roll", "no turns",
         lambda _: data.swiss_roll(turns=0), V, "turns is 0", "number >= 1e-19"),
    case("batches", "an array",
         lambda _: data.batches(np.zeros((4, 2)), 2),
         T, "source is a ndarray", "give a tensor", "from_numpy"),
    case("batches", "bytes",
         lambda _: data.batches(torch.ones(4, 2, dtype=torch.uint8), 2),
         T, r"torch\.uint8", "floating point", r"127\.5 - 1"),
    case("batches", "no rows",
         lambda _: data.batches(points(0), 2), V, r"shape \(0, 2\)", "at least one row"),
    case("batches", "NaN",
         lambda _: data.batches(points() * NAN, 2), V, "NaN or infinite", "finite"),
    case("batches", "batch of 0",
         lambda _: data.batches(points(), 0), V, "batch_size is 0", "integer >= 1"),
    case("batches", "an unknown device",
         lambda _: data.batches(points(), 2, device="gpu"),
         V, "device 'gpu' cannot be used", "device='cpu'"),
    case("ImageData", "bytes",
         lambda _: data.ImageData(torch.zeros(4, 1, 8, 8, dtype=torch.uint8)),
         T, r"torch\.uint8", "float32", r"127\.5 - 1"),
    case("ImageData", "no channels",
         lambda _: data.ImageData(torch.zeros(4, 8, 8)),
         V, r"\(4, 8, 8\)", r"\(N, C, H, W\)", "unsqueeze"),
    case("ImageData", "no images",
         lambda _: data.ImageData(torch.zeros(0, 1, 8, 8)),
         V, r"\(0, 1, 8, 8\)", r"\(N, C, H, W\)"),
    case("ImageData", "0 to 255",
         lambda _: data.ImageData((UNIT + 1) * 127), V, r"lie in \[", r"\[-1, 1\]", "Rescale"),
    case("ImageData", "0 to 1",
         lambda _: data.ImageData(torch.linspace(0, 1, 256).reshape(4, 1, 8, 8)),
         V, r"lie in \[0, 1\]", "upper half", r"x \* 2 - 1"),
    case("ImageData", "one NaN",
         lambda _: data.ImageData(UNIT.clone().index_fill(0, torch.tensor([3]), NAN)),
         V, "NaN or infinite", "finite"),
    case("ImageData", "labels of floats",
         lambda _: data.ImageData(UNIT, LABELS.float()),
         T, r"torch\.float32", "int64", r"\.long\(\)"),
    case("ImageData", "too few labels",
         lambda _: data.ImageData(UNIT, LABELS[:9]), V, r"shape \(9,\)", r"must be \(40,\)"),
    case("ImageData", "a label without a name",
         lambda _: data.ImageData(UNIT, LABELS, ("a",)), V, "0 to 1", "1 names"),
    case("check_images", "out of range",
         lambda _: data.check_images(UNIT * 9, "fakes"),
         V, r"fakes lie in \[-8\.99", r"must lie in \[-1, 1\]", "Rescale", r"x\.clamp\(-1, 1\)"),
    case("check_images", "words",
         lambda _: data.check_images([["a"]]), T, r"images is \[\['a'\]\]", "tensor", "array"),
    case("check_images", "an array of bytes",
         lambda _: data.check_images(np.zeros((4, 1, 8, 8), np.uint8)),
         T, "uint8", "floating point", r"x\.float\(\) / 127\.5 - 1"),
    case("batches", "a pair of unequal lengths",
         lambda _: data.batches((UNIT, LABELS[:9]), 4),
         V, r"\(40, 1, 8, 8\)", r"\(9,\)", "same length"),
    case("image_folder", "no folder",
         lambda at: data.image_folder(at / "none"),
         FileNotFoundError, "none is not a folder", "give the folder"),
    case("image_folder", "None",
         lambda _: data.image_folder(None), T, "path is None", "name of the folder"),
    case("image_folder", "nothing in it",
         lambda at: data.image_folder(at), V, "holds no images", r"\.png"),
    case("image_folder", "size 0",
         lambda at: data.image_folder(at, size=0), V, "size is 0", "1 to 4096"),
    case("image_folder", "4 channels",
         lambda at: data.image_folder(at, channels=4), V, "channels is 4", r"1 \(grey\) or 3"),
    case("image_folder", "a corrupt file",
         lambda at: data.image_folder(pictures(at, a=b"GIF89a")),
         V, "none of the 1 images", r"a\.png: "),
    case("image_folder", "a bomb",
         lambda at: data.image_folder(pictures(at, a=png(60_000, 60_000))),
         V, "none of the 1 images", r"a\.png: .*3600000000 pixels"),
    case("image_folder", "PostScript called .png",
         lambda at: data.image_folder(pictures(at, a=b"%!PS-Adobe-3.0\n%%BoundingBox: 0 0 8 8\n")),
         V, r"a\.png: holds no image of a known kind", "PNG"),
    # evaluation
    case("mode_coverage", "no mixture",
         lambda _: evaluation.mode_coverage(points(), data.swiss_roll()),
         T, "mixture is a SwissRoll", "GaussianMixture", "wasserstein_distance"),
    case("mode_coverage", "another dimension",
         lambda _: evaluation.mode_coverage(points(8, 3), data.ring()),
         V, "dimension 3", "mixture has 2", "it was trained on"),
    case("mode_coverage", "NaN",
         lambda _: evaluation.mode_coverage(points() * NAN, data.ring()),
         V, "16 NaN or infinite of 16", "no meaning", "diverged"),
    case("mode_coverage", "no samples",
         lambda _: evaluation.mode_coverage(points(0), data.ring()),
         V, "holds 0 samples", "at least 1"),
    case("mode_coverage", "modes that coincide",
         lambda _: evaluation.mode_coverage(points(), data.GaussianMixture([[0, 0], [0, 0]], 1)),
         V, "modes 0 and 1 are 0 apart", "cannot be told apart", "distinct means"),
    case("high_quality_ceiling", "dimension 0",
         lambda _: evaluation.high_quality_ceiling(0), V, "dim is 0", "integer >= 1"),
    case("class_histogram", "probabilities",
         lambda _: evaluation.class_histogram(torch.rand(8, 2), 2),
         V, r"\(8, 2\)", r"integers \(N,\)", "predict"),
    case("class_histogram", "a label too many",
         lambda _: evaluation.class_histogram([0, 5], 2), V, "0 to 5", "0 to 1"),
    case("class_histogram", "no classes",
         lambda _: evaluation.class_histogram(np.zeros(0, int), 0),
         V, "classes is 0", "integer >= 1"),
    case("wasserstein_distance", "unequal sizes",
         lambda _: evaluation.wasserstein_distance(points(8), points(4)),
         V, "x has 8 samples and y has 4", "equal", "subset of 4"),
    case("wasserstein_distance", "images",
         lambda _: evaluation.wasserstein_distance(UNIT, UNIT),
         V, r"\(40, 1, 8, 8\)", r"\(n, d\)", "flatten"),
    case("wasserstein_distance", "too many",
         lambda _: evaluation.wasserstein_distance(torch.zeros(5001, 2), torch.zeros(5001, 2)),
         V, "5001 samples", "limited to 5000", "subsets"),
    case("wasserstein_distance", "words",
         lambda _: evaluation.wasserstein_distance(["a"], ["b"]), T, "x has dtype", "real numbers"),
    case("noise_floor", "too small a set",
         lambda _: evaluation.noise_floor(evaluation.wasserstein_distance, points(8), 5),
         V, "holds 8 samples", "need 10", "lower n to at most 4"),
    case("noise_floor", "no metric",
         lambda _: evaluation.noise_floor(None, points(8), 2),
         T, "metric is None", "function", "wasserstein_distance"),
    case("frechet_distance", "one sample",
         lambda _: evaluation.frechet_distance(points(1), points(8)),
         V, "features_a holds 1 samples", "at least 2"),
    case("frechet_distance", "other features",
         lambda _: evaluation.frechet_distance(points(8), points(8, 3)),
         V, r"\(8, 2\).*\(8, 3\)", "must agree", "same kind"),
    case("precision_recall", "k as large as the set",
         lambda _: evaluation.precision_recall(points(3), points(8), k=3),
         V, "real_features holds 3 samples", "at least 4"),
    case("bootstrap_interval", "a run that diverged",
         lambda _: evaluation.bootstrap_interval([1.0, NAN]),
         V, "1 NaN or infinite of 2", "no meaning", "drop those rows"),
    case("bootstrap_interval", "one seed",
         lambda _: evaluation.bootstrap_interval([1.0]), V, r"shape \(1,\)", "n >= 2", "each seed"),
    case("bootstrap_interval", "level a word",
         lambda _: evaluation.bootstrap_interval([1.0, 2.0], level="95 %"),
         V, "level is '95 %'", r"from 0\.001 to 0\.999"),
    case("paired_p_value", "unequal lengths",
         lambda _: evaluation.paired_p_value([1.0, 2.0], [1.0, 2.0, 3.0]),
         V, "a has 2 values and b has 3", "each seed", "same order"),
    case("nearest_images", "k too large",
         lambda _: evaluation.nearest_images(UNIT, UNIT, k=41), V, "k is 41", "at most 40"),
    case("nearest_images", "a single image",
         lambda _: evaluation.nearest_images(UNIT[0, 0, 0], UNIT),
         V, r"\(8,\)", r"\(N, C, H, W\)", r"x\[None\]"),
    case("memorisation", "held out and trained on",
         lambda _: evaluation.memorisation(UNIT[:4], UNIT, UNIT[:8]),
         V, "in the training set", "hold them out", "split"),
    case("Classifier", "another size",
         lambda _: classifier().predict(torch.zeros(4, 1, 9, 9)),
         V, r"\(4, 1, 9, 9\)", r"takes \(N, 1, 8, 8\)", "reshape"),
    case("Classifier", "out of range",
         lambda _: classifier().features(UNIT * 127), V, r"must lie in \[-1, 1\]", "Rescale"),
    case("Classifier", "batch of 0",
         lambda _: classifier().features(UNIT, batch_size=0), V, "batch_size is 0", "integer >= 1"),
    case("digit_classifier", "no steps",
         lambda _: evaluation.digit_classifier(steps=0), V, "steps is 0", "integer >= 1"),
    case("train_classifier", "a tensor",
         lambda _: evaluation.train_classifier(UNIT),
         T, "source is a Tensor", "ImageData", r"data\.digits\(\)"),
    case("train_classifier", "no labels",
         lambda _: evaluation.train_classifier(data.ImageData(UNIT)), V, "no labels", "give some"),
    case("train_classifier", "a class of 4",
         lambda _: evaluation.train_classifier(data.ImageData(UNIT[:8], LABELS[:8])),
         V, r"\[4, 4\]", "at least 5", "add images"),
    case("train_classifier", "a path for a name",
         lambda _: evaluation.train_classifier(data.ImageData(UNIT, LABELS), cache_name="../x"),
         V, r"cache_name is '\.\./x'", "without folders", "my-digits"),
]  # fmt: skip


def other_optimiser(at: Path) -> None:
    file, critic = saved(at), MLPDiscriminator((2,), (8,))
    load(file, discriminator=critic, discriminator_optimizer=RMSprop(critic.parameters()))


def cut_history(at: Path, last: int) -> None:
    history().save(at / "run.csv")
    History.load(written(at / "cut.csv", (at / "run.csv").read_bytes()[:-last]))


@pytest.mark.parametrize("bad", CASES, ids=lambda c: f"{c.covers}: {c.what}")
def test_bad_input_is_refused_with_value_rule_and_repair(bad, tmp_path):
    torch.manual_seed(0)
    with pytest.raises(bad.error) as caught:
        bad.call(tmp_path)
    message = str(caught.value)
    missing = [words for words in bad.words if not re.search(words, message, re.DOTALL)]
    assert not missing, message


# Which names the table need not cover, and why.
NOT_COVERED = {
    "a formula that notebooks write out; `train` checks what it is given and returns": {
        "least_squares_discriminator_loss", "least_squares_generator_loss",
        "minimax_discriminator_loss", "minimax_generator_loss", "non_saturating_generator_loss",
        "hinge_discriminator_loss", "hinge_generator_loss", "relativistic_discriminator_loss",
        "relativistic_generator_loss",
        "wasserstein_discriminator_loss", "wasserstein_generator_loss",
    },
    "one line of the two steps, which reads tensors that are there": {
        "backward", "detached", "grad_norm", "unpack",
    },
    "takes no argument; what it reads from the environment is tested in test_runtime": {
        "budget", "cache_dir", "versions",
    },
    "takes no argument; what it reads from disk is tested in test_image_data": {
        "animals", "digits", "mnist",
    },
    "a few lines that notebook 09 writes out, word for word": {
        "Augmented", "LabelledDiscriminator", "LabelledGenerator", "ProjectionDiscriminator",
        "adapted", "augment", "brighten", "cut_out", "translate",
    },
    "a few lines that notebook 10 writes out, and the layer that calls them": {
        "StyledConv", "modulated_conv",
    },
    "a value that functions return": {
        "Interval", "Memorisation", "ModeCoverage", "NearestImages", "PrecisionRecall", "Record",
        "DiscriminatorStep", "GeneratorStep",
    },
    "a value without rules of its own; `Objective` checks what it is given": {
        "Equations", "Recipe", "Score",
    },
    "an error, and an interface without code": {"NonFiniteLossError", "Distribution"},
}  # fmt: skip


def test_every_public_callable_of_the_core_is_in_the_table_or_has_a_reason():
    public = {
        name
        for module in (gan_helpers, data, evaluation, networks)
        for name in module.__all__
        if callable(getattr(module, name))
    }
    public -= {name for name in public if isinstance(getattr(gan_helpers, name, None), Objective)}
    excused = set().union(*NOT_COVERED.values())
    covered = {bad.covers for bad in CASES}
    assert len(CASES) >= 60
    assert covered | excused == public
    assert not covered & excused


def test_a_folder_with_bombs_is_read_without_them_and_without_their_memory(tmp_path):
    bombs = {f"bomb{i}": png(side, side) for i, side in enumerate((9_000, 11_000, 30_000, 60_000))}
    folder = pictures(tmp_path, **bombs)
    Image.new("L", (9, 9), 255).save(folder / "good.png")
    tracemalloc.start()
    with pytest.warns(UserWarning, match="4 of 5 images could not be read") as seen:
        loaded = data.image_folder(folder, 8, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(seen) == 1  # Pillow's own warning of a large picture would be a second one
    assert len(loaded) == 1
    assert [line.split(":")[0] for line in loaded.skipped] == [f"bomb{i}.png" for i in range(4)]
    assert all("pixels" in line for line in loaded.skipped)
    assert peak < 5_000_000


def test_pillows_own_limit_is_not_relied_on(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    folder = pictures(tmp_path, bomb=png(60_000, 60_000))
    with pytest.raises(ValueError, match="60000 x 60000 pixels; at most 64,000,000 are read"):
        data.image_folder(folder, 8, 1)


def test_a_checkpoint_that_runs_code_is_refused_and_runs_nothing(tmp_path):
    class Payload:
        def __reduce__(self):
            return Path.touch, (tmp_path / "it ran",)

    contents = io.BytesIO()
    torch.save({"format": Payload()}, contents)
    whole = contents.getvalue() + hashlib.sha256(contents.getvalue()).digest()
    with pytest.raises(ValueError, match="cannot be read as a checkpoint"):
        load(tmp_path / "gan.pt", whole)
    assert [file.name for file in tmp_path.iterdir()] == ["gan.pt"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"step": -1}, "its step is -1"),
        ({"step": 2.5}, "its step is 2.5"),
        ({"random": torch.zeros(3, dtype=torch.uint8)}, "RNG state"),
        ({"format": "gan_helpers checkpoint 1"}, "this version's"),
        ({"latent_dim": 3}, "its latent_dim is 3"),
        ({"generator": {}}, "Missing key"),
        ({"moments": torch.zeros(1, 8)}, r"generator_optimizer holds exp_avg of shape \(1, 8\)"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_checkpoint_that_was_changed_by_hand_is_refused_and_harms_nothing(
    change, words, tmp_path
):
    """Whoever changes a file may also give it a new checksum."""
    gan = make_gan()
    list(gan_helpers.train(gan, data.batches(data.ring(), 8), 2))
    gan_helpers.save(gan, tmp_path / "gan.pt")
    content = (tmp_path / "gan.pt").read_bytes()[:-32]
    state = torch.load(io.BytesIO(content), weights_only=True)
    if "moments" in change:
        state["generator_optimizer"]["state"][0]["exp_avg"] = change["moments"]
    else:
        state |= change
    contents = io.BytesIO()
    torch.save(state, contents)
    digest = hashlib.sha256(contents.getvalue()).digest()
    (tmp_path / "gan.pt").write_bytes(contents.getvalue() + digest)

    other = make_gan()
    list(gan_helpers.train(other, data.batches(data.ring(), 8), 3))
    before, random_state = copy.deepcopy(_state(other)), torch.get_rng_state()
    with pytest.raises(ValueError, match=words):
        gan_helpers.load(other, tmp_path / "gan.pt")
    assert other.step == 3
    assert torch.equal(random_state, torch.get_rng_state())
    assert str(before) == str(_state(other))

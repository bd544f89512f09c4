"""A run that is killed again and again; ``test_kill`` starts it in a process of its own.

The parent imports torch once and forks a child for each life of the run. A child announces every
moment in which it could be killed and waits for leave, so that a kill strikes exactly there, or
anywhere in what follows when leave is given first. Nothing here waits for a clock.

    python -m tests.killed_run FOLDER KILLS      writes FOLDER/report.json
"""

from __future__ import annotations

import io
import json
import os
import random
import signal
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import torch
from torch.optim import Adam

from gan_helpers import GAN, WGAN_GP, History, data, load, runtime, save, set_seed, train
from gan_helpers.networks import MLPDiscriminator, MLPGenerator

STEPS, EVERY = 300, 5
LONGEST_LIFE = 36  # moments; the next checkpoint is about 15 away


def make_gan() -> GAN:
    set_seed(0)
    g, d = MLPGenerator(2, (2,), (16,)), MLPDiscriminator((2,), (16,))
    adam = [Adam(net.parameters(), lr=1e-3, betas=(0.5, 0.9)) for net in (g, d)]
    return GAN(g, d, replace(WGAN_GP, n_critic=2), *adam, latent_dim=2)


def run(folder: Path, moment) -> None:
    """Train from the last checkpoint, or from the start, to ``STEPS``; save every few steps.

    The history is written first: cut back to the checkpoint's step it is always complete.
    """
    gan, history = make_gan(), History()
    if (folder / "gan.pt").exists():
        load(gan, folder / "gan.pt")
        history = History.load(folder / "history.csv")
        history.rewind(gan.step)
    moment(f"from {gan.step} {len(history)}")
    batches = data.batches(data.ring(), 32)
    for record in history.record(train(gan, batches, STEPS - gan.step)):
        moment("step")
        if record.step % EVERY == 0:
            history.save(folder / "history.csv")
            moment("between the files")
            save(gan, folder / "gan.pt")
            moment(f"saved {record.step}")


def instrument(moment) -> None:
    """Announce also the moments within the writing of a file."""

    class Announced(io.FileIO):
        def write(self, content: bytes) -> int:
            moment("write")
            return super().write(content)

    def opened(path: Path, mode: str) -> io.BufferedWriter:
        return io.BufferedWriter(Announced(path, mode), 8192)

    def announced(name: str):
        function = getattr(os, name)

        def call(*args):
            moment(name)
            return function(*args)

        return call

    runtime.open = opened
    os.fsync, os.replace = announced("fsync"), announced("replace")


class Child:
    """One life of the run."""

    def __init__(self, folder: Path) -> None:
        from_child, to_parent = os.pipe()
        from_parent, to_child = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(from_child)
            os.close(to_child)
            self._live(folder, to_parent, from_parent)
        os.close(to_parent)
        os.close(from_parent)
        self.moments, self.leave = os.fdopen(from_child), to_child

    @staticmethod
    def _live(folder: Path, tell: int, leave: int) -> None:
        def moment(name: str) -> None:
            os.write(tell, f"{name}\n".encode())
            if not os.read(leave, 1):
                os._exit(3)  # the parent is gone

        code = 1
        try:
            instrument(moment)
            run(folder, moment)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def next(self) -> str:
        return self.moments.readline().strip()

    def go_on(self) -> None:
        os.write(self.leave, b".")

    def end(self) -> int:
        self.moments.close()
        os.close(self.leave)
        _, status = os.waitpid(self.pid, 0)
        return status


def one_life(folder: Path, moments: int | None, at_once: bool) -> dict:
    """Let a child live for a number of moments, then kill it, before or after leave to go on."""
    child, seen = Child(folder), []
    while name := child.next():
        seen.append(name)
        if moments is not None and len(seen) > moments:
            if not at_once:
                child.go_on()
            os.kill(child.pid, signal.SIGKILL)
            break
        child.go_on()
    status = child.end()
    saved = [int(name.split()[1]) for name in seen if name.startswith("saved")]
    return {
        "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "started": [int(number) for number in seen[0].split()[1:]] if seen else None,
        "saved": saved,
        "struck": seen[-1].split()[0] if seen else "",
        "at once": at_once,
    }


def main(folder: Path, kills: int) -> None:
    torch.set_num_threads(1)  # a fork takes no other thread along
    list(train(make_gan(), data.batches(data.ring(), 8), 1))  # torch imports more when it is used
    for name in ("whole", "killed"):
        (folder / name).mkdir()
    draws = random.Random(0)
    undisturbed = one_life(folder / "whole", None, False)
    lives = [
        one_life(folder / "killed", draws.randrange(LONGEST_LIFE), draws.random() < 0.5)
        for _ in range(kills)
    ]
    last = one_life(folder / "killed", None, False)
    report = {"undisturbed": undisturbed, "lives": lives, "last": last}
    (folder / "report.json").write_text(json.dumps(report))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

"""JupyterLab as ``make lab`` starts it: controls answer sooner, and the first start asks nothing.

    python -m tools.lab [options of jupyter lab]

The folder ``jupyter`` beside this file is what it adds to Jupyter's configuration; what a student
has configured stays. There it says not to ask about news and not to look for updates, and switches
on the server extension in this file, which does two things.

The server leaves Nagle's algorithm on for its websockets: it holds a small message back until the
one before it has been acknowledged, and the browser takes its time with that. A control and its
picture are small messages, so the extension sets TCP_NODELAY on each connection to a kernel. It
reaches into the server for that: if another version is made differently, it says so in one line,
and the server is as it comes.

JupyterLab runs no script of a notebook that it does not trust, so the shipped notebooks' replays
would be dead until their cells are run. The extension signs those that are as they were shipped.

Every kernel of this server has ``GOMP_SPINCOUNT`` in its environment, unless it was set before.
libgomp's threads spin while they wait, and two notebooks that train side by side would take the
processors from each other: on two cores .9 updates a second, and 22 with 1000 rounds of spinning.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import wraps
from logging import Logger
from pathlib import Path
from runpy import run_module
from typing import Any

import nbformat

from tools.policy import source_digest

CONFIG = Path(__file__).with_name("jupyter")
ROOT = Path(__file__).resolve().parent.parent


def variables() -> dict[str, str]:
    """Return what a server, and so its kernels, need in the environment; a spin count set stays."""
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    return {
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, (str(CONFIG), others))),
        "GOMP_SPINCOUNT": os.environ.get("GOMP_SPINCOUNT", "1000"),
    }


def send_at_once(handler: type, log: Logger) -> None:
    """Let every websocket that ``handler`` opens from now on send its messages without delay.

    Args:
        handler: a subclass of tornado's ``WebSocketHandler``; its ``open`` is wrapped.
        log: told where a connection does not allow it; that connection works as before.

    Raises:
        AttributeError: it has no ``open``.
    """
    inner = handler.open  # type: ignore[attr-defined]

    @wraps(inner)
    def opened(self: Any, *args: Any, **more: Any) -> Any:
        try:
            self.set_nodelay(True)
        except Exception as error:
            _slower(log, error)
        return inner(self, *args, **more)  # a coroutine where the server has made it one

    handler.open = opened  # type: ignore[attr-defined]


def shipped(root: Path) -> list[Path]:
    """List the notebooks that are as they were shipped.

    Args:
        root: the repository.

    Returns:
        With git, those that are committed and unchanged since. Without it, those that hold the
        digest that rendering gave their code.
    """
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    if not (root / ".git").exists() or shutil.which("git") is None:
        return [path for path in notebooks if _as_rendered(path)]
    committed = _git(root, "ls-tree", "-z", "--name-only", "HEAD", "notebooks/")
    changed = _git(root, "diff", "-z", "--name-only", "--no-ext-diff", "HEAD", "--", "notebooks")
    return [path for path in notebooks if path.relative_to(root).as_posix() in committed - changed]


def _git(root: Path, *command: str) -> set[str]:
    done = subprocess.run(
        ["git", "-C", str(root), *command], capture_output=True, text=True, check=True, timeout=10
    )
    return set(done.stdout.split("\0"))


def _as_rendered(path: Path) -> bool:
    notebook = nbformat.read(path, as_version=4)
    rendered = notebook.metadata.get("gan_helpers", {}).get("rendered", {})
    return bool(rendered.get("source") == source_digest(notebook))


def sign(notary: Any, root: Path = ROOT) -> None:
    """Let Jupyter trust the notebooks that are as they were shipped.

    Args:
        notary: nbformat's ``NotebookNotary``, which holds what its user trusts.
        root: the repository.
    """
    for path in shipped(root):
        notary.sign(nbformat.read(path, as_version=4))


def _slower(log: Logger, error: Exception) -> None:
    log.warning("Controls answer some milliseconds later than they could: %r", error)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    try:
        from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

        send_at_once(KernelWebsocketHandler, server.log)
    except Exception as error:
        _slower(server.log, error)
    try:
        sign(server.contents_manager.notary)
    except Exception as error:
        server.log.warning("Replays play only after their cell has been run: %r", error)


def main() -> None:
    """Start JupyterLab; the command line's options are its own."""
    os.environ.update(variables())
    run_module("jupyterlab", run_name="__main__")


if __name__ == "__main__":
    main()

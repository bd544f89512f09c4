"""JupyterLab as ``make lab`` starts it: controls answer sooner, and the first start asks nothing.

    python -m tools.lab [options of jupyter lab]

The folder ``jupyter`` beside this file is what it adds to Jupyter's configuration; what a student
has configured stays. There it says not to ask about news and not to look for updates, and switches
on the server extension in this file. The server leaves Nagle's algorithm on for its websockets: it
holds a small message back until the one before it has been acknowledged, and the browser takes its
time with that. A control and its picture are small messages, so the extension sets TCP_NODELAY on
each connection to a kernel. It reaches into the server for that: if another version is made
differently, it says so in one line, and the server is as it comes.
"""

from __future__ import annotations

import os
from functools import wraps
from logging import Logger
from pathlib import Path
from runpy import run_module
from typing import Any

CONFIG = Path(__file__).with_name("jupyter")


def variables() -> dict[str, str]:
    """Return the environment that a server needs for this: Jupyter looks in one folder more."""
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    return {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, (str(CONFIG), others)))}


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
            _complain(log, error)
        return inner(self, *args, **more)  # a coroutine where the server has made it one

    handler.open = opened  # type: ignore[attr-defined]


def _complain(log: Logger, error: Exception) -> None:
    log.warning("Controls answer some milliseconds later than they could: %r", error)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    try:
        from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

        send_at_once(KernelWebsocketHandler, server.log)
    except Exception as error:
        _complain(server.log, error)


def main() -> None:
    """Start JupyterLab; the command line's options are its own."""
    os.environ.update(variables())
    run_module("jupyterlab", run_name="__main__")


if __name__ == "__main__":
    main()

"""A kernel that overlooks no request while it answers another."""

from __future__ import annotations

from typing import Any


def answer_through_stream() -> None:
    """Let this notebook's kernel send its replies through the stream that reads its requests.

    ipykernel 7.0 to 7.3 sends them on the stream's socket, past the stream, and so may swallow the
    signal that a request has come in: cells then wait for ever while the kernel is idle. It hits
    quick cells in a row, such as "Run All Cells" for the second time, and widgets. In any other
    kernel, and outside one, nothing is changed.

    Source: ipython/ipykernel, issue 1554; pull request 1529 does the same.
    """
    from IPython import get_ipython

    kernel: Any = getattr(get_ipython(), "kernel", None)
    stream: Any = getattr(kernel, "shell_stream", None)
    manager: Any = getattr(getattr(kernel, "shell_channel_thread", None), "manager", None)
    if stream is not None and getattr(manager, "_shell_socket", None) is stream.socket:
        manager._shell_socket = stream  # both are used in the kernel's shell channel thread alone

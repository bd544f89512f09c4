"""A kernel that has shown a picture answers every request, however quickly they come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from queue import Empty

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

REQUESTS, UNDERWAY = 1500, 6
SOON = 10  # seconds
PATIENCE = 60  # seconds for a kernel to start, or to answer
SHOW = "from gan_helpers.plotting import png_bundle; shown = png_bundle(b'', '')"


@pytest.fixture
def client() -> Iterator[BlockingKernelClient]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(PATIENCE)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def shown(client: BlockingKernelClient) -> str:
    """Show a picture; return the status of that. Until then the kernel may overlook a request,
    and the next one wakes it."""
    asked, until = client.execute(SHOW), time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            reply = client.get_shell_msg(timeout=SOON)
        except Empty:
            client.kernel_info()
            continue
        if reply["parent_header"]["msg_id"] == asked:
            return reply["content"]["status"]
    return "no answer"


def test_no_request_is_overlooked_while_another_is_answered(client):
    assert shown(client) == "ok"
    for sent in range(REQUESTS + UNDERWAY):
        if sent < REQUESTS:
            client.execute("pass", silent=True)
        if sent >= UNDERWAY:  # raises Empty where the kernel has fallen silent
            assert client.get_shell_msg(timeout=PATIENCE)["content"]["status"] == "ok"

"""A kernel that has shown a live control answers every request, however quickly they come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

REQUESTS, UNDERWAY = 1500, 6
PATIENCE = 60  # seconds for a kernel to start, or to answer
SHOW = "from gan_helpers.widgets.still import bundle, screen; shown = bundle(screen(1), b'', '', 1)"


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


def test_no_request_is_overlooked_while_another_is_answered(client):
    done = client.execute_interactive(SHOW, timeout=PATIENCE)
    assert done["content"]["status"] == "ok"
    for sent in range(REQUESTS + UNDERWAY):
        if sent < REQUESTS:
            client.execute("pass", silent=True)
        if sent >= UNDERWAY:  # raises queue.Empty where the kernel has fallen silent
            assert client.get_shell_msg(timeout=PATIENCE)["content"]["status"] == "ok"

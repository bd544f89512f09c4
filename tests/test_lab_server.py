"""The server that ``make lab`` starts: what its sockets are set to, and that nothing breaks it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tools.lab import send_at_once

ROOT = Path(__file__).resolve().parent.parent
SECRET = {"Authorization": "token secret"}
SOON = 10  # seconds for a kernel that has come up to answer
PATIENCE = 120  # seconds for a server that does not come up, on a busy machine
# An extension that tells TCP_NODELAY of every open websocket, and may first break something.
# It is loaded before tools.lab: extensions are loaded by name.
OBSERVER = """
import gc, os, socket
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels import websocket
from tornado.websocket import WebSocketHandler

class Observed(JupyterHandler):
    def get(self):
        found = [each for each in gc.get_objects() if isinstance(each, WebSocketHandler)]
        streams = [each.ws_connection.stream for each in found if each.ws_connection]
        option = socket.IPPROTO_TCP, socket.TCP_NODELAY
        self.finish({"nodelay": [stream.socket.getsockopt(*option) for stream in streams]})

def _jupyter_server_extension_points():
    return [{"module": "observer"}]

def _load_jupyter_server_extension(server):
    server.web_app.add_handlers(".*", [("/observed", Observed)])
    if os.environ["BREAK"]:
        del websocket.KernelWebsocketHandler
"""


def command_of_make():
    """Return what ``make lab`` runs, by a dry run, with the interpreter of these tests."""
    dry = ["make", "-n", "lab", "PORT=0", f"PYTHON={sys.executable}"]
    said = subprocess.run(dry, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    (line,) = re.findall(r"^exec (.*)$", said.replace("\\\n", " "), re.MULTILINE)
    return [sys.executable, *shlex.split(line)[1:]]


@contextmanager
def server(home, command, broken=""):
    """Start a server with the observer; yield its address and the lines of its log, as they come.

    What it says is read in a thread; at the end, all of it is there.
    """
    (home / "observer.py").write_text(OBSERVER)
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {**os.environ, **{name: str(home / name) for name in folders}, "BREAK": broken}
    environment["PYTHONPATH"] = f"{home}{os.pathsep}{ROOT}"
    options = [
        "--ServerApp.jpserver_extensions=observer=True", "--IdentityProvider.token=secret",
        "--no-browser", "--allow-root",
    ]  # fmt: skip
    with subprocess.Popen(
        [*command, *options], env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        log, address = [], []
        up = threading.Event()

        def read():
            for line in process.stderr:
                log.append(line)
                address.extend(re.findall(r"(http://127\.0\.0\.1:\d+)/", line)[:1])
                if address:
                    up.set()
            up.set()

        reader = threading.Thread(target=read)
        reader.start()
        try:
            assert up.wait(PATIENCE), log
            assert address, log
            answer(f"{address[0]}/api")
            yield address[0], log
        finally:
            process.terminate()
            process.wait(PATIENCE)
            reader.join(PATIENCE)


def answer(url):
    """Ask until somebody listens: the server names its address a moment before it does."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return ask(url)
        except OSError:
            assert time.monotonic() < until, f"nobody listens at {url}"


def ask(url, method="GET"):
    with urllib.request.urlopen(
        urllib.request.Request(url, headers=SECRET, method=method), timeout=PATIENCE
    ) as answer:
        return json.load(answer)


async def observed(address):
    """Start a kernel, hear from it over its websocket, and ask how the server's end is set."""
    kernel = ask(f"{address}/api/kernels", "POST")["id"]
    url = f"{address}/api/kernels/{kernel}/channels?session_id=1".replace("http", "ws")
    socket = await websocket_connect(HTTPRequest(url, headers=SECRET))
    header = {
        "msg_id": "1", "username": "", "session": "1", "version": "5.3",
        "msg_type": "kernel_info_request",
    }  # fmt: skip
    question = {"header": header, "parent_header": {}, "metadata": {}, "content": {}}
    question |= {"channel": "shell", "buffers": []}
    until = time.monotonic() + PATIENCE
    while not await replied(socket, json.dumps(question)):
        assert time.monotonic() < until, "the kernel does not answer"
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(None, ask, f"{address}/observed")
    socket.close()
    while await socket.read_message() is not None:  # until the other end has closed it as well
        pass
    return found["nodelay"]


async def replied(socket, question):
    """Ask, and tell whether an answer came soon: a new kernel may overlook it, ipykernel 1554."""
    await socket.write_message(question)
    try:
        async with asyncio.timeout(SOON):
            while json.loads(await socket.read_message())["msg_type"] != "kernel_info_reply":
                pass
    except TimeoutError:
        return False
    return True


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@needs_make
def test_make_lab_sends_small_messages_to_a_kernels_page_at_once(tmp_path):
    with server(tmp_path, command_of_make()) as (address, log):
        assert asyncio.run(observed(address)) == [1]
    assert "Traceback" not in "".join(log)


@pytest.mark.slow
def test_a_server_as_it_comes_holds_them_back(tmp_path):
    """If this fails, the server has learned it, and tools/lab.py need not do it any more."""
    command = [sys.executable, "-m", "jupyterlab", "--ServerApp.port=0"]
    with server(tmp_path, command) as (address, _):
        assert asyncio.run(observed(address)) == [0]


def test_a_server_that_is_made_differently_says_so_in_one_line_and_works(tmp_path):
    command = [sys.executable, "-m", "tools.lab", "--ServerApp.port=0"]
    with server(tmp_path, command, broken="yes") as (address, log):
        assert asyncio.run(observed(address)) == [0]
    (line,) = [line for line in log if "Controls answer" in line]
    assert "ImportError" in line
    assert "Traceback" not in "".join(log)


def test_a_connection_that_refuses_is_opened_all_the_same(caplog):
    class Handler:
        def set_nodelay(self, value):
            raise OSError("refused")

        async def open(self, kernel_id):
            return f"open: {kernel_id}"

    send_at_once(Handler, logging.getLogger("server"))
    assert asyncio.run(Handler().open("a kernel's")) == "open: a kernel's"
    assert [record.getMessage() for record in caplog.records] == [
        "Controls answer some milliseconds later than they could: OSError('refused')"
    ]

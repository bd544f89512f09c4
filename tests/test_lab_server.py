"""The server that ``make lab`` starts: its sockets, its kernels, whom it trusts, and its faults."""

from __future__ import annotations

import ast
import asyncio
import hashlib
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

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tools.lab import send_at_once, shipped, sign

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


SPIN_COUNT = "__import__('os').environ.get('GOMP_SPINCOUNT')"


async def observed(address):
    """Start a kernel; return how the server's end of its websocket is set, and its spin count."""
    kernel = ask(f"{address}/api/kernels", "POST")["id"]
    url = f"{address}/api/kernels/{kernel}/channels?session_id=1".replace("http", "ws")
    socket = await websocket_connect(HTTPRequest(url, headers=SECRET))
    header = {
        "msg_id": "1", "username": "", "session": "1", "version": "5.3",
        "msg_type": "execute_request",
    }  # fmt: skip
    content = {"code": "", "silent": True, "user_expressions": {"spin count": SPIN_COUNT}}
    question = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    question |= {"channel": "shell", "buffers": []}
    until = time.monotonic() + PATIENCE
    while (reply := await replied(socket, json.dumps(question))) is None:
        assert time.monotonic() < until, "the kernel does not answer"
    spin_count = reply["content"]["user_expressions"]["spin count"]["data"]["text/plain"]
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(None, ask, f"{address}/observed")
    socket.close()
    while await socket.read_message() is not None:  # until the other end has closed it as well
        pass
    return found["nodelay"], ast.literal_eval(spin_count)


async def replied(socket, question):
    """Ask, and return an answer that came soon: a new kernel may overlook it, ipykernel 1554."""
    await socket.write_message(question)
    try:
        async with asyncio.timeout(SOON):
            while True:
                message = json.loads(await socket.read_message())
                if message["msg_type"] == "execute_reply":
                    return message
    except TimeoutError:
        return None


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@needs_make
def test_make_lab_sends_at_once_lets_threads_give_way_and_trusts_what_was_shipped(
    tmp_path, monkeypatch
):
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    with server(tmp_path, command_of_make()) as (address, log):
        assert asyncio.run(observed(address)) == ([1], "1000")
        seen = {path: trusted(address, path) for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert len(seen) == 13
    assert {path for path, each in seen.items() if each} == set(shipped(ROOT)) != set()
    assert not any("Traceback" in line or "Replays" in line for line in log)


def trusted(address, path):
    """Ask the server, as JupyterLab does, for a notebook; tell whether its scripts may run."""
    found = ask(f"{address}/api/contents/{path.relative_to(ROOT).as_posix()}")["content"]
    cells = [each for each in found["cells"] if each["cell_type"] == "code"]
    return all(each["metadata"]["trusted"] for each in cells)


@pytest.mark.slow
def test_a_server_as_it_comes_holds_them_back(tmp_path, monkeypatch):
    """If this fails, the server has learned it, and tools/lab.py need not do it any more."""
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    command = [sys.executable, "-m", "jupyterlab", "--ServerApp.port=0"]
    with server(tmp_path, command) as (address, _):
        assert asyncio.run(observed(address)) == ([0], None)


def test_a_server_that_is_made_differently_says_so_in_one_line_and_works(tmp_path, monkeypatch):
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")  # and what a user has set stays
    command = [sys.executable, "-m", "tools.lab", "--ServerApp.port=0"]
    with server(tmp_path, command, broken="yes") as (address, log):
        assert asyncio.run(observed(address)) == ([0], "7")
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


# Which notebooks are trusted ------------------------------------------------------------------


def notebook(code="1 + 1", output="<script></script>", digest_of="1 + 1"):
    """Make a notebook whose one output holds a script, as rendering stores it."""
    show = nbformat.v4.new_output("display_data", {"text/html": output})
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code, outputs=[show])])
    digest = hashlib.sha256(digest_of.encode()).hexdigest()
    made.metadata["gan_helpers"] = {"rendered": {"source": digest}}
    return made


@pytest.fixture
def repository(tmp_path):
    """Return a folder with a notebook as it was shipped, and functions to write and to commit."""
    (tmp_path / "notebooks").mkdir()
    write(tmp_path, "shipped", notebook())
    return tmp_path


def write(root, name, made):
    nbformat.write(made, root / "notebooks" / f"{name}.ipynb")


def git(root, *command):
    settings = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *settings, *command], check=True, capture_output=True)


def trusted_after_signing(root):
    """Sign, and name the notebooks that a notary trusts which reads the same data base."""
    sign(NotebookNotary(data_dir=str(root)), root)
    notary = NotebookNotary(data_dir=str(root))
    found = {path.stem: nbformat.read(path, 4) for path in (root / "notebooks").glob("*.ipynb")}
    return {name for name, made in found.items() if notary.check_signature(made)}


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_with_git_what_is_committed_and_unchanged_is_trusted(repository):
    for name in ("with another output", "staged with another output"):
        write(repository, name, notebook(output="harmless"))
    git(repository, "init")
    git(repository, "add", "notebooks")
    git(repository, "commit", "-m", "first")
    for name in ("with another output", "staged with another output", "staged", "dropped in"):
        write(repository, name, notebook(output="<script>harm()</script>"))
    git(repository, "add", "notebooks/staged with another output.ipynb", "notebooks/staged.ipynb")
    assert trusted_after_signing(repository) == {"shipped"}


@pytest.mark.parametrize("there_is_git", [True, False])
def test_without_git_what_has_the_digest_of_its_rendering_is_trusted(
    repository, monkeypatch, there_is_git
):
    if not there_is_git:
        (repository / ".git").mkdir()
        monkeypatch.setenv("PATH", "")
    write(repository, "with other code", notebook(code="harm()"))
    write(repository, "somebody's", nbformat.v4.new_notebook(cells=notebook().cells))
    assert trusted_after_signing(repository) == {"shipped"}


def test_signing_takes_less_than_a_second(tmp_path):
    notary = NotebookNotary(data_dir=str(tmp_path))
    start = time.process_time()  # the time of a busy machine is not this program's
    sign(notary)
    assert time.process_time() - start < 1

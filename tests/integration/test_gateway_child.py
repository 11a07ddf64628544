"""The child that serves HTTP: kept alive on the same socket, and ended with the server."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import psutil
import pytest

from clipshot.core.errors import PreconditionError
from clipshot.gateway.http_socket import HttpSocket
from clipshot.gateway.supervisor import GatewaySupervisor

CHILD = """#!{python}
import socket, sys, threading
fd = int(sys.argv[sys.argv.index("--listen-fd") + 1])
listener = socket.socket(fileno=fd)
print("ready", flush=True)

def answer():
    while True:
        connection, _ = listener.accept()
        connection.sendall(b"hello")
        connection.close()

threading.Thread(target=answer, daemon=True).start()
sys.stdin.read()
"""


class Changes:
    """What the supervisor tells."""

    def __init__(self) -> None:
        self.told: list[bool] = []

    async def __call__(self, up: bool, detail: str) -> None:
        self.told.append(up)


def child(folder: Path, text: str = CHILD) -> Path:
    script = folder / "gateway"
    script.write_text(text.format(python=sys.executable))
    script.chmod(0o700)
    return script


def supervisor(binary: Path, listener: HttpSocket, changes: Changes) -> GatewaySupervisor:
    return GatewaySupervisor(binary, listener, "unix:/nowhere", cors_origins=(), hosts=(), on_change=changes)


def ask(listener: HttpSocket) -> bytes:
    host, _, port = listener.address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        return connection.recv(5)


@pytest.fixture
def listener() -> HttpSocket:
    return HttpSocket.bind("127.0.0.1", 0)


async def test_a_killed_child_is_back_on_the_same_address(tmp_path: Path, listener: HttpSocket) -> None:
    changes = Changes()
    gateway = supervisor(child(tmp_path), listener, changes)
    assert await gateway.start()
    first = gateway.pid
    assert first is not None
    assert await asyncio.to_thread(ask, listener) == b"hello"
    os.kill(first, signal.SIGKILL)
    while psutil.pid_exists(first):  # one that is being killed may still take a connection with it
        await asyncio.sleep(0.001)
    # The connection waits in the queue of the socket, which the server keeps, until the next child takes it.
    assert await asyncio.to_thread(ask, listener) == b"hello"
    assert gateway.pid != first
    await gateway.stop()
    assert changes.told[:1] == [False]
    assert gateway.pid is None


OBEDIENT = CHILD.replace("sys.stdin.read()", "for line in sys.stdin: print('ok', flush=True)")


async def test_origins_are_told_to_the_running_child(tmp_path: Path, listener: HttpSocket) -> None:
    changes = Changes()
    gateway = supervisor(child(tmp_path, OBEDIENT), listener, changes)
    assert await gateway.start()
    first = gateway.pid
    await gateway.allow(cors_origins=["http://a"], hosts=["b.lan"])
    assert (gateway.pid, changes.told) == (first, [])
    await gateway.stop()


async def test_one_that_does_not_obey_is_started_again_on_the_same_socket(
    tmp_path: Path, listener: HttpSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clipshot.gateway.supervisor.ORDER_TIMEOUT", 0.2)
    changes = Changes()
    gateway = supervisor(child(tmp_path), listener, changes)
    assert await gateway.start()
    first = gateway.pid
    await gateway.allow(cors_origins=["http://a"], hosts=["b.lan"])
    while changes.told != [False, True]:
        await asyncio.sleep(0.01)
    assert gateway.pid not in (None, first)
    command = psutil.Process(gateway.pid).cmdline()
    assert command[command.index("--cors") + 1] == "http://a", "the next one starts with them"
    await gateway.stop()


async def test_one_that_never_gets_ready_is_no_gateway(
    tmp_path: Path, listener: HttpSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clipshot.gateway.supervisor.READY_TIMEOUT", 0.5)
    gateway = supervisor(child(tmp_path, "#!{python}\nimport time\ntime.sleep(60)\n"), listener, Changes())
    assert not await gateway.start()
    assert not gateway.up
    await gateway.stop()


async def test_one_that_cannot_start_is_tried_again(tmp_path: Path, listener: HttpSocket) -> None:
    changes = Changes()
    binary = tmp_path / "gateway"
    gateway = supervisor(binary, listener, changes)
    starting = asyncio.create_task(gateway.start())
    while not changes.told:
        await asyncio.sleep(0.01)
    child(tmp_path)
    assert await starting
    assert gateway.up
    await gateway.stop()


def test_an_address_in_use_is_refused(listener: HttpSocket) -> None:
    host, _, port = listener.address.rpartition(":")
    with pytest.raises(PreconditionError) as refused:
        HttpSocket.bind(host, int(port))
    assert refused.value.reason == "ADDRESS_IN_USE"
    assert "--port" in refused.value.remedy

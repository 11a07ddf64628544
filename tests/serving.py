"""A real server for tests: its own process, its own data directory, free ports."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT = 30.0
DESKTOP = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
"""What a server would find the tester's own desktop by."""
CLIPSHOT = (sys.executable, "-m", "clipshot.cli.main")


def clean_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The caller's environment without what would steer a server, plus ``extra``.

    Nothing is heard unless ``extra`` says what: tests are not to record what the user listens to.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CLIPSHOT_") and k not in DESKTOP}
    path = os.pathsep.join(p for p in (str(ROOT / "server"), kept.get("PYTHONPATH", "")) if p)
    return kept | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "CLIPSHOT_AUDIO_INPUTS": ""} | (extra or {})


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class RunningServer:
    """A server that runs, and what is needed to call it."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    run: dict[str, Any]
    log: Path
    _channels: list[grpc.Channel] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Its API key."""
        return (self.data_dir / "api-key").read_text().strip()

    @property
    def rest(self) -> str:
        """Address of its REST face, without a slash at the end."""
        return str(self.run["rest"]).rstrip("/")

    @property
    def metadata(self) -> list[tuple[str, str]]:
        """What a gRPC call needs."""
        return [("x-api-key", self.key)]

    def channel(self) -> grpc.Channel:
        """A gRPC channel over TCP; closed with the server."""
        channel = grpc.insecure_channel(self.run["grpc"])
        self._channels.append(channel)
        return channel

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        key: bool = True,
        timeout: float = 30,
    ) -> Answer:
        """One HTTP call; 4xx and 5xx are answers too."""
        sent = dict(headers or {})
        if key:
            sent.setdefault("X-API-Key", self.key)
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        url = path if path.startswith("http") else self.rest + path
        request = urllib.request.Request(url, data=data, headers=sent, method=method)
        try:
            with urllib.request.build_opener(NoRedirect).open(request, timeout=timeout) as answer:
                return Answer(answer.status, lower(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, lower(error.headers), error.read())

    def stop(self, timeout: float = 15) -> int:
        """SIGTERM and wait; the exit code."""
        for channel in self._channels:
            channel.close()
        self._channels.clear()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def kill(self) -> None:
        """kill -9 of the server alone."""
        self.process.kill()
        self.process.wait()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are answers to look at, not to follow."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""
        return None


def lower(headers: Any) -> dict[str, str]:
    """Header names in lower case."""
    return {k.lower(): v for k, v in headers.items()}


def start_server(
    data_dir: Path, *arguments: str, env: dict[str, str] | None = None, program: Sequence[str] = CLIPSHOT
) -> RunningServer:
    """Start ``clipshot serve`` on free ports and wait until it says that it is ready.

    ``program`` is what understands ``serve`` in its place; it keeps its process id.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / "test-server.log"
    run_file = data_dir / "run.json"
    command = [*program, "serve", "--data-dir", str(data_dir)]
    command += ["--port", "0", "--grpc-port", "0", *arguments]
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=clean_environment(env)
        )
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}:\n{log.read_text()[-4000:]}")
        with contextlib.suppress(OSError, ValueError):
            run = json.loads(run_file.read_text())
            if run.get("pid") == process.pid:
                return RunningServer(process, data_dir, run, log)
        time.sleep(0.02)
    process.kill()
    raise RuntimeError(f"the server is not ready after {START_TIMEOUT} s:\n{log.read_text()[-4000:]}")


@contextlib.contextmanager
def serving(
    data_dir: Path, *arguments: str, env: dict[str, str] | None = None, program: Sequence[str] = CLIPSHOT
) -> Iterator[RunningServer]:
    """A server for the length of a with block; it must end cleanly."""
    server = start_server(data_dir, *arguments, env=env, program=program)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()

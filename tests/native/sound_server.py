"""A private sound server with outputs that nobody hears, and what plays on them."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

FLASH = Path(__file__).parents[2] / "build" / "bin" / "clipshot-flash"
PATIENCE = 10.0


@dataclass
class SoundServer:
    """PulseAudio with the null sinks ``speakers`` (the default) and ``headphones``; ``mic`` hears what ``voice`` plays."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"unix:{self.folder}/socket"

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        environment = {**os.environ, "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
        environment.pop("PULSE_SERVER", None)
        command = [
            "pulseaudio",
            "-n",
            "--daemonize=no",
            "--use-pid-file=no",
            "--exit-idle-time=-1",
            "--log-level=error",
        ]
        for module in (
            f"module-native-protocol-unix socket={self.folder}/socket auth-anonymous=1",
            "module-null-sink sink_name=speakers",
            "module-null-sink sink_name=headphones",
            "module-null-sink sink_name=voice",
            "module-remap-source source_name=mic master=voice.monitor",
        ):
            command += ["-L", module]
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while self.run("info", check=False) is None:
            assert self.process.poll() is None, "PulseAudio ended"
            assert time.monotonic() < deadline, "PulseAudio does not answer"
            time.sleep(0.05)
        self.run("set-default-sink", "speakers")
        self.run("set-default-source", "mic")

    def stop(self) -> None:
        """Kills the server."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def run(self, *arguments: str, check: bool = True) -> str | None:
        """``pactl`` with these arguments; None where it fails and that is allowed."""
        done = subprocess.run(
            ["pactl", "--server", self.address, *arguments], capture_output=True, text=True, timeout=PATIENCE
        )
        if done.returncode != 0:
            assert not check, done.stderr
            return None
        return done.stdout.strip()


@dataclass
class Player:
    """A running ``clipshot-flash``."""

    process: subprocess.Popen[bytes]
    output: IO[str]
    seconds: dict[int, dict[str, int]] = field(default_factory=dict)

    def finish(self) -> dict[int, dict[str, int]]:
        """Ends it; when what was painted and heard at each whole second, CLOCK_MONOTONIC ns."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.output.seek(0)
        for line in self.output:
            report: dict[str, Any] = json.loads(line)
            self.seconds.setdefault(report.pop("second"), {}).update(report)
        return self.seconds


@contextlib.contextmanager
def sound_server() -> Iterator[SoundServer]:
    """A server of its own in a temporary folder."""
    if shutil.which("pulseaudio") is None or shutil.which("pactl") is None:
        pytest.skip("PulseAudio is not installed")
    with tempfile.TemporaryDirectory(prefix="clipshot-sound-") as folder:
        server = SoundServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def playing(server: SoundServer, *options: str) -> Iterator[Player]:
    """``clipshot-flash`` on the server: a beep at each whole second, or a tone with ``--continuous``."""
    if not FLASH.exists():
        pytest.skip(f"{FLASH} is not built; run: make build/bin/clipshot-flash")
    command = [str(FLASH), "--server", server.address, *options]
    # A pipe that nobody reads would stop it after some minutes.
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output)
        try:
            yield Player(process, output)
        finally:
            process.kill()
            process.wait()

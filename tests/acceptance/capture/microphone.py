"""A microphone with a clock of its own."""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.native.sound_server import SoundServer
from tests.native.tone import BEEP_SECONDS, RATE

STEP_SECONDS = 0.002
PIPE_BYTES = 1 << 20


class DriftingMicrophone:
    """Hears a beep of 1 kHz at each whole second of CLOCK_MONOTONIC, ``ppm`` faster than 48 000 samples a second."""

    def __init__(self, pipe: Path, ppm: float) -> None:
        self._rate = RATE * (1 + ppm * 1e-6)
        self._pipe = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        os.close(self._pipe)

    def _run(self) -> None:
        start = time.monotonic()
        written = 0
        while not self._stop.wait(STEP_SECONDS):
            until = int((time.monotonic() - start) * self._rate)
            times = start + np.arange(written, until) / self._rate
            since = times - np.floor(times)
            wave = np.where(since < BEEP_SECONDS, 0.5 * np.cos(2 * np.pi * 1000 * since), 0.0)
            with contextlib.suppress(BlockingIOError):
                os.write(self._pipe, np.repeat(wave.astype("<f4"), 2).tobytes())
            written = until


@contextlib.contextmanager
def drifting_microphone(server: SoundServer, ppm: float) -> Iterator[str]:
    """The device id of such a microphone on the server."""
    pipe = server.folder / "microphone"
    options = f"source_name=drifting file={pipe} format=float32le rate={RATE} channels=2"
    server.run("load-module", "module-pipe-source", *options.split())
    microphone = DriftingMicrophone(pipe, ppm)
    try:
        yield "input:drifting"
    finally:
        microphone.close()

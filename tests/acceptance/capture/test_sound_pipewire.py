"""The same sound from PipeWire, through its PulseAudio interface."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import clipshot_native as native
from tests.acceptance.main.report import Report
from tests.native import tone
from tests.native.sound_server import PATIENCE, SoundServer, playing

PROGRAMS = ("pipewire", "pipewire-pulse", "wireplumber", "dbus-run-session", "pactl")
SECONDS = 15.0
SETTLED_SECONDS = 3
OFFSET_MS = 15.0


class PipeWire(SoundServer):
    """PipeWire with a session manager on a message bus of its own."""

    @property
    def address(self) -> str:
        return f"unix:{self.folder}/pulse/native"

    def start(self) -> None:
        environment = {**os.environ, "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
        for name in ("DISPLAY", "PULSE_SERVER", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            environment.pop(name, None)
        programs = "pipewire & sleep 1; wireplumber & exec pipewire-pulse"
        self.process = subprocess.Popen(
            ["dbus-run-session", "--", "sh", "-c", programs],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + PATIENCE
        while self.run("load-module", "module-null-sink", "sink_name=speakers", check=False) is None:
            assert time.monotonic() < deadline, "PipeWire does not answer"
            time.sleep(0.2)
        self.run("set-default-sink", "speakers")

    def stop(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextlib.contextmanager
def pipewire() -> Iterator[PipeWire]:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    with tempfile.TemporaryDirectory(prefix="clipshot-pipewire-", ignore_cleanup_errors=True) as folder:
        server = PipeWire(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


async def test_sound_from_pipewire_is_in_time(tmp_path: Path) -> None:
    inputs = [native.AudioInput("default-output"), native.AudioInput("application:clipshot-flash")]
    with pipewire() as server, playing(server) as player:
        session = await native.Session.start(
            source_id="test:clock:320x240@10",
            video=native.VideoConfig(fps=10),
            audio=native.AudioConfig(inputs, server=server.address),
        )
        try:
            await session.start_recording(str(tmp_path / "recording.mp4"))
            await asyncio.sleep(SECONDS)
            tracks = session.audio_tracks()
            await session.stop_recording()
        finally:
            await session.stop()
        truth = player.finish()
    whole = await native.recover_recording(str(tmp_path / "recording.mp4"), str(tmp_path / "whole.mp4")).result()
    begin = session.start_monotonic_ns + whole.first_pts_ticks * 1e9 / native.TIMESCALE

    report = Report(f"{SECONDS:.0f} s of beeps from PipeWire")
    for track, sound in zip(tracks, tone.read(tmp_path / "whole.mp4"), strict=True):
        times = [begin + beep * 1e9 for beep in sound.beeps()]
        known = [(at, truth.get(round(at / 1e9), {}).get("heard_ns")) for at in times]
        late = [(at - told) / 1e6 for at, told in known if told is not None][SETTLED_SECONDS:]
        assert len(late) >= 5, track.label
        figures = f"{np.mean(late):.2f}, {np.std(late):.2f}"
        report.line(f"{track.label}: sound against the clock, {len(late)} beeps", figures, "ms (mean, deviation)")
        assert abs(np.mean(late)) < OFFSET_MS, late
    report.load()

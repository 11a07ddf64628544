"""How well sound and picture are in time: ten minutes of flashes and beeps, and a microphone whose clock drifts."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import clipshot_native as native
from tests.acceptance.capture.microphone import drifting_microphone
from tests.acceptance.main.display import virtual_display
from tests.acceptance.main.duration import run_seconds
from tests.acceptance.main.report import Report
from tests.native import tone
from tests.native.sound_server import playing, sound_server

LENGTHS, DRIFT_LENGTHS = 10, 2  # of the usual minute
REPLAY_SECONDS = 60.0
OFFSET_MS, SPREAD_MS, DRIFT_MS = 15.0, 5.0, 20.0
WHITE = 128
UNSURE_NS = 3_000_000
DRIFT_PPM = 300.0
SETTLED_SECONDS = 5


@dataclass(frozen=True)
class Sync:
    """What one track of one file shows. Milliseconds; above 0 the sound is late."""

    offsets: dict[int, float]

    @property
    def mean(self) -> float:
        return float(np.mean(list(self.offsets.values())))

    @property
    def spread(self) -> float:
        """Between the 5th and the 95th of a hundred."""
        low, high = np.percentile(list(self.offsets.values()), [5, 95])
        return float(high - low)

    @property
    def drift(self) -> float:
        """From the first to the last second, by the straight line through all."""
        seconds = list(self.offsets)
        slope, _ = np.polyfit(seconds, list(self.offsets.values()), 1)
        return float(slope * (seconds[-1] - seconds[0]))


def flashes(path: Path, begin_ns: float) -> dict[int, float]:
    """By second of CLOCK_MONOTONIC: when the picture turned white in a file whose time 0 is ``begin_ns``."""
    found: dict[int, float] = {}
    white = True  # a file may begin in the middle of a flash
    with av.open(str(path)) as container:
        frames: Iterator[Any] = container.decode(video=0)
        for frame in frames:
            plane = frame.planes[0]
            luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
            before, white = white, bool(luma[frame.height // 2, frame.width // 2] > WHITE)
            if white and not before:
                at = begin_ns + float(frame.pts * frame.time_base) * 1e9
                found[round(at / 1e9)] = at
    return found


def beeps(sound: tone.Sound, begin_ns: float) -> dict[int, float]:
    """The same for the beeps of a track."""
    times = [begin_ns + beep * 1e9 for beep in sound.beeps()]
    return {round(at / 1e9): at for at in times}


def is_known(times: dict[str, int]) -> bool:
    """Whether both the flash and the beep of a second are known well enough to measure by."""
    if not {"painting_ns", "painted_ns", "heard_ns"} <= times.keys():
        return False
    return times["painted_ns"] - times["painting_ns"] < UNSURE_NS


def show(name: str, path: Path, begin_ns: float, truth: dict[int, dict[str, int]]) -> list[str]:
    """Prints the figures of a file; what is beyond the limits."""
    failures: list[str] = []
    report = Report(f"{name}: {path.stat().st_size / 1e6:.1f} MB")
    pictures = flashes(path, begin_ns)
    known = {second: times for second, times in truth.items() if is_known(times)}
    report.line(
        "seconds left out: the painter does not know when it painted", len(truth) - len(known), f"of {len(truth)}"
    )
    late = [(pictures[second] - known[second]["painted_ns"]) / 1e6 for second in pictures.keys() & known.keys()]
    report.line(
        f"picture against the clock, {len(late)} flashes",
        f"{np.mean(late):.2f}, {np.std(late):.2f}",
        "ms (mean, deviation)",
    )
    for sound in tone.read(path)[:2]:
        heard = beeps(sound, begin_ns)
        common = sorted(pictures.keys() & heard.keys() & known.keys())
        offsets = {}
        for second in common:
            apart = known[second]["heard_ns"] - known[second]["painted_ns"]
            offsets[second] = (heard[second] - pictures[second] - apart) / 1e6
        if len(offsets) < 3:
            failures.append(f"{name}, {sound.title}: only {len(offsets)} seconds with flash and beep")
            continue
        alone = [(heard[second] - known[second]["heard_ns"]) / 1e6 for second in common]
        sync = Sync(offsets)
        report.line(
            f"{sound.title}: sound against the clock",
            f"{np.mean(alone):.2f}, {np.std(alone):.2f}",
            "ms (mean, deviation)",
        )
        for what, value, limit in (
            ("offset to the picture", sync.mean, OFFSET_MS),
            ("spread", sync.spread, SPREAD_MS),
            ("drift over the run", sync.drift, DRIFT_MS),
        ):
            report.line(
                f"{sound.title}: {what}, {len(offsets)} seconds", round(value, 3), "ms", limit=f"+-{limit:.0f} ms"
            )
            if abs(value) > limit:
                failures.append(f"{name}, {sound.title}: {what} {value:.2f} ms")
    report.load()
    return failures


@pytest.mark.timeout(1700)
async def test_sound_and_picture_stay_together(tmp_path: Path) -> None:
    seconds = LENGTHS * run_seconds()
    with (
        virtual_display(1280, 720) as display,
        sound_server() as server,
        playing(server, "--display", display.name) as player,
    ):
        source = native.list_sources("x11", display.name)[0]
        session = await native.Session.start(
            source_id=source.source_id,
            video=native.VideoConfig(fps=60),
            display=display.name,
            draw_cursor=False,
            audio=native.AudioConfig(
                [native.AudioInput("default-output"), native.AudioInput("default-input")], server=server.address
            ),
        )
        try:
            session.start_ring(str(tmp_path / "ring"), REPLAY_SECONDS, 0)
            await session.start_recording(str(tmp_path / "recording.mp4"))
            await asyncio.sleep(seconds)
            tracks = session.audio_tracks()
            pin = await session.pin(str(tmp_path / "pin"), REPLAY_SECONDS, b"")
            replay = await pin.save(str(tmp_path / "replay.mp4")).result()
            await session.stop_recording()
        finally:
            await session.stop()
        truth = player.finish()
    recording = await native.recover_recording(str(tmp_path / "recording.mp4"), str(tmp_path / "whole.mp4")).result()

    report = Report(f"{seconds:.0f} s of flashes and beeps at 720p60")
    for track in tracks:
        report.line(
            f"{track.label}: drift and latency that the session saw",
            f"{track.drift_ppm:.1f} ppm, {track.latency_ms:.1f} ms",
        )
    report.line("the pin waited for picture and sound", pin.waited_ms, "ms")
    begin = session.start_monotonic_ns
    failures = show(
        "recording", tmp_path / "whole.mp4", begin + recording.first_pts_ticks * 1e9 / native.TIMESCALE, truth
    )
    failures += show("replay", tmp_path / "replay.mp4", begin + replay.first_pts_ticks * 1e9 / native.TIMESCALE, truth)
    assert not failures, failures


async def test_a_microphone_that_drifts_stays_in_time(tmp_path: Path) -> None:
    seconds = DRIFT_LENGTHS * run_seconds()
    with sound_server() as server, drifting_microphone(server, DRIFT_PPM) as device_id:
        session = await native.Session.start(
            source_id="test:clock:320x240@10",
            video=native.VideoConfig(fps=10),
            audio=native.AudioConfig([native.AudioInput(device_id)], server=server.address),
        )
        try:
            await session.start_recording(str(tmp_path / "recording.mp4"))
            await asyncio.sleep(seconds)
            (track,) = session.audio_tracks()
            await session.stop_recording()
        finally:
            await session.stop()
    whole = await native.recover_recording(str(tmp_path / "recording.mp4"), str(tmp_path / "whole.mp4")).result()
    (sound,) = tone.read(tmp_path / "whole.mp4")
    heard = beeps(sound, session.start_monotonic_ns + whole.first_pts_ticks * 1e9 / native.TIMESCALE)
    late = [(at - second * 1e9) / 1e6 for second, at in sorted(heard.items())][SETTLED_SECONDS:]
    sync = Sync(dict(enumerate(late)))

    report = Report(f"{seconds:.0f} s of a microphone that is {DRIFT_PPM:.0f} ppm too fast")
    report.line("drift that the session saw", track.drift_ppm, "ppm")
    report.line("drift without correction would be", DRIFT_PPM * seconds / 1000, "ms")
    figures = (("offset", sync.mean, OFFSET_MS), ("spread", sync.spread, SPREAD_MS), ("drift", sync.drift, SPREAD_MS))
    for what, value, limit in figures:
        report.line(f"{what}, {len(late)} beeps", round(value, 3), "ms", limit=f"+-{limit:.0f} ms")
    report.load()
    assert len(late) > seconds / 2
    assert all(abs(value) <= limit for _, value, limit in figures), figures

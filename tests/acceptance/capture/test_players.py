"""A saved replay in the players that people have: the first picture is the asked one, the last the one of the call, and
the sound is where it belongs."""

import asyncio
import shutil
from pathlib import Path

import pytest

import clipshot_native as native
from tests.acceptance.capture import firefox
from tests.acceptance.capture.players import PLAYERS, Played, pyav
from tests.acceptance.main.display import virtual_display
from tests.acceptance.main.picture import painting
from tests.acceptance.main.report import Report
from tests.native.sound_server import playing, sound_server

SECONDS = 4.3
SOUND_MS = 15.0
BROWSER_MS = 25.0
"""Firefox decodes with the decoder's own priming, up to an AAC packet of 21 ms."""


async def save(folder: Path) -> Path:
    """A CLEAN replay with beeps, of a screen that changes thirty times a second, beginning between two keyframes."""
    with (
        virtual_display(640, 360) as display,
        sound_server() as server,
        playing(server),
        painting(display, 30, folder),
    ):
        source = native.list_sources("x11", display.name)[0]
        session = await native.Session.start(
            source_id=source.source_id,
            display=display.name,
            video=native.VideoConfig(fps=30),
            draw_cursor=False,
            audio=native.AudioConfig([native.AudioInput("default-output")], server=server.address),
        )
        try:
            session.start_ring(str(folder / "ring"), 30.0, 0)
            while session.ring_status().filled_ticks < 8 * native.TIMESCALE:
                await asyncio.sleep(0.1)
            for attempt in range(3):
                await asyncio.sleep(0.37)
                pin = await session.pin(str(folder / f"pin{attempt}"), SECONDS, b"")
                result = await pin.save(str(folder / f"replay{attempt}.mp4"), "clean").result()
                assert not result.fallback_reason
                if result.head_frames > 0:
                    return Path(result.path)
        finally:
            await session.stop()
    raise AssertionError("each began at a keyframe by chance")


def beeps_apart(one: Played, other: Played) -> float:
    """How far the beeps lie apart, at most, in milliseconds; infinite where one has more of them."""
    pairs = (
        [min(other.beeps, key=lambda at, beep=beep: abs(at - beep)) - beep for beep in one.beeps] if other.beeps else []
    )
    return max((abs(apart) * 1000 for apart in pairs), default=float("inf"))


@pytest.mark.timeout(900)
async def test_every_player_shows_the_same(tmp_path: Path) -> None:
    file = await save(tmp_path)
    truth = pyav(file, tmp_path)
    report = Report(f"a clean replay of {SECONDS} s in players: pictures {truth.first} to {truth.last}")
    failures: list[str] = []

    def judge(name: str, played: Played, limit: float, remark: str = "") -> None:
        apart = beeps_apart(truth, played)
        report.line(
            name,
            f"first {played.first - truth.first:+d}, last {played.last - truth.last:+d}, sound {apart:.1f} ms{remark}",
            limit=f"0, 0, {limit:.0f} ms",
        )
        if (played.first, played.last) != (truth.first, truth.last) or apart > limit:
            failures.append(f"{name}: {played} against {truth}")

    for name, (program, play) in PLAYERS.items():
        if shutil.which(program) is None:
            report.note(f"{name}: {program} is not installed")
            failures.append(f"{name} is not installed")
            continue
        folder = tmp_path / program
        folder.mkdir()
        judge(name, await asyncio.to_thread(play, file, folder), SOUND_MS)
    if shutil.which(firefox.PROGRAM) is None:
        failures.append("Firefox is not installed")
    else:
        folder = tmp_path / "firefox"
        folder.mkdir()
        played, again = await firefox.look(file, folder)
        judge("Firefox ESR", played, BROWSER_MS, f", after a seek back {again - truth.first:+d}")
        assert again == truth.first
    assert not failures, failures

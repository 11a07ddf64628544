"""Real screens: moving ones, still ones, and one that goes away."""

import asyncio
from pathlib import Path

import pytest

import clipshot_native as native
from tests.native import counter
from tests.native.conftest import StartSession
from tests.native.display import painting, xvfb
from tests.native.waiting import notice, until

SECOND = native.TIMESCALE


@pytest.mark.parametrize(("width", "height", "fps"), [(640, 360, 60), (1280, 720, 30), (961, 541, 30)])
async def test_what_is_painted_is_recorded(
    start_session: StartSession, tmp_path: Path, width: int, height: int, fps: int
) -> None:
    video = native.VideoConfig(fps=fps, preset="ultrafast")
    with xvfb(width, height) as display, painting(display, "--fps", str(fps)) as painter:
        session = await start_session("x11:screen", video=video, display=display.name)
        await until(lambda: session.stats().encoded >= 10, "the painter moves")
        await session.start_recording(str(tmp_path / "a.mp4"))
        await until(lambda: session.stats().recording_ticks >= 3 * SECOND, "the recording grows")
        await session.stop_recording()
        report = painter.finish()
    assert (session.width, session.height) == (width & ~1, height & ~1)
    counters = [picture.counter for picture in counter.read(tmp_path / "a.mp4")]
    assert len(counters) >= fps
    dropped = session.stats().dropped
    assert counter.missing(counters) <= dropped["late"] + dropped["queue"] + report["early"]


async def test_a_still_screen_makes_a_picture_a_second(start_session: StartSession, tmp_path: Path) -> None:
    with xvfb(320, 240) as display, painting(display, "--mode", "still"):
        session = await start_session("x11:screen", display=display.name, draw_cursor=False)
        session.start_ring(str(tmp_path / "ring"), 10.0, 0)
        await until(lambda: session.ring_status().filled_ticks >= 3 * SECOND, "time goes on")
        stats = session.stats()
        assert stats.keepalive >= 2
        assert stats.captured <= 10


async def test_the_pointer_can_be_shown_and_hidden_in_mid_run(start_session: StartSession) -> None:
    with xvfb(320, 240) as display:
        session = await start_session("x11:screen", display=display.name, draw_cursor=False)
        await until(lambda: session.stats().encoded >= 1, "the first picture")
        without = await session.preview_jpeg(320)
        for on in (True, False):
            session.set_draw_cursor(on)
            for _ in range(1000):
                await asyncio.sleep(0.01)
                if (await session.preview_jpeg(320) == without) != on:
                    break
            assert (await session.preview_jpeg(320) == without) != on


async def test_a_display_that_goes_away(start_session: StartSession, tmp_path: Path) -> None:
    with xvfb(320, 240) as display, painting(display, "--fps", "60"):
        session = await start_session("x11:screen", display=display.name)
        await until(lambda: session.stats().encoded >= 10, "the painter moves")
        session.start_ring(str(tmp_path / "ring"), 10.0, 0)
        await session.start_recording(str(tmp_path / "a.mp4"))
        await until(lambda: session.stats().recording_ticks >= SECOND // 2, "the recording grows")
        display.server.kill()
        kinds = [one.kind for one in await notice(session, "ended")]
    assert kinds == ["source_lost", "ended"]
    assert not session.alive
    await session.stop_recording()
    recorded = counter.read(tmp_path / "a.mp4")
    assert len(recorded) >= 10
    pin = await session.pin(str(tmp_path / "pin"), 5.0, b"")
    await pin.save(str(tmp_path / "clip.mp4"), "keyframe").result()
    assert counter.read(tmp_path / "clip.mp4")[-1].counter == recorded[-1].counter, "both have the last picture"

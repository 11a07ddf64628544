"""Windows and regions of a screen."""

import asyncio
from pathlib import Path

import av
import numpy as np

import clipshot_native as native
from tests.native import counter
from tests.native.conftest import StartSession
from tests.native.display import painting, xvfb
from tests.native.test_push import pixels
from tests.native.waiting import notice, until
from tests.native.xlib import Desktop

SECOND = native.TIMESCALE
MOVES = 20


async def painted_window(desktop: Desktop) -> int:
    """The painter's window."""
    await until(lambda: len(desktop.windows()) == 1, "the painter has a window")
    return desktop.windows()[0]


async def test_a_window_is_recorded_while_it_moves_and_is_covered(start_session: StartSession, tmp_path: Path) -> None:
    with xvfb(640, 480) as display, painting(display, "--size", "320x240") as painter:
        desktop = Desktop(display.name)
        window = await painted_window(desktop)
        session = await start_session(f"x11:window:{window:#x}", display=display.name, draw_cursor=False)
        assert (session.width, session.height) == (320, 240)
        await until(lambda: session.stats().encoded >= 10, "the painter moves")
        await session.start_recording(str(tmp_path / "a.mp4"))
        for step in range(MOVES):
            desktop.configure(window, 10 * step, 8 * step, 320, 240)
            await asyncio.sleep(0.03)
        desktop.open(200, 200, 400, 200, 0xFFFFFF)
        grown = session.stats().recording_ticks
        await until(lambda: session.stats().recording_ticks >= grown + SECOND, "the recording grows")
        await session.stop_recording()
        report = painter.finish()
    counters = [picture.counter for picture in counter.read(tmp_path / "a.mp4")]
    assert counters == sorted(counters)
    # The server reports a move as damage, whether or not the window is painted as well.
    shown = sorted(set(counters))
    assert len(counters) - len(shown) <= MOVES
    dropped = session.stats().dropped
    assert counter.missing(shown) <= dropped["late"] + dropped["queue"] + report["early"] + MOVES
    assert len(shown) >= 60


async def test_a_window_that_resizes_is_scaled_and_one_that_closes_ends(
    start_session: StartSession, tmp_path: Path
) -> None:
    with xvfb(640, 480) as display:
        desktop = Desktop(display.name)
        window = desktop.open(20, 20, 320, 240, 0x2040E0, "A game")
        (listed,) = [info for info in native.list_sources("x11", display.name) if info.kind == "window"]
        assert (listed.source_id, listed.title) == (f"x11:window:{window:#x}", "A game")
        assert (listed.x, listed.y, listed.width, listed.height) == (20, 20, 320, 240)
        session = await start_session(listed.source_id, display=display.name, draw_cursor=False)
        await session.start_recording(str(tmp_path / "a.mp4"))
        for width, height, bar in [(320, 120, (160, 10)), (100, 240, (10, 120)), (640, 480, None), (320, 240, None)]:
            desktop.configure(window, 0, 0, width, height)
            resized = await notice(session, "source_resized")
            assert resized[-1].detail == f"{width}x{height}"
            await until_shown(session, bar)
        desktop.close(window)
        kinds = [one.kind for one in await notice(session, "ended")]
        assert kinds == ["source_lost", "ended"]
    with av.open(str(tmp_path / "a.mp4")) as container:
        sizes = {(frame.width, frame.height) for frame in container.decode(video=0)}
    assert sizes == {(320, 240)}


async def until_shown(session: native.Session, bar: tuple[int, int] | None) -> None:
    """The window's colour is in the middle, and there is black at this place, or nowhere."""
    async with asyncio.timeout(20):
        while True:
            shown = pixels(await session.screenshot("png")).astype(int)
            blue = np.abs(shown - [0x20, 0x40, 0xE0]).max(axis=2) < 12
            black = shown.max(axis=2) < 8
            if blue[120, 160] and (blue.all() if bar is None else black[bar[1], bar[0]]):
                return


async def test_a_region_shows_its_part_of_the_screen(start_session: StartSession, tmp_path: Path) -> None:
    with xvfb(640, 480) as display, painting(display, "--size", "320x240") as painter:
        desktop = Desktop(display.name)
        desktop.configure(await painted_window(desktop), 100, 50, 320, 240)
        session = await start_session("x11:region:100,50,320x240", display=display.name)
        await until(lambda: session.stats().encoded >= 10, "the painter moves")
        await session.start_recording(str(tmp_path / "a.mp4"))
        await until(lambda: session.stats().recording_ticks >= SECOND, "the recording grows")
        await session.stop_recording()
        report = painter.finish()
        clipped = await native.take_screenshot("x11:region:600,460,320x240", "png", display=display.name)
        assert (clipped.width, clipped.height) == (40, 20)
    counters = [picture.counter for picture in counter.read(tmp_path / "a.mp4")]
    dropped = session.stats().dropped
    assert counter.missing(counters) <= dropped["late"] + dropped["queue"] + report["early"]

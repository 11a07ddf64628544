"""What a session tells of its pictures, and changes of the rate control while it runs."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

import clipshot_native as native
from tests.native import counter
from tests.native.conftest import StartSession
from tests.native.display import painting, xvfb
from tests.native.waiting import until


async def test_a_black_and_still_screen_is_told(start_session: StartSession) -> None:
    with xvfb(640, 360) as display:
        session = await start_session("x11:screen", display=display.name)
        await until(lambda: session.stats().keepalive >= 1, "nothing moves")
        stats = session.stats()
        assert (stats.luma_mean, stats.luma_max, stats.encoder) == (0.0, 0, "libx264")
        still_since = stats.last_change_ticks
        await until(lambda: session.stats().keepalive >= stats.keepalive + 1, "another keep-alive")
        assert session.stats().last_change_ticks == still_since
        with painting(display, "--fps", "30"):
            await until(lambda: session.stats().luma_max > 200, "something bright")
            stats = session.stats()
            assert 0 < stats.luma_mean < 255
            assert stats.last_change_ticks > still_since
            assert stats.last_pts_ticks - stats.last_change_ticks < 90_000


async def test_the_load_is_a_part_of_the_time(start_session: StartSession) -> None:
    session = await start_session("test:clock:640x360@1", video=native.VideoConfig(fps=60, preset="ultrafast"))
    await until(lambda: session.stats().encoded >= 3, "the session runs")
    idle = session.stats().encoder_load
    busy = await start_session("test:clock:1280x720@60", video=native.VideoConfig(fps=60, preset="superfast"))
    await until(lambda: busy.stats().encoded >= 60, "the session runs")
    assert 0 < idle < busy.stats().encoder_load <= 1


async def test_a_rate_changes_without_a_break(start_session: StartSession, tmp_path: Path) -> None:
    video = native.VideoConfig(
        fps=30, preset="ultrafast", rate_control="crf", crf=5, max_bitrate_kbps=8000, keyframe_seconds=10
    )
    session = await start_session("test:clock:1280x720@30", video=video)
    init = session.subscribe().init_segment()
    await until(lambda: session.stats().encoded >= 2, "the first keyframe is over")
    await session.start_recording(str(tmp_path / "a.mp4"))

    async def kbps(seconds: float) -> float:
        """Of the next pictures, by their number."""
        before = session.stats()
        await until(lambda: session.stats().encoded >= before.encoded + 30 * seconds, "the session runs")
        after = session.stats()
        bits = (after.bytes_encoded - before.bytes_encoded) * 8
        return bits / (after.last_pts_ticks - before.last_pts_ticks) * 90

    await kbps(0.5)
    fine = await kbps(1)
    session.set_rate_control("crf", 5, 0, 500)
    await kbps(2)
    coarse = await kbps(1)
    await session.stop_recording()
    assert fine > 1000
    assert coarse < 600
    assert session.subscribe().init_segment() == init
    shown = counter.read(tmp_path / "a.mp4")
    assert all(a.counter < b.counter for a, b in pairwise(shown))
    with av.open(str(tmp_path / "a.mp4")) as container:
        keyframes = [packet.is_keyframe for packet in container.demux(video=0) if packet.size]
    assert keyframes == [True] + [False] * (len(keyframes) - 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rate_control": "cbr", "bitrate_kbps": 1000}, "rate_control"),
        ({"crf": 52}, "crf"),
        ({"max_bitrate_kbps": 0}, "max_bitrate_kbps"),
        ({"max_bitrate_kbps": 1}, "max_bitrate_kbps"),
        ({"rate_control": "vbx"}, "rate_control"),
    ],
)
async def test_what_cannot_change_is_named(start_session: StartSession, change: dict[str, Any], field: str) -> None:
    session = await start_session()
    with pytest.raises(native.NativeError) as caught:
        session.set_rate_control(**change)
    assert (caught.value.reason, caught.value.field) == ("INVALID_CONFIG", field)
    session.set_rate_control("crf", 30, max_bitrate_kbps=10_000)
    await session.stop()
    with pytest.raises(native.NativeError) as caught:
        session.set_rate_control()
    assert caught.value.reason == "CLOSED"

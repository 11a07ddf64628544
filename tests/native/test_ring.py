"""Buffering, holding and saving."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

import clipshot_native as native
from tests.native import counter
from tests.native.conftest import StartSession
from tests.native.waiting import until

SECOND = native.TIMESCALE


async def buffered(session: native.Session, folder: Path, ticks: int, seconds: float = 60.0) -> None:
    session.start_ring(str(folder), seconds, 0)
    await until(lambda: session.ring_status().filled_ticks >= ticks, "the ring fills")


@pytest.mark.parametrize("rule", ["keyframe", "clean"])
async def test_a_save_shows_what_was_asked_for(
    start_session: StartSession, tmp_path: Path, rule: native.SaveRule
) -> None:
    session = await start_session()
    await session.start_recording(str(tmp_path / "all.mp4"))
    await buffered(session, tmp_path / "ring", int(2.5 * SECOND))
    pin = await session.pin(str(tmp_path / "pin"), 1.3, b"for the next start")
    result = await pin.save(str(tmp_path / "clip.mp4"), rule).result()
    await session.stop_recording()

    everything = await native.recover_recording(str(tmp_path / "all.mp4"), str(tmp_path / "plain.mp4")).result()
    origin = everything.first_pts_ticks
    at = {picture.ticks + origin: picture.counter for picture in counter.read(tmp_path / "plain.mp4")}
    clip = counter.read(tmp_path / "clip.mp4")
    assert clip[0].ticks == 0
    shown = {picture.ticks + result.first_pts_ticks: picture.counter for picture in clip}
    assert all(at[ticks] == number for ticks, number in shown.items()), "each picture has its own time"
    assert len(shown) == result.frames
    assert result.end_pts_ticks == pin.end_ticks
    assert result.rule_used == rule
    assert result.fallback_reason == ""
    if rule == "clean":
        assert abs(result.first_pts_ticks - pin.start_ticks) < SECOND // 60
    else:
        assert result.head_frames == 0
        assert pin.start_ticks - int(1.1 * SECOND) < result.first_pts_ticks <= pin.start_ticks


async def test_a_save_ends_with_the_picture_of_the_call(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session("test:clock:320x240@2")
    await buffered(session, tmp_path / "ring", int(1.5 * SECOND))
    await asyncio.sleep(0.1)  # several slots after the last change
    before = session.stats().captured
    pin = await session.pin(str(tmp_path / "pin"), 5.0, b"")
    assert session.stats().captured > before, "a picture was taken although nothing moved"
    result = await pin.save(str(tmp_path / "clip.mp4"), "keyframe").result()
    assert result.end_pts_ticks == pin.end_ticks


async def test_the_ring_keeps_its_time_and_leaves_no_more(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session(video=native.VideoConfig(fps=60, preset="ultrafast", keyframe_seconds=0.25))
    await buffered(session, tmp_path / "ring", SECOND, seconds=1.0)
    await until(lambda: session.ring_status().oldest_ticks >= SECOND, "old segments go")
    status = session.ring_status()
    assert SECOND <= status.filled_ticks <= SECOND * 3 // 2
    assert status.segments == len(status.keyframes)
    assert status.capacity_seconds == 1.0
    assert status.keyframes[0] == status.oldest_ticks
    assert status.payload_bytes < status.bytes
    session.resize_ring(0.5, 0)
    await until(lambda: session.ring_status().filled_ticks <= SECOND, "a smaller ring")
    assert len(list((tmp_path / "ring").glob("*.m4s"))) <= session.ring_status().segments + 1


async def test_keyframes_come_by_time(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session("test:clock:320x240@5")
    await buffered(session, tmp_path / "ring", int(2.5 * SECOND))
    keyframes = session.ring_status().keyframes
    assert len(keyframes) >= 3
    assert all(later - earlier <= 1.3 * SECOND for earlier, later in pairwise(keyframes))


async def test_a_held_part_survives_the_ring(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await buffered(session, tmp_path / "ring", SECOND)
    pin = await session.pin(str(tmp_path / "pin"), 1.0, b"\x00what the server needs\xff")
    await session.stop_ring()
    assert not (tmp_path / "ring").exists()
    again = native.Pin.open(str(tmp_path / "pin"))
    assert again.request == pin.request == b"\x00what the server needs\xff"
    assert (again.start_ticks, again.end_ticks) == (pin.start_ticks, pin.end_ticks)
    result = await again.save(str(tmp_path / "clip.mp4")).result()
    assert len(counter.read(tmp_path / "clip.mp4")) == result.frames
    pin.release()
    assert not (tmp_path / "pin").exists()
    with pytest.raises(native.NativeError) as caught:
        pin.save(str(tmp_path / "other.mp4"))
    assert caught.value.reason == "CLOSED"


async def test_a_kept_ring_is_recovered_whole(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await buffered(session, tmp_path / "ring", SECOND)
    await session.stop()
    status = session.ring_status()
    await session.stop_ring(keep=True)
    pin = await native.recover_ring(str(tmp_path / "ring"))
    assert (pin.start_ticks, pin.end_ticks) == (status.oldest_ticks, status.newest_ticks)
    result = await pin.save(str(tmp_path / "clip.mp4"), "keyframe").result()
    assert (result.first_pts_ticks, result.end_pts_ticks) == (status.oldest_ticks, status.newest_ticks)
    pin.release()
    assert not (tmp_path / "ring").exists()


async def test_a_cancelled_save_leaves_nothing(start_session: StartSession, tmp_path: Path) -> None:
    video = native.VideoConfig(fps=60, preset="ultrafast", keyframe_seconds=10)
    session = await start_session("test:clock:1280x720", video=video)
    await buffered(session, tmp_path / "ring", 3 * SECOND)
    pin = await session.pin(str(tmp_path / "pin"), 2.5, b"")
    job = pin.save(str(tmp_path / "clip.mp4"), "clean")
    job.cancel()
    with pytest.raises(native.NativeError) as caught:
        await job.result()
    assert caught.value.reason == "CANCELLED"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("clip")] == []


async def test_saves_that_follow_each_other_share_no_moment(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await buffered(session, tmp_path / "ring", SECOND)
    results: list[native.SaveResult] = []
    since = session.ring_status().oldest_ticks
    for number in range(4):
        await until(lambda since=since: session.stats().last_pts_ticks > since + SECOND // 3, "time goes on")  # type: ignore[misc]
        pin = await session.pin(str(tmp_path / f"pin{number}"), 0.1, b"", since_ticks=since)
        assert pin.start_ticks == since
        results.append(await pin.save(str(tmp_path / f"{number}.mp4")).result())
        since = pin.end_ticks
    for before, after in pairwise(results):
        assert before.end_pts_ticks == after.first_pts_ticks
    shown = [picture.counter for result in results for picture in counter.read(result.path)]
    assert shown == sorted(shown)
    # Where no picture begins with the boundary, the one on the screen is in both.
    assert len(shown) - len(set(shown)) <= session.stats().dropped["late"]
    with pytest.raises(native.NativeError) as caught:
        await session.pin(str(tmp_path / "later"), 1.0, b"", since_ticks=since + 60 * SECOND)
    assert caught.value.reason == "RING_EMPTY"
    pin = await session.pin(str(tmp_path / "all"), 0.1, b"", since_ticks=-SECOND)
    assert pin.start_ticks == session.ring_status().oldest_ticks


async def test_what_is_forgotten_cannot_be_saved(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await buffered(session, tmp_path / "ring", 2 * SECOND)
    held = await session.pin(str(tmp_path / "held"), 1.0, b"")
    oldest = session.ring_status().oldest_ticks
    before = oldest + SECOND + SECOND // 2
    session.flush_ring(before)
    assert session.ring_status().oldest_ticks == before
    pin = await session.pin(str(tmp_path / "pin"), 60.0, b"", since_ticks=0)
    assert pin.start_ticks == before
    result = await pin.save(str(tmp_path / "rest.mp4")).result()
    assert result.first_pts_ticks == before
    now = session.stats().last_pts_ticks
    session.flush_ring()
    await until(lambda: session.ring_status().filled_ticks > SECOND // 2, "the ring begins anew")
    assert session.ring_status().oldest_ticks > now
    assert len(list((tmp_path / "ring").glob("*.m4s"))) <= session.ring_status().segments + 1
    pin = await session.pin(str(tmp_path / "new"), 60.0, b"", since_ticks=0)
    assert pin.start_ticks == session.ring_status().oldest_ticks
    await held.save(str(tmp_path / "held.mp4")).result()
    assert len(counter.read(tmp_path / "held.mp4")) >= 10


async def test_refusals(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    for refused in (session.ring_status, session.flush_ring, lambda: session.resize_ring(1.0, 0)):
        with pytest.raises(native.NativeError) as caught:
            refused()
        assert caught.value.reason == "RING_OFF"
    with pytest.raises(native.NativeError) as caught:
        await session.pin(str(tmp_path / "pin"), 1.0, b"")
    assert caught.value.reason == "RING_OFF"
    with pytest.raises(native.NativeError) as caught:
        session.start_ring(str(tmp_path / "ring"), -1.0, 0)
    assert (caught.value.reason, caught.value.field) == ("INVALID_CONFIG", "seconds")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").write_text("precious")
    with pytest.raises(native.NativeError) as caught:
        session.start_ring(str(tmp_path / "used"), 1.0, 0)
    assert caught.value.reason == "ALREADY_EXISTS"
    await buffered(session, tmp_path / "ring", SECOND // 2)
    with pytest.raises(native.NativeError) as caught:
        session.start_ring(str(tmp_path / "second"), 1.0, 0)
    assert caught.value.reason == "ALREADY_EXISTS"
    pin = await session.pin(str(tmp_path / "pin"), 0.3, b"")
    (tmp_path / "clip.mp4").write_bytes(b"precious")
    with pytest.raises(native.NativeError) as caught:
        await pin.save(str(tmp_path / "clip.mp4")).result()
    assert caught.value.reason == "ALREADY_EXISTS"
    assert (tmp_path / "clip.mp4").read_bytes() == b"precious"
    for folder in ("used", "nowhere"):
        with pytest.raises(native.NativeError) as caught:
            native.Pin.open(str(tmp_path / folder))
        assert caught.value.reason == "BROKEN_FILE"
        with pytest.raises(native.NativeError) as caught:
            await native.recover_ring(str(tmp_path / folder))
        assert caught.value.reason == "BROKEN_FILE"

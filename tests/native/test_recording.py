"""One file that grows with the stream."""

import threading
from pathlib import Path

import pytest

import clipshot_native as native
from tests.native import counter
from tests.native.conftest import StartSession
from tests.native.waiting import until


async def recorded(session: native.Session, path: Path, ticks: int) -> None:
    await session.start_recording(str(path))
    await until(lambda: session.stats().recording_ticks >= ticks, "the recording grows")
    await session.stop_recording()


def lost(session: native.Session) -> int:
    dropped = session.stats().dropped
    return dropped["late"] + dropped["queue"] + dropped["encode"]


async def test_every_frame_is_recorded_once(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await recorded(session, tmp_path / "a.mp4", 2 * native.TIMESCALE)
    pictures = counter.read(tmp_path / "a.mp4")
    assert len(pictures) >= 30
    assert counter.missing([picture.counter for picture in pictures]) <= lost(session)


async def test_a_spinning_python_thread_costs_no_frame(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    over = threading.Event()

    def spin() -> None:
        while not over.is_set():
            sum(range(1000))

    thread = threading.Thread(target=spin)
    thread.start()
    try:
        await recorded(session, tmp_path / "a.mp4", 2 * native.TIMESCALE)
    finally:
        over.set()
        thread.join()
    counters = [picture.counter for picture in counter.read(tmp_path / "a.mp4")]
    assert counter.missing(counters) <= lost(session)


async def test_times_follow_the_painted_ones(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await recorded(session, tmp_path / "a.mp4", 2 * native.TIMESCALE)
    pictures = counter.read(tmp_path / "a.mp4")[1:]
    offsets = sorted(picture.ticks - picture.micros * 9 // 100 for picture in pictures)
    slot = native.TIMESCALE // 60
    median = offsets[len(offsets) // 2]
    late = lost(session)
    assert sum(abs(offset - median) > slot // 2 for offset in offsets) <= 3 * late


async def test_recording_joins_a_running_session_with_a_keyframe(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session(video=native.VideoConfig(fps=60, preset="ultrafast", keyframe_seconds=10))
    await until(lambda: session.stats().encoded >= 20, "the session runs")
    await recorded(session, tmp_path / "a.mp4", native.TIMESCALE // 2)
    first = counter.read(tmp_path / "a.mp4")[0]
    assert first.counter >= 19, "it begins when it was asked for"
    await recorded(session, tmp_path / "b.mp4", native.TIMESCALE // 2)
    assert counter.read(tmp_path / "b.mp4")[0].counter > first.counter


async def test_what_the_encoder_still_holds_belongs_to_the_recording(
    start_session: StartSession, tmp_path: Path
) -> None:
    session = await start_session(video=native.VideoConfig(fps=60, preset="ultrafast", tune="", lookahead=20))
    await session.start_recording(str(tmp_path / "a.mp4"))
    await until(lambda: session.stats().recording_ticks >= native.TIMESCALE // 2, "the recording grows")
    captured = session.stats().captured
    await session.stop_recording()
    assert counter.read(tmp_path / "a.mp4")[-1].counter >= captured - 1


async def test_the_file_plays_while_it_grows(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await session.start_recording(str(tmp_path / "a.mp4"))
    assert len(counter.read(tmp_path / "a.mp4")) >= 1
    await until(lambda: session.stats().recording_ticks >= native.TIMESCALE // 2, "the recording grows")
    assert len(counter.read(tmp_path / "a.mp4")) >= 5


async def test_a_recording_becomes_a_plain_file(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await recorded(session, tmp_path / "a.mp4", native.TIMESCALE)
    grown = counter.read(tmp_path / "a.mp4")
    job = native.recover_recording(str(tmp_path / "a.mp4"), str(tmp_path / "b.mp4"))
    result = await job.result()
    plain = counter.read(tmp_path / "b.mp4")
    assert [picture.counter for picture in plain] == [picture.counter for picture in grown]
    assert (result.frames, result.rule_used, job.progress) == (len(grown), "keyframe", 1.0)
    assert plain[0].ticks == 0
    assert (tmp_path / "b.mp4").stat().st_size == result.size_bytes


async def test_refusals(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    with pytest.raises(native.NativeError) as caught:
        await session.stop_recording()
    assert caught.value.reason == "NOT_RECORDING"
    (tmp_path / "there.mp4").write_bytes(b"precious")
    with pytest.raises(native.NativeError) as caught:
        await session.start_recording(str(tmp_path / "there.mp4"))
    assert caught.value.reason == "ALREADY_EXISTS"
    assert (tmp_path / "there.mp4").read_bytes() == b"precious"
    with pytest.raises(native.NativeError) as caught:
        await session.start_recording(str(tmp_path / "no" / "folder.mp4"))
    assert caught.value.reason == "IO"
    await session.start_recording(str(tmp_path / "a.mp4"))
    with pytest.raises(native.NativeError) as caught:
        await session.start_recording(str(tmp_path / "b.mp4"))
    assert caught.value.reason == "ALREADY_RECORDING"
    await session.stop()
    with pytest.raises(native.NativeError) as caught:
        await session.start_recording(str(tmp_path / "c.mp4"))
    assert caught.value.reason in ("CLOSED", "ALREADY_RECORDING")
    assert len(counter.read(tmp_path / "a.mp4")) >= 1, "a stopped session leaves a file that plays"

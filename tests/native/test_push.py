"""Pictures that Python pushes."""

import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import clipshot_native as native
from tests.native.conftest import StartSession
from tests.native.waiting import notice, until

SECOND = native.TIMESCALE


def shade(value: int, width: int = 320, height: int = 240) -> bytes:
    """A picture of one grey."""
    return bytes([value, value, value, 0]) * (width * height)


def lumas(path: Path) -> list[int]:
    """The luma in the middle of each picture."""
    with av.open(str(path)) as container:
        return [
            int(frame.to_ndarray(format="gray")[frame.height // 2, frame.width // 2])
            for frame in container.decode(video=0)
        ]


def push(source: native.PushSource, value: int, width: int = 320, height: int = 240) -> bool:
    return source.push(shade(value, width, height), width, height, width * 4, time.monotonic_ns())


async def test_each_pushed_picture_is_recorded_once(start_session: StartSession, tmp_path: Path) -> None:
    source = native.PushSource(width=320, height=240, refresh_hz=30.0, title="Pushed")
    assert not push(source, 1), "nobody captures it"
    session = await start_session(source.source_id)
    await session.start_recording(str(tmp_path / "a.mp4"))
    values = list(range(20, 240, 20))
    for value in values:
        captured = session.stats().captured
        assert push(source, value)
        await until(lambda captured=captured: session.stats().captured > captured, "it is taken")  # type: ignore[misc]
        taken = session.stats().captured
        assert push(source, value), "it is captured, and the same again"
        assert session.stats().captured <= taken + 1
    await session.stop_recording()
    shown = lumas(tmp_path / "a.mp4")
    kept = [value for at, value in enumerate(shown) if at == 0 or abs(value - shown[at - 1]) > 8]
    assert len(kept) == len(values) + 1, "black, then each of them"
    assert kept == sorted(kept)
    (listed,) = [info for info in native.list_sources("push") if info.source_id == source.source_id]
    assert (listed.kind, listed.title, listed.width, listed.height) == ("push", "Pushed", 320, 240)


async def test_another_size_is_scaled_with_bars(start_session: StartSession, tmp_path: Path) -> None:
    source = native.PushSource(width=320, height=240)
    session = await start_session(source.source_id)
    await session.start_recording(str(tmp_path / "a.mp4"))
    for width, height in [(320, 240), (640, 240), (100, 300), (321, 241), (320, 240)]:
        assert push(source, 235, width, height)
        await until(lambda: session.stats().captured > 0, "it runs")
        goal = session.stats().encoded + 1
        assert push(source, 236, width, height)
        await until(lambda goal=goal: session.stats().encoded >= goal, "it is encoded")  # type: ignore[misc]
        if width == 640:
            wide = np.asarray(await decoded(session))
            assert (wide.shape[1], wide.shape[0]) == (320, 240)
            await until_bars(session, (160, 10), (160, 120))
        if height == 300:
            await until_bars(session, (10, 120), (160, 120))
    resized = [one.detail for one in session.drain_notices() if one.kind == "source_resized"]
    assert resized == ["640x240", "100x300", "321x241", "320x240"]
    await session.stop_recording()
    assert len(lumas(tmp_path / "a.mp4")) >= 5


async def decoded(session: native.Session) -> np.ndarray:
    """The newest picture's pixels."""
    image = await session.screenshot("png")
    return pixels(image)


def pixels(image: native.Image) -> np.ndarray:
    """Red, green and blue of each pixel."""
    codec = {"png": "png", "jpeg": "mjpeg", "webp": "webp"}[image.format]
    decoder: Any = av.CodecContext.create(codec, "r")
    frames: list[Any] = decoder.decode(av.Packet(image.data)) or decoder.decode(None)
    return np.asarray(frames[0].to_ndarray(format="rgb24"))


async def until_bars(session: native.Session, bar: tuple[int, int], middle: tuple[int, int]) -> None:
    """The picture is black at one place and white at the other."""
    for _ in range(500):
        shown = await decoded(session)
        if shown[bar[1], bar[0]].max() < 8 and shown[middle[1], middle[0]].min() > 200:
            return
    pytest.fail("no bars")


async def test_a_closed_source_is_lost(start_session: StartSession) -> None:
    source = native.PushSource(width=64, height=64)
    session = await start_session(source.source_id)
    source.close()
    kinds = [one.kind for one in await notice(session, "ended")]
    assert kinds == ["source_lost", "ended"]
    assert not push(source, 1, 64, 64)
    with pytest.raises(native.NativeError) as caught:
        await native.Session.start(source_id=source.source_id, video=native.VideoConfig())
    assert caught.value.reason == "SOURCE_NOT_FOUND"


def test_what_is_no_picture_is_refused() -> None:
    source = native.PushSource(width=64, height=64)
    for data, width, height, stride in [
        (b"", 64, 64, 256),
        (bytes(64 * 64 * 4 - 1), 64, 64, 256),
        (bytes(64 * 64 * 4), 64, 64, 255),
        (bytes(64 * 64 * 4), 0, 64, 256),
        (bytes(16), 2**31, 2**31, 2**40),
    ]:
        with pytest.raises(native.NativeError) as caught:
            source.push(data, width, height, stride, 0)
        assert (caught.value.reason, caught.value.field) == ("INVALID_CONFIG", "bgra")
    with pytest.raises(native.NativeError) as caught:
        native.PushSource(width=8, height=64)
    assert (caught.value.reason, caught.value.field) == ("INVALID_CONFIG", "width")

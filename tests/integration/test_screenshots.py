"""Screenshots of sessions and sources: formats, sizes, files and events."""

import asyncio
import io
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import av
import pytest

from clipshot.core.capture.requests import StartRequest, StopRequest, StopWhat
from clipshot.core.capture.screenshot import ImageFormat, Screenshot, ScreenshotRequest
from clipshot.core.capture.session import SessionMode
from clipshot.core.errors import InvalidArgumentError, NotFoundError, PreconditionError
from clipshot.core.events.payloads import ScreenshotTaken
from clipshot.core.idempotency import RequestKey
from tests.integration.studio import SOURCE, Studio, studio_in
from tests.native.display import painting, xvfb

MAGIC = {ImageFormat.PNG: b"\x89PNG", ImageFormat.JPEG: b"\xff\xd8\xff", ImageFormat.WEBP: b"RIFF"}


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data") as studio:
        yield studio


def size_of(data: bytes) -> tuple[int, int]:
    with av.open(io.BytesIO(data)) as picture:
        stream = picture.streams.video[0]
        return stream.width, stream.height


@pytest.mark.parametrize("kind", ImageFormat)
async def test_a_session_shows_its_newest_picture(studio: Studio, kind: ImageFormat) -> None:
    session = await studio.begin(SessionMode.REPLAY, 0.5)
    picture = await studio.capture.take_screenshot(ScreenshotRequest(format=kind, max_width=320), None)
    assert picture.format is kind
    assert picture.data.startswith(MAGIC[kind])
    assert picture.size_bytes == len(picture.data)
    assert (picture.width, picture.height) == (320, 180) == size_of(picture.data)
    (told,) = await studio.told(ScreenshotTaken)
    assert isinstance(told, ScreenshotTaken)
    assert (told.session_id, told.source_id) == (session.session_id, SOURCE)
    assert told.screenshot == Screenshot(kind, 320, 180, picture.size_bytes)


async def test_a_screenshot_is_saved_under_a_name_of_its_own(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.5)
    saved = [await studio.capture.take_screenshot(ScreenshotRequest(save=True), None) for _ in range(3)]
    paths = [Path(picture.path) for picture in saved]
    assert len(set(paths)) == 3
    for picture, path in zip(saved, paths, strict=True):
        assert picture.data == b""
        assert path.parent == studio.clips_dir / "screenshots"
        assert path.suffix == ".png"
        assert path.stat().st_size == picture.size_bytes
        assert size_of(path.read_bytes()) == (picture.width, picture.height)


async def test_a_saved_one_is_saved_once_however_often_it_is_asked_for(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.5)
    key = RequestKey(str(uuid.uuid4()), "TakeScreenshot", "body")
    request = ScreenshotRequest(save=True, format=ImageFormat.JPEG)
    first, second = [await studio.capture.take_screenshot(request, key) for _ in range(2)]
    assert first == second
    assert len(list((studio.clips_dir / "screenshots").iterdir())) == 1
    assert len(await studio.told(ScreenshotTaken)) == 1


async def test_a_source_need_not_be_captured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with xvfb(640, 480) as display, painting(display, "--mode", "still"):
        monkeypatch.setenv("DISPLAY", display.name)
        async with studio_in(tmp_path / "data") as studio:
            screen = (await studio.capture.list_sources())[0]
            picture = await studio.capture.take_screenshot(ScreenshotRequest(source_id=screen.source_id), None)
            assert size_of(picture.data) == (640, 480)
            primary = await studio.capture.take_screenshot(ScreenshotRequest(), None)
            assert (primary.width, primary.height) == (640, 480)
            (told, _) = await studio.told(ScreenshotTaken)
            assert isinstance(told, ScreenshotTaken)
            assert (told.session_id, told.source_id) == ("", screen.source_id)


async def test_what_cannot_be_shown_is_refused(studio: Studio) -> None:
    take = studio.capture.take_screenshot
    with pytest.raises(NotFoundError) as unknown:
        await take(ScreenshotRequest(source_id="test:none"), None)
    assert unknown.value.reason == "SOURCE_NOT_FOUND"
    with pytest.raises(NotFoundError) as nobody:
        await take(ScreenshotRequest(session_id="ses_none"), None)
    assert nobody.value.reason == "SESSION_NOT_FOUND"
    session = await studio.begin(SessionMode.REPLAY, 0.1)
    await studio.capture.stop_session(StopRequest(session.session_id, StopWhat.ALL), None)
    with pytest.raises(PreconditionError) as over:
        await take(ScreenshotRequest(session_id=session.session_id), None)
    assert over.value.reason == "SESSION_ENDED"


async def test_taking_them_disturbs_nothing(studio: Studio) -> None:
    await studio.capture.start_session(StartRequest(SOURCE, SessionMode.RECORD), None)
    await studio.until_captured(0.5)
    await asyncio.gather(*(studio.capture.take_screenshot(ScreenshotRequest(max_width=320), None) for _ in range(10)))
    stats = (await studio.capture.get_session("current")).stats
    assert stats.encoded_frames > 0
    await studio.until_captured(stats.encoded_frames / 30 + 1)


async def test_a_region_typed_by_hand_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with xvfb(640, 480) as display:
        monkeypatch.setenv("DISPLAY", display.name)
        async with studio_in(tmp_path / "data") as studio:
            with pytest.raises(InvalidArgumentError) as outside:
                await studio.capture.start_session(StartRequest("x11:region:600,0,64x64"), None)
            assert outside.value.reason == "SOURCE_ID_INVALID"
            assert "640,480" in outside.value.message
            region = "x11:region:100,80,320x240"
            picture = await studio.capture.take_screenshot(ScreenshotRequest(source_id=region), None)
            assert (picture.width, picture.height) == (320, 240)
            session = await studio.capture.start_session(StartRequest(region, SessionMode.REPLAY), None)
            assert (session.source_id, session.video.width, session.video.height) == (region, 320, 240)
            await studio.until_captured(0.5)

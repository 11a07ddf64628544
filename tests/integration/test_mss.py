"""Capture by mss under a private X server: what is painted is recorded, a still screen costs little, nothing is left."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from clipshot.capture.mss import backend as mss
from clipshot.core.capture.requests import StartRequest, StopRequest, StopWhat
from clipshot.core.capture.session import Session, SessionMode, SessionState
from clipshot.core.capture.source import SourceKind
from clipshot.core.errors import NotFoundError
from clipshot.core.events.payloads import SourceLost
from clipshot.core.paging import PageRequest
from clipshot.core.store import ClipFilter, ClipOrder
from clipshot_native import SourceInfo, list_sources
from tests.integration.studio import Studio, studio_in
from tests.native import counter
from tests.native.display import Display, painting, xvfb


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Iterator[Display]:
    with xvfb(640, 480) as display:
        monkeypatch.setenv("DISPLAY", display.name)
        yield display


@pytest.fixture
async def studio(display: Display, tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data", backend=mss.NAME) as studio:
        yield studio


def children() -> list[psutil.Process]:
    """Our processes that read a screen."""
    found = []
    for child in psutil.Process().children():
        try:
            if "clipshot.capture.mss.child" in child.cmdline():
                found.append(child)
        except psutil.Error:
            continue
    return found


def open_files() -> list[str]:
    """What our descriptors are open on."""
    found = []
    for descriptor in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # it was closed meanwhile
            found.append(os.readlink(f"/proc/self/fd/{descriptor}"))
    return found


async def begin(studio: Studio) -> Session:
    return await studio.capture.start_session(StartRequest(mode=SessionMode.RECORD), None)


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something; the limit guards against hanging only."""
    try:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"not in time: {what}")


async def test_monitors_are_listed_and_the_cost_is_told(studio: Studio) -> None:
    (source,) = await studio.capture.list_sources()
    assert (source.source_id, source.kind, source.backend) == ("mss:1", SourceKind.MONITOR, "mss")
    assert (source.width, source.height, source.primary) == (640, 480, True)
    backends = {backend.name: backend for backend in await studio.capture.list_backends()}
    assert backends["mss"].available
    assert "processor time" in backends["mss"].reason
    assert "push" not in backends
    with pytest.raises(NotFoundError) as unknown:
        await studio.capture.start_session(StartRequest("mss:2"), None)
    assert unknown.value.reason == "SOURCE_NOT_FOUND"


async def test_what_is_painted_is_recorded_and_nothing_is_doubled(studio: Studio, display: Display) -> None:
    with painting(display, "--fps", "30"):
        await begin(studio)
        assert [source.source_id for source in await studio.capture.list_sources()] == ["mss:1"]
        await studio.until_captured(3)
        stats = (await studio.capture.get_session("current")).stats
        await studio.capture.stop_session(StopRequest("current", StopWhat.ALL), None)
    (clip,) = (await studio.clips.list(ClipFilter(), ClipOrder(), PageRequest())).items
    counters = [picture.counter for picture in counter.read(clip.path)]
    counter.missing(counters)  # none twice, and in order
    assert len(counters) >= 30
    assert stats.captured_frames - stats.keepalive_frames >= 30


async def test_a_still_screen_is_read_but_not_handed_over(studio: Studio, display: Display) -> None:
    with painting(display, "--mode", "still"):
        await begin(studio)
        await studio.until_captured(3)
        stats = (await studio.capture.get_session("current")).stats
    assert stats.captured_frames <= 10
    assert stats.keepalive_frames >= 2


async def test_a_stop_leaves_neither_child_nor_thread_nor_memory(studio: Studio) -> None:
    await begin(studio)
    await studio.until_captured(1)
    assert len(children()) == 1
    assert any("clipshot-frames" in name for name in open_files())
    await studio.capture.stop_session(StopRequest("current", StopWhat.ALL, discard=True), None)
    assert children() == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mss-feeder")]
    await until(lambda: not any("clipshot-frames" in name for name in open_files()), "the memory is given back")


async def test_a_feeder_that_dies_is_a_lost_source(studio: Studio) -> None:
    session = await begin(studio)
    await studio.until_captured(1)
    children()[0].send_signal(signal.SIGKILL)
    async with asyncio.timeout(20):
        while not await studio.told(SourceLost):
            await asyncio.sleep(0.02)
    async with asyncio.timeout(20):
        while not (ended := await studio.capture.get_session(session.session_id)).state.ended:
            await asyncio.sleep(0.02)
    assert ended.state is SessionState.FAILED
    assert ended.error is not None
    assert ended.error.reason == "SOURCE_LOST"


async def test_where_x11_works_mss_is_not_asked(display: Display, tmp_path: Path) -> None:
    async with studio_in(tmp_path / "data") as studio:
        sources = await studio.capture.list_sources()
        assert "mss" not in {source.backend for source in sources}
        assert {"x11", "test"} <= {source.backend for source in sources}


async def test_without_a_display_mss_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    async with studio_in(tmp_path / "data") as studio:
        assert [source.backend for source in await studio.capture.list_sources()] == ["test"]
        backends = {backend.name: backend for backend in await studio.capture.list_backends()}
    assert not backends["mss"].available
    assert "DISPLAY" in backends["mss"].reason


async def test_where_no_other_backend_works_mss_is_taken(
    display: Display, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on systems for which the native core has no backend: only its test source is there."""

    def test_sources(backend: str) -> list[SourceInfo]:
        return [info for info in list_sources(backend) if info.kind == "test"]

    monkeypatch.setattr("clipshot.capture.engine.list_sources", test_sources)
    async with studio_in(tmp_path / "data") as studio:
        assert [source.backend for source in await studio.capture.list_sources()] == ["mss", "test"]
        session = await studio.capture.autostart()
        assert session.source_id == "mss:1"

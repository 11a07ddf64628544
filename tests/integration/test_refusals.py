"""What is refused, call by call: the reason that programs test for, and the field where one is to blame."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clipshot.capture.engine import NativeEngine
from clipshot.capture.footage import RecordingFootage
from clipshot.capture.leftovers import FoundLeftover
from clipshot.capture.session_folder import RecordingFolder
from clipshot.core.capture.encoder import VideoConfig
from clipshot.core.capture.footage import FootageFacts, FootageKind
from clipshot.core.capture.requests import MarkerRequest, SaveRequest, StartRequest, StopRequest, StopWhat
from clipshot.core.capture.session import SessionMode
from clipshot.core.capture.source import Source
from clipshot.core.errors import ClipShotError, ErrorKind
from clipshot.core.paging import PageRequest
from clipshot.core.store import SessionFilter
from clipshot.gateway.http_socket import HttpSocket
from clipshot.media.clip_folder import ClipFolder
from clipshot.store.store import SqliteStore
from tests.integration.studio import SOURCE, Studio, studio_in
from tests.samples import sample


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data") as studio:
        yield studio


async def refusal(call: Awaitable[object]) -> ClipShotError:
    with pytest.raises(ClipShotError) as caught:
        await call
    return caught.value


@dataclass(frozen=True)
class Case:
    """A call while the source is captured in a mode (None: while nothing is), and why it is refused."""

    mode: SessionMode | None
    call: Callable[[Studio], Awaitable[object]]
    reason: str
    field: str = ""
    kind: ErrorKind = ErrorKind.PRECONDITION


def start(request: StartRequest) -> Callable[[Studio], Awaitable[object]]:
    return lambda studio: studio.capture.start_session(request, None)


def stop(what: StopWhat, *, discard: bool = False) -> Callable[[Studio], Awaitable[object]]:
    return lambda studio: studio.capture.stop_session(StopRequest("current", what, discard), None)


def mark(at: float) -> Callable[[Studio], Awaitable[object]]:
    return lambda studio: studio.capture.create_marker(MarkerRequest("current", timedelta(seconds=at)), None)


CASES = [
    Case(
        None,
        start(StartRequest(SOURCE, SessionMode.RECORD, replay_duration=timedelta(seconds=5))),
        "REPLAY_DURATION_UNUSED",
        "replay_duration",
        ErrorKind.INVALID,
    ),
    Case(
        None,
        start(StartRequest(SOURCE, video=VideoConfig(encoder="warp9"))),
        "ENCODER_UNKNOWN",
        "video.encoder",
        ErrorKind.INVALID,
    ),
    Case(
        None,
        start(StartRequest(SOURCE, video=VideoConfig(fps=0))),
        "VIDEO_NOT_POSSIBLE",
        "video.fps",
        ErrorKind.INVALID,
    ),
    Case(SessionMode.BOTH, stop(StopWhat.REPLAY, discard=True), "DISCARD_UNUSED", "discard", ErrorKind.INVALID),
    Case(SessionMode.REPLAY, mark(-1), "MARKER_OUTSIDE_SESSION", "at", ErrorKind.INVALID),
    Case(SessionMode.REPLAY, mark(9999), "MARKER_OUTSIDE_SESSION", "at", ErrorKind.INVALID),
    Case(SessionMode.REPLAY, stop(StopWhat.RECORDING), "NOT_RECORDING"),
    Case(SessionMode.RECORD, stop(StopWhat.REPLAY), "REPLAY_OFF"),
    Case(SessionMode.RECORD, lambda studio: studio.capture.save_replay(SaveRequest("current"), None), "REPLAY_OFF"),
    Case(SessionMode.RECORD, lambda studio: studio.capture.get_replay_buffer("current"), "REPLAY_OFF"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.reason}-{case.mode}")
async def test_each_refusal_has_its_reason(studio: Studio, case: Case) -> None:
    if case.mode is not None:
        await studio.begin(case.mode, 0.1)
    error = await refusal(case.call(studio))
    assert (error.kind, error.reason, error.metadata.get("field", "")) == (case.kind, case.reason, case.field)
    assert error.remedy or case.kind is ErrorKind.INVALID


async def test_where_nothing_can_be_captured_a_start_says_so(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    async def none(self: NativeEngine) -> list[Source]:
        return []  # as with a display that has no monitor

    monkeypatch.setattr(NativeEngine, "sources", none)
    error = await refusal(studio.capture.start_session(StartRequest(), None))
    assert (error.kind, error.reason) == (ErrorKind.PRECONDITION, "NO_SOURCE")
    assert "backends" in error.remedy


async def test_a_recording_into_a_folder_that_is_none(studio: Studio) -> None:
    studio.recordings.write_bytes(b"")
    error = await refusal(studio.begin(SessionMode.RECORD))
    assert (error.kind, error.reason) == (ErrorKind.UNAVAILABLE, "CLIPS_DIR_UNUSABLE")
    assert error.metadata["path"].startswith(str(studio.recordings))
    assert list((await studio.capture.list_sessions(SessionFilter(), PageRequest())).items) == []


async def test_a_clips_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "clips").write_bytes(b"")
    folder = ClipFolder(tmp_path / "clips")

    async def reserve() -> None:
        async with folder.reserve(["film.mp4"]):
            pass

    assert (await refusal(reserve())).reason == "CLIPS_DIR_UNUSABLE"


async def test_clips_that_cannot_be_deleted_or_read(tmp_path: Path) -> None:
    root = tmp_path / "clips"
    (root / "day" / "film.mp4").mkdir(parents=True)
    folder = ClipFolder(root)
    error = await refusal(folder.remove(str(root / "day" / "film.mp4")))
    assert (error.kind, error.reason) == (ErrorKind.INTERNAL, "CLIP_NOT_DELETED")
    error = await refusal(folder.remove(str(root / ".." / "elsewhere.mp4")))
    assert (error.kind, error.reason) == (ErrorKind.PRECONDITION, "CLIP_OUTSIDE_FOLDER")
    error = await refusal(folder.facts(str(root / ("x" * 300))))
    assert (error.kind, error.reason) == (ErrorKind.UNAVAILABLE, "CLIP_UNREADABLE")


async def test_a_recording_is_adopted_once_and_only_where_it_can_be(tmp_path: Path) -> None:
    facts = replace(sample(FootageFacts), session_id="ses_1")
    folder = RecordingFolder(tmp_path / "rec_1")
    folder.prepare(facts)
    folder.file.write_bytes(b"film")
    footage = RecordingFootage(folder, facts)
    await footage.adopt(str(tmp_path / "film.mp4"))
    assert (await refusal(footage.adopt(str(tmp_path / "film.mp4")))).reason == "FILE_EXISTS"
    assert (await refusal(footage.adopt(str(tmp_path / "nowhere" / "film.mp4")))).reason == "FILE_UNUSABLE"


async def test_a_leftover_that_cannot_be_moved_stays(tmp_path: Path) -> None:
    path = tmp_path / "rec_1"
    path.mkdir()
    (tmp_path / "damaged").write_bytes(b"")
    leftover = FoundLeftover(
        kind=FootageKind.RECORDING,
        session_id="ses_1",
        operation_id="",
        time=datetime.now(UTC),
        footage=None,
        replay=None,
        path=path,
        damaged=tmp_path / "damaged",
    )
    assert (await refusal(leftover.set_aside())).reason == "LEFTOVER_STUCK"
    assert path.is_dir()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ClipShotError) as caught:
        HttpSocket.bind("192.0.2.1", 0)
    assert (caught.value.kind, caught.value.reason) == (ErrorKind.PRECONDITION, "ADDRESS_INVALID")
    assert caught.value.metadata == {"host": "192.0.2.1", "port": "0"}


async def test_a_database_that_breaks_while_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / "clipshot.db"
    store = SqliteStore(path, lambda: datetime.now(UTC), lambda events: None)
    await store.start()
    try:
        with path.open("r+b") as file:
            file.truncate(100)
        path.with_name("clipshot.db-wal").unlink()

        async def read() -> None:
            async with store.read() as reader:
                await reader.clips.trashed()

        error = await refusal(read())
        assert (error.kind, error.reason) == (ErrorKind.UNAVAILABLE, "DATABASE_UNAVAILABLE")
    finally:
        await store.stop()

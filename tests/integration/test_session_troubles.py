"""What a session reports on its own: which part ends, why the session failed, and that what was captured is kept."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clipshot.capture.live_session import NativeLiveSession
from clipshot.core.capture.diagnosis.diagnosis import JUDGED
from clipshot.core.capture.finding import FindingKind
from clipshot.core.capture.ports import Notice, NoticeKind
from clipshot.core.capture.session import SessionMode, SessionState
from clipshot.core.events import payloads
from tests.integration.studio import Studio, studio_in


@pytest.fixture
def reported() -> asyncio.Queue[Notice]:
    """Notices that sessions report, instead of what the native core, where all is well, would."""
    return asyncio.Queue()


@pytest.fixture
async def studio(
    tmp_path: Path, reported: asyncio.Queue[Notice], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Studio]:
    async def notices(self: NativeLiveSession) -> AsyncIterator[Notice]:
        while True:
            yield await reported.get()

    monkeypatch.setattr(NativeLiveSession, "notices", notices)
    async with studio_in(tmp_path / "data") as studio:
        yield studio


@pytest.mark.parametrize(
    ("kind", "detail", "mode", "reason", "finding"),
    [
        (NoticeKind.SOURCE_LOST, "", SessionMode.BOTH, "SOURCE_LOST", None),
        (NoticeKind.ENCODER_FAILED, "", SessionMode.BOTH, "ENCODER_FAILED", FindingKind.ENCODER_FAILED),
        (NoticeKind.ENDED, "", SessionMode.BOTH, "CAPTURE_ENDED", None),
        (NoticeKind.RECORDING_FAILED, "IO", SessionMode.RECORD, "RECORDING_FAILED", FindingKind.RECORDING_FAILED),
        (
            NoticeKind.RECORDING_FAILED,
            "NO_SPACE",
            SessionMode.RECORD,
            "RECORDING_DISK_FULL",
            FindingKind.RECORDING_DISK_FULL,
        ),
        (NoticeKind.RING_FAILED, "IO", SessionMode.REPLAY, "RING_FAILED", FindingKind.RING_FAILED),
    ],
)
async def test_a_session_that_cannot_go_on_fails_with_its_reason(
    studio: Studio,
    reported: asyncio.Queue[Notice],
    kind: NoticeKind,
    detail: str,
    mode: SessionMode,
    reason: str,
    finding: FindingKind | None,
) -> None:
    session = await studio.begin(mode, 0.5)
    await reported.put(Notice(kind, detail))
    async with asyncio.timeout(10):
        while not await studio.told(payloads.SessionFailed):
            await asyncio.sleep(0.02)
    failed = await studio.capture.get_session(session.session_id)
    assert failed.state is SessionState.FAILED
    assert failed.error is not None
    assert failed.error.reason == reason
    async with asyncio.timeout(10):
        while not (heard := await studio.told(payloads.SessionFailed)):
            await asyncio.sleep(0.02)
    (told,) = heard
    assert isinstance(told, payloads.SessionFailed)
    assert told.session.error == failed.error
    changes = [one for one in await studio.told(payloads.HealthChanged) if isinstance(one, payloads.HealthChanged)]
    found = [one.finding for one in changes if one.finding not in JUDGED]  # a busy machine has findings of its own
    assert found == ([finding] if finding else [])


@pytest.mark.parametrize(
    ("kind", "left"),
    [(NoticeKind.RECORDING_FAILED, SessionMode.REPLAY), (NoticeKind.RING_FAILED, SessionMode.RECORD)],
)
async def test_a_part_that_fails_leaves_the_other(
    studio: Studio, reported: asyncio.Queue[Notice], kind: NoticeKind, left: SessionMode
) -> None:
    session = await studio.begin(SessionMode.BOTH, 0.5)
    await reported.put(Notice(kind, "IO"))
    async with asyncio.timeout(10):
        while not await studio.told(payloads.HealthChanged):
            await asyncio.sleep(0.02)
    now = await studio.capture.get_session(session.session_id)
    assert (now.state, now.mode) == (SessionState.ACTIVE, left)

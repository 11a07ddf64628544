"""Findings of real sessions: what is told, what the session, the health page and Prometheus say, and that it ends."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from clipshot.api.session_gauges import SessionGauges
from clipshot.capture.live_session import NativeLiveSession
from clipshot.core.capture.finding import FindingKind
from clipshot.core.capture.ports import Notice, NoticeKind
from clipshot.core.capture.requests import StartRequest, StopRequest, StopWhat
from clipshot.core.capture.session import Session, SessionMode, SessionStats
from clipshot.core.events.payloads import HealthChanged
from clipshot.core.system.health import Status
from tests.integration.studio import Studio, studio_in
from tests.native.display import painting, xvfb


async def until(studio: Studio, true: Callable[[Session], bool], what: str) -> Session:
    """The current session, once something is true of it; the limit guards against hanging only."""
    session = await studio.capture.get_session("current")
    try:
        async with asyncio.timeout(40):
            while not true(session):
                await asyncio.sleep(0.05)
                session = await studio.capture.get_session("current")
    except TimeoutError:
        pytest.fail(f"not so in time: {what}; {session.findings}")
    return session


def kinds(session: Session) -> set[FindingKind]:
    return {finding.kind for finding in session.findings}


async def changes(studio: Studio, kind: FindingKind) -> list[bool]:
    """Whether it began or ended, as it was told."""
    told = [payload for payload in await studio.told(HealthChanged) if isinstance(payload, HealthChanged)]
    return [payload.active for payload in told if payload.finding is kind]


async def told_twice(studio: Studio, kind: FindingKind) -> None:
    """It was told that it began and that it ended: seen is a moment before told."""
    async with asyncio.timeout(20):
        while len(told := await changes(studio, kind)) < 2:
            await asyncio.sleep(0.05)
    assert told == [True, False]


async def test_a_black_and_frozen_screen_is_found_and_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with xvfb(320, 240) as display:
        monkeypatch.setenv("DISPLAY", display.name)
        async with studio_in(tmp_path / "data", frozen_after=timedelta(seconds=3)) as studio:
            registry = CollectorRegistry()
            SessionGauges(studio.capture, registry)
            request = StartRequest(mode=SessionMode.BOTH, draw_cursor=False)
            session = await studio.capture.start_session(request, None)
            found = await until(studio, lambda seen: {FindingKind.BLACK, FindingKind.FROZEN} <= kinds(seen), "found")
            assert all(finding.detail and finding.since > session.start_time for finding in found.findings)
            health = await studio.capture.findings_probe.check()
            assert health.status is Status.DEGRADED
            assert "black" in health.detail
            text = generate_latest(registry).decode()
            name = session.session_id
            assert f'clipshot_session_finding{{kind="black",session="{name}",subject=""}} 1.0' in text
            assert f'clipshot_session_dropped_pictures_total{{session="{name}",stage="late"}}' in text
            assert f'clipshot_session_encoder_load{{session="{name}"}}' in text
            assert f'clipshot_session_ring_fill{{session="{name}"}}' in text
            with painting(display, "--fps", "30"):
                await until(studio, lambda seen: not {FindingKind.BLACK, FindingKind.FROZEN} & kinds(seen), "gone")
                await told_twice(studio, FindingKind.BLACK)
                await told_twice(studio, FindingKind.FROZEN)
            await studio.capture.stop_session(StopRequest("current", StopWhat.ALL), None)
            assert (await studio.capture.findings_probe.check()).status is Status.HEALTHY
            assert name not in generate_latest(registry).decode()


async def test_a_disk_that_is_full_soon_is_told_before_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with studio_in(tmp_path / "data") as studio:
        registry = CollectorRegistry()
        SessionGauges(studio.capture, registry)

        async def few() -> int:
            return 50_000_000

        monkeypatch.setattr(studio.files, "free_bytes", few)
        await studio.begin(SessionMode.RECORD)
        session = await until(studio, lambda seen: FindingKind.DISK_FILLING in kinds(seen), "found")
        (finding,) = (one for one in session.findings if one.kind is FindingKind.DISK_FILLING)
        assert "min" in finding.detail
        assert studio.capture.until_full is not None
        assert "clipshot_recordings_seconds_until_full " in generate_latest(registry).decode()

        async def plenty() -> int:
            return 10**13

        monkeypatch.setattr(studio.files, "free_bytes", plenty)
        await until(studio, lambda seen: FindingKind.DISK_FILLING not in kinds(seen), "gone")
        await told_twice(studio, FindingKind.DISK_FILLING)


async def test_a_busy_encoder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, load = NativeLiveSession.stats, [0.99]

    def stats(self: NativeLiveSession) -> SessionStats:
        return replace(real(self), encoder_load=load[0])

    monkeypatch.setattr(NativeLiveSession, "stats", stats)
    async with studio_in(tmp_path / "data") as studio:
        await studio.begin(SessionMode.REPLAY)
        await until(studio, lambda seen: FindingKind.ENCODER_OVERLOADED in kinds(seen), "found")
        load[0] = 0.1
        session = await until(studio, lambda seen: FindingKind.ENCODER_OVERLOADED not in kinds(seen), "gone")
        assert session.active_encoder == session.video.encoder


async def test_what_a_session_reports_lasts_until_it_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: asyncio.Queue[Notice] = asyncio.Queue()

    async def notices(self: NativeLiveSession) -> object:
        while True:
            yield await reported.get()

    monkeypatch.setattr(NativeLiveSession, "notices", notices)
    async with studio_in(tmp_path / "data") as studio:
        session = await studio.begin(SessionMode.BOTH)
        for kind, detail in (
            (NoticeKind.ENCODER_FELL_BACK, "h264_nvenc -> libx264: it failed"),
            (NoticeKind.SOURCE_RESIZED, "800x600"),
            (NoticeKind.RING_IN_MEMORY, ""),
            (NoticeKind.AUDIO_LOST, "input:mic"),
        ):
            reported.put_nowait(Notice(kind, detail))
        lasting = {FindingKind.ENCODER_FELL_BACK, FindingKind.SOURCE_RESIZED, FindingKind.RING_IN_MEMORY}
        found = await until(studio, lambda seen: lasting <= kinds(seen), "found")
        details = {finding.kind: finding.detail for finding in found.findings}
        assert "h264_nvenc -> libx264" in details[FindingKind.ENCODER_FELL_BACK]
        assert "800x600" in details[FindingKind.SOURCE_RESIZED]
        (source,) = await studio.capture.list_sources()
        reported.put_nowait(Notice(NoticeKind.SOURCE_RESIZED, f"{source.width}x{source.height}"))
        reported.put_nowait(Notice(NoticeKind.RING_ON_DISK, ""))
        await until(
            studio,
            lambda seen: not {FindingKind.SOURCE_RESIZED, FindingKind.RING_IN_MEMORY} & kinds(seen),
            "the size of the start is back",
        )
        await told_twice(studio, FindingKind.SOURCE_RESIZED)
        await told_twice(studio, FindingKind.RING_IN_MEMORY)
        await studio.capture.stop_session(StopRequest(session.session_id, StopWhat.ALL), None)
        ended = await studio.capture.get_session(session.session_id)
        assert FindingKind.ENCODER_FELL_BACK in kinds(ended)


async def test_a_recording_that_failed_is_a_finding_until_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: asyncio.Queue[Notice] = asyncio.Queue()

    async def notices(self: NativeLiveSession) -> object:
        while True:
            yield await reported.get()

    monkeypatch.setattr(NativeLiveSession, "notices", notices)
    async with studio_in(tmp_path / "data") as studio:
        await studio.begin(SessionMode.BOTH)
        reported.put_nowait(Notice(NoticeKind.RECORDING_FAILED, "IO"))
        await until(studio, lambda seen: FindingKind.RECORDING_FAILED in kinds(seen), "found")
        await until(studio, lambda seen: seen.mode is SessionMode.REPLAY, "it buffers alone")
        await studio.begin(SessionMode.RECORD)
        await until(studio, lambda seen: FindingKind.RECORDING_FAILED not in kinds(seen), "forgotten")
        await told_twice(studio, FindingKind.RECORDING_FAILED)

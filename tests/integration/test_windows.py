"""Windows as sources: listed with what they are, captured while they change, lost when they close."""

import asyncio
from pathlib import Path

import pytest

from clipshot.core.capture.finding import FindingKind
from clipshot.core.capture.requests import StartRequest
from clipshot.core.capture.session import SessionMode
from clipshot.core.capture.source import SourceKind
from tests.integration.studio import studio_in
from tests.native.display import xvfb
from tests.native.xlib import Desktop


async def test_a_window_is_listed_resized_and_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with xvfb(640, 480) as display:
        monkeypatch.setenv("DISPLAY", display.name)
        desktop = Desktop(display.name)
        window = desktop.open(20, 30, 320, 240, 0x2040E0, "A game")
        async with studio_in(tmp_path / "data") as studio:
            (listed,) = await studio.capture.list_sources([SourceKind.WINDOW])
            assert (listed.source_id, listed.title) == (f"x11:window:{window:#x}", "A game")
            assert (listed.x, listed.y, listed.width, listed.height) == (20, 30, 320, 240)
            assert not listed.primary
            request = StartRequest(listed.source_id, SessionMode.RECORD, draw_cursor=False)
            session = await studio.capture.start_session(request, None)
            await studio.until_captured(0.5)
            desktop.configure(window, 20, 30, 200, 100)
            async with asyncio.timeout(20):
                while FindingKind.SOURCE_RESIZED not in {
                    finding.kind for finding in (await studio.capture.get_session("current")).findings
                }:
                    await asyncio.sleep(0.02)
            (finding,) = (
                one
                for one in (await studio.capture.get_session("current")).findings
                if one.kind is FindingKind.SOURCE_RESIZED
            )
            assert "200x100" in finding.detail
            desktop.close(window)
            async with asyncio.timeout(20):
                while not (ended := await studio.capture.get_session(session.session_id)).state.ended:
                    await asyncio.sleep(0.02)
            assert ended.error is not None
            assert ended.error.reason == "SOURCE_LOST"
            assert await studio.capture.list_sources([SourceKind.WINDOW]) == []

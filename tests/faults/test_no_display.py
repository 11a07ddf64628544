"""Without a display or an encoder the caller is told what to do, and everything else works."""

from pathlib import Path

import pytest

from tests.faults.scene import get
from tests.rpcs import refused
from tests.serving import serving


@pytest.mark.parametrize("display", [None, ":4711"])
def test_a_monitor_without_a_display(tmp_path: Path, display: str | None) -> None:
    with serving(tmp_path / "data", env={"DISPLAY": display} if display else None) as server:
        refusal = refused(server, "CaptureService.StartSession", {"source_id": "x11:screen", "mode": "record"})
        assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "DISPLAY_UNAVAILABLE")
        assert "DISPLAY" in refusal.metadata["remedy"]
        (x11,) = [one for one in get(server, "/capture/sources")["backends"] if one["name"] == "x11"]
        assert not x11["available"]
        assert x11["reason"]
        assert get(server, "/system/health")["status"] != "unhealthy"


def test_an_encoder_that_is_not_here(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        request = {"source_id": "test:clock", "mode": "record", "video": {"encoder": "h264_nvenc"}}
        refusal = refused(server, "CaptureService.StartSession", request)
        assert refusal.code == "INVALID_ARGUMENT"
        assert refusal.fields == ("video.encoder",)
        assert "libx264" in refusal.message, "it says which encoders work"
        assert get(server, "/capture/sessions")["sessions"] == []


def test_a_replay_where_nothing_buffers(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        refusal = refused(server, "CaptureService.SaveReplay", {"session_id": "current"})
        assert refusal.code in ("FAILED_PRECONDITION", "NOT_FOUND")
        assert refusal.domain == "clipshot"
        assert refusal.metadata.get("remedy"), "it says how to start the buffer"

"""The whole job by curl alone."""

import urllib.parse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clipshot.core.access.link_signer import LinkSigner
from tests.acceptance.main.curl import Curl
from tests.acceptance.main.event_stream import event_stream
from tests.acceptance.main.report import Report
from tests.acceptance.main.scene import scene
from tests.serving import RunningServer

API = "/api/v1"
SECRET = "a secret that the test knows too"
SAVING = ["capture:replay_pinned", "clip:created", "capture:replay_saved", "operation:finished"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with scene(tmp_path, 1280, 720, 30, settings={"CLIPSHOT_SECRET_KEY": SECRET}) as stage:
        yield stage.server


def stale(path: str) -> str:
    """A link that was good an hour ago, with a signature that is right."""
    link = LinkSigner(SECRET.encode(), lambda: datetime.now(UTC) - timedelta(hours=1)).sign(path)
    return link.url


def test_by_curl_alone(server: RunningServer, tmp_path: Path) -> None:
    report = Report("curl alone")
    curl = Curl(server.rest, server.key, tmp_path, report)

    assert curl("/healthz", key=False).status == 200
    assert curl(f"{API}/system/health").json()["status"] == "healthy"
    assert curl(f"{API}/system/health", key=False).status == 401

    started = curl(f"{API}/capture/sessions", json_body={"mode": "both", "title": "by curl"})
    assert started.status == 201
    session = started.json()["session_id"]

    events = f"{API}/system/events?event_type="
    with event_stream(curl.command(events, "-N")) as stream:
        stream.wait_for_greeting()
        wanted = {"duration": "1s", "title": "by curl"}
        while (saved := curl(f"{API}/capture/sessions/current:saveReplay", json_body=wanted)).status == 400:
            pass  # nothing is buffered yet
        assert saved.status == 200
        clip_id = saved.json()["saved_clip"]["clip_id"]
        frames = stream.until("operation:finished")
    told = [frame.event for frame in frames]
    report.line("events while saving", " ".join(told))
    assert [name for name in told if name in SAVING] == SAVING
    made = next(frame for frame in frames if frame.event == "clip:created")
    assert made.data["clip"]["clip_id"] == clip_id
    assert all(frame.id for frame in frames)

    with event_stream(curl.command(events, "-N", "-H", f"Last-Event-ID: {frames[0].id}")) as stream:
        resumed = stream.until("operation:finished")
    report.line("events told again after the first of them", len(resumed), limit=str(len(frames) - 1))
    assert [frame.id for frame in resumed] == [frame.id for frame in frames[1:]]

    (clip,) = curl(f"{API}/clips?text=by+curl").json()["clips"]
    assert clip["clip_id"] == clip_id
    check_media(curl, server, clip, report)
    check_trash(curl, clip_id)
    assert curl(f"{API}/capture/sessions/{session}:stop", json_body={}).status == 200


def check_media(curl: Curl, server: RunningServer, clip: dict[str, str], report: Report) -> None:
    """Ranges by the signed link, and what is refused."""
    url = urllib.parse.urljoin(server.rest, clip["media_url"])
    content = Path(clip["path"]).read_bytes()
    part = curl(url, "-r", "100-299", key=False)
    report.line("Content-Range", part.headers["content-range"])
    assert part.status == 206
    assert part.headers["content-range"] == f"bytes 100-299/{len(content)}"
    assert part.body == content[100:300]
    whole = curl(url, key=False)
    assert (whole.status, whole.body) == (200, content)
    assert whole.headers["content-type"] == "video/mp4"
    etag = whole.headers["etag"]
    assert curl(url, "-H", f"If-None-Match: {etag}", key=False).status == 304
    thumbnail = curl(urllib.parse.urljoin(server.rest, clip["thumbnail_url"]), key=False)
    assert thumbnail.status == 200
    assert thumbnail.body.startswith(b"\xff\xd8\xff")

    path = f"{API}/clips/{clip['clip_id']}/media"
    for wrong, reason in ((stale(path), "LINK_EXPIRED"), (clip["media_url"][:-1] + "x", "LINK_INVALID")):
        refused = curl(wrong, key=False)
        report.line("  refused", refused.reason)
        assert (refused.status, refused.reason) == (401, reason)
    assert curl(path, key=False).status == 401
    host = curl(f"{API}/system/health", "-H", "Host: clipshot.example")
    report.line("  refused", host.reason)
    assert (host.status, host.reason) == (403, "HOST_NOT_ALLOWED")
    origin = curl(f"{API}/clips:purge", "-H", "Origin: https://clipshot.example", json_body={"validate_only": True})
    report.line("  refused", origin.reason)
    assert (origin.status, origin.reason) == (403, "ORIGIN_NOT_ALLOWED")


def check_trash(curl: Curl, clip_id: str) -> None:
    """Into the trash and out again."""
    deleted = curl(f"{API}/clips/{clip_id}", "-X", "DELETE")
    assert (deleted.status, deleted.body) == (204, b"")
    assert curl(f"{API}/clips?text=by+curl").json()["clips"] == []
    assert curl(f"{API}/clips/{clip_id}:undelete", json_body={}).json()["state"] == "ready"
    assert len(curl(f"{API}/clips?text=by+curl").json()["clips"]) == 1
    assert curl(f"{API}/clips/{clip_id}x").status == 404

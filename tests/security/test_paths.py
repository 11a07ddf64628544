"""Paths that lead out of where files are served from."""

import http.client
import urllib.parse
from pathlib import Path

import pytest

from tests.contract.scene import Scene
from tests.serving import RunningServer

UP = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%252f",
    "..\\",
    "..%5c",
    "%2e%2e%5c",
    "..%c0%af",
    "....//",
    "..;/",
    "..%00/",
]
ROOMS = ["/", "/docs/", "/redoc/", "/assets/", "/page/", "/api/v1/clips/", "/api/v1/clips/x/media/"]
TARGETS = ["etc/passwd", "openapi.json", "docs/swagger.html"]


def raw_get(server: RunningServer, path: str) -> tuple[int, bytes]:
    """A request whose path is sent as it is written; with the key, so that only the path protects."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.rest).netloc, timeout=10)
    connection.putrequest("GET", path)
    connection.putheader("X-API-Key", server.key)
    connection.endheaders()
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("up", UP)
@pytest.mark.parametrize("room", ROOMS)
def test_no_way_out(server: RunningServer, room: str, up: str) -> None:
    for depth in (1, 3, 12):
        status, body = raw_get(server, f"{room}{up * depth}etc/passwd")
        assert status in (301, 307, 308, 400, 401, 404, 405), (status, body[:200])
        assert b"root:" not in body


@pytest.mark.parametrize(
    "path", ["//etc/passwd", "/docs//etc/passwd", "/%2fetc%2fpasswd", "/docs/%2fetc%2fpasswd", "/file:///etc/passwd"]
)
def test_absolute_names(server: RunningServer, path: str) -> None:
    status, body = raw_get(server, path)
    assert status in (301, 307, 308, 400, 404), (status, body[:200])
    assert b"root:" not in body


@pytest.mark.parametrize("kind", ["media", "thumbnail"])
@pytest.mark.parametrize("up", ["..%2f", "%2e%2e%2f", "..%252f", "%2fetc%2fpasswd%00"])
def test_ids_are_not_paths(server: RunningServer, up: str, kind: str) -> None:
    status, body = raw_get(server, f"/api/v1/clips/{up * 8}etc%2fpasswd/{kind}")
    assert status in (400, 404), (status, body[:200])
    assert b"root:" not in body


def test_a_file_that_became_a_link_is_not_followed_out(server: RunningServer, tmp_path: Path) -> None:
    """Whoever can write into the folder of clips must not read other files through the server."""
    clip = Scene(server).new_clip()
    path = Path(server.call("GET", f"/api/v1/clips/{clip}").json()["path"])
    private = tmp_path / "private.mp4"
    private.write_bytes(b"private")
    path.unlink()
    path.symlink_to(private)
    status, body = raw_get(server, f"/api/v1/clips/{clip}/media")
    assert b"private" not in body
    assert status in (403, 404, 409, 410, 400), status
    path.unlink()


@pytest.mark.parametrize(
    "title", ["../../../escaped", "/tmp/escaped", "a/b", "nul\x00", "..", "con:", "-rf", "\u202egpj.mp4", "x" * 200]
)
def test_titles_do_not_choose_the_folder(server: RunningServer, title: str) -> None:
    answer = server.call(
        "POST", "/api/v1/capture/sessions/current:saveReplay", {"duration": "0.2s", "title": title, "start": "keyframe"}
    )
    if answer.status == 400:
        return
    assert answer.status == 200, answer.body
    path = Path(answer.json()["saved_clip"]["path"])
    clips = (server.data_dir / "clips").resolve()
    assert path.resolve().is_relative_to(clips)
    assert path.is_file()
    assert len(path.name.encode()) <= 255
    assert not path.name.startswith((".", "-"))

"""Secrets are planted, the server is made to talk about everything, and then it is searched."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.contract.scene import Scene
from tests.faults.scene import descendants, wait_until_buffered
from tests.rpcs import API
from tests.security.conftest import API_KEY, SECRET_KEY, plant
from tests.security.login import cookie_header, log_in, login_code
from tests.serving import RunningServer, serving

WRONG_KEY = "mistyped-key-of-somebody-77ab"
GUESSED_CODE = "guessed-code-1f2e"

PATHS = [
    "/", "/healthz", "/docs", "/redoc", "/openapi.json", "/metrics",
    f"{API}/system/health", f"{API}/system/metrics", f"{API}/system/version", f"{API}/system/openapi",
    f"{API}/events/history?page_size=500", f"{API}/events/types", f"{API}/operations", f"{API}/clips",
    f"{API}/capture/sources", f"{API}/capture/encoders", f"{API}/capture/sessions", f"{API}/no/such/route",
    f"{API}/clips/{API_KEY}", f"{API}/clips?page_token=x",
]  # fmt: skip


class Searched:
    """A server that was made to talk, with all that it said, and what may be nowhere in it."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        scene = Scene(server)
        clip = scene.new_clip()
        code, cookie = login_code(server), log_in(server)
        links = server.call("GET", f"{API}/clips/{clip}").json()
        signature = links["media_url"].partition("sig=")[2]
        server.call("GET", links["media_url"], key=False)
        server.call("GET", links["media_url"] + "0", key=False)
        server.call("GET", f"{API}/clips/{clip}/media", headers=cookie_header(cookie), key=False)
        server.call("GET", f"{API}/clips", headers=cookie_header(cookie + "0"), key=False)
        server.call("GET", f"{API}/clips", headers={"X-API-Key": WRONG_KEY}, key=False)
        server.call("GET", f"{API}/clips", headers={"Authorization": f"Bearer {WRONG_KEY}"}, key=False)
        server.call("GET", f"/login?code={GUESSED_CODE}", key=False)
        server.call("POST", f"{API}/capture/sessions", b'{"nonsense')
        server.call("POST", f"{API}/capture/sessions", {"source_id": "x11:none", "mode": "record"})
        self.answers = {path: server.call("GET", path).body for path in PATHS}
        server.call("GET", f"/login?code={code}", key=False)
        self.secrets = {
            "the API key": API_KEY,
            "the secret": SECRET_KEY,
            "somebody's wrong key": WRONG_KEY,
            "a login code": code,
            "a guessed login code": GUESSED_CODE,
            "a cookie": cookie,
            "a signature": signature,
        }


@pytest.fixture(scope="module", params=["false", "true"], ids=["plain", "debug"])
def searched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    planted = {"CLIPSHOT_API_KEY": API_KEY, "CLIPSHOT_SECRET_KEY": SECRET_KEY, "CLIPSHOT_DEBUG": request.param}
    data = tmp_path_factory.mktemp("searched") / "data"
    plant(data)  # for the tests' own calls; the environment, which programs hand on, is the worse place
    with serving(data, "--replay", env=planted) as server:
        wait_until_buffered(server, 1)
        yield Searched(server)


def found_in(searched: Searched, text: bytes, *, but: tuple[str, ...] = ()) -> list[str]:
    return [what for what, value in searched.secrets.items() if what not in but and value.encode() in text]


def test_not_in_answers(searched: Searched) -> None:
    for path, body in searched.answers.items():
        # Links in answers are signed, and an id that a caller sends comes back to it.
        but = ("a signature",) if path == f"{API}/clips" else ("the API key",) if API_KEY in path else ()
        assert found_in(searched, body, but=but) == [], path


def test_not_in_logs(searched: Searched) -> None:
    log = searched.server.log.read_bytes()
    assert log, "it logs something"
    # A path that a caller asks for is logged; that one held the key.
    lines = [line for line in log.splitlines() if f"{API}/clips/{API_KEY}".encode() not in line]
    assert found_in(searched, b"\n".join(lines)) == []


def test_not_in_process_lists(searched: Searched) -> None:
    server = searched.server
    Scene(server).new_clip()
    core = psutil.Process(server.process.pid)
    for process in [core, *descendants(server)]:
        assert found_in(searched, Path(f"/proc/{process.pid}/cmdline").read_bytes()) == []
    for process in descendants(server):
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
        assert found_in(searched, environment) == [], process.cmdline()


def test_not_in_the_data_directory(searched: Searched) -> None:
    for path in searched.server.data_dir.rglob("*"):
        if not path.is_file() or path.name in ("api-key", "secret-key", "test-server.log"):
            continue
        assert found_in(searched, path.read_bytes()) == [], path


def test_not_in_the_repr_of_settings(searched: Searched) -> None:
    from clipshot.settings import Settings

    settings = Settings(api_key=API_KEY, secret_key=SECRET_KEY, data_dir=searched.server.data_dir)  # type: ignore[arg-type]
    assert found_in(searched, f"{settings!r} {settings} {settings.model_dump()}".encode()) == []

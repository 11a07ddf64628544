"""What the fault tests look at: files, events, processes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import psutil

from tests.rpcs import API
from tests.serving import RunningServer
from tests.waiting import wait_for


def get(server: RunningServer, path: str) -> Any:
    """A GET below /api/v1 that has to succeed."""
    answer = server.call("GET", API + path)
    assert answer.status == 200, (path, answer.status, answer.body)
    return answer.json()


def post(server: RunningServer, path: str, body: dict[str, Any]) -> Any:
    """A POST below /api/v1 that has to succeed."""
    answer = server.call("POST", API + path, body)
    assert answer.status in (200, 201), (path, answer.status, answer.body)
    return answer.json()


def events(server: RunningServer, topic: str) -> list[dict[str, Any]]:
    """Stored events of a topic, oldest first."""
    found: list[dict[str, Any]] = get(server, f"/events/history?page_size=500&topics={topic}")["events"]
    return found


def wait_for_event(server: RunningServer, topic: str, limit: float = 30) -> dict[str, Any]:
    """The newest event of a topic, once there is one."""
    return wait_for(lambda: events(server, topic), limit, f"an event {topic}")[-1]


def wait_until_buffered(server: RunningServer, seconds: float) -> dict[str, Any]:
    """The replay buffer, once it holds this much."""

    def buffer() -> dict[str, Any] | None:
        answer = server.call("GET", f"{API}/capture/sessions/current/replay")
        held: dict[str, Any] = answer.json()
        return held if answer.status == 200 and seconds_of(held["filled"]) >= seconds else None

    return wait_for(buffer, seconds + 30, f"{seconds:g} s in the replay buffer")


def seconds_of(duration: str) -> float:
    """``1.5s`` as a number."""
    return float(duration.removesuffix("s"))


def pictures_in(path: str | Path) -> int:
    """Pictures that a decoder shows; raises where the file cannot be played to its end."""
    with av.open(str(path)) as container:
        assert container.duration
        return sum(1 for _ in container.decode(video=0))


def files_of(folder: Path) -> Iterator[Path]:
    """All video files below a folder, whatever they are named."""
    return (path for path in sorted(folder.rglob("*")) if path.suffix in (".mp4", ".m4s", ".part", ".mkv"))


def descendants(server: RunningServer) -> list[psutil.Process]:
    """The server's children and theirs."""
    return psutil.Process(server.process.pid).children(recursive=True)


def child_named(server: RunningServer, name: str) -> psutil.Process:
    """The child whose command line has this word."""
    return wait_for(
        lambda: next((child for child in descendants(server) if name in " ".join(child.cmdline())), None),
        20,
        f"a child {name}",
    )


def wait_until_gone(processes: list[psutil.Process], limit: float = 10) -> None:
    """Until none of them runs."""
    _, alive = psutil.wait_procs(processes, timeout=limit)
    assert not alive, f"still there after {limit:g} s: {alive}"

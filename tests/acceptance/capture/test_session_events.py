"""The events of one session as server-sent events, over a restart of the server: none missing, none twice."""

import time
from pathlib import Path

from tests.acceptance.main.client import Client
from tests.acceptance.main.display import virtual_display
from tests.acceptance.main.event_stream import EventStream, Frame, event_stream
from tests.acceptance.main.report import Report
from tests.serving import RunningServer, start_server


def listening(server: RunningServer, last_id: str = "") -> list[str]:
    """``curl -N`` on the events."""
    command = ["curl", "-sN", "-H", f"X-API-Key: {server.key}"]
    if last_id:
        command += ["-H", f"Last-Event-ID: {last_id}"]
    return [*command, f"{server.rest}/api/v1/system/events"]


def number(frame: Frame) -> int:
    return int(frame.id.rpartition("-")[2])


def told_until(stream: EventStream, event: str, seen: list[Frame]) -> None:
    seen += stream.until(event, 60)


def test_a_session_is_told_from_its_start_to_its_clip_across_a_restart(tmp_path: Path) -> None:
    report = Report("events of a session across a restart")
    seen: list[Frame] = []
    with virtual_display(640, 480) as display:
        server = start_server(tmp_path / "data", env=display.environment)
        with event_stream(listening(server)) as stream:
            stream.wait_for_greeting()
            session_id = Client(server).start("both").session_id
            told_until(stream, "capture:session_started", seen)
            time.sleep(1)
            server.kill()  # nobody says goodbye
        last = seen[-1].id
        server = start_server(tmp_path / "data", env=display.environment)
        try:
            with event_stream(listening(server, last)) as stream:
                stream.wait_for_greeting()
                told_until(stream, "capture:session_recovered", seen)
                told_until(stream, "capture:session_recovered", seen)  # the ring and the recording
            stored = Client(server).history()
        finally:
            server.stop()
    told = [frame.event for frame in seen]
    of_session = [frame for frame in seen if session_id in str(frame.data)]
    ids = [frame.id for frame in seen]
    report.line("events", len(seen))
    report.line("of the session", len(of_session))
    report.note(", ".join(told))

    assert len(set(ids)) == len(ids), "none twice"
    begin, end = ids[0], ids[-1]
    expected = [event.event_id for event in stored]
    expected = expected[expected.index(begin) : expected.index(end) + 1]
    assert ids == expected, "none missing, in the order in which they were stored"
    assert [number(frame) for frame in seen] == sorted(number(frame) for frame in seen)
    assert {"capture:session_started", "capture:session_failed", "capture:session_recovered", "clip:created"} <= set(
        told
    )

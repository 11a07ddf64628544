"""SIGTERM while everything is going on."""

import http.client
import signal
import threading
import time
import urllib.parse
from pathlib import Path

import grpc
from google.protobuf import message_factory

from tests.faults.scene import descendants, files_of, get, pictures_in, post, wait_until_buffered, wait_until_gone
from tests.rpcs import METHODS, message
from tests.serving import RunningServer, serving, start_server

#: Of the promised five seconds; the rest is for a machine that is busy with other things.
PATIENCE = 10.0


class GrpcStream:
    """A gRPC stream that is read until it ends."""

    def __init__(self, server: RunningServer, name: str, request: dict[str, str]) -> None:
        method = METHODS[name]
        # A channel of its own: that of the server object is closed before the signal.
        self.channel = grpc.insecure_channel(server.run["grpc"])
        remote = self.channel.unary_stream(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
        )
        self.stream = remote(message(method, request), metadata=server.metadata)
        next(iter(self.stream))
        self.ended_with: grpc.StatusCode | None = None
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self) -> None:
        try:
            for _ in self.stream:
                pass
            self.ended_with = grpc.StatusCode.OK
        except grpc.RpcError as error:
            self.ended_with = error.code()


class EventStream:
    """Server-sent events, read until they end."""

    def __init__(self, server: RunningServer) -> None:
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.rest).netloc, timeout=30)
        self.connection.request("GET", "/api/v1/system/events", headers={"X-API-Key": server.key})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200
        self.lines = [self.answer.readline()]
        self.thread = threading.Thread(target=lambda: self.lines.extend(self.answer), daemon=True)
        self.thread.start()


def test_everything_ends_whole(tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = start_server(data, "--replay")
    wait_until_buffered(server, 3)
    session = post(server, "/capture/sessions", {"source_id": "test:clock", "mode": "record"})
    ring = Path(get(server, "/capture/sessions/current/replay")["path"])
    streams = [
        GrpcStream(server, "EventService.Subscribe", {}),
        GrpcStream(server, "CaptureService.WatchSession", {"session_id": session["session_id"]}),
    ]
    sse = EventStream(server)
    time.sleep(1.3)  # something to record
    saving = post(server, "/capture/sessions/current:saveReplay", {"start": "clean", "no_wait": True})
    children = descendants(server)
    assert children, "the gateway at least"

    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    code = server.process.wait(PATIENCE)
    print(f"\nSIGTERM to exit: {time.monotonic() - began:.2f} s")
    assert code == 0, server.log.read_text()[-4000:]

    wait_until_gone(children, 3)
    for stream in streams:
        stream.thread.join(5)
        assert not stream.thread.is_alive()
        assert stream.ended_with in (grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
        stream.channel.close()
    sse.thread.join(5)
    assert not sse.thread.is_alive()
    assert any(b"system:stopping" in line for line in sse.lines), "the last thing that is told"
    assert not ring.exists(), "a clean stop empties the buffer"
    assert not (data / "run.json").exists()
    for path in files_of(data):
        assert pictures_in(path) > 0, path

    with serving(data) as again:
        (recorded,) = get(again, "/clips?origins=recorded")["clips"]
        assert recorded["session_id"] == session["session_id"]
        assert pictures_in(recorded["path"]) == int(recorded["video"]["frames"]) >= 30
        saved = get(again, f"/operations/{saving['operation_id']}")
        assert saved["state"] in ("succeeded", "failed", "cancelled")
        if saved["state"] == "succeeded":
            assert pictures_in(saved["saved_clip"]["path"]) == int(saved["saved_clip"]["frames"])
        else:
            assert saved["error"]["details"][0]["reason"]
        ended = get(again, f"/capture/sessions/{session['session_id']}")
        assert ended["state"] == "stopped"


def test_a_second_signal_is_no_trouble(tmp_path: Path) -> None:
    server = start_server(tmp_path / "data", "--replay")
    wait_until_buffered(server, 1)
    children = descendants(server)
    server.process.send_signal(signal.SIGINT)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(PATIENCE) == 0
    wait_until_gone(children, 3)


def test_a_stop_right_after_the_start(tmp_path: Path) -> None:
    for _ in range(3):
        server = start_server(tmp_path / "data", "--replay")
        children = descendants(server)
        assert server.stop(PATIENCE) == 0
        wait_until_gone(children, 3)

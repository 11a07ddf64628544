"""Twenty callers at once with one request_id make one clip."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from clipshot.gen.capture.v1.capture_service_pb2 import SaveReplayRequest
from clipshot.gen.operations.v1.operation_pb2 import Operation
from tests.acceptance.main.client import Client, duration
from tests.acceptance.main.report import Report
from tests.serving import RunningServer, serving, start_server

CALLERS = 20


def call(client: Client, request: SaveReplayRequest) -> Operation:
    return client.capture.SaveReplay(request, metadata=client.metadata, timeout=60)


def refused(client: Client, request: SaveReplayRequest) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as error:
        call(client, request)
    return error.value.code()


def both_faces(server: RunningServer, client: Client, request: SaveReplayRequest, caller: int) -> tuple[str, str]:
    """One of the calls, by gRPC or by REST; the operation and the clip that it answers."""
    if caller % 2:
        operation = call(client, request)
        return operation.operation_id, operation.saved_clip.clip_id
    body = {"duration": "2s", "request_id": request.request_id}
    answer = server.call("POST", "/api/v1/capture/sessions/current:saveReplay", body)
    assert answer.status == 200, answer.body
    return answer.json()["operation_id"], answer.json()["saved_clip"]["clip_id"]


def test_one_clip(tmp_path: Path) -> None:
    report = Report(f"{CALLERS} concurrent SaveReplay calls with one request_id, half of them over REST")
    request = SaveReplayRequest(session_id="current", duration=duration(2), request_id=str(uuid.uuid4()))
    with serving(tmp_path / "data", "--replay") as server:
        client = Client(server)
        client.wait_until_buffered(3)
        gate = threading.Barrier(CALLERS)

        def at_once(caller: int) -> tuple[str, str]:
            gate.wait()
            return both_faces(server, client, request, caller)

        with ThreadPoolExecutor(CALLERS) as callers:
            answers = list(callers.map(at_once, range(CALLERS)))
        made = client.list_clips("replay")
        files = list(Path(made[0].path).parent.glob("*.mp4"))
        report.line("answers", len(answers))
        report.line("different operations among them", len({operation for operation, _ in answers}), limit="1")
        report.line("clips", len(made), limit="1")
        report.line("files", len(files), limit="1")
        assert set(answers) == {(answers[0][0], made[0].clip_id)}
        assert len(made) == len(files) == 1
        assert len(client.history("clip:created")) == 1

        other = SaveReplayRequest(session_id="current", duration=duration(1), request_id=request.request_id)
        report.line("the same id with another body", refused(client, other).name, limit="INVALID_ARGUMENT")
        assert refused(client, other) == grpc.StatusCode.INVALID_ARGUMENT

    again = start_server(tmp_path / "data", "--no-replay")
    try:
        client = Client(again)
        report.line("the same after a restart", refused(client, other).name, limit="INVALID_ARGUMENT")
        assert refused(client, other) == grpc.StatusCode.INVALID_ARGUMENT
        assert call(client, request).saved_clip.clip_id == made[0].clip_id
        assert len(client.list_clips("replay")) == 1
    finally:
        assert again.stop() == 0

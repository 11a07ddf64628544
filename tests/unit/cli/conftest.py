"""A gRPC server with a small library, and a way to run commands against it."""
# ruff: noqa: N802 - gRPC names the methods of servicers

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status
from typer.testing import CliRunner, Result

from clipshot.cli.main import app
from clipshot.gen.capture.v1.capture_service_pb2 import (
    GetSessionRequest,
    ListAudioDevicesRequest,
    ListAudioDevicesResponse,
    ListSessionsRequest,
    ListSessionsResponse,
    PauseSessionRequest,
    ResumeSessionRequest,
    SaveReplayRequest,
    SplitSessionRequest,
    StartSessionRequest,
    StopSessionRequest,
    TakeScreenshotRequest,
    ToggleSessionRequest,
    UpdateAudioTrackRequest,
    UpdateSessionRequest,
)
from clipshot.gen.capture.v1.capture_service_pb2_grpc import (
    CaptureServiceServicer,
    add_CaptureServiceServicer_to_server,
)
from clipshot.gen.capture.v1.screenshot_pb2 import Screenshot
from clipshot.gen.capture.v1.session_pb2 import Recording, Session, SplitRule
from clipshot.gen.clips.v1.clip_pb2 import Clip
from clipshot.gen.clips.v1.clip_service_pb2 import (
    DeleteClipRequest,
    DeleteClipResponse,
    GetClipRequest,
    ListClipsRequest,
    ListClipsResponse,
    PurgeClipsRequest,
    PurgeClipsResponse,
)
from clipshot.gen.clips.v1.clip_service_pb2_grpc import ClipServiceServicer, add_ClipServiceServicer_to_server
from clipshot.gen.operations.v1.operation_pb2 import Operation, SavedClip
from clipshot.gen.operations.v1.operations_service_pb2 import (
    GetOperationRequest,
    WatchOperationRequest,
    WatchOperationResponse,
)
from clipshot.gen.operations.v1.operations_service_pb2_grpc import (
    OperationsServiceServicer,
    add_OperationsServiceServicer_to_server,
)
from clipshot.gen.system.v1.access_service_pb2 import CreateLoginCodeRequest, LoginCode
from clipshot.gen.system.v1.access_service_pb2_grpc import AccessServiceServicer, add_AccessServiceServicer_to_server
from clipshot.instance.run_file import RunFile

KEY = "key-of-the-test-server"
MADE = datetime(2026, 3, 1, 13, 5, 9, tzinfo=UTC)
SAVED = SavedClip(
    clip_id="clp_new",
    path="/clips/new one.mp4",
    duration=timedelta(seconds=30),
    size_bytes=45_000_000,
    actual_start=timedelta(seconds=70),
    actual_end=timedelta(seconds=100),
    start_rule=SavedClip.START_RULE_KEYFRAME,
    fallback_reason="the head could not be encoded",
    frames=900,
)


def clip(number: int, **facts: Any) -> Clip:
    """A clip that is ready."""
    return (
        Clip(
            clip_id=f"clp_{number:04}",
            title=f"Round {number}",
            state=Clip.STATE_READY,
            origin=Clip.ORIGIN_REPLAY,
            create_time=MADE - timedelta(minutes=number),
            duration=timedelta(seconds=30),
            size_bytes=1_572_864,
            path=f"/clips/{number}.mp4",
        )
        if not facts
        else Clip(**facts)
    )


def refuse(context: grpc.ServicerContext, code: int, reason: str, message: str, **metadata: str) -> None:
    """End a call as the server's error interceptor does."""
    status = status_pb2.Status(code=code, message=message)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason, domain="clipshot", metadata=metadata))
    context.abort_with_status(rpc_status.to_status(status))


@dataclass
class Recorder(CaptureServiceServicer):
    """Sessions; remembers what it was asked."""

    asked: list[Message] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    devices: ListAudioDevicesResponse = field(default_factory=ListAudioDevicesResponse)
    operation: Operation = field(default_factory=lambda: Operation(operation_id="op_save", kind="save_replay"))

    def StartSession(self, request: StartSessionRequest, context: grpc.ServicerContext) -> Session:
        UUID(request.request_id)
        self.asked.append(request)
        return Session(session_id="ses_1", state=Session.STATE_ACTIVE, mode=request.mode)

    def ListSessions(self, request: ListSessionsRequest, context: grpc.ServicerContext) -> ListSessionsResponse:
        return ListSessionsResponse(sessions=self.sessions)

    def StopSession(self, request: StopSessionRequest, context: grpc.ServicerContext) -> Session:
        self.asked.append(request)
        context.send_initial_metadata([("x-operation-id", "op_finish")])
        return Session(session_id=request.session_id, state=Session.STATE_STOPPED)

    def GetSession(self, request: GetSessionRequest, context: grpc.ServicerContext) -> Session:
        return self.sessions[0]

    def ListAudioDevices(
        self, request: ListAudioDevicesRequest, context: grpc.ServicerContext
    ) -> ListAudioDevicesResponse:
        return self.devices

    def UpdateAudioTrack(self, request: UpdateAudioTrackRequest, context: grpc.ServicerContext) -> Session:
        UUID(request.request_id)
        self.asked.append(request)
        return Session(session_id="ses_1", state=Session.STATE_ACTIVE)

    def TakeScreenshot(self, request: TakeScreenshotRequest, context: grpc.ServicerContext) -> Screenshot:
        UUID(request.request_id)
        self.asked.append(request)
        shot = Screenshot(format=request.format, width=1920, height=1080, size_bytes=2048)
        if request.save:
            shot.path = "/clips/screenshots/Screen.png"
        else:
            shot.data = b"a picture"
        return shot

    def PauseSession(self, request: PauseSessionRequest, context: grpc.ServicerContext) -> Session:
        paused = self._changed(request)
        paused.state = Session.STATE_PAUSED
        paused.recording.paused = True
        paused.recording.part = 2
        paused.recording.split.CopyFrom(SplitRule(max_duration=timedelta(minutes=10), max_size_bytes=2 << 20))
        return paused

    def ResumeSession(self, request: ResumeSessionRequest, context: grpc.ServicerContext) -> Session:
        return self._changed(request)

    def SplitSession(self, request: SplitSessionRequest, context: grpc.ServicerContext) -> Session:
        return self._changed(request)

    def ToggleSession(self, request: ToggleSessionRequest, context: grpc.ServicerContext) -> Session:
        return self._changed(request)

    def UpdateSession(self, request: UpdateSessionRequest, context: grpc.ServicerContext) -> Session:
        return self._changed(request)

    def _changed(self, request: Any) -> Session:
        UUID(request.request_id)
        self.asked.append(request)
        return recording_session("ses_1")

    def SaveReplay(self, request: SaveReplayRequest, context: grpc.ServicerContext) -> Operation:
        UUID(request.request_id)
        self.asked.append(request)
        if request.session_id != "current":
            refuse(context, code_pb2.FAILED_PRECONDITION, "NO_REPLAY_BUFFER", "nothing is buffered", remedy="start it")
        return self.operation


@dataclass
class Work(OperationsServiceServicer):
    """One operation, which runs until it is watched to its end."""

    end: Operation = field(
        default_factory=lambda: Operation(
            operation_id="op_save", kind="save_replay", state=Operation.STATE_SUCCEEDED, progress=1, saved_clip=SAVED
        )
    )

    def GetOperation(self, request: GetOperationRequest, context: grpc.ServicerContext) -> Operation:
        return Operation(operation_id=request.operation_id, kind=self.end.kind, state=Operation.STATE_RUNNING)

    def WatchOperation(
        self, request: WatchOperationRequest, context: grpc.ServicerContext
    ) -> Iterator[WatchOperationResponse]:
        yield WatchOperationResponse()
        running = Operation(operation_id=request.operation_id, state=Operation.STATE_RUNNING, progress=0.5)
        yield WatchOperationResponse(operation=running)
        yield WatchOperationResponse(operation=self.end)


@dataclass
class Library(ClipServiceServicer):
    """Clips in pages of two, however many are asked for."""

    clips: list[Clip] = field(default_factory=lambda: [clip(number) for number in range(1, 6)])
    asked: list[Message] = field(default_factory=list)

    def GetClip(self, request: GetClipRequest, context: grpc.ServicerContext) -> Clip:
        for each in self.clips:
            if each.clip_id == request.clip_id:
                return each
        refuse(context, code_pb2.NOT_FOUND, "CLIP_NOT_FOUND", f"there is no clip {request.clip_id!r}")
        raise AssertionError

    def ListClips(self, request: ListClipsRequest, context: grpc.ServicerContext) -> ListClipsResponse:
        self.asked.append(request)
        begin = int(request.page_token or 0)
        end = begin + min(request.page_size, 2)
        more = str(end) if end < len(self.clips) else ""
        return ListClipsResponse(clips=self.clips[begin:end], next_page_token=more)

    def DeleteClip(self, request: DeleteClipRequest, context: grpc.ServicerContext) -> DeleteClipResponse:
        self.asked.append(request)
        return DeleteClipResponse()

    def PurgeClips(self, request: PurgeClipsRequest, context: grpc.ServicerContext) -> PurgeClipsResponse:
        self.asked.append(request)
        return PurgeClipsResponse(clip_ids=["clp_a", "clp_b"], freed_bytes=2048)


class Access(AccessServiceServicer):
    """Logs in as a server without a gateway does: a code, and no page for it."""

    def CreateLoginCode(self, request: CreateLoginCodeRequest, context: grpc.ServicerContext) -> LoginCode:
        return LoginCode(code="code")


class KeyGuard(grpc.ServerInterceptor):
    """Refuses calls without the key."""

    def intercept_service(self, continuation: Any, details: grpc.HandlerCallDetails) -> Any:
        if ("x-api-key", KEY) in details.invocation_metadata:
            return continuation(details)

        def deny(_: Any, context: grpc.ServicerContext) -> None:
            refuse(context, code_pb2.UNAUTHENTICATED, "KEY_REQUIRED", "no valid key")

        return grpc.unary_unary_rpc_method_handler(deny)


def write_run_file(data_dir: Path, *, pid: int = 1, socket: str = "", grpc: str = "") -> None:
    """What a server leaves in its data directory, so that commands find it."""
    RunFile(pid, "0.1.0", rest="", page="", grpc=grpc, socket=socket, data_dir=str(data_dir)).write()


@dataclass
class FakeServer:
    """The parts of the server that tests look into."""

    data_dir: Path
    capture: Recorder
    clips: Library
    operations: Work


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeServer]:
    """A server on a unix socket, with the run file and the key file of a real one."""
    parts = FakeServer(tmp_path, Recorder(), Library(), Work())
    grpc_server = grpc.server(ThreadPoolExecutor(max_workers=4), interceptors=[KeyGuard()])
    add_CaptureServiceServicer_to_server(parts.capture, grpc_server)
    add_ClipServiceServicer_to_server(parts.clips, grpc_server)
    add_OperationsServiceServicer_to_server(parts.operations, grpc_server)
    add_AccessServiceServicer_to_server(Access(), grpc_server)
    socket = tmp_path / "core.sock"
    grpc_server.add_insecure_port(f"unix:{socket}")
    grpc_server.start()
    write_run_file(tmp_path, socket=str(socket))
    (tmp_path / "api-key").write_text(KEY + "\n")
    yield parts
    grpc_server.stop(grace=None).wait()


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command line, with nothing of the caller's environment that could steer it."""
    for name in [name for name in os.environ if name.startswith("CLIPSHOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    def run(*arguments: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(app, list(arguments), input=answer)

    return run


@pytest.fixture
def ask(run: Run, server: FakeServer) -> Run:
    """Runs a command line against the server."""

    def ask(*arguments: str, answer: str | None = None) -> Result:
        return run("--data-dir", str(server.data_dir), *arguments, answer=answer)

    return ask


def recording_session(session_id: str) -> Session:
    """A session that records."""
    return Session(session_id=session_id, state=Session.STATE_ACTIVE, recording=Recording(path="/r.mp4"))

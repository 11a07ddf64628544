"""The typed calls that the shows make, over gRPC."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import grpc
from google.protobuf import duration_pb2

from clipshot.gen.capture.v1 import capture_service_pb2 as capture
from clipshot.gen.capture.v1 import capture_service_pb2_grpc as capture_grpc
from clipshot.gen.capture.v1 import encoder_pb2, session_pb2
from clipshot.gen.clips.v1 import clip_pb2, clip_service_pb2_grpc
from clipshot.gen.clips.v1 import clip_service_pb2 as clips
from clipshot.gen.events.v1 import event_pb2, event_service_pb2_grpc
from clipshot.gen.events.v1 import event_service_pb2 as events
from clipshot.gen.operations.v1 import operation_pb2, operations_service_pb2, operations_service_pb2_grpc
from tests.serving import RunningServer

T = TypeVar("T")

CLEAN = capture.SaveReplayRequest.START_CLEAN
KEYFRAME = capture.SaveReplayRequest.START_KEYFRAME


def duration(seconds: float) -> duration_pb2.Duration:
    """A protobuf Duration."""
    made = duration_pb2.Duration()
    made.FromTimedelta(timedelta(seconds=seconds))
    return made


def seconds(value: duration_pb2.Duration) -> float:
    """A protobuf Duration as seconds."""
    return value.seconds + value.nanos / 1e9


class Client:
    """One server's services; every call must succeed."""

    def __init__(self, server: RunningServer) -> None:
        channel = server.channel()
        self.metadata = tuple(server.metadata)
        self.capture = capture_grpc.CaptureServiceStub(channel)
        self.clips = clip_service_pb2_grpc.ClipServiceStub(channel)
        self.events = event_service_pb2_grpc.EventServiceStub(channel)
        self.operations = operations_service_pb2_grpc.OperationsServiceStub(channel)

    def start(self, mode: str, *, fps: int | None = None, replay_seconds: float | None = None) -> session_pb2.Session:
        """Start ``record``, ``replay`` or ``both`` on the primary source."""
        request = capture.StartSessionRequest(
            mode=f"MODE_{mode.upper()}",
            video=encoder_pb2.VideoConfig(fps=fps) if fps else None,
            replay_duration=duration(replay_seconds) if replay_seconds else None,
        )
        return self.capture.StartSession(request, metadata=self.metadata, timeout=20)

    def session(self, session_id: str = "current") -> session_pb2.Session:
        """A session as it stands."""
        request = capture.GetSessionRequest(session_id=session_id)
        return self.capture.GetSession(request, metadata=self.metadata, timeout=20)

    def buffer(self) -> session_pb2.ReplayBuffer:
        """The replay buffer as it stands."""
        request = capture.GetReplayBufferRequest(session_id="current")
        return self.capture.GetReplayBuffer(request, metadata=self.metadata, timeout=20)

    def wait_until_buffered(self, length: float) -> session_pb2.ReplayBuffer:
        """Until the replay buffer holds ``length`` seconds."""
        return until(self.buffer, lambda held: seconds(held.filled) >= length, length + 20, f"{length} s buffered")

    def stop(self, session_id: str, what: str = "all") -> session_pb2.Session:
        """Stop ``recording``, ``replay`` or ``all``."""
        request = capture.StopSessionRequest(session_id=session_id, what=f"WHAT_{what.upper()}")
        return self.capture.StopSession(request, metadata=self.metadata, timeout=60)

    def save(self, length: float, start: Any = CLEAN, *, no_wait: bool = False) -> operation_pb2.Operation:
        """Save the last ``length`` seconds."""
        request = capture.SaveReplayRequest(
            session_id="current", duration=duration(length), start=start, no_wait=no_wait
        )
        return self.capture.SaveReplay(request, metadata=self.metadata, timeout=60)

    def operation(self, operation_id: str) -> operation_pb2.Operation:
        """An operation as it stands."""
        request = operations_service_pb2.GetOperationRequest(operation_id=operation_id)
        return self.operations.GetOperation(request, metadata=self.metadata, timeout=20)

    def clip(self, clip_id: str) -> clip_pb2.Clip:
        """A clip."""
        return self.clips.GetClip(clips.GetClipRequest(clip_id=clip_id), metadata=self.metadata, timeout=20)

    def list_clips(self, origin: str, session_id: str = "") -> list[clip_pb2.Clip]:
        """The clips of one origin, of one session if named; newest first."""
        request = clips.ListClipsRequest(origins=[f"ORIGIN_{origin.upper()}"], session_id=session_id, page_size=500)
        return list(self.clips.ListClips(request, metadata=self.metadata, timeout=20).clips)

    def wait_for_clips(self, origin: str, number: int, session_id: str = "") -> list[clip_pb2.Clip]:
        """The clips of one origin, once there are ``number`` of them."""
        return until(
            lambda: self.list_clips(origin, session_id),
            lambda found: len(found) >= number,
            60,
            f"{number} clips of origin {origin}",
        )

    def remove(self, *clip_ids: str) -> None:
        """Delete clips and their files for good."""
        for clip_id in clip_ids:
            self.clips.DeleteClip(clips.DeleteClipRequest(clip_id=clip_id), metadata=self.metadata, timeout=20)
        self.clips.PurgeClips(clips.PurgeClipsRequest(clip_ids=clip_ids), metadata=self.metadata, timeout=60)

    def history(self, *topics: str, resource: str = "") -> list[event_pb2.Event]:
        """Stored events of these topics, oldest first."""
        request = events.ListEventsRequest(topics=topics, resource=resource, page_size=500)
        found: list[event_pb2.Event] = []
        while True:
            page = self.events.ListEvents(request, metadata=self.metadata, timeout=20)
            found += page.events
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token


def until(ask: Callable[[], T], enough: Callable[[T], bool], limit: float, what: str) -> T:
    """Ask until the answer is enough; an answer NOT_FOUND or FAILED_PRECONDITION counts as not yet."""
    deadline = time.monotonic() + limit
    while True:
        try:
            answer = ask()
            if enough(answer):
                return answer
        except grpc.RpcError as error:
            if error.code() not in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION):
                raise
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit:.0f} s: {what}")
        time.sleep(0.02)

"""CaptureService."""

from collections.abc import AsyncIterator
from typing import Any

from google.api import httpbody_pb2
from grpc import aio

from clipshot.api.converter import enum_from_proto, from_proto, to_proto
from clipshot.api.request_key import request_key
from clipshot.api.servicers.live import LiveMethods
from clipshot.api.servicers.screenshots import ScreenshotMethods
from clipshot.api.servicers.sound import SoundMethods
from clipshot.core.capture.requests import (
    MarkerRequest,
    SaveRequest,
    SplitRequest,
    StartRequest,
    StopRequest,
    ToggleRequest,
    UpdateRequest,
)
from clipshot.core.capture.service import CaptureService
from clipshot.core.capture.session import SessionState
from clipshot.core.capture.source import SourceKind
from clipshot.core.capture.stop import StoppedSession
from clipshot.core.paging import PageRequest
from clipshot.core.store import SessionFilter
from clipshot.gen.capture.v1 import (
    capture_service_pb2,
    capture_service_pb2_grpc,
    encoder_pb2,
    marker_pb2,
    session_pb2,
    source_pb2,
)
from clipshot.gen.operations.v1 import operation_pb2

_Context = aio.ServicerContext[Any, Any]

_SESSIONS_PATH = "/api/v1/capture/sessions"
_KIND = source_pb2.Source.Kind.DESCRIPTOR
_STATE = session_pb2.Session.State.DESCRIPTOR


class CaptureServicer(LiveMethods, ScreenshotMethods, SoundMethods):
    """Capture over gRPC."""

    service_name = capture_service_pb2.DESCRIPTOR.services_by_name["CaptureService"].full_name

    def __init__(self, capture: CaptureService) -> None:
        self._capture = capture

    def register(self, server: aio.Server) -> None:
        """Add the methods to a server."""
        capture_service_pb2_grpc.add_CaptureServiceServicer_to_server(self, server)

    async def ListSources(
        self, request: capture_service_pb2.ListSourcesRequest, context: _Context
    ) -> capture_service_pb2.ListSourcesResponse:
        """What can be captured, and with what."""
        kinds = (enum_from_proto(kind, _KIND, SourceKind) for kind in request.kinds)
        sources = await self._capture.list_sources([kind for kind in kinds if kind])
        backends = await self._capture.list_backends()
        return capture_service_pb2.ListSourcesResponse(
            sources=[to_proto(source, source_pb2.Source) for source in sources],
            backends=[to_proto(backend, source_pb2.Backend) for backend in backends],
        )

    async def ListEncoders(
        self, request: capture_service_pb2.ListEncodersRequest, context: _Context
    ) -> capture_service_pb2.ListEncodersResponse:
        """Encoders that work here."""
        encoders = await self._capture.list_encoders()
        return capture_service_pb2.ListEncodersResponse(
            encoders=[to_proto(encoder, encoder_pb2.Encoder) for encoder in encoders]
        )

    async def StartSession(
        self, request: capture_service_pb2.StartSessionRequest, context: _Context
    ) -> session_pb2.Session:
        """Begin to record, to buffer, or both."""
        session = await self._capture.start_session(
            from_proto(request, StartRequest), request_key(request, "StartSession")
        )
        await context.send_initial_metadata((("location", f"{_SESSIONS_PATH}/{session.session_id}"),))
        return to_proto(session, session_pb2.Session)

    async def GetSession(
        self, request: capture_service_pb2.GetSessionRequest, context: _Context
    ) -> session_pb2.Session:
        """One session."""
        return to_proto(await self._capture.get_session(request.session_id), session_pb2.Session)

    async def ListSessions(
        self, request: capture_service_pb2.ListSessionsRequest, context: _Context
    ) -> capture_service_pb2.ListSessionsResponse:
        """Sessions, newest first."""
        states = (enum_from_proto(state, _STATE, SessionState) for state in request.states)
        where = SessionFilter(tuple(state for state in states if state))
        page = await self._capture.list_sessions(where, PageRequest(request.page_size, request.page_token))
        return capture_service_pb2.ListSessionsResponse(
            sessions=[to_proto(session, session_pb2.Session) for session in page.items],
            next_page_token=page.next_token,
        )

    async def StopSession(
        self, request: capture_service_pb2.StopSessionRequest, context: _Context
    ) -> session_pb2.Session:
        """Stop the recording, the buffer, or all."""
        stopped = await self._capture.stop_session(
            from_proto(request, StopRequest), request_key(request, "StopSession")
        )
        return await _answer(stopped, context)

    async def UpdateSession(
        self, request: capture_service_pb2.UpdateSessionRequest, context: _Context
    ) -> session_pb2.Session:
        """Change a running session."""
        session = await self._capture.update_session(
            from_proto(request, UpdateRequest), request_key(request, "UpdateSession")
        )
        return to_proto(session, session_pb2.Session)

    async def PauseSession(
        self, request: capture_service_pb2.PauseSessionRequest, context: _Context
    ) -> session_pb2.Session:
        """Pause a recording."""
        session = await self._capture.pause_session(request.session_id, request_key(request, "PauseSession"))
        return to_proto(session, session_pb2.Session)

    async def ResumeSession(
        self, request: capture_service_pb2.ResumeSessionRequest, context: _Context
    ) -> session_pb2.Session:
        """Go on with a paused recording."""
        session = await self._capture.resume_session(request.session_id, request_key(request, "ResumeSession"))
        return to_proto(session, session_pb2.Session)

    async def SplitSession(
        self, request: capture_service_pb2.SplitSessionRequest, context: _Context
    ) -> session_pb2.Session:
        """Go on recording into a new file."""
        split = await self._capture.split_session(
            from_proto(request, SplitRequest), request_key(request, "SplitSession")
        )
        return await _answer(split, context)

    async def ToggleSession(
        self, request: capture_service_pb2.ToggleSessionRequest, context: _Context
    ) -> session_pb2.Session:
        """Start what is off, stop what is on."""
        toggled = await self._capture.toggle_session(
            from_proto(request, ToggleRequest), request_key(request, "ToggleSession")
        )
        return await _answer(toggled, context)

    async def WatchSession(
        self, request: capture_service_pb2.WatchSessionRequest, context: _Context
    ) -> AsyncIterator[capture_service_pb2.WatchSessionResponse]:
        """The session now, after each change and each second, until it has ended."""
        async for session in self._capture.watch_session(request.session_id):
            yield capture_service_pb2.WatchSessionResponse(session=to_proto(session, session_pb2.Session))

    async def SaveReplay(
        self, request: capture_service_pb2.SaveReplayRequest, context: _Context
    ) -> operation_pb2.Operation:
        """Save the last moments as a clip."""
        operation = await self._capture.save_replay(
            from_proto(request, SaveRequest), request_key(request, "SaveReplay")
        )
        await context.send_initial_metadata((("x-operation-id", operation.operation_id),))
        return to_proto(operation, operation_pb2.Operation)

    async def GetReplayBuffer(
        self, request: capture_service_pb2.GetReplayBufferRequest, context: _Context
    ) -> session_pb2.ReplayBuffer:
        """What a replay buffer holds."""
        return to_proto(await self._capture.get_replay_buffer(request.session_id), session_pb2.ReplayBuffer)

    async def GetPreviewFrame(
        self, request: capture_service_pb2.GetPreviewFrameRequest, context: _Context
    ) -> httpbody_pb2.HttpBody:
        """One JPEG of now."""
        jpeg = await self._capture.preview(request.session_id, request.max_width)
        return httpbody_pb2.HttpBody(content_type="image/jpeg", data=jpeg)

    async def CreateMarker(
        self, request: capture_service_pb2.CreateMarkerRequest, context: _Context
    ) -> marker_pb2.Marker:
        """Mark a moment."""
        marker = await self._capture.create_marker(
            from_proto(request, MarkerRequest), request_key(request, "CreateMarker")
        )
        return to_proto(marker, marker_pb2.Marker)

    async def ListMarkers(
        self, request: capture_service_pb2.ListMarkersRequest, context: _Context
    ) -> capture_service_pb2.ListMarkersResponse:
        """Markers of a session."""
        page = await self._capture.list_markers(request.session_id, PageRequest(request.page_size, request.page_token))
        return capture_service_pb2.ListMarkersResponse(
            markers=[to_proto(marker, marker_pb2.Marker) for marker in page.items],
            next_page_token=page.next_token,
        )

    async def DeleteMarker(
        self, request: capture_service_pb2.DeleteMarkerRequest, context: _Context
    ) -> capture_service_pb2.DeleteMarkerResponse:
        """Remove a marker."""
        await self._capture.delete_marker(request.session_id, request.marker_id, request_key(request, "DeleteMarker"))
        return capture_service_pb2.DeleteMarkerResponse()


async def _answer(stopped: StoppedSession, context: _Context) -> session_pb2.Session:
    """The session, and in a header the operation that makes a clip of what was recorded."""
    if stopped.operation_id:
        await context.send_initial_metadata((("x-operation-id", stopped.operation_id),))
    return to_proto(stopped.session, session_pb2.Session)

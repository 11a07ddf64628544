"""The methods of CaptureService that are about sound."""

from typing import Any

from grpc import aio

from clipshot.api.converter import enum_from_proto, from_proto, to_proto
from clipshot.api.request_key import request_key
from clipshot.core.capture.audio import AudioKind
from clipshot.core.capture.requests import AudioTrackRequest
from clipshot.core.capture.service import CaptureService
from clipshot.gen.capture.v1 import audio_pb2, capture_service_pb2, capture_service_pb2_grpc, session_pb2

_Context = aio.ServicerContext[Any, Any]
_KIND = audio_pb2.AudioDevice.Kind.DESCRIPTOR


class SoundMethods(capture_service_pb2_grpc.CaptureServiceServicer):
    """Sound over gRPC; a base of the servicer."""

    _capture: CaptureService

    async def ListAudioDevices(
        self, request: capture_service_pb2.ListAudioDevicesRequest, context: _Context
    ) -> capture_service_pb2.ListAudioDevicesResponse:
        """What can be heard."""
        kinds = (enum_from_proto(kind, _KIND, AudioKind) for kind in request.kinds)
        found = await self._capture.list_audio_devices([kind for kind in kinds if kind])
        return to_proto(found, capture_service_pb2.ListAudioDevicesResponse)

    async def UpdateAudioTrack(
        self, request: capture_service_pb2.UpdateAudioTrackRequest, context: _Context
    ) -> session_pb2.Session:
        """Change gain or mute."""
        session = await self._capture.update_audio_track(
            from_proto(request, AudioTrackRequest), request_key(request, "UpdateAudioTrack")
        )
        return to_proto(session, session_pb2.Session)

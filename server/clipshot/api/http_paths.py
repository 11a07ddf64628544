"""The HTTP paths of calls, for signed links: they are signed for a path and must reach no other call."""

import re
from collections.abc import Callable, Mapping

from google.api import annotations_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from clipshot.gen.capture.v1 import capture_service_pb2
from clipshot.gen.clips.v1 import clip_service_pb2
from clipshot.gen.events.v1 import event_service_pb2
from clipshot.gen.operations.v1 import operations_service_pb2

_CAPTURE = capture_service_pb2.DESCRIPTOR.services_by_name["CaptureService"]
_CLIPS = clip_service_pb2.DESCRIPTOR.services_by_name["ClipService"]
_EVENTS = event_service_pb2.DESCRIPTOR.services_by_name["EventService"]
_OPERATIONS = operations_service_pb2.DESCRIPTOR.services_by_name["OperationsService"]

_MEDIA = "/api/v1/clips/{clip_id}/media"
_THUMBNAIL = "/api/v1/clips/{clip_id}/thumbnail"
_LIVE = "/api/v1/capture/sessions/{session_id}/live.mp4"
_LIVE_PREVIEW = "/api/v1/capture/sessions/{session_id}/preview.h264"

_VARIABLE = re.compile(r"\{(\w+)\}")


def readable_path(method: str, request: Message | None) -> str | None:
    """The path by which a signed link may reach a call (``/package.Service/Method``); None where none may."""
    render = _RENDERERS.get(method)
    return render(request) if render and request is not None else None


def is_readable(path: str) -> bool:
    """Whether a link to a path, without its query, can reach anything."""
    return any(pattern.fullmatch(path) for pattern in _PATTERNS)


def route(method: MethodDescriptor) -> str:
    """A method's name as it stands on the wire."""
    return f"/{method.containing_service.full_name}/{method.name}"


def _template(service: ServiceDescriptor, method: str) -> tuple[str, str]:
    found = service.methods_by_name[method]
    return route(found), str(found.GetOptions().Extensions[annotations_pb2.http].get)


def _fill(template: str, request: Message) -> str:
    return _VARIABLE.sub(lambda found: str(getattr(request, found[1])), template)


def _renderer(template: str) -> Callable[[Message], str]:
    return lambda request: _fill(template, request)


def _media_path(request: Message) -> str:
    assert isinstance(request, clip_service_pb2.ResolveMediaRequest)
    thumbnail = request.kind == clip_service_pb2.ResolveMediaRequest.KIND_THUMBNAIL
    return _fill(_THUMBNAIL if thumbnail else _MEDIA, request)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_VARIABLE.sub("[A-Za-z0-9_-]+", template.replace(".", r"\.")))


_STREAMS_AND_PREVIEWS = dict(
    (
        _template(_CAPTURE, "GetPreviewFrame"),
        _template(_CAPTURE, "WatchSession"),
        _template(_EVENTS, "Subscribe"),
        _template(_OPERATIONS, "WatchOperation"),
    )
)
_RENDERERS: Mapping[str, Callable[[Message], str]] = {
    **{method: _renderer(template) for method, template in _STREAMS_AND_PREVIEWS.items()},
    # The gateway's own ways to the bytes of a clip and to live pictures; their paths are in no annotation.
    route(_CLIPS.methods_by_name["ResolveMedia"]): _media_path,
    route(_CAPTURE.methods_by_name["StreamChunks"]): _renderer(_LIVE),
    route(_CAPTURE.methods_by_name["StreamPreview"]): _renderer(_LIVE_PREVIEW),
}
_PATTERNS = [
    _pattern(template) for template in (*_STREAMS_AND_PREVIEWS.values(), _MEDIA, _THUMBNAIL, _LIVE, _LIVE_PREVIEW)
]

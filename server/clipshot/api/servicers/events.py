"""EventService."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import grpc
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from grpc import aio

from clipshot.api.converter import enum_from_proto, to_proto
from clipshot.api.event_codec import EventCodec, event_to_proto, payload_field
from clipshot.api.request_key import request_key
from clipshot.core.errors import InvalidArgumentError
from clipshot.core.events.catalogue import EVENT_TYPES
from clipshot.core.events.event import Priority
from clipshot.core.events.payloads import Custom
from clipshot.core.events.selection import Selection
from clipshot.core.events.service import EventService
from clipshot.core.events.subscription import Batch
from clipshot.core.paging import PageRequest
from clipshot.core.store import EventFilter
from clipshot.gen.events.v1 import event_pb2, event_service_pb2, event_service_pb2_grpc

_Context = aio.ServicerContext[Any, Any]

_SERVICE = event_service_pb2.DESCRIPTOR.services_by_name["EventService"]
_PRIORITY = event_pb2.Event.Priority.DESCRIPTOR
_DEFAULT_HEARTBEAT = timedelta(seconds=15)


class EventServicer(event_service_pb2_grpc.EventServiceServicer):
    """Events over gRPC."""

    service_name = _SERVICE.full_name

    def __init__(self, events: EventService) -> None:
        self._events = events
        self._codec = EventCodec()

    def register(self, server: aio.Server) -> None:
        """Add the methods; Subscribe answers bytes, since its events are serialised once for all subscribers."""
        subscribe = grpc.unary_stream_rpc_method_handler(
            self.subscribe_bytes,
            request_deserializer=event_service_pb2.SubscribeRequest.FromString,
            response_serializer=bytes,
        )
        # grpc asks handlers in order, so this one comes before the generated one.
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(self.service_name, {"Subscribe": subscribe}),)
        )
        event_service_pb2_grpc.add_EventServiceServicer_to_server(self, server)

    async def subscribe_bytes(
        self, request: event_service_pb2.SubscribeRequest, context: _Context
    ) -> AsyncIterator[bytes]:
        """Batches as serialised SubscribeResponses."""
        wanted = Selection(
            topics=tuple(request.topics),
            event_type=request.event_type,
            resource=request.resource,
            min_priority=enum_from_proto(request.min_priority, _PRIORITY, Priority) or Priority.LOW,
            high_volume=request.include_high_volume,
        )
        heartbeat = request.heartbeat.ToTimedelta() if request.HasField("heartbeat") else _DEFAULT_HEARTBEAT
        # A browser that comes back repeats its first address, so its own last id is the newer one.
        after = _last_event_id(context) or request.after_event_id
        async for batch in self._events.subscribe(wanted, after_event_id=after, heartbeat=heartbeat):
            yield self._encode(batch)

    async def Subscribe(
        self, request: event_service_pb2.SubscribeRequest, context: _Context
    ) -> AsyncIterator[event_service_pb2.SubscribeResponse]:
        """Batches as messages."""
        async for encoded in self.subscribe_bytes(request, context):
            yield event_service_pb2.SubscribeResponse.FromString(encoded)

    async def PublishEvent(self, request: event_service_pb2.PublishEventRequest, context: _Context) -> event_pb2.Event:
        """Store and tell an event of a caller."""
        event = await self._events.publish(
            request.type,
            Custom(_fields(request.payload)),
            request.resource,
            enum_from_proto(request.priority, _PRIORITY, Priority) or Priority.NORMAL,
            request_key(request, "PublishEvent"),
        )
        return event_to_proto(event)

    async def ListEvents(
        self, request: event_service_pb2.ListEventsRequest, context: _Context
    ) -> event_service_pb2.ListEventsResponse:
        """Stored events."""
        where = EventFilter(tuple(request.topics), request.resource)
        page = await self._events.list(
            where, request.after_event_id, PageRequest(request.page_size, request.page_token)
        )
        return event_service_pb2.ListEventsResponse(
            events=map(event_to_proto, page.items), next_page_token=page.next_token
        )

    async def ListEventTypes(
        self, request: event_service_pb2.ListEventTypesRequest, context: _Context
    ) -> event_service_pb2.ListEventTypesResponse:
        """The catalogue."""
        response = event_service_pb2.ListEventTypesResponse()
        for _, kind in sorted(EVENT_TYPES.items()):
            entry = to_proto(kind, event_service_pb2.EventType)
            entry.payload_field = payload_field(kind)
            response.event_types.append(entry)
        return response

    def _encode(self, batch: Batch) -> bytes:
        gap = to_proto(batch.gap, event_service_pb2.SubscribeResponse.Gap) if batch.gap else None
        rest = event_service_pb2.SubscribeResponse(gap=gap, position=batch.position)
        return b"".join(map(_as_entry, map(self._codec.encode, batch.events))) + rest.SerializeToString()


def _fields(payload: Struct) -> dict[str, Any]:
    try:
        return json_format.MessageToDict(payload)
    except ValueError as error:
        raise InvalidArgumentError.of_field(
            "payload", "holds a number that JSON cannot say", reason="EVENT_PAYLOAD_INVALID"
        ) from error


def _as_entry(event: bytes) -> bytes:
    """An entry of SubscribeResponse.events: the field's tag, the length, the event."""
    return _EVENTS_TAG + _varint(len(event)) + event


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _last_event_id(context: _Context) -> str:
    pairs = context.invocation_metadata() or ()
    return next((str(value) for key, value in pairs if key == "last-event-id"), "")


_LENGTH_DELIMITED = 2
_EVENTS_FIELD = event_service_pb2.SubscribeResponse.DESCRIPTOR.fields_by_name["events"]
_EVENTS_TAG = _varint(_EVENTS_FIELD.number << 3 | _LENGTH_DELIMITED)

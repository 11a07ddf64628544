"""Events as proto messages and as bytes, made once however many subscribers there are."""

from collections import OrderedDict

from clipshot.api.converter import to_proto
from clipshot.core.events.catalogue import EventType
from clipshot.core.events.event import Event
from clipshot.core.events.payloads import Custom
from clipshot.gen.events.v1 import event_pb2

_KEPT = 2048
"""Events whose bytes are kept: those that subscribers who are about level may still want."""

_PAYLOAD_FIELDS = {
    field.message_type.name: field.name
    for field in event_pb2.Event.DESCRIPTOR.oneofs_by_name["payload"].fields
    if field.message_type
}


def payload_field(kind: EventType) -> str:
    """Name of the field of Event that carries a type's payload."""
    return _PAYLOAD_FIELDS[kind.payload.__name__]


def event_to_proto(event: Event) -> event_pb2.Event:
    """An event as a message; the payload's class names its field."""
    message = to_proto(event, event_pb2.Event)
    payload = event.payload
    if isinstance(payload, Custom):
        message.custom.update(payload.fields)
        message.custom.SetInParent()
        return message
    target = getattr(message, _PAYLOAD_FIELDS[type(payload).__name__])
    target.CopyFrom(to_proto(payload, type(target)))
    target.SetInParent()
    return message


class EventCodec:
    """Serialises each event once."""

    def __init__(self) -> None:
        # By identity: the bus hands the same object to all. The event is kept too, so that its id stays its own.
        self._kept: OrderedDict[int, tuple[Event, bytes]] = OrderedDict()

    def encode(self, event: Event) -> bytes:
        """An event's bytes."""
        kept = self._kept.get(id(event))
        if kept:
            return kept[1]
        encoded = event_to_proto(event).SerializeToString()
        self._kept[id(event)] = (event, encoded)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return encoded

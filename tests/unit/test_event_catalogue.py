"""The catalogue in core and the options in the protos say the same."""

from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from clipshot.api.event_codec import EventCodec, event_to_proto, payload_field
from clipshot.core.clock import utc_now
from clipshot.core.events.catalogue import EVENT_TYPES, RESERVED_NAMESPACES
from clipshot.core.events.event import Event, Priority
from clipshot.core.events.payloads import Custom, Payload
from clipshot.gen.events.v1 import event_pb2
from clipshot.gen.options.v1 import event_pb2 as options
from tests.samples import PAYLOAD_CLASSES, sample

# The stubs type extensions as plain fields.
_EVENT_FACTS: Any = options.event_facts
_FIELDS = [
    field
    for field in event_pb2.Event.DESCRIPTOR.oneofs_by_name["payload"].fields
    if field.message_type is not None and field.message_type.full_name != Struct.DESCRIPTOR.full_name
]


def test_types_payloads_and_volumes_are_those_of_the_protos() -> None:
    told = {}
    for field in _FIELDS:
        facts = field.GetOptions().Extensions[_EVENT_FACTS]
        assert field.message_type is not None
        told[facts.type] = (field.message_type.name, facts.high_volume, field.name)
    ours = {kind.type: (kind.payload.__name__, kind.high_volume, payload_field(kind)) for kind in EVENT_TYPES.values()}
    assert ours == told


def test_every_type_has_a_sentence_and_a_reserved_namespace() -> None:
    for kind in EVENT_TYPES.values():
        assert kind.summary.endswith(".")
        assert kind.type.partition(":")[0] in RESERVED_NAMESPACES


@pytest.mark.parametrize("kind", PAYLOAD_CLASSES, ids=lambda kind: kind.__name__)
def test_every_payload_becomes_its_own_field(kind: type[Payload]) -> None:
    event = Event("x:y", utc_now(), "things/1", Priority.HIGH, sample(kind), "abcd", 7)
    message = event_to_proto(event)
    name = message.WhichOneof("payload")
    assert name is not None
    field = event_pb2.Event.DESCRIPTOR.fields_by_name[name]
    assert field.message_type is not None
    assert field.message_type.name == ("Struct" if kind is Custom else kind.__name__)
    assert (message.event_id, message.sequence, message.priority) == ("abcd-7", 7, event_pb2.Event.PRIORITY_HIGH)


def test_an_event_is_serialised_once() -> None:
    codec = EventCodec()
    event = Event("x:y", utc_now(), "", Priority.NORMAL, Custom({"a": 1.0}), "abcd", 1)
    first = codec.encode(event)
    assert codec.encode(event) is first
    assert event_pb2.Event.FromString(first) == event_to_proto(event)

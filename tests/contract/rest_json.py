"""JSON as the REST face speaks it, to and from messages: snake case, enum values short and in lower case."""

import re
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message


def short_names(enum: EnumDescriptor) -> dict[str, str]:
    """``STATE_ACTIVE`` -> ``active``."""
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).lower() + "_"
    return {value.name: value.name.lower().removeprefix(prefix) for value in enum.values}


def convert(value: Any, descriptor: Descriptor, *, to_rest: bool) -> Any:
    """Rename enum values in a JSON object of this message type."""
    if descriptor.full_name.startswith("google.protobuf.") or not isinstance(value, dict):
        return value
    result = {}
    for name, item in value.items():
        field = descriptor.fields_by_name.get(name)
        result[name] = item if field is None else convert_field(item, field, to_rest=to_rest)
    return result


def convert_field(item: Any, field: FieldDescriptor, *, to_rest: bool) -> Any:
    """Rename enum values below one field."""
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        entry = message.fields_by_name["value"]
        return {key: convert_field(one, entry, to_rest=to_rest) for key, one in item.items()}
    if isinstance(item, list):
        return [convert_field(one, field, to_rest=to_rest) for one in item]
    if field.enum_type is not None and isinstance(item, str):
        names = short_names(field.enum_type)
        return names[item] if to_rest else {short: full for full, short in names.items()}[item]
    return convert(item, message, to_rest=to_rest) if message is not None else item


def to_rest(message: Message) -> Any:
    """The JSON that the REST face prints for this message."""
    plain = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return convert(plain, message.DESCRIPTOR, to_rest=True)


def from_rest(value: Any, message: Message) -> Message:
    """Fill a message from REST JSON."""
    return json_format.ParseDict(convert(value, message.DESCRIPTOR, to_rest=False), message)

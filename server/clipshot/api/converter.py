"""Between core's dataclasses and proto messages, by descriptor: equal names map, nothing is written by hand.

Rules: enums by name (``ACTIVE`` is ``STATE_ACTIVE``), durations and times as Duration and Timestamp, tuples as repeated
fields, dictionaries as maps or Struct, JSON as Value, None as absent, :class:`Problem` as google.rpc.Status. Properties
of a dataclass count as fields. Proto fields that a dataclass does not have stay empty; a test walks all messages and
lists them.
"""

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc.status_pb2 import Status

from clipshot.api.errors import problem_from_status, status_of
from clipshot.core.problem import Problem

M = TypeVar("M", bound=Message)
T = TypeVar("T")

_Hint = Any  # a class or a type hint
_Set = Callable[[Any, Any], None]
_Get = Callable[[Any], Any]


def to_proto(value: object, message_type: type[M]) -> M:
    """A dataclass as a message."""
    message = message_type()
    _fill(message, value)
    return message


def from_proto(message: Message, kind: type[T]) -> T:
    """A message as a dataclass.

    Absent fields, and enums left unspecified, take the dataclass's defaults, or None where it has none.
    """
    hint: _Hint = kind
    return typing.cast(T, _reader(hint, message.DESCRIPTOR)(message))


def enum_from_proto(number: int, enum: EnumDescriptor, kind: type[Enum]) -> Any:
    """The member of an enum for a number on the wire; None for unspecified."""
    return _members(enum, kind).get(number)


def duration_to_proto(value: timedelta) -> Duration:
    """A duration, exactly."""
    message = Duration()
    message.FromTimedelta(value)
    return message


def time_to_proto(value: datetime) -> Timestamp:
    """A time, exactly."""
    message = Timestamp()
    message.FromDatetime(value)
    return message


def _fill(message: Message, value: object) -> None:
    kind: _Hint = type(value)
    for name, put in _plan(kind, message.DESCRIPTOR):
        entry = getattr(value, name)
        if entry is not None:
            put(message, entry)


@cache
def _plan(kind: _Hint, descriptor: Descriptor) -> tuple[tuple[str, _Set], ...]:
    return tuple((field.name, _setter(field)) for field in descriptor.fields if _has(kind, field.name))


def _has(kind: _Hint, name: str) -> bool:
    return isinstance(getattr(kind, name, None), property) or any(f.name == name for f in dataclasses.fields(kind))


def _setter(field: FieldDescriptor) -> _Set:
    name = field.name
    if _is_map(field):
        return _map_setter(field)
    if field.enum_type:
        return _enum_setter(field)
    if field.message_type:
        return _message_setter(field)
    if field.is_repeated:
        return lambda message, value: getattr(message, name).extend(value)
    return lambda message, value: setattr(message, name, value)


def _map_setter(field: FieldDescriptor) -> _Set:
    name, entry = field.name, _map_value(field)
    if not entry.message_type:
        return lambda message, value: getattr(message, name).update(value)
    write = _WRITERS.get(entry.message_type.full_name, _fill)

    def put(message: Any, value: Any) -> None:
        entries = getattr(message, name)
        for key, element in value.items():
            write(entries[key], element)

    return put


def _enum_setter(field: FieldDescriptor) -> _Set:
    name, numbers = field.name, _numbers(field.enum_type)
    if field.is_repeated:
        return lambda message, value: getattr(message, name).extend(numbers[entry.name] for entry in value)
    return lambda message, value: setattr(message, name, numbers[value.name])


def _message_setter(field: FieldDescriptor) -> _Set:
    name = field.name
    assert field.message_type
    write = _WRITERS.get(field.message_type.full_name, _fill)

    def put(message: Any, value: Any) -> None:
        target = getattr(message, name)
        write(target, value)
        target.SetInParent()  # a message whose fields are all zero is there, too

    def put_all(message: Any, value: Any) -> None:
        entries = getattr(message, name)
        for entry in value:
            write(entries.add(), entry)

    return put_all if field.is_repeated else put


def _write_problem(message: Status, value: Problem) -> None:
    message.CopyFrom(status_of(value))


_WRITERS: dict[str, _Set] = {
    Duration.DESCRIPTOR.full_name: lambda message, value: message.FromTimedelta(value),
    Timestamp.DESCRIPTOR.full_name: lambda message, value: message.FromDatetime(value),
    Struct.DESCRIPTOR.full_name: lambda message, value: message.update(value),
    Value.DESCRIPTOR.full_name: lambda message, value: json_format.ParseDict(value, message),
    Status.DESCRIPTOR.full_name: _write_problem,
}

_READERS: dict[str, _Get] = {
    Duration.DESCRIPTOR.full_name: lambda message: message.ToTimedelta(),
    Timestamp.DESCRIPTOR.full_name: lambda message: message.ToDatetime(UTC),
    Struct.DESCRIPTOR.full_name: json_format.MessageToDict,
    Value.DESCRIPTOR.full_name: json_format.MessageToDict,
    Status.DESCRIPTOR.full_name: problem_from_status,
}


@cache
def _reader(kind: _Hint, descriptor: Descriptor) -> _Get:
    known = _READERS.get(descriptor.full_name)
    if known:
        return known
    hints = typing.get_type_hints(kind)
    required = {f.name for f in dataclasses.fields(kind) if _has_no_default(f)}
    getters = [
        (field.name, _getter(field, _plain(hints[field.name])), field.name in required)
        for field in descriptor.fields
        if any(f.name == field.name for f in dataclasses.fields(kind))
    ]

    def read(message: Message) -> Any:
        values = {}
        for name, get, needed in getters:
            value = get(message)
            if value is not None or needed:
                values[name] = value
        return kind(**values)

    return read


def _getter(field: FieldDescriptor, kind: _Hint) -> _Get:
    """Reads one field of a message; None when it is absent."""
    name = field.name
    if _is_map(field):
        read_entry = _value_reader(_map_value(field), kind)
        return lambda message: {key: read_entry(entry) for key, entry in getattr(message, name).items()}
    read = _value_reader(field, kind)
    if field.is_repeated:
        return lambda message: tuple(read(entry) for entry in getattr(message, name))
    if field.has_presence:
        return lambda message: read(getattr(message, name)) if message.HasField(name) else None
    return lambda message: read(getattr(message, name))


def _value_reader(field: FieldDescriptor, kind: _Hint) -> _Get:
    if field.enum_type:
        members = _members(field.enum_type, kind)
        return members.get
    if field.message_type:
        return _reader(kind, field.message_type)
    return lambda value: value


@cache
def _numbers(enum: EnumDescriptor) -> dict[str, int]:
    """Numbers by the names that core gives them: without the enum's prefix."""
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return {value.name.removeprefix(prefix): value.number for value in enum.values}


def _members(enum: EnumDescriptor, kind: _Hint) -> dict[int, Any]:
    numbers = _numbers(enum)
    return {numbers[member.name]: member for member in kind}


def _is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def _map_value(field: FieldDescriptor) -> FieldDescriptor:
    assert field.message_type
    return field.message_type.fields_by_name["value"]


def _has_no_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _plain(hint: _Hint) -> _Hint:
    """The type in an optional, in a tuple, or of a dictionary's values."""
    origin: _Hint = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        rest = [argument for argument in typing.get_args(hint) if argument is not types.NoneType]
        return _plain(rest[0]) if len(rest) == 1 else hint  # several: what JSON can say, which Value reads by itself
    if origin is dict:
        return typing.get_args(hint)[1]
    return typing.get_args(hint)[0] if origin is tuple else hint

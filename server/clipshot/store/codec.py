"""Core's dataclasses as JSON, and back, exactly.

Times and durations are whole microseconds, enums their values, tuples arrays, bytes Base64. Reading follows the
dataclasses' type hints: fields that are not there take their defaults and unknown ones are passed over, so that what
was stored by another version can still be read.
"""

import dataclasses
import types
import typing
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_Kind = Any  # a class or a type hint

_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(value: datetime | timedelta) -> int:
    """Whole microseconds of a duration, or since 1970 of a time."""
    if isinstance(value, datetime):
        value = value - _EPOCH
    return value // _MICROSECOND


def time_of(value: int) -> datetime:
    """The UTC time so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=value)


def to_json(value: Any) -> Any:
    """A value as what ``json`` can write."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (bool, float, str, int)):
        return value
    if isinstance(value, (datetime, timedelta)):
        return microseconds(value)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, dict):
        return {key: to_json(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(entry) for entry in value]
    return {name: to_json(getattr(value, name)) for name in _names_of(value)}


def from_json(kind: type[T], value: Any) -> T:
    """The value of a type that was written with :func:`to_json`."""
    hint: _Kind = kind
    return typing.cast(T, _reader(hint)(value))


_Reader = Callable[[Any], Any]


def _names_of(value: Any) -> tuple[str, ...]:
    kind: _Kind = type(value)
    return _field_names(kind)


@cache
def _field_names(kind: _Kind) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _reader(kind: _Kind) -> _Reader:
    if kind is datetime:
        return time_of
    if kind is timedelta:
        return lambda value: timedelta(microseconds=value)
    if kind is float:
        return float
    if kind is bytes:
        return b64decode
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(typing.cast(type, kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    origin: _Kind = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return _optional_reader(arguments)
    if origin is tuple:
        entry = _reader(arguments[0])
        return lambda value: tuple(entry(item) for item in value)
    if origin is dict:
        entry = _reader(arguments[1])
        return lambda value: {key: entry(item) for key, item in value.items()}
    return lambda value: value


def _optional_reader(arguments: tuple[Any, ...]) -> _Reader:
    (kind,) = (argument for argument in arguments if argument is not type(None))
    present = _reader(kind)
    return lambda value: None if value is None else present(value)


def _dataclass_reader(kind: type) -> _Reader:
    hints = typing.get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in _field_names(kind)}

    def read(value: dict[str, Any]) -> Any:
        return kind(**{name: readers[name](entry) for name, entry in value.items() if name in readers})

    return read

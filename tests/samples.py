"""Filled examples of core's dataclasses, made from their type hints: a new field is in them by itself."""

import dataclasses
import itertools
import types
import typing
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from clipshot.core.events.catalogue import EVENT_TYPES
from clipshot.core.events.payloads import Custom, Payload

T = TypeVar("T")

PAYLOAD_CLASSES: tuple[type[Payload], ...] = (*(kind.payload for kind in EVENT_TYPES.values()), Custom)


class Sampler:
    """Makes values, all of them different."""

    def __init__(self) -> None:
        self._count = itertools.count(1)

    def make(self, kind: type[T], **given: Any) -> T:
        """A dataclass with every field set, optional ones too."""
        hints = typing.get_type_hints(kind)
        fields = dataclasses.fields(typing.cast(Any, kind))
        return kind(**{field.name: given.get(field.name) or self._value(hints[field.name]) for field in fields})

    def _value(self, hint: Any) -> Any:
        number = next(self._count)
        plain = {
            bytes: f"bytes-{number}".encode(),
            str: f"text-{number} 'ü\"\n",
            int: number,
            bool: bool(number % 2),
            float: number + 0.1,
            timedelta: timedelta(microseconds=number * 1_000_001),
            datetime: datetime(2026, 11, 24, tzinfo=UTC) + timedelta(microseconds=number),
            Any: number,
        }
        if hint in plain:
            return plain[hint]
        if isinstance(hint, type) and issubclass(hint, Enum):
            return list(hint)[number % len(hint)]
        if dataclasses.is_dataclass(hint):
            return self.make(typing.cast(type, hint))
        return self._container(typing.get_origin(hint), typing.get_args(hint))

    def _container(self, origin: Any, arguments: tuple[Any, ...]) -> Any:
        if origin in (types.UnionType, typing.Union):
            return float(next(self._count)) if arguments[0] is types.NoneType else self._value(arguments[0])  # JSON
        if origin is tuple:
            return tuple(self._value(arguments[0]) for _ in range(2))
        if origin is dict and arguments[1] is Any:
            return {"text": "ü", "number": 1.5, "flag": True, "none": None, "list": [1.0, "a"], "nested": {"x": 2.0}}
        if origin is dict:
            return {self._value(arguments[0]): self._value(arguments[1]) for _ in range(2)}
        raise AssertionError(f"no sample of {origin}")


def sample(kind: type[T], **given: Any) -> T:
    """A filled example of one dataclass."""
    return Sampler().make(kind, **given)

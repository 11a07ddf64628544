"""Rows from dataclasses and back, by name."""

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Table
from sqlalchemy.dialects.sqlite import Insert, insert

T = TypeVar("T")


def columns_of(table: Table, kind: Any) -> list[ColumnElement[Any]]:
    """The columns that hold a dataclass's fields."""
    return [table.c[name] for name in _names(kind)]


def entity(kind: Callable[..., T], row: Row[Any]) -> T:
    """The dataclass that a row of its columns holds."""
    return kind(*row)


def upsert(table: Table, key: str, value: object, **more: object) -> Insert:
    """Insert a dataclass, or replace the row with its key."""
    kind: Any = type(value)
    values = {name: getattr(value, name) for name in _names(kind)} | more
    changed = {name: entry for name, entry in values.items() if name != key}
    return insert(table).values(values).on_conflict_do_update(index_elements=[table.c[key]], set_=changed)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))

"""What core needs of a database.

A :class:`Transaction` holds changes and the events that tell them; both are there after it, or neither. Events reach
subscribers after the commit, in the order in which they were emitted.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from clipshot.core.capture.marker import Marker
from clipshot.core.capture.session import Session, SessionState
from clipshot.core.clips.clip import Clip, ClipOrigin, ClipState
from clipshot.core.events.event import Event, Priority
from clipshot.core.events.payloads import Custom, Payload
from clipshot.core.operations.operation import Operation, OperationState
from clipshot.core.paging import Keyset


@dataclass(frozen=True)
class SessionFilter:
    """Empty fields keep everything."""

    states: tuple[SessionState, ...] = ()


@dataclass(frozen=True)
class OperationFilter:
    """Empty fields keep everything."""

    states: tuple[OperationState, ...] = ()
    kind: str = ""


@dataclass(frozen=True)
class EventFilter:
    """``topics`` are globs (``*`` and ``?``) of which one must match; empty fields keep everything."""

    topics: tuple[str, ...] = ()
    resource: str = ""
    after_sequence: int = 0


@dataclass(frozen=True)
class ClipFilter:
    """Empty fields keep everything, but empty ``states`` keep all that are not trashed.

    ``tags`` must all be there; of ``games`` one, whatever the case; ``text`` is looked for in title, description and
    tags, whatever the case.
    """

    origins: tuple[ClipOrigin, ...] = ()
    states: tuple[ClipState, ...] = ()
    tags: tuple[str, ...] = ()
    favourite: bool | None = None
    session_id: str = ""
    created_after: datetime | None = None
    created_before: datetime | None = None
    min_duration: timedelta | None = None
    max_duration: timedelta | None = None
    text: str = ""
    games: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClipOrder:
    """``field`` is create_time, duration, size_bytes or title; ties go by id in the same direction."""

    field: str = "create_time"
    descending: bool = True


@dataclass(frozen=True)
class StoredRequest:
    """A mutation that was done under a request_id.

    ``answer`` is the resource that answers it (``operations/op_...``) or, where there is none, the answer as JSON.
    """

    request_id: str
    method: str
    fingerprint: str
    answer: str
    create_time: datetime


class Sessions(Protocol):
    """Sessions, newest first."""

    async def get(self, session_id: str) -> Session | None: ...
    async def page(self, where: SessionFilter, after: Keyset | None, limit: int) -> Sequence[Session]: ...


class SessionsWriter(Sessions, Protocol):
    """Sessions to write."""

    async def put(self, session: Session) -> None:
        """Insert or replace."""


class Markers(Protocol):
    """Markers of sessions, by session time."""

    async def get(self, session_id: str, marker_id: str) -> Marker | None: ...
    async def page(self, session_id: str, after: Keyset | None, limit: int) -> Sequence[Marker]: ...


class MarkersWriter(Markers, Protocol):
    """Markers to write."""

    async def put(self, marker: Marker) -> None: ...
    async def remove(self, marker_id: str) -> None: ...


class Operations(Protocol):
    """Operations, newest first."""

    async def get(self, operation_id: str) -> Operation | None: ...
    async def page(self, where: OperationFilter, after: Keyset | None, limit: int) -> Sequence[Operation]: ...


class OperationsWriter(Operations, Protocol):
    """Operations to write."""

    async def put(self, operation: Operation) -> None: ...


class Clips(Protocol):
    """The library."""

    async def get(self, clip_id: str) -> Clip | None: ...
    async def page(self, where: ClipFilter, order: ClipOrder, after: Keyset | None, limit: int) -> Sequence[Clip]: ...
    async def trashed(self, expired_before: datetime | None = None) -> Sequence[Clip]:
        """All trashed clips, or those whose time in the trash is over."""


class ClipsWriter(Clips, Protocol):
    """The library to write."""

    async def put(self, clip: Clip) -> None: ...
    async def remove(self, clip_id: str) -> None: ...


class Events(Protocol):
    """Stored events, oldest first."""

    @property
    def epoch(self) -> str:
        """Names this database; the first half of every event id."""

    async def page(self, where: EventFilter, limit: int) -> Sequence[Event]: ...
    async def bounds(self) -> tuple[int, int]:
        """Lowest and highest stored sequence; (0, 0) when there is none."""


class Requests(Protocol):
    """Mutations done under a request_id."""

    async def get(self, request_id: str) -> StoredRequest | None: ...


class RequestsWriter(Requests, Protocol):
    """Mutations done under a request_id, to write."""

    async def put(self, request: StoredRequest) -> None: ...


class Reader(Protocol):
    """A consistent view of the database."""

    @property
    def sessions(self) -> Sessions: ...
    @property
    def markers(self) -> Markers: ...
    @property
    def operations(self) -> Operations: ...
    @property
    def clips(self) -> Clips: ...
    @property
    def events(self) -> Events: ...
    @property
    def requests(self) -> Requests: ...


class Transaction(Protocol):
    """Changes and the events that tell them: all or nothing."""

    @property
    def sessions(self) -> SessionsWriter: ...
    @property
    def markers(self) -> MarkersWriter: ...
    @property
    def operations(self) -> OperationsWriter: ...
    @property
    def clips(self) -> ClipsWriter: ...
    @property
    def requests(self) -> RequestsWriter: ...

    def emit(self, payload: Payload, resource: str) -> Event:
        """Tell what this transaction changes; type and priority come from the catalogue. The event has its number."""

    def emit_custom(self, event_type: str, payload: Custom, resource: str, priority: Priority) -> Event:
        """Tell an event that a caller published."""

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call back right after the commit, before the events are told; never after a roll-back."""


class Store(Protocol):
    """The database: one writer at a time, any number of readers."""

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """Commit at the end, roll back on an exception. Keep it short: others wait."""

    def read(self) -> AbstractAsyncContextManager[Reader]: ...

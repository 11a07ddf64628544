"""Units of work: the repositories of one view, or of one transaction with its events."""

from collections.abc import Callable

from clipshot.core.clock import Clock
from clipshot.core.events.catalogue import event_type_of
from clipshot.core.events.event import Event, Priority
from clipshot.core.events.payloads import Custom, Payload
from clipshot.store.database import Connection
from clipshot.store.repositories.clips import ClipRepository
from clipshot.store.repositories.events import EventRepository
from clipshot.store.repositories.markers import MarkerRepository
from clipshot.store.repositories.operations import OperationRepository
from clipshot.store.repositories.requests import RequestRepository
from clipshot.store.repositories.sessions import SessionRepository


class ReadUnit:
    """Implements :class:`clipshot.core.store.Reader`."""

    def __init__(self, connection: Connection, epoch: str) -> None:
        self.sessions = SessionRepository(connection)
        self.markers = MarkerRepository(connection)
        self.operations = OperationRepository(connection)
        self.clips = ClipRepository(connection)
        self.events = EventRepository(connection, epoch)
        self.requests = RequestRepository(connection)


class WriteUnit(ReadUnit):
    """Implements :class:`clipshot.core.store.Transaction`.

    ``told`` are the events emitted so far, numbered on from ``sequence``; ``committed`` is called after the commit.
    """

    def __init__(self, connection: Connection, epoch: str, sequence: int, clock: Clock) -> None:
        super().__init__(connection, epoch)
        self._epoch = epoch
        self._sequence = sequence
        self._clock = clock
        self.told: list[Event] = []
        self.committed: list[Callable[[], None]] = []

    def emit(self, payload: Payload, resource: str) -> Event:
        """Tell what this transaction changes.

        Raises:
            LookupError: the payload is in no entry of the catalogue.
            ValueError: the payload's type is one that is never stored.
        """
        kind = event_type_of(payload)
        if kind.high_volume:
            raise ValueError(f"{kind.type} events are not stored: publish them on the bus")
        return self._tell(kind.type, payload, resource, kind.priority)

    def emit_custom(self, event_type: str, payload: Custom, resource: str, priority: Priority) -> Event:
        """Tell an event that a caller published."""
        return self._tell(event_type, payload, resource, priority)

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call back right after the commit, before the events are told."""
        self.committed.append(callback)

    async def write_events(self) -> None:
        """Put the events into the transaction, as its last change."""
        if self.told:
            await self.events.add(self.told)

    def _tell(self, event_type: str, payload: Payload, resource: str, priority: Priority) -> Event:
        sequence = self._sequence + len(self.told) + 1
        event = Event(event_type, self._clock(), resource, priority, payload, self._epoch, sequence)
        self.told.append(event)
        return event

"""The bus: what the store has committed, and what passes by, to everyone who listens."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from clipshot.core.clock import Clock
from clipshot.core.events.catalogue import event_type_of
from clipshot.core.events.event import Event
from clipshot.core.events.payloads import Payload
from clipshot.core.events.selection import Selection
from clipshot.core.events.subscription import Subscription


class EventBus:
    """Hands events to subscribers. Publishing never waits and never fails for a subscriber's sake."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._subscriptions: set[Subscription] = set()
        self._closed = False

    @property
    def heard(self) -> bool:
        """Whether anybody listens to high-volume events; those that nobody hears need not be made."""
        return any(subscription.hears_high_volume for subscription in self._subscriptions)

    def publish(self, events: Iterable[Event]) -> None:
        """Tell events in order; the store calls this after each commit."""
        for event in events:
            for subscription in self._subscriptions:
                subscription.offer(event)

    def publish_transient(self, payload: Payload, resource: str) -> None:
        """Tell a high-volume event, which is neither stored nor numbered.

        Raises:
            LookupError: the payload is in no entry of the catalogue.
            ValueError: the payload's type is one that must be stored.
        """
        kind = event_type_of(payload)
        if not kind.high_volume:
            raise ValueError(f"{kind.type} events are stored: emit them in a transaction")
        self.publish([Event(kind.type, self._clock(), resource, kind.priority, payload)])

    @contextmanager
    def subscribe(self, wanted: Selection) -> Iterator[Subscription]:
        """Events from now on, until the context ends."""
        subscription = Subscription(wanted)
        if self._closed:
            subscription.close()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End all subscriptions, those to come included."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.close()

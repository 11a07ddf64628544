"""What every area stands on: database, events, operations, idempotency, page tokens."""

from dataclasses import dataclass

from clipshot.core.clock import Clock
from clipshot.core.events.bus import EventBus
from clipshot.core.events.service import EventService
from clipshot.core.idempotency import IdempotencyKeeper
from clipshot.core.operations.service import OperationService
from clipshot.core.page_tokens import PageTokens
from clipshot.settings import Settings
from clipshot.store.store import SqliteStore


@dataclass(frozen=True)
class Foundation:
    """Made first, and given to every other area."""

    clock: Clock
    secret: bytes
    bus: EventBus
    store: SqliteStore
    keeper: IdempotencyKeeper
    tokens: PageTokens
    operations: OperationService
    events: EventService

    @classmethod
    def lay(cls, settings: Settings, clock: Clock) -> "Foundation":
        """The foundation of a server; ``settings`` hold the keys."""
        secret = settings.secret_key.get_secret_value().encode()
        bus = EventBus(clock)
        store = SqliteStore(settings.database_path, clock, bus.publish)
        keeper = IdempotencyKeeper(store, clock)
        tokens = PageTokens(secret)
        return cls(
            clock=clock,
            secret=secret,
            bus=bus,
            store=store,
            keeper=keeper,
            tokens=tokens,
            operations=OperationService(store, bus, keeper, tokens, clock),
            events=EventService(store, bus, keeper, tokens, clock),
        )

"""Mutations that are safe to repeat.

A call that carries a request_id is done once: the first one writes the id together with its change, later ones (also
after a restart, also concurrent twins) are answered from the resource it made. The same id with another body is
refused.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from clipshot.core.clock import Clock
from clipshot.core.errors import InvalidArgumentError
from clipshot.core.store import Store, StoredRequest, Transaction

REQUEST_ID_LIFETIME = timedelta(hours=24)
"""How long a request_id is remembered: longer than any client retries."""


@dataclass(frozen=True)
class RequestKey:
    """What identifies a call.

    ``request_id`` is the caller's ('' = do not remember), ``fingerprint`` a digest of the request without it.
    """

    request_id: str
    method: str
    fingerprint: str


class Claim:
    """The right to do a call. ``answer`` is that of the call done before under the same id, None when there is none."""

    def __init__(self, key: RequestKey | None, answer: str | None, clock: Clock) -> None:
        self._key = key
        self._clock = clock
        self.answer = answer

    @classmethod
    def of_nobody(cls, clock: Clock) -> "Claim":
        """The claim of what is done without a caller: nothing is remembered."""
        return cls(None, None, clock)

    @property
    def is_new(self) -> bool:
        """The call is to be remembered, and is not yet."""
        return self._key is not None and self.answer is None

    async def remember(self, tx: Transaction, answer: str) -> None:
        """Keep the answer in the transaction that makes the change."""
        if self._key is not None:
            key = self._key
            await tx.requests.put(StoredRequest(key.request_id, key.method, key.fingerprint, answer, self._clock()))


@dataclass
class _Turn:
    lock: asyncio.Lock
    users: int = 0


class IdempotencyKeeper:
    """Sees to it that calls with one request_id are done once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._turns: dict[str, _Turn] = {}

    @asynccontextmanager
    async def once(self, key: RequestKey | None) -> AsyncIterator[Claim]:
        """Take the turn for a call; twins in flight wait until the first is done, or failed and left its turn.

        Raises:
            InvalidArgumentError: REQUEST_ID_REUSED, the id was used for another method or body.
        """
        if key is None or not key.request_id:
            yield Claim.of_nobody(self._clock)
            return
        turn = self._turns.setdefault(key.request_id, _Turn(asyncio.Lock()))
        turn.users += 1
        try:
            async with turn.lock:
                yield Claim(key, await self._answer(key), self._clock)
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[key.request_id]

    async def _answer(self, key: RequestKey) -> str | None:
        async with self._store.read() as reader:
            stored = await reader.requests.get(key.request_id)
        if stored is None or stored.create_time < self._clock() - REQUEST_ID_LIFETIME:
            return None
        if (stored.method, stored.fingerprint) != (key.method, key.fingerprint):
            raise InvalidArgumentError.of_field(
                "request_id", "was used before for another request; take a new UUID", reason="REQUEST_ID_REUSED"
            )
        return stored.answer

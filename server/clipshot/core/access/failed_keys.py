"""A limit on wrong keys, so that a short key cannot be guessed."""

import hashlib
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clipshot.core.clock import Clock
from clipshot.core.errors import ResourceExhaustedError

WINDOW = timedelta(minutes=1)

MAX_FAILURES = 20
"""Wrong keys that one address may show in a window."""

_MAX_ADDRESSES = 1024


@dataclass
class _Record:
    times: deque[datetime] = field(default_factory=lambda: deque(maxlen=MAX_FAILURES))
    keys: dict[bytes, datetime] = field(default_factory=dict)

    def forget(self, since: datetime) -> None:
        while self.times and self.times[0] <= since:
            self.times.popleft()
        self.keys = {key: time for key, time in self.keys.items() if time > since}


class FailedKeys:
    """Counts wrong keys by the caller's address.

    An address that shows many *different* keys is guessing, and is refused whatever it shows. One that shows the same
    wrong key again and again is a program with a stale key: it is told to stop, and others at its address go on.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def check(self, address: str) -> None:
        """Refuse an address that is guessing.

        Raises:
            ResourceExhaustedError: TOO_MANY_FAILED_KEYS.
        """
        record = self._recent(address)
        if record and len(record.keys) >= MAX_FAILURES:
            raise self._refusal(min(record.keys.values()))

    def failed(self, address: str, key: str) -> None:
        """Count a wrong key.

        Raises:
            ResourceExhaustedError: TOO_MANY_FAILED_KEYS, the limit had been reached before.
        """
        record = self._recent(address) or self._add(address)
        oldest = record.times[0] if len(record.times) >= MAX_FAILURES else None
        now = self._clock()
        record.times.append(now)
        record.keys[hashlib.sha256(key.encode()).digest()] = now
        if oldest:
            raise self._refusal(oldest)

    def _recent(self, address: str) -> _Record | None:
        record = self._records.get(address)
        if record:
            record.forget(self._clock() - WINDOW)
        return record

    def _add(self, address: str) -> _Record:
        self._records[address] = record = _Record()
        if len(self._records) > _MAX_ADDRESSES:
            self._records.popitem(last=False)
        return record

    def _refusal(self, oldest: datetime) -> ResourceExhaustedError:
        wait = oldest + WINDOW - self._clock()
        return ResourceExhaustedError(
            "TOO_MANY_FAILED_KEYS",
            f"{MAX_FAILURES} wrong keys within a minute from this address",
            remedy="wait, then use the key in the file `api-key` of the data directory",
            metadata={
                "limit": "failed_keys_per_minute",
                "retry_after_seconds": str(max(1, round(wait.total_seconds()))),
            },
        )

"""Pages of long lists: what a caller asks for, and what a repository is asked for."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

SortKey = int | float | str

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 500


@dataclass(frozen=True)
class PageRequest:
    """``size`` 0 means the default, more than the maximum means the maximum; ``token`` '' is the first page."""

    size: int = 0
    token: str = ""

    @property
    def limit(self) -> int:
        """Number of entries to return."""
        return min(self.size or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)


@dataclass(frozen=True)
class Keyset:
    """Position after an entry: its sort key and its id."""

    key: SortKey
    id: str

    @classmethod
    def at(cls, key: datetime | timedelta | SortKey, entry_id: str) -> "Keyset":
        """The position of an entry; times and durations count in microseconds, as repositories order them."""
        if isinstance(key, datetime):
            key -= datetime.fromtimestamp(0, UTC)  # leaves a duration
        if isinstance(key, timedelta):
            key //= timedelta(microseconds=1)
        return cls(key, entry_id)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Entries and the token of the next page, '' on the last."""

    items: tuple[T, ...]
    next_token: str

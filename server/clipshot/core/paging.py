"""Pages of long lists: what a caller asks for, and what a repository is asked for.

A page token is a signed keyset: the sort key and id of the last entry, and a digest of the filters, so that a token can
be neither forged nor used with other filters.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

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

    key: int | float | str
    id: str


@dataclass(frozen=True)
class Page(Generic[T]):
    """Entries and the token of the next page, '' on the last."""

    items: tuple[T, ...]
    next_token: str

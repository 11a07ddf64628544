"""Page tokens: signed positions, so that they can be neither forged nor used with other filters."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from clipshot.core.errors import InvalidArgumentError
from clipshot.core.paging import Keyset, Page, PageRequest

T = TypeVar("T")

_MAC_BYTES = 16


class PageTokens:
    """Makes and reads page tokens. ``secret`` signs them; a token of another secret is refused."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.blake2b(b"page-token", key=secret[:64]).digest()

    async def page(
        self,
        request: PageRequest,
        filters: object,
        fetch: Callable[[Keyset | None, int], Awaitable[Sequence[T]]],
        position: Callable[[T], Keyset],
    ) -> Page[T]:
        """One page of a list.

        ``fetch`` gets entries after a position, at most so many; ``position`` is that of an entry; ``filters`` is
        whatever else chooses and orders them (its repr must be stable).

        Raises:
            InvalidArgumentError: the token is not ours, or belongs to other filters.
        """
        digest = self.digest(filters)
        after = self.decode(request.token, digest) if request.token else None
        found = await fetch(after, request.limit + 1)
        items = tuple(found[: request.limit])
        more = len(found) > request.limit
        return Page(items, self.encode(position(items[-1]), digest) if more else "")

    @staticmethod
    def digest(filters: object) -> str:
        """Names a set of filters."""
        return hashlib.sha256(repr(filters).encode()).hexdigest()[:16]

    def encode(self, position: Keyset, filters_digest: str) -> str:
        """The token of the page after a position."""
        body = json.dumps([position.key, position.id, filters_digest], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(body) + body).decode().rstrip("=")

    def decode(self, token: str, filters_digest: str) -> Keyset:
        """The position that a token holds.

        Raises:
            InvalidArgumentError: PAGE_TOKEN_INVALID or PAGE_TOKEN_OTHER_FILTER.
        """
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            raw = b""
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            raise InvalidArgumentError.of_field(
                "page_token", "is not a token of this server; start at the first page", reason="PAGE_TOKEN_INVALID"
            )
        key, entry_id, digest = json.loads(body)
        if digest != filters_digest:
            raise InvalidArgumentError.of_field(
                "page_token",
                "belongs to a list with other filters or another order",
                reason="PAGE_TOKEN_OTHER_FILTER",
            )
        return Keyset(key, entry_id)

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)[:_MAC_BYTES]

"""Signed links: a path that can be read for ten minutes without a key."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from clipshot.core.clock import Clock
from clipshot.core.errors import UnauthenticatedError

LINK_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True)
class SignedLink:
    """A link and when it stops working."""

    url: str
    expire_time: datetime


class LinkSigner:
    """Signs paths and checks signed ones. ``secret`` is the server's SECRET_KEY."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._key = hashlib.blake2b(b"signed-link", key=secret[:64]).digest()
        self._clock = clock

    def sign(self, path: str) -> SignedLink:
        """A link to a path, with its query if it has one: ``PATH?...&expires=UNIX&sig=HEX``."""
        expire_time = (self._clock() + LINK_LIFETIME).replace(microsecond=0)
        signed = f"{path}{'&' if '?' in path else '?'}expires={int(expire_time.timestamp())}"
        return SignedLink(f"{signed}&sig={self._signature(signed)}", expire_time)

    def verify(self, url: str) -> str:
        """The path, without its query, that a link lets its holder read.

        Raises:
            UnauthenticatedError: LINK_INVALID or LINK_EXPIRED.
        """
        signed, separator, signature = url.rpartition("&sig=")
        if not separator or not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            raise UnauthenticatedError("LINK_INVALID", "the link's signature is wrong", remedy=_REMEDY)
        parts = urlsplit(signed)
        # The signature vouches for the form: our own ``expires`` is the last parameter.
        expires = int(parse_qsl(parts.query)[-1][1])
        now = self._clock()
        if not now < datetime.fromtimestamp(expires, UTC) <= now + LINK_LIFETIME:
            raise UnauthenticatedError("LINK_EXPIRED", "the link has expired", remedy=_REMEDY)
        return parts.path

    def _signature(self, signed: str) -> str:
        return hmac.digest(self._key, signed.encode(), hashlib.sha256).hex()


_REMEDY = "ask the API for a fresh link"

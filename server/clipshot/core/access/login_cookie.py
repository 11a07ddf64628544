"""The cookie that keeps a browser logged in."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clipshot.core.clock import Clock
from clipshot.core.errors import UnauthenticatedError

COOKIE_LIFETIME = timedelta(days=30)


@dataclass(frozen=True)
class IssuedCookie:
    """A cookie's value and when it stops working."""

    value: str
    expire_time: datetime


class LoginCookie:
    """Makes and checks cookie values ``EXPIRES.NONCE.SIGNATURE``.

    There is no table of logins; a new SECRET_KEY ends them all.
    """

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._key = hashlib.blake2b(b"login-cookie", key=secret[:64]).digest()
        self._clock = clock

    def issue(self) -> IssuedCookie:
        """A cookie for 30 days."""
        expire_time = (self._clock() + COOKIE_LIFETIME).replace(microsecond=0)
        signed = f"{int(expire_time.timestamp())}.{secrets.token_urlsafe(16)}"
        return IssuedCookie(f"{signed}.{self._signature(signed)}", expire_time)

    def verify(self, value: str) -> None:
        """Accept a cookie.

        Raises:
            UnauthenticatedError: COOKIE_INVALID or COOKIE_EXPIRED.
        """
        signed, _, signature = value.rpartition(".")
        if not signed or not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            raise UnauthenticatedError("COOKIE_INVALID", "the login cookie is not of this server", remedy=_REMEDY)
        if datetime.fromtimestamp(int(signed.partition(".")[0]), UTC) <= self._clock():
            raise UnauthenticatedError("COOKIE_EXPIRED", "the login has expired", remedy=_REMEDY)

    def _signature(self, signed: str) -> str:
        return hmac.digest(self._key, signed.encode(), hashlib.sha256).hex()


_REMEDY = "open the link that `clipshot login` prints"

"""One-time login codes for browsers."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from clipshot.core.clock import Clock
from clipshot.core.errors import ResourceExhaustedError, UnauthenticatedError

CODE_LIFETIME = timedelta(seconds=60)

MAX_OPEN_CODES = 100
"""Codes that may wait to be used: one for each tab anyone opens in a minute, and then some."""


@dataclass(frozen=True)
class LoginCode:
    """A code and when it stops working."""

    code: str
    expire_time: datetime


class LoginCodes:
    """Makes codes that work once, within a minute. Kept in memory: a restart makes all of them void."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, datetime] = {}

    def create(self) -> LoginCode:
        """A new code.

        Raises:
            ResourceExhaustedError: TOO_MANY_LOGIN_CODES.
        """
        now = self._clock()
        self._open = {code: expires for code, expires in self._open.items() if expires > now}
        if len(self._open) >= MAX_OPEN_CODES:
            raise ResourceExhaustedError(
                "TOO_MANY_LOGIN_CODES",
                f"{MAX_OPEN_CODES} login codes wait to be used",
                remedy="use one of them, or wait a minute",
                metadata={"limit": "open_login_codes"},
            )
        code = secrets.token_urlsafe(32)
        self._open[code] = now + CODE_LIFETIME
        return LoginCode(code, self._open[code])

    def use(self, code: str) -> None:
        """Spend a code.

        Raises:
            UnauthenticatedError: LOGIN_CODE_INVALID, it is unknown, spent, or too old.
        """
        expires = self._open.pop(code, None)
        if expires is None or expires <= self._clock():
            raise UnauthenticatedError(
                "LOGIN_CODE_INVALID",
                "the login link was used before, or is older than a minute",
                remedy="`clipshot login` prints another",
            )

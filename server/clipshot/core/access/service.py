"""Who may call: keys, login cookies and signed links."""

from dataclasses import dataclass
from enum import StrEnum

from clipshot.core.access.api_key import ApiKey
from clipshot.core.access.failed_keys import FailedKeys
from clipshot.core.access.link_signer import LinkSigner, SignedLink
from clipshot.core.access.login_codes import LoginCode, LoginCodes
from clipshot.core.access.login_cookie import IssuedCookie, LoginCookie
from clipshot.core.errors import PermissionDeniedError, UnauthenticatedError

_READING_METHODS = ("GET", "HEAD")


class Caller(StrEnum):
    """What let a caller in."""

    KEY = "key"
    COOKIE = "cookie"
    LINK = "link"


@dataclass(frozen=True)
class Credentials:
    """What a caller shows. ``address`` is where it calls from; ``signed`` is the path and query of its HTTP request."""

    address: str
    api_key: str = ""
    cookie: str = ""
    signed: str = ""
    http_method: str = ""


class AccessService:
    """Lets callers in and hands out ways in."""

    def __init__(
        self,
        *,
        key: ApiKey,
        failed_keys: FailedKeys,
        links: LinkSigner,
        codes: LoginCodes,
        cookies: LoginCookie,
    ) -> None:
        self._key = key
        self._failed_keys = failed_keys
        self._links = links
        self._codes = codes
        self._cookies = cookies

    def authenticate(self, shown: Credentials, readable_path: str | None) -> Caller:
        """Let a caller in; the first thing shown decides: key, then cookie, then signature.

        ``readable_path`` is the HTTP path of the call where a signed link may reach it, else None.

        Raises:
            UnauthenticatedError: nothing was shown, or it is wrong or too old.
            PermissionDeniedError: the link was signed for something else.
            ResourceExhaustedError: TOO_MANY_FAILED_KEYS.
        """
        if shown.api_key:
            self._check_key(shown)
            return Caller.KEY
        if shown.cookie:
            self._cookies.verify(shown.cookie)
            return Caller.COOKIE
        if shown.signed:
            self._check_link(shown, readable_path)
            return Caller.LINK
        raise UnauthenticatedError("KEY_MISSING", "the call carries no API key", remedy=_KEY_REMEDY)

    def create_login_code(self) -> LoginCode:
        """A code that logs one browser in, once, within a minute."""
        return self._codes.create()

    def exchange_login_code(self, code: str) -> IssuedCookie:
        """A login cookie for a code, which is spent."""
        self._codes.use(code)
        return self._cookies.issue()

    def sign(self, path: str) -> SignedLink:
        """A link that reads a path for ten minutes without a key."""
        return self._links.sign(path)

    def _check_key(self, shown: Credentials) -> None:
        self._failed_keys.check(shown.address)
        if not self._key.matches(shown.api_key):
            self._failed_keys.failed(shown.address, shown.api_key)
            raise UnauthenticatedError("KEY_INVALID", "the API key is wrong", remedy=_KEY_REMEDY)

    def _check_link(self, shown: Credentials, readable_path: str | None) -> None:
        path = self._links.verify(shown.signed)
        if shown.http_method not in _READING_METHODS or readable_path is None or path != readable_path:
            raise PermissionDeniedError(
                "LINK_OTHER_CALL",
                "the link was signed for another call",
                remedy="a signed link reads the one path it was made for",
            )


_KEY_REMEDY = "send the key in the file `api-key` of the data directory as X-API-Key"

"""Who may come in: key, login codes and cookies, signed links."""

from dataclasses import dataclass

from clipshot.core.access.api_key import ApiKey
from clipshot.core.access.failed_keys import FailedKeys
from clipshot.core.access.link_signer import LinkSigner
from clipshot.core.access.login_codes import LoginCodes
from clipshot.core.access.login_cookie import LoginCookie
from clipshot.core.access.service import AccessService
from clipshot.settings import Settings
from clipshot.wiring.foundation import Foundation


@dataclass(frozen=True)
class Entrance:
    """The checks of callers, and links that carry their own right."""

    access: AccessService
    links: LinkSigner

    @classmethod
    def build(cls, base: Foundation, settings: Settings) -> "Entrance":
        """The checks against API_KEY and SECRET_KEY."""
        links = LinkSigner(base.secret, base.clock)
        access = AccessService(
            key=ApiKey(settings.api_key.get_secret_value()),
            failed_keys=FailedKeys(base.clock),
            links=links,
            codes=LoginCodes(base.clock),
            cookies=LoginCookie(base.secret, base.clock),
        )
        return cls(access, links)

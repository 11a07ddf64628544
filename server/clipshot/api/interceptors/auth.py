"""Who calls: every call needs a key, and from the gateway a login cookie or a signed link will do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote

from grpc_health.v1 import health

from clipshot.api.http_paths import readable_path, route
from clipshot.api.interceptors.call import Call, CallInterceptor
from clipshot.core.access.service import AccessService, Credentials
from clipshot.gen.system.v1 import access_service_pb2

_ACCESS = access_service_pb2.DESCRIPTOR.services_by_name["AccessService"]

_OPEN_METHODS = frozenset({route(_ACCESS.methods_by_name["ExchangeLoginCode"])})
_OPEN_SERVICES = (f"/{health.SERVICE_NAME}/",)


class AuthInterceptor(CallInterceptor):
    """Lets callers in, or answers UNAUTHENTICATED.

    Cookies and signatures count on the unix socket only: behind it is the gateway, which checks Host and Origin.
    """

    def __init__(self, access: AccessService) -> None:
        self._access = access

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        """Let the caller in before anything else happens."""
        if call.method not in _OPEN_METHODS and not call.method.startswith(_OPEN_SERVICES):
            self._access.authenticate(_credentials(call), readable_path(call.method, call.request))
        yield


def _credentials(call: Call) -> Credentials:
    peer = unquote(call.context.peer())
    address = "unix" if peer.startswith("unix:") else peer.rpartition(":")[0]
    key = _key(call)
    if address != "unix":
        return Credentials(address, key)
    return Credentials(
        address,
        key,
        cookie=call.metadata.get("x-clipshot-cookie", ""),
        signed=call.metadata.get("x-clipshot-signed", ""),
        http_method=call.metadata.get("x-clipshot-method", ""),
    )


def _key(call: Call) -> str:
    key = call.metadata.get("x-api-key", "")
    if key:
        return key
    scheme, _, token = call.metadata.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""

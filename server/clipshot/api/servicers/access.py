"""AccessService."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from grpc import aio

from clipshot.api.converter import to_proto
from clipshot.api.http_paths import is_readable
from clipshot.core.access.service import AccessService
from clipshot.core.errors import InvalidArgumentError
from clipshot.gen.system.v1 import access_service_pb2, access_service_pb2_grpc

_Context = aio.ServicerContext[Any, Any]

_OWN_PARAMETERS = ("expires", "sig")


class AccessServicer(access_service_pb2_grpc.AccessServiceServicer):
    """Ways in over gRPC. ``web_address`` tells ``http://host:port`` of the gateway, '' while none runs."""

    service_name = access_service_pb2.DESCRIPTOR.services_by_name["AccessService"].full_name

    def __init__(self, access: AccessService, web_address: Callable[[], str]) -> None:
        self._access = access
        self._web_address = web_address

    def register(self, server: aio.Server) -> None:
        """Add the methods to a server."""
        access_service_pb2_grpc.add_AccessServiceServicer_to_server(self, server)

    async def CreateLoginCode(
        self, request: access_service_pb2.CreateLoginCodeRequest, context: _Context
    ) -> access_service_pb2.LoginCode:
        """A one-time code, and the page that exchanges it."""
        code = to_proto(self._access.create_login_code(), access_service_pb2.LoginCode)
        address = self._web_address()
        if address:
            code.url = f"{address}/login?code={code.code}"
        return code

    async def ExchangeLoginCode(
        self, request: access_service_pb2.ExchangeLoginCodeRequest, context: _Context
    ) -> access_service_pb2.LoginCookie:
        """A login cookie for a code."""
        return to_proto(self._access.exchange_login_code(request.code), access_service_pb2.LoginCookie)

    async def CreateSignedLink(
        self, request: access_service_pb2.CreateSignedLinkRequest, context: _Context
    ) -> access_service_pb2.SignedLink:
        """A link that works without a key."""
        parts = urlsplit(request.path)
        names = [pair.partition("=")[0] for pair in parts.query.split("&")]
        if not is_readable(parts.path) or parts.fragment or any(name in _OWN_PARAMETERS for name in names):
            raise InvalidArgumentError.of_field(
                "path",
                "is not a path that links can reach: media, thumbnails, previews, live pictures and event streams",
                reason="LINK_PATH_NOT_READABLE",
            )
        return to_proto(self._access.sign(request.path), access_service_pb2.SignedLink)

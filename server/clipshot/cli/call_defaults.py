"""What every call carries: the API key, and a deadline where the command set none."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import grpc

KEY_HEADER = "x-api-key"
# A unary call answers within milliseconds; saving a replay of hours is watched as an operation instead.
UNARY_SECONDS = 60.0


class _CallDetails(NamedTuple):
    """The fields that grpc.ClientCallDetails declares, which can only be set on a class of one's own."""

    method: str
    timeout: float | None
    metadata: Sequence[tuple[str, str | bytes]] | None
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: grpc.Compression | None


class CallDefaults(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
):
    """Adds the key to calls of both kinds, and the deadline to unary ones."""

    def __init__(self, key: str) -> None:
        self._key = key

    def intercept_unary_unary(
        self,
        continuation: Callable[[Any, Any], Any],
        client_call_details: grpc.ClientCallDetails,
        request: Any,
    ) -> Any:
        """See grpc.UnaryUnaryClientInterceptor."""
        return continuation(self._completed(client_call_details, UNARY_SECONDS), request)

    def intercept_unary_stream(
        self,
        continuation: Callable[[Any, Any], Any],
        client_call_details: grpc.ClientCallDetails,
        request: Any,
    ) -> Any:
        """See grpc.UnaryStreamClientInterceptor."""
        return continuation(self._completed(client_call_details, None), request)

    def _completed(self, details: grpc.ClientCallDetails, seconds: float | None) -> _CallDetails:
        metadata = [*(details.metadata or ())]
        if self._key:
            metadata.append((KEY_HEADER, self._key))
        return _CallDetails(
            method=details.method,
            timeout=details.timeout if details.timeout is not None else seconds,
            metadata=metadata,
            credentials=details.credentials,
            wait_for_ready=details.wait_for_ready,
            compression=details.compression,
        )

"""Requests that are no messages get an error like any other."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import DecodeError
from grpc import aio

from clipshot.api.interceptors.errors import abort
from clipshot.core.errors import InvalidArgumentError

_Context = aio.ServicerContext[Any, Any]
# Quoted: generic in the stubs only.
_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class ParsingInterceptor(aio.ServerInterceptor):
    """Parses requests itself, since grpc answers what it cannot parse with a code and text of its own.

    It must be the outermost interceptor: the others are handed the message. Streams of requests are left to grpc.
    """

    async def intercept_service(
        self,
        continuation: "Callable[[grpc.HandlerCallDetails], Awaitable[_Handler | None]]",
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "_Handler | None":
        """Wrap the handler."""
        handler: Any = await continuation(handler_call_details)
        if handler is None or handler.request_streaming:
            return handler  # type: ignore[no-any-return]
        parse = handler.request_deserializer

        async def read(raw: bytes, context: _Context) -> Any:
            try:
                return parse(raw)
            except DecodeError as error:
                problem = "the request is no such message, or is nested too deeply"
                await abort(context, InvalidArgumentError("REQUEST_UNREADABLE", f"{problem}: {error}"))

        async def answer(raw: bytes, context: _Context) -> Any:
            return await handler.unary_unary(await read(raw, context), context)

        async def stream(raw: bytes, context: _Context) -> AsyncIterator[Any]:
            async for message in handler.unary_stream(await read(raw, context), context):
                yield message

        kind, wrapper = ("unary_stream", stream) if handler.response_streaming else ("unary_unary", answer)
        wrapped: _Handler = handler._replace(**{"request_deserializer": bytes, kind: wrapper})
        return wrapped

"""One shape for all interceptors: a context around a call."""

import inspect
from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import Message
from grpc import aio

_Context = aio.ServicerContext[Any, Any]
# Quoted: generic in the stubs only.
_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_Continuation: TypeAlias = "Callable[[grpc.HandlerCallDetails], Awaitable[_Handler | None]]"


@dataclass(frozen=True)
class Call:
    """One call. ``method`` is ``/package.Service/Method``; ``request`` is None where the caller streams requests."""

    method: str
    request: Message | None
    context: _Context

    @cached_property
    def metadata(self) -> Mapping[str, str]:
        """Text metadata of the caller, the last of equal names."""
        pairs = self.context.invocation_metadata() or ()
        return {key: value for key, value in pairs if isinstance(value, str)}


class CallInterceptor(aio.ServerInterceptor):
    """Runs a context around every call, unary or streaming."""

    @abstractmethod
    def around(self, call: Call) -> AbstractAsyncContextManager[None]:
        """What happens before and after the call; an exception of the call passes through."""

    async def intercept_service(
        self,
        continuation: _Continuation,
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "_Handler | None":
        """Wrap the handler."""
        handler = await continuation(handler_call_details)
        if handler is None:  # no such method: grpc answers UNIMPLEMENTED
            return None
        return self._wrapped(handler, handler_call_details.method)

    def _wrapped(self, handler: Any, method: str) -> "_Handler":
        streams_requests = handler.request_streaming

        async def answer(request: Any, context: _Context) -> Any:
            async with self.around(Call(method, None if streams_requests else request, context)):
                return await inner(request, context)

        async def stream(request: Any, context: _Context) -> AsyncIterator[Any]:
            async with self.around(Call(method, None if streams_requests else request, context)):
                answers = inner(request, context)
                if inspect.isawaitable(answers):  # a handler that writes to its context
                    await answers
                    return
                async for message in answers:
                    yield message

        kind = f"{'stream' if streams_requests else 'unary'}_{'stream' if handler.response_streaming else 'unary'}"
        inner = getattr(handler, kind)
        wrapper = stream if handler.response_streaming else answer
        wrapped: _Handler = handler._replace(**{kind: wrapper})
        return wrapped

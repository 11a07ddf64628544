"""One answer stream of the server, waited for while the server is unavailable."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar

from clipshot_client.backoff import attempts
from clipshot_client.errors import UnavailableError

SILENCE = 45.0
"""Seconds without a message after which a connection counts as broken: three heartbeats of the server."""

MessageT = TypeVar("MessageT")


async def reached(begin: Callable[[], AsyncGenerator[MessageT, None]]) -> AsyncGenerator[MessageT, None]:
    """The messages of one stream, once there is one.

    Raises:
        UnavailableError: The connection broke, fell silent or ended after the first message.
        ClipShotError: The server refuses the call.
    """
    async for attempt in attempts():
        with attempt:
            stream = begin()
            message = await _next(stream)
    async with aclosing(stream):
        while True:
            yield message
            message = await _next(stream)


async def _next(stream: AsyncGenerator[MessageT, None]) -> MessageT:
    try:
        async with asyncio.timeout(SILENCE):
            return await anext(stream)
    except StopAsyncIteration:
        raise UnavailableError("the server has ended the stream", reason="STREAM_ENDED") from None
    except TimeoutError:
        raise UnavailableError("the server has fallen silent", reason="STREAM_SILENT") from None

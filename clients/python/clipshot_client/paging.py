"""Lists of any length, page by page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from clipshot_client.backoff import attempts

ItemT = TypeVar("ItemT")


async def items(fetch: Callable[[str], Awaitable[tuple[Sequence[ItemT], str]]]) -> AsyncIterator[ItemT]:
    """The entries of all pages; ``fetch`` answers the page of a token and the token of the next one."""
    token = ""
    while True:
        async for attempt in attempts():
            with attempt:
                page, token = await fetch(token)
        for item in page:
            yield item
        if not token:
            return

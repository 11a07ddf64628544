"""Operations: each change of one until it has ended."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar

from clipshot_client.backoff import FIRST_WAIT
from clipshot_client.errors import ClipShotError, UnavailableError
from clipshot_client.streams import reached

OperationT = TypeVar("OperationT")

Ending = Callable[[OperationT], ClipShotError | bool]
"""Whether an operation has ended: the failure it ended by, else whether it succeeded."""


async def tracked(
    watch: Callable[[], AsyncGenerator[OperationT, None]], ending: Ending[OperationT]
) -> AsyncGenerator[OperationT, None]:
    """The operation now and after each change until it has ended, across broken connections.

    Raises:
        ClipShotError: It failed or was cancelled; its last state is told before.
    """
    ended: ClipShotError | bool = False
    while not ended:
        async with aclosing(reached(watch)) as states:
            try:
                async for operation in states:
                    yield operation
                    ended = ending(operation)
                    if ended:
                        break
            except UnavailableError:
                await asyncio.sleep(FIRST_WAIT)
    if isinstance(ended, ClipShotError):
        raise ended

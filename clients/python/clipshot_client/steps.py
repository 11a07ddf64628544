"""Work that goes on while one looks at it."""

from collections.abc import AsyncIterator, Callable, Generator
from typing import Any, Generic, TypeVar

StepT = TypeVar("StepT")


class Steps(Generic[StepT]):
    """Iterate over it for each step of the work, or await it for the last one.

    The work goes only while somebody iterates or awaits; each time anew.
    """

    def __init__(self, begin: Callable[[], AsyncIterator[StepT]]) -> None:
        self._begin = begin

    def __aiter__(self) -> AsyncIterator[StepT]:
        return self._begin()

    def __await__(self) -> Generator[Any, None, StepT]:
        return self._last().__await__()

    async def _last(self) -> StepT:
        steps = self._begin()
        last = await anext(steps)
        async for step in steps:
            last = step
        return last

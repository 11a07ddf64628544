"""A save that goes on after its call."""

import asyncio
from datetime import timedelta

from clipshot.core.capture.ports import LiveSession
from clipshot.core.operations.work import Progress

STAGE = "post_roll"
"""What such an operation does until its moment is over."""

LOOK_SECONDS = 0.2
"""Time between two reports of how much of it is over."""


class PostRoll:
    """A moment from ``start`` to ``until``, session times, of which the end is still to come.

    It is over at its end, or as soon as the buffer that it is taken from ends.
    """

    def __init__(self, live: LiveSession, start: timedelta, until: timedelta) -> None:
        self._live = live
        self._cut = asyncio.Event()
        self._done = asyncio.Event()
        self.start = start
        self.until = until

    async def wait(self, progress: Progress) -> None:
        """Return when it is over; tells how much of it is."""
        begin = self._live.now
        whole = max((self.until - begin).total_seconds(), LOOK_SECONDS)
        while not self._cut.is_set():
            left = (self.until - self._live.now).total_seconds()
            if left <= 0:
                return
            await progress.report(max(1 - left / whole, 0) / 2, STAGE)
            try:
                async with asyncio.timeout(min(left, LOOK_SECONDS)):
                    await self._cut.wait()
            except TimeoutError:
                continue

    async def cut_short(self) -> None:
        """The buffer is about to end: take what there is. Returns when that is pinned, or was given up."""
        self._cut.set()
        await self._done.wait()

    def end(self) -> None:
        """It is pinned, or was given up."""
        self._done.set()

"""Moments that were promised and could not be written: no room on the disk, or no folder that takes a file."""

import asyncio
from dataclasses import replace

import structlog

from clipshot.core.capture.clip_maker import ClipMaker
from clipshot.core.capture.footage import PinnedMoment
from clipshot.core.capture.replay_save import SAVE_REPLAY, replay_spec, tell_failed, tell_saved
from clipshot.core.errors import ClipShotError, ErrorKind
from clipshot.core.operations.operation import Operation, OperationState, SavedClip
from clipshot.core.operations.service import OperationService
from clipshot.core.operations.work import Completion, Progress, Work
from clipshot.core.store import Transaction

FIRST_WAIT = 5.0
"""Seconds to the first new try; whoever was told that the disk is full needs about as long to make room."""

LONGEST_WAIT = 300.0
"""Seconds between tries in the end."""

MOST = 32
"""Moments that are tried again by the running server; more are left to the next start, which takes them all."""

_log = structlog.get_logger(__name__)

_PASSING = (ErrorKind.EXHAUSTED, ErrorKind.UNAVAILABLE)


def can_pass(operation: Operation) -> bool:
    """Whether a save failed for a reason that may be gone later."""
    failed = operation.state is OperationState.FAILED and operation.error is not None
    return failed and operation.error is not None and operation.error.kind in _PASSING


class KeptMoments:
    """Holds such moments and tries them again, each try an operation of its own, until they are clips or cancelled.

    A server that ends leaves them where the next one finds them.
    """

    def __init__(self, operations: OperationService, maker: ClipMaker) -> None:
        self._operations = operations
        self._maker = maker
        self._tasks: set[asyncio.Task[None]] = set()

    def keep(self, moment: PinnedMoment) -> None:
        """Try this one again."""
        replay = moment.replay
        _log.warning("moment_kept", session_id=replay.footage.session_id, operation_id=replay.operation_id)
        if len(self._tasks) < MOST:
            task = asyncio.create_task(self._try(moment), name=f"kept-{replay.operation_id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Leave the rest to the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _try(self, moment: PinnedMoment) -> None:
        wait = FIRST_WAIT
        while True:
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
            try:
                operation = await self._operations.start(
                    SAVE_REPLAY, f"sessions/{moment.facts.session_id}", self._work(moment), on_failure=_failed
                )
                ended = await self._operations.wait(operation.operation_id)
            except ClipShotError as error:  # the database lies on the same full disk
                _log.warning("moment_waits", session_id=moment.facts.session_id, reason=error.reason)
                continue
            if ended.state is OperationState.CANCELLED:
                self._maker.discard_later(moment)
            if not can_pass(ended):
                return

    def _work(self, moment: PinnedMoment) -> Work:
        async def work(progress: Progress) -> Completion:
            replay = replace(moment.replay, operation_id=progress.operation_id)
            made = await self._maker.make(moment, replay_spec(replay), progress)

            async def also(tx: Transaction, saved: SavedClip) -> None:
                await tell_saved(tx, replay, saved)

            return self._maker.completion(made, also)

        return work


async def _failed(tx: Transaction, operation: Operation) -> None:
    tell_failed(tx, operation)

"""An operation while it runs in this process."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import structlog

from clipshot.core.clock import Clock
from clipshot.core.errors import CancelledOperationError, ClipShotError, InternalError
from clipshot.core.events.bus import EventBus
from clipshot.core.events.payloads import OperationProgress
from clipshot.core.operations.operation import Operation
from clipshot.core.operations.work import Completion, Work
from clipshot.core.problem import Problem

CANCEL_SECONDS = 0.9
"""How long cancelled work may take to stop before its operation ends without it."""

REPORTS_PER_SECOND = 10
"""Most progress events a second of one operation; a new stage is always told."""

_log = structlog.get_logger(__name__)


class RunningOperation:
    """The latest state of an operation, its progress, and those who watch it. Implements Progress."""

    def __init__(self, operation: Operation, bus: EventBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._changed = asyncio.Event()
        self._told = float("-inf")
        self._cancel_requested = asyncio.Event()
        self._stop = asyncio.Event()
        self._interrupted = False
        self.latest = operation
        self.task: asyncio.Task[None] | None = None

    @property
    def operation_id(self) -> str:
        """The operation."""
        return self.latest.operation_id

    @property
    def cancel_requested(self) -> asyncio.Event:
        """Set when somebody asked to stop."""
        return self._cancel_requested

    async def report(self, progress: float, stage: str) -> None:
        """Tell how far the work is (0..1) and what it does now; throttled, except for a new stage."""
        if self.latest.state.ended:
            return
        new_stage = stage != self.latest.stage
        progress = min(max(progress, self.latest.progress), 1.0)
        self.latest = replace(self.latest, progress=progress, stage=stage, update_time=self._clock())
        now = asyncio.get_running_loop().time()
        if new_stage or now - self._told >= 1 / REPORTS_PER_SECOND:
            self._told = now
            self._bus.publish_transient(OperationProgress(self.latest), f"operations/{self.operation_id}")
            self._notify()
        await asyncio.sleep(0)

    def request_cancel(self) -> None:
        """Somebody asked to stop."""
        self._cancel_requested.set()
        self._stop.set()

    def interrupt(self) -> None:
        """The server stops."""
        self._interrupted = True
        self._stop.set()

    async def perform(self, work: Work) -> Completion | Problem | None:
        """Do the work: its completion, or why there is none; None when the server stopped it.

        Work that does not heed the request to stop within CANCEL_SECONDS is left behind, and its result dropped.
        """
        doing = asyncio.ensure_future(work(self))
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait([doing, stop], return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not doing.done():
            await self._cancel(doing)
        return self._outcome(doing)

    def end(self, operation: Operation) -> None:
        """Take the final state."""
        self.latest = operation
        self._notify()

    async def watch(self) -> AsyncIterator[Operation]:
        """The operation now and after each change, until it has ended."""
        while True:
            changed, latest = self._changed, self.latest
            yield latest
            if latest.state.ended:
                return
            await changed.wait()

    async def _cancel(self, doing: asyncio.Future[Completion]) -> None:
        doing.cancel()
        await asyncio.wait([doing], timeout=CANCEL_SECONDS)
        if not doing.done():
            _log.warning("operation_abandoned", operation_id=self.operation_id, kind=self.latest.kind)
            doing.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _outcome(self, doing: asyncio.Future[Completion]) -> Completion | Problem | None:
        if not doing.done() or doing.cancelled():
            if self._interrupted and not self._cancel_requested.is_set():
                return None
            return Problem.of(CancelledOperationError("OPERATION_CANCELLED", "stopped on request"))
        error = doing.exception()
        if error is None:
            return doing.result()
        if isinstance(error, ClipShotError):
            return Problem.of(error)
        _log.error("operation_failed", operation_id=self.operation_id, kind=self.latest.kind, exc_info=error)
        return Problem.of(InternalError("INTERNAL", "a fault of the server; its log has the details"))

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

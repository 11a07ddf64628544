"""Long work: started, watched, cancelled, and never lost without a word."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import structlog

from clipshot.core.clock import Clock
from clipshot.core.errors import ClipShotError, ErrorKind, InternalError, NotFoundError, UnavailableError
from clipshot.core.events.bus import EventBus
from clipshot.core.events.payloads import OperationFinished, OperationStarted
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey
from clipshot.core.ids import new_id
from clipshot.core.operations.operation import Operation, OperationState
from clipshot.core.operations.running import CANCEL_SECONDS, RunningOperation
from clipshot.core.operations.work import Completion, FailureHook, Resumer, Work
from clipshot.core.page_tokens import PageTokens
from clipshot.core.paging import Keyset, Page, PageRequest
from clipshot.core.problem import Problem
from clipshot.core.store import OperationFilter, Store, Transaction

_OPEN = OperationFilter(states=(OperationState.PENDING, OperationState.RUNNING))

_log = structlog.get_logger(__name__)


class OperationService:
    """Runs work as operations. The result of the work, the operation's end and their events are one transaction."""

    def __init__(
        self, store: Store, bus: EventBus, keeper: IdempotencyKeeper, tokens: PageTokens, clock: Clock
    ) -> None:
        self._store = store
        self._bus = bus
        self._keeper = keeper
        self._tokens = tokens
        self._clock = clock
        self._running: dict[str, RunningOperation] = {}
        self._resumers: dict[str, tuple[Resumer, FailureHook | None]] = {}
        self._stopping = False

    def register_resumer(self, kind: str, resumer: Resumer, on_failure: FailureHook | None = None) -> None:
        """Let operations of a kind go on after a crash; ``on_failure`` is for those that can and those that cannot."""
        self._resumers[kind] = (resumer, on_failure)

    async def start(
        self,
        kind: str,
        resource: str,
        work: Work,
        *,
        key: RequestKey | None = None,
        tx: Transaction | None = None,
        on_failure: FailureHook | None = None,
        operation_id: str = "",
        stage: str = "",
    ) -> Operation:
        """Begin an operation; ``operation_id`` is for work that had to be named before, '' makes one.

        With ``key``, a repeated call answers the operation that the first one began. With ``tx``, the operation begins
        when that transaction commits, and ``key`` is the caller's business.

        Raises:
            UnavailableError: SERVER_STOPPING.
            InvalidArgumentError: REQUEST_ID_REUSED.
        """
        if self._stopping:
            raise UnavailableError("SERVER_STOPPING", "the server stops; no new work begins")
        if tx is not None:
            return await self._begin(kind, resource, work, tx, on_failure, operation_id, stage)
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                return await self.get(claim.answer.removeprefix("operations/"))
            async with self._store.write() as own:
                operation = await self._begin(kind, resource, work, own, on_failure, operation_id, stage)
                await claim.remember(own, f"operations/{operation.operation_id}")
            return operation

    async def get(self, operation_id: str) -> Operation:
        """One operation as it stands.

        Raises:
            NotFoundError: there is none.
        """
        running = self._running.get(operation_id)
        if running:
            return running.latest
        async with self._store.read() as reader:
            operation = await reader.operations.get(operation_id)
        if operation is None:
            raise NotFoundError("operation", operation_id)
        return operation

    async def list(self, where: OperationFilter, request: PageRequest) -> Page[Operation]:
        """Operations, newest first.

        Raises:
            InvalidArgumentError: the page token is not of this list.
        """

        async def fetch(after: Keyset | None, limit: int) -> Sequence[Operation]:
            async with self._store.read() as reader:
                return await reader.operations.page(where, after, limit)

        page = await self._tokens.page(
            request, where, fetch, lambda operation: Keyset.at(operation.operation_id, operation.operation_id)
        )
        return replace(page, items=tuple(self._latest(operation) for operation in page.items))

    async def wait(self, operation_id: str) -> Operation:
        """The operation once it has ended.

        Raises:
            NotFoundError: there is none.
        """
        async for operation in self.watch(operation_id):
            if operation.state.ended:
                return operation
        return await self.get(operation_id)

    async def watch(self, operation_id: str) -> AsyncIterator[Operation]:
        """The operation now and after each change, until it has ended.

        Raises:
            NotFoundError: there is none.
        """
        running = self._running.get(operation_id)
        if running is None:
            yield await self.get(operation_id)
            return
        async for operation in running.watch():
            yield operation

    async def cancel(self, operation_id: str, key: RequestKey | None = None) -> Operation:
        """Stop an operation within a second; one that has ended stays as it is.

        Raises:
            InvalidArgumentError: REQUEST_ID_REUSED.
            NotFoundError: there is none.
        """
        async with self._keeper.once(key) as claim:
            running = self._running.get(operation_id)
            if running is not None and claim.answer is None:
                running.request_cancel()
            operation = await self.wait(operation_id)
            # Only then: whoever asks again after a crash in between is to stop what goes on after it.
            if claim.is_new:
                async with self._store.write() as tx:
                    await claim.remember(tx, f"operations/{operation_id}")
            return operation

    async def resume_or_fail(self) -> None:
        """At start: let interrupted operations go on where their kind has a resumer; the others fail."""
        async with self._store.read() as reader:
            interrupted = await reader.operations.page(_OPEN, None, 10_000)
        for operation in reversed(interrupted):
            resumer, on_failure = self._resumers.get(operation.kind, (None, None))
            work = await resumer(operation) if resumer else None
            if work:
                self._launch(operation, work, on_failure)
            else:
                await self._fail(RunningOperation(operation, self._bus, self._clock), _RESTARTED, on_failure)

    async def stop(self, patience: float) -> None:
        """At shutdown: wait ``patience`` seconds for running work, then cancel it.

        What can be resumed stays open and goes on at the next start.
        """
        self._stopping = True
        tasks = [running.task for running in self._running.values() if running.task]
        if not tasks:
            return
        await asyncio.wait(tasks, timeout=patience)
        for running in self._running.values():
            running.interrupt()
        await asyncio.wait(tasks, timeout=2 * CANCEL_SECONDS)

    async def _begin(
        self,
        kind: str,
        resource: str,
        work: Work,
        tx: Transaction,
        on_failure: FailureHook | None,
        operation_id: str,
        stage: str,
    ) -> Operation:
        now = self._clock()
        operation = Operation(
            operation_id=operation_id or new_id("op"),
            kind=kind,
            state=OperationState.RUNNING,
            progress=0.0,
            stage=stage,
            create_time=now,
            update_time=now,
            resource=resource,
        )
        await tx.operations.put(operation)
        tx.emit(OperationStarted(operation), f"operations/{operation.operation_id}")
        tx.on_commit(lambda: self._launch(operation, work, on_failure))
        return operation

    def _launch(self, operation: Operation, work: Work, on_failure: FailureHook | None) -> None:
        running = RunningOperation(operation, self._bus, self._clock)
        self._running[operation.operation_id] = running
        running.task = asyncio.create_task(self._run(running, work, on_failure), name=operation.operation_id)

    async def _run(self, running: RunningOperation, work: Work, on_failure: FailureHook | None) -> None:
        try:
            outcome = await running.perform(work)
            if isinstance(outcome, Completion):
                await self._succeed(running, outcome, on_failure)
            elif outcome is not None:
                await self._fail(running, outcome, on_failure)
            elif running.latest.kind not in self._resumers:
                await self._fail(running, _STOPPED, on_failure)
        except Exception:
            # The end could not be written, e.g. on a full disk; the next start finds the operation open.
            _log.exception("operation_end_lost", operation_id=running.operation_id)
            running.end(self._ended(running.latest, _END_LOST))
        finally:
            self._running.pop(running.operation_id, None)

    async def _succeed(self, running: RunningOperation, completion: Completion, on_failure: FailureHook | None) -> None:
        operation = replace(self._ended(running.latest, None), saved_clip=completion.saved_clip)
        try:
            async with self._store.write() as tx:
                await completion.write(tx)
                await self._put_end(tx, running, operation)
        except ClipShotError as error:
            await self._fail(running, Problem.of(error), on_failure)

    async def _fail(self, running: RunningOperation, problem: Problem, on_failure: FailureHook | None) -> None:
        operation = self._ended(running.latest, problem)
        async with self._store.write() as tx:
            if on_failure:
                await on_failure(tx, operation)
            await self._put_end(tx, running, operation)

    async def _put_end(self, tx: Transaction, running: RunningOperation, operation: Operation) -> None:
        def end() -> None:
            # Before the event is told, so that whoever hears it finds the operation ended.
            self._running.pop(operation.operation_id, None)
            running.end(operation)

        await tx.operations.put(operation)
        tx.emit(OperationFinished(operation), f"operations/{operation.operation_id}")
        tx.on_commit(end)

    def _ended(self, operation: Operation, problem: Problem | None) -> Operation:
        now = self._clock()
        if problem is None:
            return replace(operation, state=OperationState.SUCCEEDED, progress=1.0, update_time=now, end_time=now)
        cancelled = problem.kind is ErrorKind.CANCELLED
        state = OperationState.CANCELLED if cancelled else OperationState.FAILED
        return replace(operation, state=state, update_time=now, end_time=now, error=problem)

    def _latest(self, operation: Operation) -> Operation:
        running = self._running.get(operation.operation_id)
        return running.latest if running else operation


_END_LOST = Problem.of(InternalError("INTERNAL", "the result could not be kept; the server's log has the details"))
_RESTARTED = Problem.of(
    UnavailableError("SERVER_RESTARTED", "the server ended while this ran", remedy="ask for it again")
)
_STOPPED = Problem.of(
    UnavailableError("SERVER_STOPPED", "the server was stopped while this ran", remedy="ask for it again")
)

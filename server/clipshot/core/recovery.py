"""Recovery: what a crash has left becomes clips again.

At start everything left behind is moved out of the way in milliseconds, so that buffering can begin at once; then, in
the background, each ring and each recording becomes a clip, and saves that were interrupted are finished under the ids
of their operations. Each step can be interrupted too: footage goes only after its clip is in the library, and what
cannot be read or written now is kept.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import structlog

from clipshot.core.capture.clip_maker import ClipMaker, ClipSpec, MadeClip
from clipshot.core.capture.endings import RECOVER
from clipshot.core.capture.footage import Footage, FootageKind, ReplayFacts
from clipshot.core.capture.leftovers import Leftover, Leftovers
from clipshot.core.capture.replay_save import SAVE_REPLAY, replay_spec, tell_failed, tell_saved
from clipshot.core.capture.session import SessionState
from clipshot.core.clips.clip import ClipOrigin, ClipState
from clipshot.core.clock import Clock
from clipshot.core.errors import ClipShotError, ErrorKind, PreconditionError
from clipshot.core.events.payloads import SessionFailed, SessionRecovered, SystemDegraded
from clipshot.core.operations.operation import Operation, OperationState, SavedClip
from clipshot.core.operations.service import OperationService
from clipshot.core.operations.work import Completion, Progress, Work
from clipshot.core.problem import Problem
from clipshot.core.store import ClipFilter, ClipOrder, SessionFilter, Store, StoredRequest, Transaction

_OPEN = (SessionState.STARTING, SessionState.ACTIVE, SessionState.PAUSED, SessionState.STOPPING)
_CRASHED = Problem(ErrorKind.UNAVAILABLE, "SERVER_CRASHED", "the server ended while this session ran")
_ALL_STATES = (ClipState.READY, ClipState.DAMAGED, ClipState.TRASHED)
_MOST = 100_000

_log = structlog.get_logger(__name__)


class Recovery:
    """Finds what a dead server has left, and makes the best of it."""

    def __init__(
        self, store: Store, leftovers: Leftovers, operations: OperationService, maker: ClipMaker, clock: Clock
    ) -> None:
        self._store = store
        self._leftovers = leftovers
        self._operations = operations
        self._maker = maker
        self._clock = clock
        self._saves: dict[str, Leftover] = {}
        self._task: asyncio.Task[None] | None = None
        self.after_crash = False

    async def start(self) -> None:
        """Before anything is captured or served: clear the way, and let interrupted operations go on or fail."""
        await self._leftovers.move_aside()
        found = await self._leftovers.found()
        dead = await self._fail_sessions()
        self.after_crash = bool(found or dead)
        self._saves = {leftover.operation_id: leftover for leftover in found if leftover.operation_id}
        self._operations.register_resumer(SAVE_REPLAY, self._resume, _resumed_failed)
        await self._operations.resume_or_fail()
        for leftover in tuple(self._saves.values()):
            await self._begin_save(leftover)
        rest = [leftover for leftover in found if not leftover.operation_id]
        self._task = asyncio.create_task(self._recover_all(rest), name="recovery")

    async def finished(self) -> None:
        """Return when everything that was found has been tried."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def stop(self) -> None:
        """Leave the rest for the next start."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _fail_sessions(self) -> int:
        async with self._store.write() as tx:
            dead = await tx.sessions.page(SessionFilter(states=_OPEN), None, _MOST)
            for session in dead:
                failed = replace(
                    session, state=SessionState.FAILED, end_time=self._clock(), recording=None, error=_CRASHED
                )
                await tx.sessions.put(failed)
                tx.emit(SessionFailed(failed), f"sessions/{session.session_id}")
        return len(dead)

    # Saves: each goes on under its own operation.

    async def _resume(self, operation: Operation) -> Work | None:
        """The work of an operation that the crash interrupted, if its moment is still there."""
        leftover = self._saves.pop(operation.operation_id, None)
        return None if leftover is None else self._save_work(leftover)

    async def _begin_save(self, leftover: Leftover) -> None:
        """Finish a pinned moment whose operation is not open: it never began, or ended before the pin was let go."""
        replay = leftover.replay
        async with self._store.read() as reader:
            known = await reader.operations.get(leftover.operation_id)
        given_up = known is not None and known.state in (OperationState.SUCCEEDED, OperationState.CANCELLED)
        if given_up and leftover.footage is not None:
            self._maker.discard_later(leftover.footage)
            return
        work = self._save_work(leftover)
        resource = f"sessions/{leftover.session_id}"
        async with self._store.write() as tx:
            await self._operations.start(
                SAVE_REPLAY,
                resource,
                work,
                tx=tx,
                on_failure=_resumed_failed,
                operation_id="" if known else leftover.operation_id,
            )
            if known is None and replay is not None and replay.request_id:
                answer = f"operations/{leftover.operation_id}"
                await tx.requests.put(
                    StoredRequest(replay.request_id, replay.method, replay.fingerprint, answer, self._clock())
                )

    def _save_work(self, leftover: Leftover) -> Work:
        async def work(progress: Progress) -> Completion:
            replay, footage = leftover.replay, leftover.footage
            if replay is None or footage is None:
                raise await self._set_aside(leftover)
            await progress.report(0.0, "pinned")
            try:
                return await self._finish_save(footage, replace(replay, operation_id=progress.operation_id), progress)
            except PreconditionError as error:
                raise await self._set_aside(leftover) from error

        return work

    async def _finish_save(self, footage: Footage, replay: ReplayFacts, progress: Progress) -> Completion:
        async def also(tx: Transaction, saved: SavedClip) -> None:
            await tell_saved(tx, replay, saved)

        made = await self._maker.make(footage, replay_spec(replay), progress, orphans=await self._orphans(footage))
        return self._maker.completion(made, also)

    # Rings and recordings: one after the other, so that whoever plays meanwhile keeps the processor.

    async def _recover_all(self, found: list[Leftover]) -> None:
        for leftover in found:
            try:
                await self._recover(leftover)
            except ClipShotError as error:
                _log.error("leftover_kept", kind=leftover.kind, session_id=leftover.session_id, reason=error.reason)
            except Exception:
                _log.exception("leftover_kept", kind=leftover.kind, session_id=leftover.session_id)

    async def _recover(self, leftover: Leftover) -> None:
        footage = leftover.footage
        if footage is not None and footage.plan is not None and await self._has_clip(footage.plan.clip_id):
            await footage.discard()  # the crash came between the clip and this
            return
        resource = f"sessions/{leftover.session_id}" if leftover.session_id else ""
        operation = await self._operations.start(RECOVER, resource, self._recover_work(leftover))
        await self._operations.wait(operation.operation_id)

    def _recover_work(self, leftover: Leftover) -> Work:
        async def work(progress: Progress) -> Completion:
            footage = leftover.footage
            if footage is None:
                raise await self._set_aside(leftover)
            facts = footage.facts
            time = facts.start_time if leftover.kind is FootageKind.RECORDING else leftover.time
            spec = ClipSpec.of(facts, ClipOrigin.RECOVERED, time)
            try:
                made = await self._rescue(leftover, footage, spec, progress)
            except PreconditionError as error:
                if not leftover.tiny:
                    raise await self._set_aside(leftover) from error
                await footage.discard()  # the crash came before its first picture
                return Completion()

            async def also(tx: Transaction, saved: SavedClip) -> None:
                recovered = SessionRecovered(facts.session_id, saved.clip_id, leftover.kind.value)
                tx.emit(recovered, f"sessions/{facts.session_id}")
                await _lengthen_session(tx, facts.session_id, saved.actual_end)

            return self._maker.completion(made, also)

        return work

    async def _rescue(self, leftover: Leftover, footage: Footage, spec: ClipSpec, progress: Progress) -> MadeClip:
        orphans = await self._orphans(footage)
        try:
            return await self._maker.make(footage, spec, progress, orphans=orphans)
        except PreconditionError:
            if leftover.recording is None:
                raise
            # A recording that is finished in place just before the crash is no recording any more, but plays.
            return await self._maker.adopt(leftover.recording, spec, "", orphans=orphans)

    async def _set_aside(self, leftover: Leftover) -> PreconditionError:
        """Keep what cannot be read for people to look at; the error that ends the operation."""
        path = await leftover.set_aside()
        what = f"the {leftover.kind.value.replace('_', ' ')} of session {leftover.session_id or '(unknown)'}"
        detail = f"{what} cannot be read after a crash; it is kept as {path}"
        _log.error("leftover_damaged", kind=leftover.kind, session_id=leftover.session_id, path=path)
        async with self._store.write() as tx:
            tx.emit(SystemDegraded("recovery", detail), "system/recovery")
        return PreconditionError("FOOTAGE_BROKEN", detail, subject=path, metadata={"path": path})

    async def _orphans(self, footage: Footage) -> Sequence[str]:
        """Files that interrupted attempts may have finished: where the plan says, and no clip's."""
        if footage.plan is None:
            return ()
        where = ClipFilter(session_id=footage.facts.session_id, states=_ALL_STATES)
        async with self._store.read() as reader:
            taken = {clip.path for clip in await reader.clips.page(where, ClipOrder(), None, _MOST)}
        return tuple(path for path in footage.plan.paths if path not in taken)

    async def _has_clip(self, clip_id: str) -> bool:
        async with self._store.read() as reader:
            return await reader.clips.get(clip_id) is not None


async def _lengthen_session(tx: Transaction, session_id: str, end: timedelta) -> None:
    """The pictures say how long a session was that could not say so itself any more."""
    session = await tx.sessions.get(session_id)
    if session is not None and session.error == _CRASHED and session.duration < end:
        await tx.sessions.put(replace(session, duration=end, end_time=session.start_time + end))


async def _resumed_failed(tx: Transaction, operation: Operation) -> None:
    """Tell that a save is lost; its footage stays for the next start, unless it was set aside."""
    tell_failed(tx, operation)

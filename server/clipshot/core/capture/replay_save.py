"""One save of a replay, from its pinned moment to its clip."""

from dataclasses import replace
from datetime import timedelta

import structlog

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.clip_maker import ClipMaker, ClipSpec
from clipshot.core.capture.footage import PinnedMoment, ReplayFacts
from clipshot.core.capture.kept_buffer import KeptBuffer
from clipshot.core.capture.post_roll import PostRoll
from clipshot.core.capture.saved_ranges import SavedRange
from clipshot.core.clips.clip import ClipOrigin
from clipshot.core.errors import ClipShotError
from clipshot.core.events.payloads import ReplayFailed, ReplaySaved
from clipshot.core.operations.operation import Operation, SavedClip
from clipshot.core.operations.work import Progress
from clipshot.core.store import Transaction

SAVE_REPLAY = "save_replay"
"""The kind of operation that writes a replay."""

_log = structlog.get_logger(__name__)


class ReplaySave:
    """Holds what a save needs until it is a clip, and lets it go when it is none.

    With a ``roll`` the moment of the call is only its beginning: that is safe from the call on, and is what becomes a
    clip if the rest cannot be had.
    """

    def __init__(
        self,
        session: ActiveSession,
        buffer: KeptBuffer,
        moment: PinnedMoment,
        maker: ClipMaker,
        roll: PostRoll | None,
        *,
        flush: bool,
    ) -> None:
        self._session = session
        self._buffer = buffer
        self._maker = maker
        self._roll = roll
        self._flush = flush
        self._pins = [moment]
        self._begins_anew: timedelta | None = None
        self.short = ""
        self.range = SavedRange(moment.start, None if roll else moment.end)
        session.saved.add(self.range)
        if roll is None:
            self._begin_anew()

    @property
    def moment(self) -> PinnedMoment:
        """What becomes the clip, as it is known now."""
        return self._pins[-1]

    async def complete(self, progress: Progress) -> PinnedMoment:
        """The moment with what comes after the call; ``short`` says why it has to do without."""
        if self._roll is None:
            return self.moment
        try:
            await self._roll.wait(progress)
            await self._pin_all()
        finally:
            self.release()
        self.range.cover(self.moment.start, self.moment.end)
        self._begin_anew()
        return self.moment

    def release(self) -> None:
        """Nothing more is needed of the buffer."""
        if self._roll is not None:
            self._buffer.release(self._roll)
            self._roll.end()

    def succeeded(self) -> None:
        """It is a clip now."""
        self.range.mark_written()
        if self._begins_anew is not None:
            self._buffer.forget(self._begins_anew)

    def failed(self) -> None:
        """It came to nothing: what it had claimed may be saved by others."""
        self._maker.discard_later(self.set_free())

    def set_free(self) -> PinnedMoment:
        """It is no clip now: what it had claimed may be saved by others. The moment itself is the caller's."""
        self.release()
        self._session.saved.drop(self.range)
        if self._begins_anew is not None:
            self._buffer.undo_begin(self._begins_anew)
        for pin in self._pins[:-1]:
            self._maker.discard_later(pin)
        return self.moment

    def _begin_anew(self) -> None:
        if self._flush:
            self._begins_anew = self.moment.end
            self._buffer.begin_anew(self._begins_anew)

    async def _pin_all(self) -> None:
        """Pin from the beginning to now; where that cannot be had, the beginning stays."""
        beginning = self.moment
        try:
            whole = await self._session.live.pin(beginning.replay, None, beginning.start)
        except ClipShotError as error:
            _log.warning("post_roll_lost", session_id=self._session.session_id, reason=error.reason)
            self.short = f"what came after the call could not be had: {error.message}"
            return
        if whole.start > beginning.start:
            self.short = "the replay buffer could not hold the moment until its end"
            self._maker.discard_later(whole)
            return
        self._pins.append(whole)
        self._maker.discard_later(self._pins.pop(0))


def replay_spec(replay: ReplayFacts) -> ClipSpec:
    """The clip that a replay was asked to become."""
    spec = ClipSpec.of(replay.footage, ClipOrigin.REPLAY, replay.asked_time)
    return replace(spec, rule=replay.start_rule, tags=replay.tags)


async def tell_saved(tx: Transaction, replay: ReplayFacts, saved: SavedClip) -> None:
    """Tell that a replay is a clip now."""
    session_id = replay.footage.session_id
    tx.emit(ReplaySaved(session_id, replay.operation_id, saved), f"sessions/{session_id}")


def tell_failed(tx: Transaction, operation: Operation) -> None:
    """Tell that a replay could not be saved, or was given up."""
    assert operation.error is not None
    session_id = operation.resource.removeprefix("sessions/")
    tx.emit(ReplayFailed(session_id, operation.operation_id, operation.error), operation.resource)

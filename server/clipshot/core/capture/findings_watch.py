"""Looks after all running sessions: what is not as it should be is found, told, and forgotten when it is over."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from weakref import WeakKeyDictionary

import structlog

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.defaults_in_force import DefaultsInForce
from clipshot.core.capture.diagnosis.diagnosis import JUDGED, Diagnosis
from clipshot.core.capture.diagnosis.disk import Growth, until_full
from clipshot.core.capture.diagnosis.reading import Reading
from clipshot.core.capture.finding import FindingKind
from clipshot.core.clips.ports import ClipFiles
from clipshot.core.clock import Clock
from clipshot.core.events.payloads import HealthChanged
from clipshot.core.store import Store

SECONDS = 1.0
"""Between two readings of each session."""

DISK_SECONDS = 5.0
"""Between two looks at the free bytes; at 100 Mbit/s 60 MB are written meanwhile."""

_OVER_WITH_RECORDING = (FindingKind.RECORDING_DISK_FULL, FindingKind.RECORDING_FAILED)

_log = structlog.get_logger(__name__)


class Patient:
    """What is remembered of one session from reading to reading."""

    def __init__(self, frozen_after: timedelta) -> None:
        self.diagnosis = Diagnosis(frozen_after=frozen_after)
        self.growth = Growth()


class FindingsWatch:
    """Reads each session once a second."""

    def __init__(
        self,
        store: Store,
        sessions: ActiveSessions,
        files: ClipFiles,
        clock: Clock,
        defaults: DefaultsInForce,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._files = files
        self._clock = clock
        self._defaults = defaults
        self._monotonic = monotonic
        self._patients: WeakKeyDictionary[ActiveSession, Patient] = WeakKeyDictionary()
        self._free_bytes = 0
        self._free_seen = float("-inf")
        self._task: asyncio.Task[None] | None = None
        self.until_full: timedelta | None = None
        """Time until the disk of the recordings is full; None where nothing is recorded, or it is not known yet."""

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._watch(), name="findings-watch")

    async def stop(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> None:
        """Read all sessions once, and tell what has changed."""
        sessions, now = tuple(self._sessions), self._monotonic()
        if not sessions:
            self.until_full = None
            return
        patients = [self._patient(session) for session in sessions]
        await self._forecast(sessions, patients, now)
        told: list[tuple[ActiveSession, Sequence[HealthChanged]]] = []
        for session, patient in zip(sessions, patients, strict=True):
            changes = self._judge(session, patient, now)
            if changes:
                told.append((session, changes))
        if told:
            await self._tell(told)

    def _patient(self, session: ActiveSession) -> Patient:
        patient = self._patients.get(session)
        if patient is None:
            patient = self._patients[session] = Patient(self._defaults.now.frozen_after)
        return patient

    async def _forecast(self, sessions: Sequence[ActiveSession], patients: Sequence[Patient], now: float) -> None:
        if now - self._free_seen >= DISK_SECONDS:
            self._free_bytes = await self._files.free_bytes()
            self._free_seen = now
        rate = 0.0
        for session, patient in zip(sessions, patients, strict=True):
            if session.recording is None:
                patient.growth = Growth()
                continue
            patient.growth.look(now, session.live.recording_progress().size_bytes)
            rate += patient.growth.bytes_per_second
        self.until_full = until_full(self._free_bytes, rate)

    def _judge(self, session: ActiveSession, patient: Patient, now: float) -> Sequence[HealthChanged]:
        recording = session.recording is not None
        reading = Reading(
            at=now,
            session_time=session.live.now,
            stats=session.live.stats(),
            brightest=session.live.brightest,
            tracks=session.live.audio_tracks(),
            until_full=self.until_full if recording else None,
        )
        findings = session.findings
        changes = list(findings.judge(patient.diagnosis.look(reading), JUDGED, self._clock()))
        if recording:
            changes += (event for kind in _OVER_WITH_RECORDING for event in findings.end(kind))
        if session.buffer_length is not None:
            changes += findings.end(FindingKind.RING_FAILED)
        else:
            changes += findings.end(FindingKind.RING_IN_MEMORY)
        return changes

    async def _tell(self, told: Sequence[tuple[ActiveSession, Sequence[HealthChanged]]]) -> None:
        async with self._store.write() as tx:
            for session, changes in told:
                for change in changes:
                    tx.emit(change, session.resource)
        for session, changes in told:
            for change in changes:
                _log.info(
                    "finding", session_id=change.session_id, finding=change.finding, active=change.active,
                    subject=change.subject,
                )  # fmt: skip
            session.notify()

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                _log.exception("sessions_not_watched")
            await asyncio.sleep(SECONDS)

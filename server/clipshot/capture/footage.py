"""Footage of the native core: rings, pins and recordings that can be saved as files."""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path

import structlog

from clipshot.capture.facts_json import plan_to_json
from clipshot.capture.native_errors import translated
from clipshot.capture.save_run import NativeSaveRun
from clipshot.capture.session_folder import RecordingFolder, SessionFolder
from clipshot.capture.ticks import to_time
from clipshot.core.capture.footage import ClipPlan, FootageFacts, FootageKind, ReplayFacts
from clipshot.core.errors import AlreadyExistsError, UnavailableError
from clipshot.core.operations.operation import StartRule
from clipshot_native import Pin, recover_recording, recover_ring

log = structlog.get_logger(__name__)


class PinFootage:
    """A pinned moment of a live ring, or one that a crash left."""

    kind = FootageKind.REPLAY

    def __init__(self, pin: Pin, replay: ReplayFacts, folder: SessionFolder, plan: ClipPlan | None = None) -> None:
        self._pin = pin
        self._folder = folder
        self.replay = replay
        self.plan = plan or replay.plan

    @property
    def facts(self) -> FootageFacts:
        """What was written beside the pictures."""
        return self.replay.footage

    async def keep_plan(self, plan: ClipPlan) -> None:
        """Write down a plan that differs from the one that was pinned."""
        self.plan = plan
        await asyncio.to_thread(_write_plan, self._folder.pin_plan(self.replay.operation_id), plan)

    @property
    def start(self) -> timedelta:
        """Session time of the asked first picture."""
        return to_time(self._pin.start_ticks)

    @property
    def end(self) -> timedelta:
        """Session time at which the last picture ends."""
        return to_time(self._pin.end_ticks)

    async def save(self, path: str, rule: StartRule) -> NativeSaveRun:
        """Begin to write the moment to ``path``."""
        with translated():
            return NativeSaveRun(self._pin.save(path, rule.value))

    async def discard(self) -> None:
        """Let the segments go."""
        await asyncio.to_thread(self._release)

    def _release(self) -> None:
        with translated():
            self._pin.release()
        self._folder.tidy()


class RingFootage:
    """The ring of a session that is over, whole."""

    kind = FootageKind.REPLAY_BUFFER

    def __init__(self, folder: SessionFolder, facts: FootageFacts, plan: ClipPlan | None = None) -> None:
        self._folder = folder
        self._pin: Pin | None = None
        self.facts = facts
        self.plan = plan

    async def keep_plan(self, plan: ClipPlan) -> None:
        """Write down the clip that is about to be made."""
        self.plan = plan
        await asyncio.to_thread(_write_plan, self._folder.plan, plan)

    async def save(self, path: str, rule: StartRule) -> NativeSaveRun:
        """Begin to write all that can be read to ``path``."""
        with translated():
            if self._pin is None:
                self._pin = await recover_ring(str(self._folder.ring))
            return NativeSaveRun(self._pin.save(path, rule.value))

    async def discard(self) -> None:
        """Delete the ring."""
        await asyncio.to_thread(self._folder.drop_ring)


class RecordingFootage:
    """The file of a recording, in a folder of its own with its facts."""

    kind = FootageKind.RECORDING

    def __init__(self, folder: RecordingFolder, facts: FootageFacts, plan: ClipPlan | None = None) -> None:
        self._folder = folder
        self.facts = facts
        self.plan = plan

    @property
    def path(self) -> str:
        """The file that is, or was, appended to."""
        return str(self._folder.file)

    async def keep_plan(self, plan: ClipPlan) -> None:
        """Write down the clip that is about to be made."""
        self.plan = plan
        await asyncio.to_thread(_write_plan, self._folder.plan, plan)

    async def save(self, path: str, rule: StartRule) -> NativeSaveRun:
        """Begin to write a plain MP4 to ``path``. A recording always starts with a keyframe, so any rule is met."""
        del rule
        with translated():
            return NativeSaveRun(recover_recording(self.path, path))

    async def adopt(self, path: str) -> None:
        """Give the file as it is the name ``path`` too; it keeps the old one until :meth:`discard`.

        Raises:
            AlreadyExistsError: FILE_EXISTS.
            UnavailableError: FILE_UNUSABLE.
        """
        await asyncio.to_thread(self._link, Path(path))

    async def discard(self) -> None:
        """Delete the recording."""
        await asyncio.to_thread(shutil.rmtree, self._folder.path, ignore_errors=True)

    def _link(self, target: Path) -> None:
        try:
            target.hardlink_to(self.path)  # unlike a rename, a link never replaces what is there
        except FileExistsError as error:
            raise AlreadyExistsError("FILE_EXISTS", f"{target} exists") from error
        except OSError as error:
            raise UnavailableError("FILE_UNUSABLE", f"{target}: {error.strerror}") from error


def _write_plan(file: Path, plan: ClipPlan) -> None:
    part = file.with_suffix(".part")
    try:
        part.write_bytes(plan_to_json(plan))
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        # On a full disk the clip counts for more: without a plan a crash right now would make it twice.
        log.warning("plan not written", file=str(file), reason=error.strerror)

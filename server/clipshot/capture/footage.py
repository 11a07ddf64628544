"""Footage of the native core: rings, pins and recordings that can be saved as files."""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import structlog

from clipshot.capture.facts_json import plan_to_json
from clipshot.capture.native_errors import translated
from clipshot.capture.save_run import NativeSaveRun
from clipshot.capture.session_folder import RecordingFolder, SessionFolder, write_whole
from clipshot.capture.ticks import to_ticks, to_time
from clipshot.core.capture.chapters import Chapter
from clipshot.core.capture.footage import ClipPlan, FootageFacts, FootageKind, ReplayFacts
from clipshot.core.errors import AlreadyExistsError, UnavailableError
from clipshot.core.operations.operation import StartRule
from clipshot_native import Pin, recover_recording, recover_ring

PIN_PLAN = "plan.json"
"""In the folder of a pin: what a save set out to do, where it differs from the pin's request."""

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
        await asyncio.to_thread(_write_plan, Path(self._pin.folder) / PIN_PLAN, plan)

    async def begin(self) -> timedelta:
        """Session time of the asked first picture."""
        return self.start

    @property
    def start(self) -> timedelta:
        """Session time of the asked first picture."""
        return to_time(self._pin.start_ticks)

    @property
    def end(self) -> timedelta:
        """Session time at which the last picture ends."""
        return to_time(self._pin.end_ticks)

    async def save(self, path: str, rule: StartRule, title: str, chapters: Sequence[Chapter]) -> NativeSaveRun:
        """Begin to write the moment to ``path``."""
        with translated():
            return NativeSaveRun(self._pin.save(path, rule.value, chapters=_in_ticks(chapters), title=title))

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

    async def begin(self) -> timedelta:
        """Session time of the oldest picture."""
        return to_time((await self._pinned()).start_ticks)

    async def save(self, path: str, rule: StartRule, title: str, chapters: Sequence[Chapter]) -> NativeSaveRun:
        """Begin to write all that can be read to ``path``."""
        pin = await self._pinned()
        with translated():
            return NativeSaveRun(pin.save(path, rule.value, chapters=_in_ticks(chapters), title=title))

    async def discard(self) -> None:
        """Delete the ring."""
        await asyncio.to_thread(self._folder.drop_ring)

    async def _pinned(self) -> Pin:
        if self._pin is None:
            with translated():
                self._pin = await recover_ring(str(self._folder.ring))
        return self._pin


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

    async def begin(self) -> timedelta:
        """Session time at which it was begun."""
        return self.facts.began

    async def keep_facts(self, facts: FootageFacts) -> None:
        """Write down facts that have changed.

        Raises:
            UnavailableError: CLIPS_DIR_UNUSABLE.
        """
        try:
            await asyncio.to_thread(self._folder.keep_facts, facts)
        except OSError as error:
            raise UnavailableError(
                "CLIPS_DIR_UNUSABLE",
                f"{self._folder.facts} cannot be written: {error.strerror}",
                remedy="make room in the clips folder, and make it writable",
                metadata={"path": str(self._folder.facts)},
            ) from error
        self.facts = facts

    async def save(self, path: str, rule: StartRule, title: str, chapters: Sequence[Chapter]) -> NativeSaveRun:
        """Begin to write a plain MP4 to ``path``. A recording always starts with a keyframe, so any rule is met."""
        del rule
        with translated():
            return NativeSaveRun(recover_recording(self.path, path, chapters=_in_ticks(chapters), title=title))

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


def _in_ticks(chapters: Sequence[Chapter]) -> list[tuple[int, int, str]]:
    """As the native core takes them; an end that is the start lasts until the next one."""
    return [(to_ticks(chapter.start), to_ticks(chapter.start), chapter.title) for chapter in chapters]


def _write_plan(file: Path, plan: ClipPlan) -> None:
    try:
        write_whole(file, plan_to_json(plan))
    except OSError as error:
        # On a full disk the clip counts for more: without a plan a crash right now would make it twice.
        log.warning("plan not written", file=str(file), reason=error.strerror)

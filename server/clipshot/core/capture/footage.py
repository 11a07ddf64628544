"""Footage: pictures that are on a disk and not a clip yet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from clipshot.core.capture.chapters import Chapter
from clipshot.core.capture.pauses import Pauses
from clipshot.core.clips.clip import ClipAudio
from clipshot.core.operations.operation import StartRule


class FootageKind(StrEnum):
    """What the pictures were kept for; the values are those of the event capture:session_recovered."""

    RECORDING = "recording"
    REPLAY_BUFFER = "replay_buffer"
    REPLAY = "replay"


@dataclass(frozen=True)
class FootageFacts:
    """What must be known to make a clip when neither the session nor the database can be asked any more.

    It is written beside the pictures. ``session_start`` is the wall clock of session time zero, ``start_time`` that of
    when recording or buffering began; ``title`` is the caller's, '' for one made of ``source_title`` and the time.
    ``part`` is the number that the title gets, 1 for none; ``pauses`` are those of a recording.
    """

    session_id: str
    source_id: str
    source_title: str
    title: str
    session_start: datetime
    start_time: datetime
    codec: str
    fps: int
    game: str = ""
    part: int = 1
    pauses: Pauses = field(default_factory=Pauses)

    @property
    def began(self) -> timedelta:
        """Session time at which recording or buffering began."""
        return self.start_time - self.session_start


@dataclass(frozen=True)
class ClipPlan:
    """The clip that is about to be made, and where its file goes.

    It is written beside the footage first, so that the clip is made once, however often making it is interrupted. Each
    attempt adds its path: the file of an earlier one may be whole, and only the library does not know it yet.
    """

    clip_id: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class ReplayFacts:
    """What a replay save needs to be finished after a crash, under the id of its operation.

    ``asked_time`` is the wall clock of the call; the last three are those of its RequestKey.
    """

    footage: FootageFacts
    plan: ClipPlan
    operation_id: str
    tags: tuple[str, ...]
    start_rule: StartRule
    asked_time: datetime
    request_id: str = ""
    method: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class SavedFile:
    """A plain MP4 that was written. ``start`` is session time, ``end`` that and its length; sizes in pixels."""

    path: str
    start: timedelta
    end: timedelta
    frames: int
    start_rule: StartRule
    fallback_reason: str
    size_bytes: int
    width: int
    height: int
    audio: tuple[ClipAudio, ...] = ()


class SaveRun(Protocol):
    """A save that is running."""

    @property
    def progress(self) -> float:
        """Share done, 0..1."""

    def cancel(self) -> None:
        """Stop within a second; nothing is left at the path."""

    async def result(self) -> SavedFile:
        """The file, once it is on the disk.

        Raises:
            CancelledOperationError: CANCELLED, after :meth:`cancel`.
            AlreadyExistsError: FILE_EXISTS, the path is taken.
            ResourceExhaustedError: NO_SPACE, the disk is full.
            PreconditionError: FOOTAGE_BROKEN, nothing can be read.
        """


class Footage(Protocol):
    """Pictures that can be saved as a file, as often as needed, until they are discarded."""

    @property
    def kind(self) -> FootageKind:
        """What they were kept for."""

    @property
    def facts(self) -> FootageFacts:
        """What was written beside them."""

    @property
    def plan(self) -> ClipPlan | None:
        """The clip that was to be made of them, when making it has begun."""

    async def begin(self) -> timedelta:
        """Session time of the first picture that belongs to them.

        Raises:
            PreconditionError: FOOTAGE_BROKEN, nothing can be read.
        """

    async def keep_plan(self, plan: ClipPlan) -> None:
        """Write down the clip that is about to be made."""

    async def save(self, path: str, rule: StartRule, title: str, chapters: Sequence[Chapter]) -> SaveRun:
        """Begin to write them to ``path``, which must not exist, with a title and chapters for players.

        Chapters outside of the file are left out.
        """

    async def discard(self) -> None:
        """Remove them from the disk."""


class PinnedMoment(Footage, Protocol):
    """The last moments of a replay buffer, held for a save."""

    @property
    def replay(self) -> ReplayFacts:
        """What was asked for."""

    @property
    def start(self) -> timedelta:
        """Session time of the asked first picture."""

    @property
    def end(self) -> timedelta:
        """Session time at which the last picture ends."""


class RecordedFile(Footage, Protocol):
    """The file that a recording is, or was, appended to."""

    @property
    def path(self) -> str:
        """The file."""

    async def keep_facts(self, facts: FootageFacts) -> None:
        """Write down facts that have changed while it is recorded.

        Raises:
            UnavailableError: CLIPS_DIR_UNUSABLE.
        """

    async def adopt(self, path: str) -> None:
        """Give the file as it is (fragmented, but playable) the name ``path`` too: for a disk too full for a copy.

        Raises:
            AlreadyExistsError: FILE_EXISTS, the path is taken.
        """

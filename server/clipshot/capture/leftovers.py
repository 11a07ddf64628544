"""What a crash has left in the ring places and in the folder of recordings."""

import asyncio
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from clipshot.capture.facts_json import facts_from_json, plan_from_json, replay_from_json
from clipshot.capture.footage import PIN_PLAN, PinFootage, RecordingFootage, RingFootage
from clipshot.capture.ring_places import RingPlaces
from clipshot.capture.session_folder import LEFT, LIVE, NEXT, RecordingFolder, SessionFolder
from clipshot.core.capture.footage import ClipPlan, Footage, FootageFacts, FootageKind, RecordedFile, ReplayFacts
from clipshot.core.errors import UnavailableError
from clipshot_native import NativeError, Pin

TINY_BYTES = 4096
"""Below this a ring or a recording holds little more than an initialisation segment."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class FoundLeftover:
    """One ring, recording or pinned moment, where it lies now."""

    kind: FootageKind
    session_id: str
    operation_id: str
    time: datetime
    footage: Footage | None
    replay: ReplayFacts | None
    path: Path
    damaged: Path
    session: SessionFolder | None = None

    @property
    def recording(self) -> RecordedFile | None:
        """The pictures, where they are a recording."""
        return self.footage if isinstance(self.footage, RecordingFootage) else None

    @property
    def tiny(self) -> bool:
        """It may never have held a picture."""
        return _size(self.path) < TINY_BYTES

    async def set_aside(self) -> str:
        """Move it to the folder of what could not be read.

        Raises:
            UnavailableError: LEFTOVER_STUCK, it cannot be moved; it stays where it is.
        """
        return str(await asyncio.to_thread(self._move))

    def _move(self) -> Path:
        target = _free_name(self.damaged, f"{self.session_id or 'unknown'}-{self.kind}-{self.path.name}")
        try:
            self.damaged.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(self.path, target)
        except OSError as error:
            raise UnavailableError("LEFTOVER_STUCK", f"{self.path} cannot be moved: {error.strerror}") from error
        if self.session is not None:
            self.session.tidy()
        return target


class CrashLeftovers:
    """Finds leftovers. ``recordings`` is the folder of recordings, ``damaged`` that of what cannot be read."""

    def __init__(self, places: RingPlaces, recordings: Path, damaged: Path) -> None:
        self._places = places
        self._recordings = recordings
        self._damaged = damaged

    async def move_aside(self) -> None:
        """Rename everything that is not of this server's life."""
        await asyncio.to_thread(self._move_aside)

    async def found(self) -> Sequence[FoundLeftover]:
        """Interrupted saves first, then recordings, then rings."""
        return await asyncio.to_thread(lambda: [*self._pins(), *self._recorded(), *self._rings()])

    def _roots(self) -> tuple[Path, ...]:
        return (*self._places.existing(), self._recordings)

    def _move_aside(self) -> None:
        for root in self._roots():
            left = root / LEFT
            for folder in _folders(root / LIVE):
                try:
                    left.mkdir(mode=0o700, exist_ok=True)
                    folder.rename(_free_name(left, folder.name))
                except OSError as error:
                    # It stays under its own, unique name; nothing new is ever written there.
                    log.error("leftover cannot be moved aside", folder=str(folder), reason=error.strerror)

    def _session_folders(self) -> Iterator[SessionFolder]:
        for root in self._places.existing():
            yield from map(SessionFolder, _folders(root / LEFT))

    def _pins(self) -> Iterator[FoundLeftover]:
        for session in self._session_folders():
            found: dict[str, FoundLeftover] = {}
            for folder in _folders(session.pins):
                leftover = self._pin(session, folder)
                if leftover is None:
                    continue
                # A save that went on after its call has a second pin, which holds the first one's moment too.
                before = found.get(leftover.operation_id)
                if before is not None and leftover.footage is None:
                    continue
                if before is not None:
                    shutil.rmtree(before.path, ignore_errors=True)
                found[leftover.operation_id] = leftover
            yield from found.values()

    def _pin(self, session: SessionFolder, folder: Path) -> FoundLeftover | None:
        footage, replay = None, None
        try:
            pin = Pin.open(str(folder))
            replay = replay_from_json(pin.request)
            footage = PinFootage(pin, replay, session, _plan(folder / PIN_PLAN))
        except (NativeError, ValueError) as error:
            if not (folder / "request").exists():
                # The crash came before the pin was whole, so before anybody was told that the moment is safe.
                shutil.rmtree(folder, ignore_errors=True)
                session.tidy()
                return None
            log.error("interrupted save cannot be read", folder=str(folder), reason=str(error))
        return FoundLeftover(
            kind=FootageKind.REPLAY,
            session_id=session.session_id,
            operation_id=folder.name.partition(NEXT)[0],
            time=_last_write(folder),
            footage=footage,
            replay=replay,
            path=folder,
            damaged=self._damaged,
            session=session,
        )

    def _recorded(self) -> Iterator[FoundLeftover]:
        for folder in map(RecordingFolder, _folders(self._recordings / LEFT)):
            facts = _facts(folder.facts, "", folder.path)
            yield FoundLeftover(
                kind=FootageKind.RECORDING,
                session_id=facts.session_id,
                operation_id="",
                time=_last_write(folder.path),
                footage=RecordingFootage(folder, facts, _plan(folder.plan)),
                replay=None,
                path=folder.path,
                damaged=self._damaged,
            )

    def _rings(self) -> Iterator[FoundLeftover]:
        for session in self._session_folders():
            if not session.ring.is_dir():
                session.tidy()
                continue
            facts = _facts(session.facts, session.session_id, session.path)
            yield FoundLeftover(
                kind=FootageKind.REPLAY_BUFFER,
                session_id=session.session_id,
                operation_id="",
                time=_last_write(session.ring),
                footage=RingFootage(session, facts, _plan(session.plan)),
                replay=None,
                path=session.ring,
                damaged=self._damaged,
                session=session,
            )


def _folders(parent: Path) -> list[Path]:
    """Folders in a folder, by name; links are none of ours."""
    try:
        return sorted(entry for entry in parent.iterdir() if entry.is_dir() and not entry.is_symlink())
    except FileNotFoundError:
        return []


def _free_name(parent: Path, name: str) -> Path:
    path, number = parent / name, 2
    while os.path.lexists(path):
        path, number = parent / f"{name}.{number}", number + 1
    return path


def _facts(file: Path, session_id: str, folder: Path) -> FootageFacts:
    """What was written beside the pictures, or, where that is lost, what can be guessed: the pictures still count."""
    try:
        return facts_from_json(file.read_bytes())
    except (OSError, ValueError) as error:
        log.warning("facts of a leftover are lost", file=str(file), reason=str(error))
        began = datetime.fromtimestamp(folder.stat().st_ctime, UTC)
        return FootageFacts(
            session_id=session_id,
            source_id="",
            source_title="",
            title="",
            session_start=began,
            start_time=began,
            codec="h264",
            fps=0,
        )


def _plan(file: Path) -> ClipPlan | None:
    """The plan of an interrupted recovery. One that was cut off while it was written had not been acted upon."""
    try:
        return plan_from_json(file.read_bytes())
    except (OSError, ValueError):
        return None


def _files(folder: Path) -> list[os.stat_result]:
    return [path.stat() for path in folder.iterdir() if path.is_file() and path.suffix != ".json"]


def _size(folder: Path) -> int:
    return sum(status.st_size for status in _files(folder))


def _last_write(folder: Path) -> datetime:
    newest = max((status.st_mtime for status in _files(folder)), default=folder.stat().st_mtime)
    return datetime.fromtimestamp(newest, UTC)

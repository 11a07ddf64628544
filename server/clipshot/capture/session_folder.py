"""The folders of one session's ring and of one recording, and what must be known to recover them.

In a ring place ``live/SESSION/`` holds ``facts.json``, ``ring/`` and ``pins/OPERATION/``. In the
folder of recordings ``live/RECORDING/`` holds ``facts.json`` and ``recording.mp4``. A start after a crash moves both
from ``live`` to ``left``.
"""

import shutil
import threading
from contextlib import suppress
from pathlib import Path

from clipshot.capture.facts_json import facts_to_json
from clipshot.core.capture.footage import FootageFacts

LIVE = "live"
LEFT = "left"
NEXT = "."
"""Between the operation and the number of its pins after the first."""


def write_whole(file: Path, data: bytes) -> None:
    """Write a small file so that a crash leaves the old one or the new one.

    Raises:
        OSError: it could not be written; the old one is still there.
    """
    part = file.with_suffix(".part")
    try:
        part.write_bytes(data)
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)
        raise


class SessionFolder:
    """Names inside the folder of a session, and its beginning and end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    @property
    def session_id(self) -> str:
        """The session it belongs to."""
        return self.path.name

    @property
    def facts(self) -> Path:
        """What is known about the pictures."""
        return self.path / "facts.json"

    @property
    def plan(self) -> Path:
        """What a recovery of the ring set out to do."""
        return self.path / "plan.json"

    @property
    def ring(self) -> Path:
        """The ring's segments."""
        return self.path / "ring"

    @property
    def pins(self) -> Path:
        """Folders of pins, by operation."""
        return self.path / "pins"

    def pin(self, operation_id: str) -> Path:
        """The folder of one pin."""
        return self.pins / operation_id

    def new_pin(self, operation_id: str) -> Path:
        """The folder of the next pin of an operation: the last one of them counts."""
        path, number = self.pin(operation_id), 2
        while path.exists():
            path, number = self.pin(f"{operation_id}{NEXT}{number}"), number + 1
        return path

    def keep_facts(self, facts: FootageFacts) -> None:
        """Write down facts that have changed."""
        write_whole(self.facts, facts_to_json(facts))

    def prepare(self, facts: FootageFacts) -> None:
        """Make the folder, with the facts and an empty ring in it."""
        with self._lock:
            for folder in (self.path.parent.parent, self.path.parent, self.path):
                folder.mkdir(mode=0o700, exist_ok=True)
            self.facts.write_bytes(facts_to_json(facts))
            self.ring.mkdir(mode=0o700)

    def drop_ring(self) -> None:
        """Delete the ring and what belongs to it alone."""
        shutil.rmtree(self.ring, ignore_errors=True)
        self.plan.unlink(missing_ok=True)
        self.tidy()

    def tidy(self) -> None:
        """Remove the folder when neither ring nor pins need it any more, and those above it when they are empty.

        While there is a ring, pins may be made, so everything stays.
        """
        with self._lock:
            if self.ring.exists():
                return
            with suppress(OSError):  # other pins are there
                self.pins.rmdir()
            if self.pins.exists():
                return
            shutil.rmtree(self.path, ignore_errors=True)
            with suppress(OSError):  # other sessions are there
                self.path.parent.rmdir()
                self.path.parent.parent.rmdir()


class RecordingFolder:
    """Names inside the folder of a recording, and its beginning."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def facts(self) -> Path:
        """What is known about the pictures."""
        return self.path / "facts.json"

    @property
    def plan(self) -> Path:
        """The clip that is being made of them."""
        return self.path / "plan.json"

    @property
    def file(self) -> Path:
        """The file that is appended to."""
        return self.path / "recording.mp4"

    def prepare(self, facts: FootageFacts) -> None:
        """Make the folder and write the facts."""
        self.path.mkdir(mode=0o700, parents=True)
        self.facts.write_bytes(facts_to_json(facts))

    def keep_facts(self, facts: FootageFacts) -> None:
        """Write down facts that have changed."""
        write_whole(self.facts, facts_to_json(facts))

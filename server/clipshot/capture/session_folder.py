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

    def pin_plan(self, operation_id: str) -> Path:
        """What a save set out to do, where it differs from the pin's request."""
        return self.pin(operation_id) / "plan.json"

    def prepare(self, facts: FootageFacts) -> None:
        """Make the folder, with the facts and an empty ring in it."""
        with self._lock:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.facts.write_bytes(facts_to_json(facts))
            self.ring.mkdir(mode=0o700)

    def drop_ring(self) -> None:
        """Delete the ring and what belongs to it alone."""
        shutil.rmtree(self.ring, ignore_errors=True)
        self.plan.unlink(missing_ok=True)
        self.tidy()

    def tidy(self) -> None:
        """Remove the folder when neither ring nor pins need it any more; while there is a ring, pins may be made."""
        with self._lock:
            if self.ring.exists():
                return
            with suppress(OSError):  # other pins are there
                self.pins.rmdir()
            if not self.pins.exists():
                shutil.rmtree(self.path, ignore_errors=True)


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

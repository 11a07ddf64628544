"""Leftovers: footage of a server that did not end cleanly."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from clipshot.core.capture.footage import Footage, FootageKind, RecordedFile, ReplayFacts


class Leftover(Protocol):
    """One ring, recording or pinned moment that a dead server has left."""

    @property
    def kind(self) -> FootageKind:
        """What it was."""

    @property
    def session_id(self) -> str:
        """The session it belongs to; '' when that cannot be read."""

    @property
    def operation_id(self) -> str:
        """The save that was interrupted; '' for anything but a replay."""

    @property
    def time(self) -> datetime:
        """When it was last written to."""

    @property
    def footage(self) -> Footage | None:
        """Its pictures; None when nothing can be read."""

    @property
    def recording(self) -> RecordedFile | None:
        """The same, where it is a recording."""

    @property
    def replay(self) -> ReplayFacts | None:
        """What the interrupted save had been asked for."""

    @property
    def tiny(self) -> bool:
        """It is so small that the crash may have come before its first picture."""

    async def set_aside(self) -> str:
        """Move it to a folder for people to look at; its new path."""


class Leftovers(Protocol):
    """All leftovers of this server's data directory."""

    async def move_aside(self) -> None:
        """Get them out of the way of new sessions. Takes milliseconds; called before anything is captured."""

    async def found(self) -> Sequence[Leftover]:
        """What has been moved aside, now or before: interrupted saves first, then recordings, then rings."""

"""What does an operation's work, and how it tells where it stands."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from clipshot.core.operations.operation import Operation, SavedClip
from clipshot.core.store import Transaction


async def _nothing_to_write(tx: Transaction) -> None:
    """Write nothing."""


@dataclass(frozen=True)
class Completion:
    """What came of the work. ``write`` puts it into the transaction that ends the operation: all of it or nothing."""

    saved_clip: SavedClip | None = None
    write: Callable[[Transaction], Awaitable[None]] = _nothing_to_write


class Progress(Protocol):
    """Handed to the work."""

    @property
    def operation_id(self) -> str:
        """The operation that the work belongs to."""

    @property
    def cancel_requested(self) -> asyncio.Event:
        """Set when somebody asked to stop; the work is then cancelled as well."""

    async def report(self, progress: float, stage: str) -> None:
        """Tell how far the work is (0..1) and what it does now. Call as often as convenient: it is throttled."""


Work = Callable[[Progress], Awaitable[Completion]]
"""Does the work; a ClipShotError it raises becomes the operation's error."""

FailureHook = Callable[[Transaction, Operation], Awaitable[None]]
"""Writes, in the transaction that ends an operation otherwise than in success, what else must be told."""

Resumer = Callable[[Operation], Awaitable[Work | None]]
"""The work that finishes an operation which a crash interrupted; None when it cannot be finished."""

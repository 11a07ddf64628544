"""Figures of a running session for those who watch the server."""

from dataclasses import dataclass

from clipshot.core.capture.session import Session


@dataclass(frozen=True)
class Vitals:
    """A session as it stands; ``ring_fill`` is the share of its replay buffer that is held, None where it has none."""

    session: Session
    ring_fill: float | None

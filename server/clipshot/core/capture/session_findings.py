"""The findings of one running session, and what is told when they change."""

from collections.abc import Collection, Sequence
from datetime import datetime

from clipshot.core.capture.diagnosis.reading import Symptom
from clipshot.core.capture.finding import Finding, FindingKind
from clipshot.core.events.payloads import HealthChanged

_Key = tuple[FindingKind, str]


class SessionFindings:
    """Each kind at most once for each subject. What changes is returned as the events that tell it."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._found: dict[_Key, Finding] = {}

    @property
    def current(self) -> tuple[Finding, ...]:
        """What is found, the oldest first."""
        return tuple(self._found.values())

    def begin(self, symptom: Symptom, now: datetime) -> Sequence[HealthChanged]:
        """Something is found. Told once; a new detail of what was found before is taken over silently."""
        key = symptom.kind, symptom.subject
        known = self._found.get(key)
        since = known.since if known else now
        self._found[key] = Finding(symptom.kind, since, symptom.detail, symptom.subject)
        return () if known else (self._event(self._found[key], active=True),)

    def end(self, kind: FindingKind, subject: str = "") -> Sequence[HealthChanged]:
        """It is gone; nothing happens where it was not there."""
        found = self._found.pop((kind, subject), None)
        return () if found is None else (self._event(found, active=False),)

    def judge(
        self, symptoms: Sequence[Symptom], judged: Collection[FindingKind], now: datetime
    ) -> Sequence[HealthChanged]:
        """All that is found now of the kinds that were ``judged``; what is missing of them has ended."""
        seen = {(symptom.kind, symptom.subject) for symptom in symptoms}
        over = [key for key in self._found if key[0] in judged and key not in seen]
        told = [event for key in over for event in self.end(*key)]
        return [*told, *(event for symptom in symptoms for event in self.begin(symptom, now))]

    def _event(self, finding: Finding, *, active: bool) -> HealthChanged:
        return HealthChanged(self._session_id, finding.kind, active, finding.detail, finding.subject)

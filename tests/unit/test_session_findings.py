"""What is told when findings begin and end."""

from datetime import UTC, datetime, timedelta

from clipshot.core.capture.diagnosis.reading import Symptom
from clipshot.core.capture.finding import Finding, FindingKind
from clipshot.core.capture.session_findings import SessionFindings
from clipshot.core.events.payloads import HealthChanged

NOW = datetime(2026, 11, 25, tzinfo=UTC)
LATER = NOW + timedelta(seconds=10)
JUDGED = frozenset({FindingKind.BLACK, FindingKind.DROPPING})


def symptom(kind: FindingKind, subject: str = "", detail: str = "do something") -> Symptom:
    return Symptom(kind, detail, subject)


def test_each_is_told_once_when_it_begins_and_once_when_it_ends() -> None:
    findings = SessionFindings("ses_1")
    late = symptom(FindingKind.DROPPING, "late")
    assert findings.judge([late], JUDGED, NOW) == [
        HealthChanged("ses_1", FindingKind.DROPPING, True, "do something", "late")
    ]
    assert findings.judge([late], JUDGED, LATER) == []
    assert findings.current == (Finding(FindingKind.DROPPING, NOW, "do something", "late"),)
    assert findings.judge([], JUDGED, LATER) == [
        HealthChanged("ses_1", FindingKind.DROPPING, False, "do something", "late")
    ]
    assert findings.current == ()


def test_subjects_are_apart() -> None:
    findings = SessionFindings("ses_1")
    both = [symptom(FindingKind.DROPPING, "late"), symptom(FindingKind.DROPPING, "queue")]
    assert len(findings.judge(both, JUDGED, NOW)) == 2
    (ended,) = findings.judge(both[:1], JUDGED, LATER)
    assert (ended.active, ended.subject) == (False, "queue")


def test_what_is_not_judged_stays() -> None:
    findings = SessionFindings("ses_1")
    findings.begin(symptom(FindingKind.RING_IN_MEMORY), NOW)
    assert findings.judge([], JUDGED, LATER) == []
    assert [finding.kind for finding in findings.current] == [FindingKind.RING_IN_MEMORY]
    assert len(findings.end(FindingKind.RING_IN_MEMORY)) == 1
    assert findings.end(FindingKind.RING_IN_MEMORY) == ()


def test_a_new_detail_is_taken_over_without_a_word() -> None:
    findings = SessionFindings("ses_1")
    findings.begin(symptom(FindingKind.SOURCE_RESIZED, detail="800x600"), NOW)
    assert findings.begin(symptom(FindingKind.SOURCE_RESIZED, detail="640x480"), LATER) == ()
    assert findings.current == (Finding(FindingKind.SOURCE_RESIZED, NOW, "640x480"),)

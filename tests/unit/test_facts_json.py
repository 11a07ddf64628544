"""What lies beside footage says the same after a crash."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clipshot.capture.facts_json import (
    facts_from_json,
    facts_to_json,
    plan_from_json,
    plan_to_json,
    replay_from_json,
    replay_to_json,
)
from clipshot.core.capture.footage import ClipPlan, FootageFacts, ReplayFacts
from clipshot.core.capture.pauses import Pauses
from clipshot.core.operations.operation import StartRule

TIME = datetime(2026, 7, 3, 9, 5, 7, 123456, tzinfo=UTC)
FACTS = FootageFacts("ses_1", "test:clock", "Clock “1”", "", TIME, TIME, "h264", 60)
PLAN = ClipPlan("clp_1", ("/clips/ünïcode.mp4", "/clips/ünïcode (2).mp4"))
REPLAY = ReplayFacts(FACTS, PLAN, "op_1", ("win",), StartRule.KEYFRAME, TIME, "id", "SaveReplay", "digest")


def test_facts_come_back_as_they_were() -> None:
    assert facts_from_json(facts_to_json(FACTS)) == FACTS
    assert plan_from_json(plan_to_json(PLAN)) == PLAN
    assert replay_from_json(replay_to_json(REPLAY)) == REPLAY


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b'{"session_id": "x"}', b"\xff", b"null"])
def test_what_is_torn_or_foreign_is_no_facts(text: bytes) -> None:
    for read in (facts_from_json, plan_from_json, replay_from_json):
        with pytest.raises(ValueError):  # noqa: PT011 (the text is not ours)
            read(text)


def test_pauses_come_back_those_that_go_on_too() -> None:
    pauses = (
        Pauses().begun(timedelta(seconds=1.25)).ended(timedelta(seconds=3)).begun(timedelta(seconds=7, microseconds=1))
    )
    facts = replace(FACTS, game="Quake", part=3, pauses=pauses)
    assert facts_from_json(facts_to_json(facts)) == facts
    assert facts.pauses.paused


def test_facts_of_an_older_version_can_be_read() -> None:
    values = json.loads(facts_to_json(FACTS))
    for later in ("game", "part", "pauses"):
        del values[later]
    assert facts_from_json(json.dumps(values).encode()) == FACTS


def test_facts_of_a_later_version_can_be_read() -> None:
    assert facts_from_json(facts_to_json(FACTS).replace(b"{", b'{"later": 1,', 1)) == FACTS

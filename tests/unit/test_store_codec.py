"""What is stored comes back exactly."""

import json
from dataclasses import fields
from typing import Any

import pytest

from clipshot.core.events.payloads import Payload, SessionStarted
from clipshot.store.codec import from_json, to_json
from tests.samples import PAYLOAD_CLASSES, sample


@pytest.mark.parametrize("kind", PAYLOAD_CLASSES, ids=lambda kind: kind.__name__)
def test_every_payload_comes_back(kind: type[Payload]) -> None:
    payload = sample(kind)
    assert from_json(kind, json.loads(json.dumps(to_json(payload)))) == payload


def test_all_payload_classes_are_walked() -> None:
    assert set(PAYLOAD_CLASSES) == set(Payload.__subclasses__())


def test_absent_fields_take_their_defaults() -> None:
    stored = to_json(sample(SessionStarted))
    for name in ("end_time", "recording", "error", "stats"):
        del stored["session"][name]
    session = from_json(SessionStarted, stored).session
    assert (session.end_time, session.recording, session.error) == (None, None, None)
    assert session.stats.captured_frames == 0


def test_unknown_fields_are_passed_over() -> None:
    payload = sample(SessionStarted)
    stored: dict[str, Any] = {**to_json(payload), "of_a_later_version": 1}
    assert from_json(SessionStarted, stored) == payload
    assert "of_a_later_version" not in {field.name for field in fields(SessionStarted)}

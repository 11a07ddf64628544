"""What is announced, and what nobody waits for."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clipshot.core.announce.announcement import announcement_of
from clipshot.core.announce.announcer import MOST_AT_ONCE, newest
from clipshot.core.clips.clip import Clip, ClipOrigin
from clipshot.core.errors import ErrorKind
from clipshot.core.events.event import Event, Priority
from clipshot.core.events.payloads import (
    ClipCreated,
    ClipTrashed,
    HealthChanged,
    OperationFinished,
    Payload,
    ReplayFailed,
)
from clipshot.core.operations.operation import Operation, OperationState
from clipshot.core.problem import Problem
from tests.samples import sample

FULL = Problem(ErrorKind.EXHAUSTED, "NO_SPACE", "the disk is full")


def clip(origin: ClipOrigin) -> ClipCreated:
    return ClipCreated(sample(Clip, origin=origin, title="Boss"))


def finished(kind: str, state: OperationState) -> OperationFinished:
    return OperationFinished(replace(sample(Operation), kind=kind, state=state, error=FULL))


def health(finding: str, active: bool) -> HealthChanged:
    changed = sample(HealthChanged)
    return replace(changed, finding=type(changed.finding)(finding), active=active, detail="it broke")


@pytest.mark.parametrize(
    ("payload", "title", "failed"),
    [
        (clip(ClipOrigin.REPLAY), "Replay saved", False),
        (clip(ClipOrigin.RECORDED), "Recording saved", False),
        (ReplayFailed("ses_1", "op_1", FULL), "Replay not saved", True),
        (health("recording_disk_full", True), "Recording ended", True),
        (finished("finish_recording", OperationState.FAILED), "Recording not saved", True),
    ],
)
def test_what_is_announced(payload: Payload, title: str, failed: bool) -> None:
    announcement = announcement_of(payload)
    assert announcement is not None
    assert (announcement.title, announcement.failed) == (title, failed)
    assert announcement.text


@pytest.mark.parametrize(
    "payload",
    [
        clip(ClipOrigin.RECOVERED),
        ClipTrashed(sample(Clip)),
        ReplayFailed("ses_1", "op_1", replace(FULL, kind=ErrorKind.CANCELLED)),
        health("recording_disk_full", False),
        health("ring_in_memory", True),
        finished("save_replay", OperationState.FAILED),
        finished("finish_recording", OperationState.SUCCEEDED),
    ],
)
def test_what_is_not(payload: Payload) -> None:
    assert announcement_of(payload) is None


def test_of_a_burst_only_the_newest_are_said() -> None:
    now = datetime.now(UTC)
    events = tuple(Event("clip:created", now, "", Priority.NORMAL, clip(ClipOrigin.REPLAY)) for _ in range(9))
    assert len(newest(events)) == MOST_AT_ONCE

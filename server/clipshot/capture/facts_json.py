"""Facts of footage as JSON: what lies beside the bytes, for the start after a crash."""

import json
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from clipshot.core.capture.footage import ClipPlan, FootageFacts, ReplayFacts
from clipshot.core.capture.pauses import Pause, Pauses
from clipshot.core.operations.operation import StartRule


def facts_to_json(facts: FootageFacts) -> bytes:
    """The facts of a ring or a recording."""
    return _dump(asdict(facts))


def facts_from_json(text: bytes) -> FootageFacts:
    """The facts again.

    Raises:
        ValueError: it is not what :func:`facts_to_json` wrote.
    """
    return _footage(_load(text))


def replay_to_json(facts: ReplayFacts) -> bytes:
    """The request of a pin."""
    return _dump(asdict(facts))


def replay_from_json(text: bytes) -> ReplayFacts:
    """The request again.

    Raises:
        ValueError: it is not what :func:`replay_to_json` wrote.
    """
    values = _load(text)
    try:
        values["footage"] = _footage(values["footage"])
        values["plan"] = _clip_plan(values["plan"])
        values["tags"] = tuple(values["tags"])
        values["start_rule"] = StartRule(values["start_rule"])
        values["asked_time"] = datetime.fromisoformat(values["asked_time"])
        return ReplayFacts(**values)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not the facts of a replay: {error}") from error


def plan_to_json(plan: ClipPlan) -> bytes:
    """The clip that is about to be made."""
    return _dump(asdict(plan))


def plan_from_json(text: bytes) -> ClipPlan:
    """The plan again.

    Raises:
        ValueError: it is not what :func:`plan_to_json` wrote.
    """
    values = _load(text)
    try:
        return _clip_plan(values)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a plan: {error}") from error


def _clip_plan(values: dict[str, Any]) -> ClipPlan:
    return ClipPlan(values["clip_id"], tuple(values["paths"]))


def _footage(values: dict[str, Any]) -> FootageFacts:
    try:
        # What was written by an older version lacks what came later, which has defaults.
        known = {field.name: values[field.name] for field in fields(FootageFacts) if field.name in values}
        for time in ("session_start", "start_time"):
            known[time] = datetime.fromisoformat(known[time])
        if "pauses" in known:
            known["pauses"] = Pauses(tuple(_pause(entry) for entry in known["pauses"]["entries"]))
        return FootageFacts(**known)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not the facts of footage: {error}") from error


def _pause(values: dict[str, Any]) -> Pause:
    end = values["end"]
    return Pause(timedelta(seconds=values["start"]), None if end is None else timedelta(seconds=end))


def _dump(values: dict[str, Any]) -> bytes:
    return json.dumps(values, default=_scalar, indent=1).encode()


def _scalar(value: object) -> str | float:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{value!r} has no JSON form")


def _load(text: bytes) -> dict[str, Any]:
    values = json.loads(text)
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    return values

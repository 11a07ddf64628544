"""How the clip that an operation saved reads for people."""

from typing import TYPE_CHECKING

from clipshot.cli.wording import exact, length, size

if TYPE_CHECKING:
    from clipshot.gen.operations.v1.operation_pb2 import SavedClip

_START_RULES = {
    "clean": "exactly the asked picture",
    "keyframe": "the keyframe at or before the asked picture",
}


def saved_clip_facts(saved: "SavedClip") -> list[tuple[str, str]]:
    """Names and values of a saved clip: its file, its exact range, and how it starts."""
    from clipshot.cli.rest_form import word

    rule = word(saved, "start_rule")
    overlap = saved.overlap_with_previous
    return [
        ("clip", saved.clip_id),
        ("path", saved.path),
        ("duration", f"{exact(saved.duration)}, {saved.frames} pictures"),
        ("range", f"{exact(saved.actual_start)} to {exact(saved.actual_end)} of the session"),
        ("size", size(saved.size_bytes)),
        ("starts with", f"{_START_RULES[rule]} ({rule})" if rule in _START_RULES else ""),
        ("fallback", saved.fallback_reason),
        ("overlap", f"{length(overlap)} are in the replay before too" if overlap.ToNanoseconds() > 0 else ""),
    ]

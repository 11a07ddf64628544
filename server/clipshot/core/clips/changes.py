"""Changes of a clip: which fields callers may change, and the etag that keeps them from overwriting each other."""

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import datetime

from clipshot.core.clips.clip import Clip
from clipshot.core.errors import ConflictError, FieldViolation, InvalidArgumentError, NotFoundError

UPDATABLE = ("title", "description", "tags", "favourite", "protected", "rating", "attributes", "game")
HIGHEST_RATING = 5


def present(clip: Clip | None, clip_id: str) -> Clip:
    """The clip, if there is one.

    Raises:
        NotFoundError: CLIP_NOT_FOUND.
    """
    if clip is None:
        raise NotFoundError("clip", clip_id)
    return clip


def etag_of(clip: Clip) -> str:
    """A digest of all that callers can see change."""
    facts = dataclasses.replace(clip, etag="")
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def sealed(clip: Clip) -> Clip:
    """The clip with the etag of what it holds."""
    return dataclasses.replace(clip, etag=etag_of(clip))


def check_etag(clip: Clip, etag: str) -> None:
    """Refuse a change that was made from an older state of the clip; '' takes whatever stands.

    Raises:
        ConflictError: ETAG_MISMATCH.
    """
    if etag and etag != clip.etag:
        raise ConflictError(
            "ETAG_MISMATCH",
            f"clip {clip.clip_id!r} was changed meanwhile",
            remedy="read the clip again and repeat the change on what it holds now",
            metadata={"clip_id": clip.clip_id, "etag": clip.etag},
        )


def apply_changes(clip: Clip, wanted: Clip, fields: Sequence[str], now: datetime) -> tuple[Clip, tuple[str, ...]]:
    """The clip with ``fields`` of ``wanted``, and the names of those that really differ.

    ``*`` stands for all fields that may be changed; ``etag`` is let through, since it rides in the body of a PATCH.

    Raises:
        InvalidArgumentError: FIELD_NOT_UPDATABLE or CLIP_NOT_VALID.
    """
    names = _expand(fields)
    _check_values(wanted, names)
    changed = tuple(name for name in names if getattr(clip, name) != getattr(wanted, name))
    if not changed:
        return clip, ()
    values = {name: getattr(wanted, name) for name in changed}
    return sealed(dataclasses.replace(clip, update_time=now, **values)), changed


def _expand(fields: Sequence[str]) -> tuple[str, ...]:
    if "*" in fields:
        return UPDATABLE
    names = tuple(dict.fromkeys(name for name in fields if name != "etag"))
    unknown = [name for name in names if name not in UPDATABLE]
    if unknown:
        raise InvalidArgumentError(
            "FIELD_NOT_UPDATABLE",
            f"update_mask: {', '.join(unknown)} cannot be changed; these can: {', '.join(UPDATABLE)}",
            violations=[
                FieldViolation("update_mask", f"{name!r} cannot be changed", "FIELD_NOT_UPDATABLE") for name in unknown
            ],
            metadata={"field": "update_mask", "path": unknown[0]},
        )
    if not names:
        raise InvalidArgumentError.of_field(
            "update_mask", f"names no field to change; these can be: {', '.join(UPDATABLE)}", reason="UPDATE_MASK_EMPTY"
        )
    return names


def _check_values(wanted: Clip, names: Sequence[str]) -> None:
    if "title" in names and not wanted.title.strip():
        raise InvalidArgumentError.of_field("clip.title", "must not be empty", reason="CLIP_NOT_VALID")
    if "rating" in names and not 0 <= wanted.rating <= HIGHEST_RATING:
        raise InvalidArgumentError.of_field(
            "clip.rating", f"must be between 0 and {HIGHEST_RATING}", reason="CLIP_NOT_VALID"
        )
    if "tags" in names and len(set(wanted.tags)) != len(wanted.tags):
        raise InvalidArgumentError.of_field("clip.tags", "must differ from each other", reason="CLIP_NOT_VALID")

"""Ids of resources: a short prefix and a ULID, so that ids sort by the time they were made."""

from ulid import ULID


def new_id(prefix: str) -> str:
    """A new id such as ``clp_01k9...``; lower case, unique, sorted by time."""
    return f"{prefix}_{str(ULID()).lower()}"

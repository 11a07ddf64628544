"""Regions: parts of a screen that are named by numbers, as people type them."""

import re
from collections.abc import Sequence

from clipshot.core.capture.source import Source, SourceKind
from clipshot.core.capture.video import SMALLEST_SIDE
from clipshot.core.errors import InvalidArgumentError

_REGION = re.compile(r"(?P<backend>\w+):region:(?P<place>.*)")
_PLACE = re.compile(r"(\d{1,6}),(\d{1,6}),(\d{1,6})x(\d{1,6})")


def region_source(source_id: str, sources: Sequence[Source]) -> Source | None:
    """The region that an id such as ``x11:region:100,80,1280x720`` names; None for ids of other kinds.

    Raises:
        InvalidArgumentError: SOURCE_ID_INVALID, the numbers are no region, or it lies outside of the screen.
    """
    found = _REGION.fullmatch(source_id)
    if found is None:
        return None
    backend = found["backend"]
    place = _PLACE.fullmatch(found["place"])
    if place is None:
        raise _invalid(f"{source_id!r} must read {backend}:region:X,Y,WIDTHxHEIGHT, in pixels from the upper left")
    x, y, width, height = map(int, place.groups())
    if min(width, height) < SMALLEST_SIDE:
        raise _invalid(f"{width}x{height} is too small; both sides must have {SMALLEST_SIDE} pixels")
    screens = [source for source in sources if source.backend == backend and source.kind is SourceKind.MONITOR]
    right = max((screen.x + screen.width for screen in screens), default=0)
    lower = max((screen.y + screen.height for screen in screens), default=0)
    if screens and (x + width > right or y + height > lower):
        raise _invalid(f"the region ends at {x + width},{y + height}, and the screen at {right},{lower}")
    if not screens:
        return None
    return Source(
        source_id=f"{backend}:region:{x},{y},{width}x{height}",
        kind=SourceKind.REGION,
        title=f"Region {width}x{height} at {x},{y}",
        backend=backend,
        width=width,
        height=height,
        refresh_hz=max((screen.refresh_hz or 0.0 for screen in screens), default=0.0) or None,
        primary=False,
        x=x,
        y=y,
    )


def _invalid(description: str) -> InvalidArgumentError:
    return InvalidArgumentError.of_field("source_id", description, reason="SOURCE_ID_INVALID")

"""Regions, as people type them."""

import pytest

from clipshot.core.capture.region import region_source
from clipshot.core.capture.source import Source, SourceKind
from clipshot.core.errors import InvalidArgumentError


def monitor(number: int, x: int, y: int) -> Source:
    return Source(
        f"x11:DP-{number}", SourceKind.MONITOR, f"Screen {number}", "x11", 1920, 1080, 60.0, number == 1, x=x, y=y
    )


SCREENS = (monitor(1, 0, 0), monitor(2, 1920, 200))


def test_a_region_lies_where_it_is_said() -> None:
    source = region_source("x11:region:0100,80,1280x720", SCREENS)
    assert source is not None
    assert (source.source_id, source.kind, source.backend) == (
        "x11:region:100,80,1280x720",
        SourceKind.REGION,
        "x11",
    )
    assert (source.x, source.y, source.width, source.height, source.refresh_hz) == (100, 80, 1280, 720, 60.0)


def test_it_may_reach_over_two_screens_up_to_their_end() -> None:
    assert region_source("x11:region:0,0,3840x1280", SCREENS) is not None


@pytest.mark.parametrize(
    "place", ["0,0,3841x1280", "0,0,3840x1281", "3000,0,1000x100", "0,0,15x100", "1,2,3", "-1,0,64x64", "a,b,cxd", ""]
)
def test_what_is_no_part_of_a_screen_is_refused(place: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        region_source(f"x11:region:{place}", SCREENS)
    assert refused.value.reason == "SOURCE_ID_INVALID"
    assert refused.value.violations[0].field == "source_id"


@pytest.mark.parametrize("source_id", ["x11:DP-1", "test:clock", "x11:window:0x1", "other:region:0,0,64x64"])
def test_other_ids_are_no_regions(source_id: str) -> None:
    assert region_source(source_id, SCREENS) is None

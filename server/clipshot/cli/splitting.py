"""Options of the commands that let a recording be split by itself."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from clipshot.gen.capture.v1.session_pb2 import SplitRule

_MIB = 1024**2

SplitSecondsOption = Annotated[
    float | None,
    typer.Option(
        "--split-seconds", min=5, max=86400, help="Go on in a new file after so many seconds.", show_default="never"
    ),
]
SplitBytesOption = Annotated[
    float | None,
    typer.Option("--split-mib", min=1, help="Go on in a new file before one is larger, MiB.", show_default="never"),
]


def split_rule(seconds: float | None, mib: float | None) -> "SplitRule | None":
    """The rule; None where there is none."""
    from clipshot.gen.capture.v1.session_pb2 import SplitRule

    if seconds is None and mib is None:
        return None
    return SplitRule(
        max_duration=None if seconds is None else timedelta(seconds=seconds),
        max_size_bytes=None if mib is None else round(mib * _MIB),
    )

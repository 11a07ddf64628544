"""Options of the commands that start a session: what is captured, and how it is encoded."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from clipshot.gen.capture.v1.encoder_pb2 import VideoConfig

_SIZE = re.compile(r"([0-9]{2,5})x([0-9]{2,5})")


def _checked_size(size: str | None) -> str | None:
    if size is not None and _SIZE.fullmatch(size) is None:
        raise typer.BadParameter("write it as WIDTHxHEIGHT, e.g. 1280x720")
    return size


SourceOption = Annotated[
    str,
    typer.Option(
        metavar="ID",
        help="What to capture, as `clipshot sources` names it.",
        show_default="primary monitor",
    ),
]
FpsOption = Annotated[
    int | None,
    typer.Option(min=1, max=240, help="Most pictures a second.", show_default="60, or 30 with few cores"),
]
SizeOption = Annotated[
    str | None,
    typer.Option(
        metavar="WIDTHxHEIGHT",
        callback=_checked_size,
        help="Scale to this size.",
        show_default="that of the source",
    ),
]
QualityOption = Annotated[
    float | None,
    typer.Option("--crf", min=0, max=51, help="Constant rate factor, lower is better.", show_default="23"),
]
CursorOption = Annotated[bool, typer.Option("--cursor/--no-cursor", help="Show the pointer in the pictures.")]


def video_config(*, fps: int | None, size: str | None, crf: float | None) -> "VideoConfig | None":
    """How to encode; None where the server's defaults serve, so that a running session can be joined."""
    from clipshot.gen.capture.v1.encoder_pb2 import RateControl, VideoConfig

    if fps is None and size is None and crf is None:
        return None
    config = VideoConfig()
    if fps is not None:
        config.fps = fps
    match = _SIZE.fullmatch(size or "")
    if match is not None:
        config.width, config.height = (int(side) for side in match.groups())
    if crf is not None:
        config.rate_control.CopyFrom(RateControl(mode=RateControl.MODE_CRF, crf=crf))
    return config

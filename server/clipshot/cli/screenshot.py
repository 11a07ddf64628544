"""``clipshot screenshot``: one picture of a source or of a session."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from clipshot.cli.client import connect
from clipshot.cli.errors import CommandError
from clipshot.cli.output import JsonOption, example, facts, present
from clipshot.cli.picture import SourceOption
from clipshot.cli.wording import size

if TYPE_CHECKING:
    from clipshot.gen.capture.v1.screenshot_pb2 import Screenshot


class ImageFormat(StrEnum):
    """How a picture is written."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


_SUFFIXES = {".png": ImageFormat.PNG, ".jpg": ImageFormat.JPEG, ".jpeg": ImageFormat.JPEG, ".webp": ImageFormat.WEBP}
_STANDARD_OUTPUT = Path("-")


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    lines = ("clipshot screenshot", "clipshot screenshot -o picture.webp", "clipshot screenshot --session current")
    app.command(epilog=example(*lines))(screenshot)


def screenshot(
    ctx: typer.Context,
    source: SourceOption = "",
    session: Annotated[
        str, typer.Option(metavar="ID", help="Show this session, or `current`.", show_default=False)
    ] = "",
    image_format: Annotated[
        ImageFormat | None,
        typer.Option("--format", help="How it is written.", show_default="that of FILE's name, else png"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write it here; `-` is standard output.",
            show_default="a file in the folder of clips",
        ),
    ] = None,
    max_width: Annotated[int, typer.Option(min=0, max=16384, help="Widest picture in pixels; 0 keeps the size.")] = 0,
    cursor: Annotated[bool, typer.Option("--cursor", help="Show the pointer, where a source is named.")] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Take a picture of what is captured, or else of the primary monitor.

    Without -o the server saves it in the folder of clips, below `screenshots`.
    """
    from clipshot.gen.capture.v1.capture_service_pb2 import TakeScreenshotRequest

    if source and session:
        raise CommandError("a source and a session are two pictures", "name one of --source and --session")
    wanted = image_format or _SUFFIXES.get(output.suffix.lower() if output else "", ImageFormat.PNG)
    request = TakeScreenshotRequest(
        format=f"FORMAT_{wanted.name}",
        max_width=max_width,
        draw_cursor=cursor,
        save=output is None,
        request_id=str(uuid4()),
    )
    if source:
        request.source_id = source
    elif session:
        request.session_id = session
    with connect(ctx) as client:
        picture = client.capture.TakeScreenshot(request)
    if output is not None:
        _write(output, picture.data)
        picture.ClearField("data")
        if output == _STANDARD_OUTPUT:
            return
        picture.path = str(output.absolute())
    present(picture, as_json, lambda answer: facts(_facts(answer)))


def _facts(picture: "Screenshot") -> list[tuple[str, str]]:
    return [
        ("file", picture.path),
        ("picture", f"{picture.width}x{picture.height}, {size(picture.size_bytes)}"),
    ]


def _write(output: Path, data: bytes) -> None:
    if output == _STANDARD_OUTPUT:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror}", "name another file with -o") from None

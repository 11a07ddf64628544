"""A JPEG of a file's first picture."""

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame

from clipshot.media.tasks import TaskError
from clipshot.media.tasks.container import opened

WIDEST = 640
"""Pixels."""

QUALITY = 4
"""FFmpeg's scale for JPEG: 2 is best, 31 worst."""

_JPEG_FORMAT = "yuvj420p"


def run(arguments: dict[str, Any]) -> dict[str, Any]:
    """Write the JPEG of ``source`` to ``target``, at most ``WIDEST`` pixels wide, all at once or not at all."""
    source, target = str(arguments["source"]), Path(arguments["target"])
    picture = _first_picture(source)
    width = min(picture.width, WIDEST)
    width -= width % 2
    height = max(2, round(picture.height * width / picture.width) // 2 * 2)
    jpeg = _encode(picture.reformat(width=width, height=height, format=_JPEG_FORMAT))
    _write(target, jpeg)
    return {"width": width, "height": height, "size_bytes": len(jpeg)}


def _first_picture(source: str) -> VideoFrame:
    with opened(source) as (container, stream):
        stream.thread_type = "NONE"
        for frame in container.decode(stream):
            return frame
    raise TaskError("FILE_BROKEN", "the file holds no picture that can be decoded")


def _encode(picture: VideoFrame) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = picture.width, picture.height
    encoder.pix_fmt = _JPEG_FORMAT
    encoder.time_base = Fraction(1, 1)
    encoder.options = {"qmin": str(QUALITY), "qmax": str(QUALITY)}
    packets = [*encoder.encode(picture), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


def _write(target: Path, jpeg: bytes) -> None:
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        beside.write_bytes(jpeg)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise TaskError("NOT_WRITTEN", f"the JPEG cannot be written: {error.strerror}") from error

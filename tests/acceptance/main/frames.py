"""What a file shows: counter and time of painting of each picture, read back by two decoders.

The painted blocks are 16 by 16 pixels from the top left, as many in a row as fit the width: one white, 32 bits counter,
32 bits microseconds of CLOCK_MONOTONIC (both most significant first, modulo 2^32), one parity.
"""

import json
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

BLOCK = 16
BITS = 66


@dataclass(frozen=True)
class Picture:
    """One decoded picture."""

    pts: Fraction
    """Seconds."""
    counter: int
    micros: int


@dataclass(frozen=True)
class Packet:
    """One packet of the pictures' track, not decoded."""

    pts: Fraction
    keyframe: bool
    discard: bool


class UnreadableError(AssertionError):
    """A picture whose blocks are no stamp."""


def blocks(width: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the blocks' centres."""
    columns = min(max(width // BLOCK, 1), BITS)
    bits = np.arange(BITS)
    return bits // columns * BLOCK + BLOCK // 2, bits % columns * BLOCK + BLOCK // 2


def stamp_lines(width: int) -> int:
    """Lines that the blocks take."""
    return int(blocks(width)[0].max()) + BLOCK // 2


def read_stamp(luma: np.ndarray) -> tuple[int, int]:
    """Counter and microseconds out of a picture's luma plane, or its first lines."""
    bits = (luma[blocks(luma.shape[1])] > 128).astype(int)
    value = int("".join(map(str, bits[1:65])), 2)
    if bits[0] != 1 or value.bit_count() % 2 != bits[65]:
        raise UnreadableError("no stamp in the picture")
    return value >> 32, value & 0xFFFF_FFFF


def decode(path: Path | str, options: dict[str, str] | None = None) -> list[Picture]:
    """Every picture that PyAV shows, in its order; ``options`` are the demuxer's."""
    with av.open(str(path), options=options or {}) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        return [picture(frame) for frame in container.decode(stream)]


def first(path: Path | str) -> Picture:
    """The first picture."""
    with av.open(str(path)) as container:
        return picture(next(container.decode(container.streams.video[0])))


def last(path: Path | str) -> Picture:
    """The last picture; only the last group of pictures is decoded."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.duration is not None
        container.seek(stream.duration, stream=stream)
        *_, frame = container.decode(stream)
        return picture(frame)


def head_length(path: Path | str) -> int:
    """How many pictures come before the second keyframe; 0 when no parameter sets were added for a head."""
    with av.open(str(path)) as container:
        record = container.streams.video[0].codec_context.extradata
        two_sets = record is not None and record[5] & 0x1F > 1
    keys = [number for number, packet in enumerate(packets(path)) if packet.keyframe]
    return keys[1] if two_sets else 0


def picture(frame: Any) -> Picture:
    """A decoded frame's stamp and time."""
    plane = frame.planes[0]
    luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
    return Picture(frame.pts * frame.time_base, *read_stamp(luma))


def packets(path: Path | str) -> list[Packet]:
    """The packets of the pictures' track as PyAV's demuxer gives them."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        base = stream.time_base or Fraction(0)
        return [
            Packet(packet.pts * base, packet.is_keyframe, packet.is_discard)
            for packet in container.demux(stream)
            if packet.pts is not None  # the last one, empty, ends the stream
        ]


def decode_by_ffmpeg(path: Path | str, *options: str) -> list[tuple[int, int]]:
    """Counter and microseconds of every picture that the ``ffmpeg`` program shows; ``options`` go before the input."""
    width = int(probe(path)["streams"][0]["width"])
    lines = stamp_lines(width)
    command = ["ffmpeg", "-v", "error", *options, "-i", str(path), "-map", "0:v:0", "-fps_mode", "passthrough"]
    command += ["-vf", f"crop={width}:{lines}:0:0,format=gray", "-f", "rawvideo", "-"]
    shown = subprocess.run(command, check=True, capture_output=True)
    assert shown.stderr == b"", shown.stderr.decode()
    return [read_stamp(luma) for luma in np.frombuffer(shown.stdout, np.uint8).reshape(-1, lines, width)]


def probe(path: Path | str) -> dict[str, Any]:
    """What ``ffprobe`` says of a file and its streams, pictures first."""
    command = [
        "ffprobe",
        "-v",
        "error",
        "-show_format",
        "-show_streams",
        "-select_streams",
        "v",
        "-of",
        "json",
        str(path),
    ]
    said = subprocess.run(command, check=True, capture_output=True)
    assert said.stderr == b"", said.stderr.decode()
    facts: dict[str, Any] = json.loads(said.stdout)
    return facts


def flagged_discard(path: Path | str) -> int:
    """How many packets ``ffprobe`` or PyAV flag as not to be shown."""
    command = ["ffprobe", "-v", "error", "-show_entries", "packet=flags", "-of", "csv=p=0", str(path)]
    flags = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return sum("D" in flag for flag in flags) + sum(packet.discard for packet in packets(path))

"""Reads the stamp that the test source and ``clipshot-paint`` draw into every picture.

66 blocks of 16 by 16 pixels from the top left, as many in a row as fit the width: one white, 32 bits counter, 32 bits
microseconds of CLOCK_MONOTONIC (both most significant first, modulo 2^32), one parity.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

BLOCK = 16
BITS = 66
TIMESCALE = 90_000


@dataclass(frozen=True)
class Picture:
    """One decoded picture: its time in the file in 90 kHz ticks, and what its stamp says."""

    ticks: int
    counter: int
    micros: int


def read_stamp(luma: np.ndarray) -> tuple[int, int]:
    """Counter and microseconds out of a luma plane (or its first lines)."""
    columns = min(max(luma.shape[1] // BLOCK, 1), BITS)
    index = np.arange(BITS)
    bits = luma[index // columns * BLOCK + BLOCK // 2, index % columns * BLOCK + BLOCK // 2] > 127
    value = int("".join("1" if bit else "0" for bit in bits[1:-1]), 2)
    assert bits[0], "the picture has no stamp"
    assert bool(value.bit_count() % 2) == bool(bits[-1]), "the stamp was damaged"
    return value >> 32, value & 0xFFFF_FFFF


def read(path: Path | str) -> list[Picture]:
    """Every picture of a file, as PyAV shows it."""
    with av.open(str(path)) as container:
        return list(pictures(container))


def pictures(container: Any) -> Iterator[Picture]:
    """The pictures of an open file."""
    for frame in container.decode(video=0):
        plane = frame.planes[0]
        luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
        yield Picture(round(frame.pts * frame.time_base * TIMESCALE), *read_stamp(luma))


def missing(counters: list[int]) -> int:
    """How many frames between the first and the last were not recorded; a doubled one is an error."""
    assert len(set(counters)) == len(counters), "a frame was recorded twice"
    assert counters == sorted(counters), "frames are out of order"
    return counters[-1] - counters[0] + 1 - len(counters)

"""What a film on the disk really holds."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av


@dataclass(frozen=True)
class Film:
    """A decoded file; times in seconds."""

    frames: int
    first_pts: Fraction
    duration: Fraction
    fragmented: bool


def film(path: str | Path) -> Film:
    """Decode every picture of a file."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        pictures = list(container.decode(stream))
        times = [Fraction(picture.pts) * picture.time_base for picture in pictures]
        length = Fraction(stream.duration or 0) * stream.time_base
    data = Path(path).read_bytes()
    return Film(len(pictures), times[0], length, b"moof" in data)

"""Finds tones in the sound of a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
BEEP_SECONDS = 0.1
PIECE = 20 * RATE
MARGIN = RATE // 2


@dataclass(frozen=True)
class Sound:
    """One decoded sound track: its title, time of its first sample in the file (s), and its samples (mean of both
    channels)."""

    title: str
    start: float
    samples: NDArray[np.float32]

    def rms(self, begin: float, end: float) -> float:
        """Root of the mean square between two times of the file (s)."""
        part = self.samples[round((begin - self.start) * RATE) : round((end - self.start) * RATE)]
        return float(np.sqrt(np.mean(np.square(part)))) if len(part) else 0.0

    def level(self, frequency: float, begin: float = 0.0, end: float | None = None) -> float:
        """Amplitude of a tone between two times of the file (s)."""
        stop = None if end is None else round((end - self.start) * RATE)
        part = self.samples[max(round((begin - self.start) * RATE), 0) : stop]
        wave = np.exp(-2j * np.pi * frequency / RATE * np.arange(len(part)))
        return float(2 * abs(np.mean(part * wave))) if len(part) else 0.0

    def beeps(self, frequency: float = 1000.0) -> list[float]:
        """When each beep of 100 ms begins, in seconds of the file, to a fraction of a millisecond."""
        loudest = max(float(np.abs(self.samples).max(initial=0.0)), 0.02)
        found: list[float] = []
        # In pieces, for long files; a beep belongs to the piece in which it begins.
        for first in range(0, len(self.samples), PIECE):
            begin = max(first - MARGIN, 0)
            piece = self.samples[begin : first + PIECE + MARGIN]
            found += [
                self.start + (begin + onset) / RATE
                for onset in _onsets(piece, frequency, loudest / 2)
                if first <= begin + onset < first + PIECE
            ]
        return found


def _onsets(samples: NDArray[np.float32], frequency: float, threshold: float) -> list[float]:
    """Where beeps begin: the amplitude over a window of a beep's length is a triangle whose tip is there."""
    length = round(BEEP_SECONDS * RATE)
    wave = np.exp(-2j * np.pi * frequency / RATE * np.arange(len(samples)))
    total = np.concatenate(([0], np.cumsum(samples * wave)))
    loud = 2 * np.abs(total[length:] - total[:-length]) / length > threshold
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(np.int8), [0]))))
    # By both flanks together: the tip itself is blunt. A beep that is cut off lacks one.
    whole = [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if begin > 0 and end < len(loud)]
    return [float(begin + end - 1) / 2 for begin, end in whole]


def read(path: Path | str) -> list[Sound]:
    """Every sound track of a file, as PyAV decodes it."""
    sounds: list[Sound] = []
    with av.open(str(path)) as container:
        count = len(container.streams.audio)
    for index in range(count):
        with av.open(str(path)) as container:
            stream: Any = container.streams.audio[index]
            blocks = []
            start = None
            decoded: Iterator[Any] = container.decode(stream)
            for frame in decoded:
                if start is None:
                    start = float(frame.pts * frame.time_base)
                blocks.append(frame.to_ndarray().mean(axis=0))
            title = stream.metadata.get("name", "")
            samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
            # Decoders give out the last packet whole; the file says where it ends.
            samples = samples[: round(float(stream.duration * stream.time_base) * RATE)]
            sounds.append(Sound(title, start or 0.0, samples))
    return sounds

"""Finds tones in the sound of a file."""

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
BEEP_SECONDS = 0.1


@dataclass(frozen=True)
class Sound:
    """One decoded sound track: its title, time of its first sample in the file (s), and its samples (mean of both
    channels)."""

    title: str
    start: float
    samples: NDArray[np.float32]

    def level(self, frequency: float, begin: float = 0.0, end: float | None = None) -> float:
        """Amplitude of a tone between two times of the file (s)."""
        stop = None if end is None else round((end - self.start) * RATE)
        part = self.samples[max(round((begin - self.start) * RATE), 0) : stop]
        wave = np.exp(-2j * np.pi * frequency / RATE * np.arange(len(part)))
        return float(2 * abs(np.mean(part * wave))) if len(part) else 0.0

    def beeps(self, frequency: float = 1000.0) -> list[float]:
        """When each beep of 100 ms begins, in seconds of the file, to a fraction of a millisecond."""
        wave = np.exp(-2j * np.pi * frequency / RATE * np.arange(len(self.samples)))
        length = round(BEEP_SECONDS * RATE)
        total = np.concatenate(([0], np.cumsum(self.samples * wave)))
        # The amplitude over a window of a beep's length is a triangle whose tip is where the beep begins.
        amplitude = 2 * np.abs(total[length:] - total[:-length]) / length
        found: list[float] = []
        loud = amplitude > 0.5 * amplitude.max(initial=0.0)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(np.int8), [0]))))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            # Both flanks together: the tip itself is blunt.
            found.append(self.start + (begin + end - 1) / 2 / RATE)
        return [] if amplitude.max(initial=0.0) < 0.01 else found


def read(path: Path | str) -> list[Sound]:
    """Every sound track of a file, as PyAV decodes it."""
    sounds: list[Sound] = []
    with av.open(str(path)) as container:
        count = len(container.streams.audio)
    for index in range(count):
        with av.open(str(path)) as container:
            stream = container.streams.audio[index]
            blocks = []
            start = None
            for frame in container.decode(stream):
                if start is None:
                    start = float(frame.pts * frame.time_base)
                blocks.append(frame.to_ndarray().mean(axis=0))
            title = stream.metadata.get("name", "")
            samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
            sounds.append(Sound(title, start or 0.0, samples))
    return sounds
